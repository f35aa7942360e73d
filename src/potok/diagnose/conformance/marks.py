"""Instances that a rule is about, and what each of them sees before and after it in its case.

Order is that of the log: by completion, else start, else enablement; then start; then the row of the source. Two
instances at one instant are *tied*: which of them came first nobody knows.
"""

from collections.abc import Sequence

import ibis

from potok.measure.deadlines.analyses import happened

FOLLOWING = {"rows": (1, None)}
PRECEDING = {"rows": (None, -1)}


def marked_instances(
    events: ibis.Table,
    cases: ibis.Table,
    *,
    activities: Sequence[int],
    targets: Sequence[int],
    matches: tuple[ibis.Table | None, ibis.Table | None] = (None, None),
) -> ibis.Table:
    """Return one row per instance of the activities or targets in the given cases.

    Parameters
    ----------
    cases
        Those to which the rule applies.
    activities, targets
        Codes.
    matches
        Instances (`case`, `position`) that fulfil the conditions on activities and on targets; None: all do.

    Returns
    -------
    ibis.Table
        `case`, `position`, `at_us`, `is_activity`, `is_target`, `opened_us`, `is_open`, `n_events`.
    """
    concerned = events.filter(events.activity.isin([*activities, *targets]))
    marked = concerned.select(
        "case",
        "position",
        at_us=happened(concerned).cast("int64"),
        is_activity=concerned.activity.isin(list(activities)) if activities else ibis.literal(False),
        is_target=concerned.activity.isin(list(targets)) if targets else ibis.literal(False),
    )
    for name, matched in zip(("is_activity", "is_target"), matches, strict=True):
        marked = _only_matched(marked, name, matched)
    about = cases.select("case", "opened_us", "n_events", is_open=cases.closed_us.isnull())
    joined = marked.filter(marked.is_activity | marked.is_target).inner_join(about, "case")
    return joined.select(*marked.columns, "opened_us", "is_open", "n_events")


def _only_matched(marked: ibis.Table, name: str, matched: ibis.Table | None) -> ibis.Table:
    if matched is None:
        return marked
    held = matched.select("case", "position", is_matched=ibis.literal(True))
    joined = marked.left_join(held, ["case", "position"])
    kept = {column: joined[column] for column in marked.columns}
    kept[name] = kept[name] & joined.is_matched.fill_null(False)
    return joined.select(**kept)


def seen_around(marked: ibis.Table, *, is_reversed: bool) -> ibis.Table:
    """Return the instances that activate an element of a rule, with what they see of those that answer it.

    Parameters
    ----------
    is_reversed
        Whether targets activate and activities answer, rather than the other way round.

    Returns
    -------
    ibis.Table
        The columns of `marked`; `next_position`, `next_us`, `last_us` (of following answers: the next one, and the
        last), `previous_position`, `previous_us`, `first_us` (of preceding ones: the nearest, and the first),
        `next_own`, `previous_own` (positions of the nearest other activating instances), `is_tied` (an answer happened
        at the same instant). Null where there is none.
    """
    activating, answering = ("is_target", "is_activity") if is_reversed else ("is_activity", "is_target")
    own, answer = marked[activating], marked[answering]
    no_us, no_position = ibis.null("int64"), ibis.null("int32")
    at_us = ibis.ifelse(answer, marked.at_us, no_us)
    position = ibis.ifelse(answer, marked.position, no_position)
    own_position = ibis.ifelse(own, marked.position, no_position)
    after = ibis.window(group_by="case", order_by="position", **FOLLOWING)
    before = ibis.window(group_by="case", order_by="position", **PRECEDING)
    tied = ibis.window(group_by=["case", "at_us"])
    seen = marked.mutate(
        is_own=own,
        next_position=position.min().over(after),
        next_us=at_us.min().over(after),
        last_us=at_us.max().over(after),
        previous_position=position.max().over(before),
        previous_us=at_us.max().over(before),
        first_us=at_us.min().over(before),
        next_own=own_position.min().over(after),
        previous_own=own_position.max().over(before),
        is_tied=answer.cast("int64").sum().over(tied) > answer.cast("int64"),
    )
    return seen.filter(seen.is_own)
