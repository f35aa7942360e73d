"""Rework: activities done again in the same case."""

from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import VARIANTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, run
from potok.measure.sequences import variant_positions


@dataclass(frozen=True, slots=True)
class ActivityRework:
    """How often one activity is repeated within a case.

    Parameters
    ----------
    instances, cases
        How often it was done, and in how many cases.
    rework_cases
        Cases in which it was done more than once.
    rework_instances
        Second and later instances in a case.
    rework_share
        ``rework_cases / cases``, 0–1.
    """

    activity: str
    instances: int
    cases: int
    rework_cases: int
    rework_instances: int
    rework_share: float


def rework_counts(variants: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `instances`, `cases`, `rework_cases`, `rework_instances`."""
    positions = variant_positions(variants)
    in_variant = positions.group_by("variant", "activity", "cases").aggregate(times=positions.count().cast("int64"))
    is_repeated = in_variant.times > 1
    return in_variant.group_by("activity").aggregate(
        instances=(in_variant.times * in_variant.cases).sum().cast("int64"),
        all_cases=in_variant.cases.sum().cast("int64"),
        rework_cases=ibis.ifelse(is_repeated, in_variant.cases, 0).sum().cast("int64"),
        rework_instances=((in_variant.times - 1) * in_variant.cases).sum().cast("int64"),
    )


def compute_rework(store: LogStore, *, engine: Engine | None = None) -> tuple[ActivityRework, ...]:
    """Compute how often each activity is repeated, most repetitions first; activities never repeated included.

    A repetition need not be a fault: the log cannot tell a correction from a planned second visit.
    """
    labels = activity_labels(store, engine)
    found = (
        ActivityRework(labels[activity], instances, cases, rework_cases, rework_instances, rework_cases / cases)
        for activity, instances, cases, rework_cases, rework_instances in run(rework_counts(VARIANTS), store, engine)
    )
    return tuple(sorted(found, key=lambda rework: (-rework.rework_instances, rework.activity)))
