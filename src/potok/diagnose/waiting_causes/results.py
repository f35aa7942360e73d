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
from potok.measure.running import activity_labels, built_once, resource_labels, run, seconds, unit_labels

Place = Literal["activity", "resource", "org_unit"]
MOST_HAND_OFFS: Final = 500
_SUMS: Final = ("most_us", *CAUSE_COLUMNS, *CASE_COLUMNS)

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


def cause_totals(waits: ibis.Table, *, by: tuple[str, ...]) -> ibis.Table:
    """Return one row per group: its codes, `waits`, `unknown`, `most_us`; each cause, whole and of cases."""
    is_known = waits.wait_us.notnull()
    return waits.group_by(*by).aggregate(
        waits=is_known.cast("int64").sum().cast("int64"),
        unknown=(~is_known).cast("int64").sum().cast("int64"),
        **{name: exact_sum(waits[name]) for name in _SUMS},
    )


@built_once
def place_totals(waits: ibis.Table, *, places: tuple[Place, ...]) -> ibis.Table:
    """Return `cause_totals` by each of the places: one row per `place` (its name) and `code`.

    Waits are read once, and what they come to by all places together is added up for each.
    """
    together = cause_totals(waits, by=places)
    parts = [
        together.group_by(code=together[place]).aggregate(
            waits=together.waits.sum().cast("int64"),
            unknown=together.unknown.sum().cast("int64"),
            **{name: together[name].sum().cast("decimal(38, 0)") for name in _SUMS},
        )
        for place in places
    ]
    return ibis.union(
        *(
            part.select("code", "waits", "unknown", *_SUMS, place=ibis.literal(place))
            for place, part in zip(places, parts, strict=True)
        )
    )


@built_once
def waiting_cases(waits: ibis.Table, *, places: tuple[Place, ...]) -> ibis.Table:
    """Return `cases`, those with a known wait, by `place` (its name) and `code`; the place of all is empty."""
    known = waits.filter(waits.wait_us.notnull())
    whole = known.select("case", code=ibis.null("int32"), place=ibis.literal(""))
    parts = [known.select("case", code=known[place], place=ibis.literal(place)) for place in places]
    held = [part.distinct() for part in (whole, *parts)]
    return ibis.union(*(part.group_by("place", "code").aggregate(cases=part.count().cast("int64")) for part in held))


def hand_off_totals(waits: ibis.Table, *, place: Place, limit: int) -> ibis.Table:
    """Return `cause_totals`, and `cases`, of waits after a hand-off, those with most waiting of cases."""
    handed = waits.filter((waits[place] != waits[f"from_{place}"]).fill_null(False))
    by = (f"from_{place}", place)
    known = handed.filter(handed.wait_us.notnull()).select(*by, "case").distinct()
    cases = known.group_by(*by).aggregate(cases=known.count().cast("int64"))
    totals = cause_totals(handed, by=by).left_join(cases, by).drop(*(f"{name}_right" for name in by))
    whole = sum((totals[name] for name in CASE_COLUMNS), start=ibis.literal(0, "int64"))
    ranked = totals.mutate(case_us=whole.cast("decimal(38, 0)"))
    first = ranked.order_by(ranked.case_us.desc(), ranked[f"from_{place}"], ranked[place]).limit(limit)
    return first.select(*by, "waits", "unknown", "cases", *_SUMS)


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
    waits, facts, given = waiting_causes(), tables.facts, {WAITING_CAUSES: tables.waits}
    ((lead_us,),) = run(_lead_time(store), store, engine)
    units, people = unit_labels(store, engine), resource_labels(store, engine)
    labels: dict[Place, dict[int, str]] = {"activity": activity_labels(store, engine), "resource": people}
    if units:
        labels["org_unit"] = units
    place: Place = "org_unit" if units else "resource"
    overall, groups = _groups(store, tables, engine, labels=labels)
    handed = run(hand_off_totals(waits, place=place, limit=MOST_HAND_OFFS), store, engine, given=given)
    named = labels[place]
    return WaitingCauses(
        enablement=tables.enablement,
        reasons=_reasons(tables, waits=overall.waits),
        instances=facts["instances"],
        lead_seconds=seconds(lead_us or 0),
        overall=overall,
        activities=groups["activity"],
        resources=groups["resource"],
        org_units=groups.get("org_unit", ()),
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
    store: LogStore, tables: WaitingTables, engine: Engine | None, *, labels: dict[Place, dict[int, str]]
) -> tuple[WaitingGroup, dict[Place, tuple[WaitingGroup, ...]]]:
    """Return all waits, and those by each of the places."""
    places, given = tuple(labels), {WAITING_CAUSES: tables.waits}
    counted = run(waiting_cases(waiting_causes(), places=places), store, engine, given=given)
    cases = {(place, code): count for place, code, count in counted}
    whole = [0] * (2 + len(_SUMS))
    groups: dict[Place, list[WaitingGroup]] = {place: [] for place in places}
    for code, waits, unknown, *rest in run(place_totals(waiting_causes(), places=places), store, engine, given=given):
        *sums, place = rest
        label = "" if code is None else labels[place][code]
        groups[place].append(_group(label, "", (waits, unknown, cases.get((place, code), 0), *sums)))
        if place == places[0]:
            whole = [one + (other or 0) for one, other in zip(whole, (waits, unknown, *sums), strict=True)]
    overall = _group("", "", (whole[0], whole[1], cases.get(("", None), 0), *whole[2:]))
    return overall, {
        place: tuple(sorted(found, key=lambda group: (-group.case_waiting.total, group.label)))
        for place, found in groups.items()
    }


def _group(label: str, from_label: str, row: tuple[Any, ...]) -> WaitingGroup:
    waits, unknown, cases, most_us, *causes = row
    whole, shared = causes[: len(CAUSES)], causes[len(CAUSES) :]
    return WaitingGroup(
        label, from_label, waits, unknown, cases or 0, _seconds(whole), _seconds(shared), seconds(most_us or 0)
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
