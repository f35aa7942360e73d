"""The restricted likelihood of monthly means, and their forecast, for many values of their dependence at once.

    yₜ = xₜβ + uₜ + eₜ,   uₜ an AR(1) process with variance σ² and autocorrelation ρ,   eₜ ~ N(0, sₜ²), sₜ² known.

Months of a gap are left out exactly: over d months the process keeps ρᵈ of its value. Everything is computed by the
Kalman filter, for a batch of B series with the same months and a grid of G pairs (ρ, σ²) in one pass.
"""

from dataclasses import dataclass

import numpy as np

from potok.inference.observations import Floats, Integers


@dataclass(frozen=True, slots=True)
class Sample:
    """Series before the change, with the same months and the same design.

    Parameters
    ----------
    places
        Shape (n,): places of the months.
    values, sampling
        Shape (B, n): values and their sampling variances.
    design
        Shape (n, p).
    """

    places: Integers
    values: Floats
    sampling: Floats
    design: Floats


@dataclass(frozen=True, slots=True)
class Future:
    """What is to be forecast.

    Parameters
    ----------
    places
        Shape (m,): places of the months after the change.
    design
        Shape (m, p).
    contrasts
        Shape (k, m): linear combinations of these months.
    """

    places: Integers
    design: Floats
    contrasts: Floats


@dataclass(frozen=True, slots=True)
class Fit:
    """Generalised least squares for every pair (ρ, σ²).

    Parameters
    ----------
    log_likelihood
        Shape (B, G): restricted log-likelihood, up to a constant.
    coefficients
        Shape (B, G, p).
    factor
        Shape (B, G, p, p): inverse of the Cholesky factor of XᵀV⁻¹X; factorᵀ·factor is the coefficients' covariance.
    state
        Shape (B, G, p + 1): the filtered process of the columns of the design, then of the values, in the last month.
    state_variance
        Shape (B, G): its variance.
    """

    log_likelihood: Floats
    coefficients: Floats
    factor: Floats
    state: Floats
    state_variance: Floats


def fit_grid(sample: Sample, *, autocorrelation: Floats, process: Floats) -> Fit:
    """Fit the model for given dependence.

    Parameters
    ----------
    autocorrelation
        Shape (G,), or (B, G): ρ.
    process
        Shape (B, G): σ².

    References
    ----------
    Harville (1974), "Bayesian inference for variance components using only error contrasts"; Durbin and Koopman (2012),
    *Time Series Analysis by State Space Methods*, on filtering a regression's columns alike.
    """
    whitened, log_determinant, state, state_variance = _filter(sample, autocorrelation, process)
    gram = np.swapaxes(whitened, -1, -2) @ whitened
    count = sample.design.shape[1]
    lower = np.linalg.cholesky(gram[..., :count, :count])
    factor = np.linalg.inv(lower)
    projected = (factor @ gram[..., :count, count:])[..., 0]
    rest = gram[..., count, count] - (projected**2).sum(axis=-1)
    log_information = 2 * np.log(np.diagonal(lower, axis1=-2, axis2=-1)).sum(axis=-1)
    coefficients = (np.swapaxes(factor, -1, -2) @ projected[..., None])[..., 0]
    return Fit(-(log_determinant + log_information + rest) / 2, coefficients, factor, state, state_variance)


def forecast(fit: Fit, future: Future, *, last: int, autocorrelation: Floats, process: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of the contrasts of months to come, each of shape (B, G, k), for given dependence.

    The variance is that of the process and of the coefficients; sampling variances of the months to come are not in it.
    """
    ahead = (future.places - last).astype(np.float64)
    kept = autocorrelation[..., None] ** ahead @ future.contrasts.T
    means = future.contrasts @ future.design
    deviation = means - kept[..., None] * fit.state[..., None, :-1]
    mean = kept * fit.state[..., None, -1] + (deviation * fit.coefficients[..., None, :]).sum(axis=-1)
    apart = autocorrelation[..., None, None] ** np.abs(ahead[:, None] - ahead)
    own = ((future.contrasts @ apart) * future.contrasts).sum(axis=-1)
    spread = kept**2 * (fit.state_variance - process)[..., None] + own * process[..., None]
    return mean, spread + coefficient_variance(fit, deviation)


def coefficient_variance(fit: Fit, rows: Floats) -> Floats:
    """Return the variance of linear combinations of coefficients, shape (B, G, k) for rows (..., k, p)."""
    return np.asarray(((rows @ np.swapaxes(fit.factor, -1, -2)) ** 2).sum(axis=-1))


def _filter(sample: Sample, autocorrelation: Floats, process: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    batch, length = sample.values.shape
    design = np.broadcast_to(sample.design, (batch, *sample.design.shape))
    columns = np.concatenate([design, sample.values[..., None]], axis=2)
    whitened = np.empty((batch, autocorrelation.shape[-1], length, columns.shape[2]))
    state = np.zeros((batch, autocorrelation.shape[-1], columns.shape[2]))
    variance = process.copy()
    log_determinant = np.zeros_like(process)
    for place in range(length):
        if place:
            kept = autocorrelation ** float(sample.places[place] - sample.places[place - 1])
            state *= kept[..., None]
            variance = process + kept**2 * (variance - process)
        innovation = columns[:, None, place] - state
        total = variance + sample.sampling[:, place, None]
        whitened[:, :, place] = innovation / np.sqrt(total)[..., None]
        log_determinant += np.log(total)
        share = variance / total
        state += share[..., None] * innovation
        variance = variance * (1 - share)
    return whitened, log_determinant, state, variance
