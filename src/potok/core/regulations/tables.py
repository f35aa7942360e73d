"""Small tables from which an engine computes due dates with equi-joins alone, and the same arithmetic in NumPy.

Terms in days need four look-ups:

1. the local day of the starting instant: `UtcDays` by UTC day;
2. the first day that may count, and the clock stops (`stopped_days`): `TermDays` by local day;
3. the day that completes the count: by arithmetic for calendar days, for working days the day whose `working_index` is
   the index before the first day, plus the term, plus the working days stopped;
4. the working day to which it rolls over, and the instant at which that day is over: `TermDays` again.

Terms in working hours are arithmetic on working time ``W(t)`` (`Calendar.day_table`); the instant that belongs to a
working time is found in `WorkingInstants` by its bucket. `potok.core.regulations.due_arrays` puts both together.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar, DayTable, Instants
from potok.core.calendars.zones import day_number, day_of_number
from potok.core.regulations.regulation import CountedFrom, RollOver, Term, TermUnit
from potok.core.time_units import DAY_US

HOUR_US: Final = 3_600_000_000
UNKNOWN: Final = -1
"""Stands in columns about working days where the term does not depend on them."""


@dataclass(frozen=True, slots=True)
class UtcDays:
    """The local day of an instant: ``local_day[d] + Σ (t − d · 86_400_000_000 ≥ switches_us[d])``.

    Parameters
    ----------
    utc_day
        (n,) int64: number of the UTC day from 1970-01-01, without gaps.
    local_day
        (n,) int64: number of the local day at the beginning of the UTC day.
    switches_us
        (n, k) int64: local midnights within the UTC day, microseconds from its beginning; unused columns hold
        86_400_000_000, which no instant of the day reaches.
    """

    utc_day: Instants
    local_day: Instants
    switches_us: Instants

    def local_day_of(self, at_us: npt.ArrayLike) -> Instants:
        """Return the local day of instants, which must lie in the table."""
        at = np.asarray(at_us, dtype=np.int64)
        row = at // DAY_US - self.utc_day[0]
        switched = (at % DAY_US)[..., np.newaxis] >= self.switches_us[row]
        return np.asarray(self.local_day[row] + switched.sum(axis=-1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TermDays:
    """One row per local day, without gaps.

    Parameters
    ----------
    day
        (n,) int64: number of the local day from 1970-01-01.
    is_working
        (n,) bool.
    working_index
        (n,) int64: working days from the table's first day up to and including this one.
    rolled_day
        (n,) int64: the day on which a term ends whose count this day completes.
    ends_us
        (n,) int64: 24:00 of the day, µs UTC.
    index_day
        (m,) int64: the day of each working index, from 1 on; ``index_day[i - 1]`` has index i.
    """

    day: Instants
    is_working: npt.NDArray[np.bool_]
    working_index: Instants
    rolled_day: Instants
    ends_us: Instants
    index_day: Instants


@dataclass(frozen=True, slots=True)
class TermTables:
    """What an engine needs to compute the due dates of a term in days."""

    utc_days: UtcDays
    days: TermDays


@dataclass(frozen=True, slots=True)
class WorkingInstants:
    """The first instant by which so much working time has passed: the inverse of `Calendar.day_table`.

    For a working time ``w > 0`` from the same start, in bucket ``b = (w − 1) // bucket_us``: the largest
    ``instants_us[b, j] + w − passed_us[b, j]`` over the columns with ``passed_us[b, j] < w``.

    Parameters
    ----------
    bucket_us
        Width of a bucket.
    bucket
        (n,) int64: number of the bucket, from 0 on without gaps.
    passed_us
        (n, k) int64: working time passed when an opening that reaches into the bucket begins; unused columns hold the
        largest int64, which no working time reaches.
    instants_us
        (n, k) int64: when that opening begins, µs UTC; unused columns hold 0.
    """

    bucket_us: int
    bucket: Instants
    passed_us: Instants
    instants_us: Instants

    def instant_of(self, working_us: npt.ArrayLike) -> Instants:
        """Return the instants of working times above 0, which must lie in the table."""
        working = np.asarray(working_us, dtype=np.int64)
        row = (working - 1) // self.bucket_us
        passed = self.passed_us[row]
        is_open = passed < working[..., np.newaxis]
        candidates = self.instants_us[row] + working[..., np.newaxis] - np.where(is_open, passed, 0)
        return np.asarray(np.where(is_open, candidates, np.iinfo(np.int64).min).max(axis=-1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class HourTables:
    """What an engine needs to compute the due dates of a term in working hours.

    `worked` and `instants` count working time from the same instant. `day_ends_us` gives the end of each local day from
    `first_local_day` on, for terms
    that count from the day after.
    """

    worked: DayTable
    instants: WorkingInstants
    utc_days: UtcDays
    first_local_day: int
    day_ends_us: Instants


def hour_tables(term: Term, calendar: Calendar, first_us: int, last_us: int) -> HourTables:
    """Make the tables for a term in working hours that starts and stops from `first_us` to `last_us`.

    Raises
    ------
    YearNotCoveredError
        If a term that begins in the window can end in a year that the calendar does not cover.
    """
    first, last = calendar.local_date(first_us), calendar.local_date(last_us)
    hours = term.amount + (term.extension.amount if term.extension else 0)
    until = calendar.working_instant_us(calendar.day_end_us(last), hours * HOUR_US)
    days = np.arange(day_number(first), day_number(last) + 1, dtype=np.int64)
    return HourTables(
        worked=calendar.day_table(first_us, until - 1),
        instants=working_instants(calendar, first_us, until - 1),
        utc_days=_tabulate_utc_days(calendar, first_us, last_us),
        first_local_day=int(days[0]),
        day_ends_us=_ends_us(calendar, days),
    )


def term_tables(term: Term, calendar: Calendar, first_us: int, last_us: int) -> TermTables:
    """Make the tables for a term in days whose starts and clock stops lie from `first_us` to `last_us`.

    Raises
    ------
    YearNotCoveredError
        If a term that begins in the window can end in a year that the calendar does not cover. Terms in calendar days
        that do not roll over need no covered years.
    """
    first = day_number(calendar.local_date(first_us)) - 1
    last = day_number(calendar.local_date(last_us)) + 1
    return TermTables(
        utc_days=_tabulate_utc_days(calendar, first_us, last_us),
        days=_tabulate_days(term, calendar, first, last),
    )


def _tabulate_utc_days(calendar: Calendar, first_us: int, last_us: int) -> UtcDays:
    utc_day = np.arange(first_us // DAY_US, last_us // DAY_US + 1, dtype=np.int64)
    before = day_number(calendar.local_date(int(utc_day[0]) * DAY_US))
    after = day_number(calendar.local_date((int(utc_day[-1]) + 1) * DAY_US))
    ends = np.array([calendar.day_end_us(day_of_number(day)) for day in range(before, after + 1)], dtype=np.int64)
    local_day = before + np.searchsorted(ends, utc_day * DAY_US, side="right")
    within = ends[(ends > utc_day[0] * DAY_US) & (ends < (utc_day[-1] + 1) * DAY_US) & (ends % DAY_US != 0)]
    row = within // DAY_US - utc_day[0]
    counts = np.bincount(row, minlength=len(utc_day))
    column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    switches = np.full((len(utc_day), max(1, int(counts.max()))), DAY_US, dtype=np.int64)
    switches[row, column] = within % DAY_US
    return UtcDays(utc_day, local_day.astype(np.int64), switches)


def _tabulate_days(term: Term, calendar: Calendar, first: int, last: int) -> TermDays:
    longest = term.amount + (term.extension.amount if term.extension else 0)
    if not term.needs_working_days:
        days = np.arange(first, last + longest + 1, dtype=np.int64)
        unknown = np.full(len(days), UNKNOWN, dtype=np.int64)
        return TermDays(days, np.zeros(len(days), bool), unknown, days, _ends_us(calendar, days), unknown[:0])
    days = np.arange(*_range_of_days(term, calendar, first, last, longest), dtype=np.int64)
    is_working = np.array([calendar.is_working_day(day_of_number(int(day))) for day in days])
    index = np.cumsum(is_working, dtype=np.int64)
    index_day = days[is_working]
    rolled = _rolled_days(term, days, is_working, index, index_day)
    return TermDays(days, is_working, index, rolled, _ends_us(calendar, days), index_day)


def _ends_us(calendar: Calendar, days: Instants) -> Instants:
    return np.array([calendar.day_end_us(day_of_number(int(day))) for day in days], dtype=np.int64)


def _range_of_days(term: Term, calendar: Calendar, first: int, last: int, longest: int) -> tuple[int, int]:
    """Return the first day needed and the day after the last: every term ends and rolls over within."""
    from_day, to_day = first, last
    left = longest
    while left:
        to_day += 1
        left -= term.unit is TermUnit.CALENDAR_DAYS or calendar.is_working_day(day_of_number(to_day))
    if term.rolls_over is RollOver.FORWARD:
        while not calendar.is_working_day(day_of_number(to_day)):
            to_day += 1
    if term.rolls_over is RollOver.BACK:
        while not calendar.is_working_day(day_of_number(from_day)):
            from_day -= 1
    # The day before the first may lie before the covered years; it is never asked whether it is worked.
    if day_of_number(from_day).year < calendar.first_year <= day_of_number(from_day + 1).year:
        from_day += 1
    return from_day, to_day + 1


def _rolled_days(
    term: Term, days: Instants, is_working: npt.NDArray[np.bool_], index: Instants, index_day: Instants
) -> Instants:
    if term.rolls_over is RollOver.NONE:
        return days
    # On a day off the index is that of the working day before, so that the next one stands at the same position.
    position = index if term.rolls_over is RollOver.FORWARD else index - 1
    inside = np.clip(position, 0, len(index_day) - 1)
    return np.where(is_working, days, index_day[inside])


def first_days(term: Term, tables: TermTables, start_us: npt.ArrayLike) -> Instants:
    """Return the first local day that may count, for each start."""
    own = tables.utc_days.local_day_of(start_us)
    return own if term.counted_from is CountedFrom.EVENT else own + 1


def stopped_days(
    term: Term, tables: TermTables, first_day: npt.ArrayLike, from_us: npt.ArrayLike, to_us: npt.ArrayLike
) -> Instants:
    """Return how many days (of the term's unit) a stop takes out of the count: from its day to the eve of its end."""
    begin = np.maximum(tables.utc_days.local_day_of(from_us), np.asarray(first_day, dtype=np.int64))
    end = np.maximum(tables.utc_days.local_day_of(to_us), begin)
    if term.unit is TermUnit.CALENDAR_DAYS:
        return end - begin
    return _index_before(tables, end) - _index_before(tables, begin)


def completing_days(
    term: Term, tables: TermTables, first_day: npt.ArrayLike, *, stopped: npt.ArrayLike = 0, extension: int = 0
) -> Instants:
    """Return the day that completes the count, given the days stopped and by how much the term is extended.

    A stop counts only if its first day is not after the day that completes the count without it.
    """
    first = np.asarray(first_day, dtype=np.int64)
    length = term.amount + extension + np.asarray(stopped, dtype=np.int64)
    if term.unit is TermUnit.CALENDAR_DAYS:
        return first + length - 1
    return np.asarray(tables.days.index_day[_index_before(tables, first) + length - 1], dtype=np.int64)


def due_from_days(tables: TermTables, completing_day: npt.ArrayLike) -> Instants:
    """Return the instant at which the term is over, given the day that completes the count."""
    origin = tables.days.day[0]
    rolled = tables.days.rolled_day[np.asarray(completing_day, dtype=np.int64) - origin]
    return np.asarray(tables.days.ends_us[rolled - origin], dtype=np.int64)


def _index_before(tables: TermTables, day: Instants) -> Instants:
    """Return the working index of the eve of days."""
    row = day - 1 - tables.days.day[0]
    return np.where(row < 0, 0, tables.days.working_index[np.maximum(row, 0)])


def working_instants(calendar: Calendar, first_us: int, last_us: int, *, bucket_us: int = HOUR_US) -> WorkingInstants:
    """Make the table from working time back to instants.

    Parameters
    ----------
    calendar
        The calendar.
    first_us, last_us
        The window; working time counts from the beginning of the UTC day of `first_us`, as in `Calendar.day_table`.
    bucket_us
        Width of a bucket; a narrower one gives more rows and fewer columns.

    Raises
    ------
    YearNotCoveredError
        If the window leaves the covered years.
    """
    table = calendar.day_table(first_us, last_us)
    is_open = table.ends_us > table.starts_us
    starts = (table.day[:, np.newaxis] * DAY_US + table.starts_us)[is_open]
    lengths = (table.ends_us - table.starts_us)[is_open]
    passed = np.cumsum(lengths) - lengths
    first_bucket = passed // bucket_us
    reach = (passed + lengths - 1) // bucket_us - first_bucket + 1
    opening = np.repeat(np.arange(len(starts)), reach)
    bucket = first_bucket[opening] + np.arange(len(opening)) - np.repeat(np.cumsum(reach) - reach, reach)
    counts = np.bincount(bucket)
    column = np.arange(len(bucket)) - (np.cumsum(counts) - counts)[bucket]
    shape = (len(counts), int(counts.max(initial=1)))
    table_passed = np.full(shape, np.iinfo(np.int64).max, dtype=np.int64)
    table_instants = np.zeros(shape, dtype=np.int64)
    table_passed[bucket, column] = passed[opening]
    table_instants[bucket, column] = starts[opening]
    return WorkingInstants(bucket_us, np.arange(len(counts), dtype=np.int64), table_passed, table_instants)
