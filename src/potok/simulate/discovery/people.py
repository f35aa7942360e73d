"""Who works in a log: pools, persons, their hours and skills, and what they can do at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.language import mark
from potok.discover.extraneous_delay import DelayRules, ExtraneousDelays, discover_extraneous_delays
from potok.discover.multitasking import Multitasking, discover_multitasking, sweep_levels
from potok.discover.pools import Pools, count_activities, discover_pools
from potok.discover.resource_calendars import (
    CalendarBasis,
    OwnedSpans,
    ResourceCalendars,
    ResourceWork,
    discover_resource_calendars,
)
from potok.discover.resource_calendars.work import NOBODY, UNKNOWN, Flags, Integers
from potok.simulate.discovery.calendars import CalendarFrame, Week, frame_of, is_alike, make_calendar, to_half_hours
from potok.simulate.discovery.clock_shifts import ClockShift

Reals = npt.NDArray[np.float64]

# Hours that differ so little from those of a larger pool are taken for the same.
SAME_AS_OTHERS: Final = 0.03
RARE_INSTANCES: Final = 15
MOST_RARE: Final = 3
DELAYED_SHARE: Final = 0.05
AUTOMATIC_SHARE: Final = 0.1
ALWAYS: Final = 0.9
LEAST_AVAILABILITY: Final = 0.02
_DAYS_A_WEEK: Final = 7

REASONS: Final = {
    "no_resources": mark(
        "The log does not say who did what: the model has as many people as it needs, and waiting is a delay."
    ),
    "no_start_times": mark(
        "The log has no start times: work cannot be told from waiting. The time between two completions is taken for "
        "the time of an activity that needs nobody."
    ),
    "calendars_unknown": mark("When people are on duty cannot be told: they are taken to be there around the clock."),
    "rare_people": mark(
        "People who were hardly ever seen stand in the model as places: as many as were ever at work at once."
    ),
}


@dataclass(frozen=True, slots=True)
class ModelPerson:
    """A person of the model: a resource of the log, or a place that rarely seen ones share.

    Parameters
    ----------
    name
        Unique.
    resources
        Codes of the log that it stands for.
    does
        Codes of activities.
    calendar
        Name; empty: around the clock.
    at_once
        Instances at the same time.
    availability
        Share of the calendar's hours, 0–1.
    absence_seconds
        Mean length of an absence.
    """

    name: str
    resources: tuple[int, ...]
    does: tuple[int, ...]
    calendar: str
    at_once: int
    availability: float
    absence_seconds: float


@dataclass(frozen=True, slots=True)
class People:
    """Who works in a log.

    Parameters
    ----------
    pools
        As discovered; by codes.
    groups
        Name and persons of each pool of the model.
    calendars
        By name.
    calendar_of
        (r,) name of the calendar of each resource; empty: unknown.
    multitasking
        As discovered.
    is_stretched
        (r,) bool: whose work takes longer the more is done at once.
    delays
        Extraneous delays as discovered.
    is_automatic
        (a,) bool: activities that need nobody.
    reasons
        Keys of `REASONS`.
    """

    pools: Pools
    groups: tuple[tuple[str, tuple[ModelPerson, ...]], ...]
    calendars: Mapping[str, Calendar]
    calendar_of: tuple[str, ...]
    multitasking: Multitasking
    is_stretched: Flags
    delays: ExtraneousDelays
    is_automatic: Flags
    reasons: tuple[str, ...]

    @property
    def delayed(self) -> list[int]:
        """Activities of which a share of the instances is delayed."""
        return [one.activity for one in self.delays.activities if (one.delayed_share or 0.0) > DELAYED_SHARE]


def find_people(
    work: ResourceWork, *, resources: Sequence[str], activities: Sequence[str], shift: ClockShift | None
) -> People:
    """Find who works in a log.

    Parameters
    ----------
    work
        With its instants as the log has them.
    resources
        Names, by code.
    activities
        Names, by code; a pool is called after what its people do most.
    shift
        A move of the log's clock.
    """
    pools = discover_pools(count_activities(work))
    right = _put_right(work, shift)
    found = discover_resource_calendars(right, pools=pools.members)
    own = _put_back(found, shift)
    multitasking = discover_multitasking(work)
    is_stretched = _stretched(work, multitasking)
    delays = discover_extraneous_delays(work, own, pools, multitasking=multitasking, rules=DelayRules(bootstraps=0))
    is_automatic = _automatic(work, len(activities))
    if not work.is_worked.any():
        reasons = (
            *(("no_start_times",) if (work.started_us == UNKNOWN).all() else ()),
            *(("no_resources",) if (work.resource < 0).all() else ()),
        )
        everything = np.ones(len(activities), bool)
        none = ("",) * work.resources
        return People(pools, (), {}, none, multitasking, is_stretched, delays, everything, reasons or ("no_resources",))
    builder = _Builder(right, found, pools, frame_of(work, shift=shift), tuple(resources))
    groups = builder.groups(multitasking, is_stretched, is_automatic, activities=activities)
    reasons = (
        *(("calendars_unknown",) if found.reasons else ()),
        *(("rare_people",) if builder.has_places else ()),
        *(("no_resources",) if is_automatic.any() else ()),
    )
    return People(
        pools, groups, builder.calendars, builder.calendar_of, multitasking, is_stretched, delays, is_automatic, reasons
    )


def _put_right(work: ResourceWork, shift: ClockShift | None) -> ResourceWork:
    if shift is None:
        return work
    return replace(work, started_us=shift.put_right(work.started_us), completed_us=shift.put_right(work.completed_us))


def _put_back(found: ResourceCalendars, shift: ClockShift | None) -> ResourceCalendars:
    if shift is None:
        return found
    duty = found.duty
    back = OwnedSpans(duty.offsets, shift.put_back(duty.starts_us), shift.put_back(duty.ends_us))
    return replace(found, duty=back)


def _automatic(work: ResourceWork, activities: int) -> Flags:
    seen = np.bincount(work.activity, minlength=activities)
    staffed = np.bincount(work.activity[work.is_worked], minlength=activities)
    return np.asarray(staffed < AUTOMATIC_SHARE * np.maximum(seen, 1))


def _stretched(work: ResourceWork, multitasking: Multitasking) -> Flags:
    """Return whose work takes longer the more was under way when it began."""
    several = np.zeros(work.resources, bool)
    several[: len(multitasking.limit)] = multitasking.limit > 1
    rows = np.flatnonzero(work.is_worked & (work.completed_us > work.started_us))
    rows = rows[several[work.resource[rows]]]
    stretched = np.zeros(work.resources, bool)
    if not len(rows):
        return stretched
    owner, started, ended = work.resource[rows].astype(np.int64), work.started_us[rows], work.completed_us[rows]
    _owner, _at, level, is_start = sweep_levels(owner, started, ended)
    begun = np.lexsort((started, owner))
    x = np.empty(len(rows))
    x[begun] = np.log(level[is_start])
    y = np.log((ended - started).astype(np.float64))
    for values in (x, y):
        sums = np.bincount(work.activity[rows], weights=values)
        values -= (sums / np.maximum(np.bincount(work.activity[rows]), 1))[work.activity[rows]]
    for code in np.unique(owner).tolist():
        held = owner == code
        stretched[code] = _is_proportional(x[held], y[held])
    return stretched


def _is_proportional(x: Reals, y: Reals) -> bool:
    if len(x) < 30 or x.var() <= 0 or y.var() <= 0:
        return False
    slope = float(np.cov(x, y)[0, 1] / x.var(ddof=1))
    correlation = float(np.corrcoef(x, y)[0, 1])
    return slope > 0.5 and correlation * np.sqrt(len(x)) > 4.0


def overlaps(starts: Integers, ends: Integers, others_from: Integers, others_to: Integers) -> Integers:
    """Return for how long each span overlaps others; these ascend and do not overlap each other."""
    lengths = np.concatenate([[0], np.cumsum(others_to - others_from)])

    def passed(at: Integers) -> Integers:
        place = np.searchsorted(others_from, at, side="right")
        over = np.minimum(at, others_to[np.maximum(place - 1, 0)]) - others_from[np.maximum(place - 1, 0)]
        return np.asarray(np.where(place > 0, lengths[np.maximum(place - 1, 0)] + over, 0))

    return passed(ends) - passed(starts) if len(others_from) else np.zeros(len(starts), np.int64)


def left_over(
    starts: Integers, ends: Integers, others_from: Integers, others_to: Integers
) -> tuple[Integers, Integers]:
    """Return the parts of spans that no other span covers; each kind ascends and does not overlap itself."""
    cuts = np.unique(np.concatenate([starts, ends, others_from, others_to]))
    first, last = cuts[:-1], cuts[1:]

    def is_inside(since: Integers, until: Integers) -> Flags:
        return np.asarray(np.searchsorted(since, first, side="right") > np.searchsorted(until, first, side="right"))

    is_left = is_inside(starts, ends) & ~is_inside(others_from, others_to)
    return first[is_left], last[is_left]


class _Builder:
    """Builds pools and persons of the model from what was discovered."""

    def __init__(
        self, work: ResourceWork, found: ResourceCalendars, pools: Pools, frame: CalendarFrame, names: tuple[str, ...]
    ) -> None:
        self.work, self.found, self.pools, self.frame, self.names = work, found, pools, frame, names
        self.calendars: dict[str, Calendar] = {}
        self._by_week: dict[Week, str] = {}
        self._own = {one.resource: one for one in found.calendars}
        self.calendar_of: tuple[str, ...] = ("",) * work.resources
        self.has_places = False
        self._instances = np.bincount(work.resource[work.is_worked], minlength=work.resources)
        self._capable = self._who_can()
        self._duty = found.duty.total_us()

    def groups(
        self, multitasking: Multitasking, is_stretched: Flags, is_automatic: Flags, *, activities: Sequence[str]
    ) -> tuple[tuple[str, tuple[ModelPerson, ...]], ...]:
        """Return name and persons of each pool."""
        members = self._members()
        weeks = self._weeks(members)
        names, groups = list(self.calendar_of), []
        taken: set[str] = set()
        for held, week in zip(members, weeks, strict=True):
            persons = []
            rare = [code for code in held if self._instances[code] < RARE_INSTANCES]
            rare = rare if len(rare) > MOST_RARE else []
            for code in held:
                names[code] = self._name(week if code in rare else self._week(code, week))
                if code not in rare:
                    level = 1 if is_stretched[code] else max(int(multitasking.limit[code]), 1)
                    persons.append(self._person(code, names[code], level, is_automatic))
            if rare:
                persons += self._places(rare, self._name(week), is_automatic)
            doing = [person for person in persons if person.does]
            if doing:
                groups.append((self._pool_name(held, activities, taken), tuple(doing)))
        self.calendar_of = tuple(names)
        return tuple(groups)

    def _pool_name(self, held: list[int], activities: Sequence[str], taken: set[str]) -> str:
        """Return the activity that the pool does most, numbered if another pool is called so."""
        counts = self.pools.counts[held].sum(axis=0)
        base = activities[int(np.argmax(counts))] if counts.any() else self.names[held[0]]
        numbered = (f"{base} ({number})" for number in range(2, len(taken) + 3))
        name = next(one for one in (base, *numbered) if one not in taken)
        taken.add(name)
        return name

    def _who_can(self) -> Flags:
        capable = self.pools.capable()
        if not capable.shape[1]:
            return np.zeros((self.work.resources, int(self.work.activity.max(initial=-1)) + 1), bool)
        orphaned = ~capable.any(axis=0)
        capable[:, orphaned] = (self.pools.counts > 0)[:, orphaned]
        # Who did only what others do far more often would be left with nothing to do.
        idle = ~capable.any(axis=1)
        capable[idle] = (self.pools.counts > 0)[idle]
        return capable

    def _members(self) -> list[list[int]]:
        """Return the resources of each pool, each once; those of none by what they mostly do."""
        members: list[list[int]] = []
        placed: set[int] = set()
        for pool in self.pools.pools:
            members.append([code for code in pool.resources if code not in placed and self._instances[code]])
            placed.update(pool.resources)
        left = [code for code in range(self.work.resources) if code not in placed and self._instances[code]]
        by_main: dict[int, list[int]] = {}
        for code in left:
            main = int(np.argmax(self.pools.counts[code])) if self.pools.counts.shape[1] else 0
            by_main.setdefault(main, []).append(code)
        return [held for held in [*members, *(by_main[main] for main in sorted(by_main))] if held]

    def _weeks(self, members: list[list[int]]) -> list[Week]:
        """Return the weekly hours of each pool taken as one; seven empty days where they are unknown."""
        pool_of = np.full(self.work.resources + 1, NOBODY, np.int32)
        for place, held in enumerate(members):
            pool_of[held] = place
        together = discover_resource_calendars(replace(self.work, resource=pool_of[self.work.resource]))
        weeks: list[Week] = [((),) * _DAYS_A_WEEK] * len(members)
        for one in together.calendars:
            weeks[one.resource] = to_half_hours(one.weekly)
        return weeks

    def _week(self, code: int, week: Week) -> Week:
        own = self._own.get(code)
        if own is None or own.basis is not CalendarBasis.OWN or is_alike(own.weekly, week):
            return week if any(week) or own is None else own.weekly
        return to_half_hours(own.weekly)

    def _name(self, week: Week) -> str:
        if not any(week):
            return ""
        week = next((known for known in self._by_week if is_alike(week, known, share=SAME_AS_OTHERS)), week)
        if week not in self._by_week:
            name = f"hours {len(self._by_week) + 1}"
            self._by_week[week] = name
            self.calendars[name] = make_calendar(name, week, self.frame)
        return self._by_week[week]

    def _person(self, code: int, calendar: str, at_once: int, is_automatic: Flags) -> ModelPerson:
        does = tuple(int(one) for one in np.flatnonzero(self._capable[code]) if not is_automatic[one])
        availability, absence = self._availability(code, calendar)
        return ModelPerson(self.names[code], (code,), does, calendar, at_once, availability, absence)

    def _availability(self, code: int, calendar: str) -> tuple[float, float]:
        """Return for which share of its calendar's hours a resource was there, and the mean hours of a day.

        Hours in which it was not seen are those of an absence only if it was missed.
        """
        if not calendar or not self._duty[code]:
            return 1.0, 3600.0
        held = self.calendars[calendar]
        at = self.work.started_us[self.work.is_worked]
        first, last = int(at.min()), int(self.work.completed_us[self.work.is_worked].max())
        starts, ends = held.open_intervals(first, last)
        there = int(overlaps(starts, ends, *self._there(code)).sum())
        away_from, away_to = left_over(starts, ends, *self._there(code))
        away = int((away_to - away_from)[self._was_missed(code, away_from, away_to)].sum())
        share = there / max(there + away, 1)
        days = sum(1 for spans in held.weekly if spans)
        minutes = sum(end - start for spans in held.weekly for start, end in spans)
        day_seconds = 60.0 * minutes / max(days, 1)
        return (1.0 if share >= ALWAYS else max(share, LEAST_AVAILABILITY)), day_seconds

    def _was_missed(self, code: int, starts: Integers, ends: Integers) -> Flags:
        """Return through which open hours something that a resource does lay waiting from beginning to end.

        Hours in which nobody waited say nothing of who was there.
        """
        work = self.work
        waits = work.is_worked & (work.enabled_us != UNKNOWN) & self._capable[code, work.activity]
        order = np.argsort(work.enabled_us[waits], kind="stable")
        enabled = work.enabled_us[waits][order]
        # Of what was ready by then, the one that was begun last.
        begun = np.concatenate([[UNKNOWN], np.maximum.accumulate(work.started_us[waits][order])])
        return np.asarray(begun[np.searchsorted(enabled, starts, side="right")] >= ends)

    def _there(self, code: int) -> tuple[Integers, Integers]:
        """Return when a resource was on duty or at work: who works for days is not away while nothing is logged."""
        rows = np.flatnonzero(self.work.is_worked & (self.work.resource == code))
        duty = self.found.duty.of(code)
        starts = np.concatenate([duty[0], self.work.started_us[rows]])
        ends = np.concatenate([duty[1], self.work.completed_us[rows]])
        order = np.argsort(starts, kind="stable")
        starts, reach = starts[order], np.maximum.accumulate(ends[order])
        opens = np.append(True, starts[1:] > reach[:-1])
        return starts[opens], reach[np.append(opens[1:], True)]

    def _places(self, rare: list[int], calendar: str, is_automatic: Flags) -> list[ModelPerson]:
        """Return places for rarely seen resources: as many as were ever at work at once."""
        self.has_places = True
        does = tuple(int(one) for one in np.flatnonzero(self._capable[rare].any(axis=0)) if not is_automatic[one])
        rows = np.flatnonzero(self.work.is_worked & np.isin(self.work.resource, rare))
        owner = np.zeros(len(rows), np.int64)
        levels = sweep_levels(owner, self.work.started_us[rows], self.work.completed_us[rows])[2]
        count = min(max(int(levels.max(initial=0)), 1), len(rare))
        label = self.names[rare[0]]
        return [
            ModelPerson(
                f"{label} and {len(rare) - 1} others, place {place + 1}", tuple(rare), does, calendar, 1, 1.0, 3600.0
            )
            for place in range(count)
        ]
