"""The primary outcome of each case, up to the protocol's horizon, and what is not known of it.

Every outcome looks at the same stretch of every case, from its opening to the horizon τ, so that older cases are not
judged by what younger ones have had no time for:

- **duration**: min(T, τ) on the clock of the protocol;
- **within term**: whether the case was closed by its term, known as soon as it is closed or the term has passed;
- **first-time-through**: closed within τ, and nothing (or not the declared activity) done again within τ;
- **attribute share**: whether an attribute has a value; cases with an empty attribute count as not having it;
- **cost**: recorded costs up to τ.

A value that the look came too early for is nan, never a guess.
"""

from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.log.mapping import ExtractionKind
from potok.verify.outcomes.clocks import DayClock, clock_of
from potok.verify.outcomes.parts import REPEATED, YES
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import Flags, Floats, Study


@dataclass(frozen=True, slots=True)
class ClockedCases:
    """Cases on the clock of a protocol, in days from their opening; every array has shape (n,).

    Parameters
    ----------
    duration
        To the closing, or to the look while open.
    watched_from
        To coming under observation (delayed entry), mostly 0.
    followed
        To the look.
    is_closed
        Whether `duration` ends with a closing.
    is_unwatched
        Closed before it came under observation, or closed before it opened: in no estimate.
    stopped
        Days within declared clock stops, part of `duration`.
    calendar_id
        Hash of the calendar by which days were counted; empty for calendar days.
    is_closed_only
        Whether a log holds closed cases only: right-truncated, in no Kaplan–Meier curve, and never verified.
    """

    duration: Floats
    watched_from: Floats
    followed: Floats
    is_closed: Flags
    is_unwatched: Flags
    stopped: Floats
    calendar_id: str
    is_closed_only: bool


@dataclass(frozen=True, slots=True)
class OutcomeValues:
    """The primary outcome of each case; every array has shape (n,).

    Parameters
    ----------
    outcome
        Days up to the horizon, 0 or 1, or money; nan where it is not known by the look or the case is in no estimate.
    without_stops
        The same without declared clock stops, for durations and terms; else `outcome`.
    watched_from
        Days of the clock to coming under observation.
    is_unwatched
        As in `ClockedCases`.
    cases
        The cases on the clock.
    """

    outcome: Floats
    without_stops: Floats
    watched_from: Floats
    is_unwatched: Flags
    cases: ClockedCases


def clock_cases(study: Study, clock: DayClock) -> ClockedCases:
    """Measure the cases of a study on a clock.

    Raises
    ------
    YearNotCoveredError
        If the calendar does not know a year of the logs.
    """
    cases = study.cases
    duration = clock.days(cases.opened_us, cases.left_us)
    entry = clock.days(cases.opened_us, cases.watched_us)
    is_late = cases.watched_us > cases.opened_us
    is_unseen = is_late & ((cases.left_us <= cases.watched_us) | ((entry > 0) & (entry >= duration)))
    return ClockedCases(
        duration=duration,
        watched_from=entry,
        followed=clock.days(cases.opened_us, np.full_like(cases.opened_us, study.look_us)),
        is_closed=cases.is_closed,
        is_unwatched=np.asarray((cases.left_us < cases.opened_us) | is_unseen),
        stopped=cases.features.stopped_us / clock.day_us,
        calendar_id=clock.calendar_id,
        is_closed_only=any(source.extraction is ExtractionKind.CLOSED for source in study.sources),
    )


def outcome_values(study: Study, protocol: Protocol, *, calendar: Calendar | None = None) -> OutcomeValues:
    """Compute the primary outcome of every case.

    Parameters
    ----------
    calendar
        Of working days, in place of the one that the protocol names.

    Raises
    ------
    MissingCalendarError
        If the clock runs in working days and no calendar is named.
    YearNotCoveredError
        If the calendar does not know a year of the logs.
    """
    cases = clock_cases(study, clock_of(protocol.estimand, zone=study.zone, calendar=calendar))
    outcome = _outcome(study, protocol, cases, cases.duration)
    running = np.maximum(cases.duration - cases.stopped, 0.0)
    return OutcomeValues(
        outcome=np.where(cases.is_unwatched, np.nan, outcome),
        without_stops=np.where(cases.is_unwatched, np.nan, _outcome(study, protocol, cases, running)),
        watched_from=cases.watched_from,
        is_unwatched=cases.is_unwatched,
        cases=cases,
    )


def _outcome(study: Study, protocol: Protocol, cases: ClockedCases, duration: Floats) -> Floats:
    estimand = protocol.estimand
    is_followed = cases.followed >= estimand.horizon_days
    match estimand.outcome:
        case OutcomeKind.CASE_DURATION:
            return restricted_durations(duration, cases.is_closed, horizon_days=estimand.horizon_days)
        case OutcomeKind.WITHIN_TERM_SHARE:
            term = estimand.horizon_days if estimand.term_days is None else estimand.term_days
            return within_term(duration, cases.is_closed, term_days=term)
        case OutcomeKind.FIRST_TIME_THROUGH_SHARE:
            repeated = study.cases.attribute(REPEATED)
            is_repeated = np.zeros(len(duration), np.bool_) if repeated is None else repeated.equals(YES)
            is_through = cases.is_closed & (cases.duration <= estimand.horizon_days) & ~is_repeated
            return _known(is_through, is_followed | is_repeated)
        case OutcomeKind.ATTRIBUTE_SHARE:
            labels = study.cases.attribute(estimand.attribute)
            if labels is None:
                return np.full(len(duration), np.nan)
            return _known(labels.equals(estimand.value), is_followed)
        case OutcomeKind.COST:
            return np.where(is_followed, study.cases.features.cost, np.nan)


def restricted_durations(duration: Floats, is_closed: Flags, *, horizon_days: float) -> Floats:
    """Return min(T, τ); nan for cases that were left open before the horizon, shape (n,)."""
    return np.where(is_closed | (duration >= horizon_days), np.minimum(duration, horizon_days), np.nan)


def within_term(duration: Floats, is_closed: Flags, *, term_days: float) -> Floats:
    """Return 1 for cases closed by their term, 0 for others past it, nan for those open before it, shape (n,)."""
    return np.where(duration > term_days, 0.0, np.where(is_closed, 1.0, np.nan))


def _known(holds: Flags, is_known: Flags) -> Floats:
    return np.where(is_known, holds.astype(np.float64), np.nan)
