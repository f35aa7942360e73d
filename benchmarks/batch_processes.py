"""Made-up people who let work gather and begin it by a known rule, or by none.

One person gets work of one kind at random instants, does other things in between, and begins what has gathered when the
rule says so and nothing else is being done. The rule is asked at every instant at which its answer can change:
arrivals, whole quarters of hours, the end of the wait, and whenever the person becomes free.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

import numpy as np

from potok.discover.batches import FiringRules, discover_firing_rules, find_batches
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars import OwnedSpans
from potok.discover.resource_clocks import make_clocks

MINUTE: Final = 60_000_000
QUARTER, HOUR, DAY = 15 * MINUTE, 60 * MINUTE, 24 * 60 * MINUTE
WEEK: Final = 7 * DAY
# Monday, 4 January 2021, in UTC.
MONDAY: Final = 1_609_718_400_000_000
ALL_DAYS: Final = tuple(range(7))
BATCHED, OTHER = 0, 1


@dataclass(frozen=True, slots=True)
class PlantedRule:
    """A rule: so many in the window, or full, or waited for so long; at random if `is_random`."""

    name: str
    minimum_size: int | None = None
    weekdays: tuple[int, ...] = ALL_DAYS
    hours: tuple[int, int] | None = None
    full_size: int | None = None
    wait_hours: float | None = None
    is_random: bool = False

    @property
    def has_window(self) -> bool:
        """Whether weekday or hour play a part."""
        return self.weekdays != ALL_DAYS or self.hours is not None


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever batches.

    Parameters
    ----------
    arrivals_a_day
        Of the batched work, on average, round the clock.
    is_office
        Whether he is there from Monday to Friday, nine to five, only.
    other_share
        Of the time, with other work.
    slips
        Share of the arrivals at which all is begun although the rule does not say so.
    """

    arrivals_a_day: float = 6.0
    is_office: bool = False
    other_share: float = 0.2
    slips: float = 0.0


@dataclass
class _Desk:
    """What lies on the desk, and what has been done."""

    random: Random
    rows: list[tuple[int, int, int, int]]
    waiting: list[int]
    free_from: int = MONDAY

    def begin_all(self, at: int) -> None:
        for enabled in self.waiting:
            length = self.random.randrange(2, 6) * MINUTE
            self.rows.append((BATCHED, enabled, at, at + length))
            at += length
        self.waiting = []
        self.free_from = at

    def do_other(self, at: int) -> None:
        length = self.random.randrange(10, 50) * MINUTE
        self.rows.append((OTHER, at, at, at + length))
        self.free_from = at + length


def make_log(rule: PlantedRule, person: Person, *, weeks: int, seed: int) -> Instances:
    """Return the work of a person; activity 0 is batched, 1 is all other."""
    random = Random(seed)
    desk, at, end = _Desk(random, [], []), MONDAY, MONDAY + weeks * WEEK
    arrival = at + _gap(random, person.arrivals_a_day)
    lags = _Lags(random)
    while at < end:
        while arrival <= at:
            desk.waiting.append(arrival)
            arrival += _gap(random, person.arrivals_a_day)
        if desk.free_from <= at and _is_there(at, person):
            if desk.waiting and _is_begun(rule, person, desk, at, lags):
                desk.begin_all(at)
            elif at % QUARTER == 0 and random.random() < person.other_share / 2:
                desk.do_other(at)
        at = _next_instant(at, arrival, desk, rule)
    return _instances(desk.rows)


class _Lags:
    """How long after the window opens the person comes to it, anew each day."""

    def __init__(self, random: Random) -> None:
        self.random, self.known = random, {}

    def of(self, day: int) -> int:
        return self.known.setdefault(day, self.random.randrange(4) * QUARTER)


def _is_begun(rule: PlantedRule, person: Person, desk: _Desk, at: int, lags: _Lags) -> bool:
    is_slip = desk.waiting[-1] == at and desk.random.random() < person.slips
    if rule.is_random:
        return at % QUARTER == 0 and desk.random.random() < 1 / 40
    size, waited = len(desk.waiting), at - desk.waiting[0]
    is_full = rule.full_size is not None and size >= rule.full_size
    is_late = rule.wait_hours is not None and waited >= rule.wait_hours * HOUR
    is_usual = (rule.has_window or rule.minimum_size is not None) and size >= (rule.minimum_size or 1)
    return is_slip or is_full or is_late or (is_usual and (not rule.has_window or _is_open(rule, at, lags)))


def _is_open(rule: PlantedRule, at: int, lags: _Lags) -> bool:
    if (at - MONDAY) // DAY % 7 not in rule.weekdays:
        return False
    first, end = rule.hours or (0, 24)
    return first * HOUR + lags.of(at // DAY) <= at % DAY < end * HOUR


def _is_there(at: int, person: Person) -> bool:
    return not person.is_office or ((at - MONDAY) // DAY % 7 < 5 and 9 * HOUR <= at % DAY < 17 * HOUR)


def _gap(random: Random, a_day: float) -> int:
    return max(int(random.expovariate(a_day) * DAY), 1)


def _next_instant(at: int, arrival: int, desk: _Desk, rule: PlantedRule) -> int:
    following = [arrival, at // QUARTER * QUARTER + QUARTER]
    if desk.free_from > at:
        following.append(desk.free_from)
    if desk.waiting and rule.wait_hours is not None:
        following.append(desk.waiting[0] + int(rule.wait_hours * HOUR))
    return min(instant for instant in following if instant > at)


def _instances(rows: list[tuple[int, int, int, int]]) -> Instances:
    activity, enabled, started, completed = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    n = len(rows)
    return Instances(
        case=np.arange(n),
        position=np.zeros(n, np.int32),
        activity=activity.astype(np.int32),
        resource=np.zeros(n, np.int32),
        org_unit=np.full(n, -1, np.int32),
        enabled_us=enabled,
        started_us=started,
        completed_us=completed,
    )


def find_rules(held: Instances, person: Person) -> FiringRules:
    """Find the rules in a made-up log, the hours of the person being known."""
    duty = None
    if person.is_office:
        last = int(held.completed_us.max())
        days = [day for day in range(MONDAY, last + DAY, DAY) if (day - MONDAY) // DAY % 7 < 5]
        starts = np.array(days, np.int64) + 9 * HOUR
        duty = OwnedSpans(np.array([0, len(days)]), starts, starts + 8 * HOUR)
    clocks = make_clocks(1, duty=duty)
    batches = find_batches(held, held.enabled_us, clocks=clocks)
    return discover_firing_rules(held, held.enabled_us, batches, clocks=clocks)


def is_found(rule: PlantedRule, found: FiringRules) -> bool:
    """Return whether a planted rule was found as it is, the wait to 5 %; for none, whether none was found."""
    one = found.of(BATCHED)
    if one is None or rule.is_random:
        return one is None and rule.is_random
    wait = one.maximum_wait_seconds
    is_wait = (wait is None) == (rule.wait_hours is None)
    if is_wait and wait is not None and rule.wait_hours is not None:
        is_wait = abs(wait - 3600 * rule.wait_hours) <= 0.05 * 3600 * rule.wait_hours
    sizes = (rule.minimum_size or (1 if rule.has_window else None), rule.full_size)
    window = (rule.weekdays, rule.hours)
    return is_wait and (one.minimum_size, one.full_size) == sizes and (one.weekdays, one.hours) == window


PLANTED: Final[tuple[tuple[PlantedRule, Person], ...]] = (
    (PlantedRule("8 gathered", minimum_size=8), Person()),
    (PlantedRule("8 gathered, in office hours", minimum_size=8), Person(is_office=True, arrivals_a_day=4)),
    (PlantedRule("Mondays, 10–11", weekdays=(0,), hours=(10, 11)), Person(arrivals_a_day=1)),
    (PlantedRule("daily, 9–10", hours=(9, 10)), Person()),
    (PlantedRule("Tuesdays and Thursdays", weekdays=(1, 3)), Person(arrivals_a_day=2)),
    (PlantedRule("Fridays, 10–11, from 6 on", 6, (4,), (10, 11)), Person(arrivals_a_day=0.8)),
    (PlantedRule("4 hours waited", wait_hours=4), Person(arrivals_a_day=12)),
    (PlantedRule("10 gathered, or a day waited", minimum_size=10, wait_hours=24), Person(arrivals_a_day=9)),
    (PlantedRule("daily, 9–10, or 9 gathered", hours=(9, 10), full_size=9), Person(arrivals_a_day=8)),
    (PlantedRule("none", is_random=True), Person()),
    (PlantedRule("none, in office hours", is_random=True), Person(is_office=True)),
)
