"""The clock of a protocol: calendar days, or working days of a calendar whose version is kept."""

from dataclasses import dataclass

import numpy as np

from potok.core.calendars import Calendar, load_calendar
from potok.core.calendars.reading import FEDERAL
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US, MINUTE_US
from potok.log.mapping import UNNAMED_ZONE
from potok.verify.outcomes.errors import MissingCalendarError
from potok.verify.protocol.model import Clock, Estimand
from potok.verify.study import Floats, Integers


@dataclass(frozen=True, slots=True)
class DayClock:
    """Counts days between instants.

    Parameters
    ----------
    calendar
        Whose working time is counted; None counts days of 24 hours.
    day_us
        Microseconds of the clock that make a day: 24 hours, or the mean length of a working day of the calendar's
        ordinary week.
    """

    calendar: Calendar | None
    day_us: float

    @property
    def calendar_id(self) -> str:
        """Hash of the calendar's content, by which its version is frozen; empty for calendar days."""
        return "" if self.calendar is None else self.calendar.calendar_id

    def passed_us(self, starts_us: Integers, ends_us: Integers) -> Integers:
        """Return the time of the clock from each start to its end; negative where the end comes first.

        Raises
        ------
        YearNotCoveredError
            If the calendar does not know a year.
        """
        return ends_us - starts_us if self.calendar is None else self.calendar.working_us(starts_us, ends_us)

    def days(self, starts_us: Integers, ends_us: Integers) -> Floats:
        """Return the days of the clock from each start to its end; errors as `passed_us`."""
        return self.passed_us(starts_us, ends_us) / self.day_us

    def after_us(self, starts_us: Integers, days: float, *, limit_us: int) -> Integers:
        """Return the instant, at most `limit_us`, by which so many days have passed since each start.

        Raises
        ------
        YearNotCoveredError
            If the calendar does not know a year.
        """
        length = round(days * self.day_us)
        if self.calendar is None or not len(starts_us):
            return np.minimum(starts_us + length, limit_us)
        first = int(starts_us.min())
        opened, closed = self.calendar.open_intervals(first, max(first, limit_us))
        ended = np.cumsum(closed - opened)
        wanted = self.calendar.working_us(np.full_like(starts_us, first), starts_us) + length
        place = np.searchsorted(ended, wanted, side="left")
        held = np.minimum(place, max(len(ended) - 1, 0))
        if not len(ended):
            return np.full_like(starts_us, limit_us)
        return np.where(place < len(ended), closed[held] - (ended[held] - wanted), limit_us)


CALENDAR_DAYS = DayClock(None, float(DAY_US))


def clock_of(estimand: Estimand, *, zone: str, calendar: Calendar | None = None) -> DayClock:
    """Return the clock of an estimand.

    Parameters
    ----------
    zone
        Of the logs: the federal calendar is taken in it.
    calendar
        Used in place of the one that the estimand names.

    Raises
    ------
    MissingCalendarError
        If working days are to be counted and no calendar is named.
    UnknownCalendarError, BrokenCalendarError
        If the calendar cannot be loaded.
    """
    if estimand.clock is Clock.CALENDAR_DAYS:
        return CALENDAR_DAYS
    found = calendar or named_calendar(estimand, zone=zone)
    if found is None:
        raise MissingCalendarError(
            _("The protocol counts working days and names no calendar."),
            where="estimand.calendar",
            remedy=_("Name a calendar, such as ru, or count calendar days."),
        )
    return DayClock(found, _working_day_us(found))


def named_calendar(estimand: Estimand, *, zone: str) -> Calendar | None:
    """Return the calendar that an estimand names; None if it names none."""
    name = estimand.calendar
    if not name:
        return None
    return load_calendar(name, zone=zone if name == FEDERAL and zone != UNNAMED_ZONE else None)


def _working_day_us(calendar: Calendar) -> float:
    ordinary = [sum(end - start for start, end in spans) for spans in calendar.weekly if spans]
    special = [sum(end - start for start, end in spans) for spans in calendar.days.values() if spans]
    lengths = ordinary or special
    return sum(lengths) / len(lengths) * MINUTE_US
