"""Intervals that stay valid if differences would not have stayed as they were, up to a stated bound.

Let δ be what the differences would have done without a change, 0 at the base. Before the change the event study shows
δ; after it, effect plus δ. What can be told depends on how far δ after the change may depart from δ before it:

* **relative magnitudes**: no step of δ after the base exceeds `bound` times the largest step before it;
* **smoothness**: the slope of δ changes by no more than `bound` from one place to the next.

Target: the mean effect over the places from the change on. Effects err as a normal distribution.

References
----------
Rambachan and Roth (2023), "A more credible approach to parallel trends".
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

import numpy as np
from scipy.optimize import brentq

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, check_share
from potok.inference.observations import Floats
from potok.inference.parallel_trends.errors import NoTrendError
from potok.inference.parallel_trends.event_study import EventStudy
from potok.inference.parallel_trends.relative_magnitudes import relative_interval
from potok.inference.parallel_trends.smoothness import smooth_interval

_MOST_DOUBLINGS: Final = 60
_ENOUGH: Final = 1e-5


class Restriction(StrEnum):
    """How far trends after the change may depart from those before it."""

    RELATIVE_MAGNITUDES = "relative_magnitudes"
    SMOOTHNESS = "smoothness"


_RELATIVE: Final = Restriction.RELATIVE_MAGNITUDES


def honest_interval(
    event_study: EventStudy,
    *,
    kind: Restriction | str = _RELATIVE,
    bound: float = 1.0,
    weights: Floats | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """Return an interval for the mean effect after the change, valid for all trends within the bound.

    Parameters
    ----------
    kind, bound
        `relative_magnitudes` (a ratio: 1 lets trends after the change be as unequal as ever before it) or `smoothness`
        (in the outcome's unit per place and place).
    weights
        Shape (number of places ≥ 0,): weights of the effects; None for their mean.

    Returns
    -------
    Estimate
        Under smoothness the value is extrapolated from the trend before the change; it is the interval's centre.

    Raises
    ------
    NoTrendError
        If there are no places before the base.
    ValueError
        If the bound is negative or the weights do not fit.
    """
    check_share(confidence, name="confidence")
    return _intervals(event_study, Restriction(kind), weights, confidence)(bound)


def breakdown_bound(
    event_study: EventStudy,
    *,
    kind: Restriction | str = _RELATIVE,
    effect: float = 0.0,
    weights: Floats | None = None,
    confidence: float = 0.95,
) -> float:
    """Return the largest bound at which the interval still excludes an effect; 0 if it never does, else up to infinity.

    Parameters
    ----------
    effect
        What is to be excluded: no effect, or the smallest that was promised.
    event_study, kind, weights, confidence
        As in `honest_interval`.
    """
    check_share(confidence, name="confidence")
    interval = _intervals(event_study, Restriction(kind), weights, confidence)

    def margin(bound: float) -> float:
        found = interval(bound)
        return max(found.lower - effect, effect - found.upper)

    if not margin(0.0) > 0:
        return 0.0
    return _crossing(margin, start=1.0 if Restriction(kind) is _RELATIVE else interval(0.0).standard_error)


def _crossing(margin: Callable[[float], float], *, start: float) -> float:
    """Return where a margin that is positive at 0 first reaches 0, by doubling or halving, then between the two."""
    factor = 2.0 if margin(start) > 0 else 0.5
    low = high = start
    for _step in range(_MOST_DOUBLINGS):
        low, high = (high, high * factor) if factor > 1 else (low * factor, low)
        if (margin(high) <= 0) if factor > 1 else (margin(low) > 0):
            break
    else:
        return float(np.inf) if factor > 1 else 0.0
    return float(brentq(margin, low, high, xtol=_ENOUGH * low, rtol=_ENOUGH))


def _intervals(
    event_study: EventStudy, kind: Restriction, weights: Floats | None, confidence: float
) -> Callable[[float], Estimate]:
    target = _target(event_study, weights)
    if not event_study.is_before.any():
        raise NoTrendError(
            _("There is no month before the change to tell a trend from."),
            where="event_study",
            remedy=_("Widen the period to more months before the change."),
        )
    form = relative_interval if kind is _RELATIVE else smooth_interval

    def interval(bound: float) -> Estimate:
        if not bound >= 0:
            message = f"bound must not be negative, not {bound}"
            raise ValueError(message)
        return form(event_study, target, bound=bound, confidence=confidence)

    return interval


def _target(event_study: EventStudy, weights: Floats | None) -> Floats:
    """Return the weight of every effect in the target, shape (p,)."""
    is_after = event_study.keys >= 0
    chosen = np.full(is_after.sum(), 1 / is_after.sum()) if weights is None else np.asarray(weights, np.float64)
    if chosen.shape != (is_after.sum(),):
        message = f"{is_after.sum()} weights are needed, not of shape {chosen.shape}"
        raise ValueError(message)
    target = np.zeros(len(is_after))
    target[is_after] = chosen
    return target
