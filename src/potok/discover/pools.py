"""Roles and pools: which resources do the same work.

A resource's profile is the share of each activity in what it does. Two profiles are as alike as their affinity
Σ √(p·q) says (Bhattacharyya): 1 if equal, 0 if they share no activity. Resources are taken from the busiest on; each
joins the pool whose common profile is most like its own, if it is alike enough, or founds one. Then each is asked once
more, until nobody moves, and pools that have grown alike are joined. The order is fixed by the number of instances and
the code, so the same log gives the same pools.

A resource whose own profile is like no pool's but is a mixture of those of two or three belongs to each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
import numpy.typing as npt

from potok.core.language import mark
from potok.discover.resource_calendars.work import Integers, ResourceWork
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.running import run

DEFAULT_AFFINITY: Final = 0.8
LEAST_INSTANCES: Final = 5
LEAST_PART: Final = 0.15
MIXTURE_AFFINITY: Final = 0.95
CAPABLE_SHARE: Final = 0.1
_ROUNDS: Final = 20
MOST_CELLS: Final = 20_000_000
"""Resources times activities up to which profiles are compared."""

REASONS: Final = {
    "no_resources": mark("The log does not say who did what: nobody can be grouped."),
    "too_few_instances": mark("Some resources did too little to say which pool they belong to."),
    "too_many": mark("There are too many performers and activities to compare what everybody does."),
}

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """Resources that do the same work.

    Parameters
    ----------
    pool
        Number, from the pool with most instances.
    resources
        Codes of its members, ascending; a member may belong to other pools as well.
    activities
        Codes of what it does, most frequent first, down to one in a hundred of its instances.
    instances
        Instances done by its members (those of a member of several pools count in each).
    support
        Share of all instances with a resource that they are, 0–1.
    confidence
        Mean affinity between its members' profiles and its own, weighted by their instances, 0–1; 1 for a single one.
    """

    pool: int
    resources: tuple[int, ...]
    activities: tuple[int, ...]
    instances: int
    support: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of a log.

    Parameters
    ----------
    pools
        From the most to the fewest instances.
    counts
        (resources, activities) int64: instances by code.
    unplaced
        Codes of resources with too few instances to be placed by themselves; they belong to the pool, if any, that
        does all that they did.
    reasons
        Keys of `REASONS`.
    """

    pools: tuple[Pool, ...]
    counts: Integers
    unplaced: tuple[int, ...]
    reasons: tuple[str, ...]

    @property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Codes of the resources of each pool."""
        return tuple(pool.resources for pool in self.pools)

    def capable(self) -> npt.NDArray[np.bool_]:
        """Return who can do what, (resources, activities).

        Who did an activity can do it, unless others of those who do it do it ten times as often: someone who helped out
        once is not waited for.
        """
        did = self.counts > 0
        usual = self.counts.sum(axis=0) / np.maximum(did.sum(axis=0), 1)
        return np.asarray(did & (self.counts >= CAPABLE_SHARE * usual))


def activity_counts(events: ibis.Table) -> ibis.Table:
    """Return one row per resource and activity, with their `instances`."""
    known = events.filter(events.resource.notnull())
    return known.group_by("resource", "activity").aggregate(instances=known.count().cast("int64"))


def compute_pools(store: LogStore, *, affinity: float = DEFAULT_AFFINITY, engine: Engine | None = None) -> Pools:
    """Discover the pools of a log, as `discover_pools` does."""
    rows = list(run(activity_counts(EVENTS), store, engine))
    resources = 1 + max((resource for resource, _activity, _count in rows), default=-1)
    activities = 1 + max((activity for _resource, activity, _count in rows), default=-1)
    if resources * activities > MOST_CELLS:
        return _too_many(resources)
    counts = np.zeros((resources, activities), dtype=np.int64)
    for resource, activity, instances in rows:
        counts[resource, activity] = instances
    return discover_pools(counts, affinity=affinity)


def count_activities(work: ResourceWork) -> Integers:
    """Return how many instances of each activity each resource did, (resources, activities).

    No activities are returned if that were more than `MOST_CELLS` numbers; pools are then not discovered.
    """
    is_known = work.resource >= 0
    activities = int(work.activity.max(initial=-1)) + 1
    if work.resources * activities > MOST_CELLS:
        return np.zeros((work.resources, 0), dtype=np.int64)
    place = work.resource[is_known].astype(np.int64) * activities + work.activity[is_known]
    counts = np.bincount(place, minlength=work.resources * activities)
    return counts.reshape(work.resources, activities).astype(np.int64)


def discover_pools(counts: Integers, *, affinity: float = DEFAULT_AFFINITY) -> Pools:
    """Group resources by what they do.

    Parameters
    ----------
    counts
        (resources, activities) int64: instances by code.
    affinity
        How alike the profiles of a resource and its pool have to be, 0–1.

    References
    ----------
    Song and van der Aalst (2008), "Towards comprehensive support for organizational mining"; Bhattacharyya (1943).
    """
    if not 0 < affinity <= 1:
        raise ValueError(f"affinity must be over 0, at most 1, not {affinity}")
    totals = counts.sum(axis=1)
    if len(totals) and not counts.shape[1]:
        return _too_many(len(totals))
    if not totals.any():
        return Pools((), counts, (), ("no_resources",))
    order = [int(code) for code in np.lexsort((np.arange(len(totals)), -totals)) if totals[code] >= LEAST_INSTANCES]
    groups = _grouped(counts, order, affinity)
    groups = _without_mixtures(counts, groups)
    unplaced = [int(code) for code in np.flatnonzero((totals > 0) & (totals < LEAST_INSTANCES))]
    _place_rare(counts, groups, unplaced)
    pools = sorted(
        (_pool(counts, sorted(group)) for group in groups), key=lambda pool: (-pool.instances, pool.resources)
    )
    numbered = tuple(
        Pool(number, pool.resources, pool.activities, pool.instances, pool.support, pool.confidence)
        for number, pool in enumerate(pools)
    )
    return Pools(numbered, counts, tuple(unplaced), ("too_few_instances",) if unplaced else ())


def _too_many(resources: int) -> Pools:
    return Pools((), np.zeros((resources, 0), dtype=np.int64), (), ("too_many",))


def _roots(counts: Integers) -> Matrix:
    """Return the square roots of profiles, so that an affinity is a product of vectors."""
    totals = np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return np.asarray(np.sqrt(counts / totals))


class _Groups:
    """Groups of resources as they form: what each did, and the roots of its profile."""

    def __init__(self, activities: int) -> None:
        self.size = 0
        self.sums = np.zeros((16, activities), dtype=np.int64)
        self.roots = np.zeros((16, activities))

    def add(self, place: int, change: Integers) -> None:
        """Add instances to a group, or take them away; a group behind the last is founded."""
        if place == len(self.sums):
            self.sums, self.roots = (np.concatenate([held, np.zeros_like(held)]) for held in (self.sums, self.roots))
        self.size = max(self.size, place + 1)
        self.sums[place] += change
        self.roots[place] = _roots(self.sums[place])

    def nearest(self, root: Matrix, affinity: float) -> int | None:
        """Return the group whose profile is most like one, if it is alike enough."""
        if not self.size:
            return None
        likeness = self.roots[: self.size] @ root
        best = int(np.argmax(likeness))
        return best if likeness[best] >= affinity else None


def _grouped(counts: Integers, order: Sequence[int], affinity: float) -> list[list[int]]:
    """Return groups of resources with like profiles."""
    formed, roots = _Groups(counts.shape[1]), _roots(counts)
    place: dict[int, int] = {}
    for _round in range(_ROUNDS):
        before = dict(place)
        for code in order:
            was = place.get(code)
            if was is not None:
                formed.add(was, -counts[code])
            best = formed.nearest(roots[code], affinity)
            if best is None:
                best = was if was is not None and not formed.sums[was].any() else formed.size
            formed.add(best, counts[code])
            place[code] = best
        if place == before:
            break
    groups: dict[int, list[int]] = {}
    for code in order:
        groups.setdefault(place[code], []).append(code)
    return _joined(counts, list(groups.values()), affinity)


def _joined(counts: Integers, groups: list[list[int]], affinity: float) -> list[list[int]]:
    """Join the two groups most alike until none are alike enough."""
    while len(groups) > 1:
        roots = _roots(np.array([counts[group].sum(axis=0) for group in groups]))
        likeness = np.triu(roots @ roots.T, 1)
        first, second = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[first, second] < affinity:
            break
        groups[int(first)] += groups.pop(int(second))
    return groups


def _without_mixtures(counts: Integers, groups: list[list[int]]) -> list[list[int]]:
    """Put single resources whose profile is a mixture of those of larger groups into each of these."""
    larger = [list(group) for group in groups if len(group) > 1]
    kept = list(larger)
    if len(larger) < 2:
        return groups
    profiles = np.array([counts[group].sum(axis=0) / counts[group].sum() for group in larger])
    for group in groups:
        if len(group) > 1:
            continue
        parts = _parts(counts[group[0]] / counts[group[0]].sum(), profiles)
        for place in parts:
            larger[place].append(group[0])
        if not parts:
            kept.append(group)
    return kept


def _parts(profile: Matrix, profiles: Matrix) -> list[int]:
    """Return which profiles one is a mixture of; none if it is not."""
    from scipy.optimize import nnls

    weights, _residual = nnls(profiles.T, profile)
    if not weights.any():
        return []
    taken = np.flatnonzero(weights >= LEAST_PART * weights.sum())
    if len(taken) < 2:
        return []
    mixed = weights[taken] @ profiles[taken]
    likeness = float(np.sqrt(mixed / mixed.sum()) @ np.sqrt(profile))
    return [int(place) for place in taken] if likeness >= MIXTURE_AFFINITY else []


def _place_rare(counts: Integers, groups: list[list[int]], rare: Sequence[int]) -> None:
    """Put resources with few instances into the group that does most of what they did, if it does all of it."""
    sums = [counts[group].sum(axis=0) for group in groups]
    for code in rare:
        did = counts[code] > 0
        fitting = [(int(done[did].sum()), -place) for place, done in enumerate(sums) if (done[did] > 0).all()]
        if fitting:
            groups[-max(fitting)[1]].append(code)


def _pool(counts: Integers, members: list[int]) -> Pool:
    done = counts[members]
    common = done.sum(axis=0)
    instances = int(common.sum())
    likeness = _roots(done) @ _roots(common)
    order = np.lexsort((np.arange(len(common)), -common))
    return Pool(
        pool=0,
        resources=tuple(members),
        activities=tuple(int(code) for code in order if common[code] * 100 >= instances),
        instances=instances,
        support=instances / int(counts.sum()),
        confidence=min(1.0, float(np.average(likeness, weights=done.sum(axis=1)))),
    )
