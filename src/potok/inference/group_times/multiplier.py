"""Bands that hold for many effects at once, from their influence functions."""

from typing import Final

import numpy as np

from potok.inference.estimate import normal_quantile
from potok.inference.group_times.settings import Drawing
from potok.inference.observations import Floats

_CHUNK_CELLS: Final = 4_000_000
_GOLDEN: Final = (1 + np.sqrt(5)) / 2


def simultaneous_quantile(influence: Floats, *, standard_errors: Floats, units: int, drawing: Drawing) -> float:
    """Return c such that all effects lie within ±c standard errors at once with the probability wanted.

    Every draw perturbs the influence functions by independent multipliers of mean 0 and variance 1 (Mammen's two
    points); c is the quantile of the largest t over the effects. Never below the pointwise quantile.

    Parameters
    ----------
    influence
        Shape (N, k), zero for units that take no part.
    standard_errors
        Shape (k,); effects without scatter (0 or nan) do not count.
    units
        Units that take part.

    References
    ----------
    Callaway and Sant'Anna (2021), Algorithm 1; Mammen (1993).
    """
    pointwise = normal_quantile(drawing.confidence)
    chosen = standard_errors > 0
    if chosen.sum() < 2:
        return pointwise
    scaled = influence[:, chosen] / (standard_errors[chosen] * units)
    scaled = scaled[(scaled != 0).any(axis=1)]
    generator = np.random.default_rng(drawing.seed)
    size = max(1, _CHUNK_CELLS // len(scaled))
    largest = np.concatenate(
        [
            np.abs(_multipliers(generator, min(size, drawing.draws - begin), len(scaled)) @ scaled).max(axis=1)
            for begin in range(0, drawing.draws, size)
        ]
    )
    return max(pointwise, float(np.quantile(largest, drawing.confidence)))


def _multipliers(generator: np.random.Generator, draws: int, units: int) -> Floats:
    is_low = generator.random((draws, units)) < _GOLDEN / np.sqrt(5)
    return np.asarray(np.where(is_low, 1 - _GOLDEN, _GOLDEN), np.float64)
