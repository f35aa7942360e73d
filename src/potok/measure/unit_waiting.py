"""How long each case waited, each wait on the calendar of the department that the case waits for."""

import ibis

from potok.core.calendars import Calendar, CalendarSet
from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.enablement import Enablement, compute_time_knowledge
from potok.measure.running import run
from potok.measure.unit_calendars import UnitDays, days_by_unit
from potok.measure.waiting import (
    CaseWaiting,
    case_waits,
    compute_case_waiting,
    instance_waits,
    make_case_waiting,
    waiting_statistics,
)


def unit_waits(events: ibis.Table, *, days: UnitDays) -> ibis.Table:
    """Return `potok.measure.waiting.instance_waits` for ``previous``, each wait on the next instance's calendar."""
    unit = events.select("case", "position", "next_org_unit")

    def timed(one: ibis.Table) -> ibis.Table:
        waits = instance_waits(events, enablement="previous", days=one)
        return waits.inner_join(unit, ["case", "position"]).select(*waits.columns, "next_org_unit")

    return days.measure(timed, org_unit="next_org_unit").drop("next_org_unit")


def compute_waiting_by_unit(
    store: LogStore,
    *,
    calendar: Calendar | CalendarSet | None = None,
    enablement: Enablement | None = None,
    engine: Engine | None = None,
) -> CaseWaiting:
    """Compute how long cases waited, as `potok.measure.waiting.compute_case_waiting`, on departments' calendars.

    With enablements given by the log waits may overlap, and their union has no length on several calendars: then the
    default calendar of the set is taken for all.

    Raises
    ------
    UnknownCalendarUnitsError
        If a department has a calendar but does not occur in the log.
    YearNotCoveredError, ValueError
        As `compute_case_waiting`.
    """
    knowledge = compute_time_knowledge(store, engine=engine)
    chosen = knowledge.choose(enablement)
    days, given = days_by_unit(store, calendar, engine)
    if not isinstance(days, UnitDays) or chosen != "previous":
        one = calendar.default if isinstance(calendar, CalendarSet) else calendar
        return compute_case_waiting(store, enablement=chosen, calendar=one, engine=engine)
    waited = case_waits(unit_waits(EVENTS, days=days), enablement=chosen)
    (figures,) = run(waiting_statistics(waited), store, engine, given=given)
    return make_case_waiting(figures, knowledge, enablement=chosen)
