"""How long until something happens, when some are still waiting: Kaplan–Meier and restricted means.

The product-limit estimator needs censoring (and late entry) to be independent of the time that is estimated: cases
open at the extraction are, cases someone chose to leave out are not. A sample of closed cases only is right-truncated,
which no estimator here can mend.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.bands import log_log_band
from potok.inference.censoring_weights import censoring_weights
from potok.inference.competing_outcomes import CumulativeIncidence, aalen_johansen
from potok.inference.estimate import Estimate, check_share, normal_estimate, normal_quantile
from potok.inference.observations import Floats, Integers, count_risk_sets, greenwood_terms, waiting_shares

__all__ = [
    "CumulativeIncidence",
    "SurvivalCurve",
    "aalen_johansen",
    "censoring_weights",
    "kaplan_meier",
    "restricted_mean",
    "restricted_mean_difference",
]

# A product of fractions that is exactly one half comes out within some units in the last place of it.
_SAME_SHARE = 1e-12


class HorizonError(UsageError):
    """A horizon that is not positive, lies beyond what was observed, or a curve that does not begin at 0."""

    code = "POTOK-N005"


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """The share still waiting, as a step function of time.

    Parameters
    ----------
    times
        Shape (k,): distinct times at which someone left, ascending; the curve is 1 before the first event.
    survival
        Shape (k,): share still waiting just after each time.
    at_risk, events
        Shape (k,): size of the risk set, and events, at each time.
    lower, upper
        Shape (k,): pointwise interval at the level `confidence`.
    confidence
        Level of the intervals, 0–1.
    origin
        Earliest entry; above 0 the curve holds for those who waited that long.
    """

    times: Floats
    survival: Floats
    at_risk: Integers
    events: Integers
    lower: Floats
    upper: Floats
    confidence: float
    origin: float

    def at(self, time: float) -> float:
        """Return the share still waiting after `time`; nan beyond the last observation unless nobody waits."""
        if time > self.times[-1] and self.survival[-1] > 0:
            return math.nan
        place = int(np.searchsorted(self.times, time, side="right"))
        return 1.0 if place == 0 else float(self.survival[place - 1])

    def median(self) -> Estimate:
        """Return the time by which half have been served, see `quantile`."""
        return self.quantile(0.5)

    def quantile(self, q: float) -> Estimate:
        """Return the earliest time by which at least a share `q` has been served, with its interval.

        The interval inverts the band of the curve; a bound, or the value, is infinite where the curve or its band
        does not come down to ``1 − q``.

        Raises
        ------
        InvalidShareError
            If `q` does not lie between 0 and 1.

        References
        ----------
        Brookmeyer and Crowley (1982), "A confidence interval for the median survival time".
        """
        waiting = 1 - check_share(q, name="q") + _SAME_SHARE
        value, lower, upper = (
            _first_time(self.times, curve <= waiting) for curve in (self.survival, self.lower, self.upper)
        )
        return Estimate(value, lower, upper, math.nan, self.confidence)


def kaplan_meier(
    durations: ArrayLike, observed: ArrayLike, *, entry: ArrayLike | None = None, confidence: float = 0.95
) -> SurvivalCurve:
    """Estimate the share still waiting as a function of time.

    Estimand: P(T > t) — given T > `origin` if nobody was observed from 0. Assumes that censoring and late entry are
    independent of T. Intervals are log(−log)-transformed Greenwood intervals; where the curve reaches 0 the upper
    bound stays what it was before, because the transformation has no answer there.

    Parameters
    ----------
    durations
        Shape (n,): time until the event or until watching ended, not negative.
    observed
        Shape (n,), boolean: whether the event was seen.
    entry
        Shape (n,): time at which each subject came under observation (left truncation); 0 by default.
    confidence
        Level of the intervals, 0–1.

    Raises
    ------
    NoSubjectsError, InvalidObservationsError
        If the arrays are empty or impossible.
    EmptyRiskSetError
        If all at risk were served before the last subject entered: the curve would be 0 from there on.
    InvalidShareError
        If `confidence` does not lie between 0 and 1.

    References
    ----------
    Kaplan and Meier (1958), "Nonparametric estimation from incomplete observations"; Kalbfleisch and Prentice (2002),
    *The Statistical Analysis of Failure Time Data*, §1.4 (interval) and §1.3 (late entry).
    """
    risk = count_risk_sets(durations, observed, entry=entry)
    d, n = risk.events[:, 0], risk.at_risk
    survival = waiting_shares(risk)
    relative_error = np.sqrt(np.cumsum(greenwood_terms(d, n)))
    lower, upper = log_log_band(survival, relative_error, confidence=confidence)
    upper = _carried_on(upper, is_lost=survival <= 0)
    return SurvivalCurve(risk.times, survival, n, d, lower, upper, confidence, risk.origin)


def restricted_mean(curve: SurvivalCurve, horizon: float) -> Estimate:
    """Estimate the mean time, counting what lies beyond the horizon as the horizon.

    Estimand: E[min(T, τ)], the area under the curve up to τ. The variance is Greenwood's, integrated; the normal
    interval is cut to what is possible, 0 to τ.

    Parameters
    ----------
    horizon
        τ, in the curve's unit.

    Raises
    ------
    HorizonError
        If the horizon is not positive, lies beyond the last observation while someone still waits, or if nobody was
        observed from 0.

    References
    ----------
    Royston and Parmar (2013), "Restricted mean survival time"; Klein and Moeschberger (2003), *Survival Analysis*,
    §4.5.
    """
    _check_horizon(curve, horizon)
    inside = curve.times < horizon
    times, d, n = curve.times[inside], curve.events[inside], curve.at_risk[inside]
    steps = np.concatenate(([1.0], curve.survival[inside]))
    areas = steps * np.diff(np.concatenate(([0.0], times, [horizon])))
    # Area under the curve from each time to the horizon.
    beyond = np.cumsum(areas[::-1])[::-1][1:]
    variance = np.sum(beyond**2 * greenwood_terms(d, n))
    value, standard_error = float(np.sum(areas)), float(np.sqrt(variance))
    margin = normal_quantile(curve.confidence) * standard_error
    return Estimate(
        value, max(0.0, value - margin), min(float(horizon), value + margin), standard_error, curve.confidence
    )


def restricted_mean_difference(first: SurvivalCurve, second: SurvivalCurve, horizon: float) -> Estimate:
    """Estimate by how much the restricted mean of `second` exceeds that of `first`, both being independent samples.

    The level of the interval is that of `first`.

    Raises
    ------
    HorizonError
        As `restricted_mean`, for either curve.
    """
    before, after = restricted_mean(first, horizon), restricted_mean(second, horizon)
    value = after.value - before.value
    standard_error = math.hypot(before.standard_error, after.standard_error)
    return normal_estimate(value, standard_error=standard_error, confidence=first.confidence)


def _check_horizon(curve: SurvivalCurve, horizon: float) -> None:
    if not (math.isfinite(horizon) and horizon > 0):
        raise HorizonError(
            _("The horizon must be a positive time, not {horizon}.").format(horizon=horizon),
            where="horizon",
            remedy=_("Choose a horizon up to the follow-up."),
        )
    if curve.origin > 0:
        raise HorizonError(
            _("Nobody was observed before {time}, so that no mean from 0 can be told.").format(time=curve.origin),
            where="entry",
            remedy=_("Use subjects that were observed from the beginning."),
        )
    if horizon > curve.times[-1] and curve.survival[-1] > 0:
        raise HorizonError(
            _("The horizon {horizon} lies beyond the last observation, {last}.").format(
                horizon=horizon, last=curve.times[-1]
            ),
            where="horizon",
            remedy=_("Choose a horizon up to the follow-up."),
        )


def _carried_on(bounds: Floats, *, is_lost: NDArray[np.bool_]) -> Floats:
    """Return bounds whose lost tail holds the last value before it (1 if there is none)."""
    if not is_lost.any():
        return bounds
    first = int(np.argmax(is_lost))
    return np.where(is_lost, bounds[first - 1] if first else 1.0, bounds)


def _first_time(times: Floats, holds: NDArray[np.bool_]) -> float:
    return float(times[np.argmax(holds)]) if holds.any() else math.inf
