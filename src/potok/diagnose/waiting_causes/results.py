"""How long cases and instances waited for which cause: in all, and by activity, performer, department and hand-off."""

from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis

from potok.core.language import mark
from potok.diagnose.waiting_causes.sweep import CAUSES
from potok.diagnose.waiting_causes.tables import (
    CASE_COLUMNS,
    CAUSE_COLUMNS,
    WAITING_CAUSES,
    WaitingSettings,
    WaitingTables,
    derive_waiting_causes,
    waiting_causes,
)
from potok.discover.enabled_times import REASONS as ENABLEMENT_REASONS
from potok.discover.enabled_times import EnablementBasis
from potok.engine.base import Engine
from potok.engine.tables import CASES
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.enablement import REASONS as TIME_REASONS
from potok.measure.passages import exact_sum
from potok.measure.running import activity_labels, resource_labels, run, seconds, unit_labels

Place = Literal["activity", "resource", "org_unit"]
MOST_HAND_OFFS: Final = 500

REASONS: Final = {
    **ENABLEMENT_REASONS,
    "no_start_times": mark(
        "The log has no start times: no wait can be split; each lasts at most until the completion."
    ),
    "some_start_times_missing": mark(
        "Some instances have no start time: their waits are bounds only, and whom they kept busy is unknown."
    ),
    "enablement_is_assumed": TIME_REASONS["enablement_is_assumed"],
    "no_resources": mark("The log does not say who did what: no wait can be put down to anybody's work or absence."),
    "some_resources_missing": mark("Some instances have no performer: their waits are put down to nothing."),
    "no_calendars": mark("When people are on duty is not known: what no work explains is put down to nothing."),
    "some_calendars_missing": mark("Of some performers it is not known when they are on duty."),
    "nobody_waited": mark("No instance waited."),
}


@dataclass(frozen=True, slots=True)
class CauseSeconds:
    """Waiting time by cause, calendar seconds; see `potok.diagnose.waiting_causes.split` for what each means."""

    batching: float
    contention: float
    prioritisation: float
    unavailability: float
    residual: float
    unattributed: float

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(getattr(self, cause) for cause in CAUSES))


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """The waits of one group of instances.

    Parameters
    ----------
    label, from_label
        Activity, performer or department that was waited for (empty if unknown), and in hand-offs the one that handed
        over; both empty for all instances together.
    waits
        Instances that waited.
    unknown_waits
        Instances of which it is unknown whether and how long they waited.
    cases
        Cases with a known wait.
    waiting
        Of the instances: where several of a case wait at once, each counts in full.
    case_waiting
        Of the cases: instants at which several instances of a case wait are divided among them, so that groups add up
        to what cases waited.
    most_seconds
        The most that the instances may have waited, those with an unknown start up to their completion.
    """

    label: str
    from_label: str
    waits: int
    unknown_waits: int
    cases: int
    waiting: CauseSeconds
    case_waiting: CauseSeconds
    most_seconds: float


@dataclass(frozen=True, slots=True)
class WaitingCauses:
    """Why a log's cases waited.

    Parameters
    ----------
    enablement
        Since when instances wait.
    reasons
        What keeps causes from being known, and what was assumed: keys of `REASONS`.
    instances
        All activity instances.
    lead_seconds
        Lead time of all cases.
    overall
        All waits.
    activities, resources, org_units
        By what was waited for, most waiting of cases first.
    hand_off_place
        Between what a hand-off lies: departments, or performers where the log knows no departments.
    hand_offs
        Waits after a hand-off from another one, most waiting of cases first; at most `MOST_HAND_OFFS`.
    batches, batched_instances
        Batches found, and their members.
    concurrent_pairs, fixed_delays
        Pairs of activities that run side by side, and passages with a fixed delay.
    tables
        Derived tables behind the figures.
    """

    enablement: EnablementBasis
    reasons: tuple[str, ...]
    instances: int
    lead_seconds: float
    overall: WaitingGroup
    activities: tuple[WaitingGroup, ...]
    resources: tuple[WaitingGroup, ...]
    org_units: tuple[WaitingGroup, ...]
    hand_off_place: Place
    hand_offs: tuple[WaitingGroup, ...]
    batches: int
    batched_instances: int
    concurrent_pairs: int
    fixed_delays: int
    tables: WaitingTables


def cause_totals(waits: ibis.Table, *, by: tuple[str, ...] = ()) -> ibis.Table:
    """Return one row per group: its codes, `waits`, `unknown`, `cases`, `most_us`; each cause, whole and of cases."""
    is_known = waits.wait_us.notnull()
    held = waits.group_by(*by) if by else waits
    return held.aggregate(
        waits=is_known.cast("int64").sum().fill_null(0).cast("int64"),
        unknown=(~is_known).cast("int64").sum().fill_null(0).cast("int64"),
        cases=ibis.ifelse(is_known, waits.case, ibis.null("int64")).nunique().cast("int64"),
        most_us=exact_sum(waits.most_us),
        **{name: exact_sum(waits[name]) for name in (*CAUSE_COLUMNS, *CASE_COLUMNS)},
    )


def hand_off_totals(waits: ibis.Table, *, place: Place, limit: int) -> ibis.Table:
    """Return `cause_totals` of waits after a hand-off, those with most waiting of cases."""
    handed = waits.filter((waits[place] != waits[f"from_{place}"]).fill_null(False))
    totals = cause_totals(handed, by=(f"from_{place}", place))
    whole = sum((totals[name] for name in CASE_COLUMNS), start=ibis.literal(0, "int64"))
    ranked = totals.mutate(case_us=whole.cast("decimal(38, 0)"))
    return ranked.order_by(ranked.case_us.desc(), ranked[f"from_{place}"], ranked[place]).limit(limit).drop("case_us")


def compute_waiting_causes(
    store: LogStore,
    *,
    settings: WaitingSettings | None = None,
    tables: WaitingTables | None = None,
    engine: Engine | None = None,
) -> WaitingCauses:
    """Compute how long cases waited for which cause.

    Parameters
    ----------
    settings
        On what the split rests, see `potok.diagnose.waiting_causes.settings.discover_settings`; by default no calendar
        is known and everyone does one thing at a time.
    tables
        The split where it is made already; then no settings are asked for.

    Raises
    ------
    DerivedTableError
        If what is derived from the log cannot be kept anywhere.
    ValueError
        If the enablement is not one of the allowed.
    """
    tables = tables or derive_waiting_causes(store, settings=settings, engine=engine)
    waits, facts = waiting_causes(), tables.facts
    ((lead_us,),) = run(_lead_time(store), store, engine)
    activities = _groups(store, tables, engine, by="activity", labels=activity_labels(store, engine))
    units = unit_labels(store, engine)
    place: Place = "org_unit" if units else "resource"
    people = resource_labels(store, engine)
    (overall,) = run(cause_totals(waits), store, engine, given={WAITING_CAUSES: tables.waits})
    handed = run(
        hand_off_totals(waits, place=place, limit=MOST_HAND_OFFS), store, engine, given={WAITING_CAUSES: tables.waits}
    )
    named = units if place == "org_unit" else people
    return WaitingCauses(
        enablement=tables.enablement,
        reasons=_reasons(tables, waits=overall[0]),
        instances=facts["instances"],
        lead_seconds=seconds(lead_us or 0),
        overall=_group("", "", overall),
        activities=activities,
        resources=_groups(store, tables, engine, by="resource", labels=people),
        org_units=_groups(store, tables, engine, by="org_unit", labels=units) if units else (),
        hand_off_place=place,
        hand_offs=tuple(_group(named[row[1]], named[row[0]], row[2:]) for row in handed),
        batches=facts["batches"],
        batched_instances=facts["batched_instances"],
        concurrent_pairs=facts.get("concurrent_pairs", 0),
        fixed_delays=facts.get("fixed_delays", 0),
        tables=tables,
    )


def _lead_time(store: LogStore) -> ibis.Table:
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    return timed.aggregate(lead_us=exact_sum(timed.lead_us))


def _groups(
    store: LogStore, tables: WaitingTables, engine: Engine | None, *, by: Place, labels: dict[int, str]
) -> tuple[WaitingGroup, ...]:
    rows = run(cause_totals(waiting_causes(), by=(by,)), store, engine, given={WAITING_CAUSES: tables.waits})
    found = [_group("" if row[0] is None else labels[row[0]], "", row[1:]) for row in rows]
    return tuple(sorted(found, key=lambda group: (-group.case_waiting.total, group.label)))


def _group(label: str, from_label: str, row: tuple[Any, ...]) -> WaitingGroup:
    waits, unknown, cases, most_us, *causes = row
    whole, shared = causes[: len(CAUSES)], causes[len(CAUSES) :]
    return WaitingGroup(
        label, from_label, waits, unknown, cases, _seconds(whole), _seconds(shared), seconds(most_us or 0)
    )


def _seconds(causes: list[Any]) -> CauseSeconds:
    return CauseSeconds(*(seconds(owed or 0) for owed in causes))


def _reasons(tables: WaitingTables, *, waits: int) -> tuple[str, ...]:
    facts, basis = tables.facts, tables.enablement
    some = facts["instances"] > 0
    found = {
        "no_start_times": some and not facts["started"],
        "some_start_times_missing": 0 < facts["started"] < facts["instances"],
        "no_resources": some and not facts["with_resource"],
        "some_resources_missing": 0 < facts["with_resource"] < facts["instances"],
        "no_calendars": facts["with_resource"] > 0 and not facts["with_calendar"],
        "some_calendars_missing": 0 < facts["with_calendar"] < facts["with_resource"],
        "enablement_is_found": some and basis == "concurrent",
        "enablement_is_assumed": some and basis == "previous",
        "fixed_delays_are_found": facts.get("fixed_delays", 0) > 0,
        "concurrency_without_starts": some and basis == "concurrent" and not facts["started"],
        "nobody_waited": some and not waits and facts["started"] > 0,
    }
    return tuple(reason for reason, holds in found.items() if holds)
