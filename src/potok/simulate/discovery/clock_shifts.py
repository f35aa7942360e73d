"""A log whose clock was moved: from one day on, all that recurs daily happens an hour earlier or later.

Logs that are kept in universal time by people who live with summer time show it, and logs whose zone was stated
wrongly. Hours of duty learnt across such a change are an hour too long on every day. The change is looked for at the
days on which summer time begins or ends somewhere, and by an hour; it is found if the hours before and after agree far
better when the clock is put back.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars.zones import day_of_number, iterate_regimes, load_zone
from potok.core.time_units import DAY_US, HOUR_US, MINUTE_US
from potok.discover.resource_calendars.evidence import local_clock
from potok.discover.resource_calendars.work import Integers

ZONES: Final = ("Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Sydney", "Asia/Tehran")
LEAST_EVENTS: Final = 500
LEAST_GAIN: Final = 0.02
"""Mean gain in log-likelihood per instant from which the clock is taken to have been moved."""
_SLOT_US: Final = 10 * MINUTE_US
_SLOTS: Final = DAY_US // _SLOT_US


@dataclass(frozen=True, slots=True)
class ClockShift:
    """A move of the log's clock.

    Parameters
    ----------
    day
        First local day after it.
    shift_us
        By how much later on the clock things happen from then on; negative: earlier.
    at_us
        The instant at which the day begins, microseconds UTC.
    gain
        Mean gain in log-likelihood per instant.
    """

    day: date
    shift_us: int
    at_us: int
    gain: float

    def put_right(self, instants: Integers) -> Integers:
        """Return instants as if the clock had always been as it is at the end."""
        return np.where(instants < self.at_us, instants + self.shift_us, instants)

    def put_back(self, instants: Integers) -> Integers:
        """Return instants put right as the log has them."""
        return np.where(instants < self.at_us + min(self.shift_us, 0), instants - self.shift_us, instants)


def find_clock_shift(instants: Integers, *, zone: str) -> ClockShift | None:
    """Find the move of a log's clock that explains most, if any does.

    Parameters
    ----------
    instants
        (n,) int64: starts and completions of work, microseconds UTC.
    zone
        On whose clock the log is read.
    """
    if len(instants) < 2 * LEAST_EVENTS:
        return None
    local = local_clock(instants, zone=zone)
    slot, day = local % DAY_US // _SLOT_US, local // DAY_US
    best: tuple[float, int, int] | None = None
    for first_day in _candidates(instants):
        is_before = day < first_day
        if min(int(is_before.sum()), int((~is_before).sum())) < LEAST_EVENTS:
            continue
        before, after = (np.bincount(slot[part], minlength=_SLOTS) for part in (is_before, ~is_before))
        for shift_us in (-HOUR_US, HOUR_US):
            gain = _gain(before, after, shift_us // _SLOT_US)
            if gain > LEAST_GAIN and (best is None or gain > best[0]):
                best = (gain, first_day, shift_us)
    if best is None:
        return None
    gain, first_day, shift_us = best
    at_us = int(instants[day >= first_day].min()) // DAY_US * DAY_US
    return ClockShift(day_of_number(first_day), shift_us, at_us, gain)


def _candidates(instants: Integers) -> list[int]:
    first, last = int(instants.min()), int(instants.max())
    days = {
        regime.start_us // DAY_US
        for name in ZONES
        for regime in list(iterate_regimes(load_zone(name), first, last + 1))[1:]
    }
    # Where a weekend is free, the days around a change are all the same.
    return sorted(days)


def _gain(before: npt.NDArray[np.int64], after: npt.NDArray[np.int64], slots: int) -> float:
    """Return how much better one distribution fits both when the earlier one is moved, per instant."""
    return _likelihood(np.roll(before, slots) + after) - _likelihood(before + after)


def _likelihood(counts: npt.NDArray[np.int64]) -> float:
    share = (counts + 0.5) / (counts.sum() + 0.5 * len(counts))
    return float(counts @ np.log(share) / counts.sum())
