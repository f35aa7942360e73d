"""Due dates of all cases of a log, from what the engine found."""

from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from potok.core.calendars import Calendar
from potok.core.regulations import CLOSING, OPENING, Term, TermUnit
from potok.core.regulations.due_arrays import NEVER_US, DueDates, Stops, due_dates_in_days, due_dates_in_hours
from potok.core.regulations.tables import hour_tables, term_tables
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.deadlines.analyses import clock_stops, term_spans
from potok.measure.running import fetch

Instants = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TermCases:
    """A term in every case in which it has started; arrays of one length n.

    Parameters
    ----------
    case, case_id
        Number and id of the case.
    opened_us, start_us, end_us, acted_us, closed_us
        (n,) int64 µs UTC: opening of the case, start and end of the term, first action after the start, closing of the
        case; `NEVER_US` where it has not come.
    org_unit
        (n,) int64 code of the unit of the case's last instance, −1 where unknown.
    due_us
        (n,) int64 µs UTC: when it is over; `NEVER_US` while the clock stands.
    is_standing
        (n,) bool: whether the clock still stands, so that nobody knows the due date.
    """

    case: Instants
    case_id: pa.Array
    opened_us: Instants
    start_us: Instants
    end_us: Instants
    acted_us: Instants
    closed_us: Instants
    org_unit: Instants
    due_us: Instants
    is_standing: npt.NDArray[np.bool_]


def find_due_dates(
    store: LogStore, term: Term, calendar: Calendar, *, codes: dict[str, int], engine: Engine | None = None
) -> TermCases:
    """Find when a term started, ended and is due in each case.

    Parameters
    ----------
    codes
        Of the log's activities, by label; those that the term names must be there.

    Raises
    ------
    YearNotCoveredError
        If a term can end in a year that the calendar does not know.
    """
    spans = fetch(_spans(term, codes), store, engine)
    start_us = _instants(spans, "start_us")
    stops = _stops(store, term, codes, _instants(spans, "case"), engine)
    due = _due(term, calendar, start_us, stops, _instants(spans, "extended_us"))
    return TermCases(
        case=_instants(spans, "case"),
        case_id=spans["case_id"].combine_chunks(),
        opened_us=_instants(spans, "opened_us"),
        start_us=start_us,
        end_us=_instants(spans, "end_us"),
        acted_us=_instants(spans, "acted_us"),
        closed_us=_instants(spans, "closed_us"),
        org_unit=_instants(spans, "org_unit", missing=-1),
        due_us=due.due_us,
        is_standing=due.is_standing,
    )


def _spans(term: Term, codes: dict[str, int]) -> ibis.Table:
    return term_spans(
        EVENTS,
        CASES,
        starts=None if term.starts == OPENING else codes[term.starts],
        ends=() if term.ends == (CLOSING,) else [codes[label] for label in term.ends],
        extension=codes[term.extension.activity] if term.extension else None,
    ).order_by("case")


def _instants(table: pa.Table, column: str, *, missing: int = NEVER_US) -> Instants:
    values = table[column].combine_chunks().cast(pa.int64()).fill_null(missing)
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.int64)


def _stops(store: LogStore, term: Term, codes: dict[str, int], cases: Instants, engine: Engine | None) -> Stops:
    """Return when clocks stand, overlapping stretches of a case made one."""
    found = [
        fetch(
            clock_stops(EVENTS, from_activity=codes[stop.from_activity], to_activity=codes[stop.to_activity]),
            store,
            engine,
        )
        for stop in term.clock_stops
    ]
    case, from_us, to_us = (
        np.concatenate([np.zeros(0, np.int64), *(_instants(table, name) for table in found)])
        for name in ("case", "from_us", "to_us")
    )
    is_here = np.isin(case, cases)
    order = np.lexsort((from_us[is_here], case[is_here]))
    case, from_us, to_us = case[is_here][order], from_us[is_here][order], to_us[is_here][order]
    return merge_stops(np.searchsorted(cases, case), from_us, to_us)


def merge_stops(row: Instants, from_us: Instants, to_us: Instants) -> Stops:
    """Make one stretch of those of a row that overlap or touch.

    Parameters
    ----------
    row, from_us, to_us
        (m,) int64, sorted by row, then `from_us`; `to_us` may be `NEVER_US`.
    """
    if not len(row):
        return Stops(row, from_us, to_us)
    # The latest end so far within a row: ends as ranks, so that row and end fit one number that grows with both.
    ends, rank = np.unique(to_us, return_inverse=True)
    latest = ends[np.maximum.accumulate(row * len(ends) + rank) % len(ends)]
    begins = np.ones(len(row), bool)
    begins[1:] = (row[1:] != row[:-1]) | (from_us[1:] > latest[:-1])
    finishes = np.append(begins[1:], True)
    return Stops(row[begins], from_us[begins], latest[finishes])


def _due(term: Term, calendar: Calendar, start_us: Instants, stops: Stops, extended_us: Instants) -> DueDates:
    if not len(start_us):
        return DueDates(start_us, np.zeros(0, bool))
    known = [start_us, stops.from_us, stops.to_us[stops.to_us != NEVER_US]]
    first_us, last_us = (int(pick(np.concatenate(known))) for pick in (np.min, np.max))
    extended: Any = extended_us if term.extension else None
    if term.unit is TermUnit.WORKING_HOURS:
        hours = hour_tables(term, calendar, first_us, last_us)
        return due_dates_in_hours(term, hours, start_us, stops=stops, extended_us=extended)
    days = term_tables(term, calendar, first_us, last_us)
    return due_dates_in_days(term, days, start_us, stops=stops, extended_us=extended)
