"""Registration by the batch: cases entered together, after applications have lain for a while.

A batch is `SMALLEST_BATCH` cases at least whose first instance the same performer completed within the same minute.
What an application waited before that is not in the log; that many are entered at once only says that they waited for
each other. Registration by a machine is left out: portals deliver in batches by design.
"""

from dataclasses import dataclass
from typing import Final, Literal

import ibis

from potok.core.language import mark
from potok.core.time_units import DAY_US, MINUTE_US
from potok.diagnose.digitalisation.steps import system_performers
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.counts import compute_counts
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence
from potok.measure.local_time import local_us, zone_of
from potok.measure.running import activity_labels, run

SMALLEST_BATCH: Final = 5
MIDNIGHT_SHARE: Final = 0.9

Refusal = Literal["no_performers", "day_resolution"]
REFUSALS: Final = {
    "no_performers": mark("The log does not say who registered a case."),
    "day_resolution": mark("Registrations have no time of day."),
}


@dataclass(frozen=True, slots=True)
class BatchedActivity:
    """One first activity, as far as it is done by the batch."""

    activity: str
    cases: int
    batches: int
    batched_cases: int
    largest_batch: int


@dataclass(frozen=True, slots=True)
class BatchRegistration:
    """Registration by the batch, activities with most batched cases first.

    Parameters
    ----------
    cases
        With a known performer, not a machine, and a known instant of the first instance.
    batched_cases
        Those of them that were entered in a batch.
    batched_share
        0–1; None without such cases, or where it cannot be told.
    refusal
        Key of `REFUSALS`; None if it can be told.
    """

    cases: int
    batched_cases: int
    batched_share: float | None
    refusal: Refusal | None
    activities: tuple[BatchedActivity, ...]


def first_instances(events: ibis.Table, *, system_codes: tuple[int, ...]) -> ibis.Table:
    """Return one row per case first done by a person at a known instant: `case`, `activity`, `resource`, `minute`."""
    first = events.filter(events.position == 0, events.resource.notnull(), events.completed_us.notnull())
    if system_codes:
        first = first.filter(~first.resource.isin(list(system_codes)))
    within = (first.completed_us % MINUTE_US + MINUTE_US) % MINUTE_US
    return first.select("case", "activity", "resource", minute=(first.completed_us - within).cast("int64"))


def registration_batches(first: ibis.Table) -> ibis.Table:
    """Return one row per activity, performer and minute: `activity`, `resource`, `minute`, `size`."""
    return first.group_by("activity", "resource", "minute").aggregate(size=first.count().cast("int64"))


def batch_figures(batches: ibis.Table) -> ibis.Table:
    """Return one row per activity: `activity`, `cases`, `batches`, `batched`, `largest` (0 without a batch)."""
    is_batch = batches["size"] >= SMALLEST_BATCH
    size = ibis.ifelse(is_batch, batches["size"], 0)
    return batches.group_by("activity").aggregate(
        cases=batches["size"].sum().cast("int64"),
        batches=ibis.ifelse(is_batch, 1, 0).sum().cast("int64"),
        batched=size.sum().cast("int64"),
        largest=size.max().cast("int64"),
    )


def midnight_counts(events: ibis.Table, *, zone: str, first_us: int, last_us: int) -> ibis.Table:
    """Return one row: `timed` first instances with a completion, `midnight` of them at midnight sharp."""
    first = events.filter(events.position == 0, events.completed_us.notnull())
    wall = local_us(first.completed_us, zone=zone, first_us=first_us, last_us=last_us)
    return first.aggregate(
        timed=first.count().cast("int64"),
        midnight=ibis.ifelse(wall % DAY_US == 0, 1, 0).sum().fill_null(0).cast("int64"),
    )


def compute_batch_registration(store: LogStore, *, engine: Engine | None = None) -> BatchRegistration:
    """Compute how many cases were registered by the batch."""
    counts = compute_counts(store, engine=engine)
    clock = {"first_us": counts.first_us, "last_us": counts.last_us}
    ((timed, midnight),) = run(midnight_counts(EVENTS, zone=zone_of(store), **clock), store, engine)
    first = first_instances(EVENTS, system_codes=system_performers(store, engine))
    labels = activity_labels(store, engine)
    found = [
        BatchedActivity(labels[activity], cases, batches, batched, largest)
        for activity, cases, batches, batched, largest in run(batch_figures(registration_batches(first)), store, engine)
    ]
    cases, batched = sum(one.cases for one in found), sum(one.batched_cases for one in found)
    refusal: Refusal | None = None
    if timed and midnight >= MIDNIGHT_SHARE * timed:
        refusal = "day_resolution"
    elif not cases:
        refusal = "no_performers"
    if refusal:
        return BatchRegistration(cases, 0, None, refusal, ())
    ranked = sorted(found, key=lambda one: (-one.batched_cases, one.activity))
    chosen = tuple(one for one in ranked if one.batches)
    return BatchRegistration(cases, batched, batched / cases, None, chosen)


def list_batch_registration_cases(
    store: LogStore, activity: str, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases registered by the batch with an activity, the longest first.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    """
    code = find_code(activity_labels(store, engine), activity)
    first = first_instances(EVENTS, system_codes=system_performers(store, engine))
    batches = registration_batches(first.filter(first.activity == code))
    large = batches.filter(batches["size"] >= SMALLEST_BATCH)
    chosen = first.semi_join(large, ["activity", "resource", "minute"])
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    return read_evidence(case_evidence(EVENTS, timed.semi_join(chosen, "case"), limit=limit), store, engine)
