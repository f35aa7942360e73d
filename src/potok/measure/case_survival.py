"""From cases on a clock to estimates of how long a case takes: horizons, medians, restricted means.

A restricted mean is taken over the cases followed up to its horizon at least, so that it never rests on cases too young
to have reached it. Medians are taken over all cases.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.estimate import Estimate
from potok.inference.observations import EmptyRiskSetError
from potok.inference.survival import SurvivalCurve, kaplan_meier, restricted_mean
from potok.measure.case_rows import ClockedRows
from potok.measure.running import MICROSECONDS, seconds
from potok.measure.sampling import SurvivalRefusal

HORIZON_DAYS: Final = (1, 3, 7, 14, 30, 60, 90, 180, 365, 730)
WORKING_HORIZON_HOURS: Final = (8, 24, 40, 80, 160, 320, 480, 960, 1920, 3840)
FOLLOWED_SHARE: Final = 0.5
REACHED_SHARE: Final = 0.99


class HorizonTooLongError(UsageError):
    """A horizon that is not positive, or to which no case was followed."""

    code = "POTOK-M013"


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """A time with its interval; None where the data do not reach so far."""

    seconds: float | None
    lower_seconds: float | None
    upper_seconds: float | None


@dataclass(frozen=True, slots=True)
class SurvivalSummary:
    """Durations of all cases, open ones cut off at the extraction.

    Parameters
    ----------
    cases, open_cases
        Cases used, and those of them that are still open.
    late_entries
        Cases that came under observation after their opening.
    median, p90
        Time by which half, and nine in ten, are closed; the smallest such time, not interpolated.
    restricted_mean
        Mean of the duration or the horizon, whichever is shorter; None if no case can tell.
    restricted_mean_cases
        Cases it is taken over: those followed up to the horizon at least.
    """

    cases: int
    open_cases: int
    late_entries: int
    median: TimeEstimate
    p90: TimeEstimate
    restricted_mean: TimeEstimate | None
    restricted_mean_cases: int


def given_horizon(horizon_seconds: float | None, rows: ClockedRows) -> int | None:
    """Return a horizon in microseconds.

    Raises
    ------
    HorizonTooLongError
        If it is not positive or no case was followed so long.
    """
    if horizon_seconds is None:
        return None
    longest = seconds(rows.follow_up_us.max(initial=0))
    if not 0 < horizon_seconds <= longest:
        raise HorizonTooLongError(
            _("No case was followed for {seconds} s; the longest, for {longest} s.").format(
                seconds=horizon_seconds, longest=longest
            ),
            where="horizon",
            remedy=_("Choose a horizon above 0 and up to the longest follow-up."),
        )
    return round(horizon_seconds * MICROSECONDS)


def default_horizon(rows: ClockedRows, candidates_us: list[int]) -> int | None:
    """Return the shortest candidate by which `REACHED_SHARE` of the cases are closed, so that little is cut off.

    Only candidates count to which at least `FOLLOWED_SHARE` of the cases were followed; if by none of these so many are
    closed, it is the longest of them. None if there are none.
    """
    followed = [
        horizon
        for horizon in sorted(candidates_us)
        if rows.follow_up_us.size and np.mean(rows.follow_up_us >= horizon) >= FOLLOWED_SHARE
    ]
    curve = survival_curve(rows, confidence=0.5)
    reached = [
        horizon
        for horizon in followed
        if isinstance(curve, SurvivalCurve) and curve.quantile(REACHED_SHARE).value <= seconds(horizon)
    ]
    return min(reached, default=max(followed, default=None))


def survival_curve(rows: ClockedRows, *, confidence: float) -> SurvivalCurve | SurvivalRefusal:
    """Return the share of cases still open by time since opening, seconds; or why it cannot be told."""
    if not rows.durations_us.size:
        return SurvivalRefusal.NO_CASES
    try:
        return kaplan_meier(
            rows.durations_us / MICROSECONDS,
            rows.is_closed,
            entry=rows.entry_us / MICROSECONDS,
            confidence=confidence,
        )
    except EmptyRiskSetError:
        return SurvivalRefusal.RISK_SET_EMPTIES


def summarise_survival(
    rows: ClockedRows, *, horizon_us: int | None, confidence: float
) -> SurvivalSummary | SurvivalRefusal:
    """Summarise the durations of cases, open ones cut off; or say why they cannot be told."""
    curve = survival_curve(rows, confidence=confidence)
    if isinstance(curve, SurvivalRefusal):
        return curve
    mean, cases = _restricted_mean(rows, horizon_us, confidence)
    return SurvivalSummary(
        cases=rows.durations_us.size,
        open_cases=int(np.count_nonzero(~rows.is_closed)),
        late_entries=int(np.count_nonzero(rows.entry_us)),
        median=time_estimate(curve.median()),
        p90=time_estimate(curve.quantile(0.9)),
        restricted_mean=mean,
        restricted_mean_cases=cases,
    )


def _restricted_mean(rows: ClockedRows, horizon_us: int | None, confidence: float) -> tuple[TimeEstimate | None, int]:
    """Return the restricted mean over the cases followed up to the horizon, and their number."""
    if horizon_us is None:
        return None, 0
    followed = rows.where(rows.follow_up_us >= horizon_us)
    curve = survival_curve(followed, confidence=confidence)
    if isinstance(curve, SurvivalRefusal) or curve.origin > 0:
        return None, followed.durations_us.size
    return time_estimate(restricted_mean(curve, seconds(horizon_us))), followed.durations_us.size


def time_estimate(estimate: Estimate) -> TimeEstimate:
    """Return an estimate in seconds, with None for what is infinite."""
    return TimeEstimate(
        *(float(at) if np.isfinite(at) else None for at in (estimate.value, estimate.lower, estimate.upper))
    )
