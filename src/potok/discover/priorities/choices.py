"""Choices: somebody began one instance while others, which he could have begun as well, lay waiting.

Every start of a pool's work is such a choice. What was taken is held against some of what was left: the first, second,
fourth, eighth … of those that had waited longest, and likewise from those that had come last. So the work grows with
the log and not with its queues, and a few that lie for ever do not hide all others.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.discover.compiled import compiled
from potok.discover.pools import Pools
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers, ResourceWork

# How far a queue is looked through from either end.
MOST_LOOKED_AT: Final = 64


@dataclass(frozen=True, slots=True)
class Choices:
    """Instances taken, and left waiting, one row per pair; rows of one choice lie together, the longest waiting first.

    Parameters
    ----------
    taken, left
        (n,) int64: rows of the work.
    starts
        Starts of instances at which at least one other was waiting.
    fifo_starts
        Of these, those that took what had waited longest.
    pool
        (m,) int64: number of the pool that did each instance of the work; −1 where its wait is unknown.
    """

    taken: Integers
    left: Integers
    starts: int
    fifo_starts: int
    pool: Integers


def collect_choices(work: ResourceWork, pools: Pools, *, enabled_us: Integers) -> Choices:
    """Collect the choices of all pools.

    Parameters
    ----------
    enabled_us
        (n,) int64: since when each instance waited; `UNKNOWN` where that is not known.
    """
    capable = pools.capable()
    is_waited = (enabled_us != UNKNOWN) & work.is_worked & (enabled_us <= work.started_us)
    parts = [_pool_choices(work, np.array(members), is_waited, enabled_us, capable) for members in pools.members]
    taken = np.concatenate([part[0] for part in parts] or [np.zeros(0, np.int64)])
    left = np.concatenate([part[1] for part in parts] or [np.zeros(0, np.int64)])
    first = np.flatnonzero(np.diff(taken, prepend=-1))
    is_fifo = enabled_us[taken[first]] <= enabled_us[left[first]]
    pool = np.full(len(work), -1, dtype=np.int64)
    for number, members in reversed(list(enumerate(pools.members))):
        pool[is_waited & np.isin(work.resource, members)] = number
    return Choices(taken, left, len(first), int(is_fifo.sum()), pool)


def _pool_choices(
    work: ResourceWork, members: Integers, is_waited: Flags, enabled: Integers, capable: Flags
) -> tuple[Integers, Integers]:
    rows = np.flatnonzero(is_waited & np.isin(work.resource, members))
    by_enabled = rows[np.lexsort((rows, enabled[rows]))]
    by_start = rows[np.lexsort((enabled[rows], work.started_us[rows]))]
    place = np.empty(len(work), dtype=np.int64)
    place[by_enabled] = np.arange(len(rows))
    ordered = place[by_start]
    taken, left = _sweep(
        enabled[by_enabled],
        work.started_us[by_enabled],
        ordered,
        capable,
        work.resource[by_enabled].astype(np.int64),
        work.activity[by_enabled].astype(np.int64),
        MOST_LOOKED_AT,
    )
    return by_enabled[taken], by_enabled[left]


@compiled
def _sweep(
    enabled: Integers,
    started: Integers,
    by_start: Integers,
    capable: Flags,
    resource: Integers,
    activity: Integers,
    most: int,
) -> tuple[Integers, Integers]:  # pragma: no cover
    """Return pairs of places of what was taken and what was left; instances lie in the order of their enablement."""
    size = len(enabled)
    # A list of those waiting, in the order of enablement: what follows each, and what goes before it.
    following, before = np.full(size + 1, size), np.full(size + 1, size)
    taken, left = np.empty(max(1024, size), np.int64), np.empty(max(1024, size), np.int64)
    found, arrived = 0, 0
    for one in by_start:
        while arrived < size and enabled[arrived] <= started[one]:
            last = before[size]
            following[last], before[arrived] = arrived, last
            following[arrived], before[size] = size, arrived
            arrived += 1
        # From the longest waiting on, then from the last on, until the two meet.
        other, held, looked_at, is_back = following[size], 0, 0, False
        furthest = -1
        while True:
            if not is_back and (other == size or looked_at == most):
                is_back, held, looked_at, furthest, other = True, 0, 0, other, before[size]
            if is_back and (other < furthest or other == size or looked_at == most):
                break
            looked_at += 1
            # Others that begin at the same instant are not left waiting.
            if other != one and started[other] > started[one] and capable[resource[one], activity[other]]:
                held += 1
                if held & (held - 1) == 0:
                    if found == len(taken):
                        taken = np.concatenate((taken, np.empty(found, np.int64)))
                        left = np.concatenate((left, np.empty(found, np.int64)))
                    taken[found], left[found] = one, other
                    found += 1
            other = before[other] if is_back else following[other]
        following[before[one]], before[following[one]] = following[one], before[one]
    return taken[:found], left[:found]
