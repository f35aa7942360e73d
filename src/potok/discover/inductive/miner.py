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
    count_eventually_follows,
    count_follows,
    count_without_each,
    filter_rare,
    filter_rare_pairs,
)
from potok.discover.inductive.splits import split_before, split_log, take_out
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf

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
    is_order_eventual
        Whether sequences are looked for among what at some time follows (filtered alike), as the miner's authors do,
        or among what can be reached by the passages that stay.
    is_filtered_first
        Whether a cut of the filtered graph goes before one of the graph as it is.
    """

    noise_threshold: float
    sieve: Sieve = Sieve.OUT
    is_order_eventual: bool = False
    is_filtered_first: bool = False


def mine_traces(log: Log, labels: Callable[[int], str], *, filtering: Filtering) -> ProcessTree:
    """Discover the process tree of a log.

    Parameters
    ----------
    log
        Traces and their numbers of cases; empty traces are allowed.
    labels
        Gives the label of an activity code.
    filtering
        At threshold 0 every trace is kept: the tree then fits the log wholly.
    """
    return _Miner(labels, filtering).mine(log)


class _Miner:
    def __init__(self, labels: Callable[[int], str], filtering: Filtering) -> None:
        self._labels = labels
        self._filtering = filtering
        self._noise_threshold = filtering.noise_threshold

    def mine(self, log: Log) -> ProcessTree:
        empty, cases = log.get((), 0), sum(log.values())
        log = {trace: count for trace, count in log.items() if trace}
        if not log:
            return SILENT
        tree = self._mine_traces(log)
        if empty and empty >= self._noise_threshold * cases:
            return block(Operator.CHOICE, SILENT, tree)
        return tree

    def _mine_traces(self, log: Log) -> ProcessTree:
        graph = count_follows(log)
        if len(graph.activities) == 1 and all(len(trace) == 1 for trace in log):
            return leaf(self._labels(graph.activities[0]))
        cut = self._find_cut(graph, log)
        if cut is not None:
            return self._mine_parts(cut, log)
        return self._fall_through(graph, log)

    def _find_cut(self, graph: FollowGraph, log: Log) -> Cut | None:
        if self._filtering.is_filtered_first:
            return self._find_frequent_cut(graph, log) or find_cut(graph)
        return find_cut(graph) or self._find_frequent_cut(graph, log)

    def _find_frequent_cut(self, graph: FollowGraph, log: Log) -> Cut | None:
        if not self._noise_threshold:
            return None
        later = None
        if self._filtering.is_order_eventual:
            later = filter_rare_pairs(
                count_eventually_follows(log), ends=graph.ends, noise_threshold=self._noise_threshold
            )
        frequent = filter_rare(graph, noise_threshold=self._noise_threshold, sieve=self._filtering.sieve)
        return find_cut(frequent, later=later)

    def _mine_parts(self, cut: Cut, log: Log) -> ProcessTree:
        children = [self.mine(part) for part in split_log(log, cut)]
        if cut.operator is Operator.LOOP:
            return block(Operator.LOOP, children[0], block(Operator.CHOICE, *children[1:]))
        return block(cut.operator, *children)

    def _fall_through(self, graph: FollowGraph, log: Log) -> ProcessTree:
        """Describe a log that no cut parts, by the first of these that holds, ever less precisely."""
        for attempt in (self._take_out_single, self._take_out_concurrent, self._repeat_strictly, self._repeat):
            tree = attempt(graph, log)
            if tree is not None:
                return tree
        flower = block(Operator.CHOICE, *(leaf(self._labels(activity)) for activity in graph.activities))
        return block(Operator.LOOP, flower, SILENT)

    def _take_out_single(self, graph: FollowGraph, log: Log) -> ProcessTree | None:
        """Take out an activity that is done exactly once in every trace."""
        if len(graph.activities) == 1:
            return None
        for activity in graph.activities:
            if all(trace.count(activity) == 1 for trace in log):
                return self._mine_beside(activity, log)
        return None

    def _take_out_concurrent(self, graph: FollowGraph, log: Log) -> ProcessTree | None:
        """Take out an activity without which there is a cut."""
        if len(graph.activities) < 3:
            return None
        for activity, rest in count_without_each(log, graph, activities=_worth_trying(graph)):
            if find_cut(rest) is not None:
                return self._mine_beside(activity, log)
        return None

    def _mine_beside(self, activity: int, log: Log) -> ProcessTree:
        alone, rest = take_out(log, activity)
        return block(Operator.PARALLEL, self.mine(alone), self.mine(rest))

    def _repeat_strictly(self, graph: FollowGraph, log: Log) -> ProcessTree | None:
        return self._mine_repeated(log, split_before(log, starts=graph.starts, ends=graph.ends))

    def _repeat(self, graph: FollowGraph, log: Log) -> ProcessTree | None:
        return self._mine_repeated(log, split_before(log, starts=graph.starts, ends=None))

    def _mine_repeated(self, log: Log, pieces: Log) -> ProcessTree | None:
        if sum(pieces.values()) == sum(log.values()):
            return None
        return block(Operator.LOOP, self.mine(pieces), SILENT)


def _worth_trying(graph: FollowGraph) -> tuple[int, ...]:
    """Return the activities to try to take out: all, or of very many the most frequent."""
    instances = dict(graph.ends)
    for (activity, _next), count in graph.follows.items():
        instances[activity] = instances.get(activity, 0) + count
    ranked = sorted(graph.activities, key=lambda activity: (-instances.get(activity, 0), activity))
    return tuple(ranked[: max(1, _TRIAL_BUDGET // len(ranked) ** 2)])
