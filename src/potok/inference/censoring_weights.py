"""Weights by which those seen to the end also speak for those who were not."""

import numpy as np
from numpy.typing import ArrayLike

from potok.inference.observations import Floats, count_risk_sets


def censoring_weights(durations: ArrayLike, observed: ArrayLike, *, horizon: float | None = None) -> Floats:
    """Return inverse-probability-of-censoring weights.

    A subject whose min(T, τ) is known weighs one over the probability of not having been censored before then; one
    censored earlier weighs 0. Then ``sum(w · min(T, τ)) / n`` is the restricted mean of the product-limit estimator,
    and ``1 − sum(w · 1[T ≤ t]) / n`` its curve, exactly.

    Parameters
    ----------
    durations, observed
        Shape (n,), as in `potok.inference.survival.kaplan_meier`; late entry is not provided for.
    horizon
        τ; infinite by default, so that all censored subjects weigh 0.

    Returns
    -------
    numpy.ndarray
        Shape (n,), float64.

    Raises
    ------
    NoSubjectsError, InvalidObservationsError
        If the arrays are empty or impossible.

    References
    ----------
    Satten and Datta (2001), "The Kaplan–Meier estimator as an inverse-probability-of-censoring weighted average".
    """
    risk = count_risk_sets(durations, observed)
    is_event = np.asarray(observed).astype(bool)
    left = np.asarray(durations, dtype=np.float64)
    end = np.minimum(left, np.inf if horizon is None else horizon)
    # At a shared instant events come before censorings, so they leave the risk set of being censored.
    exposed = risk.at_risk - risk.events[:, 0]
    censored = np.bincount(np.searchsorted(risk.times, left[~is_event]), minlength=risk.times.size)
    remaining = np.concatenate(([1.0], np.cumprod(1 - censored / np.maximum(exposed, 1))))
    uncensored = remaining[np.searchsorted(risk.times, end, side="left")]
    is_known = is_event if horizon is None else is_event | (left >= horizon)
    return np.divide(1.0, uncensored, out=np.zeros(left.size), where=is_known)
