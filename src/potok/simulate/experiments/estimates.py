"""From figures of replications and draws to estimates with intervals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.special import expit, logit

Reals = npt.NDArray[np.float64]
FEWEST_DRAWS: Final = 20
"""From so many on the interval is that of percentiles."""
SURE_ERRORS: Final = 2.0
"""An error on the whole counts as far as it exceeds so many of its standard errors."""


class IntervalKind(StrEnum):
    """What an interval takes into account: chance in the runs alone, or also how well the log shows the process."""

    MONTE_CARLO = "monte_carlo"
    BOOTSTRAP = "bootstrap"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval.

    Parameters
    ----------
    value
        Mean over replications of the model learned from all cases, corrected if there are draws; NaN if there is none.
    lower, upper
        Its interval; NaN if there is none.
    standard_error
        Of `value`, by chance in the runs alone.
    """

    value: float
    lower: float
    upper: float
    standard_error: float


def estimate_means(replications: npt.ArrayLike, *, level: float) -> tuple[Estimate, ...]:
    """Estimate the mean of each column by Student's t; of columns of paired differences, the mean difference.

    Parameters
    ----------
    replications
        (r, k); NaN rows of a column are left out.
    level
        Of confidence, 0–1.
    """
    values = np.asarray(replications, dtype=np.float64)
    return tuple(_mean(column[np.isfinite(column)], level) for column in values.T)


def _mean(values: Reals, level: float) -> Estimate:
    if not len(values):
        return Estimate(np.nan, np.nan, np.nan, np.nan)
    mean = float(values.mean())
    if len(values) == 1:
        return Estimate(mean, np.nan, np.nan, np.nan)
    error = float(values.std(ddof=1) / np.sqrt(len(values)))
    half = float(stats.t.ppf(0.5 + level / 2, len(values) - 1)) * error
    return Estimate(mean, mean - half, mean + half, error)


def correct_draws(draws: Reals, replications: Reals) -> tuple[Reals, Reals]:
    """Correct draws, and values, by what the draws show the values to err by on the whole.

    What is learned from a log errs in some direction: a queue is longer the more its load varies, and noise in what was
    learned is taken for such variation. What is learned anew from drawn cases errs once more, in the same direction.
    The distance from the value to the centre of the draws therefore estimates that from the truth to the value: values
    are put back by it once and draws twice, as far as it exceeds what chance explains, by one share for all models of a
    figure. Positive figures are put back by ratios, figures between 0 and 1 by the ratio of their odds; others by
    differences. A figure that jumps, such as a percentile beside a gap, is left as it is: no draw is turned about a
    value, which would make of a jump up one down that nothing can bring about.

    Parameters
    ----------
    draws
        (b, k, models, figures): each run of each draw; not negative. Of fewer than `FEWEST_DRAWS` nothing is corrected.
    replications
        (r, models, figures): of the models learned from all cases.

    Returns
    -------
    tuple
        (b, models, figures) means of draws, and (models, figures) values, corrected.

    References
    ----------
    Efron and Tibshirani (1993), “An Introduction to the Bootstrap”, chapter 10; James and Stein (1961), shrinking.
    """
    means, values = draws.mean(axis=1), replications.mean(axis=0)
    if len(draws) < FEWEST_DRAWS:
        return means, values
    for place in range(values.shape[1]):
        column = _correct(draws[..., place], replications[..., place])
        if column is not None:
            means[..., place], values[..., place] = column
    return means, values


def _correct(draws: Reals, replications: Reals) -> tuple[Reals, Reals] | None:
    """Return (b, models) and (models,) of one figure corrected; None where nothing can be or needs to be."""
    means, values = draws.mean(axis=1), replications.mean(axis=0)
    known = means[np.isfinite(means).all(axis=1)]
    if len(known) < FEWEST_DRAWS or not np.isfinite(values).all():
        return None
    scale = _scale_of(np.vstack([known, values]))
    on_scale, value = scale.there(known), scale.there(values)
    of_run = _chance(draws, replications) * scale.slope(values) ** 2
    runs, each = len(replications), draws.shape[1]
    # The logarithm of a mean of few runs is less than that of a mean of many.
    bend = 0.5 * scale.bend * of_run * (1.0 / each - 1.0 / runs)
    error = on_scale.mean(axis=0) + bend - value
    variance = on_scale.var(axis=0, ddof=1) / len(known) + of_run / runs
    surprise = float(np.mean(error**2 / np.maximum(variance, 1e-300)))
    share = max(0.0, 1.0 - SURE_ERRORS**2 / surprise) if surprise > 0 else 0.0
    if share == 0.0:
        return None
    return scale.back(scale.there(means) - 2.0 * share * error), scale.back(value - share * error)


@dataclass(frozen=True, slots=True)
class _Scale:
    """On which figures are put back; `bend` is how the scale's second derivative goes with the first's square."""

    there: Callable[[Reals], Reals]
    back: Callable[[Reals], Reals]
    slope: Callable[[Reals], Reals]
    bend: float


_PLAIN: Final = _Scale(lambda x: x, lambda x: np.maximum(x, 0.0), np.ones_like, 0.0)
_RATIOS: Final = _Scale(np.log, np.exp, np.reciprocal, 1.0)
_ODDS: Final = _Scale(logit, expit, lambda x: 1.0 / (x * (1.0 - x)), 0.0)


def _scale_of(figures: Reals) -> _Scale:
    if figures.min() <= 0:
        return _PLAIN
    return _ODDS if figures.max() < 1 else _RATIOS


def _chance(draws: Reals, replications: Reals) -> Reals:
    """Return the variance of a single run by chance, (...): within draws and among replications.

    Parameters
    ----------
    draws, replications
        (b, k, ...) and (r, ...).
    """
    within = (draws - draws.mean(axis=1, keepdims=True)) ** 2
    among = (replications - replications.mean(axis=0)) ** 2
    freedom = len(draws) * (draws.shape[1] - 1) + max(len(replications) - 1, 1)
    return np.asarray((np.nansum(within, axis=(0, 1)) + np.nansum(among, axis=0)) / freedom)


def estimate_forecast(
    values: Reals, replications: Reals, draws: Reals, corrected: Reals, *, level: float
) -> tuple[Estimate, ...]:
    """Estimate each column: the interval from percentiles of draws.

    Each draw is a model learned from cases drawn with replacement, run a few times; its figure varies by both. Of the
    value, which is a mean of more runs, chance in the runs is less: draws are drawn together until they vary as the
    value does, by what the log does not tell and by what chance is left in the value. Whether the model's structure is
    right they cannot tell. Of fewer than `FEWEST_DRAWS` there are no percentiles to speak of: their standard deviation,
    times Student's t, stands in on either side of the value.

    Parameters
    ----------
    values
        (n,): as `correct_draws` returns them, or differences of such.
    replications, draws
        (r, n) and (b, k, n): each run.
    corrected
        (b, n): means of draws as `correct_draws` returns them, or differences of such.
    """
    known = estimate_means(replications, level=level)
    shares = _value_shares(np.asarray(replications, np.float64), np.asarray(draws, np.float64))
    return tuple(
        _with_percentiles(replace(one, value=float(value)), column[np.isfinite(column)], share, level)
        for one, value, column, share in zip(known, values, corrected.T, shares.tolist(), strict=True)
    )


def _value_shares(replications: Reals, draws: Reals) -> Reals:
    """Return, for each column, the standard deviation of the value over that of a draw, at most 1."""
    means = draws.mean(axis=1)
    rows = np.isfinite(means)
    count = np.maximum(rows.sum(axis=0), 1)
    centre = np.where(rows, means, 0.0).sum(axis=0) / count
    total = (np.where(rows, means - centre, 0.0) ** 2).sum(axis=0) / np.maximum(count - 1, 1)
    chance = _chance(draws, replications)
    learned = np.maximum(total - chance / draws.shape[1], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.sqrt((learned + chance / len(replications)) / total)
    return np.where(total > 0, np.minimum(share, 1.0), 1.0)


def _with_percentiles(known: Estimate, draws: Reals, share: float, level: float) -> Estimate:
    if len(draws) < 2:
        return Estimate(known.value, np.nan, np.nan, known.standard_error)
    if len(draws) < FEWEST_DRAWS:
        spread = share * float(draws.std(ddof=1)) * float(stats.t.ppf(0.5 + level / 2, len(draws) - 1))
        return Estimate(known.value, known.value - spread, known.value + spread, known.standard_error)
    nearer = draws.mean() + share * (draws - draws.mean())
    # Of few draws the usual quantiles lie too far inside: the outermost of n stands for 1 / (n + 1).
    lower, upper = np.quantile(nearer, [0.5 - level / 2, 0.5 + level / 2], method="weibull")
    return Estimate(known.value, float(lower), float(upper), known.standard_error)
