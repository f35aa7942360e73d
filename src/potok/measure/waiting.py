"""How long each case waited: the time in which it could have been worked on and was not.

The wait of a case is the length of the union of its instances' waits, so that no instant counts twice. With the
completion of the instance before standing for the enablement (``previous``), the waits of a case never overlap, as
instances are ordered by completion, and the union is their sum. With enablements given by the log they may.

A log without start times does not know when a wait ended; with ``previous`` it runs to the completion and holds the
processing, with ``given`` it is unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis

from potok.core.calendars import Calendar
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.activity_times import TimeSummary, summarise
from potok.measure.case_durations import BIN_BOUNDS_SECONDS
from potok.measure.enablement import Enablement, TimeKnowledge, compute_time_knowledge, enabled_instances
from potok.measure.evidence import CaseEvidence, gap_evidence, read_evidence
from potok.measure.intervals import uncovered_parts
from potok.measure.ledger import earlier
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import MICROSECONDS, built_once, run
from potok.measure.working_time import log_days, open_until


@dataclass(frozen=True, slots=True)
class CaseWaiting:
    """How long cases waited.

    Parameters
    ----------
    enablement
        Where the instants come from since which instances wait.
    has_start_times
        Whether any instance has a start.
    reasons
        What keeps times from being known: keys of `potok.measure.enablement.REASONS`.
    cases
        All cases, open ones with what they have waited between their instances so far.
    partly_known_cases
        Cases with a known and an unknown wait; they count with what is known, which is too little.
    waiting
        Per case; known in all cases but those all of whose waits are unknown. A case of a single instance that waited
        for nothing counts as zero.
    """

    enablement: Enablement
    has_start_times: bool
    reasons: tuple[str, ...]
    cases: int
    partly_known_cases: int
    waiting: TimeSummary


@dataclass(frozen=True, slots=True)
class WaitingBin:
    """Cases that waited ``[from_seconds, to_seconds)``."""

    from_seconds: float
    to_seconds: float
    cases: int


def instance_waits(
    events: ibis.Table, *, enablement: Enablement, days: ibis.Table | None = None, is_well_started: bool = False
) -> ibis.Table:
    """Return one row per instance: what its case waited in one wait, and in no wait before it.

    With ``previous`` it is the wait after the instance (so that the last of a case has none), with ``given`` the one
    before it.

    Parameters
    ----------
    days
        Days of a calendar: waits are then working time.
    is_well_started
        Whether every instance is known to have a start and none a completion before it: fewer columns are read then.

    Returns
    -------
    ibis.Table
        `case`, `position` and `source_row` (of the instance before the wait), `wait_us` (null if unknown or none).
    """
    if enablement == "previous":
        arrived_us = events.next_started_us if is_well_started else _arrival(events)
        if days is None:
            wait_us = not_negative(arrived_us - events.completed_us)
            return events.select("case", "position", "source_row", wait_us=wait_us)
        ends = events.select("case", "position", "source_row", "completed_us", arrived_us=arrived_us)
        timed = open_until(ends, ("completed_us", "arrived_us"), days)
        wait_us = not_negative(timed.arrived_open - timed.completed_open)
        return timed.select("case", "position", "source_row", wait_us=wait_us)
    held = enabled_instances(events, enablement="given")
    # Unknown ones reach nowhere, so that they cover nothing of the others.
    ordered = held.select(
        "case",
        "position",
        "source_row",
        from_us=ibis.coalesce(held.enabled_us, held.started_us, held.completed_us),
        to_us=ibis.ifelse(held.enabled_us.isnull(), ibis.null("int64"), held.started_us),
    )
    if days is not None:
        # Time open up to an instant never falls, so that a union keeps its order and its working time.
        timed = open_until(ordered, ("from_us", "to_us"), days)
        ordered = timed.select("case", "position", "source_row", from_us=timed.from_open, to_us=timed.to_open)
    parts = uncovered_parts(ordered)
    return parts.select("case", "position", "source_row", wait_us=parts.part_us)


def _arrival(events: ibis.Table) -> ibis.Value:
    """Return the start or the completion of the following instance, whichever is earlier."""
    return earlier(
        ibis.coalesce(events.next_started_us, events.next_completed_us),
        ibis.coalesce(events.next_completed_us, events.next_started_us),
    )


def case_waits(waits: ibis.Table, *, enablement: Enablement, is_all_known: bool = False) -> ibis.Table:
    """Return one row per case: `case`, `wait_us` (null if all its waits are unknown), `is_partly_known`.

    Parameters
    ----------
    waits
        As `instance_waits` returns for the same enablement.
    is_all_known
        Whether no wait is unknown: nothing has to be counted then.
    """
    if is_all_known:
        summed = waits.group_by("case").aggregate(wait_us=waits.wait_us.sum().cast("int64"))
        return summed.select("case", wait_us=summed.wait_us.fill_null(0), is_partly_known=ibis.literal(False))
    rows_without_wait = 1 if enablement == "previous" else 0
    by_case = waits.group_by("case").aggregate(
        known_us=waits.wait_us.sum().cast("int64"),
        unknown=(waits.count() - waits.wait_us.count() - rows_without_wait).cast("int64"),
    )
    has_unknown = by_case.unknown > 0
    return by_case.select(
        "case",
        wait_us=ibis.ifelse(has_unknown, by_case.known_us, by_case.known_us.fill_null(0)),
        is_partly_known=by_case.known_us.notnull() & has_unknown,
    )


def waiting_statistics(waited: ibis.Table) -> ibis.Table:
    """Return one row from `case_waits`: `cases`, `partly_known`, `known`, `min_us`, … `total_us`."""
    figures = waited.aggregate(
        cases=waited.count().cast("int64"),
        partly_known=waited.is_partly_known.sum().fill_null(0).cast("int64"),
        known=waited.wait_us.count().cast("int64"),
        min_us=waited.wait_us.min(),
        quantiles_us=waited.wait_us.quantile([0.5, 0.9]),
        max_us=waited.wait_us.max(),
        total_us=exact_sum(waited.wait_us),
    )
    return figures.select(
        "cases",
        "partly_known",
        "known",
        "min_us",
        median_us=figures.quantiles_us[0].cast("float64"),
        p90_us=figures.quantiles_us[1].cast("float64"),
        max_us="max_us",
        total_us="total_us",
    )


def waiting_bins(waited: ibis.Table) -> ibis.Table:
    """Return one row per non-empty bin of `BIN_BOUNDS_SECONDS`: `bin`, `cases`."""
    known = waited.filter(waited.wait_us.notnull())
    passed = [(known.wait_us >= bound * MICROSECONDS).cast("int64") for bound in BIN_BOUNDS_SECONDS[1:-1]]
    placed = known.select(bin=sum(passed[1:], start=passed[0]))
    return placed.group_by("bin").aggregate(cases=placed.count().cast("int64"))


def compute_case_waiting(
    store: LogStore,
    *,
    enablement: Enablement | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> CaseWaiting:
    """Compute how long cases waited.

    Parameters
    ----------
    enablement
        ``"given"`` or ``"previous"``; None takes the given one if the log has any.
    calendar
        Waits are working time on it; None measures calendar time.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    ValueError
        If `enablement` is not one of the allowed.
    """
    knowledge = compute_time_knowledge(store, engine=engine)
    chosen = knowledge.choose(enablement)
    days, given = log_days(store, calendar, engine)
    figures_of = _waiting_figures(
        EVENTS,
        enablement=chosen,
        days=days,
        is_well_started=knowledge.is_well_started,
        is_completed=knowledge.completed == knowledge.instances,
    )
    (figures,) = run(figures_of, store, engine, given=given)
    return make_case_waiting(figures, knowledge, enablement=chosen)


def make_case_waiting(figures: Sequence[Any], knowledge: TimeKnowledge, *, enablement: Enablement) -> CaseWaiting:
    """Return what the row of `waiting_statistics` says, in the light of what the log knows."""
    cases, partly_known, *summary = figures
    return CaseWaiting(
        enablement=enablement,
        has_start_times=knowledge.has_start_times,
        reasons=knowledge.reasons(enablement),
        cases=cases,
        partly_known_cases=partly_known,
        waiting=summarise(cases, *summary),
    )


@built_once
def _waiting_figures(
    events: ibis.Table, *, enablement: Enablement, days: ibis.Table | None, is_well_started: bool, is_completed: bool
) -> ibis.Table:
    waits = instance_waits(events, enablement=enablement, days=days, is_well_started=is_well_started)
    is_all_known = enablement == "previous" and is_well_started and is_completed
    return waiting_statistics(case_waits(waits, enablement=enablement, is_all_known=is_all_known))


def compute_waiting_histogram(
    store: LogStore, *, enablement: Enablement | None = None, engine: Engine | None = None
) -> tuple[WaitingBin, ...]:
    """Compute how many cases waited how long, calendar time, in bins of readable bounds, none empty at either end.

    Raises
    ------
    ValueError
        If `enablement` is not one of the allowed.
    """
    chosen = compute_time_knowledge(store, engine=engine).choose(enablement)
    waited = case_waits(instance_waits(EVENTS, enablement=chosen), enablement=chosen)
    counts: dict[Any, Any] = dict(run(waiting_bins(waited), store, engine))
    if not counts:
        return ()
    bounds = list(pairwise(BIN_BOUNDS_SECONDS))
    return tuple(
        WaitingBin(float(bounds[place][0]), float(bounds[place][1]), counts.get(place, 0))
        for place in range(min(counts), max(counts) + 1)
    )


def list_waiting_cases(
    store: LogStore,
    *,
    from_seconds: float = 0,
    to_seconds: float | None = None,
    enablement: Enablement | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases that waited ``[from_seconds, to_seconds)`` of calendar time, those that waited longest first.

    Their source rows are those between which their longest wait lies. Cases without any wait between two instances
    have no such rows and are left out.

    Raises
    ------
    ValueError
        If `enablement` is not one of the allowed.
    """
    chosen = compute_time_knowledge(store, engine=engine).choose(enablement)
    waits = instance_waits(EVENTS, enablement=chosen)
    waited = case_waits(waits, enablement=chosen)
    inside = waited.filter(waited.wait_us >= int(from_seconds * MICROSECONDS))
    if to_seconds is not None:
        inside = inside.filter(inside.wait_us < int(to_seconds * MICROSECONDS))
    known = waits.filter(waits.wait_us.notnull()).semi_join(inside, "case")
    gaps = known.select("case", "position", "source_row", gap_us="wait_us")
    return read_evidence(gap_evidence(EVENTS, CASES, gaps, limit=limit), store, engine)
