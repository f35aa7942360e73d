"""Shortest intervals of fixed length where the slope of the trend changes slowly.

Estimates are l'β after the change plus weights of the effects before it. They must cancel every straight trend, or
their bias could be anything; what is left of a trend whose slope changes by at most M at each place biases them by at
most M·Σ|c|, where c are the coefficients of the changes of slope. Of all such estimates the one is taken whose interval
±σ·q(bias ÷ σ) is shortest, where q is the quantile of |N(bias ÷ σ, 1)| (Armstrong and Kolesár, 2018). For a given price
of bias the best weights solve a least-squares problem with a penalty on |c|; by duality it is one with bounds, which is
solved exactly. The best price is then a search in one dimension.

Neither the weights nor the length depend on the effects seen.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq, lsq_linear, minimize_scalar
from scipy.special import ndtr

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, normal_quantile
from potok.inference.observations import Floats
from potok.inference.parallel_trends.errors import NoTrendError
from potok.inference.parallel_trends.event_study import EventStudy

_DEPENDENT: Final = 1e-10
_LOWEST_PRICE: Final = 1e-5
_PRICE_DIGITS: Final = 1e-3


@dataclass(frozen=True, slots=True)
class _Problem:
    """Estimates w = fixed + turn·c of the target, whose variance is |upper·c − shift|² up to a constant.

    Parameters
    ----------
    fixed, turn
        Shapes (p,) and (p, q): weights of the effects.
    constant
        Σ|c| of the changes of slope after the base, which no choice of weights alters.
    upper, inverse, shift
        Shapes (q, q), its inverse, and (q,).
    """

    fixed: Floats
    turn: Floats
    constant: float
    upper: Floats
    inverse: Floats
    shift: Floats


def smooth_interval(event_study: EventStudy, target: Floats, *, bound: float, confidence: float) -> Estimate:
    """Return the shortest interval of fixed length; its value is the affine estimate.

    Parameters
    ----------
    target
        Shape (p,): weights of the effects, 0 before the base.
    bound
        Largest change of the trend's slope from one place to the next.

    Raises
    ------
    NoTrendError
        If the place before the base is missing, or errors of some places follow from those of others.
    """
    problem = _state(event_study, target)
    candidates = [_solve(problem, 0.0)]
    if bound > 0 and problem.turn.shape[1]:
        candidates += _search(problem, event_study, bound=bound, confidence=confidence)
    best = min(candidates, key=lambda turns: _half_length(problem, event_study, turns, bound, confidence))
    weights = problem.fixed + problem.turn @ best
    value, error = float(weights @ event_study.effects), _error(event_study, weights)
    half = _half_length(problem, event_study, best, bound, confidence)
    return Estimate(value, value - half, value + half, error, confidence)


def _state(event_study: EventStudy, target: Floats) -> _Problem:
    """Write the weights of effects before the base as changes of slope c: w(−m) = c(m−1) − 2c(m) + c(m+1)."""
    run = _run_before(event_study)
    distance = event_study.keys - event_study.base
    is_after = distance > 0
    fixed = target.copy()
    # Straight trends cancel: what the target takes of the slope is given back at the place before the base.
    fixed[run[0]] = float(target[is_after] @ distance[is_after])
    turn = np.zeros((len(target), len(run) - 1))
    for place in range(len(run) - 1):
        # The unit change of slope at −(place + 1), as a weighted second difference that no straight trend enters.
        turn[run[place + 1], place] += 1.0
        turn[run[place], place] -= 2.0
        if place:
            turn[run[place - 1], place] += 1.0
    after = np.arange(int(distance.max(initial=0)))
    constant = np.abs(np.maximum(distance[is_after, None] - after, 0).T @ target[is_after]).sum()
    root = _root(event_study.covariance)
    orthogonal, upper = np.linalg.qr(root @ turn)
    return _Problem(fixed, turn, float(constant), upper, np.linalg.inv(upper), -orthogonal.T @ (root @ fixed))


def _run_before(event_study: EventStudy) -> list[int]:
    """Return the rows of the unbroken run of places that ends before the base, nearest first."""
    rows = {int(key): row for row, key in enumerate(event_study.keys)}
    run: list[int] = []
    while event_study.base - len(run) - 1 in rows:
        run.append(rows[event_study.base - len(run) - 1])
    if not run:
        raise NoTrendError(
            _("The month before the base is missing: the trend up to it is not known."),
            where="event_study",
            remedy=_("Choose a restriction to relative magnitudes, or a period without gaps."),
        )
    return run


def _solve(problem: _Problem, price: float) -> Floats:
    """Return the changes of slope c that minimise ½ variance + price·Σ|c|."""
    if not problem.turn.shape[1]:
        return np.zeros(0)
    dual = np.zeros(len(problem.shift))
    if price > 0:
        limits = (-price, price)
        bounded = lsq_linear(
            problem.inverse.T, problem.shift, bounds=limits, method="bvls", tol=1e-12, max_iter=20 * len(dual)
        )
        dual = problem.inverse.T @ bounded.x
    return np.asarray(problem.inverse @ (problem.shift - dual), np.float64)


def _search(problem: _Problem, event_study: EventStudy, *, bound: float, confidence: float) -> list[Floats]:
    highest = float(np.abs(problem.upper.T @ problem.shift).max())
    if not highest > 0:
        return []

    def length(logarithm: float) -> float:
        return _half_length(problem, event_study, _solve(problem, float(np.exp(logarithm))), bound, confidence)

    # The length is convex along the frontier of bias and error, which the price runs through: one minimum.
    around = np.log(_LOWEST_PRICE * highest), np.log(highest)
    found = minimize_scalar(length, bounds=around, method="bounded", options={"xatol": _PRICE_DIGITS}).x
    return [_solve(problem, float(np.exp(found))), np.zeros(len(problem.shift))]


def _half_length(problem: _Problem, event_study: EventStudy, turns: Floats, bound: float, confidence: float) -> float:
    bias = bound * (problem.constant + float(np.abs(turns).sum()))
    error = _error(event_study, problem.fixed + problem.turn @ turns)
    return bias if error == 0 else error * folded_quantile(bias / error, confidence=confidence)


def folded_quantile(bias: float, *, confidence: float) -> float:
    """Return q such that |N(bias, 1)| ≤ q with probability `confidence`."""
    quantile = normal_quantile(confidence)
    if bias == 0:
        return quantile
    return float(brentq(lambda q: ndtr(q - bias) - ndtr(-q - bias) - confidence, bias, bias + quantile + 1e-9))


def _root(covariance: Floats) -> Floats:
    """Return R with R'R = covariance."""
    scale = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.outer(scale, scale)
    if not (scale > 0).all() or np.linalg.eigvalsh(correlation)[0] < _DEPENDENT:
        raise NoTrendError(
            _("Too few agencies to tell how the errors of so many months go together."),
            where="event_study.covariance",
            remedy=_("Look at fewer months, or choose a restriction to relative magnitudes."),
        )
    return np.asarray(np.linalg.cholesky(correlation).T * scale)


def _error(event_study: EventStudy, weights: Floats) -> float:
    return float(np.sqrt(np.maximum(weights @ event_study.covariance @ weights, 0.0)))
