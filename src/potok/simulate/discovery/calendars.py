"""Calendars as a model has them: weekly hours, days off that all share, and a clock that was moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.spans import Spans
from potok.core.calendars.zones import day_of_number
from potok.core.time_units import DAY_US, MINUTE_SECONDS
from potok.discover.resource_calendars.evidence import DAY_MINUTES, local_clock
from potok.discover.resource_calendars.work import Flags, Integers, ResourceWork
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY
from potok.simulate.discovery.clock_shifts import ClockShift

EXPECTED: Final = 5.0
YEARS_AHEAD: Final = 10
# Hours that differ by less than this share of the pool's are taken for the pool's.
SAME_HOURS: Final = 0.15
HALF_HOUR: Final = 30
NEARLY: Final = 10

Week = tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class CalendarFrame:
    """What all calendars of a model share.

    Parameters
    ----------
    zone
        IANA name.
    first_day, last_day
        Of the log.
    days_off
        Days on which nobody was seen, though several were to be expected.
    shift
        A move of the log's clock, None without.
    """

    zone: str
    first_day: date
    last_day: date
    days_off: tuple[date, ...]
    shift: ClockShift | None


def frame_of(work: ResourceWork, *, shift: ClockShift | None) -> CalendarFrame:
    """Return what all calendars of a log share.

    Parameters
    ----------
    work
        With its instants as the log has them.
    """
    at = work.started_us[work.is_worked]
    days = local_clock(at, zone=work.zone) // DAY_US
    first, last = int(days.min()), int(days.max())
    counts = np.bincount(days - first, minlength=last - first + 1)
    weekday = (np.arange(first, last + 1) + FIRST_WEEKDAY) % DAYS_A_WEEK
    off: Flags = np.zeros(len(counts), bool)
    for one in range(DAYS_A_WEEK):
        held = weekday == one
        if held.any() and float(np.median(counts[held])) >= EXPECTED:
            off |= held & (counts == 0)
    days_off = tuple(day_of_number(first + int(place)) for place in np.flatnonzero(off))
    return CalendarFrame(work.zone, day_of_number(first), day_of_number(last), days_off, shift)


def make_calendar(name: str, weekly: Week, frame: CalendarFrame) -> Calendar:
    """Make a calendar whose weekly hours are those at the end of the log."""
    days: dict[date, Spans] = {}
    if frame.shift is not None:
        moved = [_moved(spans, -frame.shift.shift_us // (MINUTE_SECONDS * 1_000_000)) for spans in weekly]
        day = date(frame.first_day.year - 1, 1, 1)
        while day < frame.shift.day:
            days[day] = moved[day.weekday()]
            day += timedelta(days=1)
    days |= dict.fromkeys(frame.days_off, ())
    return Calendar(name, frame.zone, weekly, days, frame.first_day.year - 1, frame.last_day.year + YEARS_AHEAD)


def to_half_hours(week: Week) -> Week:
    """Return a week whose hours begin and end on the half hour where they nearly do.

    Hours are seen by what was begun and completed in them, which comes a little short of both ends.
    """
    return tuple(
        tuple((start - start % HALF_HOUR if start % HALF_HOUR <= NEARLY else start, _up(end)) for start, end in spans)
        for spans in week
    )


def is_alike(week: Week, other: Week, *, share: float = SAME_HOURS) -> bool:
    """Return whether two weeks differ by at most a share of the second."""
    first, second = _minutes(week), _minutes(other)
    return bool((first ^ second).sum() <= share * max(int(second.sum()), 1))


def whole_week() -> Week:
    """Return a week that is open around the clock."""
    return (((0, DAY_MINUTES),),) * DAYS_A_WEEK


def worked_us(
    calendars: Mapping[str, Calendar], names: Sequence[str], owner: Integers, spans: tuple[Integers, Integers]
) -> Integers:
    """Return the open time of each owner's calendar within spans.

    Parameters
    ----------
    names
        Of the calendar of each owner; empty: around the clock.
    owner
        (n,) int64.
    spans
        Beginnings and ends, (n,) each.
    """
    starts, ends = spans
    worked = ends - starts
    for name in sorted(set(names) - {""}):
        codes = np.array([code for code, own in enumerate(names) if own == name])
        rows = np.flatnonzero(np.isin(owner, codes))
        worked[rows] = calendars[name].working_us(starts[rows], ends[rows])
    return worked


def _up(end: int) -> int:
    short = -end % HALF_HOUR
    return end + short if short <= NEARLY else end


def _moved(spans: Spans, minutes: int) -> Spans:
    held = [(max(start + minutes, 0), min(end + minutes, DAY_MINUTES)) for start, end in spans]
    return tuple((start, end) for start, end in held if start < end)


def _minutes(week: Week) -> Flags:
    held = np.zeros((DAYS_A_WEEK, DAY_MINUTES), bool)
    for weekday, spans in enumerate(week):
        for start, end in spans:
            held[weekday, start:end] = True
    return held
