"""Where exactly a change lies, once it is known that there is one, and within which interval.

Of the columns those that changed most are kept and added, each weighted by its difference over its variance, so that
all of them help to find the place. The place is where the sum's means before and after differ most clearly. Its
interval comes from drawing both sides anew, with replacement, and locating again.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.observations import Floats, Integers

_MOST_COLUMNS: Final = 20
_CLEAR_SHARE: Final = 0.5
_DRAWS: Final = 199
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Location:
    """First observation after a change, with the interval in which it lies."""

    index: int
    lower: int
    upper: int


def sharpen(values: Floats, cut: int) -> int:
    """Return the place of a change near a first guess.

    Parameters
    ----------
    values
        Shape (n, f): a stretch of a series with one change in it.
    cut
        First guess, from 1 to n − 1.
    """
    # Near the ends a few odd observations would look like a change: the place stays within half the way to either end.
    reach = (max(1, cut // 2), len(values) - max(1, (len(values) - cut) // 2))
    for _round in range(_ROUNDS):
        better = int(clearest_cut(_projected(values, cut)[:, None], within=reach)[0])
        if better == cut:
            break
        cut = better
    return cut


def locate(values: Floats, cut: int, *, confidence: float, generator: np.random.Generator, block: int = 1) -> Location:
    """Return the place of a change near a first guess, with its interval.

    Parameters
    ----------
    values
        Shape (n, f): a stretch of a series with one change in it.
    cut
        First guess, from 1 to n − 1.
    confidence
        Level of the interval.
    block
        Observations drawn together, as they depend on each other.

    References
    ----------
    Antoch, Hušková and Veraverbeke (1995), "Change-point problem and bootstrap".
    """
    cut = sharpen(values, cut)
    line = _projected(values, cut)
    before, after = line[:cut], line[cut:]
    drawn = np.concatenate(
        [_drawn(before, block=block, generator=generator), _drawn(after, block=block, generator=generator)], axis=0
    )
    moved = clearest_cut(drawn, within=(1, len(values) - 1)) - cut
    low, high = np.quantile(moved, [(1 - confidence) / 2, (1 + confidence) / 2])
    last = len(values) - 1
    return Location(cut, max(1, min(cut, round(cut - high))), min(last, max(cut, round(cut - low))))


def clearest_cut(lines: Floats, *, within: tuple[int, int]) -> Integers:
    """Return where the means before and after differ most clearly.

    Parameters
    ----------
    lines
        Shape (n, k): k series.
    within
        First and last place to be considered, both from 1 to n − 1.

    Returns
    -------
    numpy.ndarray
        Shape (k,).
    """
    count = len(lines)
    cuts = np.arange(within[0], within[1] + 1)[:, None]
    sums = np.cumsum(lines - lines.mean(axis=0), axis=0)[within[0] - 1 : within[1]]
    found: Integers = within[0] + np.argmax(sums * sums / (cuts * (count - cuts)), axis=0)
    return found


def _projected(values: Floats, cut: int) -> Floats:
    before, after = values[:cut], values[cut:]
    difference = after.mean(axis=0) - before.mean(axis=0)
    # A column that is constant on both sides would weigh without limit: as much as one odd observation is allowed.
    variance = (before.var(axis=0) * cut + after.var(axis=0) * len(after)) / len(values) + 1 / len(values)
    clearness = difference**2 / variance
    chosen = np.argsort(-clearness, kind="stable")[:_MOST_COLUMNS]
    chosen = chosen[clearness[chosen] >= _CLEAR_SHARE**2 * clearness[chosen[0]]]
    line: Floats = values[:, chosen] @ (difference[chosen] / variance[chosen])
    return line


def _drawn(side: Floats, *, block: int, generator: np.random.Generator) -> Floats:
    """Return redrawn sides, shape (n, draws), made of blocks that may run round the end."""
    count = len(side)
    block = max(1, min(block, count // 4))
    starts = generator.integers(0, count, (-(-count // block), _DRAWS))
    rows = (starts[:, None, :] + np.arange(block)[None, :, None]).reshape(-1, _DRAWS)[:count] % count
    drawn: Floats = side[rows]
    return drawn
