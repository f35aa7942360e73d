"""The working calendars of resources, discovered from a log or given, and when each of them was on duty.

A resource that was seen often enough has a calendar of its own; another takes that of its pool, or of all resources
together. What is not enough even for that stays unknown, and is said to be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.spans import Spans
from potok.core.language import mark
from potok.discover.resource_calendars.duty import DutyHours, duty_spans
from potok.discover.resource_calendars.evidence import Evidence, collect_evidence
from potok.discover.resource_calendars.spans import OwnedSpans, own_spans
from potok.discover.resource_calendars.weekly import WeeklyHours, WeeklyRules, discover_weekly_hours
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers, ResourceWork
from potok.measure.local_time import DAYS_A_WEEK

REASONS: Final = {
    "no_resources": mark("The log does not say who did what: when people are on duty cannot be told."),
    "no_start_times": mark(
        "The log has no start times: what someone did when can be told only for the moments of completion."
    ),
    "day_resolution": mark("All times lie at the same minute of the day: hours of duty cannot be told from them."),
    "too_few_events": mark(
        "Too little was seen of some resources, even together with their pool, to tell their hours."
    ),
    "week_not_repeated": mark("The log covers less than two weeks: what is usual in a week cannot be told."),
}
LEAST_DAYS: Final = 14


class CalendarBasis(StrEnum):
    """What a resource's calendar was taken from."""

    OWN = "own"
    POOL = "pool"
    ALL = "all"
    GIVEN = "given"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ResourceCalendar:
    """The weekly hours of a resource.

    Parameters
    ----------
    resource
        Code.
    basis
        What they were taken from.
    weekly
        Spans of minutes of the local clock from Monday to Sunday; seven empty days if unknown, or if given.
    support
        Share of the resource's own starts and completions that lie in its hours, 0–1.
    confidence
        Mean share of a weekday's dates on which a slot of duty was seen to be used, over what `basis` names, 0–1.
    participation
        Share of the days between its first and its last on which the calendar has hours and it was seen, 0–1.
    events, days
        Its own starts and completions, and the distinct days on which they lie.
    """

    resource: int
    basis: CalendarBasis
    weekly: tuple[Spans, ...]
    support: float
    confidence: float
    participation: float
    events: int
    days: int

    @property
    def weekly_minutes(self) -> int:
        """Minutes of duty in a week."""
        return sum(end - start for spans in self.weekly for start, end in spans)


@dataclass(frozen=True, slots=True)
class ResourceCalendars:
    """When the resources of a log were on duty.

    Parameters
    ----------
    calendars
        One per resource that occurs in the log, by code.
    duty
        Spans on duty by code of the resource: half-open, microseconds UTC, over the log's time; none where unknown.
    rules
        What made a slot one of duty.
    zone
        On whose clock the weekly hours are.
    reasons
        What keeps calendars from being known: keys of `REASONS`.
    """

    calendars: tuple[ResourceCalendar, ...]
    duty: OwnedSpans
    rules: WeeklyRules
    zone: str
    reasons: tuple[str, ...]

    @property
    def known(self) -> Flags:
        """(owners,) bool: whether the calendar of a resource is known, by its code."""
        known = np.zeros(self.duty.owners, dtype=bool)
        known[[one.resource for one in self.calendars if one.basis is not CalendarBasis.UNKNOWN]] = True
        return known


@dataclass(frozen=True, slots=True)
class _Discovered:
    hours: WeeklyHours
    basis: CalendarBasis


def discover_resource_calendars(
    work: ResourceWork, *, pools: Sequence[Sequence[int]] = (), rules: WeeklyRules | None = None
) -> ResourceCalendars:
    """Discover the working calendars of resources.

    Parameters
    ----------
    pools
        Codes of the resources of each pool: one that was seen too little takes the calendar of its first pool.
    rules
        What makes a slot of the week one of duty; the defaults of `WeeklyRules` if None.

    References
    ----------
    López-Pintado and Dumas (2023), "Discovery and simulation of business processes with probabilistic resource
    availability calendars"; the support, confidence and participation of calendars are those of Simod.
    """
    rules = rules or WeeklyRules()
    evidence = collect_evidence(work, granularity_minutes=rules.granularity_minutes)
    reasons = _reasons(work, evidence)
    codes = np.unique(work.resource[work.resource >= 0]).tolist()
    if reasons:
        return _unknown(work, codes, rules, reasons)
    bounds = np.searchsorted(evidence.resource, np.arange(work.resources + 1))
    found = _discover(evidence, bounds, codes, pools, rules)
    duty, days_on = duty_spans(work, evidence, _duty_hours(found, work.resources, pools))
    calendars = tuple(_calendar(code, found.get(code), evidence, bounds, days_on) for code in codes)
    is_short = any(one.basis is CalendarBasis.UNKNOWN for one in calendars)
    return ResourceCalendars(calendars, duty, rules, work.zone, ("too_few_events",) if is_short else ())


def give_resource_calendars(
    work: ResourceWork, given: Calendar, *, own: dict[int, Calendar] | None = None
) -> ResourceCalendars:
    """Take calendars as given instead of discovering them.

    Parameters
    ----------
    given
        Of every resource that `own` does not name.
    own
        Calendars by code of the resource.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that a calendar does not know.
    """
    codes = np.unique(work.resource[work.resource >= 0]).tolist()
    first, last = work_window(work)
    spans = {one.calendar_id: one.open_intervals(first, last) for one in {given, *(own or {}).values()}}
    chosen = [(own or {}).get(code, given) for code in range(work.resources)]
    calendars = tuple(
        ResourceCalendar(code, CalendarBasis.GIVEN, chosen[code].weekly, 0.0, 1.0, 0.0, 0, 0) for code in codes
    )
    duty = own_spans([spans[one.calendar_id] for one in chosen])
    return ResourceCalendars(calendars, duty, WeeklyRules(), work.zone, ())


def _reasons(work: ResourceWork, evidence: Evidence) -> tuple[str, ...]:
    if not (work.resource >= 0).any():
        return ("no_resources",)
    if not (work.started_us != UNKNOWN).any():
        return ("no_start_times",)
    if not len(evidence.day) or int(evidence.day.max() - evidence.day.min()) + 1 < LEAST_DAYS:
        return ("week_not_repeated",)
    if int(evidence.last_minute.max()) == int(evidence.first_minute.min()):
        return ("day_resolution",)
    return ()


def work_window(work: ResourceWork) -> tuple[int, int]:
    """Return the window that a log's work lies in, microseconds UTC; 0, 0 without any."""
    is_worked = work.is_worked
    if not is_worked.any():
        return 0, 0
    return int(work.started_us[is_worked].min()), int(work.completed_us[is_worked].max()) + 1


def _unknown(work: ResourceWork, codes: list[int], rules: WeeklyRules, reasons: tuple[str, ...]) -> ResourceCalendars:
    week: tuple[Spans, ...] = ((),) * DAYS_A_WEEK
    calendars = tuple(ResourceCalendar(code, CalendarBasis.UNKNOWN, week, 0.0, 0.0, 0.0, 0, 0) for code in codes)
    none = np.zeros(0, np.int64)
    duty = OwnedSpans(np.zeros(work.resources + 1, np.int64), none, none)
    return ResourceCalendars(calendars, duty, rules, work.zone, reasons)


def _discover(
    evidence: Evidence, bounds: Integers, codes: list[int], pools: Sequence[Sequence[int]], rules: WeeklyRules
) -> dict[int, _Discovered]:
    """Return the hours of each resource that has any, its own or others'."""
    found: dict[int, _Discovered] = {}
    for members in pools:
        together = _hours_of(evidence, bounds, members, rules)
        for code in members:
            _add(found, code, _hours_of(evidence, bounds, (code,), rules, together), CalendarBasis.OWN)
            _add(found, code, together, CalendarBasis.POOL)
    rest = [code for code in codes if code not in found]
    for code in rest:
        _add(found, code, _hours_of(evidence, bounds, (code,), rules), CalendarBasis.OWN)
    everyone = _hours_of(evidence, bounds, codes, rules) if rest else None
    for code in rest:
        _add(found, code, everyone, CalendarBasis.ALL)
    return found


def _add(found: dict[int, _Discovered], code: int, hours: WeeklyHours | None, basis: CalendarBasis) -> None:
    if hours is not None and code not in found:
        found[code] = _Discovered(hours, basis)


def _hours_of(
    evidence: Evidence,
    bounds: Integers,
    members: Sequence[int],
    rules: WeeklyRules,
    together: WeeklyHours | None = None,
) -> WeeklyHours | None:
    """Return the hours of resources taken as one; None if too little was seen of them."""
    events = sum(int(evidence.events[bounds[code] : bounds[code + 1]].sum()) for code in members)
    if events < rules.minimum_events:
        return None
    rows = np.concatenate([np.arange(bounds[code], bounds[code + 1]) for code in members])
    hours = discover_weekly_hours(evidence, rows, rules, frame=together.frame if together else None)
    is_enough = hours.days >= rules.minimum_days and hours.support >= rules.minimum_support
    return hours if is_enough and any(hours.weekly) else None


def _duty_hours(
    found: dict[int, _Discovered], resources: int, pools: Sequence[Sequence[int]]
) -> tuple[DutyHours | None, ...]:
    """Return what is needed to tell duty, by code of the resource."""
    pool_of = {code: number for number, members in reversed(list(enumerate(pools))) for code in members}
    return tuple(
        DutyHours(
            weekly=found[code].hours.weekly,
            expected=found[code].hours.expected,
            pool=pool_of.get(code, len(pools)),
            is_own=found[code].basis is CalendarBasis.OWN,
        )
        if code in found
        else None
        for code in range(resources)
    )


def _calendar(
    code: int, found: _Discovered | None, evidence: Evidence, bounds: Integers, days_on: Integers
) -> ResourceCalendar:
    rows = slice(int(bounds[code]), int(bounds[code + 1]))
    days = len(np.unique(evidence.day[rows]))
    events = int(evidence.events[rows].sum())
    if found is None:
        return ResourceCalendar(code, CalendarBasis.UNKNOWN, ((),) * DAYS_A_WEEK, 0.0, 0.0, 0.0, events, days)
    weekly = found.hours.weekly
    return ResourceCalendar(
        resource=code,
        basis=found.basis,
        weekly=weekly,
        support=_support(evidence, rows, weekly),
        confidence=found.hours.confidence,
        participation=min(1.0, days / int(days_on[code])) if days_on[code] else 0.0,
        events=events,
        days=days,
    )


def _support(evidence: Evidence, rows: slice, weekly: tuple[Spans, ...]) -> float:
    """Return the share of events of some rows that lie in slots which the weekly hours touch."""
    width = evidence.granularity_minutes
    held = np.zeros((DAYS_A_WEEK, evidence.slots), dtype=bool)
    for weekday, spans in enumerate(weekly):
        for start, end in spans:
            held[weekday, start // width : -(-end // width)] = True
    events = evidence.events[rows]
    inside = events[held[evidence.weekday(rows), evidence.slot[rows]]]
    return float(inside.sum() / events.sum()) if len(events) else 0.0
