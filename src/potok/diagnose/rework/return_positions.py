"""Where in a sequence of activities a case goes back, told from its variant alone.

An instance is *done again* if its case has held its activity before. Not every such instance is a step back: once a
case has been sent back, it passes once more through what it had passed. With a the activity right before and b that of
the instance,

- the instance is a **repetition** if a and b are the same;
- it is a **return** from a to b if the case began b before it began a;
- else it goes *forward again*, and belongs to the last repetition or return before it, of which there always is one.

The order is that of the case itself, so that cases may differ in theirs. Where a case holds several things of one
kind, such as two declarations, the second one may look like a return of the first; a return is therefore *against the
usual order* only if its target begins before its source in most of the cases that have both.
"""

from typing import Final

import ibis

from potok.measure.running import built_once
from potok.measure.sequences import variant_positions

_KEYS: Final = ("variant", "position")


@built_once
def again_positions(variants: ibis.Table) -> ibis.Table:
    """Return one row per variant and position of an instance that is done again.

    Returns
    -------
    ibis.Table
        `variant`, `position`; `source` and `target` (activity codes) of the repetition or return it belongs to;
        `is_back` (whether it is that repetition or return itself) and `left_position` (of the last instance of the
        same activity before it).
    """
    marked = _marked(variants)
    again = marked.filter(marked.is_again)
    last = ibis.cumulative_window(group_by=marked.variant, order_by=marked.position)
    begun = marked.mutate(
        back_position=ibis.ifelse(marked.is_back, marked.position, ibis.null("int32")).max().over(last).cast("int32")
    )
    backs = again.filter(again.is_back).select("variant", "source", "target", back_position="position")
    held = begun.filter(begun.is_again).select("variant", "position", "is_back", "left_position", "back_position")
    joined = held.inner_join(backs, ["variant", "back_position"])
    return joined.select(*_KEYS, "source", "target", "is_back", "left_position")


def first_backs(again: ibis.Table) -> ibis.Table:
    """Return one row per variant that goes back: `variant`, `position`, `source`, `target` of its first time."""
    backs = again.filter(again.is_back)
    first = backs.group_by("variant").aggregate(position=backs.position.min())
    return backs.inner_join(first, list(_KEYS)).select(*_KEYS, "source", "target")


@built_once
def usual_returns(variants: ibis.Table) -> ibis.Table:
    """Return one row per pair of different activities with returns against the usual order: `source`, `target`."""
    positions = variant_positions(variants)
    firsts = positions.group_by("variant", "activity", "cases").aggregate(first_position=positions.position.min())
    again = again_positions(variants)
    pairs = again.filter(again.is_back, again.source != again.target).select("source", "target").distinct()
    sources = firsts.select("variant", "cases", source="activity", source_first="first_position")
    targets = firsts.select("variant", target="activity", target_first="first_position")
    both = pairs.inner_join(sources, "source").inner_join(targets, ["variant", "target"])
    signed = ibis.ifelse(both.target_first < both.source_first, both.cases, -both.cases)
    counted = both.group_by("source", "target").aggregate(excess=signed.sum().cast("int64"))
    return counted.filter(counted.excess > 0).select("source", "target")


def _marked(variants: ibis.Table) -> ibis.Table:
    positions = variant_positions(variants)
    firsts = positions.group_by("variant", "activity").aggregate(first_position=positions.position.min())
    known = positions.inner_join(firsts, ["variant", "activity"])
    along = ibis.window(group_by=known.variant, order_by=known.position)
    alike = ibis.window(group_by=[known.variant, known.activity], order_by=known.position)
    placed = known.select(
        "variant",
        "position",
        "first_position",
        target="activity",
        source=known.activity.lag().over(along),
        source_first=known.first_position.lag().over(along),
        left_position=known.position.lag().over(alike),
    )
    is_again = placed.position > placed.first_position
    goes_back = (placed.source == placed.target) | (placed.first_position < placed.source_first)
    return placed.select(
        "variant",
        "position",
        "source",
        "target",
        "left_position",
        is_again=is_again,
        is_back=(is_again & goes_back).fill_null(False),
    )
