"""What a log shows of when resources work: in which slots of which local days they started or completed something.

Work that lasts over a night says nothing of the night: nobody need have been there. A start or a completion does, so
these alone are evidence (López-Pintado and Dumas).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.calendars.zones import iterate_regimes, load_zone
from potok.core.time_units import DAY_US, MINUTE_US
from potok.discover.resource_calendars.work import Integers, ResourceWork
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

DAY_MINUTES: Final = 1_440
# Days and slots are packed into one number, so that what occurs can be found by sorting once.
_DAYS: Final = 1 << 20
_FIRST_DAY: Final = _DAYS // 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Distinct slots in which a resource was seen, sorted by resource, day and slot.

    Parameters
    ----------
    resource, day, slot
        (n,) int64: code, number of the local day from 1970-01-01, slot of the day.
    events
        (n,) int64: starts and completions in the slot.
    starts
        (n,) int64: starts alone.
    first_minute, last_minute
        (n,) int64: minute of the local day of the first and of the last of these, whatever the day's offset.
    granularity_minutes
        Length of a slot.
    """

    resource: Integers
    day: Integers
    slot: Integers
    events: Integers
    starts: Integers
    first_minute: Integers
    last_minute: Integers
    granularity_minutes: int

    def weekday(self, rows: Integers | slice) -> Integers:
        """Return the day of the week of some rows; Monday is 0."""
        return (self.day[rows] + FIRST_WEEKDAY) % DAYS_A_WEEK

    @property
    def slots(self) -> int:
        """Slots of a day."""
        return DAY_MINUTES // self.granularity_minutes


def local_clock(instants: Integers, *, zone: str) -> Integers:
    """Return instants (microseconds UTC) as the wall clock of a zone shows them."""
    if not len(instants):
        return instants
    first, last = int(instants.min()), int(instants.max())
    regimes = list(iterate_regimes(load_zone(zone), first, last + 1))
    changes = np.array([regime.start_us for regime in regimes[1:]], dtype=np.int64)
    offsets = np.array([regime.offset_us for regime in regimes], dtype=np.int64)
    return np.asarray(instants + offsets[np.searchsorted(changes, instants, side="right")], dtype=np.int64)


def collect_evidence(work: ResourceWork, *, granularity_minutes: int) -> Evidence:
    """Collect where the starts and completions of resources lie on the local clock.

    Parameters
    ----------
    granularity_minutes
        Length of a slot; divides a day.
    """
    is_worked = work.is_worked
    resource = np.tile(work.resource[is_worked].astype(np.int64), 2)
    instants = np.concatenate([work.started_us[is_worked], work.completed_us[is_worked]])
    local = local_clock(instants, zone=work.zone)
    day, minute = local // DAY_US, local % DAY_US // MINUTE_US
    slots = DAY_MINUTES // granularity_minutes
    key = (resource * _DAYS + day + _FIRST_DAY) * slots + minute // granularity_minutes
    order = np.argsort(key, kind="stable")
    key, minute = key[order], minute[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    found = key[first]
    started = np.concatenate([[0], np.cumsum(order < len(order) // 2)])
    place = found // slots
    return Evidence(
        resource=place // _DAYS,
        day=place % _DAYS - _FIRST_DAY,
        slot=found % slots,
        events=np.diff(first, append=len(key)),
        starts=np.diff(started[np.append(first, len(key))]),
        first_minute=np.minimum.reduceat(minute, first) if len(first) else minute,
        last_minute=np.maximum.reduceat(minute, first) if len(first) else minute,
        granularity_minutes=granularity_minutes,
    )
