"""A finished log store read as a source: for joining stores and topping them up.

Roles are staged under names that begin with ``@``, attributes under their own names.
"""

import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from potok.engine.sql import quote_file, quote_identifier, quote_literal
from potok.log.mapping import LifecycleMode, Mapping, TimeColumn, TimeEncoding
from potok.log.sources.base import ColumnKind, ColumnLevel, SourceFile, Staged, StagedColumn, StagingOptions

CASE_ROLES: Final = ("outcome", "channel", "service", "agency")
INSTANTS: Final = ("enabled_at", "started_at", "completed_at")
PREFIX: Final = "attr:"


def store_mapping() -> Mapping:
    """Return the mapping by which any staged store is read."""

    def instant(name: str) -> TimeColumn:
        return TimeColumn((f"@{name}",), TimeEncoding.TYPED)

    return Mapping(
        case_id="@case_id",
        activity=("@activity",),
        enabled_at=instant("enabled_at"),
        started_at=instant("started_at"),
        completed_at=instant("completed_at"),
        resource="@resource",
        org_unit="@org_unit",
        cost="@cost",
        outcome="@outcome",
        channel="@channel",
        service="@service",
        agency="@agency",
        lifecycle_mode=LifecycleMode.RAW,
    )


def stage_store(path: Path, *, options: StagingOptions) -> Staged:
    """Stage a log store: one row per activity instance, codes turned back into labels, in store order."""
    del options  # nothing is copied
    return stage_store_as(path)


def stage_store_as(path: Path, *, case_attribute: str = "", agency: str = "") -> Staged:
    """Stage a log store under another case id or agency.

    Parameters
    ----------
    case_attribute
        Name of a case attribute that serves as the case id (a number shared between agencies).
    agency
        Agency written into every case; empty keeps the store's own.
    """
    events = _attributes(path / "events.parquet")
    cases = {name: kind for name, kind in _attributes(path / "cases.parquet").items() if name not in events}
    own = "".join(
        f", {table}.{quote_identifier(PREFIX + name)} AS {quote_identifier(name)}"
        for table, names in (("e", events), ("c", cases))
        for name in names
    )
    case_id = f"CAST(c.{quote_identifier(PREFIX + case_attribute)} AS VARCHAR)" if case_attribute else "c.case_id"
    roles = {role: f"c.{role}" for role in CASE_ROLES} | ({"agency": quote_literal(agency)} if agency else {})
    relation = f"""(
        SELECT {case_id} AS "@case_id", a.label AS "@activity", {_renamed("e", (*INSTANTS, "cost"))},
               r.label AS "@resource", u.label AS "@org_unit", e.source_row AS "@source_row",
               {", ".join(f'{value} AS "@{role}"' for role, value in roles.items())}{own}
        FROM {_table(path, "events")} e JOIN {_table(path, "cases")} c ON c."case" = e."case"
        JOIN {_table(path, "activities")} a ON a.activity = e.activity
        LEFT JOIN {_table(path, "resources")} r ON r.resource = e.resource
        LEFT JOIN {_table(path, "units")} u ON u.org_unit = e.org_unit
        ORDER BY e."case", e.position)"""
    return Staged(relation, _columns(events, cases), "store", (_file(path),), row_column="@source_row")


def _renamed(table: str, names: tuple[str, ...]) -> str:
    return ", ".join(f'{table}.{name} AS "@{name}"' for name in names)


def _table(path: Path, name: str) -> str:
    return f"read_parquet({quote_file(path / f'{name}.parquet')})"


def _attributes(file: Path) -> dict[str, Any]:
    schema = pq.read_schema(file)
    return {field.name.removeprefix(PREFIX): field.type for field in schema if field.name.startswith(PREFIX)}


def _columns(events: dict[str, Any], cases: dict[str, Any]) -> tuple[StagedColumn, ...]:
    texts = ("case_id", "activity", "resource", "org_unit", *CASE_ROLES)
    return (
        *(StagedColumn(f"@{name}") for name in texts),
        *(StagedColumn(f"@{name}", ColumnKind.INSTANT) for name in INSTANTS),
        StagedColumn("@cost", ColumnKind.REAL),
        *(StagedColumn(name, _kind(kind), ColumnLevel.EVENT) for name, kind in events.items()),
        *(StagedColumn(name, _kind(kind), ColumnLevel.CASE) for name, kind in cases.items()),
    )


def _kind(kind: Any) -> ColumnKind:
    if pa.types.is_integer(kind):
        return ColumnKind.INTEGER
    if pa.types.is_floating(kind):
        return ColumnKind.REAL
    if pa.types.is_boolean(kind):
        return ColumnKind.BOOLEAN
    if pa.types.is_timestamp(kind):
        return ColumnKind.INSTANT if kind.tz else ColumnKind.LOCAL_TIME
    return ColumnKind.TEXT


def _file(path: Path) -> SourceFile:
    """Describe a store by its content hash: it is the store's content that is read, not its files."""
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    size = sum(file.stat().st_size for file in path.glob("*.parquet"))
    return SourceFile(path.name, size, manifest["content_sha256"])
