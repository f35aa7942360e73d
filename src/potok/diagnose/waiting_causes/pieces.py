"""Waits cut into pieces in which the same instances of a case wait.

A piece is a part of one instance's wait in which the set of waiting instances of the case does not change, and which
lies wholly inside or wholly outside the instance's gap in the applicants' ledger. In a piece of ℓ microseconds shared
by k waits, the wait of rank r (from 0, by position) has ⌊(ℓ + r) / k⌋ of the case's time: over all ranks that is
exactly ℓ (Hermite's identity), so that the shares of a case add up to the length of the union of its waits.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers


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


def cut_waits(case: Integers, waits: tuple[Integers, Integers], gaps: tuple[Integers, Integers]) -> Pieces:
    """Cut the waits of instances into pieces.

    Parameters
    ----------
    case
        (n,) int64, ascending.
    waits, gaps
        Beginning and end of each instance's wait and gap, (n,) int64 each; `UNKNOWN` where there is none.
    """
    rows = len(case)
    none = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    small = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.bool_))
    found = _cut(case, waits, gaps, none, small)
    wide = (np.empty(found, np.int64), np.empty(found, np.int64), np.empty(found, np.int64))
    narrow = (np.empty(found, np.int32), np.empty(found, np.int32), np.empty(found, np.bool_))
    if rows:
        _cut(case, waits, gaps, wide, narrow)
    return Pieces(*wide, *narrow)


_Pair = tuple[Integers, Integers]
_Wide = tuple[Integers, Integers, Integers]
_Narrow = tuple[Codes, Codes, npt.NDArray[np.bool_]]


@compiled
def _cut(case: Integers, waits: _Pair, gaps: _Pair, wide: _Wide, narrow: _Narrow) -> int:
    """Write the pieces of all cases, if there is room for any, and return how many there are."""
    rows, found, begin = len(case), 0, 0
    held = np.empty(16, np.int64)
    while begin < rows:
        end = begin
        while end < rows and case[end] == case[begin]:
            end += 1
        if end - begin > len(held):
            held = np.empty(2 * (end - begin), np.int64)
        waiting = 0
        for row in range(begin, end):
            if waits[0][row] != UNKNOWN and waits[1][row] != UNKNOWN and waits[1][row] > waits[0][row]:
                held[waiting] = row
                waiting += 1
        if waiting == 1:
            found = _cut_group(held[:1], waits, gaps, (wide, narrow), found)
        elif waiting > 1:
            found = _cut_case(held[:waiting], waits, gaps, (wide, narrow), found)
        begin = end
    return found


@compiled
def _cut_case(held: Integers, waits: _Pair, gaps: _Pair, into: tuple[_Wide, _Narrow], found: int) -> int:
    """Write the pieces of a case, one group of waits that overlap after the other."""
    order = held[np.argsort(waits[0][held])]
    begin = 0
    reach = waits[1][order[0]]
    for place in range(1, len(order) + 1):
        if place == len(order) or waits[0][order[place]] >= reach:
            group = order[begin:place].copy()
            group.sort()
            found = _cut_group(group, waits, gaps, into, found)
            begin = place
        if place < len(order):
            reach = max(reach, waits[1][order[place]])
    return found


@compiled
def _cut_group(group: Integers, waits: _Pair, gaps: _Pair, into: tuple[_Wide, _Narrow], found: int) -> int:
    """Write the pieces of waits that overlap, directly or by way of others; `group` is ascending."""
    edges = _edges_of(group, waits, gaps)
    for place in range(len(edges) - 1):
        from_us, to_us = edges[place], edges[place + 1]
        if to_us == from_us:
            continue
        sharers = 0
        for row in group:
            if waits[0][row] <= from_us and waits[1][row] >= to_us:
                sharers += 1
        rank = 0
        for row in group:
            if waits[0][row] <= from_us and waits[1][row] >= to_us:
                if len(into[0][0]):
                    _write(into, found, (row, from_us, to_us), (sharers, rank), _inside(from_us, to_us, row, gaps))
                found += 1
                rank += 1
    return found


@compiled
def _edges_of(group: Integers, waits: _Pair, gaps: _Pair) -> Integers:
    """Return the instants at which a group is cut, ascending."""
    edges = np.empty(4 * len(group), np.int64)
    count = 0
    for row in group:
        edges[count], edges[count + 1] = waits[0][row], waits[1][row]
        count += 2
        for instant in (gaps[0][row], gaps[1][row]):
            if instant != UNKNOWN and waits[0][row] < instant < waits[1][row]:
                edges[count] = instant
                count += 1
    edges = edges[:count]
    edges.sort()
    return edges


@compiled
def _inside(from_us: int, to_us: int, row: int, gaps: _Pair) -> bool:
    is_known = gaps[0][row] != UNKNOWN and gaps[1][row] != UNKNOWN
    return bool(is_known and gaps[0][row] <= from_us and to_us <= gaps[1][row])


@compiled
def _write(
    into: tuple[_Wide, _Narrow], place: int, span: tuple[int, int, int], shared: tuple[int, int], is_in_gap: bool
) -> None:
    wide, narrow = into
    wide[0][place], wide[1][place], wide[2][place] = span
    narrow[0][place], narrow[1][place] = shared
    narrow[2][place] = is_in_gap
