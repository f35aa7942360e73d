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


def effective_share(weights: Reals) -> float:
    """Return how many independent observations weights stand for, over their sum (Kish 1965); 1 without any.

    What is counted with weights varies by chance with the sum of their squares: a sample drawn anew, in which a case
    counts two or three times, tells less than as many cases would. Tests of what chance explains have to allow for
    that, or they would find in every sample drawn anew what is not in the log.
    """
    squares = float(weights @ weights)
    return float(weights.sum()) / squares if squares > 0 else 1.0
