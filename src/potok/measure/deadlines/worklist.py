"""Open cases by how soon they breach a term."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.deadlines.judgement import JudgedTerm, Judgement, judge_terms
from potok.measure.running import MICROSECONDS


@dataclass(frozen=True, slots=True)
class OpenTerm:
    """An open case that has breached a term, or is about to.

    Parameters
    ----------
    case_id
        The case (a pseudonym, unless ids are plain).
    term
        Name of the term.
    org_unit
        Unit of its last logged instance; None if unknown.
    started_us, due_us
        Start of the term and due date, µs UTC.
    remaining_seconds
        From extraction to the due date, calendar seconds; negative if it has passed.
    is_late
        Whether the due date has passed.
    """

    case_id: str
    term: str
    org_unit: str | None
    started_us: int
    due_us: int
    remaining_seconds: float
    is_late: bool


def compute_worklist(
    store: LogStore, regulation: Regulation, calendar: Calendar, *, engine: Engine | None = None
) -> tuple[OpenTerm, ...]:
    """List open cases that have breached a term of a regulation or are about to, the most urgent first.

    What is about to be breached is said by the term's `warn_before`, seen from the extraction of the log.

    Raises
    ------
    UnknownActivitiesError, YearNotCoveredError
        As `potok.measure.deadlines.judge_terms`.
    """
    return list_open_terms(judge_terms(store, regulation, calendar, engine=engine))


def list_open_terms(judgement: Judgement) -> tuple[OpenTerm, ...]:
    """List the worklist from cases already judged."""
    listed = (case for judged in judgement.terms for case in _open_cases(judged, judgement))
    return tuple(sorted(listed, key=lambda case: (case.due_us, case.case_id, case.term)))


def _open_cases(judged: JudgedTerm, judgement: Judgement) -> Iterator[OpenTerm]:
    found, states = judged.found, judged.states
    for row in np.flatnonzero(states.open_late | states.about_to_breach).tolist():
        due_us = int(found.due_us[row])
        yield OpenTerm(
            case_id=found.case_id[row].as_py(),
            term=judged.term.name,
            org_unit=judgement.unit_labels.get(int(found.org_unit[row])),
            started_us=int(found.start_us[row]),
            due_us=due_us,
            remaining_seconds=(due_us - judgement.extracted_us) / MICROSECONDS,
            is_late=bool(states.open_late[row]),
        )
