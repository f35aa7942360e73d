"""Variants: the distinct sequences of activities that cases take."""

from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, VARIANTS
from potok.log.store import LogStore
from potok.measure.counts import case_counts
from potok.measure.passages import not_negative
from potok.measure.running import activity_labels, run, seconds_if_known


@dataclass(frozen=True, slots=True)
class Variant:
    """One sequence of activities.

    Parameters
    ----------
    variant
        Its code in the store; 0 is the most frequent.
    activities
        Labels in order.
    cases
        Cases that took it so far (an open case may still go on).
    share
        Of all cases, 0–1.
    median_seconds
        Median case duration of its closed cases, calendar seconds; None if none is closed.
    """

    variant: int
    activities: tuple[str, ...]
    cases: int
    share: float
    median_seconds: float | None


def variant_durations(variants: ibis.Table, cases: ibis.Table, *, limit: int | None) -> ibis.Table:
    """Return one row per variant (the `limit` most frequent): `variant`, `activities`, `cases`, `median_us`."""
    chosen = variants if limit is None else variants.filter(variants.variant < limit)
    closed = cases.filter(cases.closed_us.notnull())
    by_variant = closed.group_by("variant").aggregate(
        median_us=not_negative(closed.closed_us - closed.opened_us).quantile(0.5).cast("float64")
    )
    return chosen.left_join(by_variant, "variant").select("variant", "activities", "cases", "median_us")


def compute_variants(store: LogStore, *, limit: int | None = None, engine: Engine | None = None) -> tuple[Variant, ...]:
    """Compute the variants, most frequent first.

    Parameters
    ----------
    limit
        How many; None for all.
    """
    labels = {str(code): label for code, label in activity_labels(store, engine).items()}
    ((all_cases, _open),) = run(case_counts(CASES), store, engine)
    rows = run(variant_durations(VARIANTS, CASES, limit=limit), store, engine)
    found = (
        Variant(
            variant=variant,
            activities=tuple(labels[code] for code in activities.split(",")),
            cases=cases,
            share=cases / all_cases,
            median_seconds=seconds_if_known(median_us),
        )
        for variant, activities, cases, median_us in rows
    )
    return tuple(sorted(found, key=lambda variant: (-variant.cases, variant.variant)))
