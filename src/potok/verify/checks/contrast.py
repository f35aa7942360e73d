"""After − before in the agencies that change, less the same in those that do not: the figure behind most checks.

Cells are agencies × months × side. With other agencies, or waves, an indicator of each month takes out what is common
to all; a project held against its own past has waves of the year in its place, where a year or more before the change
is known. The change is the least-squares coefficient of "after", weighted by cases.

Its standard error is the largest of three: by the scatter of months about the fit, widened by the correlation of
neighbouring months; by clusters of agencies (from eight on); and by the scatter of cases within cells alone, so that a
few quiet months do not look like certainty. Student's degrees of freedom are those of the fit, less what correlation
takes, or follow the effective number of clusters (Carter, Schnepel & Steigerwald 2017).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from scipy.stats import t as student

from potok.inference.estimate import Estimate
from potok.verify.study import Flags, Floats, Integers

CONFIDENCE: Final = 0.95
FEWEST_AGENCIES: Final = 8
MONTHS_A_YEAR: Final = 12
_RIDGE: Final = 1e-9
_LONGEST_MEMORY: Final = 0.8


@dataclass(frozen=True, slots=True)
class Cells:
    """Means that are compared; every array has shape (c,).

    Parameters
    ----------
    agency, month
        Codes; `month` is a place in a row of months without gaps.
    is_after
        Whether the agency had changed.
    mean, weight
        Mean value, and what it weighs: its cases.
    sampling
        Variance of the mean by the scatter of its cases; 0 where nothing is known of it.
    beside
        Shape (c, b): other indicators that are allowed for.
    """

    agency: Integers
    month: Integers
    is_after: Flags
    mean: Floats
    weight: Floats
    sampling: Floats
    beside: Floats | None = None

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def is_comparable(self) -> bool:
        """Whether some agency has two months or more on both sides."""
        size = int(self.agency.max(initial=0)) + 1
        sides = [np.bincount(self.agency[side], minlength=size) > 1 for side in (~self.is_after, self.is_after)]
        return bool((sides[0] & sides[1]).any())


@dataclass(frozen=True, slots=True)
class Contrast:
    """A change with its uncertainty.

    Parameters
    ----------
    change
        After − before, net; interval at 95 %.
    degrees
        Degrees of freedom of Student's distribution.
    before
        Weighted mean of the cells before the change, in the agencies that change.
    """

    change: Estimate
    degrees: float
    before: float

    def scaled(self, factor: float) -> "Contrast":
        """Return the contrast of values multiplied by a factor."""
        one = self.change
        low, high = sorted((one.lower * factor, one.upper * factor))
        error = one.standard_error * abs(factor)
        return Contrast(Estimate(one.value * factor, low, high, error, CONFIDENCE), self.degrees, self.before * factor)

    @property
    def p_rise(self) -> float:
        """One-sided p-value of no rise."""
        one = self.change
        if not one.standard_error > 0:
            return 0.5 if one.value == 0 else float(one.value < 0)
        return float(student.sf(one.value / one.standard_error, self.degrees))


def cells_of_cases(
    values: Floats, *, agency: Integers, month: Integers, is_after: Flags, beside: Flags | None = None
) -> Cells:
    """Average values of cases by agency, month and side; nan are left out. All of shape (n,).

    Parameters
    ----------
    beside
        Cases of a third side, whose mean is allowed for.
    """
    known = np.isfinite(values)
    value = values[known]
    months = int(month.max(initial=0)) + 1
    third = np.zeros(len(value), np.int64) if beside is None else beside[known].astype(np.int64)
    key = ((agency[known] * months + month[known]) * 2 + third) * 2 + is_after[known]
    count = np.bincount(key).astype(np.float64)
    cells = np.flatnonzero(count)
    count, mean = count[cells], np.bincount(key, weights=value)[cells] / count[cells]
    whose = cells // 4 // months
    return Cells(
        agency=whose,
        month=cells // 4 % months,
        is_after=cells % 2 == 1,
        mean=mean,
        weight=count,
        sampling=_scatter(value, agency[known])[whose] / count,
        beside=None if beside is None else (cells // 2 % 2).astype(np.float64)[:, None],
    )


def _scatter(value: Floats, agency: Integers) -> Floats:
    """Return each agency's variance of values."""
    count = np.maximum(np.bincount(agency), 1)
    mean = np.bincount(agency, weights=value) / count
    return np.asarray(np.bincount(agency, weights=(value - mean[agency]) ** 2) / np.maximum(count - 1, 1))


def contrast(cells: Cells, *, months: tuple[date, ...]) -> Contrast | None:
    """Estimate the change of a mean; None where nothing can be compared."""
    if not len(cells) or not cells.is_comparable:
        return None
    parts = [_indicators(cells.agency), _calendar(cells, months)]
    design = np.column_stack(parts if cells.beside is None else [*parts, cells.beside])
    root = np.sqrt(cells.weight)
    basis = _basis(design * root[:, None])
    treated: Floats = np.where(cells.is_after, root, 0.0)
    value = cells.mean * root
    treated = treated - basis @ (basis.T @ treated)
    strength = float(treated @ treated)
    if strength < _RIDGE * cells.weight.sum():
        return None
    change = float(treated @ value) / strength
    residual = value - basis @ (basis.T @ value) - change * treated
    error, degrees = _uncertainty(cells, treated, residual, spent=basis.shape[1] + 1)
    margin = float(student.ppf((1 + CONFIDENCE) / 2, degrees)) * error
    changing = np.isin(cells.agency, cells.agency[cells.is_after]) & ~cells.is_after
    changing &= True if cells.beside is None else ~cells.beside.any(axis=1)
    before = float(np.average(cells.mean[changing], weights=cells.weight[changing]))
    return Contrast(Estimate(change, change - margin, change + margin, error, CONFIDENCE), degrees, before)


def _indicators(codes: Integers) -> Floats:
    present = np.unique(codes)
    return np.asarray(codes[:, None] == present[None, :], np.float64)


def _calendar(cells: Cells, months: tuple[date, ...]) -> Floats:
    """Return what stands for the calendar: every month, or waves of the year, or nothing."""
    first = np.full(int(cells.agency.max()) + 1, len(months), np.int64)
    np.minimum.at(first, cells.agency[cells.is_after], cells.month[cells.is_after])
    if len(np.unique(first[cells.agency])) > 1:
        return _indicators(cells.month)[:, 1:]
    before = np.unique(cells.month[~cells.is_after])  # with a third side, every month that is not looked at
    if len(before) < MONTHS_A_YEAR:
        return np.zeros((len(cells), 0))
    turn = 2 * np.pi * np.asarray([month.month for month in months], np.float64)[cells.month] / MONTHS_A_YEAR
    waves = [turn, 2 * turn] if len(before) >= 2 * MONTHS_A_YEAR else [turn]
    return np.column_stack([part(wave) for wave in waves for part in (np.sin, np.cos)])


def _basis(design: Floats) -> Floats:
    """Return an orthonormal basis of the columns."""
    sizes, turned = np.linalg.eigh(design.T @ design)
    kept = sizes > sizes[-1] * _RIDGE
    return np.asarray(design @ (turned[:, kept] / np.sqrt(sizes[kept])))


def _uncertainty(cells: Cells, treated: Floats, residual: Floats, *, spent: int) -> tuple[float, float]:
    """Return the standard error of the change and its degrees of freedom."""
    strength = float(treated @ treated)
    left = max(len(cells) - spent, 1)
    memory = _memory(cells, residual, spent=spent)
    inflation = (1 + memory) / (1 - memory)
    variance = float(residual @ residual) / left * inflation / strength
    degrees = max(left / inflation, 2.0)
    agencies, place = np.unique(cells.agency, return_inverse=True)
    if len(agencies) >= FEWEST_AGENCIES:
        sums = np.bincount(place, weights=treated * residual)
        clustered = float((sums**2).sum()) * len(agencies) / (len(agencies) - 1) / strength**2
        if clustered > variance:
            share = np.bincount(place, weights=treated**2)
            variance, degrees = clustered, max(float(share.sum() ** 2 / (share**2).sum()) - 1, 2.0)
    sampling = float((treated**2 * cells.weight * cells.sampling).sum()) / strength**2
    return float(np.sqrt(max(variance, sampling))), degrees


def _memory(cells: Cells, residual: Floats, *, spent: int) -> float:
    """Return the correlation of neighbouring months of an agency, 0–0.8; what the fit takes from it is given back."""
    order = np.lexsort((cells.is_after, cells.month, cells.agency))
    agency, month, rest = cells.agency[order], cells.month[order], residual[order]
    is_next = (np.diff(agency) == 0) & (np.diff(month) == 1)
    if is_next.sum() < MONTHS_A_YEAR:
        return 0.0
    products = float((rest[1:] * rest[:-1])[is_next].mean())
    found = products / max(float((rest**2).mean()), 1e-300)
    return float(np.clip(found + spent / max(len(cells), 1) / 2, 0.0, _LONGEST_MEMORY))
