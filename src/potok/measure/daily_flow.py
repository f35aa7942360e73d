"""Cases in and out by local day: what work in process, arrivals and throughput are all made of.

The engine answers with one row per day on which a case opened or closed; everything else is arithmetic on days, in
whole microseconds. A day is a day of the log's zone, 23 or 25 hours long where the clocks change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.core.calendars.zones import day_number, day_of_number
from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.case_times import CaseTimes, compute_case_times, timely
from potok.measure.local_time import day_begins_us, day_number_at, local_day, local_us, zone_of
from potok.measure.passages import exact_sum
from potok.measure.running import run

MOST_DAYS: Final = 36_525

Days = NDArray[np.int64]


class TooManyDaysError(BadDataError):
    """A log that reaches over more than a hundred years, as one slip of the pen in a date makes it."""

    code = "POTOK-M010"


class EmptyPeriodError(UsageError):
    """A period that ends before it begins, or in which the log has not a single day."""

    code = "POTOK-M011"


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `from_on` to before `until_on`.

    Raises
    ------
    EmptyPeriodError
        If that is not a single day.
    """

    from_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.until_on <= self.from_on:
            raise EmptyPeriodError(
                _("The period from {first} to {last} holds no day.").format(first=self.from_on, last=self.until_on),
                remedy=_("The end is the day after the last one counted."),
            )

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.until_on - self.from_on).days


@dataclass(frozen=True, slots=True)
class DailyFlow:
    """Timely cases in, out and inside, by local day and without gaps.

    Parameters
    ----------
    first_day
        Number of the first day, from 1970-01-01.
    begins_us, ends_us
        Shape (n,): the instants between which each day lies; the last day ends at the extraction if that is earlier.
    arrivals, completions
        Shape (n,): cases opened, and closed, on the day.
    open_at_start
        Shape (n,): cases open as the day begins, before anything happens on it.
    case_us
        Shape (n,): time for which cases were open on the day, added up over cases.
    completed_lead_us
        Per day: the sum of case durations of the cases closed on it; may exceed 64 bits.
    complete_days
        How many of the days, from the first, were over at the extraction.
    times
        The cases counted, and those left out.
    """

    first_day: int
    begins_us: Days
    ends_us: Days
    arrivals: Days
    completions: Days
    open_at_start: Days
    case_us: Days
    completed_lead_us: tuple[int, ...]
    complete_days: int
    times: CaseTimes

    def on(self, place: int) -> date:
        """Return the date of a day by its place."""
        return day_of_number(self.first_day + place)

    def places(self, period: Period) -> slice:
        """Return the places of the complete days within a period.

        Raises
        ------
        EmptyPeriodError
            If there is none.
        """
        start = max(0, day_number(period.from_on) - self.first_day)
        stop = min(self.complete_days, day_number(period.until_on) - self.first_day)
        if stop <= start:
            raise EmptyPeriodError(
                _("The log has no complete day from {first} to {last}.").format(
                    first=period.from_on, last=period.until_on
                ),
                remedy=_("Choose days between the first opening and the extraction."),
            )
        return slice(start, stop)

    def complete_period(self) -> Period | None:
        """Return the period of all complete days; None if there is none."""
        return Period(self.on(0), self.on(self.complete_days)) if self.complete_days else None


def arrivals_by_day(cases: ibis.Table, *, zone: str, span_us: tuple[int, int]) -> ibis.Table:
    """Return one row per local day on which a case opened.

    Parameters
    ----------
    cases
        As `potok.measure.case_times.timely` returns them.
    zone, span_us
        As `potok.measure.local_time.local_us`.

    Returns
    -------
    ibis.Table
        `day`, `cases`, `offset_us`: the sum, over cases, of the instant less the day's number in UTC days.
    """
    return _by_day(cases, "opened_us", zone=zone, span_us=span_us)


def completions_by_day(cases: ibis.Table, *, zone: str, span_us: tuple[int, int]) -> ibis.Table:
    """Return one row per local day on which a case closed: as `arrivals_by_day`, and `lead_us`, their durations."""
    return _by_day(cases.filter(cases.ended_us.notnull()), "ended_us", zone=zone, span_us=span_us)


def _by_day(cases: ibis.Table, instant: str, *, zone: str, span_us: tuple[int, int]) -> ibis.Table:
    local = cases.mutate(local_us=local_us(cases[instant], zone=zone, first_us=span_us[0], last_us=span_us[1]))
    placed = local.mutate(day=local_day(local.local_us))
    measures = {
        "cases": placed.count().cast("int64"),
        "offset_us": (placed[instant] - placed.day * DAY_US).sum().cast("int64"),
    }
    if instant == "ended_us":
        measures["lead_us"] = exact_sum(placed.ended_us - placed.opened_us)
    return placed.group_by("day").aggregate(**measures)


def read_daily_flow(store: LogStore, *, period: Period | None = None, engine: Engine | None = None) -> DailyFlow:
    """Read cases in and out by local day.

    Parameters
    ----------
    period
        Only these days; by default from the first opening to the extraction.

    Raises
    ------
    TooManyDaysError
        If these are more than a hundred years.
    """
    zone, extracted_us = zone_of(store), store.extracted_us
    times = compute_case_times(store, engine=engine)
    first_us = times.first_opened_us if times.first_opened_us is not None else extracted_us
    days = _days(first_us, extracted_us, zone, period)
    cases, span = timely(CASES, extracted_us=extracted_us), (first_us, extracted_us)
    opened = run(arrivals_by_day(cases, zone=zone, span_us=span), store, engine)
    closed = run(completions_by_day(cases, zone=zone, span_us=span), store, engine)
    return _assemble(days, _ends(days, zone, extracted_us), opened, closed, times)


def _days(first_us: int, extracted_us: int, zone: str, period: Period | None) -> range:
    first, last = day_number_at(first_us, zone=zone), day_number_at(extracted_us, zone=zone)
    if period is not None:
        first, last = max(first, day_number(period.from_on)), min(last, day_number(period.until_on) - 1)
    if last - first >= MOST_DAYS:
        raise TooManyDaysError(
            _("The log reaches from {first} to {last}, over more than a hundred years.").format(
                first=day_of_number(first), last=day_of_number(last)
            ),
            where="opened_at",
            remedy=_("Look for a slip in a date, or give the period to count."),
        )
    return range(first, last + 1)


def _ends(days: range, zone: str, extracted_us: int) -> tuple[Days, Days, int]:
    bounds = np.array([day_begins_us(day, zone=zone) for day in range(days.start, days.stop + 1)], np.int64)
    ends = np.minimum(bounds[1:], np.maximum(extracted_us, bounds[:-1]))
    return bounds[:-1], ends, int(np.count_nonzero(bounds[1:] <= extracted_us))


def _assemble(
    days: range,
    bounds: tuple[Days, Days, int],
    opened: Iterable[tuple[Any, ...]],
    closed: Iterable[tuple[Any, ...]],
    times: CaseTimes,
) -> DailyFlow:
    begins_us, ends_us, complete_days = bounds
    arrivals, arrived_us, carried_in = _laid_out(days, opened)
    completed = list(closed)
    completions, completed_us, carried_out = _laid_out(days, (row[:3] for row in completed))
    leads = {day: int(lead) for day, _cases, _offset, lead in completed}
    inside = carried_in - carried_out + np.cumsum(arrivals - completions)
    open_at_start = inside - (arrivals - completions)
    # Within a day each case counts from its opening, or the day's beginning, to its closing, or the day's end. Instants
    # are counted from the day's number in UTC days, so that no sum over cases comes near 64 bits.
    end_offset = ends_us - np.array(days, np.int64) * DAY_US
    case_us = (
        open_at_start * (ends_us - begins_us)
        + (arrivals * end_offset - arrived_us)
        - (completions * end_offset - completed_us)
    )
    return DailyFlow(
        first_day=days.start,
        begins_us=begins_us,
        ends_us=ends_us,
        arrivals=arrivals,
        completions=completions,
        open_at_start=open_at_start,
        case_us=case_us,
        completed_lead_us=tuple(leads.get(day, 0) for day in days),
        complete_days=complete_days,
        times=times,
    )


def _laid_out(days: range, rows: Iterable[tuple[Any, ...]]) -> tuple[Days, Days, int]:
    """Return counts and offsets by day, and how many cases came before the first day."""
    counts, offsets, before = np.zeros(len(days), np.int64), np.zeros(len(days), np.int64), 0
    for day, cases, offset in rows:
        if day in days:
            counts[day - days.start], offsets[day - days.start] = cases, offset
        elif day < days.start:
            before += cases
    return counts, offsets, before
