"""The wall clock in the engine: instants as local time, and the number of the local day.

Local time is carried as microseconds from 1970-01-01 00:00 *on the wall*. Offsets are compiled into nested comparisons
with the instants at which they change, as the engines' own zone data may differ from ours.
"""

from bisect import bisect_right
from datetime import date
from typing import Final

import ibis

from potok.core.calendars.zones import day_of_number, load_zone, midnight_us
from potok.core.time_units import DAY_US, HOUR_US
from potok.log.store import LogStore
from potok.log.zones import Steps, universal_offsets

DAYS_A_WEEK: Final = 7
# 1970-01-01 was a Thursday; Monday is day 0 of a week.
FIRST_WEEKDAY: Final = 3


def zone_of(store: LogStore) -> str:
    """Return the time zone in which a log's days are counted; UTC if it declares none."""
    return str(store.manifest.get("zone") or "UTC")


def local_us(instants: ibis.Value, *, zone: str, first_us: int, last_us: int) -> ibis.Value:
    """Return instants as the wall clock of a zone shows them.

    Parameters
    ----------
    instants
        Microseconds UTC; unknown ones stay unknown.
    first_us, last_us
        Between which instants, both included, they lie. Outside of them the nearest offset is taken.
    """
    steps = universal_offsets(zone)
    first, last = bisect_right(steps.bounds, first_us), bisect_right(steps.bounds, last_us)
    near = Steps(steps.bounds[first:last], steps.values[first : last + 1])
    return (instants + step_value(instants, near)).cast("int64")


def local_day(local: ibis.Value) -> ibis.Value:
    """Return the number of the day, from 1970-01-01, of a local time in microseconds."""
    # Neither engine divides integers downwards, and a quotient of floats errs in the last microseconds of a day.
    within = (local % DAY_US + DAY_US) % DAY_US
    return ((local - within) / DAY_US).round().cast("int64")


def hour_of_week(local: ibis.Value) -> ibis.Value:
    """Return the hour of the week, from Monday 00:00 (0 to 167), of a local time in microseconds."""
    week_us = DAYS_A_WEEK * DAY_US
    within = ((local + FIRST_WEEKDAY * DAY_US) % week_us + week_us) % week_us
    return ((within - within % HOUR_US) / HOUR_US).round().cast("int64")


def day_begins_us(day: int, *, zone: str) -> int:
    """Return the instant at which a local day begins."""
    return midnight_us(load_zone(zone), day_of_number(day))


def day_number_at(at_us: int, *, zone: str) -> int:
    """Return the number of the local day of an instant."""
    steps = universal_offsets(zone)
    return (at_us + steps.values[bisect_right(steps.bounds, at_us)]) // DAY_US


def month_of(day: int) -> date:
    """Return the first day of the month of a day, given by its number."""
    return day_of_number(day).replace(day=1)


def week_of(day: int) -> date:
    """Return the Monday of the week of a day, given by its number."""
    return day_of_number(day - (day + FIRST_WEEKDAY) % DAYS_A_WEEK)


def step_value(value: ibis.Value, steps: Steps) -> ibis.Value:
    """Return the value of a step function of an instant, as nested comparisons."""
    if not steps.bounds:
        return ibis.literal(steps.values[0], "int64")
    middle = len(steps.bounds) // 2
    before = Steps(steps.bounds[:middle], steps.values[: middle + 1])
    after = Steps(steps.bounds[middle + 1 :], steps.values[middle + 1 :])
    return ibis.ifelse(value < steps.bounds[middle], step_value(value, before), step_value(value, after))
