"""Which of several alternatives is best, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.simulate.experiments.metrics import Metric

Reals = npt.NDArray[np.float64]
EQUAL: Final = 1e-3
"""Figures that differ by no more than this share of the larger are equally good."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Alternatives in the order of one figure.

    Parameters
    ----------
    metric
        The figure.
    ranks
        Of each alternative by its mean, 1 is best; equal ones share the better rank; 0 of what is not ranked.
    mean_ranks
        Mean over draws, or replications, of its rank there.
    best_shares
        Share of them in which it was best; equal ones share it evenly. They sum to 1; NaN of what is not ranked.
    """

    metric: Metric
    ranks: tuple[int, ...]
    mean_ranks: tuple[float, ...]
    best_shares: tuple[float, ...]


def rank_alternatives(values: npt.ArrayLike, *, metric: Metric) -> Ranking:
    """Rank alternatives.

    Parameters
    ----------
    values
        (draws or replications, alternatives): the figure; rows with NaN are left out.
    metric
        Says which way is good.
    """
    given = np.asarray(values, dtype=np.float64)
    known = given[np.isfinite(given).all(axis=1)]
    signed = known if metric.is_lower_better else -known
    if not len(signed):
        blank = (float("nan"),) * given.shape[1]
        return Ranking(metric, (0,) * given.shape[1], blank, blank)
    is_better = _is_better(signed)
    is_equal = ~is_better & ~np.swapaxes(is_better, 1, 2)
    within = 1 + is_better.sum(axis=1) + (is_equal.sum(axis=1) - 1) / 2
    is_best = ~is_better.any(axis=1)
    best = (is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0)
    overall = 1 + _is_better(signed.mean(axis=0, keepdims=True)).sum(axis=1)[0]
    return Ranking(
        metric,
        tuple(map(int, overall)),
        tuple(map(float, within.mean(axis=0))),
        tuple(map(float, best)),
    )


def rank_options(values: npt.ArrayLike, is_option: Sequence[bool], *, metric: Metric) -> Ranking:
    """Rank those alternatives that somebody could choose; the others have rank 0.

    Parameters
    ----------
    values, metric
        As of `rank_alternatives`.
    is_option
        As many as alternatives.
    """
    given = np.asarray(values, dtype=np.float64)
    found = rank_alternatives(given[:, np.asarray(is_option, dtype=bool)], metric=metric)
    ranked = iter(zip(found.ranks, found.mean_ranks, found.best_shares, strict=True))
    rows = [next(ranked) if one else (0, float("nan"), float("nan")) for one in is_option]
    ranks, mean_ranks, best_shares = zip(*rows, strict=True)
    return Ranking(metric, ranks, mean_ranks, best_shares)


def _is_better(signed: Reals) -> npt.NDArray[np.bool_]:
    """Return (draws, alternatives, alternatives): whether the first is clearly less than the second."""
    first, second = signed[:, :, None], signed[:, None, :]
    return np.asarray(second - first > EQUAL * np.maximum(np.abs(first), np.abs(second)))
