"""The directly-follows graph: which activity follows which, how often, and after how long."""

from dataclasses import dataclass
from typing import Any

import ibis

from potok.core.calendars import Calendar
from potok.engine.base import Engine
from potok.engine.tables import ACTIVITIES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.passages import exact_sum, has_all_starts, passages
from potok.measure.running import activity_labels, built_once, run, seconds, seconds_if_known
from potok.measure.sequences import variant_passages, variant_positions
from potok.measure.working_time import log_days, open_until


@dataclass(frozen=True, slots=True)
class DirectlyFollowsNode:
    """One activity.

    Parameters
    ----------
    instances, cases
        How often it was done, and in how many cases.
    starts, ends
        Cases whose first, and whose last logged instance it is (open cases included).
    median_processing_seconds
        Median from start to completion, over the instances with both known and in that order;
        None if there are none.
    """

    activity: str
    instances: int
    cases: int
    starts: int
    ends: int
    median_processing_seconds: float | None


@dataclass(frozen=True, slots=True)
class DirectlyFollowsEdge:
    """One activity directly followed by another (see `potok.measure.passages`).

    Parameters
    ----------
    count, cases
        Passages, and cases with at least one.
    mean_seconds, median_seconds, p90_seconds
        Wait per passage, over passages whose wait is known; None if there are none. Quantiles
        interpolate linearly.
    total_seconds
        Sum of the known waits.
    """

    activity: str
    next_activity: str
    count: int
    cases: int
    mean_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    total_seconds: float


@dataclass(frozen=True, slots=True)
class DirectlyFollowsGraph:
    """Activities (most frequent first) and the passages between them (most frequent first).

    Parameters
    ----------
    has_start_times
        Whether any instance has a start; without, waits run to completions and hold the processing as well.
    """

    nodes: tuple[DirectlyFollowsNode, ...]
    edges: tuple[DirectlyFollowsEdge, ...]
    has_start_times: bool


@built_once
def edge_times(events: ibis.Table, *, days: ibis.Table | None = None, has_all_starts: bool = False) -> ibis.Table:
    """Return one row per pair of activities that directly follow each other.

    Parameters
    ----------
    days
        Days of a calendar, for waits in working time.
    has_all_starts
        As for `potok.measure.passages.passages`.

    Returns
    -------
    ibis.Table
        `activity`, `next_activity` (codes), `count`, `timed` (passages with a known wait), `total_us`,
        `median_us`, `p90_us` (null where `timed` is 0).
    """
    held = events.select("activity", "completed_us", "next_activity", "next_started_us", "next_completed_us")
    pairs = passages(held, days=days, has_all_starts=has_all_starts)
    by_pair = pairs.group_by("activity", "next_activity").aggregate(
        count=pairs.count().cast("int64"),
        timed=pairs.wait_us.count().cast("int64"),
        total_us=exact_sum(pairs.wait_us),
        quantiles_us=pairs.wait_us.quantile([0.5, 0.9]),
    )
    quantiles = by_pair.quantiles_us
    return by_pair.mutate(median_us=quantiles[0].cast("float64"), p90_us=quantiles[1].cast("float64")).drop(
        "quantiles_us"
    )


@built_once
def edge_cases(variants: ibis.Table) -> ibis.Table:
    """Return one row per pair of activities that directly follow each other, with the number of `cases` that do."""
    pairs = variant_passages(variants)
    return pairs.group_by("activity", "next_activity").aggregate(cases=pairs.cases.sum().cast("int64"))


def node_ends(variants: ibis.Table) -> ibis.Table:
    """Return one row per activity: the number of cases that `starts` and `ends` with it."""
    positions = variant_positions(variants)
    is_last = positions.position == positions.n_events - 1
    return positions.group_by("activity").aggregate(
        starts=ibis.ifelse(positions.position == 0, positions.cases, 0).sum().cast("int64"),
        ends=ibis.ifelse(is_last, positions.cases, 0).sum().cast("int64"),
    )


def processing_times(events: ibis.Table, *, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per activity with start times: `activity`, `median_us` of processing (null if never complete).

    Parameters
    ----------
    days
        Days of a calendar, for processing in working time.
    """
    started = events.filter(events.started_us.notnull())
    if days is None:
        taken_us = started.completed_us - started.started_us
    else:
        started = open_until(started, ("started_us", "completed_us"), days)
        taken_us = started.completed_open - started.started_open
    return started.group_by("activity").aggregate(
        median_us=ibis.ifelse(taken_us >= 0, taken_us, ibis.null("int64")).quantile(0.5).cast("float64")
    )


def compute_directly_follows_graph(
    store: LogStore, *, calendar: Calendar | None = None, engine: Engine | None = None
) -> DirectlyFollowsGraph:
    """Compute activities, the passages between them, and their times.

    Every consecutive pair of instances counts, loops on one activity included. Nothing is left out for being rare.

    Parameters
    ----------
    calendar
        All times are working time on it; None measures calendar time.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    """
    labels = activity_labels(store, engine)
    days, given = log_days(store, calendar, engine)
    processing = dict(run(processing_times(EVENTS, days=days), store, engine, given=given))
    return DirectlyFollowsGraph(
        nodes=_nodes(store, engine, labels, processing),
        edges=_edges(store, engine, labels, calendar),
        has_start_times=bool(processing),
    )


def compute_directly_follows_edges(
    store: LogStore, *, calendar: Calendar | None = None, engine: Engine | None = None
) -> tuple[DirectlyFollowsEdge, ...]:
    """Compute the passages of the directly-follows graph alone, most frequent first; see there."""
    return _edges(store, engine, activity_labels(store, engine), calendar)


def _nodes(
    store: LogStore, engine: Engine | None, labels: dict[int, str], processing: dict[int, float | None]
) -> tuple[DirectlyFollowsNode, ...]:
    ends = {activity: counts for activity, *counts in run(node_ends(VARIANTS), store, engine)}
    counted = run(ACTIVITIES.select("activity", "instances", "cases"), store, engine)
    nodes = (
        DirectlyFollowsNode(
            activity=labels[activity],
            instances=instances,
            cases=cases,
            starts=ends[activity][0],
            ends=ends[activity][1],
            median_processing_seconds=seconds_if_known(processing.get(activity)),
        )
        for activity, instances, cases in counted
    )
    return tuple(sorted(nodes, key=lambda node: (-node.instances, node.activity)))


def _edges(
    store: LogStore, engine: Engine | None, labels: dict[int, str], calendar: Calendar | None
) -> tuple[DirectlyFollowsEdge, ...]:
    days, given = log_days(store, calendar, engine)
    cases = {(source, target): count for source, target, count in run(edge_cases(VARIANTS), store, engine)}
    times = edge_times(EVENTS, days=days, has_all_starts=has_all_starts(store))
    edges = (_edge(row, labels, cases) for row in run(times, store, engine, given=given))
    return tuple(sorted(edges, key=lambda edge: (-edge.count, edge.activity, edge.next_activity)))


def _edge(row: tuple[Any, ...], labels: dict[int, str], cases: dict[tuple[int, int], int]) -> DirectlyFollowsEdge:
    activity, next_activity, count, timed, total_us, median_us, p90_us = row
    return DirectlyFollowsEdge(
        activity=labels[activity],
        next_activity=labels[next_activity],
        count=count,
        cases=cases[activity, next_activity],
        mean_seconds=seconds(total_us / timed) if timed else None,
        median_seconds=seconds_if_known(median_us),
        p90_seconds=seconds_if_known(p90_us),
        total_seconds=seconds(total_us or 0),
    )
