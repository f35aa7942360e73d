"""Splitting a log along a cut: each child of the block gets a log of its own.

Where a trace breaks the cut, as few events as possible are left out (the infrequent variant's splits); where none
does, every event is kept.
"""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from potok.discover.inductive.cuts import Cut
from potok.discover.inductive.follow_graph import Log, Trace
from potok.discover.process_tree import Operator

Parted = dict[int, int]


def split_log(log: Log, cut: Cut) -> tuple[Log, ...]:
    """Return the log of each part of a cut, in the cut's order."""
    part_of = {activity: number for number, part in enumerate(cut.parts) for activity in part}
    logs: tuple[dict[Trace, int], ...] = tuple(defaultdict(int) for _part in cut.parts)
    for trace, cases in log.items():
        for number, piece in _SPLITTERS[cut.operator](trace, part_of, len(cut.parts)):
            logs[number][piece] += cases
    return logs


def _split_choice(trace: Trace, part_of: Parted, _n_parts: int) -> Iterator[tuple[int, Trace]]:
    """Give the trace to the part that has most of its events."""
    counts: dict[int, int] = defaultdict(int)
    for activity in trace:
        counts[part_of[activity]] += 1
    chosen = max(counts, key=lambda number: (counts[number], -number))
    yield chosen, tuple(activity for activity in trace if part_of[activity] == chosen)


def _split_parallel(trace: Trace, part_of: Parted, n_parts: int) -> Iterator[tuple[int, Trace]]:
    pieces: list[list[int]] = [[] for _part in range(n_parts)]
    for activity in trace:
        pieces[part_of[activity]].append(activity)
    yield from ((number, tuple(piece)) for number, piece in enumerate(pieces))


def _split_sequence(trace: Trace, part_of: Parted, n_parts: int) -> Iterator[tuple[int, Trace]]:
    """Keep a longest run of events whose parts never go back; it leaves out the fewest."""
    numbers = [part_of[activity] for activity in trace]
    if all(first <= second for first, second in itertools.pairwise(numbers)):
        yield from _split_parallel(trace, part_of, n_parts)
        return
    kept = tuple(trace[index] for index in _longest_ascent(numbers))
    yield from _split_parallel(kept, part_of, n_parts)


def _longest_ascent(numbers: Sequence[int]) -> list[int]:
    """Return the positions of a longest subsequence that never descends (patience sorting)."""
    tails: list[int] = []
    last_at: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_right(tails, number)
        before.append(last_at[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        last_at[length : length + 1] = [index]
    kept = []
    index = last_at[-1] if last_at else -1
    while index >= 0:
        kept.append(index)
        index = before[index]
    return kept[::-1]


def _split_loop(trace: Trace, part_of: Parted, _n_parts: int) -> Iterator[tuple[int, Trace]]:
    """Part a trace wherever it goes over from one part to another; what is done comes first, last and between."""
    current = 0
    piece: list[int] = []
    for activity in trace:
        number = part_of[activity]
        if number != current:
            yield current, tuple(piece)
            if current and number:
                yield 0, ()
            current, piece = number, []
        piece.append(activity)
    yield current, tuple(piece)
    if current:
        yield 0, ()


_SPLITTERS = {
    Operator.CHOICE: _split_choice,
    Operator.SEQUENCE: _split_sequence,
    Operator.PARALLEL: _split_parallel,
    Operator.LOOP: _split_loop,
}


def split_before(log: Log, *, starts: Mapping[int, int], ends: Mapping[int, int] | None) -> Log:
    """Part traces before every start activity, or only where it follows an end activity if those are given."""
    pieces: dict[Trace, int] = defaultdict(int)
    for trace, cases in log.items():
        first = 0
        for index in range(1, len(trace)):
            if trace[index] in starts and (ends is None or trace[index - 1] in ends):
                pieces[trace[first:index]] += cases
                first = index
        pieces[trace[first:]] += cases
    return pieces


def take_out(log: Log, activity: int) -> tuple[Log, Log]:
    """Return the log of one activity alone and the log of all others; empty traces stay."""
    alone: dict[Trace, int] = defaultdict(int)
    rest: dict[Trace, int] = defaultdict(int)
    for trace, cases in log.items():
        others = tuple(other for other in trace if other != activity)
        alone[(activity,) * (len(trace) - len(others))] += cases
        rest[others] += cases
    return alone, rest
