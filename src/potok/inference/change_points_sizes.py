"""By how much two stretches of a series differ: shares, means and medians, with intervals.

Intervals of differences are put together from those of either side (Zou and Donner, 2008), so that skewed sides keep
their skewness. Observations that depend on each other count for less: each stretch counts as so many observations as
its length is to the length of the dependence.
"""

import math

import numpy as np

from potok.inference.estimate import Estimate, normal_estimate, normal_quantile
from potok.inference.observations import Floats
from potok.inference.proportions import Arm, newcombe_difference


def share_change(before: Floats, after: Floats, *, dependence: float, confidence: float) -> Estimate:
    """Estimate how much a share rose, from observations that are 0 or 1 (Newcombe's hybrid score interval)."""
    arms = [Arm(float(side.mean()), max(1.0, len(side) / dependence)) for side in (after, before)]
    return newcombe_difference(*arms, confidence=confidence)


def mean_change(before: Floats, after: Floats, *, dependence: float, confidence: float) -> Estimate:
    """Estimate how much a mean rose, by the normal distribution."""
    variances = [float(side.var(ddof=1)) * min(dependence, len(side)) / len(side) for side in (before, after)]
    value = float(after.mean()) - float(before.mean())
    return normal_estimate(value, standard_error=math.sqrt(sum(variances)), confidence=confidence)


def median_change(before: Floats, after: Floats, *, dependence: float, confidence: float) -> Estimate:
    """Estimate how much a median rose, from the order statistics about either median.

    References
    ----------
    Zou and Donner (2008), "Construction of confidence limits about effect measures: a general approach".
    """
    middle, low, high = _median(after, dependence=dependence, confidence=confidence)
    middle_before, low_before, high_before = _median(before, dependence=dependence, confidence=confidence)
    value = middle - middle_before
    return Estimate(
        value,
        value - math.hypot(middle - low, high_before - middle_before),
        value + math.hypot(high - middle, middle_before - low_before),
        math.nan,
        confidence,
    )


def _median(side: Floats, *, dependence: float, confidence: float) -> tuple[float, float, float]:
    ordered = np.sort(side)
    reach = normal_quantile(confidence) * 0.5 / math.sqrt(max(1.0, len(side) / dependence))
    low, high = (int(np.clip(len(side) * (0.5 + sign * reach), 0, len(side) - 1)) for sign in (-1, 1))
    return float(np.median(ordered)), float(ordered[low]), float(ordered[high])
