"""How much there is in a log."""

from dataclasses import dataclass

import ibis

from potok.engine.base import Engine
from potok.engine.tables import ACTIVITIES, CASES, EVENTS, RESOURCES, UNITS, VARIANTS
from potok.log.store import LogStore
from potok.measure.running import run


@dataclass(frozen=True, slots=True)
class LogCounts:
    """Size and reach of a log.

    Parameters
    ----------
    cases, open_cases
        All cases, and those of them that are not closed.
    activity_instances
        Rows of the log.
    activities, variants, resources, org_units
        Distinct ones.
    first_us, last_us
        The earliest and the latest enablement, start or completion; microseconds UTC.
    """

    cases: int
    open_cases: int
    activity_instances: int
    activities: int
    variants: int
    resources: int
    org_units: int
    first_us: int
    last_us: int


def case_counts(cases: ibis.Table) -> ibis.Table:
    """Return one row: `cases`, `open_cases`."""
    return cases.aggregate(
        cases=cases.count().cast("int64"), open_cases=cases.closed_us.isnull().sum().fill_null(0).cast("int64")
    )


def event_counts(events: ibis.Table) -> ibis.Table:
    """Return one row: `instances`, and the extremes of each of the three instants (null where there is none)."""
    instants = ("enabled_us", "started_us", "completed_us")
    first = {f"first_{name}": events[name].min() for name in instants}
    last = {f"last_{name}": events[name].max() for name in instants}
    return events.aggregate(instances=events.count().cast("int64"), **first, **last)


def dictionary_size(dictionary: ibis.Table) -> ibis.Table:
    """Return one row: `entries`, the number of rows of a dictionary."""
    return dictionary.aggregate(entries=dictionary.count().cast("int64"))


def compute_counts(store: LogStore, *, engine: Engine | None = None) -> LogCounts:
    """Compute how many cases, instances, activities, variants, resources and units a log has, and its reach.

    A log without instances reaches from and to its extraction.
    """
    ((cases, open_cases),) = run(case_counts(CASES), store, engine)
    ((instances, *extremes),) = run(event_counts(EVENTS), store, engine)
    known = [instant for instant in extremes if instant is not None] or [store.extracted_us]
    return LogCounts(
        cases=cases,
        open_cases=open_cases,
        activity_instances=instances,
        activities=_size(ACTIVITIES, store, engine),
        variants=_size(VARIANTS, store, engine),
        resources=_size(RESOURCES, store, engine),
        org_units=_size(UNITS, store, engine),
        first_us=min(known),
        last_us=max(known),
    )


def _size(dictionary: ibis.Table, store: LogStore, engine: Engine | None) -> int:
    ((entries,),) = run(dictionary_size(dictionary), store, engine)
    return int(entries)
