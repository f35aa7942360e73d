"""How many cases keep a term."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation, TermUnit
from potok.core.regulations.due_arrays import NEVER_US
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.deadlines.due import TermCases
from potok.measure.deadlines.judgement import Flags, JudgedTerm, Judgement, TermStates, judge_terms
from potok.measure.running import MICROSECONDS


@dataclass(frozen=True, slots=True)
class UnitCompliance:
    """Cases of one unit (that of their last logged instance) under a term; the counts are those of `TermCompliance`."""

    org_unit: str | None
    cases: int
    in_time: int
    late: int
    unmet: int
    open_late: int
    about_to_breach: int
    in_time_share: float | None


@dataclass(frozen=True, slots=True)
class TermCompliance:
    """How a term is kept.

    Parameters
    ----------
    term, amount, unit, article
        The term, as the regulation states it.
    all_cases, cases
        Cases of the log, and those of them that have the term (in which what starts it has happened).
    term_share
        ``cases / all_cases``.
    in_time, late
        Cases in which it is over, before or after the due date. A case that ends at the due instant is late: the term
        was over.
    unmet, lapsed
        Closed cases in which what ends it never happened: closed after the due date, so that it was not kept, or
        before (or with the clock standing), so that it no longer matters.
    open_late, open_in_time, standing
        Open cases in which it is not over: past the due date at extraction, not yet, or with the clock standing, so
        that nobody knows the due date.
    about_to_breach
        Of `open_in_time`: cases within the term's `warn_before` of the due date.
    in_time_share
        ``in_time / (in_time + late + unmet + open_late)``: over the cases of which it is known whether they kept it;
        None if there are none. Early ends count at once, late ones only when they are late, so recent months look
        better than they are.
    matured_share
        The same over the cases whose due date lies before the extraction: free of that fault, and of recent cases.
    late_starts, late_start_share
        Cases in which more than half of the calendar time from start to due date had passed before anything was done,
        and their share of the cases in which something was done, or the due date has passed; None if there are none.
    median_lateness_seconds, p90_lateness_seconds
        From due date to end, calendar seconds, over late cases that have ended; None if there are none.
    units
        The same by unit, most cases first; unknown unit: None.
    """

    term: str
    amount: int
    unit: TermUnit
    article: str
    all_cases: int
    cases: int
    term_share: float
    in_time: int
    late: int
    unmet: int
    lapsed: int
    open_late: int
    open_in_time: int
    standing: int
    about_to_breach: int
    in_time_share: float | None
    matured_share: float | None
    late_starts: int
    late_start_share: float | None
    median_lateness_seconds: float | None
    p90_lateness_seconds: float | None
    units: tuple[UnitCompliance, ...]


def compute_deadlines(
    store: LogStore, regulation: Regulation, calendar: Calendar, *, engine: Engine | None = None
) -> tuple[TermCompliance, ...]:
    """Compute how every term of a regulation is kept.

    Raises
    ------
    UnknownActivitiesError, YearNotCoveredError
        As `potok.measure.deadlines.judge_terms`.
    """
    return count_compliance(judge_terms(store, regulation, calendar, engine=engine))


def count_compliance(judgement: Judgement) -> tuple[TermCompliance, ...]:
    """Count how every term is kept, from cases already judged."""
    return tuple(_comply(judged, judgement) for judged in judgement.terms)


def _comply(judged: JudgedTerm, judgement: Judgement) -> TermCompliance:
    term, found, states = judged.term, judged.found, judged.states
    cases = len(found.case)
    lateness = (found.end_us - found.due_us)[states.late] / MICROSECONDS
    acted = ~found.is_standing & ((found.acted_us != NEVER_US) | states.open_late | states.unmet)
    is_mature = ~found.is_standing & (found.due_us <= judgement.extracted_us)
    return TermCompliance(
        term=term.name,
        amount=term.amount,
        unit=term.unit,
        article=term.article,
        all_cases=judgement.all_cases,
        cases=cases,
        term_share=cases / judgement.all_cases if judgement.all_cases else 0.0,
        in_time=_count(states.in_time),
        late=_count(states.late),
        unmet=_count(states.unmet),
        lapsed=_count(states.lapsed),
        open_late=_count(states.open_late),
        open_in_time=_count(states.open_in_time),
        standing=_count(states.standing),
        about_to_breach=_count(states.about_to_breach),
        in_time_share=_share(states.in_time, states.judged),
        matured_share=_share(states.in_time, states.judged & is_mature),
        late_starts=_count(states.late_start),
        late_start_share=_share(states.late_start, acted),
        median_lateness_seconds=float(np.median(lateness)) if len(lateness) else None,
        p90_lateness_seconds=float(np.quantile(lateness, 0.9)) if len(lateness) else None,
        units=tuple(_by_unit(found, states, judgement.unit_labels)),
    )


def _by_unit(found: TermCases, states: TermStates, labels: dict[int, str]) -> Iterator[UnitCompliance]:
    codes, counts = np.unique(found.org_unit, return_counts=True)
    for code in codes[np.lexsort((codes, -counts))]:
        here = found.org_unit == code
        yield UnitCompliance(
            org_unit=labels.get(int(code)),
            cases=_count(here),
            in_time=_count(states.in_time & here),
            late=_count(states.late & here),
            unmet=_count(states.unmet & here),
            open_late=_count(states.open_late & here),
            about_to_breach=_count(states.about_to_breach & here),
            in_time_share=_share(states.in_time, states.judged & here),
        )


def _count(chosen: Flags) -> int:
    return int(np.count_nonzero(chosen))


def _share(part: Flags, whole: Flags) -> float | None:
    return _count(part & whole) / _count(whole) if whole.any() else None
