"""The descent by which the authors of synthetic differences find their weights, with its rules for stopping.

The exact minimum of the same function (`fit_simplex`) is close by; published figures are those of the descent, which is
stopped before it gets there.
"""

from collections.abc import Callable
from typing import Final, cast

import numba
import numpy as np

from potok.inference.observations import Floats

MOST_STEPS: Final = 10_000
STEPS_BEFORE_THINNING: Final = 100
_KEPT_SHARE: Final = 0.25


def descend(design: Floats, target: Floats, *, penalty: float, least_gain: float) -> Floats:
    """Return weights w ≥ 0, Σw = 1 that make ‖Aw − b‖²/m + penalty²·‖w‖² small.

    The descent of Frank and Wolfe from equal weights: `STEPS_BEFORE_THINNING` steps; then weights of at most a quarter
    of the largest are dropped; then further steps until one gains no more than `least_gain`², at most `MOST_STEPS`.

    Parameters
    ----------
    design
        A, shape (m, n).
    target
        b, shape (m,).

    References
    ----------
    Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences", and their package
    `synthdid`.
    """
    rows, columns = design.shape
    gram = design.T @ design + rows * penalty**2 * np.eye(columns)
    pull, enough = design.T @ target, rows * least_gain**2
    first = walk(gram, pull, np.full(columns, 1 / columns), STEPS_BEFORE_THINNING, enough)
    thinned = np.where(first > _KEPT_SHARE * first.max(), first, 0.0)
    return walk(gram, pull, thinned / thinned.sum(), MOST_STEPS, enough)


def _walk(gram: Floats, pull: Floats, start: Floats, steps: int, enough: float) -> Floats:
    """Take up to `steps` steps, each towards the corner where w'Gw − 2p'w falls most steeply, as far as it falls."""
    count = len(start)
    weights = start.copy()
    product = np.zeros(count)
    for row in range(count):
        for column in range(count):
            product[row] += gram[row, column] * weights[column]
    for step in range(steps):
        corner = 0
        level = 0.0
        for place in range(count):
            level += (product[place] - pull[place]) * weights[place]
            if product[place] - pull[place] < product[corner] - pull[corner]:
                corner = place
        descent = level - (product[corner] - pull[corner])
        bend = gram[corner, corner] - 2 * product[corner]
        for place in range(count):
            bend += product[place] * weights[place]
        if not (descent > 0 and bend > 0):
            break
        length = min(1.0, descent / bend)
        for place in range(count):
            weights[place] *= 1 - length
            product[place] += length * (gram[corner, place] - product[place])
        weights[corner] += length
        if step > 0 and length * (2 * descent - length * bend) <= enough:
            break
    return weights


walk = cast("Callable[[Floats, Floats, Floats, int, float], Floats]", numba.njit(cache=True, nogil=True)(_walk))
"""`_walk`, compiled: thousands of short steps."""
