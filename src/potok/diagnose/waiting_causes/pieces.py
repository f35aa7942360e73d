"""Waits cut into pieces in which the same instances of a case wait.

A piece is a part of one instance's wait in which the set of waiting instances of the case does not change, and which
lies wholly inside or wholly outside the instance's gap in the applicants' ledger. In a piece of ℓ microseconds shared
by k waits, the wait of rank r (from 0, by position) has ⌊(ℓ + r) / k⌋ of the case's time: over all ranks that is
exactly ℓ (Hermite's identity), so that the shares of a case add up to the length of the union of its waits.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers

_COLUMNS: Final = 6


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of waits, by case.

    Parameters
    ----------
    row
        (m,) int64: the instance that waits.
    from_us, to_us
        (m,) int64: half-open.
    sharers, rank
        (m,) int32: how many instances of the case wait in it, and which of them this one is.
    is_in_gap
        (m,) bool: whether it lies in the instance's gap.
    """

    row: Integers
    from_us: Integers
    to_us: Integers
    sharers: Codes
    rank: Codes
    is_in_gap: Flags

    def __len__(self) -> int:
        return len(self.row)

    def of_rows(self, rows: Integers) -> "Pieces":
        """Return the pieces of some instances, ascending, which are then counted from 0."""
        if not len(rows) or not len(self):
            return Pieces(*(getattr(self, column.name)[:0] for column in fields(self)))
        place = np.minimum(np.searchsorted(rows, self.row), len(rows) - 1)
        is_there = rows[place] == self.row
        others = (getattr(self, column.name)[is_there] for column in fields(self)[1:])
        return Pieces(place[is_there], *others)


def cut_waits(case: Integers, waits: tuple[Integers, Integers], gaps: tuple[Integers, Integers]) -> Pieces:
    """Cut the waits of instances into pieces.

    Parameters
    ----------
    case
        (n,) int64, ascending.
    waits, gaps
        Beginning and end of each instance's wait and gap, (n,) int64 each; `UNKNOWN` where there is none.
    """
    # One array for all: every array that a compiled loop hands on costs time.
    spans = np.stack((*waits, *gaps), axis=1)
    found = _cut(case, spans, np.zeros((0, _COLUMNS), np.int64))
    made = np.empty((found, _COLUMNS), np.int64)
    if found:
        _cut(case, spans, made)
    return Pieces(
        row=np.ascontiguousarray(made[:, 0]),
        from_us=np.ascontiguousarray(made[:, 1]),
        to_us=np.ascontiguousarray(made[:, 2]),
        sharers=made[:, 3].astype(np.int32),
        rank=made[:, 4].astype(np.int32),
        is_in_gap=made[:, 5].astype(np.bool_),
    )


@compiled
def _cut(case: Integers, spans: Integers, into: Integers) -> int:
    """Write the pieces of all cases, if there is room for any, and return how many there are.

    Parameters
    ----------
    spans
        (n, 4): beginning and end of wait and gap.
    into
        (m, 6): the columns of `Pieces`.
    """
    rows, found, begin = len(case), 0, 0
    while begin < rows:
        end, reach, is_apart = begin, UNKNOWN, True
        while end < rows and case[end] == case[begin]:
            if spans[end, 1] > spans[end, 0] != UNKNOWN:
                is_apart = is_apart and spans[end, 0] >= reach
                reach = max(reach, spans[end, 1])
            end += 1
        found = _cut_apart(begin, end, spans, into, found) if is_apart else _cut_case(begin, end, spans, into, found)
        begin = end
    return found


@compiled
def _cut_apart(begin: int, end: int, spans: Integers, into: Integers, found: int) -> int:
    """Write the pieces of waits without overlaps: at most one before, one in and one behind the gap of each."""
    for row in range(begin, end):
        from_us, last = spans[row, 0], spans[row, 1]
        while from_us != UNKNOWN and from_us < last:
            to_us = last
            for place in (2, 3):
                instant = spans[row, place]
                if instant != UNKNOWN and from_us < instant < to_us:
                    to_us = instant
            if len(into):
                _write(into, found, spans, row, (from_us, to_us), (1, 0))
            found += 1
            from_us = to_us
    return found


@compiled
def _cut_case(begin: int, end: int, spans: Integers, into: Integers, found: int) -> int:
    """Write the pieces of a case, one group of waits that overlap after the other."""
    held = np.empty(end - begin, np.int64)
    waiting = 0
    for row in range(begin, end):
        if spans[row, 1] > spans[row, 0] != UNKNOWN:
            held[waiting] = row
            waiting += 1
    order = held[:waiting][np.argsort(spans[held[:waiting], 0])]
    first, reach = 0, spans[order[0], 1]
    for place in range(1, waiting + 1):
        if place == waiting or spans[order[place], 0] >= reach:
            if place - first == 1:
                found = _cut_apart(order[first], order[first] + 1, spans, into, found)
            else:
                found = _cut_group(np.sort(order[first:place]), spans, into, found)
            first = place
        if place < waiting:
            reach = max(reach, spans[order[place], 1])
    return found


@compiled
def _cut_group(group: Integers, spans: Integers, into: Integers, found: int) -> int:
    """Write the pieces of waits that overlap, directly or by way of others; `group` is ascending."""
    edges = _edges_of(group, spans)
    for place in range(len(edges) - 1):
        from_us, to_us = edges[place], edges[place + 1]
        if to_us == from_us:
            continue
        sharers = 0
        for row in group:
            if spans[row, 0] <= from_us and spans[row, 1] >= to_us:
                sharers += 1
        rank = 0
        for row in group:
            if spans[row, 0] <= from_us and spans[row, 1] >= to_us:
                if len(into):
                    _write(into, found, spans, row, (from_us, to_us), (sharers, rank))
                found += 1
                rank += 1
    return found


@compiled
def _edges_of(group: Integers, spans: Integers) -> Integers:
    """Return the instants at which a group is cut, ascending."""
    edges = np.empty(4 * len(group), np.int64)
    count = 0
    for row in group:
        edges[count], edges[count + 1] = spans[row, 0], spans[row, 1]
        count += 2
        for place in (2, 3):
            if spans[row, place] != UNKNOWN and spans[row, 0] < spans[row, place] < spans[row, 1]:
                edges[count] = spans[row, place]
                count += 1
    edges = edges[:count]
    edges.sort()
    return edges


@compiled
def _write(
    into: Integers, place: int, spans: Integers, row: int, piece: tuple[int, int], shared: tuple[int, int]
) -> None:
    into[place, 0] = row
    into[place, 1], into[place, 2] = piece
    into[place, 3], into[place, 4] = shared
    is_known = spans[row, 2] != UNKNOWN and spans[row, 3] != UNKNOWN
    into[place, 5] = 1 if is_known and spans[row, 2] <= piece[0] and piece[1] <= spans[row, 3] else 0
