"""Where exactly a change lies, once it is known that there is one, and within which interval.

Of the columns those that changed most are kept and added, each weighted by its difference over its variance, so that
all of them help to find the place. The place is where the sum's means before and after differ most clearly. Its
interval follows from how large the difference is beside the variance.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from potok.inference.change_points_dependence import dependence_length
from potok.inference.observations import Floats, Integers

_MOST_COLUMNS: Final = 20
_CLEAR_SHARE: Final = 0.5
_ROUNDS: Final = 3
_FARTHEST: Final = 200.0
_HALVINGS: Final = 60


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


def locate(values: Floats, cut: int, *, confidence: float) -> Location:
    """Return the place of a change near a first guess, with its interval.

    The interval is that of the place at which a random walk with a drift to both sides is highest: as wide as the
    variance is large beside the square of the difference.

    Parameters
    ----------
    values
        Shape (n, f): a stretch of a series with one change in it.
    cut
        First guess, from 1 to n − 1.
    confidence
        Level of the interval.

    References
    ----------
    Yao (1987), "Approximating the distribution of the maximum likelihood estimate of the change-point"; Bai (1997),
    "Estimation of a change point in multiple regression models".
    """
    cut = sharpen(values, cut)
    line = _projected(values, cut)
    before, after = line[:cut], line[cut:]
    difference = float(after.mean() - before.mean())
    rest = np.concatenate([before - before.mean(), after - after.mean()])
    variance = float(rest.var()) * dependence_length(rest[:, None])
    reach = reach_of(confidence) * variance / difference**2 if difference else float(len(line))
    width = 1 + math.floor(min(reach, float(len(line))))
    return Location(cut, max(1, cut - width), min(len(values) - 1, cut + width))


@cache
def reach_of(confidence: float) -> float:
    """Return the quantile of the distance of a two-sided random walk's peak, in variances over squared differences."""
    low, high = 0.0, _FARTHEST
    for _step in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle) < confidence else (low, middle)
    return high


def _within(reach: float) -> float:
    """Return the probability that the peak lies within a distance on either side (Bai 1997, appendix B)."""
    root = math.sqrt(reach)
    tails = 1.5 * math.exp(reach) * _normal(-1.5 * root) + 0.5 * (reach + 5) * _normal(-root / 2) * -1
    one_sided = 1 + math.sqrt(reach / (2 * math.pi)) * math.exp(-reach / 8) + tails
    return 2 * one_sided - 1


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


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
