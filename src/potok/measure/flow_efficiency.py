"""Flow efficiency: how much of a case's lead time goes into work that adds value.

The definition: the length of the union of the processing intervals of the declared value-adding activities, divided by
lead time. Which activities add value is declared by people; a log cannot know. Only closed cases count, as the lead
time of an open one is not over.

Where an instance of a declared activity lacks its start or its completion, nobody can tell, and the share is given as
bounds: below, that instance took no time at all; above, it took all the time from its enablement (else the opening of
the case) to its completion (else the closing).
"""

from collections.abc import Collection
from dataclasses import dataclass

import ibis

from potok.core.calendars import Calendar
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.counts import case_counts
from potok.measure.enablement import Enablement, compute_time_knowledge, enabled_instances
from potok.measure.evidence import find_code
from potok.measure.intervals import union_lengths
from potok.measure.ledger import earlier, later
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import activity_labels, run, seconds, seconds_if_known
from potok.measure.working_time import case_days, open_until


@dataclass(frozen=True, slots=True)
class FlowEfficiency:
    """Share of lead time in which value is added, over closed cases.

    Parameters
    ----------
    activities
        Those declared to add value, sorted.
    enablement
        Where the instants come from at which work may have begun, for the upper bound.
    closed_cases, open_cases
        Those counted, and those left out.
    instances, unknown_instances
        Of the declared activities in closed cases; those of them whose interval is not known.
    cannot_tell
        Whether an interval is unknown, so that only the bounds hold.
    share
        Value-adding time of all cases divided by their lead time, 0–1; None if it cannot be told or there is no lead
        time.
    lower_share, upper_share
        Bounds of the share; equal to it where it can be told. None without lead time.
    median_case_share
        Median over cases with a lead time above zero; None where the share is.
    value_seconds, lead_seconds
        Known value-adding time and lead time of all closed cases.
    instant_cases
        Closed cases whose lead time is zero; they have no share of their own.
    """

    activities: tuple[str, ...]
    enablement: Enablement
    closed_cases: int
    open_cases: int
    instances: int
    unknown_instances: int
    cannot_tell: bool
    share: float | None
    lower_share: float | None
    upper_share: float | None
    median_case_share: float | None
    value_seconds: float
    lead_seconds: float
    instant_cases: int


@dataclass(frozen=True, slots=True)
class CaseFlow:
    """The flow efficiency of one closed case.

    Parameters
    ----------
    case, case_id
        Code in the store, and the stored id.
    value_seconds, upper_value_seconds
        Value-adding time: what is known, and the most that is possible.
    lead_seconds
        Opening to closing.
    """

    case: int
    case_id: str
    value_seconds: float
    upper_value_seconds: float
    lead_seconds: float


def value_intervals(
    events: ibis.Table, cases: ibis.Table, *, codes: Collection[int], enablement: Enablement
) -> ibis.Table:
    """Return one row per instance of the declared activities in closed cases, cut to the case.

    Returns
    -------
    ibis.Table
        `case`, `source_row`, `is_known`, `from_us`, `to_us` (the interval if known, else the longest possible).
    """
    held = enabled_instances(events, enablement=enablement)
    declared = held.filter(held.activity.isin(sorted(codes)))
    bounds = cases.filter(cases.closed_us.notnull()).select("case", "opened_us", "closed_us")
    timed = declared.inner_join(bounds, "case")
    is_known = (timed.started_us <= timed.completed_us).fill_null(False)
    begins = ibis.ifelse(is_known, timed.started_us, ibis.coalesce(timed.enabled_us, timed.opened_us))
    ends = ibis.coalesce(timed.completed_us, timed.closed_us)
    cut = timed.select(
        "case",
        "source_row",
        is_known=is_known,
        from_us=later(begins, timed.opened_us),
        to_us=earlier(ends, timed.closed_us),
    )
    return cut.mutate(to_us=later(cut.to_us, cut.from_us))


def case_flows(cases: ibis.Table, intervals: ibis.Table, *, days: ibis.Table | None = None) -> ibis.Table:
    """Return one row per closed case: `case`, `case_id`, `lead_us`, `lower_us`, `upper_us`, `instances`, `unknown`.

    Parameters
    ----------
    intervals
        As `value_intervals` returns them.
    days
        Days of a calendar: all is then working time.
    """
    closed = cases.filter(cases.closed_us.notnull())
    if days is not None:
        # Time open up to an instant never falls, so that unions keep their order and their working time.
        offered = open_until(intervals, ("from_us", "to_us"), days)
        intervals = offered.mutate(from_us=offered.from_open, to_us=offered.to_open)
        bounds = open_until(closed, ("opened_us", "closed_us"), days)
        closed = bounds.mutate(opened_us=bounds.opened_open, closed_us=bounds.closed_open)
    known = union_lengths(intervals.filter(intervals.is_known)).rename(lower_us="union_us")
    possible = union_lengths(intervals).rename(upper_us="union_us")
    counts = intervals.group_by("case").aggregate(
        instances=intervals.count().cast("int64"), unknown=(~intervals.is_known).sum().cast("int64")
    )
    joined = closed.left_join(known, "case").drop("case_right").left_join(possible, "case").drop("case_right")
    joined = joined.left_join(counts, "case")
    return joined.select(
        "case",
        "case_id",
        lead_us=not_negative(joined.closed_us - joined.opened_us),
        lower_us=joined.lower_us.fill_null(0),
        upper_us=joined.upper_us.fill_null(0),
        instances=joined.instances.fill_null(0),
        unknown=joined.unknown.fill_null(0),
    )


def flow_totals(flows: ibis.Table) -> ibis.Table:
    """Return one row from `case_flows`: counts, exact sums, and the median share of cases that last."""
    share = flows.lower_us.cast("float64") / flows.lead_us.cast("float64")
    return flows.aggregate(
        cases=flows.count().cast("int64"),
        instances=flows.instances.sum().fill_null(0).cast("int64"),
        unknown=flows.unknown.sum().fill_null(0).cast("int64"),
        instant=(flows.lead_us == 0).sum().fill_null(0).cast("int64"),
        lead_us=exact_sum(flows.lead_us),
        lower_us=exact_sum(flows.lower_us),
        upper_us=exact_sum(flows.upper_us),
        median_share=ibis.ifelse(flows.lead_us > 0, share, ibis.null("float64")).quantile(0.5).cast("float64"),
    )


def compute_flow_efficiency(
    store: LogStore,
    *,
    activities: Collection[str],
    enablement: Enablement | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> FlowEfficiency:
    """Compute the share of lead time in which the declared activities add value.

    Parameters
    ----------
    activities
        Labels of the activities declared to add value.
    enablement
        For the upper bound where starts are missing; None takes the given one if the log has any.
    calendar
        Value-adding and lead time are working time on it; None measures calendar time.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    UnknownPlaceError
        If the log does not have one of the activities.
    ValueError
        If no activity is declared, or `enablement` is not one of the allowed.
    """
    chosen = compute_time_knowledge(store, engine=engine).choose(enablement)
    days, given = case_days(store, calendar, engine)
    flows = _flows(store, activities, chosen, engine, days=days)
    ((_all_cases, open_cases),) = run(case_counts(CASES), store, engine)
    ((closed, instances, unknown, instant, lead_us, lower_us, upper_us, median),) = run(
        flow_totals(flows), store, engine, given=given
    )
    lower, upper = (float(value / lead_us) if lead_us else None for value in (lower_us, upper_us))
    cannot_tell = unknown > 0
    return FlowEfficiency(
        activities=tuple(sorted(set(activities))),
        enablement=chosen,
        closed_cases=closed,
        open_cases=open_cases,
        instances=instances,
        unknown_instances=unknown,
        cannot_tell=cannot_tell,
        share=None if cannot_tell else lower,
        lower_share=lower,
        upper_share=upper,
        median_case_share=None if cannot_tell else median,
        value_seconds=seconds_if_known(lower_us) or 0.0,
        lead_seconds=seconds_if_known(lead_us) or 0.0,
        instant_cases=instant,
    )


def list_flow_cases(
    store: LogStore,
    *,
    activities: Collection[str],
    enablement: Enablement | None = None,
    calendar: Calendar | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseFlow, ...]:
    """List the closed cases with their value-adding and lead time, those with most time beside the value first.

    Raises
    ------
    UnknownPlaceError, ValueError
        As `compute_flow_efficiency`.
    """
    chosen = compute_time_knowledge(store, engine=engine).choose(enablement)
    days, given = case_days(store, calendar, engine)
    flows = _flows(store, activities, chosen, engine, days=days).drop("instances", "unknown")
    if limit is not None:
        flows = flows.order_by((flows.lead_us - flows.lower_us).desc(), flows.case).limit(limit)
    found = [
        CaseFlow(case, case_id, seconds(lower_us), seconds(upper_us), seconds(lead_us))
        for case, case_id, lead_us, lower_us, upper_us in run(flows, store, engine, given=given)
    ]
    return tuple(sorted(found, key=lambda flow: (flow.value_seconds - flow.lead_seconds, flow.case)))


def _flows(
    store: LogStore,
    activities: Collection[str],
    enablement: Enablement,
    engine: Engine | None,
    *,
    days: ibis.Table | None,
) -> ibis.Table:
    if not activities:
        raise ValueError("activities must name at least one activity that adds value")
    labels = activity_labels(store, engine)
    codes = {find_code(labels, activity) for activity in activities}
    return case_flows(CASES, value_intervals(EVENTS, CASES, codes=codes, enablement=enablement), days=days)
