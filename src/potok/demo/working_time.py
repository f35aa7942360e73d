"""The working calendar of a made-up agency: Monday to Friday, 9 to 18 with an hour for lunch.

Two clocks are used. *Local seconds* count from 1970-01-01 00:00 on the agency's own wall clock. *Working seconds*
count only the time in which the agency works, so work that starts on Friday at 17:50 and takes twenty minutes ends on
Monday at 9:10 by plain addition.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

HOUR: Final = 3600
DAY: Final = 24 * HOUR
OPENS: Final = 9 * HOUR
LUNCH_FROM: Final = 13 * HOUR
LUNCH_UNTIL: Final = 14 * HOUR
CLOSES: Final = 18 * HOUR
MORNING: Final = LUNCH_FROM - OPENS
WORKING_DAY: Final = MORNING + CLOSES - LUNCH_UNTIL
FRIDAY: Final = 4

EPOCH: Final = date(1970, 1, 1)

RUSSIAN_HOLIDAYS: Final = frozenset(
    {(1, day) for day in range(1, 9)} | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
)
"""Month and day of the holidays of the Labour Code, article 112, without the yearly transfers of days off."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """The working days of an agency.

    Parameters
    ----------
    days
        Numbers of the working days since 1970-01-01, ascending.
    """

    days: tuple[int, ...]

    def working_seconds(self, local: int) -> int:
        """Return the working seconds that have passed before an instant in local seconds."""
        day, of_day = divmod(local, DAY)
        index = bisect_left(self.days, day)
        passed = _worked_by(of_day) if index < len(self.days) and self.days[index] == day else 0
        return index * WORKING_DAY + passed

    def begin_at(self, working: int) -> int:
        """Return the local second in which work begins that begins after so many working seconds."""
        index, worked = divmod(working, WORKING_DAY)
        of_day = OPENS + worked if worked < MORNING else LUNCH_UNTIL + worked - MORNING
        return self.days[index] * DAY + of_day

    def finish_at(self, working: int) -> int:
        """Return the local second in which work ends; unlike its beginning it may be the moment of closing."""
        return self.begin_at(working - 1) + 1

    def next_day(self, local: int, *, accept: Callable[[int], bool]) -> int:
        """Return the first working day, from the day of `local` on, whose number `accept` takes."""
        index = bisect_left(self.days, local // DAY)
        while not accept(self.days[index]):
            index += 1
        return self.days[index]


def _worked_by(of_day: int) -> int:
    morning = min(max(of_day - OPENS, 0), MORNING)
    return morning + min(max(of_day - LUNCH_UNTIL, 0), WORKING_DAY - MORNING)


def make_calendar(
    first: date, *, last: date, holidays: frozenset[tuple[int, int]] = RUSSIAN_HOLIDAYS
) -> WorkingCalendar:
    """Make the calendar of the weekdays from `first` to `last` that are not holidays (month, day)."""
    candidates = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    worked = (day for day in candidates if day.weekday() <= FRIDAY and (day.month, day.day) not in holidays)
    return WorkingCalendar(days=tuple((day - EPOCH).days for day in worked))


def is_friday(day: int) -> bool:
    """Return whether a day, numbered from 1970-01-01 (a Thursday), is a Friday."""
    return (day + 3) % 7 == FRIDAY


def local_seconds(day: date) -> int:
    """Return the local second in which a day begins."""
    return (day - EPOCH).days * DAY


def wall_clock(local: int) -> datetime:
    """Return an instant in local seconds as a date and time of day; its zone is nominal."""
    return datetime.fromtimestamp(local, tz=UTC)
