"""Restricted maximum likelihood with Satterthwaite's degrees of freedom: for comparison only.

The same model as in `estimate_interruption`, with ρ and σ² put in at their restricted maximum likelihood; their
uncertainty is taken into account by degrees of freedom, to first order, for which two years of months are few.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from potok.inference.estimate import Estimate, check_share
from potok.inference.interrupted_series.dependence import Future, Sample, fit_grid, forecast
from potok.inference.interrupted_series.months import arrange_months
from potok.inference.observations import Floats

LARGEST_AUTOCORRELATION: Final = 0.98
FEWEST_DEGREES: Final = 1.0
_STARTS: Final = np.array([-0.5, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 0.95])
_START_SHARES: Final = np.array([1.0, 0.5, 0.1, 0.01])
_SMALLEST_SHARE: Final = 1e-4
"""Of the variance about the line: a process below it is none."""
_STEP: Final = 1e-3
_ROUNDS: Final = 30
_PARTS: Final = np.array([1.0, 0.3, 0.05])
_STENCIL: Final = np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, -1], [1, -1], [-1, 1]], np.float64)


@dataclass(frozen=True, slots=True)
class RestrictedMaximum:
    """The restricted maximum of B series.

    Parameters
    ----------
    autocorrelation, process
        Shape (B,): ρ and σ².
    log_likelihood
        Shape (B,), up to a constant.
    mean, variance, degrees
        Shape (B, k): forecasts of the contrasts, their variances, and Satterthwaite's degrees of freedom.
    """

    autocorrelation: Floats
    process: Floats
    log_likelihood: Floats
    mean: Floats
    variance: Floats
    degrees: Floats


def maximise(sample: Sample, future: Future, *, sampling: Floats) -> RestrictedMaximum:
    """Find the restricted maximum by Newton's steps in (artanh ρ, log σ²) from the best of a few starts.

    Parameters
    ----------
    sampling
        Shape (B, k): sampling variances of the contrasts.
    """
    scatter = np.log(sample.values.var(axis=1))
    lowest = np.stack([np.full_like(scatter, -np.arctanh(LARGEST_AUTOCORRELATION)), scatter + np.log(_SMALLEST_SHARE)])
    highest = np.stack([-lowest[0], scatter + 10])
    rows = np.arange(len(scatter))
    tried = np.stack([g.ravel() for g in np.meshgrid(np.arctanh(_STARTS), np.log(_START_SHARES))], axis=1)
    places = tried + np.stack([np.zeros_like(scatter), scatter], axis=1)[:, None]
    values = _likelihoods(sample, places)
    place, best = places[rows, values.argmax(axis=1)], values.max(axis=1)
    for _round in range(_ROUNDS):
        slope, information = _derivatives(_likelihoods(sample, place[:, None] + _STEP * _STENCIL))
        step = np.linalg.solve(information, slope[..., None])[..., 0]
        step /= np.maximum(1, np.abs(step).max(axis=1, keepdims=True))
        moved = np.clip(place[:, None] + _PARTS[:, None] * step[:, None], lowest.T[:, None], highest.T[:, None])
        values = _likelihoods(sample, moved)
        is_better = values.max(axis=1) > best + 1e-10
        if not is_better.any():
            break
        place = np.where(is_better[:, None], moved[rows, values.argmax(axis=1)], place)
        best = np.maximum(best, values.max(axis=1))
    return _describe(sample, future, sampling=sampling, place=place)


def reml_interruption(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    variances: ArrayLike | None = None,
    season_months: ArrayLike | None = None,
    confidence: float = 0.95,
    has_trend: bool = True,
) -> Estimate:
    """Estimate the mean effect with REML and Satterthwaite's degrees of freedom; see `estimate_interruption`.

    References
    ----------
    Patterson and Thompson (1971), "Recovery of inter-block information when block sizes are unequal"; Giesbrecht and
    Burns (1985), "Two-stage analysis based on a mixed model".
    """
    check_share(confidence, name="confidence")
    months = arrange_months(
        values, is_after=is_after, variances=variances, season_months=season_months, has_trend=has_trend
    )
    count = len(months.after)
    line = np.linalg.lstsq(months.design_before, months.values_before, rcond=None)[0]
    rest = months.values_before - months.design_before @ line
    sample = Sample(months.before, rest[None], months.sampling_before[None], months.design_before)
    future = Future(months.after, months.design_after, np.full((1, count), 1 / count))
    found = maximise(sample, future, sampling=np.full((1, 1), months.sampling_after.sum() / count**2))
    value = float((months.values_after - months.design_after @ line).mean() - found.mean[0, 0])
    error = float(np.sqrt(found.variance[0, 0]))
    margin = float(stdtrit(found.degrees[0, 0], (1 + confidence) / 2)) * error
    return Estimate(value, value - margin, value + margin, error, confidence)


def _likelihoods(sample: Sample, places: Floats) -> Floats:
    """Return restricted log-likelihoods at places (B, G, 2), shape (B, G)."""
    return fit_grid(sample, autocorrelation=np.tanh(places[..., 0]), process=np.exp(places[..., 1])).log_likelihood


def _describe(sample: Sample, future: Future, *, sampling: Floats, place: Floats) -> RestrictedMaximum:
    """Forecast at the maximum, with Satterthwaite's degrees of freedom by differences."""
    places = place[:, None] + _STEP * _STENCIL
    rho, process = np.tanh(places[..., 0]), np.exp(places[..., 1])
    fit = fit_grid(sample, autocorrelation=rho, process=process)
    mean, spread = forecast(fit, future, last=int(sample.places[-1]), autocorrelation=rho, process=process)
    variance = spread + sampling[:, None]
    _slope, information = _derivatives(fit.log_likelihood)
    gradient = np.stack([variance[:, 1] - variance[:, 2], variance[:, 3] - variance[:, 4]], axis=-1) / (2 * _STEP)
    uncertainty = ((gradient @ np.linalg.inv(information)) * gradient).sum(axis=-1)
    degrees = np.maximum(2 * variance[:, 0] ** 2 / uncertainty, FEWEST_DEGREES)
    return RestrictedMaximum(rho[:, 0], process[:, 0], fit.log_likelihood[:, 0], mean[:, 0], variance[:, 0], degrees)


def _derivatives(values: Floats) -> tuple[Floats, Floats]:
    """Return slopes (B, 2) and negative curvatures (B, 2, 2) from values on the stencil, made positive definite."""
    slope = np.stack([values[:, 1] - values[:, 2], values[:, 3] - values[:, 4]], axis=1) / (2 * _STEP)
    curve = np.empty((len(values), 2, 2))
    curve[:, 0, 0] = values[:, 1] + values[:, 2] - 2 * values[:, 0]
    curve[:, 1, 1] = values[:, 3] + values[:, 4] - 2 * values[:, 0]
    mixed = (values[:, 5] + values[:, 6] - values[:, 7] - values[:, 8]) / 4
    curve[:, 0, 1] = curve[:, 1, 0] = mixed
    roots, vectors = np.linalg.eigh(-curve / _STEP**2)
    # Where the likelihood is flat or bent the wrong way there is next to no information.
    return slope, (vectors * np.maximum(np.abs(roots), 1e-3)[:, None]) @ np.swapaxes(vectors, -1, -2)
