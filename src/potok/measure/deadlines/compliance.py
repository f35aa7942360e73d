"""How many cases keep a term."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation, Term, TermUnit
from potok.core.regulations.due import warn_at_us
from potok.core.regulations.due_arrays import NEVER_US
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.counts import compute_counts
from potok.measure.deadlines.due import TermCases, find_due_dates
from potok.measure.running import MICROSECONDS, unit_labels

LATE_START_SHARE: Final = 0.5
"""A start is late if by the first action more than this share of the term has passed."""

Flags = npt.NDArray[np.bool_]


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


@dataclass(frozen=True, slots=True)
class TermStates:
    """In which state each case is under a term; boolean arrays of shape (n,), the first seven exclude each other."""

    in_time: Flags
    late: Flags
    unmet: Flags
    lapsed: Flags
    open_late: Flags
    open_in_time: Flags
    standing: Flags
    about_to_breach: Flags
    late_start: Flags

    @property
    def judged(self) -> Flags:
        """Whether it is known if the term was kept."""
        return self.in_time | self.late | self.unmet | self.open_late


def judge_cases(found: TermCases, term: Term, calendar: Calendar, *, extracted_us: int) -> TermStates:
    """Judge every case that has a term at the extraction of the log."""
    is_over, is_due = found.end_us != NEVER_US, ~found.is_standing
    is_dropped = ~is_over & (found.closed_us != NEVER_US)
    is_pending = ~is_over & ~is_dropped
    unmet = is_dropped & is_due & (found.due_us <= found.closed_us)
    # An end while the clock stands comes before any due date.
    in_time = is_over & (found.is_standing | (found.end_us < found.due_us))
    open_late = is_pending & is_due & (found.due_us <= extracted_us)
    open_in_time = is_pending & is_due & ~open_late
    half_us = found.start_us + ((found.due_us - found.start_us) * LATE_START_SHARE).astype(np.int64)
    acted_late = np.where(found.acted_us == NEVER_US, extracted_us, found.acted_us) > half_us
    return TermStates(
        in_time=in_time,
        late=is_over & ~in_time,
        unmet=unmet,
        lapsed=is_dropped & ~unmet,
        open_late=open_late,
        open_in_time=open_in_time,
        standing=is_pending & found.is_standing,
        about_to_breach=open_in_time & (_warn_at(found, term, calendar, open_in_time) <= extracted_us),
        late_start=is_due & acted_late & ((found.acted_us != NEVER_US) | open_late | unmet),
    )


def _warn_at(found: TermCases, term: Term, calendar: Calendar, chosen: Flags) -> npt.NDArray[np.int64]:
    """Return from when each chosen case counts as about to breach its term; due dates repeat, so each is asked once."""
    warn_us = np.full(len(found.due_us), NEVER_US, np.int64)
    due, place = np.unique(found.due_us[chosen], return_inverse=True)
    if len(due):
        warn_us[chosen] = np.array([warn_at_us(term, int(at), calendar) for at in due], np.int64)[place]
    return warn_us


def compute_deadlines(
    store: LogStore, regulation: Regulation, calendar: Calendar, *, engine: Engine | None = None
) -> tuple[TermCompliance, ...]:
    """Compute how every term of a regulation is kept.

    One row per case, of narrow columns, is fetched from the engine: due dates are worked out by the law's own rules
    (`potok.core.regulations.due`), not by SQL.

    Raises
    ------
    UnknownActivitiesError
        If the log lacks an activity that the regulation names.
    YearNotCoveredError
        If a term can end in a year that the calendar does not know.
    """
    labels = unit_labels(store, engine)
    all_cases = compute_counts(store, engine=engine).cases
    return tuple(
        _comply(
            term,
            found := find_due_dates(store, regulation, term, calendar, engine=engine),
            judge_cases(found, term, calendar, extracted_us=store.extracted_us),
            labels=labels,
            all_cases=all_cases,
            extracted_us=store.extracted_us,
        )
        for term in regulation.terms
    )


def _comply(
    term: Term, found: TermCases, states: TermStates, *, labels: dict[int, str], all_cases: int, extracted_us: int
) -> TermCompliance:
    cases = len(found.case)
    lateness = (found.end_us - found.due_us)[states.late] / MICROSECONDS
    acted = ~found.is_standing & ((found.acted_us != NEVER_US) | states.open_late | states.unmet)
    return TermCompliance(
        term=term.name,
        amount=term.amount,
        unit=term.unit,
        article=term.article,
        all_cases=all_cases,
        cases=cases,
        term_share=cases / all_cases,
        in_time=_count(states.in_time),
        late=_count(states.late),
        unmet=_count(states.unmet),
        lapsed=_count(states.lapsed),
        open_late=_count(states.open_late),
        open_in_time=_count(states.open_in_time),
        standing=_count(states.standing),
        about_to_breach=_count(states.about_to_breach),
        in_time_share=_share(states.in_time, states.judged),
        matured_share=_share(states.in_time, states.judged & ~found.is_standing & (found.due_us <= extracted_us)),
        late_starts=_count(states.late_start),
        late_start_share=_share(states.late_start, acted),
        median_lateness_seconds=float(np.median(lateness)) if len(lateness) else None,
        p90_lateness_seconds=float(np.quantile(lateness, 0.9)) if len(lateness) else None,
        units=tuple(_by_unit(found, states, labels)),
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
