"""Firings: the instants at which somebody began what had gathered, and since when it might have been begun.

Where a resource has a practice of batches of an activity, each run of instances that it did one after the other, all
of them ready when it began, is a firing; and so is each instance that it did alone: whoever begins a single paper every
day does not wait for ten of them. Runs count whether they were let gather or came overnight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.time_units import MINUTE_US
from potok.discover.batches.find import Batches, BatchRules, order_work
from potok.discover.batches.kernels import candidates, unfree_since
from potok.discover.batches.windows import NEVER
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.evidence import local_clock
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.discover.resource_clocks import ResourceClocks

# For so long somebody may have been free without having begun; in quick work less, this share of the usual gathering.
MOST_SLACK_US: Final = 10 * MINUTE_US
SLACK_SHARE: Final = 0.05
# Of more firings of an activity, so many are looked at, evenly over the log's time.
MOST_FIRINGS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Firings:
    """Firings of one activity, by the instant at which they began.

    Parameters
    ----------
    activity
        Code.
    offsets
        (f + 1,) int64: where the members of each begin in `enabled_us`.
    enabled_us
        (n,) int64: when the members were enabled, on the local clock, those of one firing ascending.
    started_us
        (f,) int64: when the first member was begun, on the local clock.
    unfree_since_us
        (f,) int64: since when nobody was free to begin, but for a slack; no earlier than the first enablement.
    instances, worked
        Instances in all firings, and all that were worked on, by whomever.
    counted
        Firings in the log; more than f where only some are looked at.
    """

    activity: int
    offsets: Integers
    enabled_us: Integers
    started_us: Integers
    unfree_since_us: Integers
    instances: int
    worked: int
    counted: int

    def __len__(self) -> int:
        return len(self.started_us)

    @property
    def size(self) -> Integers:
        """(f,) int64: members of each."""
        return np.diff(self.offsets)

    def gathered(self, number: int) -> Integers:
        """Return when so many members of each were enabled; `NEVER` where there are fewer."""
        is_enough = self.size >= number
        places = self.offsets[:-1] + np.where(is_enough, number - 1, 0)
        return np.where(is_enough, self.enabled_us[places], NEVER)


@dataclass(frozen=True, slots=True)
class _Members:
    """Rows of the members of firings, those of one firing together by enablement; and by firing what is known of it."""

    rows: Integers
    begins: Integers
    activity: Integers
    resource: Integers
    enabled_us: Integers
    started_us: Integers

    def __len__(self) -> int:
        return len(self.begins)


def collect_firings(
    held: Instances, enabled_us: Integers, batches: Batches, *, clocks: ResourceClocks, zone: str, rules: BatchRules
) -> tuple[list[Firings], Integers]:
    """Collect the firings of each activity, and when all other work was begun, on the local clock.

    Parameters
    ----------
    enabled_us
        (n,) int64: since when each instance could have been worked on; `UNKNOWN` where that is not known.
    batches
        As found in these instances.
    clocks
        What each resource does at once, and when it is on duty.
    zone
        Of the local clock.
    rules
        By which the batches were found.
    """
    order, work = order_work(held, clocks)
    activities = int(held.activity.max(initial=-1)) + 1
    group = held.resource.astype(np.int64) * activities + held.activity
    is_member = held.is_worked & (enabled_us != UNKNOWN)
    is_member &= np.isin(group, np.unique(batches.resource * activities + batches.activity))
    others = local_clock(held.started_us[held.is_worked & ~is_member], zone=zone)
    times = (np.minimum(enabled_us, held.started_us), held.started_us, held.completed_us)
    order = order[is_member[order]]
    members = _members(held, order, candidates(order, group, times, rules.gap_us), times[0])
    since = _unfree_since(held, members, work, clocks)
    enabled, started, since = (
        local_clock(instants, zone=zone) for instants in (members.enabled_us, members.started_us, since)
    )
    worked = np.bincount(held.activity[held.is_worked], minlength=1)
    found = _by_activity(members, worked, enabled, np.column_stack((started, since)))
    return list(found), others


def _members(held: Instances, rows: Integers, runs: tuple[Integers, Integers], enabled_us: Integers) -> _Members:
    """Return the rows of all firings; runs lie in `rows` from where they begin to before where they end."""
    # Runs are disjoint and of two rows at least: all rows but the first of each go on with the firing before them.
    change = np.zeros(len(rows) + 1, dtype=np.int64)
    change[runs[0] + 1] += 1
    change[runs[1]] -= 1
    number = np.cumsum(np.cumsum(change[: len(rows)]) == 0)
    order = np.lexsort((enabled_us[rows], number))
    rows, number = rows[order], number[order]
    begins = np.flatnonzero(np.diff(number, prepend=-1))
    started = np.minimum.reduceat(held.started_us[rows], begins) if len(begins) else begins
    first = rows[begins]
    activity, resource = held.activity[first].astype(np.int64), held.resource[first].astype(np.int64)
    return _Members(rows, begins, activity, resource, enabled_us[rows], started)


def _unfree_since(
    held: Instances, members: _Members, work: tuple[Integers, Integers], clocks: ResourceClocks
) -> Integers:
    """Return since when the resource of each firing was not free to begin it."""
    first = members.enabled_us[members.begins]
    order = np.argsort(members.resource, kind="stable")
    slack = _slack(members, first)
    times = (held.started_us, held.completed_us)
    since = np.empty(len(members), np.int64)
    since[order] = unfree_since(
        (first[order], members.started_us[order], members.resource[order], slack[order]),
        work,
        times,
        clocks.limit,
        clocks.calendar,
        clocks.duty,
    )
    return since


def _slack(members: _Members, first: Integers) -> Integers:
    """Return for how long the resource of each firing may have been free, by what is usual for its activity."""
    slack = np.zeros(len(members), np.int64)
    for activity in np.unique(members.activity).tolist():
        is_own = members.activity == activity
        usual = float(np.median(members.started_us[is_own] - first[is_own]))
        slack[is_own] = min(MOST_SLACK_US, int(SLACK_SHARE * usual))
    return slack


def _by_activity(members: _Members, worked: Integers, enabled: Integers, instants: Integers) -> Iterator[Firings]:
    """Yield the firings of each activity; `instants` holds when they began, and since when nobody was free."""
    ends = np.append(members.begins[1:], len(members.rows))
    for activity in np.unique(members.activity).tolist():
        own = np.flatnonzero(members.activity == activity)
        counted, instances = len(own), int((ends[own] - members.begins[own]).sum())
        own = own[np.argsort(instants[own, 0], kind="stable")]
        if counted > MOST_FIRINGS:
            own = own[np.linspace(0, counted - 1, MOST_FIRINGS).astype(np.int64)]
        sizes = ends[own] - members.begins[own]
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        places = np.arange(offsets[-1]) + np.repeat(members.begins[own] - offsets[:-1], sizes)
        yield Firings(
            activity=activity,
            offsets=offsets,
            enabled_us=enabled[places],
            started_us=instants[own, 0],
            unfree_since_us=instants[own, 1],
            instances=instances,
            worked=int(worked[activity]),
            counted=counted,
        )
