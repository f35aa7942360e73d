"""Resampling cases in bounded memory.

Cases are dealt into at most `MOST_GROUPS` groups by their codes, and groups are drawn with replacement instead of
cases. As cases are dealt and not sorted into groups, groups are as independent as cases are; sums over a group carry
the variance of its cases, so that intervals are those of a bootstrap of cases. Up to `MOST_GROUPS` cases each is a
group of its own.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

MOST_GROUPS: Final = 1_000
DRAWS: Final = 400
CONFIDENCE: Final = 0.95
SEED: Final = 20_241

Floats = NDArray[np.float64]


@lru_cache(4)
def draw_weights(groups: int, *, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Return how often each group is drawn, shape (draws, groups), not to be written to; rows add up to `groups`."""
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)
    weights.flags.writeable = False
    return weights


def percentile_bounds(values: Floats, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Return the percentile interval of resampled values; those that could not be computed (nan) are left out.

    None if more than half of them could not.

    References
    ----------
    Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, §13.
    """
    known = values[np.isfinite(values)]
    if known.size * 2 < values.size or not known.size:
        return None
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(known, [tail, 1 - tail])
    return float(lower), float(upper)
