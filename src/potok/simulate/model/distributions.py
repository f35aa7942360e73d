"""Distributions of durations and delays: what a model's document may say, and their quantiles."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Reals = npt.NDArray[np.float64]
_PPF: Final = 1e-12
_HALVINGS: Final = 80


class DistributionKind(StrEnum):
    """The family of a distribution."""

    FIXED = "fixed"
    UNIFORM = "uniform"
    TRIANGULAR = "triangular"
    EXPONENTIAL = "exponential"
    GAMMA = "gamma"
    LOGNORMAL = "lognormal"
    WEIBULL = "weibull"
    NORMAL = "normal"
    EMPIRICAL = "empirical"
    MIXTURE = "mixture"


_WITHOUT_NEGATIVES: Final = frozenset(
    (DistributionKind.EXPONENTIAL, DistributionKind.GAMMA, DistributionKind.LOGNORMAL, DistributionKind.WEIBULL)
)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of non-negative times.

    Parameters
    ----------
    kind
        Its family.
    mean_seconds
        Its mean before it is cut at `low_seconds` and `high_seconds`; of a fixed one, its value. Not of uniform,
        triangular, empirical ones and mixtures, which have none to give.
    sd_seconds
        Standard deviation before it is cut, of gamma, log-normal, Weibull and normal ones.
    low_seconds, high_seconds
        Draws outside are cut to the next that lies inside: the distribution is conditioned on the range. Of uniform and
        triangular ones, their ends. `high_seconds` of 0 is no limit.
    mode_seconds
        Of triangular ones.
    quantiles_seconds
        Of empirical ones: ascending, at equally spaced shares from 0 to 1, linear between them.
    parts
        Of mixtures: weight and distribution of each part; weights sum to 1.
    """

    kind: DistributionKind
    mean_seconds: float = 0.0
    sd_seconds: float = 0.0
    low_seconds: float = 0.0
    high_seconds: float = 0.0
    mode_seconds: float = 0.0
    quantiles_seconds: tuple[float, ...] = ()
    parts: tuple[tuple[float, "Distribution"], ...] = ()


def fixed(seconds: float) -> Distribution:
    """Return the distribution of a time that never varies."""
    return Distribution(DistributionKind.FIXED, mean_seconds=seconds)


def exponential(mean_seconds: float) -> Distribution:
    """Return an exponential distribution."""
    return Distribution(DistributionKind.EXPONENTIAL, mean_seconds=mean_seconds)


def quantiles(distribution: Distribution, shares: npt.ArrayLike) -> Reals:
    """Return the quantiles of a distribution.

    Parameters
    ----------
    shares
        Any shape, 0–1.

    Returns
    -------
    Reals
        Seconds, of the same shape; never negative.
    """
    share = np.clip(np.asarray(shares, dtype=np.float64), 0.0, 1.0)
    if distribution.kind is DistributionKind.EMPIRICAL:
        known = np.asarray(distribution.quantiles_seconds, dtype=np.float64)
        return np.asarray(np.interp(share, np.linspace(0.0, 1.0, len(known)), known))
    if distribution.kind is DistributionKind.MIXTURE:
        return _mixed(distribution, share)
    if distribution.kind is DistributionKind.FIXED:
        return np.full(share.shape, distribution.mean_seconds)
    if distribution.kind is DistributionKind.EXPONENTIAL:
        return _exponential(distribution, share)
    law = _law(distribution)
    bounded = distribution.kind in (DistributionKind.UNIFORM, DistributionKind.TRIANGULAR)
    low = 0.0 if bounded else float(law.cdf(distribution.low_seconds))
    high = 1.0 if bounded or not distribution.high_seconds else float(law.cdf(distribution.high_seconds))
    return np.asarray(np.maximum(law.ppf(np.minimum(low + share * (high - low), 1.0 - _PPF)), 0.0))


def cumulative_shares(distribution: Distribution, seconds: npt.ArrayLike) -> Reals:
    """Return the share of draws that are at most so long; the inverse of `quantiles`."""
    at = np.asarray(seconds, dtype=np.float64)
    if distribution.kind is DistributionKind.MIXTURE:
        return np.asarray(sum(weight * cumulative_shares(part, at) for weight, part in distribution.parts))
    if distribution.kind is DistributionKind.FIXED:
        return (at >= distribution.mean_seconds).astype(np.float64)
    if distribution.kind is DistributionKind.EMPIRICAL:
        known = np.asarray(distribution.quantiles_seconds, dtype=np.float64)
        within = np.interp(at, known, np.linspace(0.0, 1.0, len(known)))
        return np.asarray(np.where(at < known[0], 0.0, np.where(at >= known[-1], 1.0, within)))
    if distribution.kind is DistributionKind.EXPONENTIAL:
        beyond = np.maximum(at - distribution.low_seconds, 0.0) / distribution.mean_seconds
        return np.asarray(np.clip(-np.expm1(-beyond) / _exponential_reach(distribution), 0.0, 1.0))
    law = _law(distribution)
    bounded = distribution.kind in (DistributionKind.UNIFORM, DistributionKind.TRIANGULAR)
    low = 0.0 if bounded else float(law.cdf(distribution.low_seconds))
    high = 1.0 if bounded or not distribution.high_seconds else float(law.cdf(distribution.high_seconds))
    return np.asarray(np.clip((law.cdf(at) - low) / (high - low), 0.0, 1.0))


def mean_seconds(distribution: Distribution, *, shares: int = 20_001) -> float:
    """Return the mean of what is drawn: exact where nothing is cut, else by the midpoint rule over the quantiles."""
    kind = distribution.kind
    if kind is DistributionKind.MIXTURE:
        return float(sum(weight * mean_seconds(part) for weight, part in distribution.parts))
    if kind is DistributionKind.UNIFORM:
        return (distribution.low_seconds + distribution.high_seconds) / 2.0
    if kind is DistributionKind.TRIANGULAR:
        return (distribution.low_seconds + distribution.mode_seconds + distribution.high_seconds) / 3.0
    if kind is DistributionKind.EMPIRICAL:
        known = np.asarray(distribution.quantiles_seconds, dtype=np.float64)
        return float(((known[1:] + known[:-1]) / 2.0).mean()) if len(known) > 1 else float(known[0])
    is_cut = distribution.low_seconds > 0.0 or distribution.high_seconds > 0.0
    if kind is DistributionKind.FIXED or (not is_cut and kind in _WITHOUT_NEGATIVES):
        return distribution.mean_seconds
    return float(quantiles(distribution, (np.arange(shares) + 0.5) / shares).mean())


def _exponential(distribution: Distribution, share: Reals) -> Reals:
    """Invert by what lies beyond the low end: it has no memory, and far out its own tail would be rounded away."""
    kept = np.minimum(share, 1.0 - _PPF) if not distribution.high_seconds else share
    beyond = -np.log1p(-kept * _exponential_reach(distribution))
    found = distribution.low_seconds + distribution.mean_seconds * beyond
    return np.asarray(np.minimum(found, distribution.high_seconds) if distribution.high_seconds else found)


def _exponential_reach(distribution: Distribution) -> float:
    """Return the share of what lies beyond the low end that lies below the high one."""
    if not distribution.high_seconds:
        return 1.0
    return float(-np.expm1((distribution.low_seconds - distribution.high_seconds) / distribution.mean_seconds))


@dataclass(frozen=True, slots=True)
class _Law:
    """A family of scipy's with its parameters; freezing one takes longer than all that is asked of it here."""

    family: "stats.rv_continuous"
    parameters: tuple[float, ...]

    def cdf(self, seconds: npt.ArrayLike) -> Reals:
        """Return the share of times that are at most so long."""
        return np.asarray(self.family.cdf(seconds, *self.parameters))

    def ppf(self, shares: npt.ArrayLike) -> Reals:
        """Return the quantiles at shares."""
        return np.asarray(self.family.ppf(shares, *self.parameters))


def _law(distribution: Distribution) -> _Law:
    kind, mean, sd = distribution.kind, distribution.mean_seconds, distribution.sd_seconds
    low, high = distribution.low_seconds, distribution.high_seconds
    if kind is DistributionKind.UNIFORM:
        return _Law(stats.uniform, (low, high - low))
    if kind is DistributionKind.TRIANGULAR:
        return _Law(stats.triang, ((distribution.mode_seconds - low) / (high - low), low, high - low))
    if kind is DistributionKind.GAMMA:
        return _Law(stats.gamma, ((mean / sd) ** 2, 0.0, sd**2 / mean))
    if kind is DistributionKind.LOGNORMAL:
        log_variance = np.log1p((sd / mean) ** 2)
        return _Law(stats.lognorm, (np.sqrt(log_variance), 0.0, mean / np.sqrt(1.0 + (sd / mean) ** 2)))
    if kind is DistributionKind.WEIBULL:
        shape = _weibull_shape(sd / mean)
        return _Law(stats.weibull_min, (shape, 0.0, mean / _gamma(1.0 + 1.0 / shape)))
    return _Law(stats.norm, (mean, sd))


def _gamma(value: float) -> float:
    from scipy.special import gamma

    return float(gamma(value))


def _weibull_shape(variation: float) -> float:
    """Return the shape whose coefficient of variation is so large; it falls as the shape grows."""
    low, high = 0.05, 100.0
    for _halving in range(_HALVINGS):
        middle = np.sqrt(low * high)
        found = np.sqrt(max(_gamma(1.0 + 2.0 / middle) / _gamma(1.0 + 1.0 / middle) ** 2 - 1.0, 0.0))
        low, high = (middle, high) if found > variation else (low, middle)
    return float(np.sqrt(low * high))


def _mixed(distribution: Distribution, share: Reals) -> Reals:
    """Invert the mixture's cumulative shares by halving; between the least and the greatest quantile of its parts."""
    each = np.stack([quantiles(part, share) for _weight, part in distribution.parts])
    low, high = each.min(axis=0), each.max(axis=0)
    for _halving in range(_HALVINGS):
        middle = 0.5 * (low + high)
        is_below = cumulative_shares(distribution, middle) < share
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return np.asarray(high)
