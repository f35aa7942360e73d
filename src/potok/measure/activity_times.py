"""Waiting, processing and sojourn of each activity, or of whoever does it; see `potok.measure.enablement`."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis

from potok.core.calendars import Calendar, CalendarSet
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.enablement import (
    QUANTITIES,
    Enablement,
    Quantity,
    compute_time_knowledge,
    instance_times,
)
from potok.measure.evidence import CaseEvidence, find_code, gap_evidence, read_evidence
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, resource_labels, run, seconds, seconds_if_known, unit_labels
from potok.measure.unit_calendars import UnitDays, days_by_unit

Grouping = Literal["activity", "resource", "org_unit"]

GROUPINGS: Final[tuple[Grouping, ...]] = ("activity", "resource", "org_unit")
_LABELS: Final = {"activity": activity_labels, "resource": resource_labels, "org_unit": unit_labels}


@dataclass(frozen=True, slots=True)
class TimeSummary:
    """A time over a group of instances or cases, in seconds.

    Parameters
    ----------
    known
        Those whose time is known; all figures are over these.
    known_share
        Of the whole group, 0–1.
    min_seconds, median_seconds, p90_seconds, max_seconds, mean_seconds, total_seconds
        None if no time is known. Quantiles interpolate linearly.
    """

    known: int
    known_share: float
    min_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    max_seconds: float | None
    mean_seconds: float | None
    total_seconds: float | None


@dataclass(frozen=True, slots=True)
class GroupTimes:
    """The times of one activity, resource or unit.

    Parameters
    ----------
    label
        None for instances whose resource or unit is unknown.
    instances
        How many, whether or not their times are known.
    """

    label: str | None
    instances: int
    waiting: TimeSummary
    processing: TimeSummary
    sojourn: TimeSummary


@dataclass(frozen=True, slots=True)
class ActivityTimes:
    """Times of all groups, most instances first.

    Parameters
    ----------
    by
        What the groups are.
    enablement
        Where the instant comes from since which an instance waits.
    has_start_times
        Whether any instance has a start; without, only sojourns are known.
    reasons
        What keeps times from being known: keys of `potok.measure.enablement.REASONS`.
    """

    by: Grouping
    enablement: Enablement
    has_start_times: bool
    reasons: tuple[str, ...]
    groups: tuple[GroupTimes, ...]


def group_times(
    events: ibis.Table, *, by: Grouping, enablement: Enablement, days: ibis.Table | UnitDays | None = None
) -> ibis.Table:
    """Return one row per group; `days` of a calendar, or of departments' calendars, give working time.

    Returns
    -------
    ibis.Table
        `place` (code, null if unknown), `instances`, and for each of `QUANTITIES` with its name as prefix: `…_known`,
        `…_min_us`, `…_median_us`, `…_p90_us`, `…_max_us`, `…_total_us`.
    """
    timed = _timed(events, by, enablement, days)
    figures = {"instances": timed.count().cast("int64")}
    for quantity in QUANTITIES:
        value = timed[f"{quantity}_us"]
        figures |= {
            f"{quantity}_known": value.count().cast("int64"),
            f"{quantity}_min_us": value.min(),
            f"{quantity}_quantiles_us": value.quantile([0.5, 0.9]),
            f"{quantity}_max_us": value.max(),
            f"{quantity}_total_us": exact_sum(value),
        }
    by_place = timed.group_by(place=timed[by]).aggregate(**figures)
    return by_place.select("place", "instances", *(c for q in QUANTITIES for c in _summary_columns(by_place, q)))


def _timed(events: ibis.Table, by: Grouping, enablement: Enablement, days: ibis.Table | UnitDays | None) -> ibis.Table:
    columns = dict.fromkeys((by, "org_unit", *(f"{quantity}_us" for quantity in QUANTITIES)))

    def on(one: ibis.Table | None) -> ibis.Table:
        return instance_times(events, enablement=enablement, days=one).select(*columns)

    return days.measure(on, org_unit="org_unit") if isinstance(days, UnitDays) else on(days)


def compute_activity_times(
    store: LogStore,
    *,
    by: Grouping = "activity",
    enablement: Enablement | None = None,
    calendar: Calendar | CalendarSet | None = None,
    engine: Engine | None = None,
) -> ActivityTimes:
    """Compute waiting, processing and sojourn per activity, resource or unit.

    Parameters
    ----------
    enablement
        ``"given"`` or ``"previous"``; None takes the given one if the log has any.
    calendar
        All times are working time on it, or on that of each instance's department; None measures calendar time.

    Raises
    ------
    UnknownCalendarUnitsError
        If a department has a calendar but does not occur in the log.
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    ValueError
        If `by` or `enablement` is not one of the allowed.
    """
    if by not in GROUPINGS:
        raise ValueError(f"by must be one of {', '.join(GROUPINGS)}, not {by!r}")
    knowledge = compute_time_knowledge(store, engine=engine)
    chosen = knowledge.choose(enablement)
    labels = _LABELS[by](store, engine)
    days, given = days_by_unit(store, calendar, engine)
    rows = run(group_times(EVENTS, by=by, enablement=chosen, days=days), store, engine, given=given)
    groups = [_group(row, labels) for row in rows]
    return ActivityTimes(
        by=by,
        enablement=chosen,
        has_start_times=knowledge.has_start_times,
        reasons=knowledge.reasons(chosen),
        groups=tuple(sorted(groups, key=lambda group: (-group.instances, group.label is None, group.label or ""))),
    )


def list_activity_time_cases(
    store: LogStore,
    activity: str,
    *,
    quantity: Quantity = "waiting",
    enablement: Enablement | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a time of an activity, those with most of it first.

    Their seconds, calendar time, add up to the time's `total_seconds`; cases in which it is unknown are left out.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    ValueError
        If `quantity` or `enablement` is not one of the allowed.
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity must be one of {', '.join(QUANTITIES)}, not {quantity!r}")
    chosen = compute_time_knowledge(store, engine=engine).choose(enablement)
    code = find_code(activity_labels(store, engine), activity)
    timed = instance_times(EVENTS, enablement=chosen)
    value = timed[f"{quantity}_us"]
    gaps = timed.filter(timed.activity == code, value.notnull())
    gaps = gaps.select("case", "position", "source_row", gap_us=gaps[f"{quantity}_us"])
    return read_evidence(gap_evidence(EVENTS, CASES, gaps, limit=limit), store, engine)


def _summary_columns(grouped: ibis.Table, quantity: Quantity) -> tuple[ibis.Value, ...]:
    quantiles = grouped[f"{quantity}_quantiles_us"]
    return (
        grouped[f"{quantity}_known"],
        grouped[f"{quantity}_min_us"],
        quantiles[0].cast("float64").name(f"{quantity}_median_us"),
        quantiles[1].cast("float64").name(f"{quantity}_p90_us"),
        grouped[f"{quantity}_max_us"],
        grouped[f"{quantity}_total_us"],
    )


def _group(row: tuple[Any, ...], labels: dict[int, str]) -> GroupTimes:
    place, instances, *figures = row
    width = len(figures) // len(QUANTITIES)
    parts = [summarise(instances, *figures[start : start + width]) for start in range(0, len(figures), width)]
    waiting, processing, sojourn = parts
    label = None if place is None else labels[place]
    return GroupTimes(label, instances, waiting=waiting, processing=processing, sojourn=sojourn)


def summarise(of: int, known: int, *figures: Any) -> TimeSummary:
    """Return a summary from microseconds: minimum, median, 90th percentile, maximum and total, None if none is known.

    Parameters
    ----------
    of
        How many there are, known or not.
    """
    *ordered, total_us = figures
    least, median, p90, most = map(seconds_if_known, ordered)
    return TimeSummary(
        known=known,
        known_share=known / of if of else 0.0,
        min_seconds=least,
        median_seconds=median,
        p90_seconds=p90,
        max_seconds=most,
        mean_seconds=seconds(total_us / known) if known else None,
        total_seconds=seconds_if_known(total_us),
    )
