"""Offsets of a time zone over a window of time, from the `tzdata` package and never from the machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from potok.core.calendars.errors import UnknownCalendarZoneError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US, SECOND_US
from potok.core.zones import open_zone

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Regime:
    """A stretch of time with one offset: from `start_us` to before `end_us` (UTC), local = UTC + `offset_us`."""

    start_us: int
    end_us: int
    offset_us: int


@cache
def load_zone(name: str) -> ZoneInfo:
    """Load the zone of a calendar.

    Raises
    ------
    UnknownCalendarZoneError
        If the tz database has no zone of that name; the nearest are suggested.
    """
    return open_zone(name, error=UnknownCalendarZoneError, where=_("time zone of a calendar"))


def offset_us(zone: ZoneInfo, at_us: int) -> int:
    """Return local time minus UTC at an instant, in microseconds."""
    # Offsets change on whole seconds.
    at = _EPOCH + timedelta(seconds=at_us // SECOND_US)
    offset = at.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) * SECOND_US if offset is not None else 0


def iterate_regimes(zone: ZoneInfo, first_us: int, last_us: int) -> Iterator[Regime]:
    """Yield the stretches with one offset that make up the window from `first_us` to before `last_us`."""
    start, current = first_us, offset_us(zone, first_us)
    probe = first_us
    while probe < last_us:
        # No zone has ever changed its offset twice within a day.
        later = min(probe + DAY_US, last_us)
        offset = offset_us(zone, later)
        if offset != current:
            change = _find_change(zone, probe, later)
            yield Regime(start, change, current)
            start, current = change, offset
        probe = later
    if start < last_us:
        yield Regime(start, last_us, current)


def _find_change(zone: ZoneInfo, low_us: int, high_us: int) -> int:
    before = offset_us(zone, low_us)
    low, high = low_us // SECOND_US, high_us // SECOND_US
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if offset_us(zone, middle * SECOND_US) == before else (low, middle)
    return high * SECOND_US


def local_date(zone: ZoneInfo, at_us: int) -> date:
    """Return the local day of an instant; days follow each other, even where the clock goes back over midnight."""
    on_the_wall = (_EPOCH + timedelta(microseconds=at_us + offset_us(zone, at_us))).date()
    following = on_the_wall + timedelta(days=1)
    return following if at_us >= midnight_us(zone, following) else on_the_wall


def midnight_us(zone: ZoneInfo, day: date) -> int:
    """Return the instant at which a local day begins (the first of two, the end of a gap)."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone)
    offset = wall.utcoffset() or timedelta(0)
    return day_number(day) * DAY_US - int(offset.total_seconds()) * SECOND_US


def day_number(day: date) -> int:
    """Return the number of a day counted from 1970-01-01."""
    return (day - EPOCH_DAY).days


def day_of_number(number: int) -> date:
    """Return the day of a number counted from 1970-01-01."""
    return EPOCH_DAY + timedelta(days=number)
