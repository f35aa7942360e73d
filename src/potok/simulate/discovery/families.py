"""Choosing the family of a distribution of times.

Candidates are fitted by maximum likelihood and compared by Akaike's criterion; the best is taken if it fits, which the
Kolmogorov–Smirnov distance says. Where none does and there is enough to see, the empirical quantiles stand for
themselves: no log is called normal for want of a better name. A time that is always the same is fixed; one that is
often exactly the same and else varies is a mixture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.simulate.discovery.counting import effective_share, weighted_counts
from potok.simulate.model import Distribution, DistributionKind, exponential, fixed
from potok.simulate.model.distributions import mean_seconds

Reals = npt.NDArray[np.float64]

ENOUGH_FOR_QUANTILES: Final = 50
MOST_QUANTILES: Final = 201
# A fitted family is refused where its distance is larger than this over the root of n (about 5 %, parameters fitted).
CRITICAL_DISTANCE: Final = 1.05
SAME_SHARE: Final = 0.95
ATOM_SHARE: Final = 0.1
TIMES_ANY_OTHER: Final = 5.0
SPREAD: Final = 0.002
SAME_MEAN: Final = 0.1
_GRID: Final = 512


@dataclass(frozen=True, slots=True)
class FittedDistribution:
    """A distribution and how well it fits.

    Parameters
    ----------
    distribution
        What was chosen.
    instances
        On how many it rests.
    distance
        Kolmogorov–Smirnov distance between it and the sample, 0–1.
    """

    distribution: Distribution
    instances: int
    distance: float


def fit_distribution(seconds: Reals, weights: Reals | None = None, *, told: float | None = None) -> FittedDistribution:
    """Fit a distribution to times.

    Parameters
    ----------
    seconds
        (n,) non-negative; at least one.
    weights
        (n,) how often each counts, as in a bootstrap; all once if None.
    told
        Of the sum of the weights, the share that as many independent times would make: tests of the fit rest on it.
        As of weights of independent times if None (`effective_share`).

    Raises
    ------
    ValueError
        If there is no time.
    """
    if not len(seconds):
        raise ValueError("a distribution needs at least one time")
    order = np.argsort(seconds, kind="stable")
    sample = seconds[order]
    weight = np.ones(len(sample)) if weights is None else weights[order]
    sample, weight = sample[weight > 0], weight[weight > 0]
    if not len(sample):
        sample, weight = np.sort(seconds), np.ones(len(seconds))
    count = float(weight.sum())
    share_told = effective_share(weight) if told is None else told
    typical = _same(sample, weight)
    if typical is not None:
        return FittedDistribution(fixed(typical), round(count), _atom_distance(sample, weight, typical))
    atom = _atom(sample, weight)
    if atom is not None and count >= ENOUGH_FOR_QUANTILES:
        return _with_atom(sample, weight, atom, share_told)
    return _fit_smooth(sample, weight, share_told)


def _fit_smooth(sample: Reals, weight: Reals, told: float) -> FittedDistribution:
    count = float(weight.sum())
    mean = float(weight @ sample / count)
    # A heavy tail that a small sample suggests may move the mean anywhere: the sample's own is kept to.
    near = [
        one
        for one in _candidates(sample, weight * told)
        if abs(mean_seconds(one[1], shares=2_001) - mean) <= SAME_MEAN * mean
    ]
    best = min(near, key=lambda one: one[0], default=None)
    if best is not None:
        distance = _distance(sample, weight, best[1])
        if distance * np.sqrt(count * told) <= CRITICAL_DISTANCE or count < ENOUGH_FOR_QUANTILES:
            return FittedDistribution(best[1], round(count), distance)
    return FittedDistribution(_empirical(sample, weight), round(count), 0.0)


def _same(sample: Reals, weight: Reals) -> float | None:
    """Return the time that nearly all are, if there is one."""
    passed = np.cumsum(weight) / weight.sum()
    tail = (1.0 - SAME_SHARE) / 2
    low, middle, high = sample[np.searchsorted(passed, [tail, 0.5, 1.0 - tail - 1e-12])]
    return float(middle) if high - low <= max(SPREAD * middle, 1e-3) else None


def _atom(sample: Reals, weight: Reals) -> float | None:
    """Return a time that many are exactly, and far more than any other."""
    cell = np.round(sample, 1)
    distinct, place = np.unique(cell, return_inverse=True)
    share = weighted_counts(place.reshape(-1), weight, len(distinct)) / weight.sum()
    best = int(np.argmax(share))
    others = np.delete(share, best).max(initial=0.0)
    return float(distinct[best]) if share[best] >= max(ATOM_SHARE, TIMES_ANY_OTHER * others) else None


def _with_atom(sample: Reals, weight: Reals, atom: float, told: float) -> FittedDistribution:
    is_atom = np.abs(sample - atom) <= 0.1
    share = float(weight[is_atom].sum() / weight.sum())
    rest = _fit_smooth(sample[~is_atom], weight[~is_atom], told)
    mixture = Distribution(DistributionKind.MIXTURE, parts=((share, fixed(atom)), (1.0 - share, rest.distribution)))
    return FittedDistribution(mixture, round(float(weight.sum())), (1.0 - share) * rest.distance)


def _empirical(sample: Reals, weight: Reals) -> Distribution:
    """Return quantiles whose straight lines have the mean of the sample: each is the mean of what lies around it."""
    passed = np.concatenate([[0.0], np.cumsum(weight) / weight.sum()])
    summed = np.concatenate([[0.0], np.cumsum(weight * sample) / weight.sum()])
    parts = max(min(MOST_QUANTILES, len(sample)), 2) - 1
    edges = np.concatenate([[0.0], (np.arange(parts) + 0.5) / parts, [1.0]])
    values = np.diff(np.interp(edges, passed, summed)) / np.diff(edges)
    return Distribution(DistributionKind.EMPIRICAL, quantiles_seconds=tuple(np.round(values, 6).tolist()))


def _candidates(sample: Reals, weight: Reals) -> Iterator[tuple[float, Distribution]]:
    """Yield each family with its Akaike criterion."""
    count = float(weight.sum())
    mean = float(weight @ sample / count)
    variance = float(weight @ (sample - mean) ** 2 / count)
    if mean <= 0.0 or variance <= 0.0:
        return
    sd = variance**0.5
    yield 2.0 * (count * (1.0 + np.log(mean)) + 1), exponential(mean)
    low, high = float(sample[0]), float(sample[-1])
    yield (
        2.0 * (count * np.log(high - low) + 2),
        Distribution(DistributionKind.UNIFORM, low_seconds=low, high_seconds=high),
    )
    normal = Distribution(DistributionKind.NORMAL, mean, sd)
    if mean > 2.0 * sd:
        yield count * (1.0 + np.log(2.0 * np.pi * variance)) + 4, normal
    yield from _triangular(sample, weight, mean)
    if low <= 0.0:
        return
    yield from _positive(sample, weight, mean)


def _positive(sample: Reals, weight: Reals, mean: float) -> Iterator[tuple[float, Distribution]]:
    from scipy.special import gammaln, polygamma, psi

    count = float(weight.sum())
    logs = np.log(sample)
    log_mean = float(weight @ logs / count)
    log_variance = float(weight @ (logs - log_mean) ** 2 / count)
    if log_variance <= 0.0:
        return
    scale = np.exp(log_mean + log_variance / 2)
    yield (
        count * (1.0 + np.log(2.0 * np.pi * log_variance)) + 2.0 * count * log_mean + 4,
        Distribution(DistributionKind.LOGNORMAL, float(scale), float(scale * np.sqrt(np.expm1(log_variance)))),
    )
    gap = np.log(mean) - log_mean
    shape = (3.0 - gap + np.sqrt((gap - 3.0) ** 2 + 24.0 * gap)) / (12.0 * gap)
    for _step in range(5):
        shape -= (np.log(shape) - psi(shape) - gap) / (1.0 / shape - polygamma(1, shape))
    if np.isfinite(shape) and shape > 0.0:
        likelihood = count * ((shape - 1.0) * log_mean - shape - shape * np.log(mean / shape) - gammaln(shape))
        yield 4.0 - 2.0 * likelihood, Distribution(DistributionKind.GAMMA, mean, float(mean / np.sqrt(shape)))
    yield from _weibull(sample, weight, logs, (log_mean, log_variance))


def _weibull(
    sample: Reals, weight: Reals, logs: Reals, moments: tuple[float, float]
) -> Iterator[tuple[float, Distribution]]:
    from scipy.special import gamma

    count = float(weight.sum())
    log_mean, log_variance = moments
    shape = float(np.pi / np.sqrt(6.0 * log_variance))
    centred = logs - log_mean
    for _step in range(12):
        powers = weight * np.exp(shape * centred)
        total = powers.sum()
        first = powers @ centred / total
        second = powers @ centred**2 / total
        value = 1.0 / shape - first
        shape = max(shape - value / (-1.0 / shape**2 - (second - first**2)), 0.1 * shape)
    if not np.isfinite(shape) or not 0.1 <= shape <= 80.0:
        return
    log_scale = log_mean + np.log(np.sum(weight * np.exp(shape * centred)) / count) / shape
    likelihood = count * (np.log(shape) - shape * log_scale + (shape - 1.0) * log_mean - 1.0)
    mean = np.exp(log_scale) * gamma(1.0 + 1.0 / shape)
    square = np.exp(2.0 * log_scale) * gamma(1.0 + 2.0 / shape)
    deviation = float(np.sqrt(max(square - mean**2, 0.0)))
    if deviation > 0.0:
        yield 4.0 - 2.0 * likelihood, Distribution(DistributionKind.WEIBULL, float(mean), deviation)


def _triangular(sample: Reals, weight: Reals, mean: float) -> Iterator[tuple[float, Distribution]]:
    count = float(weight.sum())
    span = float(sample[-1] - sample[0])
    low, high = float(sample[0]) - span / (2.0 * count), float(sample[-1]) + span / (2.0 * count)
    low = max(low, 0.0)
    mode = min(max(3.0 * mean - low - high, low + 1e-6 * span), high - 1e-6 * span)
    rising = sample < mode
    with np.errstate(divide="ignore"):
        density = np.where(
            rising,
            2.0 * (sample - low) / ((high - low) * (mode - low)),
            2.0 * (high - sample) / ((high - low) * (high - mode)),
        )
        criterion = 6.0 - 2.0 * float(weight @ np.log(np.maximum(density, 1e-300)))
    if np.isfinite(criterion):
        yield (
            criterion,
            Distribution(DistributionKind.TRIANGULAR, low_seconds=low, high_seconds=high, mode_seconds=mode),
        )


def _distance(sample: Reals, weight: Reals, distribution: Distribution) -> float:
    from potok.simulate.model.distributions import cumulative_shares

    behind = np.cumsum(weight) / weight.sum()
    rows = np.unique(np.linspace(0, len(sample) - 1, min(_GRID, len(sample))).astype(np.int64))
    fitted = cumulative_shares(distribution, sample[rows])
    before = behind[rows] - weight[rows] / weight.sum()
    return float(np.maximum(np.abs(fitted - behind[rows]), np.abs(fitted - before)).max())


def _atom_distance(sample: Reals, weight: Reals, at: float) -> float:
    total = weight.sum()
    below, above = weight[sample < at * (1 - SPREAD)].sum(), weight[sample > at * (1 + SPREAD)].sum()
    return float(max(below, above) / total)
