"""Which instances were worked on in batches.

A batch is at least two instances of one activity, by one resource, that the resource let gather before it began with
any of them:

1. all of them were enabled when the first began (so that the whole batch was ready);
2. each begins at most a tolerated gap after the latest completion among those before it;
3. the resource could have begun earlier: for at least half of the time that it was there (on duty, where a calendar of
   its own is known, or busy) from the first to the last enablement among them, it was not busy with work enabled no
   later than the first. A queue worked off in the order of arrival, and mail found in the morning, are no batches;
4. the resource does so as a rule: at least half of the instances of the activity that it has worked on are in such
   groups, and at least five. A few things done in a row are no practice.

By how members lie to one another a batch is

- *parallel*: all begin at one instant and end at one instant;
- *sequential*: none begins before the one before it has ended;
- *concurrent*: any other.

A parallel batch needs no third condition: who begins several things in the same microsecond works on them together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.time_units import MINUTE_US
from potok.discover.batches.kernels import candidates, idle_times
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers
from potok.discover.resource_clocks import ResourceClocks, order_by_code

NO_BATCH: Final = -1
DEFAULT_GAP_US: Final = MINUTE_US
DEFAULT_IDLE_SHARE: Final = 0.5
DEFAULT_SUPPORT: Final = 0.5
LEAST_MEMBERS: Final = 5


class BatchKind(StrEnum):
    """How the members of a batch lie to one another."""

    PARALLEL = "parallel"
    SEQUENTIAL = "sequential"
    CONCURRENT = "concurrent"


KINDS: Final = (BatchKind.PARALLEL, BatchKind.SEQUENTIAL, BatchKind.CONCURRENT)


@dataclass(frozen=True, slots=True)
class BatchRules:
    """What makes a batch.

    Parameters
    ----------
    gap_us
        How long after the latest completion the next member may begin, microseconds.
    idle_share
        For which share of the time that its resource was there while the batch gathered it could have begun, over 0,
        at most 1.
    support
        Which share of what a resource does of an activity has to be in batches, 0–1.
    """

    gap_us: int = DEFAULT_GAP_US
    idle_share: float = DEFAULT_IDLE_SHARE
    support: float = DEFAULT_SUPPORT

    def __post_init__(self) -> None:
        if self.gap_us < 0:
            raise ValueError(f"gap_us must be 0 or more, not {self.gap_us}")
        if not (0 < self.idle_share <= 1 and 0 <= self.support <= 1):
            raise ValueError(f"shares must be at most 1, idle_share over 0, not {self.idle_share} and {self.support}")


@dataclass(frozen=True, slots=True)
class Batches:
    """The batches in some instances.

    Parameters
    ----------
    batch
        (n,) int64: number of each instance's batch, `NO_BATCH` without one.
    ready_us
        (n,) int64: when the last member of its batch was enabled; `UNKNOWN` without one.
    kind
        (b,) int64: places in `KINDS`.
    size, activity, resource
        (b,) int64: members, and codes.
    gathering_us, idle_us
        (b,) int64: from the first to the last enablement, and for how long of it the resource could have begun.
    """

    batch: Integers
    ready_us: Integers
    kind: Integers
    size: Integers
    activity: Integers
    resource: Integers
    gathering_us: Integers
    idle_us: Integers


def find_batches(
    held: Instances, enabled_us: Integers, *, clocks: ResourceClocks, rules: BatchRules | None = None
) -> Batches:
    """Find the batches in the work of resources; all instances of a resource have to be there.

    Parameters
    ----------
    enabled_us
        (n,) int64: when each instance was enabled; those of which it is unknown are in no batch.
    clocks
        What each resource does at once, and when it is on duty.

    References
    ----------
    Martin, Pufahl and Mannhardt (2021), "Detection of batch activities from event logs"; Lashkevich, Milani,
    Chapela-Campa and Dumas (2022), "Data-driven analysis of batch processing inefficiencies in business processes".
    """
    rules = rules or BatchRules()
    times = (np.where(enabled_us == UNKNOWN, held.started_us, enabled_us), held.started_us, held.completed_us)
    order, work = order_work(held, clocks)
    is_known = enabled_us[order] != UNKNOWN
    activities = int(held.activity.max(initial=-1)) + 1
    group = held.resource.astype(np.int64) * activities + held.activity
    begins, ends = candidates(order[is_known], group, times, rules.gap_us)
    runs = _Runs(order[is_known], begins, ends, group[order[is_known][begins]])
    first, last = runs.extremes(times[0])
    kind = _kinds(runs, times)
    resource = held.resource[order[is_known][begins]].astype(np.int64)
    there, idle = idle_times((first, last, resource), work, times, clocks.limit, clocks.calendar, clocks.duty)
    gathering = last - first
    is_batch = (kind == KINDS.index(BatchKind.PARALLEL)) | ((idle > 0) & (idle >= rules.idle_share * there))
    is_batch &= _is_practice(runs, is_batch, group[order], rules)
    return _batches(held, runs, is_batch, kind, (gathering, idle, last))


def _is_practice(runs: "_Runs", is_batch: Flags, groups: Integers, rules: BatchRules) -> Flags:
    """Return which runs are of a resource and an activity of which enough is in batches."""
    if not len(runs.begins):
        return is_batch
    known, worked = np.unique(groups, return_counts=True)
    place = np.searchsorted(known, runs.group)
    members = np.bincount(place[is_batch], weights=runs.size[is_batch], minlength=len(known))
    is_enough: Flags = (members >= LEAST_MEMBERS) & (members >= rules.support * worked)
    return is_enough[place]


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of rows: those of run i are ``order[begins[i] : ends[i]]``, all of one resource and activity."""

    order: Integers
    begins: Integers
    ends: Integers
    group: Integers

    @property
    def size(self) -> Integers:
        return self.ends - self.begins

    @property
    def members(self) -> Integers:
        """Rows of all runs, one run after the other."""
        if not len(self.begins):
            return np.zeros(0, np.int64)
        offsets = np.cumsum(self.size) - self.size
        places = np.arange(int(self.size.sum())) - np.repeat(offsets - self.begins, self.size)
        return self.order[places]

    def take(self, rows: Flags) -> "_Runs":
        return _Runs(self.order, self.begins[rows], self.ends[rows], self.group[rows])

    def extremes(self, values: Integers) -> tuple[Integers, Integers]:
        """Return the least and the greatest value in each run."""
        if not len(self.begins):
            return self.begins, self.begins
        offsets = np.cumsum(self.size) - self.size
        held = values[self.members]
        return np.minimum.reduceat(held, offsets), np.maximum.reduceat(held, offsets)


def order_work(held: Instances, clocks: ResourceClocks) -> tuple[Integers, tuple[Integers, Integers]]:
    """Return worked rows by resource, activity and start; and by resource, with where those of each begin."""
    rows = np.flatnonzero(held.is_worked)
    by_start = rows[np.argsort(held.started_us[rows], kind="stable")]
    activities = int(held.activity.max(initial=-1)) + 1
    by_activity, _offsets = order_by_code(held.activity, by_start, activities)
    by_resource, offsets = order_by_code(held.resource, by_activity, clocks.resources)
    return by_resource, (by_resource, offsets)


def _kinds(runs: _Runs, times: tuple[Integers, Integers, Integers]) -> Integers:
    _enabled, started, completed = times
    first_start, last_start = runs.extremes(started)
    first_end, last_end = runs.extremes(completed)
    is_parallel = (first_start == last_start) & (first_end == last_end)
    members = runs.members
    # Members are by start, so that an overlap shows between neighbours, if only with the latest completion so far.
    overlaps = np.zeros(len(members), bool)
    overlaps[1:] = started[members[1:]] < completed[members[:-1]]
    run = np.repeat(np.arange(len(runs.begins)), runs.size)
    overlaps[1:] &= run[1:] == run[:-1]
    is_overlapping = np.bincount(run[overlaps], minlength=len(runs.begins)) > 0
    return np.where(is_parallel, 0, np.where(is_overlapping, 2, 1)).astype(np.int64)


def _batches(
    held: Instances,
    runs: _Runs,
    is_batch: Flags,
    kind: Integers,
    times: tuple[Integers, Integers, Integers],
) -> Batches:
    gathering, idle, last = times
    kept = runs.take(is_batch)
    members = kept.members
    number = np.repeat(np.arange(len(kept.begins)), kept.size)
    batch = np.full(len(held), NO_BATCH)
    batch[members] = number
    ready = np.full(len(held), UNKNOWN)
    ready[members] = last[is_batch][number]
    first_rows = kept.order[kept.begins]
    return Batches(
        batch=batch,
        ready_us=ready,
        kind=kind[is_batch],
        size=kept.size,
        activity=held.activity[first_rows].astype(np.int64),
        resource=held.resource[first_rows].astype(np.int64),
        gathering_us=gathering[is_batch],
        idle_us=idle[is_batch],
    )
