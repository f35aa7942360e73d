"""How cases end, and how many have ended so by when, with cases still open taken into account.

Outcomes compete: a case that is withdrawn can no longer be decided. The share of each is Aalen and Johansen's; one
minus Kaplan–Meier of one outcome alone would be too high.
"""

from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, HOUR_US
from potok.engine.base import Engine
from potok.inference.observations import EmptyRiskSetError
from potok.inference.survival import CumulativeIncidence, aalen_johansen
from potok.log.store import LogStore
from potok.measure.case_groups import CaseGroups
from potok.measure.case_rows import ClockedRows, Instants, clock_rows, read_case_rows
from potok.measure.case_survival import (
    HORIZON_DAYS,
    WORKING_HORIZON_HOURS,
    default_horizon,
    given_horizon,
)
from potok.measure.case_times import CaseTimes, compute_case_times
from potok.measure.lead_times import DEFAULT_CONFIDENCE
from potok.measure.running import MICROSECONDS, seconds, seconds_if_known
from potok.measure.sampling import Sampling, SurvivalRefusal, sampling_of


@dataclass(frozen=True, slots=True)
class OutcomeShare:
    """How many cases end in one way.

    Parameters
    ----------
    outcome
        None where the log does not say how a closed case ended.
    closed_cases
        Cases used that ended so, whenever.
    share, lower, upper
        Share of all cases that have ended so by the horizon, 0–1, with its interval.
    """

    outcome: str | None
    closed_cases: int
    share: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class OutcomeShares:
    """How cases end within a horizon from their opening.

    Parameters
    ----------
    times
        Cases counted and left out.
    sampling
        How cases came into the log.
    refusal
        Why nothing can be told; None otherwise.
    horizon_seconds
        The horizon, in calendar time or in working time if a calendar was given.
    cases
        Cases used: those followed up to the horizon at least.
    open_share
        Share still open at the horizon; with `by_outcome` it adds up to 1.
    by_outcome
        One row per outcome, the most frequent first.
    confidence
        Level of the intervals, 0–1.
    """

    times: CaseTimes
    sampling: Sampling
    refusal: SurvivalRefusal | None
    horizon_seconds: float | None
    cases: int
    open_share: float | None
    by_outcome: tuple[OutcomeShare, ...]
    confidence: float


def compute_outcome_shares(
    store: LogStore,
    *,
    sampling: Sampling | None = None,
    horizon_seconds: float | None = None,
    calendar: Calendar | None = None,
    confidence: float = DEFAULT_CONFIDENCE,
    engine: Engine | None = None,
) -> OutcomeShares:
    """Compute which share of cases has ended in each way within a horizon from opening.

    Parameters
    ----------
    sampling, calendar, confidence
        As `potok.measure.lead_times.compute_lead_times`.
    horizon_seconds
        Seconds of calendar time, or of working time with a calendar; by default one of
        `HORIZON_DAYS` or `WORKING_HORIZON_HOURS`, see `potok.measure.case_survival.default_horizon`.

    Raises
    ------
    HorizonTooLongError, YearNotCoveredError, InvalidShareError
        As `potok.measure.lead_times.compute_lead_times`.
    """
    found = sampling_of(store, sampling)
    times = compute_case_times(store, engine=engine)
    rows = read_case_rows(store, groups=CaseGroups("outcome"), sampling=found, engine=engine)
    clocked = clock_rows(rows, calendar)
    candidates = [days * DAY_US for days in HORIZON_DAYS]
    if calendar is not None:
        candidates = [hours * HOUR_US for hours in WORKING_HORIZON_HOURS]
    horizon_us = given_horizon(horizon_seconds, clocked) or default_horizon(clocked, candidates)
    followed = clocked.where(clocked.follow_up_us >= (horizon_us or 0))
    causes = np.where(followed.is_closed, followed.groups + 1, 0)
    refusal = found.refusal
    incidence: CumulativeIncidence | None = None
    if refusal is None:
        answer = _incidence(followed, causes, len(rows.labels), confidence) if horizon_us else SurvivalRefusal.NO_CASES
        incidence, refusal = (None, answer) if isinstance(answer, SurvivalRefusal) else (answer, None)
    by_outcome = _shares(incidence, seconds(horizon_us), causes, rows.labels) if incidence and horizon_us else ()
    return OutcomeShares(
        times=times,
        sampling=found,
        refusal=refusal,
        horizon_seconds=seconds_if_known(horizon_us),
        cases=causes.size,
        open_share=incidence.waiting_at(seconds(horizon_us)) if incidence and horizon_us else None,
        by_outcome=by_outcome,
        confidence=confidence,
    )


def _incidence(
    rows: ClockedRows, causes: Instants, n_causes: int, confidence: float
) -> CumulativeIncidence | SurvivalRefusal:
    if rows.entry_us.min() > 0:
        return SurvivalRefusal.NEVER_FROM_OPENING
    try:
        return aalen_johansen(
            rows.durations_us / MICROSECONDS,
            causes,
            n_causes=n_causes,
            entry=rows.entry_us / MICROSECONDS,
            confidence=confidence,
        )
    except EmptyRiskSetError:
        return SurvivalRefusal.RISK_SET_EMPTIES


def _shares(
    incidence: CumulativeIncidence, horizon: float, causes: Instants, labels: tuple[str | None, ...]
) -> tuple[OutcomeShare, ...]:
    found = []
    for place, label in enumerate(labels):
        closed = int(np.count_nonzero(causes == place + 1))
        if closed:
            share = incidence.at(horizon, cause=place + 1)
            found.append(OutcomeShare(label, closed, share.value, share.lower, share.upper))
    return tuple(sorted(found, key=lambda one: (-one.closed_cases, one.outcome is None, one.outcome or "")))
