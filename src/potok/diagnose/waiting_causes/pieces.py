"""Waits cut into pieces in which the same instances of a case wait.

A piece is a part of one instance's wait in which the set of waiting instances of the case does not change, and which
lies wholly inside or wholly outside the instance's gap in the applicants' ledger. In a piece of ℓ microseconds shared
by k waits, the wait of rank r (from 0, by position) has ⌊(ℓ + r) / k⌋ of the case's time: over all ranks that is
exactly ℓ (Hermite's identity), so that the shares of a case add up to the length of the union of its waits.
"""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from potok.discover.compiled import ZERO, compiled
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers

_COLUMNS: Final = 6
_MOST_APART: Final = 3
"""Pieces of a wait that overlaps no other, at most."""


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
        number = np.full(max(int(rows[-1]), int(self.row.max())) + 1, -1)
        number[rows] = np.arange(len(rows))
        place = number[self.row]
        is_there = place >= 0
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
    made = _cut(case, np.stack((*waits, *gaps), axis=1))
    return Pieces(
        row=np.ascontiguousarray(made[:, 0]),
        from_us=np.ascontiguousarray(made[:, 1]),
        to_us=np.ascontiguousarray(made[:, 2]),
        sharers=made[:, 3].astype(np.int32),
        rank=made[:, 4].astype(np.int32),
        is_in_gap=made[:, 5].astype(np.bool_),
    )


@compiled
def _cut(case: Integers, spans: Integers) -> Integers:
    """Return the pieces of all cases, (m, 6) in the columns of `Pieces`; `spans` begin and end wait and gap, (n, 4)."""
    into = np.empty((_MOST_APART * len(case), _COLUMNS), np.int64)
    rows, found, begin = len(case), ZERO, ZERO
    while begin < rows:
        end, reach, is_apart = begin, UNKNOWN, True
        while end < rows and case[end] == case[begin]:
            if spans[end, 1] > spans[end, 0] != UNKNOWN:
                is_apart = is_apart and spans[end, 0] >= reach
                reach = max(reach, spans[end, 1])
            end += 1
        if is_apart:
            for row in range(begin, end):
                found = _cut_apart(row, spans, into, found)
        else:
            into, found = _cut_case(begin, end, spans, into, found)
        begin = end
    return into[:found]


@compiled
def _cut_apart(row: int, spans: Integers, into: Integers, found: int) -> int:
    """Write the pieces of a wait that overlaps no other: at most one before, one in and one behind its gap."""
    from_us, last = spans[row, 0], spans[row, 1]
    while from_us != UNKNOWN and from_us < last:
        to_us = last
        for place in range(2, 4):
            instant = spans[row, place]
            if instant != UNKNOWN and from_us < instant < to_us:
                to_us = instant
        _write(into, found, spans, row, from_us, to_us)
        into[found, 3], into[found, 4] = 1, 0
        found += 1
        from_us = to_us
    return found


@compiled
def _cut_case(begin: int, end: int, spans: Integers, into: Integers, found: int) -> tuple[Integers, int]:
    """Write the pieces of a case, one group of waits that overlap after the other; return where, and how many by then.

    Room for the pieces of waits that overlap no other is left.
    """
    order = _by_beginning(begin, end, spans)
    first, reach = 0, spans[order[0], 1]
    for place in range(1, len(order) + 1):
        if place == len(order) or spans[order[place], 0] >= reach:
            if place - first == 1:
                found = _cut_apart(order[first], spans, into, found)
            else:
                group = order[first:place].copy()
                group.sort()
                edges = _edges_of(group, spans)
                most = found + _count_shared(group, edges, spans) + _MOST_APART * (len(spans) - begin)
                if most > len(into):
                    into = np.concatenate((into[:found], np.empty((most, _COLUMNS), np.int64)))
                found = _cut_group(group, edges, spans, into, found)
            first = place
        if place < len(order):
            reach = max(reach, spans[order[place], 1])
    return into, found


@compiled
def _by_beginning(begin: int, end: int, spans: Integers) -> Integers:
    """Return the rows that wait, by the beginning of their waits."""
    rows, begins = np.empty(end - begin, np.int64), np.empty(end - begin, np.int64)
    waiting = ZERO
    for row in range(begin, end):
        if spans[row, 1] > spans[row, 0] != UNKNOWN:
            rows[waiting], begins[waiting] = row, spans[row, 0]
            waiting += 1
    order = np.argsort(begins[:waiting])
    for place in range(waiting):
        order[place] = rows[order[place]]
    return order


@compiled
def _count_shared(group: Integers, edges: Integers, spans: Integers) -> int:
    """Return the number of pieces of waits that overlap, at most."""
    count = ZERO
    for row in group:
        for place in range(len(edges) - 1):
            if spans[row, 0] <= edges[place] and spans[row, 1] >= edges[place + 1]:
                count += 1
    return int(count)


@compiled
def _cut_group(group: Integers, edges: Integers, spans: Integers, into: Integers, found: int) -> int:
    """Write the pieces of waits that overlap, directly or by way of others; `group` is ascending."""
    for place in range(len(edges) - 1):
        from_us, to_us = edges[place], edges[place + 1]
        if to_us == from_us:
            continue
        first = found
        for row in group:
            if spans[row, 0] <= from_us and spans[row, 1] >= to_us:
                _write(into, found, spans, row, from_us, to_us)
                into[found, 4] = found - first
                found += 1
        for piece in range(first, found):
            into[piece, 3] = found - first
    return found


@compiled
def _edges_of(group: Integers, spans: Integers) -> Integers:
    """Return the instants at which a group is cut, ascending."""
    edges = np.empty(4 * len(group), np.int64)
    count = ZERO
    for row in group:
        for place in range(4):
            instant = spans[row, place]
            if place < 2 or (instant != UNKNOWN and spans[row, 0] < instant < spans[row, 1]):
                edges[count] = instant
                count += 1
    edges = edges[:count]
    edges.sort()
    return edges


@compiled
def _write(into: Integers, place: int, spans: Integers, row: int, from_us: int, to_us: int) -> None:
    """Write a piece, but for who shares it."""
    into[place, 0], into[place, 1], into[place, 2] = row, from_us, to_us
    is_known = spans[row, 2] != UNKNOWN and spans[row, 3] != UNKNOWN
    into[place, 5] = 1 if is_known and spans[row, 2] <= from_us and to_us <= spans[row, 3] else 0
