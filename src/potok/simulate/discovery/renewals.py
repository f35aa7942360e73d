"""Arrivals one after another: whether cases come so, and at what times.

Counted in the open time of some calendar, the times between openings vary less than those of independent arrivals,
whose standard deviation is their mean. Or they pass at any hour, and what would fall into closed time is put off to the
next opening: then the first case of a morning comes at the very opening. When it would have come is known only between
bounds, and the distribution of the times is estimated from these (Turnbull 1976).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, SECOND_US
from potok.discover.extraneous_delay.interval_censored import collect_bounds, estimate_distribution
from potok.discover.resource_calendars.work import Integers
from potok.simulate.discovery.counting import effective_share, weighted_counts
from potok.simulate.discovery.families import fit_distribution
from potok.simulate.model import ArrivalKind, Arrivals, Distribution, fixed
from potok.simulate.model.distributions import mean_seconds

Reals = npt.NDArray[np.float64]

LEAST_REGULAR: Final = 30
REGULAR_VARIATION: Final = 0.35
"""Coefficient of variation of times between arrivals below which they always follow one another."""
INDEPENDENT_VARIATION: Final = 0.8
"""From this on they never do; between, where it lies `STANDARD_ERRORS` below that of independent arrivals."""
STANDARD_ERRORS: Final = 4.0
TIMEKEEPING: Final = -0.25
SAME: Final = 0.002
"""Times that differ by no more than this share are the same."""
LEAST_PUT_OFF: Final = 10
PUT_OFF_SHARE: Final = 0.25
_AT_ONCE_US: Final = SECOND_US
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LOOK_BACK_US: Final = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class Renewal:
    """How cases come one after another.

    Parameters
    ----------
    calendar
        Name; empty: at any hour.
    low_seconds, high_seconds
        (m − 1,) bounds of the times between arrivals, equal where they are known.
    variation
        Coefficient of variation of those that are known.
    is_put_off
        Whether they pass at any hour, and closed time puts arrivals off.
    """

    calendar: str
    low_seconds: Reals
    high_seconds: Reals
    variation: float
    is_put_off: bool


def find_renewal(opened_us: Integers, calendars: Mapping[str, Calendar]) -> Renewal | None:
    """Find the calendar in whose open time cases come one after another, or that puts them off; None if none does.

    Parameters
    ----------
    opened_us
        (m,) int64: when cases were opened, ascending.
    calendars
        By name.
    """
    if len(opened_us) < LEAST_REGULAR:
        return None
    covering = {
        name: calendar
        for name, calendar in sorted(calendars.items())
        if calendar.covers(int(opened_us[0]) - DAY_US, int(opened_us[-1]) + DAY_US)
    }
    put_off = [found for name, calendar in covering.items() if (found := _put_off(opened_us, name, calendar))]
    if put_off:
        # Hours in which none comes are not those that arrivals wait for; the fewer, the wider are the bounds.
        return max(put_off, key=lambda one: float((one.high_seconds - one.low_seconds).sum()))
    every = [_in_open_time(opened_us, "", None), *(_in_open_time(opened_us, *named) for named in covering.items())]
    best = min((one for one in every if one is not None), key=lambda one: one.variation, default=None)
    below_chance = 1.0 - STANDARD_ERRORS / len(opened_us) ** 0.5
    limit = min(max(REGULAR_VARIATION, below_chance), INDEPENDENT_VARIATION)
    return best if best is not None and best.variation < limit else None


def learn_renewal(opened_us: Integers, weights: Reals, found: Renewal, calendar: Calendar | None) -> Arrivals:
    """Learn the times between arrivals.

    Parameters
    ----------
    weights
        (m,) how often each case counts.
    """
    fitted = _between(found, weights[1:])
    # Renewals begin with a wait: the first case came when it was over.
    in_open_time = None if found.is_put_off else calendar
    before = _before(int(opened_us[0]), round(mean_seconds(fitted) * SECOND_US), in_open_time)
    return Arrivals(
        kind=ArrivalKind.RENEWAL,
        start_at=_EPOCH + timedelta(microseconds=before),
        inter_arrival=fitted,
        calendar=found.calendar,
        is_put_off=found.is_put_off,
    )


def _in_open_time(opened: Integers, name: str, calendar: Calendar | None) -> Renewal | None:
    passed = np.diff(opened) if calendar is None else calendar.working_us(opened[:-1], opened[1:])
    seconds = np.maximum(passed / SECOND_US, 0.0)
    mean = float(seconds.mean())
    return Renewal(name, seconds, seconds, float(seconds.std()) / mean, is_put_off=False) if mean > 0 else None


def _put_off(opened: Integers, name: str, calendar: Calendar) -> Renewal | None:
    """Return how arrivals are put off by a calendar: of those behind closed time, one comes at the very opening.

    Where openings of cases are not logged they are their first starts, and a case that was put off may have waited
    for people: what comes sooner after the opening than one case usually comes after another was put off, too.
    """
    starts, ends = calendar.open_intervals(int(opened[0]) - DAY_US, int(opened[-1]) + DAY_US)
    if len(starts) < 2:
        return None
    gaps = np.diff(opened)
    span = np.maximum(np.searchsorted(starts, opened, side="right") - 1, 0)
    is_behind = np.diff(span) > 0
    since = opened[1:] - starts[span[1:]]
    at_once = is_behind & (since <= _AT_ONCE_US)
    together = at_once & np.append(gaps[1:] <= _AT_ONCE_US, False)
    if at_once.sum() < max(LEAST_PUT_OFF, PUT_OFF_SHARE * is_behind.sum()) or together.sum() > 0.5 * at_once.sum():
        return None
    usual = float(np.median(gaps[~is_behind])) if (~is_behind).any() else 0.0
    is_put_off = is_behind & (since <= max(usual, _AT_ONCE_US))
    closed_at = ends[np.maximum(span[1:] - 1, 0)]
    low = np.where(is_put_off, np.maximum(closed_at - opened[:-1], 0), gaps) / SECOND_US
    known = low[~is_put_off]
    variation = float(known.std() / known.mean()) if len(known) and known.mean() > 0 else 0.0
    return Renewal(name, low, gaps / SECOND_US, variation, is_put_off=True)


def _between(found: Renewal, weight: Reals) -> Distribution:
    low, high = found.low_seconds, found.high_seconds
    known = low[high <= low]
    middle = float(np.median(known)) if len(known) else 0.0
    if (np.abs(known - middle) <= SAME * middle).sum() > max(len(known) / 2, 1):
        # What is longer or shorter now and then is the wait of a first instance.
        return fixed(middle)
    if len(known) and _keeps_time(known):
        return fixed(float(known.mean()))
    if len(known) == len(low):
        return fit_distribution(low, weight).distribution
    if not weight.any():
        weight = np.ones(len(low))
    grid = collect_bounds(low, high)
    estimated = estimate_distribution(grid, weighted_counts(grid.pair, weight, len(grid.low)))
    mass = estimated.share * weight.sum()
    return fit_distribution(estimated.from_seconds, mass, told=effective_share(weight)).distribution


def _keeps_time(seconds: Reals) -> bool:
    """Return whether a late arrival leaves the next one on time.

    So it is where cases come at equal distances and their first instance waits a little: what is long before is short
    behind. Of arrivals truly one after another neighbours tell nothing of each other.
    """
    centred = seconds - seconds.mean()
    spread = float(centred @ centred)
    return spread > 0 and float(centred[1:] @ centred[:-1]) / spread < TIMEKEEPING


def _before(instant: int, open_us: int, calendar: Calendar | None) -> int:
    """Return the instant since which so much open time has passed; at most a month is looked back."""
    if calendar is None:
        return instant - open_us
    starts, ends = calendar.open_intervals(instant - _LOOK_BACK_US, instant)
    left = open_us
    for start, end in zip(starts[::-1].tolist(), ends[::-1].tolist(), strict=True):
        if left <= end - start:
            return int(end - left)
        left -= end - start
    return instant - _LOOK_BACK_US
