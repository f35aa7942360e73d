"""What changed at a point, and by how much."""

import math
from typing import Final

import numpy as np

from potok.diagnose.drift.result import FeatureChange, Measured
from potok.diagnose.drift.series import Floats, Series
from potok.inference.change_points_dependence import dependence_length
from potok.inference.change_points_sizes import mean_change, median_change, share_change
from potok.inference.multiplicity import holm

LEAST_KNOWN: Final = 5
CONFIDENCE: Final = 0.95


def describe_changes(series: Series, *, start: int, cut: int, end: int) -> tuple[FeatureChange, ...]:
    """Return the features of a series that differ before and after a cut, the largest difference first.

    Each feature is judged by the means of its scores; the p values are adjusted for the number of features (Holm).

    Parameters
    ----------
    start, cut, end
        The stretch before is ``[start, cut)``, that after ``[cut, end)``.
    """
    before, after = series.values[start:cut], series.values[cut:end]
    if min(len(before), len(after)) < 2 * LEAST_KNOWN:
        return ()
    dependence = max(dependence_length(before), dependence_length(after))
    p_values = holm(_p_values(before, after, dependence=dependence))
    found = []
    for column in np.flatnonzero(p_values <= 1 - CONFIDENCE):
        sides = [side[np.isfinite(side)] for side in (series.raw[start:cut, column], series.raw[cut:end, column])]
        if min(map(len, sides)) >= LEAST_KNOWN:
            found.append(_change(series, int(column), sides[0], sides[1], (dependence, float(p_values[column]))))
    return tuple(sorted(found, key=lambda change: (-abs(_size(change)), change.p_value)))


def _p_values(before: Floats, after: Floats, *, dependence: float) -> Floats:
    """Return the two-sided p values of equal means, column by column."""
    variance = np.zeros(before.shape[1])
    for side in (before, after):
        # A side that never varies varies as if one observation were odd.
        variance += np.maximum(side.var(axis=0), 1 / len(side)) * dependence / len(side)
    z = np.abs(after.mean(axis=0) - before.mean(axis=0)) / np.sqrt(variance)
    return np.array([math.erfc(size / math.sqrt(2)) for size in z])


def _change(series: Series, column: int, before: Floats, after: Floats, judged: tuple[float, float]) -> FeatureChange:
    """Return a change; `judged` holds the length of the dependence, and the p value."""
    measured = series.measured[column]
    centre = np.median if measured is Measured.MEDIAN_SECONDS else np.mean
    estimate = _ESTIMATES[measured](before, after, dependence=judged[0], confidence=CONFIDENCE)
    return FeatureChange(
        feature=series.features[column],
        measured=measured,
        before=float(centre(before)),
        after=float(centre(after)),
        difference=estimate.value,
        lower=estimate.lower,
        upper=estimate.upper,
        p_value=judged[1],
    )


_ESTIMATES: Final = {
    Measured.SHARE: share_change,
    Measured.MEDIAN_SECONDS: median_change,
    Measured.MEAN_PER_DAY: mean_change,
    Measured.MEAN_CASES: mean_change,
}


def _size(change: FeatureChange) -> float:
    """Return how large a change is beside what was there, so that slow and quick activities compare."""
    if change.measured is Measured.SHARE:
        return change.difference
    return change.difference / max(abs(change.before), abs(change.after), 1e-9)
