"""From figures of replications and draws to estimates with intervals."""

from dataclasses import dataclass
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
        Mean over replications of the model learned from all cases; NaN if there is none.
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


def estimate_forecast(replications: npt.ArrayLike, draws: npt.ArrayLike, *, level: float) -> tuple[Estimate, ...]:
    """Estimate each column: the value from replications, the interval from percentiles of draws.

    Each draw is a model learned from cases drawn with replacement, run a few times; its figure varies by both. The
    interval therefore holds the uncertainty of what was learned and some of chance; whether the model's structure is
    right it cannot tell. Of fewer than `FEWEST_DRAWS` there are no percentiles to speak of: their standard deviation,
    times Student's t, stands in on either side of the value.

    Parameters
    ----------
    replications, draws
        (r, k) and (b, k).
    """
    known = estimate_means(replications, level=level)
    drawn = np.asarray(draws, dtype=np.float64)
    return tuple(
        _with_percentiles(one, column[np.isfinite(column)], level) for one, column in zip(known, drawn.T, strict=True)
    )


def _with_percentiles(known: Estimate, draws: Reals, level: float) -> Estimate:
    if len(draws) < 2:
        return Estimate(known.value, np.nan, np.nan, known.standard_error)
    if len(draws) < FEWEST_DRAWS:
        spread = float(draws.std(ddof=1)) * float(stats.t.ppf(0.5 + level / 2, len(draws) - 1))
        return Estimate(known.value, known.value - spread, known.value + spread, known.standard_error)
    lower, upper = np.quantile(draws, [0.5 - level / 2, 0.5 + level / 2])
    return Estimate(known.value, float(lower), float(upper), known.standard_error)
