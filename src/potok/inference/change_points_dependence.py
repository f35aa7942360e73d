"""How far apart two observations of a series must lie before they tell of different luck.

Cases handled in the same weeks share the same queue, the same staff and the same mood. A test that takes them for
independent finds changes where there are none. Observations are therefore shuffled in blocks that are long against the
dependence between them.
"""

import math
from typing import Final

import numpy as np

from potok.inference.observations import Floats

_WINDOWS: Final = 8
_LEAST_WINDOW: Final = 16
_LAGS_PER_WINDOW: Final = 3
_BLOCK_PER_LENGTH: Final = 3.0


def dependence_length(values: Floats) -> float:
    """Estimate the integrated autocorrelation time of the columns of a series: 1 if all rows are independent.

    The series is cut into windows and each is taken about its own mean, so that a change of level in one window spoils
    one window only. Of each column the median over the windows counts, and of all columns the largest: it is the most
    dependent column that would be taken for changing. Autocorrelations are summed up to the first lag at which they do
    not stand out from noise.

    Parameters
    ----------
    values
        Shape (n, f).

    References
    ----------
    Geyer (1992), "Practical Markov chain Monte Carlo" (initial positive sequence).
    """
    windows = min(_WINDOWS, len(values) // _LEAST_WINDOW)
    if windows < 1 or not values.shape[1]:
        return 1.0
    lengths = [_window_lengths(part) for part in np.array_split(values, windows)]
    return float(np.max(np.median(lengths, axis=0)))


def block_length(count: int, *, dependence: float) -> int:
    """Return how many successive observations of `count` are shuffled together.

    It grows with the cube root of the length of the series, as blocks of a bootstrap do, and is never shorter than
    three times what the dependence adds to independence.
    """
    return max(1, math.ceil(math.cbrt(count)), math.ceil(_BLOCK_PER_LENGTH * (dependence - 1)))


def _window_lengths(part: Floats) -> Floats:
    centred = part - part.mean(axis=0)
    count = len(centred)
    variance = np.maximum(np.mean(centred * centred, axis=0), 1e-12)
    lengths = np.ones(part.shape[1])
    goes_on = np.ones(part.shape[1], bool)
    for lag in range(1, max(2, count // _LAGS_PER_WINDOW)):
        # Taking out the window's own mean lowers every autocorrelation by about length / n.
        shares = np.sum(centred[lag:] * centred[:-lag], axis=0) / (count - lag) / variance + lengths / count
        goes_on &= shares > 2 / math.sqrt(count)
        if not goes_on.any():
            break
        lengths += 2 * np.where(goes_on, shares, 0)
    return lengths
