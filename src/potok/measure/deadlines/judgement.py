"""Every case judged under every term of a regulation, once: what all figures about terms are counted from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation, Term
from potok.core.regulations.due import warn_at_us
from potok.core.regulations.due_arrays import NEVER_US
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.deadlines.due import TermCases, find_due_dates
from potok.measure.running import activity_labels, run, unit_labels

LATE_START_SHARE: Final = 0.5
"""A start is late if by the first action more than this share of the term has passed."""

Flags = npt.NDArray[np.bool_]


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
    acted_late = np.where(found.acted_us == NEVER_US, extracted_us, found.acted_us) > late_start_us(found)
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


def late_start_us(found: TermCases) -> npt.NDArray[np.int64]:
    """Return from when a start is late, (n,) instants; `NEVER_US` while the clock stands."""
    half_us = found.start_us + ((found.due_us - found.start_us) * LATE_START_SHARE).astype(np.int64)
    return np.where(found.is_standing, NEVER_US, half_us)


def _warn_at(found: TermCases, term: Term, calendar: Calendar, chosen: Flags) -> npt.NDArray[np.int64]:
    """Return from when each chosen case counts as about to breach its term; due dates repeat, so each is asked once."""
    warn_us = np.full(len(found.due_us), NEVER_US, np.int64)
    due, place = np.unique(found.due_us[chosen], return_inverse=True)
    if len(due):
        warn_us[chosen] = np.array([warn_at_us(term, int(at), calendar) for at in due], np.int64)[place]
    return warn_us


@dataclass(frozen=True, slots=True)
class JudgedTerm:
    """A term, the cases that have it, and how each of them stands."""

    term: Term
    found: TermCases
    states: TermStates


@dataclass(frozen=True, slots=True)
class Judgement:
    """All terms of a regulation, judged.

    Parameters
    ----------
    terms
        In the regulation's order.
    unit_labels
        Labels of the codes of units.
    all_cases
        Cases of the log, whether or not they have a term.
    extracted_us
        Up to when the log reaches, µs UTC.
    """

    terms: tuple[JudgedTerm, ...]
    unit_labels: dict[int, str]
    all_cases: int
    extracted_us: int


def judge_terms(
    store: LogStore, regulation: Regulation, calendar: Calendar, *, engine: Engine | None = None
) -> Judgement:
    """Judge every case under every term of a regulation.

    One row per case, of narrow columns, is fetched from the engine: due dates are worked out by the law's own rules
    (`potok.core.regulations.due`), not by SQL.

    Raises
    ------
    UnknownActivitiesError
        If the log lacks an activity that the regulation names.
    YearNotCoveredError
        If a term can end in a year that the calendar does not know.
    """
    codes = {label: code for code, label in activity_labels(store, engine).items()}
    regulation.check_activities(codes)
    ((all_cases,),) = run(CASES.aggregate(cases=CASES.count().cast("int64")), store, engine)
    terms = []
    for term in regulation.terms:
        found = find_due_dates(store, term, calendar, codes=codes, engine=engine)
        states = judge_cases(found, term, calendar, extracted_us=store.extracted_us)
        terms.append(JudgedTerm(term, found, states))
    return Judgement(tuple(terms), unit_labels(store, engine), all_cases, store.extracted_us)
