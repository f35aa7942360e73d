"""What the split by cause has to know of resources, discovered from the log."""

from functools import partial

from potok.core.calendars import Calendar
from potok.diagnose.waiting_causes.tables import WaitingSettings, WaitingTables, derive_on
from potok.discover.batches import BatchRules
from potok.discover.enabled_times import EnablementBasis
from potok.discover.multitasking import discover_multitasking
from potok.discover.pools import count_activities, discover_pools
from potok.discover.resource_calendars import (
    discover_resource_calendars,
    fetch_work,
    give_resource_calendars,
)
from potok.engine.base import Engine
from potok.log.store import LogStore


def discover_settings(
    store: LogStore,
    *,
    calendar: Calendar | None = None,
    enablement: EnablementBasis | None = None,
    rules: BatchRules | None = None,
    engine: Engine | None = None,
) -> WaitingSettings:
    """Discover when resources are on duty, and how much each does at once.

    Parameters
    ----------
    calendar
        Of all resources, instead of discovered ones.
    enablement, rules
        As in `WaitingSettings`.

    Raises
    ------
    YearNotCoveredError
        If the log reaches into a year that the calendar does not know.
    """
    work = fetch_work(store, engine=engine)
    if calendar is not None:
        calendars = give_resource_calendars(work, calendar)
    else:
        pools = discover_pools(count_activities(work))
        calendars = discover_resource_calendars(work, pools=pools.members)
    limit = discover_multitasking(work).limit
    return WaitingSettings(enablement=enablement, calendars=calendars, limit=limit, rules=rules)


def derive_on_discovered(store: LogStore, *, engine: Engine | None = None) -> WaitingTables:
    """Split the waits of a log by cause, on what is discovered of its resources.

    The discovery follows from the log alone, so that it is not repeated once the split is there.

    Raises
    ------
    DerivedTableError
        If the tables cannot be written anywhere.
    """
    settle = partial(discover_settings, store, engine=engine)
    return derive_on(store, settle, enablement=None, key="discovered", engine=engine)
