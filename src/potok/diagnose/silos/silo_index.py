"""The silo index: how much of the waiting at boundaries is there only because they are boundaries.

Waits for the same activity (of the same service, where it is known) are compared: at a boundary, where the case passes
to another holder, and inside, where it stays. With t the waiting at the boundaries, n the number of crossings and m the
mean wait inside, each within one activity and service,

    silo index = 1 − Σ n·m / Σ t, at least 0,

the share of the waiting at boundaries that would not be there if crossing one took as long as staying. It is 0 where
boundaries make no difference, rises with what they add, and approaches 1 where nearly all waiting at them is their own.
How many boundaries there are does not enter: cutting departments into smaller ones adds crossings, not a longer wait
at each. Names do not enter either.

The excess, Σ t − Σ n·m, is split by whether the case crosses to a holder for the first time, or comes back to one
that has held it before. The latter crossings are those that would be saved if each holder did all of its work on a
case in one go.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.core.language import mark
from potok.diagnose.silos.held_gaps import (
    first_held,
    given_holders,
    held_gaps,
    holder_labels,
    holder_name,
    unknown_holders,
)
from potok.diagnose.silos.resampling import MOST_GROUPS
from potok.diagnose.silos.silo_index_interval import GroupedWaits, index_bounds, resample
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.passages import exact_sum
from potok.measure.running import MICROSECONDS, fetch, run, seconds

INSIDE: Final = 0
FIRST_CROSSING: Final = 1
RETURNING_CROSSING: Final = 2
FEWEST_CASES: Final = 20
FEWEST_GAPS: Final = 5
LEAST_COVERAGE: Final = 0.5
MOST_STRATA: Final = 2_000

Floats = NDArray[np.float64]
Refusal = Literal["no_crossings", "too_few_cases", "nothing_to_compare", "too_little_compared"]

REFUSALS: Final = {
    "no_crossings": mark("No case passes from one known holder to another."),
    "too_few_cases": mark("There are fewer than 20 cases."),
    "nothing_to_compare": mark(
        "No activity is reached both across a boundary and inside one holder often enough to compare the two."
    ),
    "too_little_compared": mark(
        "Less than half of the waiting at boundaries is for activities that are also reached inside one holder."
    ),
}


@dataclass(frozen=True, slots=True)
class BoundaryExcess:
    """What waits at one boundary take beyond those inside for the same activities; may be negative."""

    source: str
    target: str
    crossings: int
    seconds: float
    excess_seconds: float


@dataclass(frozen=True, slots=True)
class SiloIndex:
    """The silo index of a log.

    Parameters
    ----------
    holder
        ``org_unit``, ``resource`` or ``attr:NAME``.
    value
        0–1; None if it cannot be told, see `refusal`.
    lower, upper
        95 % interval by resampling cases (bootstrap-t), 0–1. `lower` above 0 tells a boundary effect from chance.
    refusal
        Key of `REFUSALS`; None if there is a value.
    cases
        Of the log.
    crossings, returning_crossings
        With a known wait; and those of them back to a holder that had held the case before.
    boundary_seconds
        Waiting at all crossings.
    compared_share
        Share of it that could be compared, 0–1; None without such waiting.
    wait_ratio
        Waiting at compared boundaries over what it would be inside; None if that is 0.
    excess_seconds, returning_excess_seconds
        Waiting beyond that inside, and the part of it at returning crossings; may be negative.
    boundaries
        Largest excess first.
    """

    holder: str
    value: float | None
    lower: float | None
    upper: float | None
    refusal: Refusal | None
    cases: int
    crossings: int
    returning_crossings: int
    boundary_seconds: float
    compared_share: float | None
    wait_ratio: float | None
    excess_seconds: float | None
    returning_excess_seconds: float | None
    boundaries: tuple[BoundaryExcess, ...] = ()

    @property
    def returning_share(self) -> float | None:
        """Crossings back to an earlier holder over all crossings, 0–1; None without crossings."""
        return self.returning_crossings / self.crossings if self.crossings else None


@dataclass(frozen=True, slots=True)
class Strata:
    """Waits by group of cases and stratum (an activity of a service).

    Parameters
    ----------
    counts, waits
        Shape (3, g, s): number and sum (seconds) of waits inside, at first and at returning crossings, of each of g
        groups of cases and s strata.
    names
        Activity code and service of each stratum.
    """

    counts: Floats
    waits: Floats
    names: tuple[tuple[int, str], ...]


def sided_gaps(
    events: ibis.Table, cases: ibis.Table, *, holder: str, extracted_us: int, unknown: Collection[str] = ()
) -> ibis.Table:
    """Return one row per gap of known length between known holders.

    Parameters
    ----------
    holder, unknown
        As for `potok.diagnose.silos.held_gaps.held_gaps`.

    Returns
    -------
    ibis.Table
        `case`, `next_activity`, `service` (empty if unknown), `side` (`INSIDE`, `FIRST_CROSSING` or
        `RETURNING_CROSSING`), `source`, `target`, `gap_us`.
    """
    held = held_gaps(events, cases, holder=holder, extracted_us=extracted_us, unknown=unknown)
    known = held.filter(held.source.notnull(), held.target.notnull(), held.gap_us.notnull())
    before = known.inner_join(first_held(events, holder=holder), ["case", "target"])
    is_returning = before.first_position <= before.position
    sided = before.mutate(
        side=ibis.ifelse(
            before.source == before.target,
            INSIDE,
            ibis.ifelse(is_returning, RETURNING_CROSSING, FIRST_CROSSING),
        ).cast("int32")
    )
    services = cases.select("case", service=cases.service.fill_null(""))
    joined = sided.inner_join(services, "case")
    return joined.select("case", "next_activity", "service", "side", "source", "target", "gap_us")


def stratum_sums(sided: ibis.Table) -> ibis.Table:
    """Return one row per group of cases, stratum and side: `bucket`, `next_activity`, `service`, `side`, `n`, `us`."""
    placed = sided.mutate(bucket=(sided.case % MOST_GROUPS).cast("int64"))
    return placed.group_by("bucket", "next_activity", "service", "side").aggregate(
        n=placed.count().cast("int64"), us=exact_sum(placed.gap_us).cast("float64")
    )


def boundary_strata(sided: ibis.Table) -> ibis.Table:
    """Return one row per boundary and stratum: `source`, `target`, `next_activity`, `service`, `n`, `us`."""
    crossing = sided.filter(sided.side != INSIDE)
    return crossing.group_by("source", "target", "next_activity", "service").aggregate(
        n=crossing.count().cast("int64"), us=exact_sum(crossing.gap_us).cast("float64")
    )


def compute_silo_index(store: LogStore, *, holder: str = "org_unit", engine: Engine | None = None) -> SiloIndex:
    """Compute the silo index, with its interval, and the boundaries at which the excess lies.

    Estimand: 1 − E[waiting at boundaries, were it as inside] / E[waiting at boundaries], over cases. Assumes cases to
    be independent, and the waits inside to tell what waits at boundaries would be without them.

    Parameters
    ----------
    holder
        ``org_unit``, ``resource``, or an attribute of instances, such as the agency.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have the attribute.
    """
    given, labels = given_holders(store, holder), holder_labels(store, holder, engine)
    sided = sided_gaps(EVENTS, CASES, holder=holder, extracted_us=store.extracted_us, unknown=unknown_holders(labels))
    strata = gather_strata(fetch(stratum_sums(sided), store, engine, given=given))
    ((cases,),) = run(CASES.aggregate(cases=CASES.count().cast("int64")), store, engine)
    index = estimate_silo_index(strata, holder=holder_name(holder), cases=cases)
    if index.value is None:
        return index
    rows = run(boundary_strata(sided), store, engine, given=given)
    return _with_boundaries(index, strata, list(rows), labels)


def gather_strata(sums: Any) -> Strata:
    """Gather `stratum_sums` into arrays; of more than `MOST_STRATA` strata those with most waiting are kept."""
    rows = list(
        zip(
            *(sums[name].to_pylist() for name in ("bucket", "next_activity", "service", "side", "n", "us")), strict=True
        )
    )
    weight: dict[tuple[int, str], float] = {}
    for _bucket, activity, service, side, _n, us in rows:
        weight[activity, service] = weight.get((activity, service), 0.0) + (us if side != INSIDE else 0.0)
    names = tuple(sorted(sorted(weight), key=lambda name: -weight[name])[:MOST_STRATA])
    places = {name: place for place, name in enumerate(names)}
    groups = {bucket: place for place, bucket in enumerate(sorted({row[0] for row in rows}))}
    counts = np.zeros((3, len(groups), len(names)))
    waits = np.zeros_like(counts)
    for bucket, activity, service, side, n, us in rows:
        if (activity, service) in places:
            at = side, groups[bucket], places[activity, service]
            counts[at], waits[at] = n, us / MICROSECONDS
    return Strata(counts, waits, names)


def estimate_silo_index(strata: Strata, *, holder: str, cases: int) -> SiloIndex:
    """Estimate the silo index from the waits of a log; see `compute_silo_index`."""
    counts, waits = strata.counts.sum(axis=1), strata.waits.sum(axis=1)
    crossings, waited = counts[1:].sum(axis=0), waits[1:].sum(axis=0)
    compared = _compared(counts)
    total, covered = float(waited.sum()), float(waited[compared].sum())
    refusal = _refusal(cases, crossings, compared, covered, total)
    known = SiloIndex(
        holder=holder,
        value=None,
        lower=None,
        upper=None,
        refusal=refusal,
        cases=cases,
        crossings=int(crossings.sum()),
        returning_crossings=int(counts[RETURNING_CROSSING].sum()),
        boundary_seconds=total,
        compared_share=covered / total if total else None,
        wait_ratio=None,
        excess_seconds=None,
        returning_excess_seconds=None,
    )
    return known if refusal else _valued(known, strata, compared)


def _compared(counts: Floats) -> NDArray[np.bool_]:
    compared: NDArray[np.bool_] = (counts[INSIDE] >= FEWEST_GAPS) & (counts[1:].sum(axis=0) >= FEWEST_GAPS)
    return compared


def _refusal(
    cases: int, crossings: Floats, compared: NDArray[np.bool_], covered: float, total: float
) -> Refusal | None:
    if not crossings.sum():
        return "no_crossings"
    if cases < FEWEST_CASES:
        return "too_few_cases"
    if not compared.any():
        return "nothing_to_compare"
    return "too_little_compared" if covered < LEAST_COVERAGE * total else None


def _valued(known: SiloIndex, strata: Strata, compared: NDArray[np.bool_]) -> SiloIndex:
    counts, waits = strata.counts[:, :, compared], strata.waits[:, :, compared]
    grouped = GroupedWaits(counts[INSIDE], waits[INSIDE], counts[1:].sum(axis=0), waits[1:].sum(axis=0))
    whole = resample(grouped, np.ones((1, counts.shape[1])))
    waited, expected = float(whole.waited[0]), float(whole.expected[0])
    bounds = index_bounds(grouped)
    returned = _expected_at(RETURNING_CROSSING, counts, waits)
    return replace(
        known,
        value=min(max(1 - expected / waited, 0.0), 1.0) if waited > 0 else 0.0,
        lower=bounds[0] if bounds else 0.0,
        upper=bounds[1] if bounds else 1.0,
        wait_ratio=waited / expected if expected else None,
        excess_seconds=waited - expected,
        returning_excess_seconds=float(waits[RETURNING_CROSSING].sum()) - returned,
    )


def _expected_at(side: int, counts: Floats, waits: Floats) -> float:
    mean = waits[INSIDE].sum(axis=0) / counts[INSIDE].sum(axis=0)
    return float((counts[side].sum(axis=0) * mean).sum())


def _with_boundaries(index: SiloIndex, strata: Strata, rows: list[Any], labels: Any) -> SiloIndex:
    counts, waits = strata.counts.sum(axis=1), strata.waits.sum(axis=1)
    compared = _compared(counts)
    means = {
        name: float(waits[INSIDE, place] / counts[INSIDE, place])
        for place, name in enumerate(strata.names)
        if compared[place]
    }
    found: dict[tuple[str, str], list[float]] = {}
    for source, target, activity, service, n, us in rows:
        if (activity, service) in means:
            held = found.setdefault((source, target), [0.0, 0.0, 0.0])
            held[0] += n
            held[1] += seconds(us)
            held[2] += seconds(us) - n * means[activity, service]
    excesses = [
        BoundaryExcess(
            labels[source] if labels else source,
            labels[target] if labels else target,
            int(crossings),
            waited,
            excess,
        )
        for (source, target), (crossings, waited, excess) in found.items()
    ]
    ranked = sorted(excesses, key=lambda place: (-place.excess_seconds, place.source, place.target))
    return replace(index, boundaries=tuple(ranked))
