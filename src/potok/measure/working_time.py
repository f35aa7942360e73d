"""Working time in the engine: how much of a calendar's open time lies between two instants.

The time that a calendar was open up to an instant, W(t), is read off a table with one row per day (UTC): what was open
before the day, and the open spans within it. The working time between two instants is a difference of two values of W,
exact to the microsecond, whatever the zone does; a day is found by an equi-join, which every engine does well.
"""

from collections.abc import Sequence
from typing import Final

import ibis
import numpy as np
import pyarrow as pa

from potok.core.calendars import Calendar, DayTable
from potok.core.time_units import DAY_US
from potok.engine.base import Engine, Given
from potok.engine.tables import CASES
from potok.log.mapping import ClosingBasis
from potok.log.store import LogStore
from potok.measure.counts import compute_counts
from potok.measure.running import built_once, run

CALENDAR_DAYS: Final = "calendar_days"
# So many days past what a log holds are tabulated: deadlines and horizons reach beyond the last event.
MARGIN_DAYS: Final = 2
CENTURY_DAYS: Final = 36_525
_CLOSED_BY_EVENTS: Final = (ClosingBasis.GUESSED, ClosingBasis.ACTIVITIES, ClosingBasis.STATUS, ClosingBasis.ALL)


@built_once
def calendar_days(spans: int) -> ibis.Table:
    """Return the unbound table of a calendar's days.

    Parameters
    ----------
    spans
        How many open spans a day may have; span i lies between ``start{i}_us`` and ``end{i}_us`` of the day.
    """
    limits = {f"{edge}{i}_us": "int64" for i in range(spans) for edge in ("start", "end")}
    return ibis.table({"day": "int64", "base_us": "int64", **limits}, name=CALENDAR_DAYS)


def open_until(table: ibis.Table, instants: Sequence[str], days: ibis.Table, *, suffix: str = "_open") -> ibis.Table:
    """Add, for every column of instants, the working time that the calendar had offered up to it.

    Parameters
    ----------
    table
        Any table with the columns `instants` (µs UTC, null allowed).
    days
        As `calendar_days`.
    suffix
        What is put behind a column's name for its working time (int64 µs; null where the instant is).

    Notes
    -----
    The table must reach from before the first instant to after the last: a day it lacks gives null.
    """
    spans = sum(column.startswith("start") for column in days.columns)
    for instant in instants:
        names = {name: f"{name}__{instant}" for name in days.columns}
        keyed = table.mutate(**{names["day"]: _day_of(table[instant])})
        joined = keyed.left_join(days.rename({new: old for old, new in names.items()}), names["day"])
        since_midnight = joined[instant] - joined[names["day"]] * DAY_US
        offered = joined[names["base_us"]]
        for i in range(spans):
            start, end = joined[names[f"start{i}_us"]], joined[names[f"end{i}_us"]]
            offered = offered + _clipped(since_midnight - start, end - start)
        extra = [column for column in joined.columns if "__" in column]
        table = joined.mutate(**{instant.removesuffix("_us") + suffix: offered.cast("int64")}).drop(*extra)
    return table


def _day_of(instant: ibis.Value) -> ibis.Value:
    """Return the number of the UTC day of an instant, exactly from 1870 to 2228.

    Engines divide integers as floats here. Below 2**17 days the last microsecond of a day is still told from the next
    midnight, and a century's shift keeps what is divided positive.
    """
    return ((instant + CENTURY_DAYS * DAY_US) // DAY_US - CENTURY_DAYS).cast("int64")


def _clipped(value: ibis.Value, limit: ibis.Value) -> ibis.Value:
    return ibis.ifelse(value < 0, 0, ibis.ifelse(value > limit, limit, value))


def tabulate_calendar(calendar: Calendar, *, first_us: int, last_us: int) -> tuple[ibis.Table, Given]:
    """Return a calendar's days as an unbound table, and the rows to run it with.

    Parameters
    ----------
    first_us, last_us
        Between which instants working time will be asked for.

    Raises
    ------
    YearNotCoveredError
        If the calendar does not know a year between them.
    """
    margin_us = MARGIN_DAYS * DAY_US
    # The margin may lie in years that the calendar does not know, what is asked for may not.
    if calendar.covers(first_us - margin_us, first_us):
        first_us -= margin_us
    if calendar.covers(last_us, last_us + margin_us):
        last_us += margin_us
    table = calendar.day_table(first_us, last_us)
    return calendar_days(_width(table)), {CALENDAR_DAYS: _as_arrow(table)}


def _width(table: DayTable) -> int:
    return int(table.starts_us.shape[1])


def _as_arrow(table: DayTable) -> pa.Table:
    columns = {"day": table.day, "base_us": table.base_us}
    for i in range(_width(table)):
        columns[f"start{i}_us"] = np.ascontiguousarray(table.starts_us[:, i])
        columns[f"end{i}_us"] = np.ascontiguousarray(table.ends_us[:, i])
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


def case_reach(cases: ibis.Table) -> ibis.Table:
    """Return one row: `first_us` and `last_us`, between which all openings and closings lie (null without cases)."""
    return cases.aggregate(first_us=cases.opened_us.min(), last_us=cases.closed_us.max())


def case_days(
    store: LogStore, calendar: Calendar | None, engine: Engine | None
) -> tuple[ibis.Table | None, Given | None]:
    """Return a calendar's days over the span of a log and of its cases; nothing without a calendar.

    Cases may be closed after the last event only where a field of theirs says when.
    """
    if calendar is None or store.manifest.get("closing", {}).get("basis") in _CLOSED_BY_EVENTS:
        return log_days(store, calendar, engine)
    first_us, last_us = _span(store, engine)
    ((opened_us, closed_us),) = run(case_reach(CASES), store, engine)
    if opened_us is not None:
        first_us = min(first_us, opened_us)
    if closed_us is not None:
        last_us = max(last_us, closed_us)
    return tabulate_calendar(calendar, first_us=first_us, last_us=last_us)


def log_days(
    store: LogStore, calendar: Calendar | None, engine: Engine | None
) -> tuple[ibis.Table | None, Given | None]:
    """Return a calendar's days over the span of a log, as `tabulate_calendar` does; nothing without a calendar."""
    if calendar is None:
        return None, None
    first_us, last_us = _span(store, engine)
    return tabulate_calendar(calendar, first_us=first_us, last_us=last_us)


def _span(store: LogStore, engine: Engine | None) -> tuple[int, int]:
    known = store.manifest["log"]
    if "first_us" in known:  # noted at import, which is cheaper than to ask every event
        first_us, last_us = int(known["first_us"]), int(known["last_us"])
    else:
        counts = compute_counts(store, engine=engine)
        first_us, last_us = counts.first_us, counts.last_us
    return first_us, max(last_us, store.extracted_us)
