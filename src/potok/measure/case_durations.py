"""How long cases take, from opening to closing; and how long the open ones have been waiting."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import ibis

from potok.core.calendars import Calendar
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import MICROSECONDS, built_once, run, seconds, seconds_if_known
from potok.measure.working_time import case_days, open_until

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_YEAR: Final = 365 * _DAY

_BOUNDS: Final = ("opened_us", "closed_us")

BIN_BOUNDS_SECONDS: Final = (
    0,
    10 * _MINUTE,
    _HOUR,
    4 * _HOUR,
    _DAY,
    3 * _DAY,
    7 * _DAY,
    14 * _DAY,
    30 * _DAY,
    60 * _DAY,
    90 * _DAY,
    180 * _DAY,
    _YEAR,
    2 * _YEAR,
    5 * _YEAR,
    10 * _YEAR,
    100 * _YEAR,
    10_000 * _YEAR,
)


@dataclass(frozen=True, slots=True)
class DurationBin:
    """Cases with a duration in ``[from_seconds, to_seconds)``; for open cases, the age at extraction."""

    from_seconds: float
    to_seconds: float
    closed_cases: int
    open_cases: int


@dataclass(frozen=True, slots=True)
class CaseDurations:
    """Case durations.

    Parameters
    ----------
    closed_cases, open_cases
        Numbers of cases.
    min_seconds, median_seconds, p90_seconds, max_seconds, mean_seconds
        Opening to closing, over closed cases only; None if there are none. As open cases tend to be the long ones,
        these understate how long cases take; quantiles interpolate linearly.
    open_median_age_seconds, open_max_age_seconds
        Opening to extraction, over open cases; None if there are none.
    total_seconds
        Lead time of all cases: opening to closing, or to extraction.
    histogram
        All cases by duration or age, in bins of readable bounds, without empty bins at either end.
    """

    closed_cases: int
    open_cases: int
    min_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    max_seconds: float | None
    mean_seconds: float | None
    open_median_age_seconds: float | None
    open_max_age_seconds: float | None
    total_seconds: float
    histogram: tuple[DurationBin, ...]


def lead_times(cases: ibis.Table, *, extracted_us: int, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per case: its columns, `end_us` (closing, else extraction), `lead_us` and `is_open`.

    A lead time is never negative: a case that opens after its end counts as zero.

    Parameters
    ----------
    days
        Days of a calendar (`potok.measure.working_time.calendar_days`), for working time; None for calendar time.
    """
    ended = cases.mutate(end_us=ibis.coalesce(cases.closed_us, extracted_us), is_open=cases.closed_us.isnull())
    if days is None:
        return ended.mutate(lead_us=not_negative(ended.end_us - ended.opened_us))
    timed = open_until(ended, ("opened_us", "end_us"), days)
    return timed.mutate(lead_us=not_negative(timed.end_open - timed.opened_open))


@built_once
def duration_statistics(cases: ibis.Table, *, extracted_us: int, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row for closed and one for open cases (if any).

    Returns
    -------
    ibis.Table
        `is_open`, `cases`, `min_us`, `median_us`, `p90_us`, `max_us`, `total_us`.
    """
    timed = lead_times(cases.select(*_BOUNDS), extracted_us=extracted_us, days=days)
    by_state = timed.group_by("is_open").aggregate(
        cases=timed.count().cast("int64"),
        min_us=timed.lead_us.min(),
        quantiles_us=timed.lead_us.quantile([0.5, 0.9]),
        max_us=timed.lead_us.max(),
        total_us=exact_sum(timed.lead_us),
    )
    return by_state.select(
        "is_open",
        "cases",
        "min_us",
        median_us=by_state.quantiles_us[0].cast("float64"),
        p90_us=by_state.quantiles_us[1].cast("float64"),
        max_us="max_us",
        total_us="total_us",
    )


@built_once
def duration_histogram(cases: ibis.Table, *, extracted_us: int, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per non-empty bin of `BIN_BOUNDS_SECONDS` and state: `bin`, `is_open`, `cases`."""
    timed = lead_times(cases.select(*_BOUNDS), extracted_us=extracted_us, days=days)
    passed = [(timed.lead_us >= bound * MICROSECONDS).cast("int64") for bound in BIN_BOUNDS_SECONDS[1:-1]]
    placed = timed.select("is_open", bin=sum(passed[1:], start=passed[0]))
    return placed.group_by("bin", "is_open").aggregate(cases=placed.count().cast("int64"))


def compute_case_durations(
    store: LogStore, *, calendar: Calendar | None = None, engine: Engine | None = None
) -> CaseDurations:
    """Compute how long closed cases took, how old open cases are, and the lead time of all.

    Parameters
    ----------
    calendar
        All durations are working time on it; None measures calendar time.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    """
    days, given = case_days(store, calendar, engine)
    statistics = duration_statistics(CASES, extracted_us=store.extracted_us, days=days)
    rows = run(statistics, store, engine, given=given)
    by_state = {bool(is_open): values for is_open, *values in rows}
    closed_cases, shortest, median, p90, longest, total = by_state.get(False, _NO_CASES)
    open_cases, _, open_median, _, open_longest, open_total = by_state.get(True, _NO_CASES)
    return CaseDurations(
        closed_cases=closed_cases,
        open_cases=open_cases,
        min_seconds=seconds_if_known(shortest),
        median_seconds=seconds_if_known(median),
        p90_seconds=seconds_if_known(p90),
        max_seconds=seconds_if_known(longest),
        mean_seconds=seconds(total / closed_cases) if closed_cases else None,
        open_median_age_seconds=seconds_if_known(open_median),
        open_max_age_seconds=seconds_if_known(open_longest),
        total_seconds=seconds(total + open_total),
        histogram=_histogram(store, engine, days, given),
    )


_NO_CASES: Final[list[Any]] = [0, None, None, None, None, 0]


def _histogram(
    store: LogStore, engine: Engine | None, days: ibis.Table | None, given: Given | None
) -> tuple[DurationBin, ...]:
    histogram = duration_histogram(CASES, extracted_us=store.extracted_us, days=days)
    rows = run(histogram, store, engine, given=given)
    counts = {(place, bool(is_open)): cases for place, is_open, cases in rows}
    filled = [place for place, _ in counts]
    if not filled:
        return ()
    bounds = list(pairwise(BIN_BOUNDS_SECONDS))
    return tuple(
        DurationBin(
            from_seconds=float(bounds[place][0]),
            to_seconds=float(bounds[place][1]),
            closed_cases=counts.get((place, False), 0),
            open_cases=counts.get((place, True), 0),
        )
        for place in range(min(filled), max(filled) + 1)
    )
