"""Segmented least squares with Newey–West standard errors: for comparison only."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, normal_estimate
from potok.inference.interrupted_series.errors import UnusableOptionError
from potok.inference.interrupted_series.months import Months, arrange_months
from potok.inference.observations import Floats


@dataclass(frozen=True, slots=True)
class SegmentedFit:
    """A segmented regression; raw direction: with − without.

    Parameters
    ----------
    effect
        Mean effect over the months after the change.
    level, slope
        Effect in the first month after the change, and its growth per month; without a trend, or with one month after
        the change, the level is the effect and the slope 0 with infinite limits.
    lags
        Lags of the autocovariances taken in.
    degrees
        Months less parameters.
    """

    effect: Estimate
    level: Estimate
    slope: Estimate
    lags: int
    degrees: int


def hac_interruption(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    variances: ArrayLike | None = None,
    season_months: ArrayLike | None = None,
    lags: int | None = None,
    confidence: float = 0.95,
    has_trend: bool = True,
) -> SegmentedFit:
    """Fit level and slope after a change by least squares, with Newey–West standard errors and normal intervals.

    Estimand and design as in `estimate_interruption`, except that the effect is a straight line. It is what is mostly
    reported, and too sure: its intervals assume far more months than there are. Nothing is verified by it.

    Parameters
    ----------
    variances
        Months are weighted by their inverse; None, or a month with none, for equal weights.
    lags
        Lags of the Bartlett kernel, in months that count; None for ⌊4 (T/100)^(2/9)⌋.

    Raises
    ------
    UnusableMonthsError, TooFewMonthsError
        As `estimate_interruption`.
    UnusableOptionError
        If `lags` is negative or there are not so many months.

    References
    ----------
    Newey and West (1987), "A simple, positive semi-definite, heteroskedasticity and autocorrelation consistent
    covariance matrix"; Wagner et al. (2002), "Segmented regression analysis of interrupted time series studies".
    """
    months = arrange_months(
        values, is_after=is_after, variances=variances, season_months=season_months, has_trend=has_trend
    )
    series = np.concatenate([months.values_before, months.values_after])
    used = _count_lags(lags, len(series))
    is_line = has_trend and len(months.after) > 1
    design, start = _segments(months, is_line=is_line)
    coefficients, covariance = _weighted_least_squares(series, design=design, weights=_weights(months), lags=used)
    contrasts = np.zeros((3, design.shape[1]))
    contrasts[:2, start] = 1
    if is_line:
        middle = float((months.after - months.after[0]).mean())
        contrasts[1, start + 1], contrasts[2, start + 1] = -middle, 1
    effect, level, slope = (
        normal_estimate(
            float(row @ coefficients), standard_error=_root(float(row @ covariance @ row)), confidence=confidence
        )
        for row in contrasts
    )
    if not is_line:
        slope = Estimate(0.0, -math.inf, math.inf, math.inf, confidence)
    return SegmentedFit(effect, level, slope, used, len(series) - design.shape[1])


def _segments(months: Months, *, is_line: bool) -> tuple[Floats, int]:
    """Return the design of all months, and the place of the column of the effect; its slope is centred."""
    count = len(months.before)
    design = np.concatenate([months.design_before, months.design_after])
    columns = np.zeros((len(design), 2 if is_line else 1))
    columns[count:, 0] = 1
    if is_line:
        columns[count:, 1] = months.after - months.after.mean()
    return np.concatenate([design, columns], axis=1), design.shape[1]


def _weights(months: Months) -> Floats:
    sampling = np.concatenate([months.sampling_before, months.sampling_after])
    return np.asarray(1 / sampling) if (sampling > 0).all() else np.ones(len(sampling))


def _weighted_least_squares(series: Floats, *, design: Floats, weights: Floats, lags: int) -> tuple[Floats, Floats]:
    roots = np.sqrt(weights)
    x, y = design * roots[:, None], series * roots
    bread = np.linalg.pinv(x.T @ x)
    coefficients = bread @ (x.T @ y)
    scores = x * (y - x @ coefficients)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    return coefficients, bread @ meat @ bread


def _count_lags(lags: int | None, count: int) -> int:
    if lags is None:
        return int(4 * (count / 100) ** (2 / 9))
    if not 0 <= lags < count:
        raise UnusableOptionError(
            _("{lags} lags cannot be taken of {count} months.").format(lags=lags, count=count),
            where="lags",
            remedy=_("Give a number between 0 and the number of months less one."),
        )
    return lags


def _root(variance: float) -> float:
    return math.sqrt(max(variance, 0.0))
