"""The way from every other figure back to its cases: each list holds as many cases as the figure counts.

Lists behind passages give the wait of each case in them, longest first; lists behind whole cases give their lead time.
"""

from typing import Literal

import ibis

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.mapping import ExtractionKind
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.case_times import timely
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, gap_evidence, read_evidence
from potok.measure.passages import passages
from potok.measure.running import MICROSECONDS, activity_labels, resource_labels, unit_labels
from potok.measure.sampling import sampling_of
from potok.measure.sequences import variant_positions

Holder = Literal["resource", "org_unit"]
CaseEnd = Literal["start", "end"]


def list_passage_cases(
    store: LogStore, activity: str, next_activity: str, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind an edge of the directly-follows graph.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the activities.
    """
    labels = activity_labels(store, engine)
    source, target = find_code(labels, activity), find_code(labels, next_activity)
    return _behind_passages("activity", source, target, store, limit, engine)


def list_hand_over_cases(
    store: LogStore,
    source: str,
    target: str,
    *,
    holder: Holder,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a hand-over from one resource or unit to another.

    Raises
    ------
    UnknownPlaceError
        If the log does not have one of the holders.
    """
    labels = (resource_labels if holder == "resource" else unit_labels)(store, engine)
    return _behind_passages(holder, find_code(labels, source), find_code(labels, target), store, limit, engine)


def list_variant_cases(
    store: LogStore, variant: int, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases of a variant, by its code."""
    cases = lead_times(CASES, extracted_us=store.extracted_us)
    return _whole_cases(cases.filter(cases.variant == variant), store, limit, engine)


def list_duration_cases(
    store: LogStore,
    from_seconds: float,
    to_seconds: float | None,
    *,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases that took ``[from_seconds, to_seconds)``, open ones by their age; None is no upper bound."""
    cases = lead_times(CASES, extracted_us=store.extracted_us)
    chosen = cases.filter(cases.lead_us >= int(from_seconds * MICROSECONDS))
    if to_seconds is not None:
        chosen = chosen.filter(chosen.lead_us < int(to_seconds * MICROSECONDS))
    return _whole_cases(chosen, store, limit, engine)


def list_activity_cases(
    store: LogStore,
    activity: str,
    *,
    times: int = 1,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases in which an activity was done at least so many times (twice: its rework).

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    """
    positions = variant_positions(VARIANTS)
    held = positions.filter(positions.activity == find_code(activity_labels(store, engine), activity))
    counted = held.group_by("variant").aggregate(times=held.count().cast("int64"))
    return _of_variants(counted.filter(counted.times >= times), store, limit, engine)


def list_endpoint_cases(
    store: LogStore, activity: str, *, end: CaseEnd, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases that start with an activity, or end (or stand, while open) with it.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the activity.
    """
    positions = variant_positions(VARIANTS)
    place = 0 if end == "start" else positions.n_events - 1
    code = find_code(activity_labels(store, engine), activity)
    found = positions.filter(positions.position == place, positions.activity == code)
    return _of_variants(found, store, limit, engine)


def list_outcome_cases(
    store: LogStore,
    outcome: str | None,
    *,
    followed_seconds: float = 0,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the closed cases with an outcome (None: of an unknown one), the longest first.

    Parameters
    ----------
    followed_seconds
        Only cases opened at least so long before the extraction, calendar seconds: the horizon of
        `potok.measure.outcome_shares.OutcomeShares`, which counts no others.
    """
    sampling = sampling_of(store)
    cases = timely(lead_times(CASES, extracted_us=store.extracted_us), extracted_us=store.extracted_us)
    closed = cases.filter(
        cases.ended_us.notnull(), cases.opened_us <= store.extracted_us - int(followed_seconds * MICROSECONDS)
    )
    if sampling.kind is ExtractionKind.ACTIVE and sampling.watched_from_us is not None:
        since_us = sampling.watched_from_us
        closed = closed.filter((closed.opened_us >= since_us) | (closed.ended_us > since_us))
    named = closed.outcome.nullif("")
    chosen = closed.filter(named.isnull() if outcome is None else named == outcome)
    return _whole_cases(chosen, store, limit, engine)


def _behind_passages(
    role: str, source: int, target: int, store: LogStore, limit: int | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    pairs = passages(EVENTS)
    here = pairs.filter(pairs[role] == source, pairs[f"next_{role}"] == target)
    gaps = here.select("case", "position", "source_row", gap_us="wait_us")
    return read_evidence(gap_evidence(EVENTS, CASES, gaps, limit=limit), store, engine)


def _of_variants(
    variants: ibis.Table, store: LogStore, limit: int | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    cases = lead_times(CASES, extracted_us=store.extracted_us)
    return _whole_cases(cases.semi_join(variants, "variant"), store, limit, engine)


def _whole_cases(
    cases: ibis.Table, store: LogStore, limit: int | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    return read_evidence(case_evidence(EVENTS, cases, limit=limit), store, engine)
