"""The gaps of the applicants' ledger, split by why the work did not begin.

What a gap owes to a known cause (`potok.diagnose.waiting_causes`) belongs to that cause, at the activity that waited;
only what no cause explains stays at the boundary of departments or at the passage where the gap lies. Rework keeps
its gaps whole: without the return there would have been no wait at all. So does a gap of which late time takes a part:
what is left of it is not split.
"""

from collections.abc import Mapping
from functools import partial
from typing import Final

import ibis

from potok.core.calendars import CalendarSet
from potok.core.change import AddStaff, Change, ChangeCalendar, ChangePriority, SwitchBatching
from potok.core.finding import FindingKind
from potok.diagnose.waiting_causes import WaitingSettings, WaitingTables, derive_on_discovered, discover_settings
from potok.diagnose.waiting_causes.tables import derive_on
from potok.discover.extraneous_delay.resource_facts import give_department_calendars
from potok.discover.instance_arrays import fetch_instances
from potok.discover.multitasking import discover_multitasking
from potok.discover.resource_calendars import fetch_work
from potok.engine.base import Engine, GivenTable
from potok.log.store import LogStore
from potok.measure.enablement import compute_time_knowledge
from potok.measure.ledger import KIND_CODES, NO_TARGET
from potok.measure.running import unit_labels

GAP_CAUSES: Final = "gap_causes"
CAUSE_COLUMNS: Final[Mapping[FindingKind, str]] = {
    FindingKind.BATCHING: "batching_us",
    FindingKind.CONTENTION: "contention_us",
    FindingKind.PRIORITISATION: "prioritisation_us",
    FindingKind.UNAVAILABILITY: "unavailability_us",
}
"""Causes in the order in which an instant goes to the first that is true."""


def gap_causes() -> ibis.Table:
    """Return the unbound table of what gaps owe to causes, one row per waiting instance.

    `case`, `position` (of the instance that waited) and a column of microseconds per cause, none null; gaps without a
    known cause may be left out.
    """
    columns = {"case": "int64", "position": "int32"} | dict.fromkeys(CAUSE_COLUMNS.values(), "int64")
    return ibis.table(columns, name=GAP_CAUSES)


def derive_gap_causes(
    store: LogStore, *, duty: CalendarSet | None = None, engine: Engine | None = None
) -> GivenTable | None:
    """Return what the gaps of a log owe to causes, as `gap_causes`; None where it says nothing of starts or people.

    How much each person does at once is discovered from the log.

    Parameters
    ----------
    duty
        When people are on duty; None lets it be discovered.

    Raises
    ------
    DerivedTableError
        If the table cannot be kept anywhere.
    YearNotCoveredError
        If the log reaches into a year that a calendar does not know.
    """
    knows_people = bool(store.manifest["log"].get("resources"))
    if not (knows_people and compute_time_knowledge(store, engine=engine).has_start_times):
        return None
    return derive_waits(store, duty=duty, engine=engine).gaps


def derive_waits(store: LogStore, *, duty: CalendarSet | None = None, engine: Engine | None = None) -> WaitingTables:
    """Split the waits of a log by cause, on hours of duty that are given or, if None is, discovered."""
    if duty is None:
        return derive_on_discovered(store, engine=engine)
    settle = partial(settle_waits, store, duty=duty, engine=engine)
    return derive_on(store, settle, enablement=None, key=f"duty-{duty.calendar_id}", engine=engine)


def settle_waits(store: LogStore, *, duty: CalendarSet | None = None, engine: Engine | None = None) -> WaitingSettings:
    """Return what the split of waits by cause has to know of people: when they are on duty, and on how much at once.

    Parameters
    ----------
    duty
        When people are on duty; None lets it be discovered.
    """
    if duty is None:
        return discover_settings(store, engine=engine)
    work = fetch_work(store, engine=engine)
    parts = list(fetch_instances(store, engine=engine))
    calendars = give_department_calendars(work, duty, parts, unit_labels(store, engine))
    return WaitingSettings(calendars=calendars, limit=discover_multitasking(work).limit)


def split_by_cause(attributed: ibis.Table, causes: ibis.Table) -> ibis.Table:
    """Return attributed gaps with a row of its own for each cause to which a gap owes time.

    Parameters
    ----------
    attributed
        See `potok.measure.ledger.attributed_gaps`.
    causes
        See `gap_causes`. They never exceed the gap.
    """
    repeated = attributed.kind == KIND_CODES[FindingKind.REWORK]
    waited = causes.mutate(position=(causes.position - 1).cast("int32"))
    known = attributed.filter(~repeated).left_join(waited, ["case", "position"])
    known = known.select(
        *attributed.columns, **{name: known[name].fill_null(0).cast("int64") for name in CAUSE_COLUMNS.values()}
    )
    explained = sum((known[name] for name in CAUSE_COLUMNS.values()), start=ibis.literal(0, "int64"))
    rest = known.mutate(gap_us=(known.gap_us - explained).cast("int64")).select(*attributed.columns)
    parts = [_of_cause(known, kind).select(*attributed.columns) for kind in CAUSE_COLUMNS]
    return attributed.filter(repeated).union(rest, *parts)


def suggest(kind: FindingKind, activity: str) -> tuple[Change, ...]:
    """Return what could be tried against a cause of waiting."""
    match kind:
        case FindingKind.BATCHING:
            return (SwitchBatching(activity, is_on=False),)
        case FindingKind.CONTENTION:
            return (AddStaff(activity=activity),)
        case FindingKind.PRIORITISATION:
            return (ChangePriority(activity),)
        case FindingKind.UNAVAILABILITY:
            return (ChangeCalendar(activity=activity),)
        case _:
            return ()


def _of_cause(known: ibis.Table, kind: FindingKind) -> ibis.Table:
    owed = known[CAUSE_COLUMNS[kind]]
    waiting = known.filter(owed > 0)
    return waiting.mutate(
        kind=ibis.literal(KIND_CODES[kind]).cast("int32"),
        # The activity that waited is kept with every gap, since its place may be a boundary of departments.
        source=waiting.next_activity,
        target=ibis.literal(NO_TARGET).cast("int32"),
        gap_us=waiting[CAUSE_COLUMNS[kind]].cast("int64"),
        work_us=ibis.null("int64"),
    )
