"""Counting, over the cases of a log, what tells concurrent activities from those in sequence.

Pairs of activities are coded as ``first · n + second`` with n activities, so that a log of ten thousand activities
needs no matrix.
"""

from typing import Final

import numpy as np

from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Integers

MOST_COUNTERS: Final = 1 << 20
LONGEST_REACH: Final = 64
"""An overlap is looked for among so many following instances of a case, so that a case of thousands stays cheap."""


@compiled
def followers(
    case: Integers, activity: Codes, started: Integers, completed: Integers, activities: int
) -> tuple[Integers, Integers, Integers]:
    """Return pairs in direct succession, pairs that overlap, and middle pairs of short loops.

    Parameters
    ----------
    case, activity, started, completed
        (n,) by case and position.

    Returns
    -------
    tuple
        Codes of pairs, one per occurrence. Succession: an instance and the next one of its case, unless they overlap.
        Overlaps: both worked on at once, the earlier completed first, either code of the pair by turns. Loops: of
        a b a, the pair (a, b).
    """
    rows = len(case)
    succession, loops = np.empty(rows, np.int64), np.empty(rows, np.int64)
    overlaps = np.empty(max(rows, 16), np.int64)
    found, overlapping, looping = 0, 0, 0
    for row in range(rows - 1):
        first = np.int64(activity[row])
        if case[row + 1] == case[row]:
            second = np.int64(activity[row + 1])
            if not _overlap(row, row + 1, started, completed):
                succession[found] = first * activities + second
                found += 1
            if row + 2 < rows and case[row + 2] == case[row] and activity[row + 2] == first and second != first:
                loops[looping] = first * activities + second
                looping += 1
        for other in range(row + 1, min(rows, row + 1 + LONGEST_REACH)):
            if case[other] != case[row]:
                break
            if _overlap(row, other, started, completed):
                if overlapping == len(overlaps):
                    overlaps = np.concatenate((overlaps, np.empty(len(overlaps), np.int64)))
                overlaps[overlapping] = first * activities + np.int64(activity[other])
                overlapping += 1
    return succession[:found], overlaps[:overlapping], loops[:looping]


@compiled
def _overlap(row: int, other: int, started: Integers, completed: Integers) -> bool:
    """Return whether two instances were worked on at once."""
    if started[row] == UNKNOWN or started[other] == UNKNOWN or completed[row] == UNKNOWN or completed[other] == UNKNOWN:
        return False
    from_us = max(started[row], started[other])
    return bool(from_us < min(completed[row], completed[other]))


@compiled
def enabling_rows(
    case: Integers,
    activity: Codes,
    started: Integers,
    completed: Integers,
    partners: Integers,
    offsets: Integers,
) -> Integers:
    """Return, for each instance, the row of the instance whose completion enabled it; -1 if there is none.

    That is the latest completion, among the earlier instances of its case, of an activity that is not concurrent to
    its own, and not after its start (its completion, where the start is unknown).

    Parameters
    ----------
    partners, offsets
        The concurrent activities of activity a are ``partners[offsets[a] : offsets[a + 1]]``, ascending.
    """
    rows = len(case)
    enabler = np.full(rows, -1, np.int64)
    for row in range(rows):
        reached = started[row] if started[row] != UNKNOWN else completed[row]
        held = partners[offsets[activity[row]] : offsets[activity[row] + 1]]
        for other in range(row - 1, -1, -1):
            if case[other] != case[row]:
                break
            if completed[other] == UNKNOWN or (reached != UNKNOWN and completed[other] > reached):
                continue
            if not _holds(held, activity[other]):
                enabler[row] = other
                break
    return enabler


@compiled
def _holds(ascending: Integers, wanted: int) -> bool:
    """Return whether a number is among ascending ones."""
    if len(ascending) == 0:
        return False
    place = np.searchsorted(ascending, wanted)
    return bool(place < len(ascending) and ascending[place] == wanted)


def count_codes(codes: Integers, size: int) -> tuple[Integers, Integers]:
    """Return distinct codes, ascending and below `size`, and how often each occurs."""
    if size <= MOST_COUNTERS:
        counts = np.bincount(codes, minlength=1)
        distinct = np.flatnonzero(counts)
        return distinct.astype(np.int64), counts[distinct].astype(np.int64)
    distinct, counts = np.unique(codes, return_counts=True)
    return distinct, counts.astype(np.int64)
