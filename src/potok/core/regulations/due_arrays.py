"""Due dates of many cases from the small tables: the steps that an engine takes, on arrays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Instants
from potok.core.regulations.regulation import CountedFrom, Term
from potok.core.regulations.tables import (
    HOUR_US,
    HourTables,
    TermTables,
    completing_days,
    due_from_days,
    first_days,
    stopped_days,
)
from potok.core.time_units import DAY_US

NEVER_US: Final = np.iinfo(np.int64).max
"""Stands for an instant that has not come: a clock that still stands, a term never extended."""


@dataclass(frozen=True, slots=True)
class Stops:
    """Stretches in which clocks stand.

    Parameters
    ----------
    row
        (m,) int64: position of the case among the starts; ascending.
    from_us, to_us
        (m,) int64: µs UTC; ascending and disjoint within a case. `to_us` is `NEVER_US` where the clock still stands.
    """

    row: Instants
    from_us: Instants
    to_us: Instants


@dataclass(frozen=True, slots=True)
class DueDates:
    """When terms are over.

    Parameters
    ----------
    due_us
        (n,) int64, µs UTC; `NEVER_US` where the clock stands.
    is_standing
        (n,) bool: whether the clock still stands, so that nobody knows when the term will be over.
    """

    due_us: Instants
    is_standing: npt.NDArray[np.bool_]


NO_STOPS: Final = Stops(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))


def due_dates_in_days(
    term: Term, tables: TermTables, start_us: Instants, *, stops: Stops = NO_STOPS, extended_us: Instants | None = None
) -> DueDates:
    """Compute when terms in days are over; equals `due_at_us` case by case.

    Parameters
    ----------
    term, tables
        The term and its `term_tables`.
    start_us
        (n,) int64: when the terms start, µs UTC.
    stops
        When clocks stand.
    extended_us
        (n,) int64: first extension of each case, `NEVER_US` where there is none; None if there are none at all.
    """
    first = first_days(term, tables, start_us)
    last_us = int(tables.utc_days.utc_day[-1] + 1) * DAY_US - 1

    def compute(extension: Instants) -> DueDates:
        stopped = np.zeros(len(start_us), np.int64)
        is_standing = np.zeros(len(start_us), bool)
        for rows, from_us, to_us in _iterate_ranks(stops):
            complete = completing_days(term, tables, first[rows], stopped=stopped[rows] + extension[rows])
            counts = (tables.utc_days.local_day_of(from_us) <= complete) & ~is_standing[rows]
            is_standing[rows] |= counts & (to_us == NEVER_US)
            taken = stopped_days(term, tables, first[rows], from_us, np.minimum(to_us, last_us))
            stopped[rows] += np.where(counts & (to_us != NEVER_US), taken, 0)
        complete = completing_days(term, tables, first, stopped=np.where(is_standing, 0, stopped + extension))
        return DueDates(np.where(is_standing, NEVER_US, due_from_days(tables, complete)), is_standing)

    return _extend(term, compute, extended_us, len(start_us))


def due_dates_in_hours(
    term: Term, tables: HourTables, start_us: Instants, *, stops: Stops = NO_STOPS, extended_us: Instants | None = None
) -> DueDates:
    """Compute when terms in working hours are over; equals `due_at_us` case by case.

    Parameters are those of `due_dates_in_days`, with `hour_tables`.
    """
    begin = start_us
    if term.counted_from is CountedFrom.DAY_AFTER:
        begin = tables.day_ends_us[tables.utc_days.local_day_of(start_us) - tables.first_local_day]
    passed = tables.worked.worked_us(begin)

    def compute(extension: Instants) -> DueDates:
        target = passed + (term.amount + extension) * HOUR_US
        is_standing = np.zeros(len(start_us), bool)
        for rows, from_us, to_us in _iterate_ranks(stops):
            is_closed = to_us != NEVER_US
            from_worked = np.maximum(tables.worked.worked_us(from_us), passed[rows])
            to_worked = np.maximum(tables.worked.worked_us(np.where(is_closed, to_us, from_us)), from_worked)
            # Working time that has reached the target is over, even if the clock stops at that very moment.
            counts = (from_worked < target[rows]) & ~is_standing[rows]
            is_standing[rows] |= counts & ~is_closed
            target[rows] += np.where(counts & is_closed, to_worked - from_worked, 0)
        reached = tables.instants.instant_of(np.where(is_standing, 1, target))
        return DueDates(np.where(is_standing, NEVER_US, reached), is_standing)

    return _extend(term, compute, extended_us, len(start_us))


def _iterate_ranks(stops: Stops) -> Iterator[tuple[Instants, Instants, Instants]]:
    """Yield the first stop of every case, then the second of those that have one, and so on."""
    counts = np.bincount(stops.row) if len(stops.row) else np.zeros(0, np.int64)
    rank = np.arange(len(stops.row)) - (np.cumsum(counts) - counts)[stops.row] if len(stops.row) else stops.row
    for current in range(int(counts.max(initial=0))):
        chosen = rank == current
        yield stops.row[chosen], stops.from_us[chosen], stops.to_us[chosen]


def _extend(term: Term, compute: Callable[[Instants], DueDates], extended_us: Instants | None, cases: int) -> DueDates:
    """Compute without extension, then again with it where it came in time."""
    nothing = np.zeros(cases, np.int64)
    plain = compute(nothing)
    if term.extension is None or extended_us is None:
        return plain
    is_extended = ~plain.is_standing & (extended_us <= plain.due_us) & (extended_us != NEVER_US)
    return compute(np.where(is_extended, term.extension.amount, nothing))
