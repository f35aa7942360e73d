"""Departments with calendars of their own: each time is judged on the calendar of the one that the case waits for.

Where a case passes from a department at one end of a country to one nine hours ahead, neither calendar is that of the
whole wait. A wait belongs to the department that is to act: its hours are those in which the waiting could have ended.
So a wait, a hand-over and a piece of work are measured on the calendar of the department of the instance that the wait
leads to. An instance whose department is unknown takes the default calendar.

Two waits on different calendars can be added and ranked, since each is a number of working hours; but the union of
waits that overlap has no length in working time if their calendars differ, so what needs such a union takes the default
calendar alone.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import ibis
import pyarrow as pa

from potok.core.calendars import Calendar, CalendarSet
from potok.engine.base import Engine, Given
from potok.log.store import LogStore
from potok.measure.running import unit_labels
from potok.measure.working_time import CALENDAR_DAYS, log_days


@dataclass(frozen=True, slots=True)
class UnitDays:
    """The days of several calendars.

    Parameters
    ----------
    default
        Days of the default calendar, as `potok.measure.working_time.calendar_days`.
    own
        Days of each further calendar, and the codes of the departments that have it.
    """

    default: ibis.Table
    own: tuple[tuple[ibis.Table, tuple[int, ...]], ...]

    def measure(self, timed: Callable[[ibis.Table], ibis.Table], *, org_unit: str) -> ibis.Table:
        """Return every row once, timed on the calendar of its department.

        Parameters
        ----------
        timed
            Given the days of a calendar, returns the rows with their times on it; the rows are the same whatever the
            calendar.
        org_unit
            Column of the rows with the department's code; null takes the default calendar.
        """
        elsewhere = sorted(code for _days, codes in self.own for code in codes)
        rows = timed(self.default)
        parts = [rows.filter(~rows[org_unit].isin(elsewhere) | rows[org_unit].isnull())]
        for days, codes in self.own:
            rows = timed(days)
            parts.append(rows.filter(rows[org_unit].isin(codes)))
        return reduce(lambda first, second: first.union(second), parts)


def days_by_unit(
    store: LogStore, calendar: Calendar | CalendarSet | None, engine: Engine | None
) -> tuple[ibis.Table | UnitDays | None, Given | None]:
    """Return the days of a calendar or of several over the span of a log, and the rows to run them with.

    Raises
    ------
    UnknownCalendarUnitsError
        If a department has a calendar but does not occur in the log, and no filter can have removed it.
    YearNotCoveredError
        If the log reaches into a year that one of the calendars does not know.
    """
    if not isinstance(calendar, CalendarSet):
        return log_days(store, calendar, engine)
    labels = unit_labels(store, engine)
    if "derived_from" not in store.manifest:  # a filter may leave no case to a department
        calendar.check_units(labels.values())
    codes = defaultdict(list)
    for code, label in sorted(labels.items()):
        codes[calendar.calendar_of(label).calendar_id].append(code)
    given: dict[str, pa.Table] = {}
    own = []
    default = _named_days(store, calendar.default, engine, CALENDAR_DAYS, given)
    for place, one in enumerate(calendar.calendars()[1:]):
        days = _named_days(store, one, engine, f"{CALENDAR_DAYS}_{place}", given)
        own.append((days, tuple(codes[one.calendar_id])))
    return (UnitDays(default, tuple(own)), given) if own else (default, given)


def _named_days(
    store: LogStore, calendar: Calendar, engine: Engine | None, name: str, given: dict[str, pa.Table]
) -> ibis.Table:
    """Return a calendar's days under a name of its own, and add their rows to `given`."""
    days, rows = log_days(store, calendar, engine)
    if days is None or rows is None:
        raise ValueError("a calendar has days")
    given[name] = rows[CALENDAR_DAYS]
    return ibis.table(days.schema(), name=name)
