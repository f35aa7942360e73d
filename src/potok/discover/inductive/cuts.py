"""Cuts: how the activities of a directly-follows graph part into a block's children.

Sets of activities are bit masks (bit i: the i-th activity of the graph), so that a log with hundreds of activities
costs little more than one with ten.

References
----------
Leemans, Fahland, van der Aalst (2013), "Discovering block-structured process models from event logs: a constructive
approach", for the four cuts; Leemans (2017), "Robust process mining with guarantees", for keeping optional stretches of
a sequence together.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from potok.discover.inductive.follow_graph import FollowGraph, Pair
from potok.discover.process_tree import Operator


@dataclass(frozen=True, slots=True)
class Cut:
    """A block's operator and the activities of each child; of a loop the first part is done, the others are redone."""

    operator: Operator
    parts: tuple[frozenset[int], ...]


class _Masks:
    """A graph as bit masks."""

    def __init__(self, graph: FollowGraph) -> None:
        self.activities = graph.activities
        place = {activity: index for index, activity in enumerate(graph.activities)}
        self.everything = (1 << len(place)) - 1
        self.after, self.before = _neighbours(graph.follows, place)
        self.starts = sum(1 << place[activity] for activity in graph.starts)
        self.ends = sum(1 << place[activity] for activity in graph.ends)
        self.reaches = _close(self.after)

    def parts(self, masks: Collection[int]) -> tuple[frozenset[int], ...]:
        return tuple(frozenset(self.activities[index] for index in _bits(mask)) for mask in masks)


def find_cut(graph: FollowGraph) -> Cut | None:
    """Find the first cut of: exclusive choice, sequence, parallel, loop.

    Returns
    -------
    Cut or None
        None if there is no cut into two parts or more.
    """
    if len(graph.activities) < 2:
        return None
    masks = _Masks(graph)
    for operator, find in _FINDERS.items():
        parts = find(masks)
        if len(parts) > 1:
            return Cut(operator, masks.parts(parts))
    return None


def _find_choice(masks: _Masks) -> list[int]:
    return _components(masks.everything, [a | b for a, b in zip(masks.after, masks.before, strict=True)])


def _find_sequence(masks: _Masks) -> list[int]:
    """Group what is mutually reachable or mutually unreachable, and order the groups."""
    groups = [1 << index for index in range(len(masks.activities))]
    while True:
        reached = [_union(masks.reaches, group) for group in groups]
        ahead = _close([_overlaps(groups, mask) for mask in reached])
        behind = _transpose(ahead)
        whole = (1 << len(groups)) - 1
        together = [whole & ~(ahead[index] ^ behind[index]) for index in range(len(groups))]
        merged = _components(whole, together)
        if len(merged) == len(groups):
            break
        groups = [_union(groups, mask) for mask in merged]
    ordered = sorted(range(len(groups)), key=lambda index: (behind[index] & ~(1 << index)).bit_count())
    return _join_optional_stretches(masks, [groups[index] for index in ordered])


def _join_optional_stretches(masks: _Masks, groups: list[int]) -> list[int]:
    """Join neighbours that are only ever skipped together, so that they become one optional block."""
    ways = _ways_between(masks, groups)
    skippable = [any(start < index < end for start, end in ways) for index in range(1, len(groups) + 1)]
    joined: list[int] = []
    first = 0
    while first < len(groups):
        last = _end_of_stretch(first, skippable, ways)
        joined.append(_union(groups, ((1 << (last - first + 1)) - 1) << first))
        first = last + 1
    return joined if len(joined) > 1 else groups


def _ways_between(masks: _Masks, groups: list[int]) -> set[Pair]:
    """Return which group (from 1; 0 is the start, one more than their number the end) leads to which later one."""
    place = {index: number for number, group in enumerate(groups, start=1) for index in _bits(group)}
    ways = {(0, place[index]) for index in _bits(masks.starts)}
    ways |= {(place[index], len(groups) + 1) for index in _bits(masks.ends)}
    ways |= {(place[index], place[other]) for index, after in enumerate(masks.after) for other in _bits(after)}
    return {(start, end) for start, end in ways if start < end}


def _end_of_stretch(first: int, skippable: list[bool], ways: set[Pair]) -> int:
    """Return the end of the longest skippable stretch that is entered only at its first and left only at its last."""
    last = first
    while last < len(skippable) and skippable[last]:
        last += 1
    for candidate in range(last - 1, first, -1):
        low, high = first + 1, candidate + 1
        entered = all(end == low or not low <= end <= high for start, end in ways if start < low)
        left = all(start == high or not low <= start <= high for start, end in ways if end > high)
        if entered and left:
            return candidate
    return first


def _find_parallel(masks: _Masks) -> list[int]:
    """Part what is not connected both ways; each part needs a start and an end of its own."""
    apart = [masks.everything & ~(a & b) for a, b in zip(masks.after, masks.before, strict=True)]
    parts = sorted(_components(masks.everything, apart), key=int.bit_count)
    whole = [part for part in parts if part & masks.starts and part & masks.ends]
    lacking = [part for part in parts if not (part & masks.starts and part & masks.ends)]
    while lacking:
        part = lacking.pop(0)
        mate = next((i for i, other in enumerate(lacking) if _completes(masks, part | other)), None)
        if mate is not None:
            whole.append(part | lacking.pop(mate))
        elif whole:
            whole[0] |= part
        else:
            return []
    return whole


def _completes(masks: _Masks, part: int) -> bool:
    return bool(part & masks.starts and part & masks.ends)


def _find_loop(masks: _Masks) -> list[int]:
    """Take starts and ends as what is done; the rest falls into components, those entered or left otherwise join."""
    do = masks.starts | masks.ends
    links = [(a | b) & ~do for a, b in zip(masks.after, masks.before, strict=True)]
    redone = [part for part in _components(masks.everything & ~do, links) if _is_redone(masks, part)]
    return [masks.everything & ~_total(redone), *redone] if redone else []


def _is_redone(masks: _Masks, part: int) -> bool:
    """Tell whether a component is entered from every end and from nothing else, and leads to every start alone."""
    do = masks.starts | masks.ends
    entered = [index for index in _bits(part) if masks.before[index] & do]
    left = [index for index in _bits(part) if masks.after[index] & do]
    return (
        bool(entered and left)
        and all(masks.before[index] & do == masks.ends for index in entered)
        and all(masks.after[index] & do == masks.starts for index in left)
    )


_FINDERS = {
    Operator.CHOICE: _find_choice,
    Operator.SEQUENCE: _find_sequence,
    Operator.PARALLEL: _find_parallel,
    Operator.LOOP: _find_loop,
}


def _neighbours(pairs: Collection[Pair], place: Mapping[int, int]) -> tuple[list[int], list[int]]:
    after, before = [0] * len(place), [0] * len(place)
    for first, second in pairs:
        after[place[first]] |= 1 << place[second]
        before[place[second]] |= 1 << place[first]
    return after, before


def _close(after: list[int]) -> list[int]:
    """Return what each activity reaches (Warshall's algorithm, a row at a time)."""
    reaches = list(after)
    for middle in range(len(reaches)):
        through = reaches[middle]
        bit = 1 << middle
        for index, mask in enumerate(reaches):
            if mask & bit:
                reaches[index] = mask | through
    return reaches


def _components(members: int, linked: list[int]) -> list[int]:
    """Return the connected components among the members; links are taken both ways."""
    found = []
    while members:
        component, rim = 0, members & -members
        while rim:
            component |= rim
            rim = _union(linked, rim) & members & ~component
        members &= ~component
        found.append(component)
    return found


def _union(masks: list[int], chosen: int) -> int:
    union = 0
    for index in _bits(chosen):
        union |= masks[index]
    return union


def _total(masks: list[int]) -> int:
    total = 0
    for mask in masks:
        total |= mask
    return total


def _overlaps(groups: list[int], mask: int) -> int:
    return sum(1 << index for index, group in enumerate(groups) if group & mask)


def _transpose(rows: list[int]) -> list[int]:
    columns = [0] * len(rows)
    for index, row in enumerate(rows):
        for other in _bits(row):
            columns[other] |= 1 << index
    return columns


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
