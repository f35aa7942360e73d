"""How long a level's decision takes when those still waited for are counted too.

The log does not say which level an open case waits for. It is taken to wait for a level if it stands at an activity
after which that level comes next in half of the passages at least. Waits after such activities that end in the level
are decisions; those of open cases that stand there are cut off at the extraction. Waits that ended in something else
are left out, whereas some of the open ones will end so too: the latency is rather too long than too short.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.diagnose.approvals.levels import level_table
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES, EVENTS
from potok.inference.survival import kaplan_meier
from potok.log.store import LogStore
from potok.measure.case_survival import TimeEstimate, time_estimate
from potok.measure.passages import not_negative
from potok.measure.running import MICROSECONDS, fetch
from potok.measure.sequences import variant_passages

USUAL_SHARE: Final = 0.5
WAITED_FOR: Final = "waited_for_levels"


@dataclass(frozen=True, slots=True)
class PendingLatency:
    """Latency of a level, cases that still wait for it included (Kaplan–Meier).

    Parameters
    ----------
    decisions, waiting_cases
        Waits that ended in the level, and open cases taken to wait for it.
    median, p90
        Time by which half, and nine in ten, are decided; None within where the data do not reach so far.
    """

    decisions: int
    waiting_cases: int
    median: TimeEstimate
    p90: TimeEstimate


def usual_predecessors(
    passages: Sequence[tuple[int, int, int]], levels: Mapping[int, int]
) -> tuple[tuple[int, int], ...]:
    """Return activities with the level that comes after each of them in `USUAL_SHARE` of its passages at least.

    Parameters
    ----------
    passages
        Activity, next activity and number.
    levels
        Level of each activity that has one.
    """
    totals: dict[int, int] = {}
    led: dict[tuple[int, int], int] = {}
    for activity, following, count in passages:
        totals[activity] = totals.get(activity, 0) + count
        if following in levels:
            key = activity, levels[following]
            led[key] = led.get(key, 0) + count
    return tuple(sorted(key for key, count in led.items() if count >= USUAL_SHARE * totals[key[0]]))


def passage_counts(variants: ibis.Table) -> ibis.Table:
    """Return one row per pair of activities that directly follow each other: `activity`, `next_activity`, `n` cases."""
    pairs = variant_passages(variants)
    return pairs.group_by("activity", "next_activity").aggregate(n=pairs.cases.sum().cast("int64"))


def waits_for_levels(events: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per wait after a usual predecessor that ended in the level or has not ended.

    Returns
    -------
    ibis.Table
        `level`, `wait_us`, `is_decided` (the level came next; else the case stands there).
    """
    waited = ibis.table({"activity": "int32", "level": "int32"}, name=WAITED_FOR)
    following = level_table().select(next_activity="activity", next_level="level")
    held = events.inner_join(waited, "activity").left_join(following, "next_activity")
    held = held.select("case", "level", "next_level", "completed_us", "next_completed_us", "next_activity")
    joined = held.inner_join(cases.select("case", "closed_us"), "case")
    is_decided = (joined.next_level == joined.level).fill_null(False)
    is_waiting = joined.next_activity.isnull() & joined.closed_us.isnull()
    end_us = ibis.ifelse(is_decided, joined.next_completed_us, ibis.literal(extracted_us, "int64"))
    waits = joined.filter(is_decided | is_waiting).select(
        "level", wait_us=not_negative(end_us - joined.completed_us), is_decided=is_decided
    )
    return waits.filter(waits.wait_us.notnull())


def compute_pending_latencies(
    store: LogStore,
    predecessors: Sequence[tuple[int, int]],
    *,
    levels: Given,
    engine: Engine | None = None,
) -> dict[int, PendingLatency]:
    """Compute the latency of each level with cases that still wait for it; levels that nothing leads to are left out.

    Parameters
    ----------
    predecessors
        Of `usual_predecessors`.
    levels
        Of `potok.diagnose.approvals.levels.given_levels`.
    """
    waited = pa.table(
        {
            "activity": pa.array([activity for activity, _level in predecessors], pa.int32()),
            "level": pa.array([level for _activity, level in predecessors], pa.int32()),
        }
    )
    given = {**levels, WAITED_FOR: waited}
    rows = fetch(waits_for_levels(EVENTS, CASES, extracted_us=store.extracted_us), store, engine, given=given)
    level = rows["level"].to_numpy()
    is_decided = rows["is_decided"].to_numpy(zero_copy_only=False)
    durations = rows["wait_us"].to_numpy() / MICROSECONDS
    found = {}
    for code in np.unique(level[is_decided]):
        own = level == code
        curve = kaplan_meier(durations[own], is_decided[own])
        found[int(code)] = PendingLatency(
            int(is_decided[own].sum()),
            int((~is_decided[own]).sum()),
            time_estimate(curve.median()),
            time_estimate(curve.quantile(0.9)),
        )
    return found
