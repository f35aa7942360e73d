"""Tables as an Excel workbook, one sheet each."""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS
from potok.report.formats import instant_of
from potok.report.tables.model import Column, ColumnKind, Table

SHEET_NAME_LENGTH: Final = 31
MOST_ROWS: Final = 1_000_000
LONGEST_TEXT: Final = 32_767
WIDEST_COLUMN: Final = 60
_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\]")
_FORMATS: Final = {
    ColumnKind.COUNT: "#,##0",
    ColumnKind.NUMBER: "#,##0.00",
    ColumnKind.DURATION: "#,##0.00",
    ColumnKind.SHARE: "0.0%",
    ColumnKind.INSTANT: "dd.mm.yyyy hh:mm:ss",
    ColumnKind.DAY: "dd.mm.yyyy",
}


class TooManyRowsError(UsageError):
    """A table has more rows than a sheet of a workbook holds."""

    code = "POTOK-R006"


def as_workbook(tables: Sequence[Table]) -> bytes:
    """Return tables as the bytes of an XLSX file.

    Durations are days as decimal numbers and say so in the heading, instants are local times of the table's zone.
    Text is always written as text, so that nothing from a log can be a formula or a link; beyond what a cell holds it
    ends in an ellipsis. Notes stand below.

    Raises
    ------
    TooManyRowsError
        If a table has more rows than a sheet holds.
    """
    import xlsxwriter

    for table in tables:
        if len(table.rows) > MOST_ROWS:
            raise TooManyRowsError(
                _("The table «{title}» has {n} rows; a sheet holds {most}.").format(
                    title=table.title, n=len(table.rows), most=MOST_ROWS
                ),
                remedy=_("Write it as CSV or Parquet."),
            )

    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(stream, options) as book:
        # Without it the file would hold the moment of writing, and never be the same twice.
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - workbooks know no zones
        names: set[str] = set()
        for table in tables:
            name = _sheet_name(table.title, names)
            names.add(name.casefold())
            _write(book, book.add_worksheet(name), table)
    return stream.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    stem = _FORBIDDEN.sub(" ", title).strip("' ")[:SHEET_NAME_LENGTH] or "1"
    name, number = stem, 1
    while name.casefold() in taken:
        number += 1
        end = f" {number}"
        name = stem[: SHEET_NAME_LENGTH - len(end)] + end
    return name


def _write(book: Any, sheet: Any, table: Table) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    for place, column in enumerate(table.columns):
        heading = _heading(column, table.zone)
        sheet.write_string(0, place, heading, bold)
        sheet.set_column(place, place, _width(heading, column, table.column(column.name)))
    for number, row in enumerate(table.rows, start=1):
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True)):
            _write_cell(sheet, (number, place), value, column, formats.get(column.kind), table.zone)
    sheet.freeze_panes(1, 0)
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    for number, note in enumerate(table.notes, start=len(table.rows) + 2):
        sheet.write_string(number, 0, note)


def _heading(column: Column, zone: str) -> str:
    if column.kind is ColumnKind.DURATION:
        return _("{title}, days").format(title=column.title)
    if column.kind is ColumnKind.INSTANT:
        return f"{column.title} ({zone})"
    return column.title


def _width(heading: str, column: Column, values: Sequence[Any]) -> int:
    if column.kind is not ColumnKind.TEXT:
        return max(12, min(24, len(heading) // 2 + 2))
    return min(WIDEST_COLUMN, max([12, *(len(_text(value)) for value in values if value is not None)]) + 2)


def _write_cell(sheet: Any, cell: tuple[int, int], value: Any, column: Column, form: Any, zone: str) -> None:
    if value is None:
        return
    match column.kind:
        case ColumnKind.COUNT | ColumnKind.NUMBER | ColumnKind.SHARE:
            sheet.write_number(*cell, value, form)
        case ColumnKind.DURATION:
            sheet.write_number(*cell, value / DAY_SECONDS, form)
        case ColumnKind.INSTANT:
            sheet.write_datetime(*cell, instant_of(value, zone=zone).replace(tzinfo=None), form)
        case ColumnKind.DAY:
            sheet.write_datetime(*cell, value, form)
        case ColumnKind.FLAG:
            sheet.write_string(*cell, _("yes") if value else _("no"))
        case _:
            sheet.write_string(*cell, _text(value))


def _text(value: Any) -> str:
    text = " → ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
