"""The lead time of closed cases cut at their steps, so that the parts add up to the whole exactly.

Within a case the instances are taken in the order of their starts. What lies between the moment reached so far and an
instance's start is *waiting* before that instance; what it adds beyond that moment, up to its completion, is *work* on
it; work side by side counts once, for the instance that began first. Where the log does not tell when the work of an
instance began, all the time up to its completion is *undivided*: waiting and work together. What is left between the
last completion and the closing lies after the last step.
"""

from typing import Final

import ibis

from potok.measure.ledger import earlier, later
from potok.measure.passages import exact_sum, not_negative
from potok.measure.running import built_once
from potok.measure.working_time import open_until

STEPS: Final = ibis.table({"activity": "int32", "step": "int32"}, name="value_stream_steps")
"""Which activity belongs to which step: a small table that is given beside the store."""

QUANTITIES: Final = ("wait_us", "work_us", "undivided_us")


def instance_parts(
    events: ibis.Table, cases: ibis.Table, *, days: ibis.Table | None = None, is_divided: bool = True
) -> ibis.Table:
    """Return one row per instance of a closed case, with the part of the lead time that falls to it.

    Parameters
    ----------
    days
        Days of a calendar: all is then working time.
    is_divided
        Whether the log tells work from waiting anywhere; without, all parts are undivided.

    Returns
    -------
    ibis.Table
        `case`, `activity`, `wait_us`, `work_us`, `undivided_us`; what lies outside the case is cut off. Instances that
        neither started nor were completed are left out.
    """
    held = _bounded_instances(events, cases, is_divided=is_divided)
    if days is not None:
        # Time open up to an instant never falls, so that the order stays and unions keep their working time.
        timed = open_until(held, ("from_us", "to_us", "opened_us"), days)
        held = timed.mutate(from_us=timed.from_open, to_us=timed.to_open, opened_us=timed.opened_open)
    before = ibis.window(group_by=held.case, order_by=[held.from_us, held.to_us, held.source_row], preceding=(None, 1))
    reached = held.mutate(reached_us=held.to_us.max().over(before))
    reached = reached.mutate(reached_us=reached.reached_us.fill_null(reached.opened_us))
    gap_us = not_negative(reached.from_us - reached.reached_us)
    return reached.select(
        "case",
        "activity",
        wait_us=ibis.ifelse(reached.is_begun, gap_us, 0),
        work_us=not_negative(reached.to_us - later(reached.from_us, reached.reached_us)),
        undivided_us=ibis.ifelse(reached.is_begun, 0, gap_us),
    )


def _bounded_instances(events: ibis.Table, cases: ibis.Table, *, is_divided: bool) -> ibis.Table:
    """Return `case`, `source_row`, `activity`, `is_begun`, `from_us`, `to_us`, `opened_us`, cut to the case."""
    bounds = cases.filter(cases.closed_us.notnull()).select("case", "opened_us", "closed_us")
    held = events.select("case", "source_row", "activity", "started_us", "completed_us").inner_join(bounds, "case")
    is_begun = (held.started_us <= ibis.coalesce(held.completed_us, held.started_us)).fill_null(False)
    is_begun = is_begun & ibis.literal(is_divided)
    ends = ibis.coalesce(held.completed_us, held.started_us)
    placed = held.select(
        "case",
        "source_row",
        "activity",
        "opened_us",
        is_begun=is_begun,
        from_us=earlier(later(ibis.ifelse(is_begun, held.started_us, ends), held.opened_us), held.closed_us),
        to_us=earlier(later(ends, held.opened_us), held.closed_us),
    )
    return placed.filter(placed.to_us.notnull())


def case_steps(parts: ibis.Table, steps: ibis.Table) -> ibis.Table:
    """Return one row per closed case and step: `case`, `step`, `is_repeated`, and the sums of `QUANTITIES`.

    Parameters
    ----------
    parts
        As `instance_parts` returns them.
    steps
        As `STEPS`; activities that it does not name are left out.
    """
    by_activity = parts.group_by("case", "activity").aggregate(
        visits=parts.count().cast("int64"), **{name: parts[name].sum().cast("int64") for name in QUANTITIES}
    )
    named = by_activity.inner_join(steps, "activity")
    return named.group_by("case", "step").aggregate(
        is_repeated=(named.visits.max() > 1), **{name: named[name].sum().cast("int64") for name in QUANTITIES}
    )


@built_once
def step_figures(
    events: ibis.Table,
    cases: ibis.Table,
    steps: ibis.Table,
    *,
    days: ibis.Table | None = None,
    is_divided: bool = True,
) -> ibis.Table:
    """Return one row per step that a closed case has passed.

    Returns
    -------
    ibis.Table
        `step`, `cases` (that passed it), `repeated_cases` (in which an activity of it was done twice), the exact
        sums of `QUANTITIES`, and `min_us`, `median_us`, `max_us` of all three together per passing case.
    """
    found = case_steps(instance_parts(events, cases, days=days, is_divided=is_divided), steps)
    found = found.mutate(all_us=found.wait_us + found.work_us + found.undivided_us)
    return found.group_by("step").aggregate(
        cases=found.count().cast("int64"),
        repeated_cases=found.is_repeated.cast("int64").sum().cast("int64"),
        **{name: exact_sum(found[name]) for name in QUANTITIES},
        min_us=found.all_us.min(),
        median_us=found.all_us.quantile(0.5).cast("float64"),
        max_us=found.all_us.max(),
    )


def value_figures(
    events: ibis.Table, cases: ibis.Table, steps: ibis.Table, *, codes: tuple[int, ...], days: ibis.Table | None = None
) -> ibis.Table:
    """Return one row per step with declared instances: `step`, `value_us`, which add up to the union of their work.

    Parameters
    ----------
    codes
        Activities declared to add value.
    """
    declared = events.filter(events.activity.isin(codes))
    parts = instance_parts(declared, cases, days=days).inner_join(steps, "activity")
    return parts.group_by("step").aggregate(value_us=exact_sum(parts.work_us))


@built_once
def step_performers(events: ibis.Table, steps: ibis.Table) -> ibis.Table:
    """Return one row per step: `step`, `people` (distinct resources, 0 if none is known)."""
    pairs = events.select("activity", "resource").distinct().inner_join(steps, "activity")
    return pairs.group_by("step").aggregate(people=pairs.resource.nunique().cast("int64"))


@built_once
def step_units(events: ibis.Table, steps: ibis.Table) -> ibis.Table:
    """Return one row per step and organisational unit: `step`, `org_unit`, `instances`; none where it is unknown."""
    known = events.filter(events.org_unit.notnull())
    counted = known.group_by("activity", "org_unit").aggregate(instances=known.count().cast("int64"))
    named = counted.inner_join(steps, "activity")
    return named.group_by("step", "org_unit").aggregate(instances=named.instances.sum().cast("int64"))


@built_once
def standing_cases(events: ibis.Table, cases: ibis.Table) -> ibis.Table:
    """Return where open cases stand: `activity` (the last in the log's order), `cases`, `unfinished`.

    `unfinished` are those of them whose last instance is not completed: they are being worked on, not waiting.
    """
    still_open = cases.filter(cases.closed_us.isnull()).select("case")
    last = events.filter(events.next_activity.isnull()).semi_join(still_open, "case")
    return last.group_by("activity").aggregate(
        cases=last.count().cast("int64"),
        unfinished=last.completed_us.isnull().cast("int64").sum().cast("int64"),
    )


@built_once
def activity_shares(events: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `lead_us`, about how much time passes until it is done.

    From the completion of the instance before it in the case to its own; close enough to choose by.
    """
    pairs = events.filter(events.next_activity.notnull())
    passed = not_negative(ibis.coalesce(pairs.next_completed_us, pairs.next_started_us) - pairs.completed_us)
    timed = pairs.select(activity=pairs.next_activity, passed_us=passed)
    return timed.group_by("activity").aggregate(lead_us=exact_sum(timed.passed_us))


@built_once
def boundary_steps(events: ibis.Table, steps: ibis.Table, *, limit: int) -> ibis.Table:
    """Return one row per boundary of two units and the step that comes after it, those with most time first.

    Returns
    -------
    ibis.Table
        `org_unit`, `next_org_unit`, `step`, `passed_us` (from the end of one instance to the beginning of the next, or
        to its end where no start is known); at most `limit` rows.
    """
    pairs = events.filter((events.org_unit != events.next_org_unit).fill_null(False), events.next_activity.notnull())
    arrived_us = ibis.coalesce(pairs.next_started_us, pairs.next_completed_us)
    passed = pairs.select(
        "org_unit",
        "next_org_unit",
        activity=pairs.next_activity,
        passed_us=not_negative(arrived_us - pairs.completed_us),
    )
    named = passed.inner_join(steps, "activity")
    found = named.group_by("org_unit", "next_org_unit", "step").aggregate(passed_us=exact_sum(named.passed_us))
    return found.order_by(found.passed_us.desc(), found.org_unit, found.next_org_unit, found.step).limit(limit)


@built_once
def demand(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row: `arrivals` (cases opened before the extraction) and `first_us` (the first opening)."""
    known = cases.filter(cases.opened_us <= extracted_us)
    return known.aggregate(arrivals=known.count().cast("int64"), first_us=known.opened_us.min())
