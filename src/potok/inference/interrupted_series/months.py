"""The months of a series that count, checked, and what is fitted to them."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.inference.interrupted_series.errors import TooFewMonthsError, UnusableMonthsError
from potok.inference.observations import Floats, Integers

MONTHS_OF_YEAR: Final = 12
FEWEST_SPARE: Final = 3
"""Months before the change beyond the parameters that are fitted to them."""
SHORTEST_SEASON: Final = 24
"""From so many months between the first and the last before the change on, two years, a season is fitted at all."""
SPARE_FOR_SEASON: Final = 8
"""Months before the change that a season must leave beyond all parameters."""


@dataclass(frozen=True, slots=True)
class Months:
    """The months that count.

    Parameters
    ----------
    before, after
        Shape (n,), (m,): places in the series, ascending.
    values_before, values_after
        Shape (n,), (m,).
    sampling_before, sampling_after
        Shape (n,), (m,): sampling variances; zeros where none are given.
    design_before, design_after
        Shape (n, p), (m, p): intercept, trend and season.
    harmonics
        Harmonics of the season that are fitted, 0–6.
    """

    before: Integers
    after: Integers
    values_before: Floats
    values_after: Floats
    sampling_before: Floats
    sampling_after: Floats
    design_before: Floats
    design_after: Floats
    harmonics: int


def arrange_months(
    values: ArrayLike,
    *,
    is_after: ArrayLike,
    variances: ArrayLike | None,
    season_months: ArrayLike | None,
    has_trend: bool = True,
) -> Months:
    """Check a series and lay out its months; see `estimate_interruption` for the arguments.

    Raises
    ------
    UnusableMonthsError
        If the arrays do not fit together, months after the change precede months before it, or variances are negative.
    TooFewMonthsError
        If there are too few months.
    """
    series = np.asarray(values, dtype=np.float64)
    later = np.asarray(is_after, dtype=np.bool_)
    sampling = _sampling(variances, series)
    calendar = None if season_months is None else np.asarray(season_months, dtype=np.int64)
    _check_shapes(series, later, sampling, calendar)
    known = np.isfinite(series)
    before, after = np.flatnonzero(known & ~later), np.flatnonzero(known & later)
    if not len(after):
        raise _too_few(len(before), len(after))
    if len(before) and before[-1] > after[0]:
        raise _unusable(_("months before the change lie after it"))
    harmonics = 0 if calendar is None else count_harmonics(before, calendar=calendar, has_trend=has_trend)
    design = lay_out(len(series), before=before, calendar=calendar, harmonics=harmonics, has_trend=has_trend)
    if len(before) < design.shape[1] + FEWEST_SPARE:
        raise _too_few(len(before), len(after))
    return Months(
        before=before,
        after=after,
        values_before=series[before],
        values_after=series[after],
        sampling_before=sampling[before],
        sampling_after=sampling[after],
        design_before=design[before],
        design_after=design[after],
        harmonics=harmonics,
    )


def count_harmonics(before: Integers, *, calendar: Integers, has_trend: bool = True) -> int:
    """Return how many harmonics of the year the months before the change allow.

    None where they span less than two years: a season seen once cannot be told from a trend. From two years on all six,
    which is a mean of its own for each month of the calendar; fewer only where months left out would leave fewer than
    eight more months than parameters, or parameters that cannot be told apart.
    """
    if not len(before) or before[-1] - before[0] + 1 < SHORTEST_SEASON:
        return 0
    for harmonics in range(MONTHS_OF_YEAR // 2, 0, -1):
        design = lay_out(len(calendar), before=before, calendar=calendar, harmonics=harmonics, has_trend=has_trend)
        count = design.shape[1]
        if len(before) >= count + SPARE_FOR_SEASON and np.linalg.matrix_rank(design[before]) == count:
            return harmonics
    return 0


def lay_out(
    length: int, *, before: Integers, calendar: Integers | None, harmonics: int, has_trend: bool = True
) -> Floats:
    """Return the columns of intercept, trend and season, shape (length, p).

    The trend is 0 in the middle of the months before the change and 1 at their last.
    """
    places = np.arange(length, dtype=np.float64)
    columns = [np.ones(length)]
    if has_trend:
        middle = (before[0] + before[-1]) / 2 if len(before) else 0.0
        columns.append((places - middle) / max((before[-1] - before[0]) / 2 if len(before) else 1.0, 1.0))
    year = np.zeros(length) if calendar is None else 2 * math.pi * calendar / MONTHS_OF_YEAR
    for number in range(1, harmonics + 1):
        angle = number * year
        columns.append(np.cos(angle))
        if 2 * number < MONTHS_OF_YEAR:
            columns.append(np.sin(angle))
    return np.stack(columns, axis=1)


def _sampling(variances: ArrayLike | None, series: Floats) -> Floats:
    """Return sampling variances; a month without one, or whose cases are all alike, gets the largest of the others.

    That all cases of one month are alike, where those of others are not, does not make its mean certain.
    """
    if variances is None:
        return np.zeros(len(series)) if series.ndim else np.zeros(0)
    given = np.asarray(variances, dtype=np.float64)
    if given.shape != series.shape:
        return given
    known = np.isfinite(given) & np.isfinite(series) & (given != 0)
    return np.where(known, given, given[known].max() if known.any() else 0.0)


def _check_shapes(series: Floats, later: np.ndarray, sampling: Floats, calendar: Integers | None) -> None:
    shapes = {series.shape, later.shape, sampling.shape} | ({calendar.shape} if calendar is not None else set())
    if series.ndim != 1 or len(shapes) > 1:
        raise _unusable(_("arrays have different lengths"))
    if np.isinf(series).any():
        raise _unusable(_("values are infinite"))
    if (sampling < 0).any() or not np.isfinite(sampling).all():
        raise _unusable(_("sampling variances are negative"))
    if calendar is not None and len(calendar) and not ((calendar >= 1) & (calendar <= MONTHS_OF_YEAR)).all():
        raise _unusable(_("months of the calendar are not numbered 1 to 12"))


def _unusable(what: str) -> BadDataError:
    return UnusableMonthsError(
        _("A monthly series cannot be used: {what}.").format(what=what),
        where="values",
        remedy=_("Give one value per month, in the order of months, nan for months left out."),
    )


def _too_few(before: int, after: int) -> BadDataError:
    return TooFewMonthsError(
        ngettext(
            "{before} month before the change and {after} after it are too few for a series.",
            "{before} months before the change and {after} after it are too few for a series.",
            before,
        ).format(before=before, after=after),
        where="values",
        remedy=_("Wait for more months, or compare with agencies that do not change."),
    )
