"""Fair to small numbers: partial pooling of groups, and how far their order can be told at all.

Groups with few cases come out on top and at the bottom of every list, by luck. Each group's estimate is therefore drawn
towards the mean of all by as much as its uncertainty is of what is seen, and its place among the others is given as an
interval. Assumes that groups differ by chance from a common mean, normally distributed, and that estimates are
independent of each other.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.observations import Floats, Integers

_HALVINGS: Final = 200
_DRAWS: Final = 4_000


@dataclass(frozen=True, slots=True)
class PooledGroups:
    """Groups drawn together.

    Parameters
    ----------
    mean
        Mean over all groups.
    between_sd
        Standard deviation of the true values between groups; 0 if chance alone explains what is seen.
    values
        Of each group: drawn towards the mean, with its interval.
    rank_lower, rank_upper
        Shape (k,): interval of each group's place, 1 for the lowest value.
    """

    mean: float
    between_sd: float
    values: tuple[Estimate, ...]
    rank_lower: Integers
    rank_upper: Integers


def pool_groups(values: Floats, standard_errors: Floats, *, confidence: float = 0.95, seed: int = 0) -> PooledGroups:
    """Draw the estimates of groups together.

    Parameters
    ----------
    values, standard_errors
        Shape (k,): of independent groups; standard errors above 0.
    seed
        Of the draws from which the intervals of places are counted.

    References
    ----------
    Paule and Mandel (1982) (variance between groups); Morris (1983), "Parametric empirical Bayes inference"; Goldstein
    and Spiegelhalter (1996), "League tables and their limitations".
    """
    between = _between_variance(values, standard_errors)
    weights = 1 / (standard_errors**2 + between)
    mean = float(np.sum(weights * values) / np.sum(weights))
    # The variance between groups is estimated, so that less is drawn than if it were known, and more is uncertain.
    known_share = max(0.0, (len(values) - 3) / (len(values) - 1)) if len(values) > 1 else 1.0
    kept = 1 - known_share * standard_errors**2 / (between + standard_errors**2)
    drawn = mean + kept * (values - mean)
    unsure = 2 / max(len(values) - 3, 1) * ((1 - kept) * (values - mean)) ** 2 if len(values) > 1 else 0.0
    spread = np.sqrt(kept * standard_errors**2 + (1 - kept) / np.sum(weights) + unsure)
    z = normal_quantile(confidence)
    estimates = tuple(
        Estimate(float(value), float(value - z * sd), float(value + z * sd), float(sd), confidence)
        for value, sd in zip(drawn, spread, strict=True)
    )
    draws = drawn + np.maximum(spread, 1e-12) * np.random.default_rng(seed).standard_normal((_DRAWS, len(values)))
    ranks = draws.argsort(axis=1).argsort(axis=1) + 1
    low, high = np.quantile(ranks, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return PooledGroups(mean, math.sqrt(between), estimates, np.floor(low).astype(np.int64), np.ceil(high).astype(int))


def _between_variance(values: Floats, standard_errors: Floats) -> float:
    """Return the variance at which the groups' weighted squares are what chance leads to expect."""
    if len(values) < 2:
        return 0.0

    def excess(between: float) -> float:
        weights = 1 / (standard_errors**2 + between)
        mean = np.sum(weights * values) / np.sum(weights)
        return float(np.sum(weights * (values - mean) ** 2)) - (len(values) - 1)

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float(np.var(values)) + 1e-300
    while excess(high) > 0:
        high *= 2
    for _step in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2
