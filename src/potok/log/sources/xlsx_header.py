"""Finds the heading of a table in a sheet as offices export it.

Above the table there are often a title, the period, blank rows; the heading may have two levels joined by merged cells
and be followed by a row of column numbers. Nothing here looks at the data below beyond its width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.log.sources.xlsx_extent import MergedRange, column_letters

SEARCHED_ROWS: Final = 60
# A heading names most columns; where none does, half of them will do.
FILLED_SHARES: Final = (0.8, 0.5)
NUMBERED_FROM: Final = 3

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the heading is and what it says.

    Parameters
    ----------
    first_row
        Zero-based row of the sheet in which it begins.
    levels
        Rows it takes.
    has_numbers
        Whether a row of column numbers (1, 2, 3 …) follows it.
    names
        One per column of the sheet; empty where the heading names none.
    """

    first_row: int
    levels: int
    has_numbers: bool
    names: tuple[str, ...]

    @property
    def data_row(self) -> int:
        """Zero-based row in which the data begin."""
        return self.first_row + self.levels + self.has_numbers


def find_heading(rows: Sequence[Row], *, merged: Sequence[MergedRange]) -> Heading | None:
    """Find the heading among the first rows of a sheet; None if no row looks like one.

    Parameters
    ----------
    rows
        The first rows, from the sheet's first row on; all of one width.
    merged
        Merged ranges, zero-based, in columns of `rows`, both corners inclusive.
    """
    filled = [_fill_across(row, index, merged) for index, row in enumerate(rows)]
    widest = max((sum(map(is_filled, row)) for row in rows), default=0)
    for share in FILLED_SHARES:
        for index in range(len(rows)):
            heading = _heading(filled, index, _count_levels(rows, index, merged))
            cells = rows[index] if heading.levels == 1 else filled[index]
            if _names_columns(cells, heading.names, need=widest * share):
                return heading
    return None


def is_filled(value: Any) -> bool:
    """Return whether a cell holds anything but blanks."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def has_values(row: Row) -> bool:
    """Return whether a row holds anything but blanks."""
    first = next(filter(None, row), None)
    if first is not None and (not isinstance(first, str) or first.strip()):
        return True
    return any(map(is_filled, row))


def name_of_unnamed(column: int) -> str:
    """Return the name of a column without a heading, from its letters in the sheet."""
    return f"column_{column_letters(column)}"


def _names_columns(row: Row, names: Sequence[str], *, need: float) -> bool:
    """Return whether a row, with the names it would give, looks like a heading."""
    cells = [value for value in row if is_filled(value)]
    if not cells or not all(isinstance(value, str) for value in cells):
        return False
    # A title joined across the table gives every column the same name.
    return len(cells) >= need and len(set(names) - {""}) >= need / 2


def _fill_across(row: Row, index: int, merged: Sequence[MergedRange]) -> list[Any]:
    """Repeat the value of a merged range in every cell of its first row."""
    filled = list(row)
    for (top, left), (_bottom, right) in merged:
        if top == index and 0 <= left < len(filled):
            filled[left : right + 1] = [filled[left]] * (min(right + 1, len(filled)) - left)
    return filled


def _count_levels(rows: Sequence[Row], index: int, merged: Sequence[MergedRange]) -> int:
    """Return how many rows a heading that begins at `index` would take."""
    here = [r for r in merged if r[0][0] == index and is_filled(rows[index][r[0][1]] if _within(rows, r) else "")]
    deepest = max((bottom - top for (top, _left), (bottom, _right) in here), default=0)
    if deepest:
        return min(deepest + 1, len(rows) - index)
    return 2 if _names_below(rows, index, here) else 1


def _within(rows: Sequence[Row], merged: MergedRange) -> bool:
    return 0 <= merged[0][1] < len(rows[0])


def _names_below(rows: Sequence[Row], index: int, across: Sequence[MergedRange]) -> bool:
    """Return whether every cell of the row below is a text under a merged range that covers at least two of them."""
    spans = [range(left, right + 1) for (_top, left), (_bottom, right) in across if right > left]
    if not spans or index + 1 >= len(rows):
        return False
    below = {column for column, value in enumerate(rows[index + 1]) if is_filled(value)}
    texts = all(isinstance(rows[index + 1][column], str) for column in below)
    covered = {column for span in spans for column in span}
    return texts and below <= covered and all(len(below & set(span)) > 1 for span in spans) and len(spans) > 1


def _heading(filled: Sequence[Row], first: int, levels: int) -> Heading:
    names = tuple(_join(parts) for parts in zip(*filled[first : first + levels], strict=True))
    after = filled[first + levels] if first + levels < len(filled) else ()
    return Heading(first, levels, _is_numbering(after, sum(map(bool, names))), names)


def _join(parts: Sequence[Any]) -> str:
    texts = [" ".join(str(part).split()) for part in parts if is_filled(part)]
    return " / ".join(dict.fromkeys(texts))


def _is_numbering(row: Row, columns: int) -> bool:
    """Return whether a row only numbers the columns, as forms do below their heading."""
    numbers = [_number(value) for value in row if is_filled(value)]
    return len(numbers) >= max(NUMBERED_FROM, columns) and numbers == list(range(1, len(numbers) + 1))


def _number(value: Any) -> int | None:
    text = str(value).strip().strip("().")
    text = text.removesuffix(".0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
