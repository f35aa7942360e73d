"""A test and an interval that assume no shape of the scatter: residuals moved round in blocks.

Under a supposed effect the months after the change, less that effect, are months like the others. Trend and season are
fitted to all of them under that supposition, and the residuals are moved round month by month, the series closed to a
circle, which keeps the dependence of neighbours. What is looked at is the step that least squares would then find.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from potok.inference.estimate import Estimate, check_share
from potok.inference.interrupted_series.months import arrange_months
from potok.inference.observations import Floats

_ROUNDING = 1e-9


def conformal_p_value(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    effect: float = 0.0,
    season_months: ArrayLike | None = None,
    has_trend: bool = True,
) -> float:
    """Test a constant effect; two-sided.

    Estimand and design as in `estimate_interruption`, except that the effect is the same in every month. Valid for
    residuals that are stationary and weakly dependent, of any distribution, with enough months that the fit of trend
    and season does not matter; never below one in the number of months.

    Parameters
    ----------
    effect
        The supposed effect, with − without.

    Raises
    ------
    UnusableMonthsError, TooFewMonthsError
        As `estimate_interruption`.

    References
    ----------
    Chernozhukov, Wüthrich and Zhu (2021), "An exact and robust conformal inference method for counterfactual and
    synthetic controls", moving-block permutations. Freedman and Lane (1983), "A nonstochastic interpretation of
    reported significance levels", on the statistic.
    """
    observed, supposed = _moved_steps(values, is_after, season_months, has_trend)
    statistics = np.abs(observed - effect * supposed)
    tolerance = _ROUNDING * (1 + statistics.max())
    return float((statistics >= statistics[0] - tolerance).mean())


def conformal_interval(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    season_months: ArrayLike | None = None,
    confidence: float = 0.95,
    has_trend: bool = True,
) -> Estimate:
    """Return the constant effects that `conformal_p_value` does not reject, with the one it likes best.

    The limits are infinite where months are too few to reject anything. The standard error is nan.

    Raises
    ------
    UnusableMonthsError, TooFewMonthsError
        As `estimate_interruption`.
    """
    outside = 1 - check_share(confidence, name="confidence")
    observed, supposed = _moved_steps(values, is_after, season_months, has_trend)
    best = observed[0] / supposed[0]
    lower, upper = _reaches(observed, supposed)
    # An effect is kept while more than so many moves, none among them, give as large a step.
    rank = math.floor(outside * len(observed) + _ROUNDING)
    return Estimate(float(best), float(np.sort(lower)[rank]), float(np.sort(upper)[::-1][rank]), math.nan, confidence)


def _moved_steps(
    values: ArrayLike, is_after: ArrayLike, season_months: ArrayLike | None, has_trend: bool
) -> tuple[Floats, Floats]:
    """Return the steps in the residuals of the series and of a unit effect, shape (T,), by how far they are moved."""
    months = arrange_months(values, is_after=is_after, variances=None, season_months=season_months, has_trend=has_trend)
    design = np.concatenate([months.design_before, months.design_after])
    series = np.concatenate([months.values_before, months.values_after])
    count, length = len(months.after), len(series)
    unit = (np.arange(length) >= length - count).astype(np.float64)
    basis = np.linalg.qr(design)[0]
    residuals = np.stack([series, unit])
    residuals = residuals - residuals @ basis @ basis.T
    moved = (np.arange(length)[:, None] + np.arange(length)) % length
    steps = residuals[:, moved] @ residuals[1]
    return steps[0], steps[1]


def _reaches(observed: Floats, supposed: Floats) -> tuple[Floats, Floats]:
    """Return between which effects moving the residuals gives a step as large as their own."""
    roots = np.empty((2, len(observed)))
    for row, sign in enumerate((1, -1)):
        slope = supposed[0] - sign * supposed
        with np.errstate(divide="ignore", invalid="ignore"):
            roots[row] = (observed[0] - sign * observed) / slope
    # Where a unit effect is the same after moving, the moved step never ceases to be as large.
    is_endless = np.abs(supposed) >= abs(supposed[0]) * (1 - _ROUNDING)
    return np.where(is_endless, -np.inf, roots.min(axis=0)), np.where(is_endless, np.inf, roots.max(axis=0))
