"""Pairs of processes that stand alone together: little alike, but far more than either is like any third.

Two departments that word everything in their own way share few words. Whom the process is for they share, and nothing
else in the register comes near: each is the other's nearest, by far.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

Pair = tuple[int, int]

LEAST: Final = 0.15
"""Least score of such a pair."""
MUCH_NEARER: Final = 2.0
"""By so many times it is more alike than either process and any third."""
PARTIES_AGREE: Final = 0.5
"""Least agreement in whom the process is started by and for."""
FLOOR: Final = LEAST / MUCH_NEARER
"""Pairs below it are no rivals to any lone pair."""


def find_lone_pairs(
    scores: Mapping[Pair, float], *, parties: Mapping[Pair, float], alike: Iterable[Pair]
) -> list[Pair]:
    """Return pairs that are each other's nearest by far, in order.

    Parameters
    ----------
    scores
        Of all pairs of at least `FLOOR`, the lower number first.
    parties
        How far they agree in from whom and for whom, 0–1; NaN where either does not say.
    alike
        Pairs that are similar anyhow: who has a twin is not looked for another so far off.
    """
    taken = {number for pair in alike for number in pair}
    near: dict[int, list[float]] = defaultdict(list)
    for (one, other), score in scores.items():
        near[one].append(score)
        near[other].append(score)
    second = {number: sorted([*found, FLOOR, FLOOR])[-2] for number, found in near.items()}
    return sorted(
        (one, other)
        for (one, other), score in scores.items()
        if score >= LEAST
        and not {one, other} & taken
        and parties[one, other] >= PARTIES_AGREE
        and score >= MUCH_NEARER * max(second[one], second[other])
    )
