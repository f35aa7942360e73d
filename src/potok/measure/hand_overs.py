"""Hand-overs: passages of a case from one resource, or one organisational unit, to another."""

from dataclasses import dataclass

import ibis

from potok.core.calendars import Calendar, CalendarSet
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.passages import exact_sum, passages
from potok.measure.running import resource_labels, run, seconds, seconds_if_known, unit_labels
from potok.measure.unit_calendars import UnitDays, days_by_unit


@dataclass(frozen=True, slots=True)
class HandOver:
    """Work handed from one holder to another.

    Parameters
    ----------
    count, cases
        Hand-overs, and cases with at least one.
    median_seconds
        Median wait per hand-over; None if no wait is known.
    total_seconds
        Sum of the known waits.
    """

    source: str
    target: str
    count: int
    cases: int
    median_seconds: float | None
    total_seconds: float


@dataclass(frozen=True, slots=True)
class HandOvers:
    """Hand-overs between resources and between organisational units, most frequent first."""

    between_resources: tuple[HandOver, ...]
    between_units: tuple[HandOver, ...]


@dataclass(frozen=True, slots=True)
class HandOverArc:
    """How often one resource directly follows another; `source` and `target` may be the same."""

    source: str
    target: str
    count: int


def hand_over_times(events: ibis.Table, *, holder: str, days: ibis.Table | UnitDays | None = None) -> ibis.Table:
    """Return one row per ordered pair of different holders.

    Parameters
    ----------
    holder
        ``"resource"`` or ``"org_unit"``.
    days
        Days of a calendar, for waits in working time; of departments' calendars, for waits on that of the receiver.

    Returns
    -------
    ibis.Table
        `source`, `target` (codes), `count`, `cases`, `median_us`, `total_us` (null if no wait is known).
    """
    timed = _timed(events, days)
    pairs = timed.select("case", "wait_us", source=timed[holder], target=timed[f"next_{holder}"])
    # Unknown on either side compares to null and is dropped.
    between = pairs.filter(pairs.source != pairs.target)
    figures = between.group_by("source", "target").aggregate(
        count=between.count().cast("int64"),
        median_us=between.wait_us.quantile(0.5).cast("float64"),
        total_us=exact_sum(between.wait_us),
    )
    # Not a count of distinct cases: its sets stay in memory, whereas groups can be spilled.
    once = between.select("source", "target", "case").distinct()
    counted = once.group_by("source", "target").aggregate(cases=once.count().cast("int64"))
    known = figures.inner_join(counted, ["source", "target"])
    return known.select("source", "target", "count", "cases", "median_us", "total_us")


def hand_over_counts(events: ibis.Table) -> ibis.Table:
    """Return one row per ordered pair of known resources, also of one with itself: `source`, `target`, `count`."""
    pairs = events.filter(events.resource.notnull(), events.next_resource.notnull())
    return pairs.group_by(source=pairs.resource, target=pairs.next_resource).aggregate(
        count=pairs.count().cast("int64")
    )


def compute_hand_overs(
    store: LogStore, *, calendar: Calendar | CalendarSet | None = None, engine: Engine | None = None
) -> HandOvers:
    """Compute how often, and with how much waiting, work passes between resources and between units.

    A hand-over is a passage whose two instances have different holders, both known.

    Parameters
    ----------
    calendar
        Waits are working time on it, or on that of the department that receives; None measures calendar time.

    Raises
    ------
    UnknownCalendarUnitsError
        If a department has a calendar but does not occur in the log.
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    """
    return HandOvers(
        between_resources=_between("resource", store, engine, calendar),
        between_units=_between("org_unit", store, engine, calendar),
    )


def compute_hand_over_network(store: LogStore, *, engine: Engine | None = None) -> tuple[HandOverArc, ...]:
    """Compute how often each resource follows each, itself included, most frequent first; counts only."""
    labels = resource_labels(store, engine)
    rows = sorted(run(hand_over_counts(EVENTS), store, engine), key=lambda row: (-row[2], row[0], row[1]))
    return tuple(HandOverArc(labels[source], labels[target], count) for source, target, count in rows)


def _timed(events: ibis.Table, days: ibis.Table | UnitDays | None) -> ibis.Table:
    columns = ("case", "resource", "next_resource", "org_unit", "next_org_unit", "wait_us")

    def on(one: ibis.Table | None) -> ibis.Table:
        return passages(events, days=one).select(*columns)

    return days.measure(on, org_unit="next_org_unit") if isinstance(days, UnitDays) else on(days)


def _between(
    holder: str, store: LogStore, engine: Engine | None, calendar: Calendar | CalendarSet | None
) -> tuple[HandOver, ...]:
    labels = (resource_labels if holder == "resource" else unit_labels)(store, engine)
    days, given = days_by_unit(store, calendar, engine)
    rows = run(hand_over_times(EVENTS, holder=holder, days=days), store, engine, given=given)
    found = (
        HandOver(labels[source], labels[target], count, cases, seconds_if_known(median_us), seconds(total_us or 0))
        for source, target, count, cases, median_us, total_us in rows
    )
    return tuple(sorted(found, key=lambda hand_over: (-hand_over.count, hand_over.source, hand_over.target)))
