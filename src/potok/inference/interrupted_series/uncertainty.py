"""What is known of a contrast when its dependence is not: the restricted likelihood, integrated.

Two years of months hardly tell ρ, its most likely value is too small on average, and intervals that take it for known
are too short where months depend on each other. Here the restricted likelihood is taken over a grid of (ρ, σ²), with
the reference prior of an AR(1) process, ∝ 1/√(1 − ρ²), kept to ρ ≥ 0, and the logarithm of the whole variance uniform;
given both, a forecast is normal, so that altogether it is a mixture of normal
distributions. Where ρ is known and there are no sampling variances it is Student's with n − p degrees, exactly.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr, polygamma, stdtrit

from potok.inference.estimate import Estimate
from potok.inference.interrupted_series.dependence import Sample
from potok.inference.observations import Floats

AUTOCORRELATIONS: Final = 16
VARIANCES: Final = 20
REACH_BELOW: Final = 6.0
REACH_ABOVE: Final = 9.0
"""How far the grid of the log variance reaches from its first estimate, in its own standard deviations."""
_BISECTIONS: Final = 60
_LARGEST_DEGREES: Final = 1e6


@dataclass(frozen=True, slots=True)
class Grid:
    """Pairs (ρ, σ²) with the logarithms of their prior weights.

    Parameters
    ----------
    autocorrelation
        Shape (G,).
    process
        Shape (B, G).
    log_prior
        Shape (B, G): with the weights of the quadrature in it.
    """

    autocorrelation: Floats
    process: Floats
    log_prior: Floats


@dataclass(frozen=True, slots=True)
class Mixture:
    """A mixture of normal distributions for each of B series.

    Parameters
    ----------
    weights, means, variances
        Shape (B, G); weights sum to 1.
    """

    weights: Floats
    means: Floats
    variances: Floats

    def mean(self) -> Floats:
        """Return the means, shape (B,)."""
        return np.asarray((self.weights * self.means).sum(axis=1))

    def variance(self) -> Floats:
        """Return the variances, shape (B,)."""
        apart = (self.means - self.mean()[:, None]) ** 2
        return np.asarray((self.weights * (self.variances + apart)).sum(axis=1))

    def below(self, at: Floats) -> Floats:
        """Return the probability of lying below `at`, shape (B,)."""
        return np.asarray((self.weights * ndtr((at[:, None] - self.means) / np.sqrt(self.variances))).sum(axis=1))

    def quantile(self, share: float) -> Floats:
        """Return the quantiles, shape (B,), by halving."""
        reach = 50 * np.sqrt(self.variance())
        low, high = self.mean() - reach, self.mean() + reach
        for _step in range(_BISECTIONS):
            middle = (low + high) / 2
            is_low = self.below(middle) < share
            low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
        return np.asarray((low + high) / 2)

    def degrees(self) -> Floats:
        """Return Satterthwaite's degrees, shape (B,): of a χ² whose logarithm scatters like the variances' does."""
        logs = np.log(self.variances)
        centre = (self.weights * logs).sum(axis=1, keepdims=True)
        return _inverse_trigamma((self.weights * (logs - centre) ** 2).sum(axis=1)) * 2


def make_grid(sample: Sample, *, autocorrelation: Floats | None = None) -> Grid:
    """Lay out the grid around a first estimate of the variance.

    Parameters
    ----------
    autocorrelation
        Shape (r,): nodes with equal weights in place of the prior.

    References
    ----------
    Berger and Yang (1994), "Noninformative priors and Bayesian testing for the AR(1) model".
    """
    if autocorrelation is None:
        nodes, heights = np.polynomial.legendre.leggauss(AUTOCORRELATIONS)
        nodes, heights = np.sin((nodes + 1) * math.pi / 4), heights / 2  # the prior is uniform in arcsin ρ
    else:
        nodes, heights = autocorrelation, np.full(len(autocorrelation), 1 / len(autocorrelation))
    spare = sample.values.shape[1] - sample.design.shape[1]
    noise = sample.sampling.mean(axis=1)
    scatter = np.maximum(_scatter(sample) / spare, 1e-12 * noise)
    step = math.sqrt(2 / spare)
    lowest = np.log(np.maximum(np.maximum(scatter, noise) * math.exp(-REACH_BELOW * step), noise))
    highest = np.log(np.maximum(scatter, noise)) + REACH_ABOVE * step
    places = np.linspace(0, 1, VARIANCES)
    # Expected scatter about the fitted line, per unit of variance of the process: near nothing where ρ is near 1.
    shrinkage = _kept_scatter(sample, nodes) / spare
    whole = np.exp(lowest[:, None] + (highest - lowest)[:, None] * places)
    process = np.maximum(whole - noise[:, None], 0)[:, None, :] / shrinkage[:, None]
    ends = np.where((places == 0) | (places == 1), 0.5, 1.0)
    log_prior = np.log(heights[:, None] * ends) * np.ones((len(sample.values), 1, 1))
    shape = (len(sample.values), -1)
    return Grid(np.repeat(nodes, VARIANCES), process.reshape(shape), log_prior.reshape(shape))


def weigh(log_likelihood: Floats, grid: Grid) -> Floats:
    """Return the weights of the pairs of a grid, shape (B, G)."""
    logs = log_likelihood + grid.log_prior
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def as_estimates(mixture: Mixture, *, confidence: float) -> tuple[Estimate, ...]:
    """Return one estimate per series, with equal tails.

    The standard error is the one with which Student's interval at the mixture's degrees of freedom is as long.
    """
    lower, upper = mixture.quantile((1 - confidence) / 2), mixture.quantile((1 + confidence) / 2)
    errors = (upper - lower) / 2 / stdtrit(mixture.degrees(), (1 + confidence) / 2)
    return tuple(
        Estimate(float(value), float(low), float(high), float(error), confidence)
        for value, low, high, error in zip(mixture.mean(), lower, upper, errors, strict=True)
    )


def _residual_maker(sample: Sample) -> Floats:
    basis = np.linalg.qr(sample.design)[0]
    return np.asarray(np.eye(len(basis)) - basis @ basis.T)


def _scatter(sample: Sample) -> Floats:
    return np.asarray(((sample.values @ _residual_maker(sample)) ** 2).sum(axis=1))


def _kept_scatter(sample: Sample, nodes: Floats) -> Floats:
    apart = np.abs(sample.places[:, None] - sample.places).astype(np.float64)
    return np.asarray((_residual_maker(sample) * nodes[:, None, None] ** apart).sum(axis=(1, 2)))


def _inverse_trigamma(value: Floats) -> Floats:
    """Return x with ψ₁(x) = value, shape like `value`, by halving the logarithm."""
    low, high = np.full_like(value, -10.0), np.full_like(value, math.log(_LARGEST_DEGREES))
    for _step in range(_BISECTIONS):
        middle = (low + high) / 2
        is_low = polygamma(1, np.exp(middle)) > value
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    return np.asarray(np.exp((low + high) / 2))
