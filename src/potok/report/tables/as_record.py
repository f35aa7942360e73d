"""Tables as plain JSON values."""

from datetime import date
from typing import Any

from potok.report.formats import instant_of
from potok.report.tables.model import Column, ColumnKind, Table


def as_record(table: Table) -> dict[str, Any]:
    """Return a table as JSON: rows keyed by the columns' names, durations in seconds, instants ISO 8601 with offset."""

    def record(row: tuple[Any, ...]) -> dict[str, Any]:
        return {c.key: plain_value(value, c, table.zone) for c, value in zip(table.columns, row, strict=True)}

    return {"name": table.name, "rows": list(map(record, table.rows)), "notes": list(table.notes)}


def plain_value(value: Any, column: Column, zone: str) -> Any:
    """Return a value as JSON holds it."""
    if value is None:
        return None
    if column.kind is ColumnKind.INSTANT:
        return instant_of(value, zone=zone).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
