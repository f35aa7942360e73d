"""The interval of the silo index: a bootstrap-t of cases.

Waits are skewed, and where few of them lie inside, an estimate of their mean that is too low comes with a standard
error that is too low as well: intervals that take the spread of the estimate for the same everywhere (percentiles,
normal theory) then exclude 0 too often. The bootstrap-t divides each draw by its own standard error, and so learns how
the two go together.

With E what waits at boundaries would be inside, and T what they are, the index is 1 − E / T; what is resampled is
log(E / T), whose standard error follows from the influence of each group of cases on E and T (delta method).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.diagnose.silos.resampling import CONFIDENCE, draw_weights

DRAWS: Final = 1_000
# Draws in which the error of the index is not known say nothing; with fewer known ones there is no interval.
LEAST_KNOWN: Final = 0.5
# Cases (or groups of them) that have to have waited inside: of fewer, how much they differ is not known.
LEAST_GROUPS: Final = 5
# A smaller error is one of rounding: nothing varies.
LEAST_ERROR: Final = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class GroupedWaits:
    """Waits by group of cases and stratum, shape (g, s) each.

    Parameters
    ----------
    inside, crossings
        Numbers of waits inside and at boundaries.
    inside_seconds, crossing_seconds
        Their sums.
    """

    inside: Floats
    inside_seconds: Floats
    crossings: Floats
    crossing_seconds: Floats


@dataclass(frozen=True, slots=True)
class Resampled:
    """What draws of groups give, shape (draws,) each.

    Parameters
    ----------
    waited, expected
        Waiting at boundaries (T), and what it would be inside (E), seconds.
    error
        Standard error of log(E / T); nan where it is not known.
    """

    waited: Floats
    expected: Floats
    error: Floats

    @property
    def log_ratio(self) -> Floats:
        """(draws,) log(E / T); nan where either is 0."""
        is_known = (self.waited > 0) & (self.expected > 0)
        ratio = np.divide(self.expected, self.waited, out=np.ones_like(self.waited), where=is_known)
        return np.where(is_known, np.log(ratio), np.nan)


def resample(waits: GroupedWaits, weights: Floats) -> Resampled:
    """Return what each row of weights of groups, shape (draws, g), gives."""
    inside, inside_seconds = weights @ waits.inside, weights @ waits.inside_seconds
    crossings, crossing_seconds = weights @ waits.crossings, weights @ waits.crossing_seconds
    # A stratum without waits inside in a draw has nothing to be compared with there.
    has_both = inside > 0
    number = np.where(has_both, inside, 1.0)
    mean = np.where(has_both, inside_seconds / number, 0.0)
    per_inside = np.where(has_both, crossings / number, 0.0)
    expected, waited = (crossings * mean).sum(axis=1), np.where(has_both, crossing_seconds, 0.0).sum(axis=1)
    # By how much each group moves E, and T: linear in its counts and sums.
    moves_expected = mean @ waits.crossings.T + per_inside @ waits.inside_seconds.T
    moves_expected -= (per_inside * mean) @ waits.inside.T
    moves_waited = has_both.astype(np.float64) @ waits.crossing_seconds.T
    is_known = (expected > 0) & (waited > 0)
    safe_expected, safe_waited = np.where(is_known, expected, 1.0), np.where(is_known, waited, 1.0)
    influence = moves_expected / safe_expected[:, None] - moves_waited / safe_waited[:, None]
    groups = weights.shape[1]
    variance = (weights * influence**2).sum(axis=1) * groups / max(groups - 1, 1)
    return Resampled(waited, expected, np.where(is_known, np.sqrt(variance), np.nan))


def index_bounds(waits: GroupedWaits, *, confidence: float = CONFIDENCE) -> tuple[float, float] | None:
    """Return the interval of 1 − E / T, within 0 and 1.

    None if E or T is 0, or in most draws unknown, or if fewer than `LEAST_GROUPS` groups waited inside.

    References
    ----------
    Efron and Tibshirani (1993), *An Introduction to the Bootstrap*, §12.5; Hall (1992), *The Bootstrap and Edgeworth
    Expansion*, §3.
    """
    groups = waits.inside.shape[0]
    whole = resample(waits, np.ones((1, groups)))
    value, error = float(whole.log_ratio[0]), float(whole.error[0])
    if not np.isfinite(error) or (waits.inside.sum(axis=1) > 0).sum() < LEAST_GROUPS:
        return None
    if error <= LEAST_ERROR:
        return _index(value), _index(value)
    drawn = resample(waits, draw_weights(groups, draws=DRAWS))
    is_known = np.isfinite(drawn.error) & (drawn.error > LEAST_ERROR)
    if is_known.mean() < LEAST_KNOWN:
        return None
    studentised = (drawn.log_ratio[is_known] - value) / drawn.error[is_known]
    tail = (1 - confidence) / 2
    low, high = np.quantile(studentised, [tail, 1 - tail])
    # The estimate itself is always held, whatever few draws say.
    return _index(value - min(float(low), 0.0) * error), _index(value - max(float(high), 0.0) * error)


def _index(log_ratio: float) -> float:
    return max(0.0, min(1.0, float(-np.expm1(log_ratio))))
