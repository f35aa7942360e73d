"""Batching as the model has it, from the rules by which the batches of a log begin."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from potok.core.calendars import Calendar
from potok.discover.batches import BatchKind, FiringRule, discover_firing_rules, find_batches
from potok.discover.batches.find import KINDS
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.work import Integers
from potok.discover.resource_clocks import clocks_of
from potok.simulate.discovery.people import People
from potok.simulate.model import Batching

LEAST_SHARE: Final = 0.5
_FEWEST_DAYS: Final = 4
_MINUTES_AN_HOUR: Final = 60


def find_batching(held: Instances, enabled_us: Integers, people: People, *, zone: str) -> Mapping[int, Batching]:
    """Find the activities that are done in batches, and what makes these begin.

    A rule is taken if at least `LEAST_SHARE` of the activity's work is done by it. The window of a rule is taken as the
    hour at which it opens. Where it opens whenever those who do the activity begin their day or come back from a break,
    what looks like batches is the queue of the night: their calendars say that already.
    """
    resources = int(held.resource.max(initial=-1)) + 1
    clocks = clocks_of(resources, limit=people.multitasking.limit)
    batches = find_batches(held, enabled_us, clocks=clocks)
    found = discover_firing_rules(held, enabled_us, batches, clocks=clocks, zone=zone)
    return {
        rule.activity: _batching(rule, _is_concurrent(batches.kind[batches.activity == rule.activity]))
        for rule in found.rules
        if rule.batched_share >= LEAST_SHARE and not is_opening(rule, _calendars_of(rule.activity, held, people))
    }


def _calendars_of(activity: int, held: Instances, people: People) -> list[Calendar]:
    """Return the calendar of each person who does an activity; none of those for whom it is unknown."""
    doing = np.unique(held.resource[(held.activity == activity) & (held.resource >= 0)])
    names = [people.calendar_of[code] for code in doing.tolist()]
    return [people.calendars[name] for name in names if name in people.calendars]


def is_opening(rule: FiringRule, calendars: list[Calendar]) -> bool:
    """Return whether batches begin when most of the people begin to work, on every day on which they do."""
    if rule.hours is None or not calendars:
        return False
    opening = rule.hours[0]
    alike = [
        one
        for one in calendars
        if len(worked := [day for day, spans in enumerate(one.weekly) if spans]) >= _FEWEST_DAYS
        and set(worked) <= set(rule.weekdays)
        and all(any(start // _MINUTES_AN_HOUR == opening for start, _end in one.weekly[day]) for day in worked)
    ]
    return len(alike) > len(calendars) / 2


def _is_concurrent(kinds: Integers) -> bool:
    sequential = KINDS.index(BatchKind.SEQUENTIAL)
    return bool(len(kinds) and np.mean(kinds != sequential) > 0.5)


def _batching(rule: FiringRule, is_concurrent: bool) -> Batching:
    has_window = rule.hours is not None or len(rule.weekdays) < 7
    minute = 60 * rule.hours[0] if rule.hours is not None else 0
    size = rule.full_size if has_window else rule.minimum_size
    return Batching(
        minimum_size=size or 0,
        maximum_size=rule.maximum_size or 0,
        maximum_wait_seconds=rule.maximum_wait_seconds or 0.0,
        fires_at=tuple((weekday, minute) for weekday in rule.weekdays) if has_window else (),
        is_concurrent=is_concurrent,
    )
