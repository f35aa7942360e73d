"""When each resource was on duty: its weekly hours over the log's time, without days off.

Nobody tells a log of holidays, leave and illness. Four rules find what can be found. A resource is on duty only from
the first to the last day on which it was seen. A day on which its weekly hours lead one to expect that it is seen, but
on which it is not, is one off. So is a day of its pool's hours on which nobody of the pool is seen, though somebody was
to be expected. Expected is a number of sightings that chance brings to none in fewer than one of a hundred days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.calendars.spans import Spans
from potok.core.calendars.zones import day_of_number, load_zone, midnight_us
from potok.core.time_units import DAY_US, MINUTE_US
from potok.discover.resource_calendars.evidence import DAY_MINUTES, Evidence
from potok.discover.resource_calendars.spans import OwnedSpans, own_spans
from potok.discover.resource_calendars.work import Flags, Integers, ResourceWork
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

# exp(-5) is below one in a hundred.
EXPECTED: Final = 5.0
_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class DutyHours:
    """The weekly hours of a resource.

    Parameters
    ----------
    weekly
        Spans of minutes of each weekday's local clock.
    expected
        (7,): sightings to be expected on a day of duty, by weekday.
    pool
        Number of its pool; resources without one share a number.
    is_own
        Whether they are its own, and not those of a pool.
    """

    weekly: tuple[Spans, ...]
    expected: tuple[float, ...]
    pool: int
    is_own: bool


def duty_spans(
    work: ResourceWork, evidence: Evidence, hours: Sequence[DutyHours | None]
) -> tuple[OwnedSpans, Integers]:
    """Return when each resource was on duty, and on how many days.

    Parameters
    ----------
    hours
        By code of the resource; None where they are unknown.

    Returns
    -------
    OwnedSpans
        By code of the resource; none where the hours are unknown.
    numpy.ndarray
        (n,) int64: days on duty between its first and its last, those off left out.
    """
    owners = len(hours)
    first_day, last_day = int(evidence.day.min()), int(evidence.day.max())
    seen = _seen_days(evidence, owners, first_day, last_day)
    on = np.zeros_like(seen)
    weekday = (np.arange(first_day, last_day + 1) + FIRST_WEEKDAY) % DAYS_A_WEEK
    busy = _busy_days(work, owners, first_day, last_day)
    for code, one in enumerate(hours):
        if one is not None:
            on[code] = _days_on(one, seen[code], busy[code], weekday)
    _drop_common_days_off(on, seen | busy, hours, weekday)
    days = midnights(first_day, last_day, zone=work.zone)
    pools = np.array([-1 if one is None else one.pool for one in hours], dtype=np.int64)
    seen_hours = _seen_hours(evidence, pools, days)
    weeks = _Weeks(days, work.zone, first_day)
    parts = [weeks.spans_of(one, on[code], seen_hours) for code, one in enumerate(hours)]
    return own_spans(parts), on.sum(axis=1, dtype=np.int64)


def midnights(first_day: int, last_day: int, *, zone: str) -> Integers:
    """Return the instants at which local days begin, from the first to the day after the last, both included."""
    opened = load_zone(zone)
    days = range(first_day, last_day + 2)
    return np.array([midnight_us(opened, day_of_number(day)) for day in days], dtype=np.int64)


def _seen_days(evidence: Evidence, owners: int, first_day: int, last_day: int) -> Flags:
    """Return on which days each resource started or completed anything, (owners, days)."""
    seen = np.zeros((owners, last_day - first_day + 1), dtype=bool)
    seen[evidence.resource, evidence.day - first_day] = True
    return seen


def _busy_days(work: ResourceWork, owners: int, first_day: int, last_day: int) -> Flags:
    """Return which days lie wholly within one piece of work of a resource, (owners, days); days are UTC's here."""
    is_long = work.is_worked & (work.completed_us // DAY_US - work.started_us // DAY_US > 1)
    edges = np.zeros((owners, last_day - first_day + 3), dtype=np.int32)
    start = np.clip(work.started_us[is_long] // DAY_US + 1 - first_day, 0, last_day - first_day + 2)
    end = np.clip(work.completed_us[is_long] // DAY_US - first_day, 0, last_day - first_day + 2)
    np.add.at(edges, (work.resource[is_long], start), 1)
    np.add.at(edges, (work.resource[is_long], end), -1)
    return np.asarray(edges.cumsum(axis=1)[:, :-2] > 0)


def _days_on(hours: DutyHours, seen: Flags, busy: Flags, weekday: Integers) -> Flags:
    """Return on which days a resource was on duty by its own evidence."""
    places = np.flatnonzero(seen | busy)
    on = np.zeros(len(seen), dtype=bool)
    if not len(places):
        return on
    on[places[0] : places[-1] + 1] = True
    has_hours = np.array([bool(spans) for spans in hours.weekly])
    expected = np.array(hours.expected)
    is_missed = hours.is_own & (expected[weekday] >= EXPECTED) & ~seen & ~busy
    return np.asarray(on & has_hours[weekday] & ~is_missed)


def _drop_common_days_off(on: Flags, seen: Flags, hours: Sequence[DutyHours | None], weekday: Integers) -> None:
    """Take days off duty on which nobody of a pool was seen, though somebody was to be expected."""
    pools: dict[int, list[int]] = {}
    for code, one in enumerate(hours):
        if one is not None:
            pools.setdefault(one.pool, []).append(code)
    for members in pools.values():
        # Members without a calendar of their own carry the pool's expectation, which counts once.
        expected = {one.expected for code in members if (one := hours[code]) is not None}
        together = np.sum([np.array(one) for one in sorted(expected)], axis=0)
        is_off = ~seen[members].any(axis=0) & (together[weekday] >= EXPECTED)
        on[np.ix_(np.array(members), np.flatnonzero(is_off))] = False


@dataclass(frozen=True, slots=True)
class _SeenHours:
    """When a pool was seen on each day, and how much work it begins in the course of a day of the week.

    Parameters
    ----------
    first_minute, last_minute
        (pools, days) int64: minutes of the local day; 1440 and 0 where nothing was seen.
    is_told
        (days,) bool: days of 24 hours; on others minutes of the clock are not those since midnight.
    begun
        (pools, 7, 1441) float: starts to be expected before each minute.
    """

    first_minute: Integers
    last_minute: Integers
    is_told: Flags
    begun: npt.NDArray[np.float64]


def _seen_hours(evidence: Evidence, pool_of: Integers, days: Integers) -> _SeenHours:
    """Return when each pool was seen on each day; `days` are the midnights around them."""
    pool = pool_of[evidence.resource]
    rows = np.flatnonzero(pool >= 0)
    pools = int(pool_of.max(initial=-1)) + 1
    place = (pool[rows], evidence.day[rows] - int(evidence.day.min()))
    first, last = np.full((pools, len(days) - 1), DAY_MINUTES), np.zeros((pools, len(days) - 1), np.int64)
    np.minimum.at(first, place, evidence.first_minute[rows])
    np.maximum.at(last, place, evidence.last_minute[rows] + 1)
    begun = [_begun_before(evidence, rows[pool[rows] == number]) for number in range(pools)]
    return _SeenHours(first, last, np.diff(days) == DAY_US, np.array(begun))


def _begun_before(evidence: Evidence, rows: Integers) -> npt.NDArray[np.float64]:
    """Return how many starts are to be expected before each minute of a day of the week, (7, 1441).

    What is expected in a slot is the mean of a Poisson distribution that, where it is not zero, has the mean of the
    dates on which anything was begun in the slot. So an hour used on half of the dates, but then busily, is expected to
    be busy, and one with a start now and then is not.
    """
    slots = evidence.slots
    place, which = np.unique(evidence.day[rows] * slots + evidence.slot[rows], return_inverse=True)
    starts = np.bincount(which.reshape(-1), weights=evidence.starts[rows], minlength=len(place))
    place, starts = place[starts > 0], starts[starts > 0]
    of_week = (place // slots + FIRST_WEEKDAY) % DAYS_A_WEEK * slots + place % slots
    dates = np.bincount(of_week, minlength=DAYS_A_WEEK * slots)
    mean = np.bincount(of_week, weights=starts, minlength=DAYS_A_WEEK * slots) / np.maximum(dates, 1)
    expected = mean.copy()
    for _round in range(_ROUNDS):
        expected = mean * -np.expm1(-expected)
    by_minute = np.repeat(
        expected.reshape(DAYS_A_WEEK, slots) / evidence.granularity_minutes, DAY_MINUTES // slots, axis=1
    )
    return np.concatenate([np.zeros((DAYS_A_WEEK, 1)), np.cumsum(by_minute, axis=1)], axis=1)


class _Weeks:
    """Weekly hours laid out over the days of a log, each pattern once."""

    def __init__(self, days: Integers, zone: str, first_day: int) -> None:
        self.days, self.zone, self.first_day = days, zone, first_day
        self.years = day_of_number(first_day).year, day_of_number(first_day + len(days)).year
        self.known: dict[tuple[Spans, ...], tuple[Integers, Integers]] = {}

    def spans_of(self, hours: DutyHours | None, on: Flags, seen: _SeenHours) -> tuple[Integers, Integers]:
        """Return the spans of a resource's weekly hours on its days on duty, cut to when its pool was seen."""
        if hours is None or not on.any():
            none = np.zeros(0, np.int64)
            return none, none
        if hours.weekly not in self.known:
            week = Calendar("week", self.zone, hours.weekly, {}, *self.years)
            window = int(self.days[0]), int(self.days[-1])
            self.known[hours.weekly] = split_by_day(*week.open_intervals(*window), self.days)
        starts, ends = self.known[hours.weekly]
        day = np.searchsorted(self.days, starts, side="right") - 1
        is_on = on[day]
        return join_touching(*self._cut(starts[is_on], ends[is_on], day[is_on], hours.pool, seen))

    def _cut(
        self, starts: Integers, ends: Integers, day: Integers, pool: int, seen: _SeenHours
    ) -> tuple[Integers, Integers]:
        """Cut the spans of days to when a pool was seen, where more is missing than chance leaves out."""
        first, last = seen.first_minute[pool, day], seen.last_minute[pool, day]
        begun = seen.begun[pool, (self.first_day + day + FIRST_WEEKDAY) % DAYS_A_WEEK]
        opened, closed = (np.clip((edge - self.days[day]) // MINUTE_US, 0, DAY_MINUTES) for edge in (starts, ends))
        row = np.arange(len(day))
        is_told = seen.is_told[day] & (first < last)
        is_late = is_told & (begun[row, first] - begun[row, opened] > EXPECTED)
        is_early = is_told & (begun[row, closed] - begun[row, last] > EXPECTED)
        starts = np.where(is_late, np.maximum(starts, self.days[day] + first * MINUTE_US), starts)
        ends = np.where(is_early, np.minimum(ends, self.days[day] + last * MINUTE_US), ends)
        is_left = starts < ends
        return starts[is_left], ends[is_left]


def split_by_day(starts: Integers, ends: Integers, days: Integers) -> tuple[Integers, Integers]:
    """Cut spans at the instants `days`, which reach from before the first to after the last."""
    inner = days[(days > starts[:1].min(initial=days[-1])) & (days < ends[-1:].max(initial=days[0]))]
    row = np.searchsorted(starts, inner, side="right") - 1
    cuts = inner[ends[row] > inner]
    return np.sort(np.concatenate([starts, cuts])), np.sort(np.concatenate([ends, cuts]))


def join_touching(starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Join ascending spans of which one begins where another ends."""
    if not len(starts):
        return starts, ends
    is_new = np.concatenate([[True], starts[1:] > ends[:-1]])
    return starts[is_new], ends[np.roll(is_new, -1)]
