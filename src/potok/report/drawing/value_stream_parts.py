"""What a value-stream map consists of before it is drawn: boxes with their lines of text, rows, and sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from potok.report.drawing.svg import make_visible
from potok.report.drawing.wrapping import wrap_label

BOX_WIDTH: Final = 138.0
GAP_WIDTH: Final = 52.0
COLUMN_WIDTH: Final = BOX_WIDTH + GAP_WIDTH
LABEL_SIZE: Final = 12.5
LABEL_LEADING: Final = 15.0
TEXT_SIZE: Final = 11.5
TEXT_LEADING: Final = 16.0
PADDING: Final = 7.0
MOST_CELLS: Final = 5
_MOST_LABEL_LINES: Final = 4
_MOST_PERFORMER_LINES: Final = 2
_FEWEST_LABEL_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class StreamFigure:
    """A line of a step's data box: what it is, and how much."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class StreamBox:
    """A step as it will be drawn.

    Parameters
    ----------
    label
        Its name.
    performers
        Who does it, and how many people; may be empty. Each begins a line of its own.
    figures
        Lines of its data box; all boxes of a map have the same lines.
    stock
        Cases that stand before it, in the triangle; empty where there is none.
    wait, work
        Labels of the time ladder: before the step, and on it. Without a `work` the two are told together, and `wait`
        stands above both.
    problems
        Numbers of the problems at this step.
    is_other
        Whether it stands for all steps not shown.
    title
        A sentence that says all of it.
    """

    label: str
    performers: tuple[str, ...]
    figures: tuple[StreamFigure, ...]
    stock: str
    wait: str
    work: str
    problems: tuple[int, ...]
    is_other: bool
    title: str


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """What stands behind the last step.

    Parameters
    ----------
    stock
        Cases that stand after the last step.
    wait
        Time between the last step and the closing, on the ladder; may be empty.
    totals
        Lines of the totals' box.
    problems
        Numbers of the problems that lie at no single step.
    title
        Heading of the totals' box.
    """

    stock: str
    wait: str
    totals: tuple[StreamFigure, ...]
    problems: tuple[int, ...]
    title: str


@dataclass(frozen=True, slots=True)
class StreamPicture:
    """A whole map as it will be drawn.

    Parameters
    ----------
    boxes, end
        Steps in order, and what stands behind them.
    legend
        Symbols (``wait``, ``work``, ``together``, ``stock``, ``problem``, ``step``) with their meanings.
    caption
        What the picture is.
    """

    boxes: tuple[StreamBox, ...]
    end: StreamEnd
    legend: tuple[tuple[str, str], ...]
    caption: str


@dataclass(frozen=True, slots=True)
class BoxText:
    """The wrapped texts of a box."""

    label: tuple[str, ...]
    performers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowSize:
    """Heights within a row of boxes, in order from the top: name, performers, figures.

    Parameters
    ----------
    first, last
        Positions of its boxes, the last one excluded.
    """

    first: int
    last: int
    name: float
    performers: float
    figures: float

    @property
    def box(self) -> float:
        """Height of a whole box."""
        return self.name + self.performers + self.figures


def wrap_box(box: StreamBox) -> BoxText:
    """Break the texts of a box into lines that fit."""
    width = BOX_WIDTH - 2 * PADDING
    label = wrap_label(
        make_visible(box.label), size=LABEL_SIZE, max_width=width, max_lines=_MOST_LABEL_LINES, weight="semibold"
    )
    performers = [
        line
        for text in box.performers
        for line in wrap_label(make_visible(text), size=TEXT_SIZE, max_width=width, max_lines=_MOST_PERFORMER_LINES)
    ]
    return BoxText(label, tuple(performers))


def split_rows(number: int, *, most_cells: int = MOST_CELLS) -> tuple[tuple[int, int], ...]:
    """Return the first and the last position (excluded) of each row; the totals take a place in the last one."""
    rows = ceil((number + 1) / most_cells)
    length = ceil((number + 1) / rows)
    return tuple((first, min(first + length, number)) for first in range(0, max(1, number), length))


def size_row(texts: Sequence[BoxText], first: int, last: int, *, figures: int) -> RowSize:
    """Return the heights that hold every box of a row.

    Parameters
    ----------
    texts
        Of all boxes.
    figures
        Lines in a data box.
    """
    row = texts[first:last]
    lines = max([_FEWEST_LABEL_LINES, *(len(text.label) for text in row)])
    performers = max([0, *(len(text.performers) for text in row)])
    return RowSize(
        first,
        last,
        name=lines * LABEL_LEADING + 2 * PADDING,
        performers=performers * TEXT_LEADING + PADDING if performers else 0.0,
        figures=figures * TEXT_LEADING + PADDING,
    )
