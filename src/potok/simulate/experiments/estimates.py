"""From figures of replications and draws to estimates with intervals."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

Reals = npt.NDArray[np.float64]
FEWEST_DRAWS: Final = 20
"""From so many on the interval is that of percentiles."""


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


def reflect_draws(draws: Reals, values: Reals) -> Reals:
    """Reflect draws about the values of which they are draws.

    What is learned from a log errs in some direction on the whole: a queue is longer the more its load varies, and
    noise in what was learned is taken for such variation. What is learned anew from drawn cases errs once more, in the
    same direction. The distance from the value to a draw therefore estimates that from the truth to the value: a draw
    is put as far on the other side. Positive figures are reflected by their ratios, figures between 0 and 1 by the
    ratios of their odds, which keeps them there; others by their differences.

    Parameters
    ----------
    draws
        (b, ...): figures that are not negative.
    values
        (...): what the model learned from all cases gives.

    References
    ----------
    Davison and Hinkley (1997), “Bootstrap Methods and their Application”, section 5.2: basic intervals.
    """
    if not len(draws):
        return draws
    flat, value = draws.reshape(len(draws), -1), values.reshape(-1)
    columns = [_reflect(flat[:, place], float(value[place])) for place in range(len(value))]
    return np.column_stack(columns).reshape(draws.shape)


def _reflect(draws: Reals, value: float) -> Reals:
    known = draws[np.isfinite(draws)]
    if not len(known) or not np.isfinite(value):
        return draws
    lowest, highest = min(value, float(known.min())), max(value, float(known.max()))
    if lowest > 0 and highest < 1:
        odds = (value / (1 - value)) ** 2 * (1 - draws) / draws
        return np.asarray(odds / (1 + odds))
    if lowest > 0:
        return np.asarray(value * value / draws)
    return np.asarray(np.clip(2 * value - draws, 0.0, 1.0 if highest <= 1 else None))


def estimate_forecast(
    values: Reals, replications: npt.ArrayLike, draws: npt.ArrayLike, *, level: float
) -> tuple[Estimate, ...]:
    """Estimate each column: the interval from percentiles of reflected draws.

    Each draw is a model learned from cases drawn with replacement, run a few times; its figure varies by both. The
    interval therefore holds the uncertainty of what was learned and some of chance; whether the model's structure is
    right it cannot tell. Of fewer than `FEWEST_DRAWS` there are no percentiles to speak of: their standard deviation,
    times Student's t, stands in on either side of the value.

    Parameters
    ----------
    values
        (k,): as `correct_values` returns them, or differences of such.
    replications, draws
        (r, k) and (b, k); the draws as `reflect_draws` returns them, or differences of such.
    """
    known = estimate_means(replications, level=level)
    drawn = np.asarray(draws, dtype=np.float64)
    return tuple(
        _with_percentiles(replace(one, value=float(value)), column[np.isfinite(column)], level)
        for one, value, column in zip(known, values, drawn.T, strict=True)
    )


def correct_values(reflected: Reals, values: Reals) -> Reals:
    """Return values without the error that the draws show them to have on the whole: the centre of reflected draws.

    Centres are geometric means of positive figures, and those of odds between 0 and 1: as they were reflected. Of fewer
    than `FEWEST_DRAWS` the values are returned as they are.

    Parameters
    ----------
    reflected, values
        (b, ...) as `reflect_draws` returns them, and (...).
    """
    if len(reflected) < FEWEST_DRAWS:
        return values
    flat, value = reflected.reshape(len(reflected), -1), values.reshape(-1)
    return np.array([_centre(flat[:, place], float(value[place])) for place in range(len(value))]).reshape(values.shape)


def _centre(draws: Reals, value: float) -> float:
    known = draws[np.isfinite(draws)]
    if not len(known) or not np.isfinite(value):
        return value
    lowest, highest = min(value, float(known.min())), max(value, float(known.max()))
    if lowest > 0 and highest < 1:
        odds = float(np.exp(np.log(known / (1 - known)).mean()))
        return odds / (1 + odds)
    return float(np.exp(np.log(known).mean())) if lowest > 0 else float(known.mean())


def _with_percentiles(known: Estimate, draws: Reals, level: float) -> Estimate:
    if len(draws) < 2:
        return Estimate(known.value, np.nan, np.nan, known.standard_error)
    if len(draws) < FEWEST_DRAWS:
        spread = float(draws.std(ddof=1)) * float(stats.t.ppf(0.5 + level / 2, len(draws) - 1))
        return Estimate(known.value, known.value - spread, known.value + spread, known.standard_error)
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(known.value, float(lower), float(upper), known.standard_error)
