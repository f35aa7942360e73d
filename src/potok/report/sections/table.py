"""A table to be shown: the same record whatever the document."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from potok.core.language import gettext as _
from potok.report.formats import format_count


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether it holds figures (set to the right)."""

    title: str
    is_figure: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, a share (0–1) to be drawn as a bar beside it, and the anchor to which it leads."""

    text: str
    share: float | None = None
    leads_to: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells in the order of the columns, and an anchor for links to it."""

    cells: tuple[Cell, ...]
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption and a note about what is left out (empty if nothing)."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = field(default="")


def text_column(title: str) -> Column:
    """Return a column of text."""
    return Column(title)


def figure_column(title: str) -> Column:
    """Return a column of figures."""
    return Column(title, is_figure=True)


def make_row(*cells: str | Cell, anchor: str = "") -> Row:
    """Return a row of cells."""
    return Row(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells), anchor)


def note_of_rest(shown: Sequence[object], total: int) -> str:
    """Say how many rows of how many are shown; empty if all are."""
    if len(shown) >= total:
        return ""
    return _("Shown are the first {shown} of {total} rows; the JSON audit has them all.").format(
        shown=format_count(len(shown)), total=format_count(total)
    )
