"""Logistic regression with a light ridge penalty, on weighted rows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.observations import Floats

RIDGE: Final = 1.0
_STEPS: Final = 50
_ENOUGH: Final = 1e-7
_LONGEST: Final = 3.0
_HALVINGS: Final = 30
_ROUNDING: Final = 1e-12
_FARTHEST: Final = 30.0  # logits beyond which a probability is 0 or 1 in double precision


class UnusableDesignError(UsageError):
    """Rows of a regression that do not fit each other, hold no number, or have no weight."""

    code = "POTOK-I033"


@dataclass(frozen=True, slots=True)
class LogisticFit:
    """Coefficients of a logistic regression.

    Parameters
    ----------
    intercept
        Logit of the probability where every covariate has its mean.
    coefficients, means, scales
        Shape (p,): per standard deviation of a covariate; the means and deviations by which covariates were scaled.
    """

    intercept: float
    coefficients: Floats
    means: Floats
    scales: Floats

    def predict(self, covariates: Floats) -> Floats:
        """Return the probability of each row of a design of shape (n, p)."""
        scaled = (covariates - self.means) / self.scales
        return _probabilities(self.intercept + scaled @ self.coefficients)


def fit_logistic(covariates: Floats, outcome: Floats, *, counts: Floats, ridge: float = RIDGE) -> LogisticFit:
    """Fit the probability of an outcome to covariates by penalised maximum likelihood.

    Newton's method, each step halved until the likelihood does not fall: with rare outcomes and a strong covariate
    whole steps leap over the maximum and never come back. With a penalty there is one maximum, and it is found; without
    one there is none where an outcome splits groups perfectly, and probabilities go to 0 and 1.

    The penalty ``ridge/2 · Σβ²`` on standardised coefficients, never on the intercept, keeps estimates finite where an
    outcome never or always occurs in some group; its weight vanishes as cases accumulate.

    Parameters
    ----------
    covariates
        Shape (n, p); p may be 0.
    outcome
        Shape (n,): 0, 1, or a share between.
    counts
        Shape (n,): how many cases each row stands for.

    Raises
    ------
    UnusableDesignError
        If shapes differ, a value is not finite, or no row has weight.

    References
    ----------
    le Cessie and van Houwelingen (1992), "Ridge estimators in logistic regression".
    """
    _check(covariates, outcome, counts)
    total = counts.sum()
    means = counts @ covariates / total
    spread = np.sqrt(np.maximum(counts @ (covariates - means) ** 2 / total, 0))
    scales = np.where(spread > 0, spread, 1.0)
    design = np.column_stack([np.ones(len(outcome)), (covariates - means) / scales])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    events = (counts @ outcome + 0.5) / (total + 1)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(events / (1 - events))
    fitted, reached = _judged(design, outcome, counts, penalty, beta)
    for _step in range(_STEPS):
        change = _newton_step(design, outcome, counts, penalty, beta, fitted)
        for _halving in range(_HALVINGS):
            fitted, tried = _judged(design, outcome, counts, penalty, beta + change)
            if tried >= reached - _ROUNDING * abs(reached):
                break
            change = change / 2
        beta = np.asarray(beta + change, np.float64)
        reached = tried
        if np.abs(change).max() < _ENOUGH:
            break
    return LogisticFit(float(beta[0]), beta[1:], means, scales)


def _judged(design: Floats, outcome: Floats, counts: Floats, penalty: Floats, beta: Floats) -> tuple[Floats, float]:
    """Return the probabilities that coefficients give, and the penalised log likelihood."""
    logits = np.clip(design @ beta, -_FARTHEST, _FARTHEST)
    fitted = 1.0 / (1.0 + np.exp(-logits))
    # For a share y of outcomes: y·log p + (1 − y)·log(1 − p), and log(1 − p) is log p less the logit.
    likelihood = np.log(fitted) - (1.0 - outcome) * logits
    return np.asarray(fitted, np.float64), float(counts @ likelihood - penalty @ beta**2 / 2)


def _newton_step(
    design: Floats, outcome: Floats, counts: Floats, penalty: Floats, beta: Floats, fitted: Floats
) -> Floats:
    """Return the step to the top of the parabola that touches the likelihood, shortened if it leads far away."""
    # The intercept has no penalty of its own; a trace of weight keeps it finite where no case has the outcome.
    weight = counts * np.maximum(fitted * (1 - fitted), 1e-10)
    gradient = design.T @ (counts * (outcome - fitted)) - penalty * beta
    curvature = (design * weight[:, None]).T @ design + np.diag(penalty)
    change = np.linalg.solve(curvature, gradient)
    # Shortened as a whole: a direction of which single elements are cut may lead downhill.
    return np.asarray(change * min(1.0, _LONGEST / max(np.abs(change).max(), _LONGEST)), np.float64)


def _probabilities(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_FARTHEST, _FARTHEST))), np.float64)


def _check(covariates: Floats, outcome: Floats, counts: Floats) -> None:
    is_shaped = covariates.ndim == 2 and len(covariates) == len(outcome) == len(counts)
    if not (is_shaped and np.isfinite(covariates).all() and np.isfinite(outcome).all() and counts.sum() > 0):
        raise UnusableDesignError(
            _("The rows of a regression do not fit each other, or hold no number."),
            where="covariates, outcome, counts",
            remedy=_("Give a table of numbers with one row per case or group of cases."),
        )
