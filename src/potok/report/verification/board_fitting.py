"""How large the text of a board's page may be, where the program that shows it does not shrink it itself."""

from collections.abc import Sequence
from typing import Final

from potok.report.a3.fitting import Piece, needed_height
from potok.report.drawing.font import FontWeight
from potok.report.verification.board import Board
from potok.report.verification.board_pdf import board_titles, caption_of

PAGE_MM: Final = (210.0, 297.0)
SIDE_MM: Final = 15.0
TOP_MM: Final = 11.0
WIDTH_MM: Final = PAGE_MM[0] - 2 * SIDE_MM
HALF_MM: Final = WIDTH_MM / 2
MARK_MM: Final = 6.0
PADDING_MM: Final = 4.0
_LARGEST: Final = 11.5
_SMALLEST: Final = 5.5
_STEP: Final = 0.25
_CHARTS_MM: Final = (WIDTH_MM, 120.0)
# The shipped font, by which lines are counted, is a sixth wider than the one that Word has: what is measured by it may
# be this much higher than the page.
_ROOM_MM: Final = (PAGE_MM[1] - 2 * TOP_MM) * 1.1


def fit_board(board: Board) -> tuple[float, float]:
    """Return the largest size of text, in points, and width of the picture, in millimetres, that fit one page."""
    size, chart = _LARGEST, _CHARTS_MM[0]
    while size > _SMALLEST and _height(board, size, chart) > _ROOM_MM:
        size -= _STEP
        chart = max(_CHARTS_MM[1], chart - 4)
    return size, chart


def _height(board: Board, size: float, chart_mm: float) -> float:
    """Return how much of the page everything takes, in millimetres."""

    def tall(texts: Sequence[str], scale: float, width: float, *, weight: FontWeight = "regular") -> float:
        return needed_height([Piece(text, weight) for text in texts], size=size * scale, width=width)

    head = tall([board.subtitle], 0.95, WIDTH_MM) + tall([board.title], 1.6, WIDTH_MM, weight="semibold") + 5
    verdict = tall([board.sentence], 1.25, WIDTH_MM - 20, weight="semibold") + tall(board.why, 1.0, WIDTH_MM - 20) + 6
    changed = sum(max(tall([name], 1, 40), tall([value], 1, WIDTH_MM - 44)) + 1 for name, value in board.changed) + 2
    column = WIDTH_MM / max(len(board.figures), 1) - PADDING_MM
    figures = max(
        tall([figure.title], 0.9, column)
        + tall([figure.value], 1.25, column, weight="semibold")
        + tall([figure.note], 0.85, column)
        for figure in board.figures
    )
    chart = 0.0 if board.chart is None else chart_mm * 0.36 + 2
    caption = tall([caption_of(board)], 0.88, WIDTH_MM)
    width = HALF_MM - MARK_MM - PADDING_MM
    lines = [
        tall([title], 1.15, HALF_MM) + sum(tall([f"{line.title}: {line.text}"], 1, width) + 1.2 for line in part) + 3
        for title, part in zip(board_titles()[:2], (board.quality, board.checks), strict=True)
    ]
    lists = [
        tall([title], 1.15, HALF_MM) + sum(tall([text], 1, width) + 1.0 for text in part) + 3
        for title, part in zip(board_titles()[2:], (board.unsaid, board.next_steps), strict=True)
    ]
    foot = needed_height([Piece(board.foot)], size=6, width=WIDTH_MM) + 2
    return head + verdict + changed + figures + 5 + chart + caption + max(lines) + max(lists) + foot
