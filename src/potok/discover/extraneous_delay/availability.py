"""When somebody who can do an activity was on duty and free."""

from collections.abc import Iterator, Sequence

import numpy as np

from potok.discover.multitasking import Multitasking, sweep_levels
from potok.discover.resource_calendars.spans import OwnedSpans
from potok.discover.resource_calendars.work import Integers, ResourceWork

# Instances whose edges are sorted at once; about 200 bytes each.
CHUNK: int = 1_000_000


def free_spans(work: ResourceWork, duty: OwnedSpans, multitasking: Multitasking) -> OwnedSpans:
    """Return when each resource was on duty and below its limit of instances at once.

    Notes
    -----
    Resources are swept in groups of about `CHUNK` instances, so memory grows with the chunk and with the answer alone.
    """
    owners = duty.owners
    is_worked = work.is_worked & (work.resource < owners)
    counts = np.bincount(work.resource[is_worked], minlength=owners) + np.diff(duty.offsets)
    offsets, parts = [np.zeros(1, np.int64)], []
    for first, last in _chunks(counts):
        chosen = is_worked & (work.resource >= first) & (work.resource < last)
        spans = slice(int(duty.offsets[first]), int(duty.offsets[last]))
        on_duty = np.repeat(np.arange(first, last), np.diff(duty.offsets[first : last + 1]))
        owner, starts, ends = _free(
            (on_duty, duty.starts_us[spans], duty.ends_us[spans]),
            (work.resource[chosen].astype(np.int64), work.started_us[chosen], work.completed_us[chosen]),
            multitasking.limit,
        )
        parts.append((starts, ends))
        offsets.append(np.bincount(owner - first, minlength=last - first))
    return OwnedSpans(
        np.cumsum(np.concatenate(offsets)).astype(np.int64),
        np.concatenate([starts for starts, _ends in parts] or [np.zeros(0, np.int64)]),
        np.concatenate([ends for _starts, ends in parts] or [np.zeros(0, np.int64)]),
    )


def _chunks(counts: Integers) -> Iterator[tuple[int, int]]:
    """Yield stretches of owners with about `CHUNK` rows together."""
    passed = np.cumsum(counts)
    first = 0
    while first < len(counts):
        before = int(passed[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(passed, before + CHUNK, side="right")))
        yield first, last
        first = last


_Owned = tuple[Integers, Integers, Integers]


def _free(duty: _Owned, busy: _Owned, limit: Integers) -> _Owned:
    """Return when owners are on duty with fewer spans of work open than their limit."""
    owner = np.concatenate([duty[0], busy[0], duty[0], busy[0]])
    at = np.concatenate([duty[1], busy[1], duty[2], busy[2]])
    on, off = np.ones(len(duty[0]), np.int64), np.ones(len(busy[0]), np.int64)
    none_on, none_off = np.zeros_like(on), np.zeros_like(off)
    is_on = np.concatenate([on, none_off, -on, none_off])
    is_busy = np.concatenate([none_on, off, none_on, -off])
    order = np.lexsort((at, owner))
    owner, at = owner[order], at[order]
    # What happens at one instant takes no time between, so its order does not matter.
    on_duty, level = np.cumsum(is_on[order]), np.cumsum(is_busy[order])
    is_free = (on_duty > 0) & (level < np.maximum(limit[owner], 1))
    following = np.append(at[1:], at[-1:])
    is_span = is_free & (following > at) & (owner == np.append(owner[1:], -1))
    return owner[is_span], at[is_span], following[is_span]


def anyone_free(free: OwnedSpans, resources: Sequence[int]) -> tuple[Integers, Integers]:
    """Return when at least one of some resources was free: starts and ends, ascending and disjoint."""
    parts = [free.of(resource) for resource in resources]
    starts = np.concatenate([part[0] for part in parts] or [np.zeros(0, np.int64)])
    ends = np.concatenate([part[1] for part in parts] or [np.zeros(0, np.int64)])
    owner = np.zeros(len(starts), dtype=np.int64)
    _owner, at, level, is_start = sweep_levels(owner, starts, ends)
    # Where one span ends and another begins at one instant, the level falls to 0 for no time.
    opens = is_start & (level == 1)
    closes = ~is_start & (level == 0)
    begun, ended = at[opens], at[closes]
    is_new = np.concatenate([[True], begun[1:] > ended[:-1]]) if len(begun) else np.zeros(0, bool)
    return begun[is_new], ended[np.roll(is_new, -1)]


def first_free(starts: Integers, ends: Integers, since: Integers, until: Integers) -> Integers:
    """Return the first free instant at or after `since`; `until` where there is none before it."""
    place = np.searchsorted(ends, since, side="right")
    found = np.append(starts, np.iinfo(np.int64).max)[place]
    return np.asarray(np.minimum(np.maximum(found, since), until))


def last_free(starts: Integers, ends: Integers, since: Integers, until: Integers) -> Integers:
    """Return until when, at the latest, somebody was free between `since` and `until`; `since` if nobody was."""
    place = np.searchsorted(starts, until, side="left")
    found = np.concatenate([[np.iinfo(np.int64).min], ends])[place]
    return np.asarray(np.maximum(np.minimum(found, until), since))
