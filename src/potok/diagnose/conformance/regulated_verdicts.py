"""What is asked of the engine about the rules of a regulation: one row per case that a rule judges.

All return `potok.diagnose.conformance.verdicts.COLUMNS`. The time concerned is

- of an order rule: from the step done too early to the first one that ought to have come before it;
- of a limit and a forbidden step: from the completion of the instance before it to that of the instance too many;
- of requests: from a request too many to its reply or to the next request, whichever comes first.
"""

from collections.abc import Sequence

import ibis

from potok.measure.deadlines.analyses import happened
from potok.measure.passages import not_negative


def order_verdicts(events: ibis.Table, *, before: int, after: int) -> ibis.Table:
    """Judge cases that have both activities: the first instance of `before` must come before the first of `after`."""
    concerned = events.filter(events.activity.isin([before, after]))
    at_us, nothing = happened(concerned), ibis.null("int64")
    firsts = concerned.group_by("case").aggregate(
        before_us=ibis.ifelse(concerned.activity == before, at_us, nothing).min().cast("int64"),
        after_us=ibis.ifelse(concerned.activity == after, at_us, nothing).min().cast("int64"),
    )
    both = firsts.filter(firsts.before_us.notnull(), firsts.after_us.notnull())
    is_broken = both.after_us < both.before_us
    return both.select(
        "case",
        activations=ibis.literal(1).cast("int64"),
        violations=is_broken.cast("int64"),
        undecided=(both.after_us == both.before_us).cast("int64"),
        pending=ibis.literal(0).cast("int64"),
        concerned_us=ibis.ifelse(is_broken, both.before_us - both.after_us, nothing).cast("int64"),
    )


def mandatory_verdicts(events: ibis.Table, cases: ibis.Table, *, activity: int) -> ibis.Table:
    """Judge the given cases: a closed one must have the activity, an open one may still get it."""
    done = events.filter(events.activity == activity).select("case").distinct().mutate(is_done=ibis.literal(True))
    joined = cases.select("case", is_open=cases.closed_us.isnull()).left_join(done, "case")
    lacks = joined.is_done.isnull()
    return joined.select(
        "case",
        activations=ibis.literal(1).cast("int64"),
        violations=(lacks & ~joined.is_open).cast("int64"),
        undecided=ibis.literal(0).cast("int64"),
        pending=(lacks & joined.is_open).cast("int64"),
        concerned_us=ibis.null("int64").cast("int64"),
    )


def excess_verdicts(events: ibis.Table, *, activity: int, at_most: int) -> ibis.Table:
    """Judge cases that have the activity: it may happen so many times."""
    # A row knows what follows it, so each instance after the first of its case is seen from the one before.
    arrived = events.filter(events.next_activity == activity).select(
        "case",
        position=(events.position + 1).cast("int32"),
        spent_us=not_negative(events.next_completed_us - happened(events)).cast("int64"),
    )
    opening = events.filter(events.position == 0, events.activity == activity).select(
        "case", "position", spent_us=ibis.null("int64").cast("int64")
    )
    instances = arrived.union(opening)
    order = ibis.window(group_by="case", order_by="position")
    numbered = instances.mutate(number=ibis.row_number().over(order).cast("int64"))
    is_excess = numbered.number >= at_most
    return _completed(
        numbered.group_by("case").aggregate(
            activations=numbered.count().cast("int64"),
            violations=is_excess.cast("int64").sum().cast("int64"),
            concerned_us=ibis.ifelse(is_excess, numbered.spent_us, ibis.null("int64")).sum().cast("int64"),
        )
    )


def request_verdicts(
    events: ibis.Table,
    *,
    requests: Sequence[int],
    replies: Sequence[int],
    at_most: int,
    asked: ibis.Table | None = None,
) -> ibis.Table:
    """Judge cases that have requests: there may be so many.

    Parameters
    ----------
    requests, replies
        Codes of activities.
    asked
        Only these instances (`case`, `position`) are requests; None: all of the activities are.
    """
    concerned = events.filter(events.activity.isin([*requests, *replies]))
    marked = concerned.select(
        "case", "position", at_us=happened(concerned).cast("int64"), is_request=concerned.activity.isin(list(requests))
    )
    if asked is not None:
        held = asked.select("case", "position", is_asked=ibis.literal(True))
        joined = marked.left_join(held, ["case", "position"])
        # A request for something else still ends the wait for the one before it.
        marked = joined.select(*marked.columns, is_counted=joined.is_request & joined.is_asked.fill_null(False))
    else:
        marked = marked.mutate(is_counted=marked.is_request)
    order = ibis.window(group_by="case", order_by="position")
    seen = marked.mutate(
        ends_us=marked.at_us.lead().over(order),
        number=marked.is_counted.cast("int64").sum().over(ibis.cumulative_window(group_by="case", order_by="position")),
    )
    counted = seen.filter(seen.is_counted)
    is_excess = counted.number > at_most
    # Without known replies only the next request would end the wait, which says nothing of the applicant's part.
    waited = counted.ends_us - counted.at_us if replies else ibis.null("int64")
    return _completed(
        counted.group_by("case").aggregate(
            activations=counted.count().cast("int64"),
            violations=is_excess.cast("int64").sum().cast("int64"),
            concerned_us=ibis.ifelse(is_excess, waited, ibis.null("int64")).sum().cast("int64"),
        )
    )


def performer_verdicts(
    events: ibis.Table, *, activity: int, org_units: Sequence[int], resources: Sequence[int]
) -> ibis.Table:
    """Judge cases that have the activity: only these units or resources may do it.

    An instance is undecided if it is not known who did it, as far as that could have made it allowed.
    """
    done = events.filter(events.activity == activity)
    by_unit = done.org_unit.isin(list(org_units)).fill_null(False) if org_units else ibis.literal(False)
    by_resource = done.resource.isin(list(resources)).fill_null(False) if resources else ibis.literal(False)
    is_unknown = ibis.literal(False)
    if org_units:
        is_unknown |= done.org_unit.isnull()
    if resources:
        is_unknown |= done.resource.isnull()
    is_wrong = ~(by_unit | by_resource)
    marked = done.select("case", is_broken=is_wrong & ~is_unknown, is_undecided=is_wrong & is_unknown)
    judged = marked.group_by("case").aggregate(
        activations=marked.count().cast("int64"),
        violations=marked.is_broken.cast("int64").sum().cast("int64"),
        undecided=marked.is_undecided.cast("int64").sum().cast("int64"),
    )
    return judged.select(
        "case",
        "activations",
        "violations",
        "undecided",
        pending=ibis.literal(0).cast("int64"),
        concerned_us=ibis.null("int64").cast("int64"),
    )


def _completed(judged: ibis.Table) -> ibis.Table:
    """Return verdicts of a rule that no order of instants and no open case leaves in doubt."""
    nothing = ibis.literal(0).cast("int64")
    return judged.select("case", "activations", "violations", "concerned_us", undecided=nothing, pending=nothing)
