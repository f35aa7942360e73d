"""Open cases by how soon they breach a term."""

from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar
from potok.core.regulations import Regulation
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.deadlines.compliance import judge_cases
from potok.measure.deadlines.due import find_due_dates
from potok.measure.running import MICROSECONDS, unit_labels


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
        As `compute_deadlines`.
    """
    labels = unit_labels(store, engine)
    listed = []
    for term in regulation.terms:
        found = find_due_dates(store, regulation, term, calendar, engine=engine)
        states = judge_cases(found, term, calendar, extracted_us=store.extracted_us)
        for row in np.flatnonzero(states.open_late | states.about_to_breach).tolist():
            due_us = int(found.due_us[row])
            listed.append(
                OpenTerm(
                    case_id=found.case_id[row].as_py(),
                    term=term.name,
                    org_unit=labels.get(int(found.org_unit[row])),
                    started_us=int(found.start_us[row]),
                    due_us=due_us,
                    remaining_seconds=(due_us - store.extracted_us) / MICROSECONDS,
                    is_late=bool(states.open_late[row]),
                )
            )
    return tuple(sorted(listed, key=lambda case: (case.due_us, case.case_id, case.term)))
