"""A log store written by plain Python from a handful of records: the store's layout, implemented a second time."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from potok.log.store import LogStore

INSTANT = pa.timestamp("us", tz="UTC")
SECOND = 1_000_000

EVENTS = pa.schema(
    {
        "case": pa.int64(),
        "position": pa.int32(),
        "activity": pa.int32(),
        "enabled_at": INSTANT,
        "started_at": INSTANT,
        "completed_at": INSTANT,
        "resource": pa.int32(),
        "org_unit": pa.int32(),
        "cost": pa.float64(),
        "source_row": pa.int64(),
        "next_activity": pa.int32(),
        "next_started_at": INSTANT,
        "next_completed_at": INSTANT,
        "next_org_unit": pa.int32(),
        "next_resource": pa.int32(),
    }
)
CASES = pa.schema(
    {
        "case": pa.int64(),
        "case_id": pa.string(),
        "opened_at": INSTANT,
        "closed_at": INSTANT,
        "last_at": INSTANT,
        "variant": pa.int32(),
        "n_events": pa.int32(),
        "outcome": pa.string(),
        "channel": pa.string(),
        "service": pa.string(),
        "agency": pa.string(),
    }
)
VARIANTS = pa.schema({"variant": pa.int32(), "activities": pa.string(), "n_events": pa.int32(), "cases": pa.int64()})
REJECTED = pa.schema(
    {
        "source_row": pa.int64(),
        "line": pa.int64(),
        "column": pa.string(),
        "reason": pa.string(),
        "text": pa.string(),
    }
)


@dataclass(frozen=True)
class TinyEvent:
    """One activity instance; instants in microseconds UTC."""

    case: str
    activity: str
    enabled: int | None = None
    started: int | None = None
    completed: int | None = None
    resource: str | None = None
    org_unit: str | None = None

    @property
    def instants(self) -> list[int]:
        return [instant for instant in (self.enabled, self.started, self.completed) if instant is not None]


@dataclass(frozen=True)
class TinyLog:
    """Events in source order; all cases are closed at their last instant but those named in `open_cases`.

    `opened` and `closed` give the instants of single cases otherwise; `extracted` is the last instant by default.
    """

    events: tuple[TinyEvent, ...]
    open_cases: frozenset[str] = frozenset()
    opened: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    extracted: int | None = None

    @property
    def extracted_us(self) -> int:
        known = [instant for event in self.events for instant in event.instants]
        return self.extracted if self.extracted is not None else max(known)


def tiny_log(text: str, *, open_cases: str = "", **options) -> TinyLog:
    """Read a log from a table with columns parted by bars: instants in seconds, empty cells unknown.

    Columns are named as the fields of `TinyEvent`. `open_cases` holds case ids parted by spaces; further options are
    those of `TinyLog`, their instants in seconds as well.
    """
    header, *lines = [line for line in text.strip().splitlines() if line.strip()]
    names = [name.strip() for name in header.split("|")]
    events = tuple(
        TinyEvent(**{name: _cell(name, cell.strip()) for name, cell in zip(names, line.split("|"), strict=True)})
        for line in lines
    )
    for name in ("opened", "closed"):
        options[name] = {case: instant * SECOND for case, instant in options.get(name, {}).items()}
    if "extracted" in options:
        options["extracted"] *= SECOND
    return TinyLog(events, open_cases=frozenset(open_cases.split()), **options)


def _cell(name: str, cell: str) -> str | int | None:
    if not cell:
        return None
    return int(cell) * SECOND if name in ("enabled", "started", "completed") else cell


def write_store(log: TinyLog, folder: Path) -> LogStore:
    """Write a finished log store into a new folder."""
    folder.mkdir(parents=True)
    traces = _traces(log)
    cases = _case_rows(log, traces)
    activities = _codes(event.activity for event in log.events)
    units = _codes(event.org_unit for event in log.events)
    resources = _codes(event.resource for event in log.events)
    variants = _variant_rows(traces, activities)
    codes = {row["activities"]: row["variant"] for row in variants}
    for row in cases:
        row["variant"] = codes[_sequence(traces[row["case_id"]], activities)]
    _write(folder, "cases", cases, CASES)
    _write(folder, "variants", variants, VARIANTS)
    _write(folder, "events", _event_rows(cases, traces, activities, resources, units), EVENTS)
    _write_dictionary(folder, "activities", "activity", activities, log, {"phase": pa.string()})
    _write_dictionary(folder, "resources", "resource", resources, log, {})
    _write_dictionary(folder, "units", "org_unit", units, log, {})
    _write(folder, "rejected", [], REJECTED)
    manifest = {
        "schema": "potok.log/1",
        "content_sha256": "0" * 64,
        "log": {"extracted_us": log.extracted_us},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return LogStore(folder, manifest)


def _traces(log: TinyLog) -> dict[str, list[tuple[int, TinyEvent]]]:
    """Source rows and events of each case, in the log's order."""
    traces: dict[str, list[tuple[int, TinyEvent]]] = {}
    for row, event in enumerate(log.events, start=1):
        traces.setdefault(event.case, []).append((row, event))
    for trace in traces.values():
        trace.sort(key=_order)
    return traces


def _order(numbered: tuple[int, TinyEvent]) -> tuple:
    row, event = numbered
    happened = next(t for t in (event.completed, event.started, event.enabled) if t is not None)
    return (happened, event.started is None, event.started or 0, row)


def _codes(labels) -> dict[str, int]:
    return {label: code for code, label in enumerate(sorted({label for label in labels if label is not None}))}


def _case_rows(log: TinyLog, traces) -> list[dict]:
    rows = []
    for case_id, trace in traces.items():
        instants = [instant for _row, event in trace for instant in event.instants]
        closed = None if case_id in log.open_cases else log.closed.get(case_id, max(instants))
        rows.append(
            {
                "case_id": case_id,
                "opened_at": log.opened.get(case_id, min(instants)),
                "closed_at": closed,
                "last_at": max(instants),
                "n_events": len(trace),
            }
        )
    rows.sort(key=lambda row: (row["opened_at"], row["case_id"]))
    return [{"case": code, **row} for code, row in enumerate(rows)]


def _sequence(trace, activities: dict[str, int]) -> str:
    return ",".join(str(activities[event.activity]) for _row, event in trace)


def _variant_rows(traces, activities: dict[str, int]) -> list[dict]:
    counts = Counter(_sequence(trace, activities) for trace in traces.values())
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"variant": code, "activities": sequence, "n_events": sequence.count(",") + 1, "cases": cases}
        for code, (sequence, cases) in enumerate(ranked)
    ]


def _event_rows(cases, traces, activities, resources, units) -> list[dict]:
    rows = []
    for case in cases:
        trace = traces[case["case_id"]]
        coded = [
            {
                "case": case["case"],
                "position": position,
                "activity": activities[event.activity],
                "enabled_at": event.enabled,
                "started_at": event.started,
                "completed_at": event.completed,
                "resource": resources.get(event.resource),
                "org_unit": units.get(event.org_unit),
                "source_row": row,
            }
            for position, (row, event) in enumerate(trace)
        ]
        for row, following in zip(coded, [*coded[1:], {}], strict=True):
            for name in ("activity", "started_at", "completed_at", "org_unit", "resource"):
                row[f"next_{name}"] = following.get(name)
        rows += coded
    return rows


def _write_dictionary(folder: Path, name: str, role: str, codes: dict[str, int], log: TinyLog, more: dict) -> None:
    rows = []
    for label, code in codes.items():
        held = [event for event in log.events if getattr(event, role) == label]
        rows.append({role: code, "label": label, "instances": len(held), "cases": len({e.case for e in held})})
    schema = pa.schema({role: pa.int32(), "label": pa.string(), **more, "instances": pa.int64(), "cases": pa.int64()})
    _write(folder, name, rows, schema)


def _write(folder: Path, name: str, rows: list[dict], schema: pa.Schema) -> None:
    columns = [
        pa.array([row.get(field.name) for row in rows], pa.int64()).cast(field.type)
        if field.type == INSTANT
        else pa.array([row.get(field.name) for row in rows], field.type)
        for field in schema
    ]
    pq.write_table(pa.Table.from_arrays(columns, schema=schema), folder / f"{name}.parquet")
