"""Tables on a terminal."""

from typing import Any

from potok.core.language import gettext as _
from potok.report.formats import (
    format_count,
    format_day,
    format_decimal,
    format_duration,
    format_instant,
    format_share,
)
from potok.report.tables.model import TEXTUAL, Column, ColumnKind, Table

GAP = "  "
WIDEST_CELL = 60


def as_text(table: Table) -> str:
    """Return a table in aligned columns, figures as people read them, with its notes below."""
    heads = [column.title for column in table.columns]
    cells = [
        [_shorten(format_value(value, column, table.zone)) for column, value in zip(table.columns, row, strict=True)]
        for row in table.rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [table.title, "", _line(heads, table.columns, widths)]
    lines += [_line(row, table.columns, widths) for row in cells]
    if not cells:
        lines.append(_("There is nothing to show."))
    return "\n".join([*lines, *([""] if table.notes else []), *table.notes])


def format_value(value: Any, column: Column, zone: str) -> str:
    """Write one value as people read it; a dash where it is not known."""
    if value is None:
        return "–"
    match column.kind:
        case ColumnKind.COUNT:
            return format_count(value)
        case ColumnKind.NUMBER:
            return format_decimal(value, digits=2)
        case ColumnKind.DURATION:
            return format_duration(value) if value >= 0 else "−" + format_duration(-value)
        case ColumnKind.SHARE:
            return format_share(value)
        case ColumnKind.INSTANT:
            return format_instant(value, zone=zone)
        case ColumnKind.DAY:
            return format_day(value)
        case ColumnKind.FLAG:
            return _("yes") if value else _("no")
        case _:
            return " → ".join(value) if isinstance(value, tuple) else str(value)


def _shorten(text: str) -> str:
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"


def _line(cells: list[str], columns: tuple[Column, ...], widths: list[int]) -> str:
    aligned = (
        cell.ljust(width) if column.kind in TEXTUAL else cell.rjust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    )
    return GAP.join(aligned).rstrip()
