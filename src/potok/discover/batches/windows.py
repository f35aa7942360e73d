"""Windows of the week in which batches are begun: some weekdays, some hours of the day, or both together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import HOUR_US
from potok.discover.resource_calendars.work import Flags, Integers
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

DAY_HOURS: Final = 24
WEEK_HOURS: Final = DAYS_A_WEEK * DAY_HOURS
ALL_WEEKDAYS: Final = tuple(range(DAYS_A_WEEK))
NEVER: Final = int(np.iinfo(np.int64).max)
# Which share of the beginnings a window has to hold to be tried; the rest may have another cause.
COVERAGES: Final = (0.95, 0.8, 0.6)
MOST_HOURS: Final = 12

Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the week.

    Parameters
    ----------
    weekdays
        Ascending; Monday is 0.
    hours
        From which hour of the day to before which; the second is no greater than the first where they go over
        midnight. None for the whole day.
    """

    weekdays: tuple[int, ...] = ALL_WEEKDAYS
    hours: tuple[int, int] | None = None

    @property
    def is_open(self) -> Flags:
        """(168,) bool: the hours of the week from Monday 00:00."""
        first, end = self.hours or (0, DAY_HOURS)
        length = (end - first - 1) % DAY_HOURS + 1
        hours = np.zeros(WEEK_HOURS, dtype=bool)
        for weekday in self.weekdays:
            hours[(weekday * DAY_HOURS + first + np.arange(length)) % WEEK_HOURS] = True
        return hours

    def opens(self, local_us: Integers) -> Integers:
        """Return the first instant in the window from each on, on the same clock; `NEVER` of what is never."""
        hour, is_open = hour_of_week(local_us), self.is_open
        until = _hours_until(is_open)[hour]
        opening = np.where(until > 0, _whole_hour(local_us) + until * HOUR_US, local_us)
        return np.where(local_us == NEVER, NEVER, opening)

    def closes(self, local_us: Integers) -> Integers:
        """Return when the window that is open at each instant closes; a whole day closes at midnight."""
        hour = hour_of_week(local_us)
        left = _hours_until(~self.is_open)[hour]
        if self.hours is None:
            left = np.minimum(left, DAY_HOURS - hour % DAY_HOURS)
        return np.where(local_us == NEVER, NEVER, _whole_hour(local_us) + left * HOUR_US)


def hour_of_week(local_us: Integers) -> Integers:
    """Return the hour of the week, from Monday 00:00, of instants of a local clock."""
    return np.asarray((local_us // HOUR_US + FIRST_WEEKDAY * DAY_HOURS) % WEEK_HOURS, dtype=np.int64)


def week_profile(local_us: Integers) -> Shares:
    """Return how instants are spread over the hours of the week, (168,), adding up to 1 unless there are none."""
    counts = np.bincount(hour_of_week(local_us), minlength=WEEK_HOURS)
    return np.asarray(counts / max(len(local_us), 1), dtype=np.float64)


def windows_of(local_us: Integers) -> Iterator[Window]:
    """Yield the windows in which enough of some instants lie, each once."""
    week = week_profile(local_us).reshape(DAYS_A_WEEK, DAY_HOURS)
    found: dict[Window, None] = {}
    for coverage in COVERAGES:
        weekdays = _fewest_weekdays(week.sum(axis=1), coverage)
        hours = _fewest_hours(week.sum(axis=0), coverage)
        own_hours = _fewest_hours(week[list(weekdays)].sum(axis=0), coverage)
        for window in (Window(weekdays), Window(hours=hours), Window(weekdays, hours), Window(weekdays, own_hours)):
            if window != Window():
                found[window] = None
    yield from found


def _fewest_weekdays(share: Shares, coverage: float) -> tuple[int, ...]:
    order = np.argsort(-share, kind="stable")
    enough = int(np.searchsorted(np.cumsum(share[order]), coverage * share.sum())) + 1
    return tuple(sorted(order[:enough].tolist()))


def _fewest_hours(share: Shares, coverage: float) -> tuple[int, int] | None:
    """Return the shortest run of hours of the day that holds so much; None if that is more than half a day."""
    twice = np.concatenate([[0.0], np.cumsum(np.tile(share, 2))])
    for length in range(1, MOST_HOURS + 1):
        held = twice[length : length + DAY_HOURS] - twice[:DAY_HOURS]
        first = int(np.argmax(held))
        if held[first] >= coverage * share.sum():
            return first, (first + length) % DAY_HOURS
    return None


def _hours_until(is_wanted: Flags) -> Integers:
    """Return how long after each hour of the week the first wanted one comes, in hours; a week if there is none."""
    twice = np.tile(is_wanted, 2)
    until = np.full(2 * WEEK_HOURS + 1, WEEK_HOURS)
    for hour in range(2 * WEEK_HOURS - 1, -1, -1):
        until[hour] = 0 if twice[hour] else min(until[hour + 1] + 1, WEEK_HOURS)
    return until[:WEEK_HOURS]


def _whole_hour(local_us: Integers) -> Integers:
    return np.asarray(local_us // HOUR_US * HOUR_US, dtype=np.int64)
