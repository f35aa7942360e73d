"""The temporal profile: how long after one activity another one follows, for every pair that ever follows.

After Stertz, Mangler and Rinderle-Ma (2020), "Temporal conformance checking at runtime based on time-infused process
models": for every ordered pair of activities the mean and the standard deviation of the time between them. Here that
time is taken over every pair of instances of a case of which the second comes later in the log's order (not only the
next one), from the completion of the first to the start of the second, or to its completion where no start is known.
Where the second starts before the first is completed it is zero, as everywhere in Potok; where the first's completion
or both times of the second are unknown, so is the time. An activity that follows itself is a pair as well.

Sums and sums of squares are exact integers, so that the deviation of long times by little does not drown in rounding.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, Final

import ibis

from potok.core.calendars import Calendar
from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, find_code, read_evidence
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import MICROSECONDS, activity_labels, run, seconds
from potok.measure.working_time import log_days, open_until

MOST_PAIRS: Final = 10_000_000_000


class TooManyPairsError(BadDataError):
    """Cases are so long that their pairs of instances cannot be gone through."""

    code = "POTOK-M034"


@dataclass(frozen=True, slots=True)
class TemporalRelation:
    """One activity eventually followed by another.

    Parameters
    ----------
    count
        Pairs of instances; a case may hold several.
    timed
        Those of them whose time is known.
    mean_seconds
        Over the timed ones; None if there are none.
    deviation_seconds
        Standard deviation of a sample (divisor ``timed − 1``); None for fewer than two.
    """

    activity: str
    later_activity: str
    count: int
    timed: int
    mean_seconds: float | None
    deviation_seconds: float | None


@dataclass(frozen=True, slots=True)
class TemporalProfile:
    """All pairs of activities that ever follow each other in a case, most frequent first.

    Parameters
    ----------
    has_start_times
        Whether any instance has a start; without, times run to completions and hold the later activity's processing.
    """

    relations: tuple[TemporalRelation, ...]
    has_start_times: bool


def pair_count(variants: ibis.Table) -> ibis.Table:
    """Return one row: `doubled_pairs`, twice the number of pairs of instances of which one follows the other."""
    length = variants.n_events.cast("int64")
    # Half the product is whole, but integer division differs by engine.
    pairs = (variants.cases * length * (length - 1)).sum().fill_null(0).cast("int64")
    return variants.aggregate(doubled_pairs=pairs)


def later_pairs(events: ibis.Table, *, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per pair of instances of a case of which the second comes later.

    `days` of a calendar give working time.

    Returns
    -------
    ibis.Table
        `case`, `source_row`, `next_source_row`, `activity`, `later_activity` (codes), `time_us` (null if unknown).
    """
    timed = events.mutate(
        ended_us=events.completed_us, arrived_us=ibis.coalesce(events.started_us, events.completed_us)
    )
    if days is not None:
        offered = open_until(timed, ("ended_us", "arrived_us"), days)
        timed = offered.mutate(ended_us=offered.ended_open, arrived_us=offered.arrived_open)
    first = timed.select("case", "position", "source_row", "activity", "ended_us")
    second = timed.select(
        "case",
        "arrived_us",
        later_position="position",
        next_source_row="source_row",
        later_activity="activity",
    )
    pairs = first.inner_join(second, ["case", first.position < second.later_position])
    return pairs.select(
        "case",
        "source_row",
        "next_source_row",
        "activity",
        "later_activity",
        time_us=not_negative(pairs.arrived_us - pairs.ended_us),
    )


def relation_sums(events: ibis.Table, *, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per pair of activities: `activity`, `later_activity`, `count`, `timed`, `total_us`, `squares`.

    `squares` is the exact sum of squared microseconds; it overflows only for a thousand million pairs ten years apart.
    """
    pairs = later_pairs(events, days=days)
    # DuckDB keeps a product of two such narrow decimals in 64 bits; a wider one makes it exact.
    exact = pairs.time_us.cast("decimal(18, 0)")
    return pairs.group_by("activity", "later_activity").aggregate(
        count=pairs.count().cast("int64"),
        timed=pairs.time_us.count().cast("int64"),
        total_us=exact_sum(pairs.time_us),
        squares=(exact * pairs.time_us.cast("decimal(19, 0)")).sum().cast("decimal(38, 0)"),
    )


def has_starts(events: ibis.Table) -> ibis.Table:
    """Return one row: `started`, the number of instances with a start."""
    return events.aggregate(started=events.started_us.count().cast("int64"))


def compute_temporal_profile(
    store: LogStore, *, calendar: Calendar | None = None, engine: Engine | None = None
) -> TemporalProfile:
    """Compute mean and deviation of the time between every two activities of which one eventually follows the other.

    Parameters
    ----------
    calendar
        Times are working time on it; None measures calendar time.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    TooManyPairsError
        If cases are so long that they hold more than `MOST_PAIRS` pairs.
    """
    _check_pairs(store, engine)
    labels = activity_labels(store, engine)
    ((started,),) = run(has_starts(EVENTS), store, engine)
    days, given = log_days(store, calendar, engine)
    rows = run(relation_sums(EVENTS, days=days), store, engine, given=given)
    relations = (_relation(row, labels) for row in rows)
    ranked = sorted(relations, key=lambda relation: (-relation.count, relation.activity, relation.later_activity))
    return TemporalProfile(tuple(ranked), has_start_times=started > 0)


def list_relation_cases(
    store: LogStore,
    activity: str,
    later_activity: str,
    *,
    at_least_seconds: float | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases in which an activity is eventually followed by another, those with most time between first.

    A case's seconds, calendar time, are summed over its pairs of instances, which may overlap; its rows are those of
    the longest.

    Parameters
    ----------
    at_least_seconds
        Only pairs with at least so much time between them, such as mean plus three deviations.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    TooManyPairsError
        As `compute_temporal_profile`.
    """
    _check_pairs(store, engine)
    labels = activity_labels(store, engine)
    pairs = later_pairs(
        EVENTS.filter(EVENTS.activity.isin([find_code(labels, activity), find_code(labels, later_activity)]))
    )
    pairs = pairs.filter(
        pairs.activity == find_code(labels, activity), pairs.later_activity == find_code(labels, later_activity)
    )
    if at_least_seconds is not None:
        pairs = pairs.filter(pairs.time_us >= int(at_least_seconds * MICROSECONDS))
    lost = pairs.group_by("case").aggregate(lost_us=pairs.time_us.sum().fill_null(0).cast("int64"))
    if limit is not None:
        lost = lost.order_by(lost.lost_us.desc(), lost.case).limit(limit)
    shown = pairs.inner_join(lost, "case").inner_join(CASES.select("case", "case_id"), "case")
    rows = shown.select("lost_us", "case", "case_id", shown.time_us.name("gap_us"), "source_row", "next_source_row")
    return read_evidence(rows, store, engine)


def _check_pairs(store: LogStore, engine: Engine | None) -> None:
    ((doubled,),) = run(pair_count(VARIANTS), store, engine)
    if doubled > 2 * MOST_PAIRS:
        raise TooManyPairsError(
            _("The cases hold {pairs} pairs of instances, too many to compare.").format(pairs=doubled // 2),
            where=str(store.folder),
            remedy=_("Check which column holds the case id, or filter the log to shorter cases."),
        )


def _relation(row: tuple[Any, ...], labels: dict[int, str]) -> TemporalRelation:
    activity, later_activity, count, timed, total_us, squares = row
    return TemporalRelation(
        activity=labels[activity],
        later_activity=labels[later_activity],
        count=count,
        timed=timed,
        mean_seconds=seconds(total_us / timed) if timed else None,
        deviation_seconds=_deviation(timed, int(total_us), int(squares)) if timed > 1 else None,
    )


def _deviation(n: int, total_us: int, squares: int) -> float:
    """Return the standard deviation in seconds from exact sums over n microsecond values."""
    return sqrt(Fraction(n * squares - total_us**2, n * (n - 1))) / MICROSECONDS
