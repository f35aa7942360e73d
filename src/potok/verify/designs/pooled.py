"""One series for all agencies that changed in the same month."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from potok.verify.study import Flags, Floats, Integers, Panel


@dataclass(frozen=True, slots=True)
class Series:
    """Monthly mean outcomes of the agencies that changed.

    Parameters
    ----------
    months
        T first days of months.
    mean, variance
        Shape (T,): mean outcome over all cases of the month and its sampling variance; nan in months left out.
    is_after
        Shape (T,).
    season_months
        Shape (T,): 1–12.
    cases
        Shape (T,).
    """

    months: tuple[date, ...]
    mean: Floats
    variance: Floats
    is_after: Flags
    season_months: Integers
    cases: Integers

    @property
    def months_before(self) -> int:
        """Months with cases before the change."""
        return int((np.isfinite(self.mean) & ~self.is_after).sum())

    @property
    def months_after(self) -> int:
        """Months with cases after it."""
        return int((np.isfinite(self.mean) & self.is_after).sum())


def pool_series(panel: Panel) -> Series:
    """Pool the agencies that changed, weighted by their cases."""
    rows = np.flatnonzero(panel.first_changed >= 0)
    cases = panel.cases[rows]
    pooled = cases.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = cases / pooled
        mean = np.where(pooled > 0, (np.nan_to_num(panel.mean[rows]) * weights).sum(axis=0), np.nan)
        spread = _variances(panel.variance[rows], cases)
        variance = np.where(pooled > 0, (spread * weights**2).sum(axis=0), np.nan)
    first = int(panel.first_changed[rows].max())
    return Series(
        months=panel.months,
        mean=mean,
        variance=variance,
        is_after=np.arange(len(panel.months)) >= first,
        season_months=np.asarray([month.month for month in panel.months], np.int64),
        cases=pooled,
    )


def _variances(variance: Floats, cases: Integers) -> Floats:
    """Return sampling variances; months of one case, or of equal ones, get that of a typical case of the agency."""
    is_known = (cases > 1) & np.isfinite(variance) & (variance > 0)
    known = is_known.sum(axis=1, keepdims=True)
    per_case = np.where(is_known, variance * cases, 0.0).sum(axis=1, keepdims=True) / np.maximum(known, 1)
    filled = np.where(is_known, variance, per_case / np.maximum(cases, 1))
    return np.where(cases > 0, np.nan_to_num(filled), 0.0)
