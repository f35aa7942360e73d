"""What the inductive miner knows of a log: which activity directly follows which, and how often.

A log is a mapping from traces (tuples of activity codes) to numbers of cases.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

Trace = tuple[int, ...]
Log = Mapping[Trace, int]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FollowGraph:
    """Directly-follows graph of a log without empty traces.

    Parameters
    ----------
    activities
        Codes, ascending.
    follows
        How often one is directly followed by another (or itself).
    starts, ends
        Cases that start, and end, with an activity.
    """

    activities: tuple[int, ...]
    follows: Mapping[Pair, int]
    starts: Mapping[int, int]
    ends: Mapping[int, int]


def count_follows(log: Log) -> FollowGraph:
    """Count what directly follows what."""
    follows: dict[Pair, int] = defaultdict(int)
    starts: dict[int, int] = defaultdict(int)
    ends: dict[int, int] = defaultdict(int)
    activities: set[int] = set()
    for trace, cases in log.items():
        if not trace:
            continue
        activities.update(trace)
        starts[trace[0]] += cases
        ends[trace[-1]] += cases
        for pair in pairwise(trace):
            follows[pair] += cases
    return FollowGraph(tuple(sorted(activities)), dict(follows), dict(starts), dict(ends))


def count_without_each(
    log: Log, graph: FollowGraph, *, activities: Collection[int]
) -> Iterator[tuple[int, FollowGraph]]:
    """Yield for each of some activities the graph of the log from which it is taken out; one pass serves all."""
    bypasses: dict[int, dict[tuple[int | None, int | None], int]] = defaultdict(lambda: defaultdict(int))
    for trace, cases in log.items():
        runs = [None, *(activity for activity, _run in groupby(trace)), None]
        for before, activity, after in zip(runs, runs[1:], runs[2:], strict=False):
            if activity is not None:
                bypasses[activity][before, after] += cases
    for activity in activities:
        yield activity, _without(graph, activity, bypasses[activity])


def _without(graph: FollowGraph, activity: int, bypasses: Mapping[tuple[int | None, int | None], int]) -> FollowGraph:
    follows = defaultdict(int, {pair: count for pair, count in graph.follows.items() if activity not in pair})
    starts = defaultdict(int, {start: count for start, count in graph.starts.items() if start != activity})
    ends = defaultdict(int, {end: count for end, count in graph.ends.items() if end != activity})
    for (before, after), cases in bypasses.items():
        if before is not None and after is not None:
            follows[before, after] += cases
        elif after is not None:
            starts[after] += cases
        elif before is not None:
            ends[before] += cases
    rest = tuple(other for other in graph.activities if other != activity)
    return FollowGraph(rest, dict(follows), dict(starts), dict(ends))


class Sieve(StrEnum):
    """Beside what a passage must be frequent to stay in a filtered graph.

    `OUT`: the strongest way out of its activity (the end of the case included), as the miner's authors filter.
    `BOTH`: the strongest way out of its activity and the strongest way into the next (the start included).
    `CONNECTED`: as `BOTH`, but the strongest way into each activity stays in any case.
    """

    OUT = "out"
    BOTH = "both"
    CONNECTED = "connected"


def filter_rare(graph: FollowGraph, *, noise_threshold: float, sieve: Sieve) -> FollowGraph:
    """Leave out what is rare beside its strongest sibling.

    A passage stays if its count reaches `noise_threshold` (0–1) of what `sieve` names; starts and ends stay if they
    reach that share of the most frequent start and end.

    References
    ----------
    Leemans, Fahland, van der Aalst (2013), "Discovering block-structured process models from event logs containing
    infrequent behaviour".
    """
    follows = filter_rare_pairs(graph.follows, ends=graph.ends, noise_threshold=noise_threshold)
    if sieve is not Sieve.OUT:
        follows = _filter_ways_in(graph, follows, noise_threshold, keeps_strongest=sieve is Sieve.CONNECTED)
    return FollowGraph(
        graph.activities, follows, _at_least(graph.starts, noise_threshold), _at_least(graph.ends, noise_threshold)
    )


def _filter_ways_in(
    graph: FollowGraph, follows: dict[Pair, int], share: float, *, keeps_strongest: bool
) -> dict[Pair, int]:
    strongest = dict(graph.starts)
    strongest_from_other: dict[int, int] = {}
    for (activity, following), count in graph.follows.items():
        strongest[following] = max(count, strongest.get(following, 0))
        if activity != following:
            strongest_from_other[following] = max(count, strongest_from_other.get(following, 0))
    kept = {pair: count for pair, count in follows.items() if count >= share * strongest[pair[1]]}
    if keeps_strongest:
        for pair, count in graph.follows.items():
            is_strongest = pair[0] != pair[1] and count == strongest_from_other[pair[1]]
            if is_strongest and count >= share * strongest[pair[1]]:
                kept[pair] = count
    return kept


def filter_rare_pairs(
    follows: Mapping[Pair, int], *, ends: Mapping[int, int], noise_threshold: float
) -> dict[Pair, int]:
    """Keep the pairs that reach `noise_threshold` of the strongest way out of their first activity."""
    strongest = dict(ends)
    for (activity, _next), count in follows.items():
        strongest[activity] = max(count, strongest.get(activity, 0))
    return {pair: count for pair, count in follows.items() if count >= noise_threshold * strongest[pair[0]]}


def _at_least(counts: Mapping[int, int], share: float) -> dict[int, int]:
    most = max(counts.values(), default=0)
    return {activity: count for activity, count in counts.items() if count >= share * most}
