"""Distributions made from others: longer or shorter, and sums."""

from dataclasses import replace
from math import sqrt
from typing import Final

import numpy as np

from potok.simulate.model.distributions import Distribution, DistributionKind, fixed, mean_seconds, quantiles

_DRAWS: Final = 8192
_QUANTILES: Final = 201


def scale(distribution: Distribution, factor: float) -> Distribution:
    """Return the distribution of a time that is `factor` times as long."""
    if factor == 1.0:
        return distribution
    if factor == 0.0:
        return fixed(0.0)
    return replace(
        distribution,
        mean_seconds=distribution.mean_seconds * factor,
        sd_seconds=distribution.sd_seconds * factor,
        low_seconds=distribution.low_seconds * factor,
        high_seconds=distribution.high_seconds * factor,
        mode_seconds=distribution.mode_seconds * factor,
        quantiles_seconds=tuple(value * factor for value in distribution.quantiles_seconds),
        parts=tuple((weight, scale(part, factor)) for weight, part in distribution.parts),
    )


def with_mean(distribution: Distribution, seconds: float) -> Distribution:
    """Return a distribution of the same shape with another mean."""
    mean = mean_seconds(distribution)
    return scale(distribution, seconds / mean) if mean > 0 else fixed(seconds)


def add(parts: tuple[Distribution, ...]) -> Distribution:
    """Return the distribution of the sum of independent times.

    The draws of a Kronecker lattice (one irrational step for each part) stand for the joint distribution; the sum is
    kept as its quantiles, with the exact mean.
    """
    if len(parts) == 1:
        return parts[0]
    if all(part.kind is DistributionKind.FIXED for part in parts):
        return fixed(sum(part.mean_seconds for part in parts))
    steps = [sqrt(prime) % 1.0 for prime in _primes(len(parts))]
    places = np.arange(1, _DRAWS + 1)
    total = sum(quantiles(part, (places * step) % 1.0) for part, step in zip(parts, steps, strict=True))
    found = np.quantile(np.asarray(total), np.linspace(0.0, 1.0, _QUANTILES))
    summed = Distribution(DistributionKind.EMPIRICAL, quantiles_seconds=tuple(map(float, found)))
    return with_mean(summed, sum(mean_seconds(part) for part in parts))


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found
