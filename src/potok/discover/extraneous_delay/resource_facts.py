"""All that is inferred of the resources of a log, from one reading of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.calendars import Calendar, CalendarSet
from potok.discover.enabled_times import (
    EnablementBasis,
    choose_basis,
    count_instances,
    find_enabled_times,
    learn_order,
)
from potok.discover.extraneous_delay.delays import DelayRules, ExtraneousDelays, discover_extraneous_delays
from potok.discover.instance_arrays import Instances, fetch_case_bounds, fetch_instances
from potok.discover.multitasking import Multitasking, discover_multitasking
from potok.discover.pools import Pools, count_activities, discover_pools
from potok.discover.priorities import Priorities, discover_priorities, fetch_case_attributes
from potok.discover.resource_calendars import (
    ResourceCalendars,
    ResourceWork,
    WeeklyRules,
    discover_resource_calendars,
    give_resource_calendars,
)
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.local_time import zone_of
from potok.measure.running import unit_labels

# An activity with a larger share of delayed instances is not asked in which order its work is taken.
DELAYED_SHARE: Final = 0.05


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """What is inferred of the resources of a log.

    Parameters
    ----------
    enablement
        Where the instants of enablement come from.
    pools, calendars, multitasking, delays, priorities
        As their modules define them; all by the codes of the log store.
    """

    enablement: EnablementBasis
    pools: Pools
    calendars: ResourceCalendars
    multitasking: Multitasking
    delays: ExtraneousDelays
    priorities: Priorities


def compute_resource_facts(
    store: LogStore,
    *,
    calendar: Calendar | CalendarSet | None = None,
    enablement: EnablementBasis | None = None,
    weekly: WeeklyRules | None = None,
    rules: DelayRules | None = None,
    engine: Engine | None = None,
) -> ResourceFacts:
    """Infer pools, calendars, multitasking, extraneous delays and priorities from a log.

    Parameters
    ----------
    calendar
        Taken for all resources, or by department (a resource belongs to the one in which it did most), instead of
        calendars discovered.
    enablement
        Where to take instants of enablement from; what the log knows best if None.
    weekly, rules
        How calendars and delays are told; the defaults if None.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that a given calendar does not know.
    """
    parts = list(fetch_instances(store, engine=engine))
    basis, enabled = _enabled(parts, store, enablement, engine)
    work = _work(parts, enabled, zone_of(store))
    pools = discover_pools(count_activities(work))
    if calendar is None:
        calendars = discover_resource_calendars(work, pools=pools.members, rules=weekly)
    else:
        calendars = give_department_calendars(work, calendar, parts, unit_labels(store, engine))
    multitasking = discover_multitasking(work)
    delays = discover_extraneous_delays(work, calendars, pools, multitasking=multitasking, rules=rules)
    delayed = [one.activity for one in delays.activities if (one.delayed_share or 0.0) > DELAYED_SHARE]
    priorities = discover_priorities(work, pools, attributes=fetch_case_attributes(store), delayed_activities=delayed)
    return ResourceFacts(basis, pools, calendars, multitasking, delays, priorities)


def _enabled(
    parts: Sequence[Instances], store: LogStore, enablement: EnablementBasis | None, engine: Engine | None
) -> tuple[EnablementBasis, Integers]:
    is_given = any(bool((part.enabled_us != UNKNOWN).any()) for part in parts)
    basis = choose_basis(enablement, is_given=is_given)
    bounds = fetch_case_bounds(store, engine=engine)
    order = learn_order([count_instances(part) for part in parts], parts[0]) if basis == "concurrent" else None
    found = [find_enabled_times(part, bounds, basis=basis, order=order).enabled_us for part in parts]
    return basis, np.concatenate(found)


def _work(parts: Sequence[Instances], enabled: Integers, zone: str) -> ResourceWork:
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("case", "activity", "resource", "started_us", "completed_us")
    }
    return ResourceWork(**joined, enabled_us=enabled, zone=zone)


def give_department_calendars(
    work: ResourceWork, calendar: Calendar | CalendarSet, parts: Sequence[Instances], labels: Mapping[int, str]
) -> ResourceCalendars:
    """Give each resource the calendar of the department for which it mostly works, instead of discovering it.

    Parameters
    ----------
    parts
        Instances, which tell the departments of resources.
    labels
        Of departments, by code.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that a calendar does not know.
    """
    if isinstance(calendar, Calendar):
        return give_resource_calendars(work, calendar)
    resources = np.concatenate([part.resource for part in parts])
    units = np.concatenate([part.org_unit for part in parts])
    held = np.flatnonzero((resources >= 0) & (units >= 0))
    pairs, counts = np.unique(np.column_stack([resources[held], units[held]]), axis=0, return_counts=True)
    main: dict[int, int] = {}
    for place in np.lexsort((-pairs[:, 1], counts)).tolist():  # the most frequent last, of equals the lower code
        main[int(pairs[place, 0])] = int(pairs[place, 1])
    own = {resource: calendar.calendar_of(labels[unit]) for resource, unit in main.items()}
    return give_resource_calendars(work, calendar.default, own=own)
