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
_BLOCK_PER_LENGTH: Final = 6.0
_STEEPEST: Final = 0.98


def dependence_length(values: Floats) -> float:
    """Estimate the integrated autocorrelation time of the columns of a series: 1 if all rows are independent.

    The series is cut into windows and each is taken about its own mean, so that a change of level in one window spoils
    one window only: of each autocorrelation the median over the windows counts. They are summed up to the first that
    does not stand out from noise; if an autoregression of the first order tells of more, that counts. Of all columns
    the largest is returned: it is the most dependent column that would be taken for changing.

    Parameters
    ----------
    values
        Shape (n, f).

    References
    ----------
    Geyer (1992), "Practical Markov chain Monte Carlo" (initial positive sequence); Andrews (1991), "Heteroskedasticity
    and autocorrelation consistent covariance matrix estimation" (autoregressive plug-in).
    """
    windows = min(_WINDOWS, len(values) // _LEAST_WINDOW)
    if windows < 1 or not values.shape[1]:
        return 1.0
    parts = [_standardised(part) for part in np.array_split(values, windows)]
    width = min(map(len, parts))
    noise = 2 / math.sqrt(len(values))
    lengths = np.ones(values.shape[1])
    goes_on = np.ones(values.shape[1], bool)
    first = np.zeros(values.shape[1])
    for lag in range(1, max(2, width // _LAGS_PER_WINDOW)):
        shares = np.median([np.mean(part[lag:] * part[:-lag], axis=0) for part in parts], axis=0)
        if lag == 1:
            first = np.clip(
                shares + (1 + 4 * shares) / width, 0.0, _STEEPEST
            )  # less its bias (Marriott and Pope, 1954)
        # Taking out the window's own mean lowers every autocorrelation by about length / n.
        shares = shares + lengths / width
        goes_on &= shares > noise
        if not goes_on.any():
            break
        lengths += 2 * np.where(goes_on, shares, 0)
    return float(np.max(np.maximum(lengths, (1 + first) / (1 - first))))


def block_length(count: int, *, dependence: float) -> int:
    """Return how many successive observations of `count` are shuffled together.

    It grows with the cube root of the length of the series, as blocks of a bootstrap do, and is never shorter than
    six times what the dependence adds to independence.
    """
    return max(1, math.ceil(math.cbrt(count)), math.ceil(_BLOCK_PER_LENGTH * (dependence - 1)))


def _standardised(part: Floats) -> Floats:
    centred = part - part.mean(axis=0)
    standardised: Floats = centred / np.sqrt(np.maximum(np.mean(centred * centred, axis=0), 1e-12))
    return standardised
