"""Intervals of a case laid over each other: how much time their union covers."""

from typing import Final

import ibis

from potok.measure.ledger import later
from potok.measure.passages import exact_sum, not_negative

_ORDER: Final = ("from_us", "to_us", "source_row")


def uncovered_parts(intervals: ibis.Table) -> ibis.Table:
    """Return each interval with the part of it that no earlier interval of its case covers.

    Parameters
    ----------
    intervals
        With `case`, `from_us`, `to_us` (half-open, neither null) and `source_row`, which orders equal ones.

    Returns
    -------
    ibis.Table
        The columns of `intervals` and `part_us`; the parts of a case add up to the length of the union.
    """
    before = ibis.window(group_by=intervals.case, order_by=[intervals[name] for name in _ORDER], preceding=(None, 1))
    reached = intervals.mutate(reached_us=intervals.to_us.max().over(before))
    part_us = not_negative(reached.to_us - later(reached.from_us, reached.reached_us))
    return reached.mutate(part_us=part_us).drop("reached_us")


def union_lengths(intervals: ibis.Table) -> ibis.Table:
    """Return one row per case with intervals: `case`, `union_us` (int64)."""
    parts = uncovered_parts(intervals)
    return parts.group_by("case").aggregate(union_us=exact_sum(parts.part_us).cast("int64"))
