"""The applicants' ledger: the time of each case cut into gaps, each of which belongs to one place at most.

A gap lies between two consecutive instances: from the completion of the first to the start of the second, or to its
completion if that is earlier or the start is unknown; what lies before the case opened or after it closed (or the
extraction, while it is open) is cut off. As instances are ordered by completion, gaps of one case never overlap, so
that their sum never exceeds the case's lead time. Where the first instance is not completed there is no gap; the time
since the last instance of an open case belongs to none, nor does the time in which an instance was worked on.

Each gap goes to the first of these that holds:

1. **rework**, at the second instance's activity, if the case has held an instance of that activity before;
2. **hand-over**, at the boundary of two organisational units, if the instances' units are known and differ;
3. **long wait**, at the passage between the two activities.

The way back to a repeated activity is rework, the way through other activities of the same loop is not: the ledger
says at least, not at most, what returns cost.
"""

from typing import Final

import ibis
import pyarrow as pa

from potok.core.finding import FindingKind
from potok.engine.base import Given
from potok.measure.case_durations import lead_times
from potok.measure.passages import exact_sum, not_negative
from potok.measure.sequences import repeated_positions

KIND_CODES: Final = {
    FindingKind.REWORK: 0,
    FindingKind.HAND_OVER: 1,
    FindingKind.LONG_WAIT: 2,
    # Of a gap's causes, see `potok.diagnose.caused_gaps`.
    FindingKind.BATCHING: 3,
    FindingKind.CONTENTION: 4,
    FindingKind.PRIORITISATION: 5,
    FindingKind.UNAVAILABILITY: 6,
}
ONE_ENDED: Final = frozenset(KIND_CODES) - {FindingKind.HAND_OVER, FindingKind.LONG_WAIT}
"""Kinds whose place is a single activity."""
NO_TARGET: Final = -1
ASKED_PLACE: Final = "asked_place"


def gaps(events: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per pair of consecutive instances, with the gap between them.

    Returns
    -------
    ibis.Table
        The columns of `events`, `variant`, and `gap_us` (calendar microseconds; null if unknown).
    """
    bounds = lead_times(cases, extracted_us=extracted_us).select("case", "variant", "opened_us", "end_us")
    pairs = events.filter(events.next_activity.notnull()).inner_join(bounds, "case")
    begins_us = later(pairs.completed_us, pairs.opened_us)
    arrives_us = earlier(
        ibis.coalesce(pairs.next_started_us, pairs.next_completed_us),
        ibis.coalesce(pairs.next_completed_us, pairs.next_started_us),
    )
    return pairs.mutate(gap_us=not_negative(earlier(arrives_us, pairs.end_us) - begins_us))


def attributed_gaps(events: ibis.Table, cases: ibis.Table, variants: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per pair of consecutive instances, with the one place to which its gap belongs.

    Returns
    -------
    ibis.Table
        `case`, `position` (of the first instance), `source_row`, `kind` (see `KIND_CODES`), `source`, `target` (codes
        of activities or units; the target of rework is `NO_TARGET`), `next_activity` (of the second instance),
        `gap_us` (null if unknown) and `work_us` (processing of the second instance, null if unknown).
    """
    found = gaps(events, cases, extracted_us=extracted_us)
    repeated = repeated_positions(variants)
    back = repeated.select("variant", position=repeated.position - 1, is_rework=ibis.literal(True))
    marked = found.left_join(back, ["variant", "position"])
    is_rework = marked.is_rework.notnull()
    is_hand_over = ~is_rework & (marked.org_unit != marked.next_org_unit).fill_null(False)
    return marked.select(
        "case",
        "position",
        "source_row",
        "gap_us",
        "next_activity",
        kind=_choose(
            is_rework,
            is_hand_over,
            KIND_CODES[FindingKind.REWORK],
            KIND_CODES[FindingKind.HAND_OVER],
            KIND_CODES[FindingKind.LONG_WAIT],
        ),
        source=_choose(is_rework, is_hand_over, marked.next_activity, marked.org_unit, marked.activity),
        target=_choose(is_rework, is_hand_over, NO_TARGET, marked.next_org_unit, marked.next_activity),
        work_us=not_negative(marked.next_completed_us - marked.next_started_us),
    )


def case_losses(attributed: ibis.Table) -> ibis.Table:
    """Return one row per case and place: `kind`, `source`, `target`, `case`, `occurrences`, `gap_us`, `work_us`.

    `gap_us` is 0 where no gap is known, `work_us` is null where no processing is known.
    """
    by_case = attributed.group_by("kind", "source", "target", "case")
    return by_case.aggregate(
        occurrences=attributed.count().cast("int64"),
        gap_us=attributed.gap_us.sum().fill_null(0).cast("int64"),
        work_us=attributed.work_us.sum().cast("int64"),
    )


def place_losses(attributed: ibis.Table) -> ibis.Table:
    """Return one row per place: `kind`, `source`, `target`, `cases`, `occurrences`, `gap_us`, `work_us`."""
    losses = case_losses(attributed)
    return losses.group_by("kind", "source", "target").aggregate(
        cases=losses.count().cast("int64"),
        occurrences=losses.occurrences.sum().cast("int64"),
        gap_us=exact_sum(losses.gap_us),
        work_us=exact_sum(losses.work_us),
    )


def at_asked_place(attributed: ibis.Table) -> ibis.Table:
    """Return the gaps that belong to the one place of `asked_place`.

    The place is read from a table and not written into the query, so that it is compiled once for all places.
    """
    place = ibis.table({"kind": "int32", "source": "int32", "target": "int32"}, name=ASKED_PLACE)
    # The place comes first: Ibis cannot join on columns that a join has derived.
    return place.inner_join(attributed, ["kind", "source", "target"]).select(*attributed.columns)


def asked_place(kind: FindingKind, source: int, target: int) -> Given:
    """Return the table of one place, to run `at_asked_place` with."""
    codes = {"kind": KIND_CODES[kind], "source": source, "target": target}
    return {ASKED_PLACE: pa.table({name: pa.array([code], pa.int32()) for name, code in codes.items()})}


def earlier(first: ibis.Value, second: ibis.Value) -> ibis.Value:
    """Return the earlier of two instants; null if the first is unknown."""
    return ibis.ifelse(second < first, second, first)


def later(first: ibis.Value, second: ibis.Value) -> ibis.Value:
    """Return the later of two instants; null if the first is unknown."""
    return ibis.ifelse(second > first, second, first)


def _choose(
    is_rework: ibis.Value,
    is_hand_over: ibis.Value,
    rework: ibis.Value | int,
    hand_over: ibis.Value | int,
    wait: ibis.Value | int,
) -> ibis.Value:
    return ibis.ifelse(is_rework, rework, ibis.ifelse(is_hand_over, hand_over, wait)).cast("int32")
