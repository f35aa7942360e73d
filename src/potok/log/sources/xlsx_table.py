"""The table found in a sheet: where it begins, its rows with their numbers, merged values repeated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.sources.xlsx_header import SEARCHED_ROWS, Heading, find_heading, has_values, is_filled
from potok.log.sources.xlsx_workbook import Sheet, Workbook, translating

BATCH_ROWS: Final = 16_384

NumberedRow = tuple[int, Sequence[Any]]


class HeadingNotFoundError(BadDataError):
    """No row of the sheet looks like a heading."""

    code = "POTOK-L046"


@dataclass(slots=True)
class Table:
    """The table found in one sheet, and what was seen of it.

    Parameters
    ----------
    sheet, heading
        Where it is.
    width
        Number of columns its rows are given: at least those of the sheet.
    rows, empty_rows, filled_cells
        Rows below the heading; blank ones between them; cells filled from a merged range above them.
    """

    sheet: Sheet
    heading: Heading
    width: int
    rows: int = 0
    empty_rows: int = 0
    filled_cells: int = 0


def find_table(workbook: Workbook, sheet: Sheet) -> Table:
    """Find the table in a sheet that has rows.

    Raises
    ------
    HeadingNotFoundError
        If no row looks like a heading.
    """
    with translating(workbook.path):
        rows = list(islice(_leading_rows(sheet), SEARCHED_ROWS))
    merged = [span for span in sheet.merged if span[0][0] < SEARCHED_ROWS]
    heading = find_heading([row for _number, row in rows], merged=_shift(merged, by=rows[0][0]))
    if heading is None:
        raise HeadingNotFoundError(
            _("No row of sheet «{sheet}» in {name} looks like a heading.").format(
                sheet=sheet.name, name=workbook.path.name
            ),
            where=f"{workbook.path}, {sheet.name}",
            remedy=_("Give every column a name in one row above the data, or name another sheet: {sheets}.").format(
                sheets=", ".join(workbook.visible_sheets)
            ),
        )
    return Table(sheet, replace(heading, first_row=heading.first_row + rows[0][0]), width=len(heading.names))


def column_names(table: Table) -> list[str]:
    """Return the columns' names without unnamed columns to the right of the table."""
    last = max(column for column, name in enumerate(table.heading.names) if name)
    return list(table.heading.names[: last + 1])


def _leading_rows(sheet: Sheet) -> Iterator[NumberedRow]:
    """Give the rows from the first filled one on, with their zero-based numbers."""
    begun = False
    for number, row in enumerate(sheet.rows()):
        begun = begun or has_values(row)
        if begun:
            yield number, row


def _shift(merged: Sequence[Any], *, by: int) -> list[Any]:
    return [((top - by, left), (bottom - by, right)) for (top, left), (bottom, right) in merged]


def read_pieces(table: Table) -> Iterator[list[NumberedRow]]:
    """Give the filled rows below the heading in pieces, each with its number in Excel."""
    table.empty_rows = table.filled_cells = 0
    rows = _data_rows(table)
    missing = [""] * (table.width - len(table.heading.names))
    while piece := list(islice(rows, BATCH_ROWS)):
        yield [(number, [*row, *missing]) for number, row in piece] if missing else piece


def _data_rows(table: Table) -> Iterator[NumberedRow]:
    spans: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in table.sheet.merged:
        if bottom > top >= table.heading.data_row and 0 <= left < len(table.heading.names):
            spans.setdefault(top, []).append((left, bottom))
    open_spans: dict[int, tuple[int, Any]] = {}
    trailing = 0
    for number, row in enumerate(table.sheet.rows()):
        if number < table.heading.data_row:
            continue
        for left, bottom in spans.get(number, ()):
            open_spans[left] = (bottom, row[left])
        if not has_values(row):
            trailing += 1
            continue
        table.empty_rows += trailing
        trailing = 0
        yield number + 1, _fill_down(table, row, number, open_spans) if open_spans else row


def _fill_down(table: Table, row: Sequence[Any], number: int, open_spans: dict[int, tuple[int, Any]]) -> Sequence[Any]:
    """Repeat values merged over several rows."""
    filled = list(row)
    for column, (bottom, value) in list(open_spans.items()):
        if number > bottom:
            del open_spans[column]
        elif not is_filled(filled[column]) and is_filled(value):
            filled[column] = value
            table.filled_cells += 1
    return filled
