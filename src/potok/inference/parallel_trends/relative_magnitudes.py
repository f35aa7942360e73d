"""Honest intervals where steps of the trend after the change are bounded by those before it.

The set of such trends is a union: for each step s before the base, and each sign, the trends whose largest step before
the base is s. Given s, the target lies between l'β − M·K·Δβₛ and l'β + M·K·Δβₛ, where K is how much the target moves
if every step after the base is 1. Both ends are linear in the effects, so each gets a one-sided limit at half the error
wanted; the interval is the union over s and sign. It covers whichever step is the largest, in finite samples of a
normal distribution. It does not use that all other steps are smaller, and is therefore wider than the conditional and
hybrid intervals of the paper, but needs neither simulation nor enumeration.
"""

from typing import Final

import numpy as np

from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.observations import Floats
from potok.inference.parallel_trends.event_study import EventStudy

_SIGNS: Final = (-1.0, 1.0)


def relative_interval(event_study: EventStudy, target: Floats, *, bound: float, confidence: float) -> Estimate:
    """Return the interval; its value is the plain mean effect.

    Parameters
    ----------
    target
        Shape (p,): weights of the effects, 0 before the base.
    bound
        Largest step after the base, as a multiple of the largest before it.
    """
    quantile = normal_quantile(confidence)
    lower, upper = np.inf, -np.inf
    for step in _steps_before(event_study):
        for sign in _SIGNS:
            reach = sign * bound * _reach(event_study, target) * step
            low, high = target - reach, target + reach
            lower = min(lower, float(low @ event_study.effects) - quantile * _error(event_study, low))
            upper = max(upper, float(high @ event_study.effects) + quantile * _error(event_study, high))
    value = float(target @ event_study.effects)
    return Estimate(value, lower, upper, _error(event_study, target), confidence)


def _steps_before(event_study: EventStudy) -> Floats:
    """Return the steps of the trend up to the base per place, as weights of the effects, shape (steps, p)."""
    before = np.flatnonzero(event_study.is_before)
    levels = np.vstack([np.eye(len(event_study.keys))[before], np.zeros(len(event_study.keys))])
    places = np.append(event_study.keys[before], event_study.base)
    return np.asarray(np.diff(levels, axis=0) / np.diff(places)[:, None])


def _reach(event_study: EventStudy, target: Floats) -> float:
    """Return by how much the target moves at most if every step after the base is at most 1."""
    is_after = event_study.keys > event_study.base
    places = event_study.keys[is_after]
    distances = np.diff(places, prepend=event_study.base)
    still_to_come = np.cumsum(target[is_after][::-1])[::-1]
    return float(np.abs(still_to_come) @ distances)


def _error(event_study: EventStudy, weights: Floats) -> float:
    return float(np.sqrt(np.maximum(weights @ event_study.covariance @ weights, 0.0)))
