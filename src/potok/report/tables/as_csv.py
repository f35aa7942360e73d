"""Tables as CSV for Excel: UTF-8 with a byte order mark, and text that no program takes for a formula."""

import csv
import io
from typing import Any, Final

from potok.core.language import current_language
from potok.report.tables.as_record import plain_value
from potok.report.tables.model import Column, ColumnKind, Table

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(table: Table) -> str:
    """Return a table as CSV.

    In Russian fields are separated by ``;`` and decimals by a comma, as Excel reads them there. Text that begins as a
    formula does is preceded by an apostrophe, which spreadsheets hide.
    """
    is_russian = current_language() == "ru"
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";" if is_russian else ",", lineterminator="\r\n")
    writer.writerow([harmless(column.title) for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [_cell(v, c, table.zone, is_russian=is_russian) for c, v in zip(table.columns, row, strict=True)]
        )
    return "\ufeff" + stream.getvalue()


def _cell(value: Any, column: Column, zone: str, *, is_russian: bool) -> str:
    plain = plain_value(value, column, zone)
    if plain is None:
        return ""
    if column.kind is ColumnKind.FLAG:
        return str(plain).lower()
    if isinstance(plain, float):
        return repr(plain).replace(".", ",") if is_russian else repr(plain)
    if isinstance(plain, list):
        plain = " → ".join(plain)
    return harmless(plain) if isinstance(plain, str) else str(plain)


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(FORMULA_SIGNS) else text
