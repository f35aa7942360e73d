"""When a term ends: the rules of law, day by day. The tables of `term_tables` compute the same for an engine.

**Days.** Counting begins with the day after the event (or with its own day, if the term is counted from the event) and
takes in calendar days or working days. A day counts if the clock runs at its end: the day on which the clock is
stopped does not count, the day on which it starts again does. The term is over at 24:00 of the day that completes the
count; if that is a day off and the term rolls over, at 24:00 of the next (or last) working day.

**Working hours.** Working time counts from the event (or from 24:00 of its day) while the clock runs. The term is over
at the moment that completes it – closing time rather than the next opening.

**Extension.** One that happens before the term is over adds its amount, once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from potok.core.calendars import Calendar
from potok.core.regulations.regulation import CountedFrom, RollOver, Term, TermUnit
from potok.core.time_units import DAY_US

ONE_DAY: Final = timedelta(days=1)

Stop = tuple[int, int | None]
"""From which instant to which the clock stands, µs UTC; None: it still stands."""


def due_at_us(
    term: Term,
    start_us: int,
    calendar: Calendar,
    *,
    stopped: Sequence[Stop] = (),
    extended_at_us: Sequence[int] = (),
) -> int | None:
    """Compute the instant at which a term is over; what happens at that instant or later is late.

    Parameters
    ----------
    term
        The term.
    start_us
        Instant of the event that starts it, µs UTC.
    calendar
        The calendar whose days and hours count.
    stopped
        Stretches in which the clock stands; they may overlap.
    extended_at_us
        Instants of extensions; only the term's own `extension` says by how much.

    Returns
    -------
    int or None
        µs UTC; None if the clock still stands.

    Raises
    ------
    YearNotCoveredError
        If the count leaves the years that the calendar covers.
    """
    due = _due(term, start_us, calendar, stopped)
    if due is None or term.extension is None or not any(at <= due for at in extended_at_us):
        return due
    return _due(replace(term, amount=term.amount + term.extension.amount), start_us, calendar, stopped)


def warn_at_us(term: Term, due_us: int, calendar: Calendar) -> int:
    """Compute from which instant a case counts as about to breach a term that is over at `due_us`.

    For a term in days: the beginning of the day that lies `warn_before` days (of its unit) before the last day. For
    one in hours: the instant after which `warn_before` working hours are left.

    Raises
    ------
    YearNotCoveredError
        If the count leaves the years that the calendar covers.
    """
    if term.unit is TermUnit.WORKING_HOURS:
        return _hours_before(term.warn_before * 3_600_000_000, due_us, calendar)
    day = calendar.local_date(due_us - 1)
    left = term.warn_before
    while left:
        day -= ONE_DAY
        left -= _counts(term, day, calendar)
    return calendar.day_end_us(day - ONE_DAY)


def _hours_before(working_us: int, due_us: int, calendar: Calendar) -> int:
    left, until = working_us, due_us
    while left:
        starts, ends = calendar.open_intervals(until - DAY_US, until)
        for start, end in zip(reversed(starts.tolist()), reversed(ends.tolist()), strict=True):
            if left < end - start:
                return int(end - left)
            left -= end - start
            if not left:
                return int(start)
        until -= DAY_US
    return until


def _due(term: Term, start_us: int, calendar: Calendar, stopped: Sequence[Stop]) -> int | None:
    if term.unit is TermUnit.WORKING_HOURS:
        return _due_in_hours(term, start_us, calendar, stopped)
    day = _last_day(term, start_us, calendar, stopped)
    return None if day is None else calendar.day_end_us(_rolled_over(term, day, calendar))


def _last_day(term: Term, start_us: int, calendar: Calendar, stopped: Sequence[Stop]) -> date | None:
    """Return the day that completes the count; None if the clock stands for good before."""
    days_stopped = [
        (calendar.local_date(begin), None if end is None else calendar.local_date(end)) for begin, end in stopped
    ]
    day = calendar.local_date(start_us) - (ONE_DAY if term.counted_from is CountedFrom.EVENT else timedelta(0))
    left = term.amount
    while left:
        day += ONE_DAY
        standing = [end for begin, end in days_stopped if begin <= day and (end is None or day < end)]
        if None in standing:
            return None
        left -= _counts(term, day, calendar) and not standing
    return day


def _counts(term: Term, day: date, calendar: Calendar) -> bool:
    return term.unit is TermUnit.CALENDAR_DAYS or calendar.is_working_day(day)


def _rolled_over(term: Term, day: date, calendar: Calendar) -> date:
    if term.rolls_over is RollOver.NONE:
        return day
    step = ONE_DAY if term.rolls_over is RollOver.FORWARD else -ONE_DAY
    while not calendar.is_working_day(day):
        day += step
    return day


def _due_in_hours(term: Term, start_us: int, calendar: Calendar, stopped: Sequence[Stop]) -> int | None:
    is_event = term.counted_from is CountedFrom.EVENT
    at = start_us if is_event else calendar.day_end_us(calendar.local_date(start_us))
    left = term.amount * 3_600_000_000
    for begin, end in _joined(stopped, at):
        due = calendar.working_instant_us(at, left)
        if due <= begin:
            return due
        if end is None:
            return None
        left -= int(calendar.working_us(at, begin))
        at = end
    return calendar.working_instant_us(at, left)


def _joined(stopped: Sequence[Stop], start_us: int) -> Iterator[Stop]:
    """Yield stops in order, clipped to begin no earlier than the start and joined where they meet."""
    edges = sorted(
        (max(begin, start_us), float("inf") if end is None else end)
        for begin, end in stopped
        if end is None or end > start_us
    )
    joined: list[tuple[int, float]] = []
    for begin, end in edges:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    for begin, end in joined:
        yield begin, None if end == float("inf") else int(end)
