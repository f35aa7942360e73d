"""How many instances a resource works on at once.

A log shows overlaps for two reasons: someone really does several things at once, or the clocks and the clicks of a
system are a few seconds apart. So instances are taken to end a little earlier than logged, and a number at once counts
only if the resource spent a share of its busy time at it, in several instances.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import SECOND_US
from potok.discover.resource_calendars.work import Integers, ResourceWork

DEFAULT_TOLERANCE_US: Final = 10 * SECOND_US
LEAST_SHARE: Final = 0.02
LEAST_STARTS: Final = 3

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Multitasking:
    """How many instances each resource works on at once.

    Parameters
    ----------
    limit
        (n,) int64, by code of the resource: the most at once with support; 1 for who never does several things, 0 for
        who was never seen at work.
    busy_us
        (n,) int64: time with at least one instance, overlaps of less than the tolerance left out.
    shared_us
        (n,) int64: of it with at least two.
    most
        (n,) int64: the most at once, however briefly.
    starts
        (n,) int64: instances seen with start and completion.
    starts_at_limit
        (n,) int64: of them, those that began while so many were under way that they made up the limit (or more).
    tolerance_us
        By how much instances are taken to end earlier than logged.
    """

    limit: Integers
    busy_us: Integers
    shared_us: Integers
    most: Integers
    starts: Integers
    starts_at_limit: Integers
    tolerance_us: int


def discover_multitasking(work: ResourceWork, *, tolerance_us: int = DEFAULT_TOLERANCE_US) -> Multitasking:
    """Discover how many instances each resource works on at once.

    The limit is the highest number at which, or above which, a resource spent at least `LEAST_SHARE` of its busy time,
    and at which at least `LEAST_STARTS` instances began.

    Parameters
    ----------
    tolerance_us
        By how much instances are taken to end earlier than logged.
    """
    owners = work.resources
    is_worked = work.is_worked
    owner = work.resource[is_worked].astype(np.int64)
    started, completed = work.started_us[is_worked], work.completed_us[is_worked]
    ended = np.maximum(completed - tolerance_us, started)
    edge_owner, at, level, is_start = sweep_levels(owner, started, ended)
    lasting = np.diff(at, append=at[-1:])
    lasting[edge_owner != np.append(edge_owner[1:], -1)] = 0
    limit = np.minimum(np.bincount(owner, minlength=owners), 1)
    starts = np.bincount(owner, minlength=owners)
    busy = _sum_by(edge_owner, lasting, level >= 1, owners)
    at_limit = starts.copy()
    for number in range(2, int(level.max(initial=0)) + 1):
        time_at = _sum_by(edge_owner, lasting, level >= number, owners)
        starts_at = np.bincount(edge_owner[is_start & (level >= number)], minlength=owners)
        is_supported = (limit == number - 1) & (time_at >= LEAST_SHARE * busy) & (starts_at >= LEAST_STARTS)
        if not is_supported.any():
            break
        limit[is_supported] = number
        at_limit[is_supported] = starts_at[is_supported]
    most = np.zeros(owners, dtype=np.int64)
    np.maximum.at(most, edge_owner, level)
    shared = _sum_by(edge_owner, lasting, level >= 2, owners)
    return Multitasking(limit, busy, shared, most, starts, at_limit, tolerance_us)


def sweep_levels(
    owner: Integers, started: Integers, ended: Integers
) -> tuple[Integers, Integers, Integers, npt.NDArray[np.bool_]]:
    """Return every edge of every span by owner and instant, with how many spans are open from there on.

    Of edges at one instant, ends come first: a span that begins where another ends does not overlap it. A span without
    length is left out of the levels: it begins and ends at once.

    Returns
    -------
    tuple
        Owner, instant, level behind the edge, and whether the edge is a start; each (2n,).
    """
    has_length = ended > started
    owner, started, ended = owner[has_length], started[has_length], ended[has_length]
    owners, at = np.tile(owner, 2), np.concatenate([started, ended])
    is_start = np.arange(len(at)) < len(owner)
    order = np.lexsort((is_start, at, owners))
    owners, at, is_start = owners[order], at[order], is_start[order]
    # Every owner opens as many spans as it closes, so the running sum is zero between owners.
    level = np.cumsum(np.where(is_start, 1, -1)).astype(np.int64)
    return owners, at, level, is_start


def _sum_by(owner: Integers, values: Integers, is_taken: npt.NDArray[np.bool_], owners: int) -> Integers:
    summed = np.zeros(owners, dtype=np.int64)
    np.add.at(summed, owner[is_taken], values[is_taken])
    return summed
