"""How well scores tell cases with an outcome from those without."""

import math

import numpy as np

from potok.diagnose.comparison.covariates import Flags, Floats, Integers
from potok.inference.estimate import Estimate, student_quantile


def area_under_curve(scores: Floats, outcome: Flags, *, clusters: Integers, confidence: float = 0.95) -> Estimate:
    """Estimate the area under the ROC curve: how often a case with the outcome has the higher score, ties by half.

    The variance is that of the cases' placements, added up within clusters.

    Parameters
    ----------
    scores, outcome, clusters
        (n,): some cases with the outcome, some without.

    References
    ----------
    DeLong, DeLong and Clarke-Pearson (1988); Obuchowski (1997), "Nonparametric analysis of clustered ROC curve data".
    """
    with_it, without = np.sort(scores[outcome]), np.sort(scores[~outcome])
    above = (np.searchsorted(without, scores, side="left") + np.searchsorted(without, scores, side="right")) / (
        2 * len(without)
    )
    below = 1 - (np.searchsorted(with_it, scores, side="left") + np.searchsorted(with_it, scores, side="right")) / (
        2 * len(with_it)
    )
    area = float(above[outcome].mean())
    influence = np.where(outcome, (above - area) / len(with_it), (below - area) / len(without))
    _codes, place = np.unique(clusters, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=influence)
    count = len(sums)
    if count < 2:
        return Estimate(area, 0.0, 1.0, math.nan, confidence)
    error = math.sqrt(count / (count - 1) * float(np.sum(sums**2)))
    margin = student_quantile(confidence, degrees=count - 1) * error
    return Estimate(area, max(0.0, area - margin), min(1.0, area + margin), error, confidence)
