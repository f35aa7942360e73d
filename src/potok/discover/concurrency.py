"""Which activities run side by side: the concurrency relation, by the measures of the heuristics miner.

With ``|a > b|`` the number of times that an instance of *b* follows one of *a* directly, *b* depends on *a* by

    a ⇒ b  =  (|a > b| − |b > a|) / (|a > b| + |b > a| + 1)

Two activities are concurrent if each follows the other and neither depends on the other to the degree of the threshold.
Where the log knows starts, two instances of a case that are worked on at once count as a succession in both directions,
whatever stands between them, because then neither can have waited for the other.

A short loop *a b a* is no concurrency, though each follows the other: if most of the rarer direction of a pair lies in
the middle of such loops, and overlaps do not outnumber them, the pair is in sequence. An activity is concurrent to
itself if its instances overlap more often than they follow one another.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.discover.concurrency_counts import count_codes, followers
from potok.discover.resource_calendars.work import Codes, Integers

DEFAULT_DEPENDENCY: Final = 0.9
LOOP_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class SuccessionCounts:
    """How often activities follow one another, overlap and loop; codes of pairs are ``first · activities + second``.

    Parameters
    ----------
    activities
        One more than the highest code of an activity.
    succession, overlap, loop
        (k,) int64: distinct pairs, ascending, each with the counts behind it. Overlaps count in either order of the
        pair, loops *a b a* as the pair (a, b).
    """

    activities: int
    succession: tuple[Integers, Integers]
    overlap: tuple[Integers, Integers]
    loop: tuple[Integers, Integers]


@dataclass(frozen=True, slots=True)
class ConcurrentPair:
    """Two activities (codes, the lower first) that run side by side, and what says so.

    Parameters
    ----------
    forwards, backwards
        How often the second follows the first directly, and the other way round, without an overlap.
    overlaps
        How often both were worked on at once.
    dependency
        The measure above, of the second on the first; −1 to 1.
    """

    activity: int
    other: int
    forwards: int
    backwards: int
    overlaps: int
    dependency: float


@dataclass(frozen=True, slots=True)
class Concurrency:
    """The concurrency relation of a log.

    Parameters
    ----------
    activities
        One more than the highest code of an activity.
    pairs
        By code.
    threshold
        From which dependency on two activities are in sequence.
    """

    activities: int
    pairs: tuple[ConcurrentPair, ...]
    threshold: float

    def partners(self) -> tuple[Integers, Integers]:
        """Return the activities concurrent to each: all in one array, and where those of each begin, (n + 1,)."""
        both = {(pair.activity, pair.other) for pair in self.pairs} | {
            (pair.other, pair.activity) for pair in self.pairs
        }
        ordered = sorted(both)
        counts = np.bincount([first for first, _other in ordered], minlength=self.activities).astype(np.int64)
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return np.array([other for _first, other in ordered], dtype=np.int64), offsets


def count_successions(case: Integers, activity: Codes, started: Integers, completed: Integers) -> SuccessionCounts:
    """Count successions, overlaps and short loops.

    Parameters
    ----------
    case, activity, started, completed
        (n,) by case and position; `UNKNOWN` for instants that the log does not have.
    """
    activities = int(activity.max(initial=-1)) + 1
    found = followers(case, activity, started, completed, activities)
    succession, overlap, loop = (count_codes(codes, activities**2) for codes in found)
    return SuccessionCounts(activities, succession, overlap, loop)


def join_counts(parts: list[SuccessionCounts]) -> SuccessionCounts:
    """Return the counts of a log from those of its parts."""
    activities = max((part.activities for part in parts), default=0)
    joined = [
        _added([_recoded(getattr(part, name), part.activities, activities) for part in parts])
        for name in ("succession", "overlap", "loop")
    ]
    return SuccessionCounts(activities, joined[0], joined[1], joined[2])


def discover_concurrency(counts: SuccessionCounts, *, threshold: float = DEFAULT_DEPENDENCY) -> Concurrency:
    """Discover which activities run side by side.

    Parameters
    ----------
    threshold
        From which dependency on two activities are in sequence, 0–1.

    References
    ----------
    Weijters, van der Aalst and Alves de Medeiros (2006), "Process mining with the HeuristicsMiner algorithm".
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be over 0, at most 1, not {threshold}")
    size = counts.activities
    succession, overlap, loop = (
        dict(zip(codes.tolist(), numbers.tolist(), strict=True))
        for codes, numbers in (counts.succession, counts.overlap, counts.loop)
    )
    seen = {tuple(sorted(divmod(code, size))) for code in (*succession, *overlap)} if size else set()
    pairs = []
    for first, second in sorted(seen):
        there, back = first * size + second, second * size + first
        overlaps = overlap.get(there, 0) + (overlap.get(back, 0) if there != back else 0)
        looped = loop.get(there, 0) + loop.get(back, 0)
        pair = _pair(first, second, succession.get(there, 0), succession.get(back, 0), overlaps)
        if _is_concurrent(pair, looped, threshold):
            pairs.append(pair)
    return Concurrency(size, tuple(pairs), threshold)


def _pair(first: int, second: int, forwards: int, backwards: int, overlaps: int) -> ConcurrentPair:
    dependency = (forwards - backwards) / (forwards + backwards + 2 * overlaps + 1)
    return ConcurrentPair(first, second, forwards, backwards, overlaps, dependency)


def _is_concurrent(pair: ConcurrentPair, looped: int, threshold: float) -> bool:
    if pair.activity == pair.other:
        return pair.overlaps > pair.forwards
    rarer = min(pair.forwards, pair.backwards)
    if rarer + pair.overlaps == 0 or abs(pair.dependency) >= threshold:
        return False
    is_loop = looped >= LOOP_SHARE * rarer and looped > pair.overlaps
    return not (is_loop and looped)


def _recoded(counted: tuple[Integers, Integers], old: int, new: int) -> tuple[Integers, Integers]:
    codes, numbers = counted
    first, second = np.divmod(codes, max(old, 1))
    return first * new + second, numbers


def _added(parts: list[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    none = np.zeros(0, np.int64)
    codes = np.concatenate([none, *(part[0] for part in parts)])
    numbers = np.concatenate([none, *(part[1] for part in parts)])
    distinct, place = np.unique(codes, return_inverse=True)
    total = np.zeros(len(distinct), np.int64)
    np.add.at(total, place, numbers)
    return distinct, total
