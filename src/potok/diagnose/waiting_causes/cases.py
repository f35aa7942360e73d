"""The cases behind a figure of waiting causes."""

import ibis

from potok.diagnose.waiting_causes.results import Place
from potok.diagnose.waiting_causes.sweep import CAUSES
from potok.diagnose.waiting_causes.tables import CASE_COLUMNS, WAITING_CAUSES, WaitingTables, waiting_causes
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, find_code, read_evidence
from potok.measure.running import activity_labels, resource_labels, unit_labels

_LABELS = {"activity": activity_labels, "resource": resource_labels, "org_unit": unit_labels}


def waiting_evidence(
    events: ibis.Table, cases: ibis.Table, waits: ibis.Table, *, cause: str | None, limit: int | None
) -> ibis.Table:
    """Return one row per wait, as `potok.measure.evidence.gap_evidence`, of the `limit` cases that waited longest.

    Parameters
    ----------
    waits
        As `waiting_causes`.
    cause
        One of `CAUSES`; None takes all.
    """
    columns = (f"case_{cause}_us",) if cause else CASE_COLUMNS
    owed = sum((waits[name] for name in columns), start=ibis.literal(0, "int64"))
    held = waits.select("case", "position", "source_position", gap_us=owed.cast("int64"))
    held = held.filter(held.gap_us > 0)
    losses = held.group_by("case").aggregate(lost_us=held.gap_us.sum().cast("int64"))
    if limit is not None:
        losses = losses.order_by(losses.lost_us.desc(), losses.case).limit(limit)
    waited = events.select("case", "position", next_source_row=events.source_row)
    enabling = events.select("case", source_position=events.position, enabling_row=events.source_row)
    shown = held.inner_join(losses, "case").inner_join(waited, ["case", "position"])
    shown = shown.left_join(enabling, ["case", "source_position"]).drop("case_right", "source_position_right")
    shown = shown.inner_join(cases.select("case", "case_id"), "case")
    # Without an instance that enabled it, a wait lies before its own row.
    row = ibis.coalesce(shown.enabling_row, shown.next_source_row)
    return shown.select("lost_us", "case", "case_id", "gap_us", "next_source_row", source_row=row).select(
        "lost_us", "case", "case_id", "gap_us", "source_row", "next_source_row"
    )


def list_waiting_cause_cases(
    store: LogStore,
    tables: WaitingTables,
    *,
    cause: str | None = None,
    place: tuple[Place, str] | None = None,
    from_label: str | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a figure, those that waited longest first.

    Their seconds add up to the group's `case_waiting` of the cause.

    Parameters
    ----------
    tables
        As in the result.
    cause
        One of `CAUSES`; None takes all.
    place
        What was waited for: its kind and label (empty for instances of which it is unknown); None takes all waits.
    from_label
        Of a hand-off, who handed over.
    limit
        At most so many cases; None for all.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the label.
    ValueError
        If the cause is not one of `CAUSES`.
    """
    if cause is not None and cause not in CAUSES:
        raise ValueError(f"cause must be one of {', '.join(CAUSES)}, not {cause!r}")
    waits = waiting_causes()
    if place is not None:
        kind, label = place
        codes = _LABELS[kind](store, engine)
        waits = waits.filter(waits[kind] == find_code(codes, label) if label else waits[kind].isnull())
        if from_label is not None:
            waits = waits.filter(waits[f"from_{kind}"] == find_code(codes, from_label))
    rows = waiting_evidence(EVENTS, CASES, waits, cause=cause, limit=limit)
    return read_evidence(rows, store, engine, given={WAITING_CAUSES: tables.waits})
