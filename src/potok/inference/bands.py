"""Pointwise bands around curves of shares."""

import numpy as np

from potok.inference.estimate import normal_quantile
from potok.inference.observations import Floats


def log_log_band(shares: Floats, relative_error: Floats, *, confidence: float) -> tuple[Floats, Floats]:
    """Return lower and upper bounds that stay between 0 and 1, by the normal interval of log(−log share).

    Parameters
    ----------
    shares
        Shape (k,) or (k, c). Where a share is 0 or 1 the transformation has no answer and both bounds are the share.
    relative_error
        Same shape: standard error over share.

    Raises
    ------
    InvalidShareError
        If `confidence` does not lie between 0 and 1.

    References
    ----------
    Kalbfleisch and Prentice (2002), *The Statistical Analysis of Failure Time Data*, §1.4.
    """
    z = normal_quantile(confidence)
    lower, upper = shares.copy(), shares.copy()
    is_inside = (shares > 0) & (shares < 1)
    log = np.log(shares[is_inside])
    spread = z * relative_error[is_inside] / -log
    with np.errstate(over="ignore"):  # beyond all numbers the bound is 0
        lower[is_inside] = np.exp(log * np.exp(spread))
    upper[is_inside] = np.exp(log * np.exp(-spread))
    return lower, upper
