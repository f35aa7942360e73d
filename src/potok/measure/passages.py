"""Passages: pairs of consecutive activity instances of a case, and the time between them.

Two instances are consecutive if no other instance of their case stands between them in the log's order (completion,
else start, else enablement; then start; then the source's row). The wait of a passage runs from the completion of the
first to the start of the second, or to the second's completion where no start is known; where both overlap it is zero,
and where the first's completion or both times of the second are unknown, so is the wait. It takes the previous
instance for what enabled the next one (``enablement = "previous"``), which is wrong where activities run side by side.
"""

from typing import Final

import ibis

from potok.log.store import LogStore
from potok.measure.working_time import open_until

MISSING_STARTS: Final = "no_start_times"
DISORDERED: Final = "completed_before_started"


def passages(events: ibis.Table, *, days: ibis.Table | None = None, has_all_starts: bool = False) -> ibis.Table:
    """Return one row per passage: the columns of `events` and `wait_us` (microseconds, null if unknown).

    Parameters
    ----------
    events
        As `potok.engine.tables.EVENTS`.
    days
        Days of a calendar (`potok.measure.working_time.calendar_days`): waits are then working time, else calendar
        time.
    has_all_starts
        Whether every instance is known to have a start (`has_all_starts`): a column less is read then.
    """
    pairs = events.filter(events.next_activity.notnull())
    arrived_us = ibis.coalesce(pairs.next_started_us, pairs.next_completed_us)
    pairs = pairs.mutate(arrived_us=pairs.next_started_us if has_all_starts else arrived_us)
    if days is None:
        return pairs.mutate(wait_us=not_negative(pairs.arrived_us - pairs.completed_us))
    timed = open_until(pairs, ("completed_us", "arrived_us"), days)
    return timed.mutate(wait_us=not_negative(timed.arrived_open - timed.completed_open))


def has_all_starts(store: LogStore) -> bool:
    """Return whether the quality report of a log says that no instance lacks a start."""
    return finds_none(store, MISSING_STARTS)


def finds_none(store: LogStore, check: str) -> bool:
    """Return whether a check of the quality report was made and found nothing; then it holds for any part of the log.

    Other counts must not be taken from there: a filtered log keeps the report of the whole one.
    """
    return any(made["check"] == check and made["count"] == 0 for made in store.manifest.get("quality", ()))


def not_negative(microseconds: ibis.Value) -> ibis.Value:
    """Return a duration with negative values raised to zero and unknown ones left unknown."""
    # Not GREATEST: DuckDB and Spark skip nulls in it.
    return ibis.ifelse(microseconds < 0, 0, microseconds)


def exact_sum(microseconds: ibis.Value) -> ibis.Value:
    """Return a sum of durations that is exact and cannot overflow, as ``decimal(38, 0)``.

    A hundred million waits of ten days overflow 64 bits. Single durations fit 18 digits, which both engines hold in
    one machine word.
    """
    return microseconds.cast("decimal(18, 0)").sum().cast("decimal(38, 0)")
