"""Templates that judge a case as a whole: how often something happens, and how a case begins and ends."""

import ibis

from potok.diagnose.conformance.rules import Rule, Template
from potok.measure.deadlines.analyses import happened


def whole_case_verdicts(
    marked: ibis.Table,
    events: ibis.Table,
    cases: ibis.Table,
    rule: Rule,
    *,
    within_us: int | None,
    extracted_us: int,
) -> ibis.Table:
    """Return one row per case to which the rule applies: `potok.diagnose.conformance.verdicts.COLUMNS`.

    Parameters
    ----------
    marked
        As `potok.diagnose.conformance.marks.marked_instances` returns them.
    within_us
        Only what happens within it from the opening of the case counts; None: all does.
    """
    counted = _counted(marked, cases, within_us)
    counted = _with_ends(counted, events) if rule.template in (Template.INIT, Template.END) else counted
    broken, pending, undecided = _states(counted, rule, within_us, extracted_us)
    return counted.select(
        "case",
        activations=ibis.literal(1).cast("int64"),
        violations=(broken & ~pending & ~undecided).cast("int64"),
        undecided=(broken & ~pending & undecided).cast("int64"),
        pending=(broken & pending).cast("int64"),
        concerned_us=ibis.null("int64").cast("int64"),
    )


def _counted(marked: ibis.Table, cases: ibis.Table, within_us: int | None) -> ibis.Table:
    """Return one row per case: how often activities and targets happen, and where and when the activities do."""
    timely = marked if within_us is None else marked.filter(marked.at_us - marked.opened_us <= within_us)
    own_position = ibis.ifelse(timely.is_activity, timely.position, ibis.null("int32"))
    own_us = ibis.ifelse(timely.is_activity, timely.at_us, ibis.null("int64"))
    held = timely.group_by("case").aggregate(
        activity_times=timely.is_activity.cast("int64").sum().cast("int64"),
        target_times=timely.is_target.cast("int64").sum().cast("int64"),
        first_position=own_position.min().cast("int32"),
        last_position=own_position.max().cast("int32"),
        first_own_us=own_us.min().cast("int64"),
        last_own_us=own_us.max().cast("int64"),
    )
    joined = cases.select("case", "opened_us", "n_events", is_open=cases.closed_us.isnull()).left_join(held, "case")
    return joined.select(
        "case",
        "opened_us",
        "n_events",
        "is_open",
        "first_position",
        "last_position",
        "first_own_us",
        "last_own_us",
        activity_times=joined.activity_times.fill_null(0),
        target_times=joined.target_times.fill_null(0),
    )


def _with_ends(counted: ibis.Table, events: ibis.Table) -> ibis.Table:
    first = events.filter(events.position == 0)
    last = events.filter(events.next_activity.isnull())
    starts = first.select("case", begins_us=happened(first).cast("int64"))
    ends = last.select("case", ends_us=happened(last).cast("int64"))
    begun = counted.left_join(starts, "case").select(*counted.columns, "begins_us")
    return begun.left_join(ends, "case").select(*begun.columns, "ends_us")


def _states(
    counted: ibis.Table, rule: Rule, within_us: int | None, extracted_us: int
) -> tuple[ibis.Value, ibis.Value, ibis.Value]:
    """Return whether the rule is broken so far, whether the case may still mend it, and whether a tie leaves it open.

    Only the first decides where the others do not hold.
    """
    times, others, no = counted.activity_times, counted.target_times, ibis.literal(False)
    may_come = counted.is_open
    if within_us is not None:
        may_come &= counted.opened_us + within_us >= extracted_us
    match rule.template:
        case Template.EXISTENCE:
            return times < rule.times, may_come, no
        case Template.ABSENCE:
            return times >= rule.times, no, no
        case Template.EXACTLY:
            return times != rule.times, may_come & (times < rule.times), no
        case Template.INIT:
            broken = (counted.first_position != 0).fill_null(True)
            return broken, no, (counted.first_own_us == counted.begins_us).fill_null(False)
        case Template.END:
            broken = (counted.last_position != counted.n_events - 1).fill_null(True)
            return broken, counted.is_open, (counted.last_own_us == counted.ends_us).fill_null(False)
        case Template.CHOICE:
            return (times + others) == 0, may_come, no
        case _:
            is_none = (times + others) == 0
            return is_none | ((times > 0) & (others > 0)), may_come & is_none, no
