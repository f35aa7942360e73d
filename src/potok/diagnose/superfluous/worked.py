"""Time that staff worked on steps."""

import ibis

from potok.engine.base import Engine
from potok.engine.tables import EVENTS
from potok.log.store import LogStore
from potok.measure.passages import exact_sum
from potok.measure.running import run, seconds


def worked_times(events: ibis.Table) -> ibis.Table:
    """Return one row per activity and unit: `activity`, `org_unit` (−1 where unknown), `worked_us`.

    Only instances with a start and a later completion count.
    """
    held = events.filter(events.started_us < events.completed_us)
    timed = held.select(
        "activity",
        org_unit=held.org_unit.fill_null(-1).cast("int32"),
        worked_us=held.completed_us - held.started_us,
    )
    return timed.group_by("activity", "org_unit").aggregate(worked_us=exact_sum(timed.worked_us))


def fetch_worked_seconds(store: LogStore, engine: Engine | None) -> dict[tuple[int, int], float]:
    """Fetch the seconds worked on each activity by each unit; empty where the log does not tell when work began."""
    rows = run(worked_times(EVENTS), store, engine)
    return {(int(activity), int(unit)): seconds(worked) for activity, unit, worked in rows}
