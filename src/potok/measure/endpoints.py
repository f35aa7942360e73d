"""Where cases begin and where they end or stand."""

from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, VARIANTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, run
from potok.measure.sequences import variant_positions


@dataclass(frozen=True, slots=True)
class ActivityCount:
    """Cases that start, or end, with one activity.

    Parameters
    ----------
    cases
        All of them.
    open_cases
        Those of them that are not closed: for an end, it is merely where they stand.
    """

    activity: str
    cases: int
    open_cases: int


@dataclass(frozen=True, slots=True)
class Endpoints:
    """First and last activities of cases, most frequent first."""

    starts: tuple[ActivityCount, ...]
    ends: tuple[ActivityCount, ...]


def endpoint_counts(cases: ibis.Table, variants: ibis.Table) -> ibis.Table:
    """Return one row per activity: how many cases and open cases start and end with it.

    Returns
    -------
    ibis.Table
        `activity`, `starts`, `open_starts`, `ends`, `open_ends`.
    """
    by_variant = cases.group_by("variant").aggregate(
        open_cases=cases.closed_us.isnull().cast("int64").sum().cast("int64")
    )
    positions = variant_positions(variants).inner_join(by_variant, "variant")
    is_first, is_last = positions.position == 0, positions.position == positions.n_events - 1
    return positions.group_by("activity").aggregate(
        starts=ibis.ifelse(is_first, positions.cases, 0).sum().cast("int64"),
        open_starts=ibis.ifelse(is_first, positions.open_cases, 0).sum().cast("int64"),
        ends=ibis.ifelse(is_last, positions.cases, 0).sum().cast("int64"),
        open_ends=ibis.ifelse(is_last, positions.open_cases, 0).sum().cast("int64"),
    )


def compute_endpoints(store: LogStore, *, engine: Engine | None = None) -> Endpoints:
    """Compute with which activities cases start and end, open cases counted apart."""
    labels = activity_labels(store, engine)
    rows = list(run(endpoint_counts(CASES, VARIANTS), store, engine))
    return Endpoints(
        starts=_ranked([ActivityCount(labels[row[0]], row[1], row[2]) for row in rows]),
        ends=_ranked([ActivityCount(labels[row[0]], row[3], row[4]) for row in rows]),
    )


def _ranked(counts: list[ActivityCount]) -> tuple[ActivityCount, ...]:
    found = [count for count in counts if count.cases]
    return tuple(sorted(found, key=lambda count: (-count.cases, count.activity)))
