"""Runs of approval levels: whether each altered anything, and how long its decision took.

A run *alters* something if at least one of these holds:

- *refused*: it is recorded by an activity of refusal;
- *returned*: the very next instance of the case is a return against the usual order
  (`potok.diagnose.rework.return_positions`);
- *corrected*: the very next instance is an activity of correction;
- *changed*: a watched attribute has another value in it than it last had in the case.

A run is *judged* if it altered something, if anything follows it, or if its case is closed: what an open case will do
next nobody knows. The *latency* of a run goes from the completion of the instance before it, taken for what enabled it,
to its own completion.
"""

from collections.abc import Sequence

import ibis

from potok.diagnose.approvals.levels import level_table
from potok.diagnose.rework.event_attributes import attribute_values
from potok.diagnose.rework.return_positions import again_positions, usual_returns
from potok.measure.passages import exact_sum, not_negative


def changed_instances(attributes: int) -> ibis.Table:
    """Return one row per instance in which a watched attribute changes: `case`, `position`.

    Parameters
    ----------
    attributes
        How many `attribute_values` are watched, at least one.
    """
    parts = []
    for number in range(attributes):
        values = attribute_values(number)
        along = ibis.window(group_by=values.case, order_by=values.position)
        seen = values.mutate(before=values.value.lag().over(along))
        parts.append(seen.filter(seen.value != seen.before).select("case", "position"))
    return ibis.union(*parts).distinct() if len(parts) > 1 else parts[0]


def level_runs(
    events: ibis.Table,
    cases: ibis.Table,
    variants: ibis.Table,
    *,
    corrections: Sequence[int] = (),
    attributes: int = 0,
) -> ibis.Table:
    """Return one row per run of a level.

    Parameters
    ----------
    corrections
        Codes of the activities of correction.
    attributes
        How many attributes are watched; see `changed_instances`.

    Returns
    -------
    ibis.Table
        `case`, `position`, `level`, `before_level` (of the instance right before, null if it is of none or a refusal),
        `is_refused`, `is_returned`, `is_corrected`, `is_changed`, `is_altered`, `is_judged`, `latency_us` (null if
        unknown).
    """
    held = cases.select("case", "variant", is_closed=cases.closed_us.notnull())
    runs = events.inner_join(level_table(), "activity").inner_join(held, "case")
    backs = again_positions(variants)
    backs = backs.filter(backs.is_back).inner_join(usual_returns(variants), ["source", "target"])
    backs = backs.select("variant", position=(backs.position - 1).cast("int32"), was_returned=ibis.literal(True))
    runs = runs.left_join(backs, ["variant", "position"]).drop("variant_right", "position_right")
    runs = runs.left_join(_before(events), ["case", "position"]).drop("case_right", "position_right")
    changed = ibis.literal(False)
    if attributes:
        marked = changed_instances(attributes).mutate(was_changed=ibis.literal(True))
        runs = runs.left_join(marked, ["case", "position"])
        changed = runs.was_changed.notnull()
    is_corrected = runs.next_activity.isin(list(corrections)).fill_null(False) if corrections else ibis.literal(False)
    flagged = runs.select(
        "case",
        "position",
        "level",
        "before_level",
        "is_closed",
        is_refused="is_refusal",
        is_returned=runs.was_returned.notnull(),
        is_corrected=is_corrected,
        is_changed=changed,
        is_followed=runs.next_activity.notnull(),
        latency_us=not_negative(runs.completed_us - runs.before_us),
    )
    altered = flagged.is_refused | flagged.is_returned | flagged.is_corrected | flagged.is_changed
    judged = flagged.mutate(is_altered=altered)
    judged = judged.mutate(is_judged=judged.is_altered | judged.is_followed | judged.is_closed)
    return judged.drop("is_followed", "is_closed")


def run_figures(runs: ibis.Table) -> ibis.Table:
    """Return one row per level.

    Returns
    -------
    ibis.Table
        `level`, `runs`, `refused`, `returned`, `corrected`, `changed`, `altered`, `timed` (with known latency),
        `total_us`, `median_us`, `p90_us`, `cases`, `judged_cases`, `altered_cases`.
    """
    quantiles = runs.latency_us.quantile([0.5, 0.9])
    figures = runs.group_by("level").aggregate(
        runs=runs.count().cast("int64"),
        refused=_count(runs.is_refused),
        returned=_count(runs.is_returned),
        corrected=_count(runs.is_corrected),
        changed=_count(runs.is_changed),
        altered=_count(runs.is_altered),
        timed=runs.latency_us.count().cast("int64"),
        total_us=exact_sum(runs.latency_us),
        quantiles_us=quantiles,
    )
    by_case = runs.group_by("level", "case").aggregate(
        is_altered=_count(runs.is_altered) > 0, is_judged=_count(runs.is_judged) > 0
    )
    counted = by_case.group_by("level").aggregate(
        cases=by_case.count().cast("int64"),
        judged_cases=_count(by_case.is_judged),
        altered_cases=_count(by_case.is_altered),
    )
    joined = figures.inner_join(counted, "level")
    return joined.select(
        "level",
        "runs",
        "refused",
        "returned",
        "corrected",
        "changed",
        "altered",
        "timed",
        "total_us",
        median_us=joined.quantiles_us[0].cast("float64"),
        p90_us=joined.quantiles_us[1].cast("float64"),
        cases=joined.cases,
        judged_cases=joined.judged_cases,
        altered_cases=joined.altered_cases,
    )


def series_figures(runs: ibis.Table) -> ibis.Table:
    """Return one row per level that directly follows another's approval: `before_level`, `level`, and figures.

    Returns
    -------
    ibis.Table
        `before_level`, `level`, `passages`, `cases`, `total_us`, `median_us` (null where no latency is known).
    """
    serial = runs.filter((runs.before_level != runs.level).fill_null(False))
    figures = serial.group_by("before_level", "level").aggregate(
        passages=serial.count().cast("int64"),
        total_us=exact_sum(serial.latency_us),
        median_us=serial.latency_us.quantile(0.5).cast("float64"),
    )
    once = serial.select("before_level", "level", "case").distinct()
    counted = once.group_by("before_level", "level").aggregate(cases=once.count().cast("int64"))
    joined = figures.inner_join(counted, ["before_level", "level"])
    return joined.select("before_level", "level", "passages", "cases", "total_us", "median_us")


def _before(events: ibis.Table) -> ibis.Table:
    """Return one row per instance that follows another: `case`, `position`, `before_us`, `before_level`."""
    granting = level_table()
    granting = granting.filter(~granting.is_refusal).select("activity", before_level="level")
    followed = events.filter(events.next_activity.notnull())
    named = followed.select(
        "case",
        "activity",
        position=(followed.position + 1).cast("int32"),
        before_us="completed_us",
    )
    return named.left_join(granting, "activity").select("case", "position", "before_us", "before_level")


def _count(condition: ibis.Value) -> ibis.Value:
    return ibis.ifelse(condition.fill_null(False), 1, 0).sum().fill_null(0).cast("int64")
