"""The inductive miner on traces: find a cut, split the log, mine each part; fall through where there is no cut.

References
----------
Leemans, Fahland, van der Aalst (2013), "Discovering block-structured process models from event logs: a constructive
approach" (IM), and "… containing infrequent behaviour" (IMf); Leemans (2017), "Robust process mining with guarantees".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from potok.discover.inductive.cuts import Cut, find_cut
from potok.discover.inductive.follow_graph import (
    FollowGraph,
    Log,
    Sieve,
    count_follows,
    count_without_each,
    filter_rare,
)
from potok.discover.inductive.splits import split_before, split_log, take_out
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf

# Blocks within blocks: no reader follows more, and Python's stack holds no more than some hundreds.
MOST_LEVELS: Final = 50
# A trial costs about the square of the number of activities; unbounded, hundreds of them would take hours.
_TRIAL_BUDGET: Final = 200_000


@dataclass(frozen=True, slots=True)
class Filtering:
    """How what is infrequent is left out where a log does not come apart as it is.

    Parameters
    ----------
    noise_threshold
        0 leaves out nothing; up to 1 leaves out ever more.
    sieve
        Which passages stay.
    is_filtered_first
        Whether a cut of the filtered graph goes before one of the graph as it is.
    """

    noise_threshold: float
    sieve: Sieve = Sieve.OUT
    is_filtered_first: bool = False


Filterings = tuple[Filtering, ...]
Trees = list[ProcessTree]


def mine_traces(log: Log, labels: Callable[[int], str], *, filterings: Filterings) -> Trees:
    """Discover the process tree of a log for each of some filterings.

    While filterings agree on the cut they share the work, so that a few cost little more than one.

    Parameters
    ----------
    log
        Traces and their numbers of cases; empty traces are allowed.
    labels
        Gives the label of an activity code.
    filterings
        At threshold 0 every trace is kept: the tree then fits the log wholly.

    Notes
    -----
    What lies deeper than `MOST_LEVELS` may be done in any order.
    """
    return _Miner(labels).mine(log, filterings)


class _Miner:
    """Mines logs; every method returns a tree for each filtering, in their order."""

    def __init__(self, labels: Callable[[int], str]) -> None:
        self._labels = labels
        self._level = 0

    def mine(self, log: Log, filterings: Filterings) -> Trees:
        self._level += 1
        trees = self._mine_with_empty(log, filterings)
        self._level -= 1
        return trees

    def _mine_with_empty(self, log: Log, filterings: Filterings) -> Trees:
        empty, cases = log.get((), 0), sum(log.values())
        log = {trace: count for trace, count in log.items() if trace}
        if not log:
            return [SILENT] * len(filterings)
        trees = self._mine_traces(log, filterings)
        return [
            block(Operator.CHOICE, SILENT, tree) if empty and empty >= filtering.noise_threshold * cases else tree
            for tree, filtering in zip(trees, filterings, strict=True)
        ]

    def _mine_traces(self, log: Log, filterings: Filterings) -> Trees:
        graph = count_follows(log)
        if len(graph.activities) == 1 and all(len(trace) == 1 for trace in log):
            return [leaf(self._labels(graph.activities[0]))] * len(filterings)
        if self._level > MOST_LEVELS:
            return self._any_order(graph, filterings)
        cuts = _find_cuts(graph, filterings)
        trees: dict[int, ProcessTree] = {}
        for cut in dict.fromkeys(cuts):
            places = [place for place, other in enumerate(cuts) if other == cut]
            agreeing = tuple(filterings[place] for place in places)
            mined = self._mine_parts(cut, log, agreeing) if cut else self._fall_through(graph, log, agreeing)
            trees.update(zip(places, mined, strict=True))
        return [trees[place] for place in range(len(filterings))]

    def _mine_parts(self, cut: Cut, log: Log, filterings: Filterings) -> Trees:
        mined = zip(*(self.mine(part, filterings) for part in split_log(log, cut)), strict=True)
        if cut.operator is Operator.LOOP:
            return [block(Operator.LOOP, do, block(Operator.CHOICE, *redo)) for do, *redo in mined]
        return [block(cut.operator, *children) for children in mined]

    def _fall_through(self, graph: FollowGraph, log: Log, filterings: Filterings) -> Trees:
        """Describe a log that no cut parts, by the first of these that holds, ever less precisely."""
        activity = _find_beside(graph, log)
        if activity is not None:
            return self._mine_beside(activity, log, filterings)
        for ends in (graph.ends, None):
            pieces = split_before(log, starts=graph.starts, ends=ends)
            if sum(pieces.values()) > sum(log.values()):
                return [block(Operator.LOOP, tree, SILENT) for tree in self.mine(pieces, filterings)]
        return self._any_order(graph, filterings)

    def _mine_beside(self, activity: int | None, log: Log, filterings: Filterings) -> Trees:
        """Take out activities, one after another as long as no filtering finds a cut of what is left."""
        columns = []
        while activity is not None:
            alone, log = take_out(log, activity)
            columns.append(self.mine(alone, filterings))
            activity = _find_next_beside(log, filterings)
        columns.append(self.mine(log, filterings))
        return [block(Operator.PARALLEL, *trees) for trees in zip(*columns, strict=True)]

    def _any_order(self, graph: FollowGraph, filterings: Filterings) -> Trees:
        flower = block(Operator.CHOICE, *(leaf(self._labels(activity)) for activity in graph.activities))
        return [block(Operator.LOOP, flower, SILENT)] * len(filterings)


def _find_next_beside(log: Log, filterings: Filterings) -> int | None:
    """Find what `mine` would take out of a log next; None if for any filtering it would do something else first."""
    if () in log:
        return None
    graph = count_follows(log)
    if len(graph.activities) < 2 or any(cut is not None for cut in _find_cuts(graph, filterings)):
        return None
    return _find_beside(graph, log)


def _find_beside(graph: FollowGraph, log: Log) -> int | None:
    """Find an activity to put beside the others: one done exactly once in every trace, or without which is a cut."""
    single = _find_single(graph, log)
    return _find_concurrent(graph, log) if single is None else single


def _find_cuts(graph: FollowGraph, filterings: Filterings) -> list[Cut | None]:
    """Find the cut each filtering leads to."""
    whole = None if all(filtering.is_filtered_first for filtering in filterings) else find_cut(graph)
    cuts: list[Cut | None] = []
    for filtering in filterings:
        if whole is not None and not filtering.is_filtered_first:
            cuts.append(whole)
            continue
        cut = _find_frequent_cut(graph, filtering)
        cuts.append(find_cut(graph) if cut is None and filtering.is_filtered_first else cut)
    return cuts


def _find_frequent_cut(graph: FollowGraph, filtering: Filtering) -> Cut | None:
    if not filtering.noise_threshold:
        return None
    return find_cut(filter_rare(graph, noise_threshold=filtering.noise_threshold, sieve=filtering.sieve))


def _find_single(graph: FollowGraph, log: Log) -> int | None:
    """Find an activity that is done exactly once in every trace and has others beside it."""
    if len(graph.activities) == 1:
        return None
    once = (activity for activity in graph.activities if all(trace.count(activity) == 1 for trace in log))
    return next(once, None)


def _find_concurrent(graph: FollowGraph, log: Log) -> int | None:
    """Find an activity without which there is a cut."""
    if len(graph.activities) < 3:
        return None
    without = count_without_each(log, graph, activities=_worth_trying(graph))
    return next((activity for activity, rest in without if find_cut(rest) is not None), None)


def _worth_trying(graph: FollowGraph) -> tuple[int, ...]:
    """Return the activities to try to take out: all, or of very many the most frequent."""
    instances = dict(graph.ends)
    for (activity, _next), count in graph.follows.items():
        instances[activity] = instances.get(activity, 0) + count
    ranked = sorted(graph.activities, key=lambda activity: (-instances.get(activity, 0), activity))
    return tuple(ranked[: max(1, _TRIAL_BUDGET // len(ranked) ** 2)])
