"""Counting with weights."""

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]


def weighted_counts(places: npt.NDArray[np.int64], weights: Reals, size: int) -> Reals:
    """Return the sum of the weights at each place.

    Parameters
    ----------
    places
        (n,) from 0 to `size` − 1.
    weights
        (n,).
    """
    return np.asarray(np.bincount(places, weights=weights, minlength=size), dtype=np.float64)
