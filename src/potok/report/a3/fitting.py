"""How large a text may be in a place of given size, where the program that shows it does not shrink it itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import Final

from potok.report.drawing.font import FontWeight, measure_text

LARGEST: Final = 9.5
SMALLEST: Final = 5.0
_STEP: Final = 0.5
_LEADING: Final = 1.22
_MM_PER_POINT: Final = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Place:
    """A place for text, in millimetres."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph: its text, weight, and the space after it in lines."""

    text: str
    weight: FontWeight = "regular"
    after: float = 0.0


def count_lines(text: str, *, size: float, width: float, weight: FontWeight = "regular") -> int:
    """Return how many lines of a width (millimetres) a text takes in the shipped font, which is a wide one.

    Parameters
    ----------
    size
        In points.
    """
    lines, filled = 1, 0.0
    space = measure_text(" ", size=size, weight=weight) * _MM_PER_POINT
    for word in text.split():
        long = measure_text(word, size=size, weight=weight) * _MM_PER_POINT
        if filled and filled + space + long > width:
            lines, filled = lines + 1, 0.0
        filled += (space if filled else 0.0) + long
        # A word longer than the line is broken wherever it has to be.
        lines, filled = lines + int(filled // width), filled % width
    return lines


def needed_height(pieces: Sequence[Piece], *, size: float, width: float) -> float:
    """Return the height that paragraphs take, in millimetres."""
    lines = sum(count_lines(piece.text, size=size, width=width, weight=piece.weight) + piece.after for piece in pieces)
    return lines * size * _LEADING * _MM_PER_POINT


def fit_size(pieces: Sequence[Piece], place: Place) -> float:
    """Return the largest size, in points, at which paragraphs fit a place; the smallest if none does."""
    size = LARGEST
    while size > SMALLEST and needed_height(pieces, size=size, width=place.width) > place.height:
        size -= _STEP
    return size


def fit_cells(rows: Sequence[Sequence[str]], widths: Sequence[float], *, row_height: float) -> float:
    """Return the largest size at which every cell fits its row, and no word has to be broken."""
    sizes = [
        min(
            fit_size([Piece(cell, "semibold")], Place(width, row_height)),
            fit_line(max(cell.split(), default="", key=len), width),
        )
        for row in rows
        for cell, width in zip(row, widths, strict=True)
    ]
    return min(sizes, default=LARGEST)


def fit_line(text: str, width: float, *, largest: float = LARGEST) -> float:
    """Return the largest size at which a text takes one line; the smallest if none does."""
    needed = measure_text(text, size=1.0, weight="semibold") * _MM_PER_POINT
    return min(largest, max(SMALLEST, floor(2 * width / needed) / 2)) if needed else largest
