"""Finds where the table in a text begins, and what its columns are called."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.sources.text.guessing import SampleRecord

MAX_COLUMNS: Final = 4_096
MAX_TITLE_LINES: Final = 50
DATA_RECORDS: Final = 200
# What is looked at; the width of the table is that of most of them.
HEAD_RECORDS: Final = 2 * (MAX_TITLE_LINES + DATA_RECORDS)
# A cell that starts like a number, a date or a time, and holds nothing else but their signs.
VALUE: Final = re.compile(
    r"[+-]?\d[\d\s.,:/TZ+-]*([AP]M)?|[+-]?\d+([.,]\d+)?[eE][+-]?\d+|true|false|null|none", re.IGNORECASE
)


class TooManyColumnsError(BadDataError):
    """The table has more columns than an event log can have."""

    code = "POTOK-L070"


@dataclass(frozen=True, slots=True)
class TableHead:
    """Where the data begins and what its columns are called.

    Parameters
    ----------
    names
        One per column, without repetition in any case of letters.
    header
        Index of the header among the sampled records; None if the file has none.
    first
        Index of the first record of the table (header or data); those before it are titles.
    renamed
        Column number (from 1), text in the header, name given.
    """

    names: tuple[str, ...]
    header: int | None
    first: int
    renamed: tuple[tuple[int, str, str], ...]


def find_head(records: Sequence[SampleRecord]) -> TableHead:
    """Find the header of a table.

    Records before it that are shorter or have at most one cell filled are titles, as office programs export them. A
    record is no header if it looks like the data below it: numbers or dates over numbers or dates, or the same words.

    Raises
    ------
    TooManyColumnsError
        If the table has more than 4,096 columns.
    """
    width = _usual_width(records)
    first = _find_first(records, width)
    cells = tuple(field.decode("utf-8", "replace") for field in records[first].fields or ())
    data = [record.fields for record in records[first + 1 : first + 1 + DATA_RECORDS] if record.fields]
    has_header = _is_header(cells, data)
    columns = _count_columns(cells, data, width) if has_header else max(width, len(cells))
    if columns > MAX_COLUMNS:
        raise TooManyColumnsError(
            _("The table has {count} columns; at most {limit} can be read.").format(count=columns, limit=MAX_COLUMNS),
            remedy=_("Export only the columns that describe events, one row per event."),
        )
    names, renamed = name_columns(cells if has_header else (), columns)
    return TableHead(names, first if has_header else None, first, renamed)


def _usual_width(records: Sequence[SampleRecord]) -> int:
    widths = Counter(len(record.fields) for record in records if record.fields and len(record.fields) > 1)
    return widths.most_common(1)[0][0]


def _find_first(records: Sequence[SampleRecord], width: int) -> int:
    widths = {len(record.fields) for record in records[1:] if record.fields}
    for index, record in enumerate(records[: MAX_TITLE_LINES + 1]):
        if _begins_table(record, width, widths, records[index + 1 :]):
            return index
    return next(index for index, record in enumerate(records) if record.fields and len(record.fields) == width)


def _begins_table(record: SampleRecord, width: int, widths: set[int], below: Sequence[SampleRecord]) -> bool:
    if not record.fields or record.is_blank:
        return False
    count, filled = len(record.fields), sum(1 for field in record.fields if field.strip())
    if width > 2 and filled <= 1 and any(_is_full(other, width) for other in below[:MAX_TITLE_LINES]):
        return False
    if count == width - 1:
        return _all_end_empty(below, width)
    return count == width or (count > width and (count in widths or not any(record.fields[width:])))


def _is_full(record: SampleRecord, width: int) -> bool:
    fields = record.fields or ()
    return len(fields) == width and 2 * sum(1 for field in fields if field.strip()) > width


def _all_end_empty(records: Sequence[SampleRecord], width: int) -> bool:
    """Whether all rows of the usual width end with a delimiter that the header lacks."""
    rows = [record.fields for record in records if record.fields and len(record.fields) == width]
    return bool(rows) and all(not fields[-1].strip() for fields in rows)


def _count_columns(cells: Sequence[str], data: Sequence[Sequence[bytes]], width: int) -> int:
    if not data:
        return len(cells)
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return width
    return max(len(cells), width)


def _is_header(cells: Sequence[str], data: Sequence[Sequence[bytes]]) -> bool:
    votes = 0
    for index, cell in enumerate(cells):
        below = [fields[index].decode("utf-8", "replace").strip() for fields in data if index < len(fields)]
        votes += _vote(cell.strip(), [text for text in below if text])
    if not data:
        return not any(VALUE.fullmatch(cell.strip()) for cell in cells)
    return votes >= 0


def _vote(cell: str, below: Sequence[str]) -> int:
    """Return 1 if a cell differs in kind from what stands below it, -1 if it looks the same, 0 if it may be either."""
    if not cell or not below:
        return 0
    values = sum(1 for text in below if VALUE.fullmatch(text))
    if 2 * values > len(below):
        return -1 if VALUE.fullmatch(cell) else 1
    return -1 if cell in below else 0


def name_columns(cells: Sequence[str], columns: int) -> tuple[tuple[str, ...], tuple[tuple[int, str, str], ...]]:
    """Name columns after the cells of a header, each name once in any case of letters.

    Returns
    -------
    tuple
        The names; and number, cell and name of each column that is not called quite as its cell.
    """
    names: list[str] = []
    renamed: list[tuple[int, str, str]] = []
    taken: set[str] = set()
    for number in range(1, columns + 1):
        cell = cells[number - 1].strip() if number <= len(cells) else ""
        name = _free_name(" ".join(cell.replace("\0", " ").split()) or f"column_{number}", taken)
        taken.add(name.casefold())
        names.append(name)
        if cells and name != cell:
            renamed.append((number, cell, name))
    return tuple(names), tuple(renamed)


def _free_name(name: str, taken: set[str]) -> str:
    free, attempt = name, 2
    while free.casefold() in taken:
        free, attempt = f"{name}_{attempt}", attempt + 1
    return free
