"""The distribution of a duration of which only bounds are known, one pair of bounds per instance.

Turnbull's non-parametric estimate of maximum likelihood: mass can lie only on the innermost intervals, those that begin
with a lower bound and end with the next upper bound, and its shares are found by self-consistency (the EM algorithm).
Bounds are put on a grid that is finer than any conclusion, so that the work grows with the grid and not with the log.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import Integers

Reals = npt.NDArray[np.float64]

# Steps of the grid beside the durations themselves.
GRID_STEP: Final = 0.001
_MOST_ROUNDS: Final = 5_000
_ENOUGH: Final = 1e-7


@dataclass(frozen=True, slots=True)
class Bounds:
    """Distinct pairs of bounds.

    Parameters
    ----------
    low, high
        (n,) int64: cells of the grid.
    pair
        (m,) int64: place of each instance's pair in these.
    """

    low: Integers
    high: Integers
    pair: Integers


@dataclass(frozen=True, slots=True)
class CensoredDistribution:
    """Where the mass of a duration lies.

    Parameters
    ----------
    from_seconds, to_seconds
        (k,) float: innermost intervals; where in one its mass lies cannot be told.
    share
        (k,) float: adds up to 1.
    """

    from_seconds: Reals
    to_seconds: Reals
    share: Reals

    @property
    def mean_seconds(self) -> float:
        """The mean, each interval's mass where it begins: no more than the bounds compel."""
        return float(self.share @ self.from_seconds)

    @property
    def most_mean_seconds(self) -> float:
        """The mean, each interval's mass where it ends."""
        return float(self.share @ self.to_seconds)

    def share_over(self, seconds: float) -> float:
        """Return the share of durations over so many seconds."""
        return min(1.0, float(self.share[self.from_seconds > seconds].sum()))


def to_cells(seconds: Reals) -> Integers:
    """Return the cells of the grid in which durations lie: 0 below a second, then by `GRID_STEP`."""
    return np.asarray(np.rint(np.log(np.maximum(seconds, 1.0)) / np.log1p(GRID_STEP)), dtype=np.int64)


def from_cells(cells: Integers) -> Reals:
    """Return the durations for which cells of the grid stand, seconds."""
    return np.where(cells == 0, 0.0, np.exp(cells * np.log1p(GRID_STEP)))


def collect_bounds(low_seconds: Reals, high_seconds: Reals) -> Bounds:
    """Put bounds on the grid and return the distinct pairs; a lower bound is no more than its upper bound."""
    pairs, pair = np.unique(
        np.column_stack([to_cells(low_seconds), to_cells(high_seconds)]), axis=0, return_inverse=True
    )
    return Bounds(pairs[:, 0], pairs[:, 1], pair.reshape(-1).astype(np.int64))


def estimate_distribution(bounds: Bounds, weights: Reals) -> CensoredDistribution:
    """Estimate the distribution of a duration from its bounds.

    Estimand: the distribution of the duration in the process that made the log. Assumption: how far the bounds of an
    instance lie apart does not depend on its duration, given where they lie.

    Parameters
    ----------
    weights
        How often each pair of bounds occurs; pairs that do not are left out.

    References
    ----------
    Turnbull (1976), "The empirical distribution function with arbitrarily grouped, censored and truncated data".
    """
    occurs = weights > 0
    low, high, counted = bounds.low[occurs], bounds.high[occurs], weights[occurs]
    if not len(low):
        return CensoredDistribution(np.zeros(0), np.zeros(0), np.zeros(0))
    begin, end = _innermost(low, high)
    first = np.searchsorted(begin, low, side="left")
    behind = np.searchsorted(end, high, side="right")
    share = _self_consistent(first, behind, counted / counted.sum(), len(begin), _MOST_ROUNDS, _ENOUGH)
    return CensoredDistribution(from_cells(begin), from_cells(end), share)


def _innermost(low: Integers, high: Integers) -> tuple[Integers, Integers]:
    """Return the intervals from a lower bound to the next upper bound with no other bound between."""
    cells = np.concatenate([low, high])
    is_high = np.arange(len(cells)) >= len(low)
    order = np.lexsort((is_high, cells))
    cells, is_high = cells[order], is_high[order]
    is_innermost = ~is_high[:-1] & is_high[1:]
    return cells[:-1][is_innermost], cells[1:][is_innermost]


@compiled
def _self_consistent(
    first: Integers, behind: Integers, weight: Reals, size: int, most_rounds: int, enough: float
) -> Reals:  # pragma: no cover
    """Return the shares of the innermost intervals: each pair of bounds holds those from `first` to before `behind`."""
    share = np.full(size, 1.0 / size)
    passed = np.zeros(size + 1)
    for _round in range(most_rounds):
        for place in range(size):
            passed[place + 1] = passed[place] + share[place]
        pull = np.zeros(size + 1)
        for pair in range(len(first)):
            held = passed[behind[pair]] - passed[first[pair]]
            if held > 0.0:
                pull[first[pair]] += weight[pair] / held
                pull[behind[pair]] -= weight[pair] / held
        moved, running = 0.0, 0.0
        for place in range(size):
            running += pull[place]
            now = share[place] * running
            moved = max(moved, abs(now - share[place]))
            share[place] = now
        if moved < enough:
            break
    return share
