"""The statistic by which a series of vectors is searched for a change of mean, and its distribution by shuffling.

The series is cut into blocks of equal length, and every column is looked at over intervals of many lengths: in each
interval, and for each way to cut it in two, the difference between the means before and after the cut is divided by its
standard error. The largest of these over columns, cuts and intervals is the statistic; longer intervals, of which there
are fewer, are given the advantage that they deserve. Its distribution if nothing changes is that over shuffled blocks:
whatever dependence there is between columns is kept, so that many columns that say the same cost nothing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from potok.inference.observations import Floats, Integers

# Shuffled series are summed in single precision, which halves the time.
Reals = NDArray[np.floating[Any]]

LEAST_BLOCKS: Final = 16
MOST_BLOCKS: Final = 200
_LEAST_SIDE: Final = 3
_SIDE_SHARE: Final = 0.1
_ENOUGH_EXCEEDED: Final = 10
_SHUFFLES_PER_LEVEL: Final = 4
_MOST_SHUFFLES: Final = 9_999


@dataclass(frozen=True, slots=True)
class Scan:
    """Where a series changes most, and how likely so much is if it does not change.

    Parameters
    ----------
    cut
        First observation after the cut.
    start, end
        The interval, half-open, in which the cut is clearest.
    statistic
        Largest standardised difference, less what its interval's length is allowed.
    p_value
        Share of shuffled series with at least such a statistic.
    """

    cut: int
    start: int
    end: int
    statistic: float
    p_value: float


def block_edges(count: int, length: int) -> Integers:
    """Return where the blocks of a series begin and end, shape (blocks + 1,); blocks differ by one at most."""
    blocks = min(MOST_BLOCKS, max(1, count // length))
    return np.linspace(0, count, blocks + 1).astype(np.int64)


def block_means(values: Floats, edges: Integers) -> Floats:
    """Return the means of the blocks, each column standardised over the blocks; columns that never vary are dropped."""
    sums = np.add.reduceat(values, edges[:-1], axis=0)
    means = sums / np.diff(edges)[:, None]
    means -= means.mean(axis=0)
    spread = means.std(axis=0)
    kept = spread > 1e-9
    standardised: Floats = means[:, kept] / spread[kept]
    return standardised


def scan(values: Floats, *, length: int, level: float, generator: np.random.Generator) -> Scan | None:
    """Search a series for its clearest change.

    Shuffling stops as soon as ten shuffled series were at least as extreme, so that a series without change costs
    little; the p value is valid either way. None if there are too few blocks, or nothing varies.

    Parameters
    ----------
    values
        Shape (n, f).
    length
        Least length of a block.
    level
        The level at which the answer is to be judged: there are four times as many shuffles as it takes to reach it.

    References
    ----------
    Kovács et al. (2023), "Seeded binary segmentation"; Besag and Clifford (1991), "Sequential Monte Carlo p-values".
    """
    edges = block_edges(len(values), length)
    if len(edges) - 1 < LEAST_BLOCKS:
        return None
    means = block_means(values, edges)
    if not means.shape[1]:
        return None
    intervals = tuple(_seeded_intervals(len(means)))
    best = _clearest_cut(means, intervals)
    shuffles = min(_MOST_SHUFFLES, math.ceil(_SHUFFLES_PER_LEVEL / level))
    p_value = _shuffled_share(means, intervals, best.statistic, shuffles=shuffles, generator=generator)
    return Scan(int(edges[best.cut]), int(edges[best.start]), int(edges[best.end]), best.statistic, p_value)


@dataclass(frozen=True, slots=True)
class _Intervals:
    """Intervals of one length (in blocks), and the cuts within each."""

    starts: Integers
    length: int
    cuts: Integers
    weights: Floats
    allowance: float


def _seeded_intervals(blocks: int) -> Iterator[_Intervals]:
    """Yield intervals that shrink by half and overlap by half, down to twice the least side."""
    length = float(blocks)
    while (size := math.ceil(length)) >= max(2 * _LEAST_SIDE, LEAST_BLOCKS // 2):
        number = 2 * math.ceil(blocks / length) - 1
        starts = np.unique(np.linspace(0, blocks - size, number).round().astype(np.int64))
        side = max(_LEAST_SIDE, round(_SIDE_SHARE * size))
        cuts = np.arange(side, size - side + 1)
        weights = np.sqrt(size / (cuts * (size - cuts)))
        yield _Intervals(starts, size, cuts, weights, math.sqrt(2 * math.log(math.e * blocks / size)))
        length /= 2


def _clearest_cut(means: Floats, intervals: tuple[_Intervals, ...]) -> Scan:
    """Return the clearest cut in blocks, its p value not yet known."""
    sums = _running_sums(means)
    best = Scan(0, 0, len(means), -math.inf, 1.0)
    for scale in intervals:
        size = _differences(sums, scale).max(axis=2)
        top = int(np.argmax(size))
        found = float(size.flat[top]) - scale.allowance
        if found > best.statistic:
            row, cut = np.unravel_index(top, size.shape)
            start = int(scale.starts[row])
            best = Scan(start + int(scale.cuts[cut]), start, start + scale.length, found, 1.0)
    return best


def _shuffled_share(
    means: Floats, intervals: tuple[_Intervals, ...], statistic: float, *, shuffles: int, generator: np.random.Generator
) -> float:
    narrow = means.astype(np.float32)
    exceeded = 0
    for done in range(1, shuffles + 1):
        sums = _running_sums(narrow[generator.permutation(len(narrow))])
        exceeded += any(
            float(_differences(sums, scale).max()) - scale.allowance >= statistic - 1e-4 for scale in intervals
        )
        if exceeded >= _ENOUGH_EXCEEDED:
            return exceeded / done
    return (exceeded + 1) / (shuffles + 1)


def _running_sums(means: Reals) -> Reals:
    sums: Reals = np.zeros((len(means) + 1, means.shape[1]), means.dtype)
    np.cumsum(means, axis=0, out=sums[1:])
    return sums


def _differences(sums: Reals, scale: _Intervals) -> Reals:
    """Return the standardised differences of intervals of one length, shape (intervals, cuts, columns)."""
    begins, ends = sums[scale.starts], sums[scale.starts + scale.length]
    slope = (ends - begins) / scale.length
    within = sums[scale.starts[:, None] + scale.cuts] - begins[:, None, :]
    cuts = scale.cuts.astype(sums.dtype)[None, :, None]
    off = within - cuts * slope[:, None, :]
    sizes: Reals = np.abs(off) * scale.weights.astype(sums.dtype)[None, :, None]
    return sizes
