"""When each resource was on duty: its weekly hours over the log's time, without days off.

Nobody tells a log of holidays, leave and illness. Four rules find what can be found. A resource is on duty only from
the first to the last day on which it was seen. A day on which its weekly hours lead one to expect that it is seen, but
on which it is not, is one off. So is a day of its pool's hours on which nobody of the pool is seen, though somebody was
to be expected. Expected is a number of sightings that chance brings to none in fewer than one of a hundred days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.spans import Spans
from potok.core.calendars.zones import day_of_number, load_zone, midnight_us
from potok.core.time_units import DAY_US, MINUTE_US
from potok.discover.resource_calendars.evidence import DAY_MINUTES, Evidence
from potok.discover.resource_calendars.spans import OwnedSpans, own_spans
from potok.discover.resource_calendars.work import Flags, Integers, ResourceWork
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

# exp(-5) is below one in a hundred.
EXPECTED: Final = 5.0


@dataclass(frozen=True, slots=True)
class DutyHours:
    """The weekly hours of a resource.

    Parameters
    ----------
    weekly
        Spans of minutes of each weekday's local clock.
    expected
        (7,): sightings to be expected on a day of duty, by weekday.
    pool
        Number of its pool; resources without one share a number.
    is_own
        Whether they are its own, and not those of a pool.
    """

    weekly: tuple[Spans, ...]
    expected: tuple[float, ...]
    pool: int
    is_own: bool


def duty_spans(
    work: ResourceWork, evidence: Evidence, hours: Sequence[DutyHours | None]
) -> tuple[OwnedSpans, Integers]:
    """Return when each resource was on duty, and on how many days.

    Parameters
    ----------
    hours
        By code of the resource; None where they are unknown.

    Returns
    -------
    OwnedSpans
        By code of the resource; none where the hours are unknown.
    numpy.ndarray
        (n,) int64: days on duty between its first and its last, those off left out.
    """
    owners = len(hours)
    first_day, last_day = int(evidence.day.min()), int(evidence.day.max())
    seen = _seen_days(evidence, owners, first_day, last_day)
    on = np.zeros_like(seen)
    weekday = (np.arange(first_day, last_day + 1) + FIRST_WEEKDAY) % DAYS_A_WEEK
    busy = _busy_days(work, owners, first_day, last_day)
    for code, one in enumerate(hours):
        if one is not None:
            on[code] = _days_on(one, seen[code], busy[code], weekday)
    _drop_common_days_off(on, seen | busy, hours, weekday)
    days = midnights(first_day, last_day, zone=work.zone)
    pools = np.array([-1 if one is None else one.pool for one in hours], dtype=np.int64)
    seen_hours = _seen_hours(evidence, pools, days)
    weeks = _Weeks(days, work.zone, first_day)
    parts = [weeks.spans_of(one, on[code], seen_hours) for code, one in enumerate(hours)]
    return own_spans(parts), on.sum(axis=1, dtype=np.int64)


def midnights(first_day: int, last_day: int, *, zone: str) -> Integers:
    """Return the instants at which local days begin, from the first to the day after the last, both included."""
    opened = load_zone(zone)
    days = range(first_day, last_day + 2)
    return np.array([midnight_us(opened, day_of_number(day)) for day in days], dtype=np.int64)


def _seen_days(evidence: Evidence, owners: int, first_day: int, last_day: int) -> Flags:
    """Return on which days each resource started or completed anything, (owners, days)."""
    seen = np.zeros((owners, last_day - first_day + 1), dtype=bool)
    seen[evidence.resource, evidence.day - first_day] = True
    return seen


def _busy_days(work: ResourceWork, owners: int, first_day: int, last_day: int) -> Flags:
    """Return which days lie wholly within one piece of work of a resource, (owners, days); days are UTC's here."""
    is_long = work.is_worked & (work.completed_us // DAY_US - work.started_us // DAY_US > 1)
    edges = np.zeros((owners, last_day - first_day + 3), dtype=np.int32)
    start = np.clip(work.started_us[is_long] // DAY_US + 1 - first_day, 0, last_day - first_day + 2)
    end = np.clip(work.completed_us[is_long] // DAY_US - first_day, 0, last_day - first_day + 2)
    np.add.at(edges, (work.resource[is_long], start), 1)
    np.add.at(edges, (work.resource[is_long], end), -1)
    return np.asarray(edges.cumsum(axis=1)[:, :-2] > 0)


def _days_on(hours: DutyHours, seen: Flags, busy: Flags, weekday: Integers) -> Flags:
    """Return on which days a resource was on duty by its own evidence."""
    places = np.flatnonzero(seen | busy)
    on = np.zeros(len(seen), dtype=bool)
    if not len(places):
        return on
    on[places[0] : places[-1] + 1] = True
    has_hours = np.array([bool(spans) for spans in hours.weekly])
    expected = np.array(hours.expected)
    is_missed = hours.is_own & (expected[weekday] >= EXPECTED) & ~seen & ~busy
    return np.asarray(on & has_hours[weekday] & ~is_missed)


def _drop_common_days_off(on: Flags, seen: Flags, hours: Sequence[DutyHours | None], weekday: Integers) -> None:
    """Take days off duty on which nobody of a pool was seen, though somebody was to be expected."""
    pools: dict[int, list[int]] = {}
    for code, one in enumerate(hours):
        if one is not None:
            pools.setdefault(one.pool, []).append(code)
    for members in pools.values():
        # Members without a calendar of their own carry the pool's expectation, which counts once.
        expected = {one.expected for code in members if (one := hours[code]) is not None}
        together = np.sum([np.array(one) for one in sorted(expected)], axis=0)
        is_off = ~seen[members].any(axis=0) & (together[weekday] >= EXPECTED)
        on[np.ix_(np.array(members), np.flatnonzero(is_off))] = False


@dataclass(frozen=True, slots=True)
class _SeenHours:
    """Between which instants of each day a pool was seen, and what is too long to be seen nothing; (pools, days)."""

    first_us: Integers
    last_us: Integers
    gap_us: Integers


def _seen_hours(evidence: Evidence, pool_of: Integers, days: Integers) -> _SeenHours:
    """Return when each pool was seen on each day; `days` are the midnights around them."""
    pool = pool_of[evidence.resource]
    rows = np.flatnonzero(pool >= 0)
    place = (pool[rows], evidence.day[rows] - int(evidence.day.min()))
    shape = (int(pool_of.max(initial=-1)) + 1, len(days) - 1)
    first, last, events = np.full(shape, DAY_MINUTES), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    np.minimum.at(first, place, evidence.first_minute[rows])
    np.maximum.at(last, place, evidence.last_minute[rows] + 1)
    np.add.at(events, place, evidence.events[rows])
    gap = EXPECTED * np.maximum(last - first, 1) / np.maximum(events, 1)
    # Minutes of a day on which the clock is changed are not those since its midnight; and nothing seen says nothing.
    is_told = (events > 0) & (np.diff(days) == DAY_US)
    gap_us = np.where(is_told, gap * MINUTE_US, 2 * DAY_US).astype(np.int64)
    return _SeenHours(days[:-1] + first * MINUTE_US, days[:-1] + last * MINUTE_US, gap_us)


class _Weeks:
    """Weekly hours laid out over the days of a log, each pattern once."""

    def __init__(self, days: Integers, zone: str, first_day: int) -> None:
        self.days, self.zone = days, zone
        self.years = day_of_number(first_day).year, day_of_number(first_day + len(days)).year
        self.known: dict[tuple[Spans, ...], tuple[Integers, Integers]] = {}

    def spans_of(self, hours: DutyHours | None, on: Flags, seen: _SeenHours) -> tuple[Integers, Integers]:
        """Return the spans of a resource's weekly hours on its days on duty, cut to when its pool was seen."""
        if hours is None or not on.any():
            none = np.zeros(0, np.int64)
            return none, none
        if hours.weekly not in self.known:
            week = Calendar("week", self.zone, hours.weekly, {}, *self.years)
            window = int(self.days[0]), int(self.days[-1])
            self.known[hours.weekly] = split_by_day(*week.open_intervals(*window), self.days)
        starts, ends = self.known[hours.weekly]
        day = np.searchsorted(self.days, starts, side="right") - 1
        is_on = on[day]
        starts, ends, place = starts[is_on], ends[is_on], (hours.pool, day[is_on])
        first, last, gap = seen.first_us[place], seen.last_us[place], seen.gap_us[place]
        starts = np.where(starts < first - gap, np.maximum(starts, first), starts)
        ends = np.where(ends > last + gap, np.minimum(ends, last), ends)
        is_left = starts < ends
        return join_touching(starts[is_left], ends[is_left])


def split_by_day(starts: Integers, ends: Integers, days: Integers) -> tuple[Integers, Integers]:
    """Cut spans at the instants `days`, which reach from before the first to after the last."""
    inner = days[(days > starts[:1].min(initial=days[-1])) & (days < ends[-1:].max(initial=days[0]))]
    row = np.searchsorted(starts, inner, side="right") - 1
    cuts = inner[ends[row] > inner]
    return np.sort(np.concatenate([starts, cuts])), np.sort(np.concatenate([ends, cuts]))


def join_touching(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Join ascending spans of which one begins where another ends."""
    if not len(starts):
        return starts, ends
    is_new = np.concatenate([[True], starts[1:] > ends[:-1]])
    return starts[is_new], ends[np.roll(is_new, -1)]
