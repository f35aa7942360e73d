"""Interrupted time series: what the months after a change would have been, by the months before it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from potok.inference.estimate import Estimate, check_share
from potok.inference.interrupted_series.dependence import Future, Sample
from potok.inference.interrupted_series.effects import forecast_months
from potok.inference.interrupted_series.months import Months, arrange_months
from potok.inference.interrupted_series.uncertainty import Mixture, as_estimates
from potok.inference.observations import Floats

_NO_SCATTER: Final = 1e-10
"""Scatter about the trend, relative to the values, below which it is rounding."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """The effect of a change on a monthly series; raw direction: with − without.

    Parameters
    ----------
    effect
        Mean over the months after the change of (with − without).
    level, slope
        Of the straight line through the monthly effects: in the first month after the change, and per month. With one
        month after the change there is no slope: its limits are infinite.
    without
        Shape (T,): the months as they would have been without the change; before it as trend and season have them. Nan
        in months left out.
    without_standard_error
        Shape (T,): of a month's mean about `without`, its sampling error apart.
    autocorrelation
        ρ, the mean of what the months before the change leave open.
    degrees, standard_error
        Of the effect: Satterthwaite's degrees of freedom, and the standard error with which Student's interval at these
        degrees is as long as that of `effect`.
    p_value
        Of no effect, two-sided.
    months_before, months_after
        Months that count.
    residuals
        Shape (T,): before the change, value − trend and season; after it, monthly effect − its straight line; nan in
        months left out.
    harmonics
        Harmonics of the season that were fitted; six stand for a mean of each month of the calendar.
    """

    effect: Estimate
    level: Estimate
    slope: Estimate
    without: Floats
    without_standard_error: Floats
    autocorrelation: float
    degrees: float
    standard_error: float
    p_value: float
    months_before: int
    months_after: int
    residuals: Floats
    harmonics: int


def estimate_interruption(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    variances: ArrayLike | None = None,
    season_months: ArrayLike | None = None,
    confidence: float = 0.95,
    has_trend: bool = True,
) -> Interruption:
    """Estimate what a change did to a monthly series.

    Estimand: the mean over the months after the change of (expected value with − without the change). Nothing is
    assumed about the months after it: each has an effect of its own. What they would have been is forecast from the
    months before: intercept, trend, season (`count_harmonics` says how much of one), and an AR(1) process with variance
    σ² and autocorrelation ρ ≥ 0, plus the sampling error of each month's mean where `variances` are given.

    Assumes that trend, season and process would have gone on, that nothing else changed, and normal errors. The
    uncertainty of ρ and σ² is in the intervals: the restricted likelihood is integrated over both, not maximised,
    because with 24 to 36 months its maximum understates autocorrelation (`potok.inference.interrupted_series
    .uncertainty`). Autocorrelation below zero, which would make intervals shorter, is not credited.

    Parameters
    ----------
    values
        Shape (T,): monthly means in order; nan for months left out (transition, no cases).
    is_after
        Shape (T,) bool.
    variances
        Shape (T,): sampling variances of the monthly means; None to leave all scatter to the process. A month without
        one, or whose cases are all alike, gets the largest of the others.
    season_months
        Shape (T,): months of the calendar, 1–12; None for no season.
    confidence
        Level of the intervals.
    has_trend
        Whether the months before the change have a trend that would have gone on.

    Returns
    -------
    Interruption
        With infinite intervals where the months before the change do not scatter at all, from which no error can be
        learned.

    Raises
    ------
    UnusableMonthsError
        If the arrays do not fit together, months after the change precede months before it, or variances are negative.
    TooFewMonthsError
        If there are fewer months before the change than parameters and three, or none after it.

    References
    ----------
    Harville (1974), "Bayesian inference for variance components using only error contrasts". Berger and Yang (1994),
    "Noninformative priors and Bayesian testing for the AR(1) model". Satterthwaite (1946), "An approximate
    distribution of estimates of variance components". Turner et al. (2021), "Evaluation of statistical methods used in
    the analysis of interrupted time series studies", on why the usual intervals are too short.
    """
    check_share(confidence, name="confidence")
    months = arrange_months(
        values, is_after=is_after, variances=variances, season_months=season_months, has_trend=has_trend
    )
    line: Floats = np.linalg.lstsq(months.design_before, months.values_before, rcond=None)[0].astype(np.float64)
    rest = months.values_before - months.design_before @ line
    count = len(months.after)
    contrasts = np.concatenate([_summaries(months), np.eye(count)])
    if np.ptp(rest) <= _NO_SCATTER * np.abs(months.values_before).max() and not months.sampling_before.any():
        return _without_error(np.asarray(values, dtype=np.float64), months, line, confidence)
    # Trend and season are taken off first: the result is the same, and large values lose no digits.
    sample = Sample(months.before, rest[None], months.sampling_before[None], months.design_before)
    found = forecast_months(sample, Future(months.after, months.design_after, contrasts))
    beyond, sampling = (months.values_after - months.design_after @ line)[None], months.sampling_after[None]
    mixtures = [found.effect(number, values=beyond, sampling=sampling) for number in range(3)]
    effect, level, slope = (as_estimates(mixture, confidence=confidence)[0] for mixture in mixtures)
    below = float(mixtures[0].below(np.zeros(1))[0])
    past, past_errors = _moments([found.past(number) for number in range(len(months.before))])
    ahead, ahead_errors = _moments([found.path(3 + number) for number in range(count)])
    return Interruption(
        effect=effect,
        level=level,
        slope=slope if count > 1 else _unknown(confidence),
        without=_spread(values, months, months.design_before @ line + past, months.design_after @ line + ahead),
        without_standard_error=_spread(values, months, past_errors, ahead_errors),
        autocorrelation=float(found.autocorrelation()[0]),
        degrees=float(mixtures[0].degrees()[0]),
        standard_error=effect.standard_error,
        p_value=2 * min(below, 1 - below),
        months_before=len(months.before),
        months_after=count,
        residuals=_spread(values, months, rest - past, _about_line(months, beyond[0] - ahead)),
        harmonics=months.harmonics,
    )


def _summaries(months: Months) -> Floats:
    """Return the weights of the monthly effects in mean, level and slope, shape (3, m)."""
    count = len(months.after)
    line = np.linalg.pinv(_line(months)) if count > 1 else np.array([[1.0], [1.0]])
    return np.concatenate([np.full((1, count), 1 / count), line])


def _line(months: Months) -> Floats:
    since = (months.after - months.after[0]).astype(np.float64)
    return np.stack([np.ones(len(since)), since], axis=1)


def _about_line(months: Months, monthly: Floats) -> Floats:
    if len(monthly) == 1:
        return np.zeros(1)
    line = _line(months)
    return np.asarray(monthly - line @ np.linalg.lstsq(line, monthly, rcond=None)[0])


def _moments(mixtures: list[Mixture]) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each."""
    means = np.array([mixture.mean()[0] for mixture in mixtures])
    return means, np.sqrt(np.array([mixture.variance()[0] for mixture in mixtures]))


def _spread(values: ArrayLike, months: Months, before: Floats, after: Floats) -> Floats:
    """Return an array of the whole series, nan in months left out."""
    whole = np.full(len(np.asarray(values)), np.nan)
    whole[months.before], whole[months.after] = before, after
    return whole


def _without_error(values: Floats, months: Months, line: Floats, confidence: float) -> Interruption:
    monthly = months.values_after - months.design_after @ line
    effect, level, slope = (_unknown(confidence, value=float(value)) for value in _summaries(months) @ monthly)
    unknown = np.full(len(months.before), np.inf), np.full(len(months.after), np.inf)
    return Interruption(
        effect=effect,
        level=level,
        slope=slope if len(monthly) > 1 else _unknown(confidence),
        without=_spread(values, months, months.design_before @ line, months.values_after - monthly),
        without_standard_error=_spread(values, months, *unknown),
        autocorrelation=np.nan,
        degrees=float(len(months.before) - months.design_before.shape[1]),
        standard_error=np.inf,
        p_value=1.0,
        months_before=len(months.before),
        months_after=len(months.after),
        residuals=_spread(values, months, np.zeros(len(months.before)), _about_line(months, monthly)),
        harmonics=months.harmonics,
    )


def _unknown(confidence: float, *, value: float = 0.0) -> Estimate:
    return Estimate(value, -np.inf, np.inf, np.inf, confidence)
