"""The inductive miner on a directly-follows graph alone, for logs whose variants are too many to split one by one.

The graph is parted along its cuts as the log would be; what a trace would tell beyond the graph is read from it as far
as it goes: a part is optional if a way leads past it. Precision is less than with traces, and the fitness of 1 at
threshold 0 holds for what the graph tells: every passage, start and end of the log is possible in the model.

References
----------
Leemans, Fahland, van der Aalst (2018), "Scalable process discovery and conformance checking" (IMd).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

from potok.discover.inductive.cuts import Cut, find_cut
from potok.discover.inductive.follow_graph import FollowGraph, Pair, Sieve, filter_rare
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf


def mine_graph(graph: FollowGraph, labels: Callable[[int], str], *, noise_threshold: float) -> ProcessTree:
    """Discover a process tree from a directly-follows graph.

    Parameters
    ----------
    labels
        Gives the label of an activity code.
    noise_threshold
        0 keeps every passage; up to 1 leaves out ever more of what is rare where there is no cut.
    """
    if not graph.activities:
        return SILENT
    if len(graph.activities) == 1:
        (activity,) = graph.activities
        is_repeated = (activity, activity) in graph.follows
        return block(Operator.LOOP, leaf(labels(activity)), SILENT) if is_repeated else leaf(labels(activity))
    cut = find_cut(graph)
    if cut is None and noise_threshold:
        graph = filter_rare(graph, noise_threshold=noise_threshold, sieve=Sieve.OUT)
        cut = find_cut(graph)
    if cut is None:
        flower = block(Operator.CHOICE, *(leaf(labels(activity)) for activity in graph.activities))
        return block(Operator.LOOP, flower, SILENT)
    children = []
    for part, is_optional in _split(graph, cut):
        tree = mine_graph(part, labels, noise_threshold=noise_threshold)
        children.append(block(Operator.CHOICE, SILENT, tree) if is_optional else tree)
    if cut.operator is Operator.LOOP:
        return block(Operator.LOOP, children[0], block(Operator.CHOICE, *children[1:]))
    return block(cut.operator, *children)


def _split(graph: FollowGraph, cut: Cut) -> list[tuple[FollowGraph, bool]]:
    """Return the graph of each part, and whether a case may pass it by."""
    part_of = {activity: number for number, part in enumerate(cut.parts) for activity in part}
    skipped = _skipped_parts(graph, cut, part_of)
    return [(_restrict(graph, cut, number, part_of), number in skipped) for number in range(len(cut.parts))]


def _restrict(graph: FollowGraph, cut: Cut, number: int, part_of: Mapping[int, int]) -> FollowGraph:
    """Keep what lies inside a part; where a sequence or loop is cut, ways in are its starts and ways out its ends."""
    part = cut.parts[number]
    starts: dict[int, int] = defaultdict(int, {a: count for a, count in graph.starts.items() if a in part})
    ends: dict[int, int] = defaultdict(int, {a: count for a, count in graph.ends.items() if a in part})
    follows: dict[Pair, int] = {}
    for (first, second), count in graph.follows.items():
        inside = (part_of[first] == number, part_of[second] == number)
        if all(inside):
            follows[first, second] = count
        elif cut.operator in (Operator.SEQUENCE, Operator.LOOP) and any(inside):
            if inside[0]:
                ends[first] += count
            else:
                starts[second] += count
    if cut.operator is Operator.LOOP and number == 0:
        # From one end to one start again without redoing anything in between stays inside what is done.
        starts, ends = _only(starts, graph.starts), _only(ends, graph.ends)
    return FollowGraph(tuple(sorted(part)), follows, dict(starts), dict(ends))


def _only(counts: Mapping[int, int], allowed: Mapping[int, int]) -> dict[int, int]:
    return {activity: count for activity, count in counts.items() if activity in allowed}


def _skipped_parts(graph: FollowGraph, cut: Cut, part_of: Mapping[int, int]) -> set[int]:
    """Return the parts of a sequence that some passage, start or end leads past."""
    if cut.operator is not Operator.SEQUENCE:
        return set()
    last = len(cut.parts)
    ways = {(part_of[first], part_of[second]) for first, second in graph.follows}
    ways |= {(-1, part_of[activity]) for activity in graph.starts}
    ways |= {(part_of[activity], last) for activity in graph.ends}
    return {number for number in range(last) if any(before < number < after for before, after in ways)}
