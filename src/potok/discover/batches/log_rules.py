"""The batch rules of a log store."""

from potok.discover.batches.find import BatchRules, find_batches
from potok.discover.batches.firing_rules import FiringRules, discover_firing_rules
from potok.discover.enabled_times import (
    EnablementBasis,
    choose_basis,
    count_instances,
    find_enabled_times,
    learn_order,
)
from potok.discover.instance_arrays import fetch_case_bounds, fetch_instances, join_instances
from potok.discover.resource_calendars import ResourceCalendars
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.discover.resource_clocks import clocks_of
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.local_time import zone_of


def compute_firing_rules(
    store: LogStore,
    *,
    enablement: EnablementBasis | None = None,
    calendars: ResourceCalendars | None = None,
    limit: Integers | None = None,
    rules: BatchRules | None = None,
    engine: Engine | None = None,
) -> FiringRules:
    """Find the batches of a log, and what makes them fire.

    Parameters
    ----------
    enablement
        Where to take instants of enablement from; what the log knows best if None.
    calendars
        When resources are on duty; only hours of their own are looked at. None where nothing is known of that.
    limit
        (r,) int64: instances at once from which on each resource is busy, by code; None for one each.
    rules
        What makes a batch; None takes the default.
    """
    held = join_instances(list(fetch_instances(store, engine=engine)))
    basis = choose_basis(enablement, is_given=bool((held.enabled_us != UNKNOWN).any()))
    order = learn_order([count_instances(held)], held) if basis == "concurrent" else None
    enabled = find_enabled_times(held, fetch_case_bounds(store, engine=engine), basis=basis, order=order).enabled_us
    resources = int(held.resource.max(initial=-1)) + 1
    clocks = clocks_of(resources, calendars=calendars, limit=limit, own_only=True)
    batches = find_batches(held, enabled, clocks=clocks, rules=rules)
    return discover_firing_rules(held, enabled, batches, clocks=clocks, zone=zone_of(store), rules=rules)
