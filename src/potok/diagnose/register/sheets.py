"""The tables of a register's file: a workbook's sheets or a text file, with the addresses of their cells."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.core.system_reasons import system_reason
from potok.diagnose.register.errors import UnreadableRegisterError
from potok.diagnose.register.headings import fields_of
from potok.diagnose.register.model import Field
from potok.log.sources.text.encoding import choose_encoding
from potok.log.sources.xlsx_container import check_container
from potok.log.sources.xlsx_extent import column_letters
from potok.log.sources.xlsx_header import SEARCHED_ROWS, Heading, find_heading, has_values, is_filled
from potok.log.sources.xlsx_workbook import Sheet, Workbook, choose_sheets, open_workbook, translating

MAX_UNPACKED_BYTES: Final = 2**30
MAX_TEXT_BYTES: Final = 2**28
TEXT_SUFFIXES: Final = frozenset({".csv", ".tsv", ".txt"})
DELIMITERS: Final = (";", ",", "\t", "|")


@dataclass(frozen=True, slots=True)
class Span:
    """Cells of one column that are merged over several rows: zero-based, both ends inclusive."""

    column: int
    top: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of a register: its rows from row 1 on, and what is merged in it.

    Parameters
    ----------
    name
        Of the sheet; the file's name for text.
    first_column
        Zero-based column of the sheet in which the rows begin.
    merged
        Merged ranges, zero-based rows and columns of `rows`, both corners inclusive.
    """

    name: str
    rows: tuple[tuple[Any, ...], ...]
    first_column: int = 0
    merged: tuple[Any, ...] = ()

    def cell(self, row: int, column: int) -> str:
        """Return the address of a cell as spreadsheets write it."""
        return f"{self.name}!{column_letters(column + self.first_column)}{row + 1}"

    def span(self, span: Span) -> str:
        """Return the address of cells that are merged over several rows."""
        return f"{self.cell(span.top, span.column)}:{column_letters(span.column + self.first_column)}{span.bottom + 1}"


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a file, and its sheets that are hidden."""

    grids: tuple[Grid, ...]
    hidden: tuple[str, ...]
    sha256: str


def read_tables(path: Path, *, sheet: str = "", progress: Progress | None = None) -> Tables:
    """Read every visible sheet of a workbook, or a text file.

    Parameters
    ----------
    sheet
        Only this one; empty for all that are visible.

    Raises
    ------
    UnreadableRegisterError
        If there is no such file, or it is neither.
    PotokError
        If the workbook is damaged, protected or too large.
    """
    content = _read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if path.suffix.casefold() in TEXT_SUFFIXES and not content.startswith(b"PK\x03\x04"):
        return Tables((_text_grid(path, content),), (), sha256)
    extents = check_container(path, max_bytes=MAX_UNPACKED_BYTES, progress=progress or SilentProgress())
    workbook = open_workbook(path, extents=extents)
    sheets = choose_sheets(workbook, wanted=sheet or "*")
    hidden = () if sheet else workbook.hidden_sheets
    return Tables(tuple(_grid(workbook, one) for one in sheets), hidden, sha256)


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise UnreadableRegisterError(
                _("{path} is a folder, not a register.").format(path=path),
                where=str(path),
                remedy=_("Give an Excel workbook or a CSV file."),
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableRegisterError(
            _("The register {path} cannot be read: {reason}.").format(path=path, reason=system_reason(error)),
            where=str(path),
            remedy=_("Check the name, and that you may read it."),
        ) from error


def _grid(workbook: Workbook, sheet: Sheet) -> Grid:
    with translating(workbook.path):
        rows = tuple(tuple(row) for row in sheet.rows())
    return Grid(sheet.name, rows, sheet.first_column, sheet.merged)


def _text_grid(path: Path, content: bytes) -> Grid:
    if len(content) > MAX_TEXT_BYTES or (b"\0" in content[:4096].replace(b"\0\0", b"") and not _is_wide(content)):
        raise _unreadable_text(path)
    encoding = choose_encoding(content[:100_000])
    try:
        text = content[len(encoding.mark) :].decode(encoding.name)
    except (UnicodeDecodeError, LookupError) as error:
        raise _unreadable_text(path) from error
    rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    width = max(map(len, rows), default=0)
    return Grid(path.name, tuple((*row, *("",) * (width - len(row))) for row in rows))


def _is_wide(content: bytes) -> bool:
    return content.startswith((b"\xff\xfe", b"\xfe\xff"))


def _unreadable_text(path: Path) -> BadDataError:
    return UnreadableRegisterError(
        _("{path} is no table of text.").format(path=path),
        where=str(path),
        remedy=_("Save the register as .xlsx, or as CSV in UTF-8."),
    )


def _delimiter(text: str) -> str:
    """Return the delimiter under which the first lines hold most known headings, else most columns."""
    lines = "\n".join(islice(text.splitlines(), SEARCHED_ROWS))

    def judge(delimiter: str) -> tuple[int, int]:
        rows = list(csv.reader(io.StringIO(lines), delimiter=delimiter))
        return max((len(fields_of(row)[0]) for row in rows), default=0), max(map(len, rows), default=0)

    return max(DELIMITERS, key=judge)


def find_names(grid: Grid) -> Heading | None:
    """Find the heading of a table of processes: the row, or rows, whose texts name most fields of a card.

    Returns
    -------
    Heading or None
        None if no heading has a column for names.
    """
    leading = [list(row) for row in grid.rows[:SEARCHED_ROWS]]
    if not leading:
        return None
    merged = [span for span in grid.merged if span[0][0] < SEARCHED_ROWS]
    candidates = [find_heading(leading, merged=merged), *_single_rows(leading)]
    named = [heading for heading in candidates if heading and Field.NAME in fields_of(heading.names)[0]]
    return max(named, key=lambda heading: len(fields_of(heading.names)[0]), default=None)


def _single_rows(rows: Sequence[Sequence[Any]]) -> Iterator[Heading]:
    for index, row in enumerate(rows):
        texts = tuple(" ".join(value.split()) if isinstance(value, str) else "" for value in row)
        if sum(map(bool, texts)) >= 1:
            after = rows[index + 1] if index + 1 < len(rows) else ()
            yield Heading(index, 1, _is_numbering(after), texts)


def _is_numbering(row: Sequence[Any]) -> bool:
    numbers = [str(value).strip().removesuffix(".0") for value in row if is_filled(value)]
    return len(numbers) >= 3 and numbers == [str(number) for number in range(1, len(numbers) + 1)]


@dataclass(slots=True)
class GridRows:
    """The rows below a heading, merged values repeated.

    Parameters
    ----------
    rows
        Zero-based row of the sheet, and its values.
    empty_rows, filled_cells
        Blank rows between them; cells filled from a range merged over several rows.
    spans
        The range to which a cell belongs, by row and column.
    """

    rows: list[tuple[int, list[Any]]]
    empty_rows: int = 0
    filled_cells: int = 0
    spans: dict[tuple[int, int], Span] = field(default_factory=dict)


def rows_below(grid: Grid, heading: Heading) -> GridRows:
    """Return the rows below a heading that hold anything, with merged values repeated down."""
    found = GridRows([], spans=_spans_below(grid, heading))
    blank = 0
    for number, row in enumerate(grid.rows[heading.data_row :], start=heading.data_row):
        if not has_values(row):
            blank += 1
            continue
        if found.rows:
            found.empty_rows += blank
        blank = 0
        values = list(row)
        for column, value in enumerate(values):
            span = found.spans.get((number, column))
            if span is not None and not is_filled(value) and is_filled(grid.rows[span.top][column]):
                values[column] = grid.rows[span.top][column]
                found.filled_cells += 1
        found.rows.append((number, values))
    return found


def _spans_below(grid: Grid, heading: Heading) -> dict[tuple[int, int], Span]:
    spans = (
        Span(left, top, bottom)
        for (top, left), (bottom, _right) in grid.merged
        if bottom > top >= heading.data_row and left >= 0
    )
    return {
        (row, span.column): span
        for span in spans
        if span.top < len(grid.rows) and span.column < len(grid.rows[span.top])
        for row in range(span.top, min(span.bottom + 1, len(grid.rows)))
    }
