"""Which outcome comes first, and when: cumulative incidence with several causes and open cases."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.bands import log_log_band
from potok.inference.estimate import Estimate
from potok.inference.observations import Floats, Integers, count_risk_sets, greenwood_terms, waiting_shares


class UnknownCauseError(UsageError):
    """A cause that the data do not have."""

    code = "POTOK-N006"


@dataclass(frozen=True, slots=True)
class CumulativeIncidence:
    """The share that each cause has ended by each time; shares and those still waiting add up to 1.

    Parameters
    ----------
    times
        Shape (k,): distinct times at which someone left, ascending.
    incidence
        Shape (k, c): share ended by each cause up to and including each time.
    standard_error, lower, upper
        Shape (k, c): of `incidence`, pointwise; where no event of a cause has happened yet, all are 0.
    survival
        Shape (k,): share still waiting.
    at_risk
        Shape (k,).
    confidence
        Level of the intervals, 0–1.
    """

    times: Floats
    incidence: Floats
    standard_error: Floats
    lower: Floats
    upper: Floats
    survival: Floats
    at_risk: Integers
    confidence: float

    def waiting_at(self, time: float) -> float:
        """Return the share still waiting after `time`; nan beyond the last observation unless nobody waits."""
        if time > self.times[-1] and self.survival[-1] > 0:
            return math.nan
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return 1.0 if place < 0 else float(self.survival[place])

    def at(self, time: float, *, cause: int) -> Estimate:
        """Return the share that `cause` (from 1) has ended by `time`; nan beyond the last observation.

        Raises
        ------
        UnknownCauseError
            If there is no such cause.
        """
        if not 1 <= cause <= self.incidence.shape[1]:
            raise UnknownCauseError(
                _("There is no cause {cause}; they are numbered from 1 to {last}.").format(
                    cause=cause, last=self.incidence.shape[1]
                ),
                where="cause",
                remedy=_("Give the number of one of the causes."),
            )
        if time > self.times[-1] and self.survival[-1] > 0:
            return Estimate(math.nan, math.nan, math.nan, math.nan, self.confidence)
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if place < 0:
            return Estimate(0.0, 0.0, 0.0, 0.0, self.confidence)
        value, lower, upper, error = (
            float(column[place, cause - 1]) for column in (self.incidence, self.lower, self.upper, self.standard_error)
        )
        return Estimate(value, lower, upper, error, self.confidence)


def aalen_johansen(
    durations: ArrayLike,
    causes: ArrayLike,
    *,
    n_causes: int | None = None,
    entry: ArrayLike | None = None,
    confidence: float = 0.95,
) -> CumulativeIncidence:
    """Estimate by which time which share has been ended by each of several competing causes.

    Estimand: P(T ≤ t, cause = j). One minus Kaplan–Meier of a single cause would answer another question, and too
    high: it supposes that the other causes do not exist. Assumes that censoring and late entry are independent of
    time and cause.

    Parameters
    ----------
    durations
        Shape (n,): time until the event or until watching ended.
    causes
        Shape (n,), whole numbers: 0 for censoring, else the cause, from 1.
    n_causes
        Number of causes; by default the greatest in `causes`.
    entry
        Shape (n,): time at which each subject came under observation; 0 by default.
    confidence
        Level of the log(−log)-transformed intervals, 0–1.

    Raises
    ------
    NoSubjectsError, InvalidObservationsError, EmptyRiskSetError, InvalidShareError
        As `potok.inference.survival.kaplan_meier`.

    References
    ----------
    Aalen and Johansen (1978), "An empirical transition matrix for non-homogeneous Markov chains based on censored
    observations"; variance as in Collett (2015), *Modelling Survival Data in Medical Research*, §12.3.
    """
    codes = np.asarray(causes)
    known = n_causes if n_causes is not None else max(1, int(codes.max(initial=0)))
    risk = count_risk_sets(durations, codes, entry=entry, n_causes=known)
    n = np.maximum(risk.at_risk, 1).astype(np.float64)
    d = risk.events.sum(axis=1)
    survival = waiting_shares(risk)
    before = np.concatenate(([1.0], survival[:-1]))
    incidence = np.cumsum(before[:, None] * risk.events / n[:, None], axis=0)
    variance = np.stack([_variance(incidence[:, j], risk.events[:, j], d, n, before) for j in range(known)], axis=1)
    error = np.sqrt(variance)
    relative_error = np.divide(error, incidence, out=np.zeros_like(error), where=incidence > 0)
    lower, upper = log_log_band(incidence, relative_error, confidence=confidence)
    return CumulativeIncidence(risk.times, incidence, error, lower, upper, survival, risk.at_risk, confidence)


def _variance(incidence: Floats, own: Integers, events: Integers, n: Floats, before: Floats) -> Floats:
    """Return the variance of F(t) at each time.

    Σ (F(t) − Fᵢ)² dᵢ / (nᵢ (nᵢ − dᵢ)) + Sᵢ₋² dᵢⱼ (nᵢ − dᵢⱼ) / nᵢ³ − 2 (F(t) − Fᵢ) Sᵢ₋ dᵢⱼ / nᵢ², multiplied out so that
    sums over i ≤ t are running ones.
    """
    weight = greenwood_terms(events, n.astype(np.int64))
    first = (
        incidence**2 * np.cumsum(weight)
        - 2 * incidence * np.cumsum(weight * incidence)
        + np.cumsum(weight * incidence**2)
    )
    second = np.cumsum(before**2 * own * (n - own) / n**3)
    shared = before * own / n**2
    third = incidence * np.cumsum(shared) - np.cumsum(shared * incidence)
    variance: Floats = np.maximum(first + second - 2 * third, 0.0)
    return variance
