"""Strongest ways through a directly-follows graph, by which a thinned map stays connected."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

START: Final = -1
END: Final = -2


@dataclass(frozen=True, slots=True)
class Passage:
    """A step from one activity to another, by number; `START` and `END` stand for the ends of cases.

    Parameters
    ----------
    source, target
        Positions in the graph's nodes, or `START`, `END`.
    count
        How often it was taken.
    edge
        Position in the graph's edges; None from `START` and to `END`.
    """

    source: int
    target: int
    count: int
    edge: int | None = None


def strongest_way_from_start(passages: Iterable[Passage]) -> dict[int, Passage]:
    """Return for each activity that can be reached the last passage of its strongest way from `START`.

    A way is as strong as its weakest passage (as in Split Miner's filter, Augusto et al. 2019). Ties go to the
    smaller numbers, so that the same log gives the same map.
    """
    return _strongest_tree(_by_end(passages, forward=True), root=START, forward=True)


def strongest_way_to_end(passages: Iterable[Passage]) -> dict[int, Passage]:
    """Return for each activity that reaches `END` the first passage of its strongest way there."""
    return _strongest_tree(_by_end(passages, forward=False), root=END, forward=False)


def _by_end(passages: Iterable[Passage], *, forward: bool) -> dict[int, list[Passage]]:
    grouped: dict[int, list[Passage]] = {}
    for passage in passages:
        grouped.setdefault(passage.source if forward else passage.target, []).append(passage)
    return grouped


def _strongest_tree(grouped: Mapping[int, list[Passage]], *, root: int, forward: bool) -> dict[int, Passage]:
    """Grow a tree from `root`, always by the strongest passage at its rim (Prim's algorithm for widest paths)."""
    chosen: dict[int, Passage] = {}
    rim = [_rim_entry(passage) for passage in grouped.get(root, ())]
    heapq.heapify(rim)
    while rim:
        passage = heapq.heappop(rim)[-1]
        reached = passage.target if forward else passage.source
        if reached in chosen or reached in (START, END):
            continue
        chosen[reached] = passage
        for further in grouped.get(reached, ()):
            heapq.heappush(rim, _rim_entry(further))
    return chosen


def _rim_entry(passage: Passage) -> tuple[int, int, int, Passage]:
    return (-passage.count, passage.source, passage.target, passage)
