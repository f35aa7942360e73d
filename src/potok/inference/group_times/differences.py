"""The effect in one group at one place, from differences of outcomes, with its influence function.

Three estimators that agree without covariates. *Regression* predicts what the change of the treated would have been
from the controls; *inverse probability weighting* makes the controls resemble the treated; the *doubly robust* one does
both and is consistent if either model is right. An influence function gives each study unit's share in the error, so
that standard errors of any mean of effects follow from sums of them.

References
----------
Sant'Anna and Zhao (2020), "Doubly robust difference-in-differences estimators"; Heckman, Ichimura and Todd (1997);
Abadie (2005).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.inference.logistic import fit_logistic
from potok.inference.observations import Floats

Flags = NDArray[np.bool_]
_MOST_LIKELY_CONTROL: Final = 0.995
"""Controls that resemble the treated more than this would carry nearly all the weight; they are left out."""
_PIVOT: Final = 1e-9


class Estimator(StrEnum):
    """How covariates are taken into account."""

    DOUBLY_ROBUST = "dr"
    REGRESSION = "regression"
    INVERSE_PROBABILITY = "ipw"


@dataclass(frozen=True, slots=True)
class Difference:
    """An effect with its influence function.

    Parameters
    ----------
    value
        Mean effect on the treated.
    influence
        Shape (n,): the error is about its mean.
    """

    value: float
    influence: Floats


def estimate_difference(
    changes: Floats, *, is_treated: Flags, weights: Floats, covariates: Floats | None, estimator: Estimator
) -> Difference | None:
    """Estimate the mean effect on the treated from changes of the outcome; None where the data do not allow it.

    Parameters
    ----------
    changes
        Shape (n,): outcome at the place less that at the base.
    is_treated, weights
        Shape (n,).
    covariates
        Shape (n, K) without a constant, or None.
    estimator
        Without covariates all three are the difference of means.
    """
    treated = weights * is_treated
    control = weights * ~is_treated
    if covariates is None or covariates.shape[1] == 0:
        return _difference(changes, treated, control)
    design = np.column_stack([np.ones(len(changes)), covariates])
    if estimator is Estimator.REGRESSION:
        return _by_regression(changes, treated, control, design)
    return _by_propensity(changes, treated, control, design, is_robust=estimator is Estimator.DOUBLY_ROBUST)


def _difference(changes: Floats, treated: Floats, control: Floats) -> Difference:
    first, second = _mean(changes, treated), _mean(changes, control)
    return Difference(first.value - second.value, first.influence - second.influence)


def _mean(values: Floats, weights: Floats) -> Difference:
    """Return a weighted mean with its influence function."""
    size = weights.mean()
    mean = float((weights * values).mean() / size)
    return Difference(mean, weights * (values - mean) / size)


@dataclass(frozen=True, slots=True)
class _Fit:
    """A fitted model: predictions, and influence functions of the coefficients, shape (n, k)."""

    fitted: Floats
    influence: Floats


def _regress(changes: Floats, control: Floats, design: Floats) -> _Fit | None:
    """Regress the changes of the controls on covariates; None where they do not determine the coefficients."""
    curvature = (design * control[:, None]).T @ design / len(changes)
    if not _is_regular(curvature):
        return None
    inverse = np.linalg.inv(curvature)
    coefficients = inverse @ (design.T @ (control * changes)) / len(changes)
    fitted = design @ coefficients
    return _Fit(fitted, (control * (changes - fitted))[:, None] * design @ inverse)


def _propensity(treated: Floats, control: Floats, design: Floats) -> _Fit | None:
    """Fit the probability of belonging to the group; None where covariates tell groups apart without fail."""
    weights = treated + control
    if not _is_regular((design * weights[:, None]).T @ design / len(weights)):
        return None
    is_treated = (treated > 0).astype(np.float64)
    share = fit_logistic(design[:, 1:], is_treated, counts=weights, ridge=0.0).predict(design[:, 1:])
    curvature = (design * (weights * share * (1 - share))[:, None]).T @ design / len(weights)
    if not _is_regular(curvature):
        return None
    score = (weights * (is_treated - share))[:, None] * design
    return _Fit(share, score @ np.linalg.inv(curvature))


def _by_regression(changes: Floats, treated: Floats, control: Floats, design: Floats) -> Difference | None:
    model = _regress(changes, control, design)
    if model is None:
        return None
    slope = (treated[:, None] * design).mean(axis=0) / treated.mean()
    found = _mean(changes - model.fitted, treated)
    return Difference(found.value, found.influence - model.influence @ slope)


def _by_propensity(
    changes: Floats, treated: Floats, control: Floats, design: Floats, *, is_robust: bool
) -> Difference | None:
    chances = _propensity(treated, control, design)
    if chances is None:
        return None
    share = np.minimum(chances.fitted, 1 - 1e-6)
    alike = np.where(share < _MOST_LIKELY_CONTROL, control * share / (1 - share), 0.0)
    model = _regress(changes, control, design) if is_robust else _Fit(np.zeros(len(changes)), np.zeros(design.shape))
    if model is None or not alike.sum() > 0:
        return None
    rest = changes - model.fitted
    first, second = _mean(rest, treated), _mean(rest, alike)
    by_share = (second.influence[:, None] * design).mean(axis=0)
    by_slope = (treated[:, None] * design).mean(axis=0) / treated.mean() - (alike[:, None] * design).mean(axis=0) / (
        alike.mean()
    )
    influence = first.influence - second.influence - chances.influence @ by_share - model.influence @ by_slope
    return Difference(first.value - second.value, influence)


def _is_regular(curvature: Floats) -> bool:
    """Tell whether a symmetric matrix can be inverted, whatever the scales of its columns."""
    scale = np.sqrt(np.diag(curvature))
    if not (scale > 0).all():
        return False
    return bool(np.linalg.eigvalsh(curvature / np.outer(scale, scale))[0] > _PIVOT)
