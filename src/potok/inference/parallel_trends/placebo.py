"""A placebo in time: the same estimate with the change pretended earlier, from the places before it alone."""

import numpy as np
from numpy.typing import ArrayLike

from potok.inference.estimate import Estimate
from potok.inference.group_times import Comparing, Drawing, Scheme, estimate_group_times
from potok.inference.group_times.panel import LATE, NEVER


def placebo_in_time(
    outcomes: ArrayLike,
    *,
    first_treated: ArrayLike,
    earlier: int,
    weights: ArrayLike | None = None,
    comparing: Comparing | None = None,
    drawing: Drawing | None = None,
) -> Estimate:
    """Estimate the effect of a change pretended `earlier` places before the true one; it should be nothing.

    What came after the true change, or as near before it as outcomes may react, is left out.

    Parameters
    ----------
    outcomes, first_treated, weights, comparing, drawing
        As in `estimate_group_times`.
    earlier
        Places by which every change is moved, at least 1.

    Raises
    ------
    NothingComparedError
        If nothing is left to compare.
    """
    values, first = np.asarray(outcomes, np.float64), np.asarray(first_treated)
    how = comparing or Comparing()
    until = np.where(first == NEVER, LATE, first - how.anticipation)
    before = np.where(np.arange(values.shape[1]) < until[:, None], values, np.nan)
    pretended = np.where(first == NEVER, NEVER, np.maximum(first - earlier, 0))
    effects = estimate_group_times(before, first_treated=pretended, weights=weights, comparing=how, drawing=drawing)
    return effects.aggregate(Scheme.SIMPLE).overall
