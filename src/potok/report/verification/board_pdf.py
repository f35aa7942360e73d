"""The page for a board as PDF, on one side of A4."""

from typing import Any, Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.page_shell import TEMPLATES
from potok.report.themes import Theme, theme_colours
from potok.report.typesetting import typeset
from potok.report.verification.board import Board
from potok.report.verification.board_checks import BoardLine
from potok.report.verification.chart_file import make_picture_standalone
from potok.report.verification.drawing.marks import draw_mark, name_mark
from potok.report.verification.quality_words import Mark
from potok.verify.effect import Verdict

_TEMPLATE: Final = TEMPLATES / "effect_board.typ"
TONES: Final = {
    Verdict.VERIFIED: ("accent", "surface"),
    Verdict.NOT_VERIFIED: ("warning", "warning-ground"),
    Verdict.HARM_TO_QUALITY: ("problem", "problem-ground"),
    Verdict.CANNOT_TELL_YET: ("strong-line", "surface"),
}


def render_board_pdf(board: Board) -> bytes:
    """Return the page as the bytes of a PDF file; the same page gives the same bytes.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    pictures = {f"mark-{mark.value}.svg": make_picture_standalone(draw_mark(mark)) for mark in Mark}
    if board.chart is not None:
        pictures["chart.svg"] = make_picture_standalone(board.chart.picture)
    return typeset(_TEMPLATE, _as_record(board), pictures, remedy=_("Ask for an HTML or a DOCX file instead."))


def tone_of(verdict: Verdict) -> tuple[str, str]:
    """Return the colours of a verdict's frame and ground, ``#rrggbb``."""
    colours = theme_colours(Theme.LIGHT)
    frame, ground = TONES[verdict]
    return colours[f"--{frame}"], colours[f"--{ground}"]


def board_titles() -> tuple[str, str, str, str]:
    """Return the headings of the four parts below the picture."""
    return _("Quality"), _("Was the figure honest?"), _("What this does not say"), _("What to do now")


def caption_of(board: Board) -> str:
    """Return what stands under the picture."""
    if board.chart is None:
        return board.how
    return f"{board.chart.caption}. {board.how}".strip()


def _as_record(board: Board) -> dict[str, Any]:
    frame, ground = tone_of(board.verdict)
    on = board.known_on
    return {
        "title": board.title,
        "subtitle": board.subtitle,
        "known_on": [on.year, on.month, on.day],
        "language": current_language(),
        "tone": frame,
        "tone_ground": ground,
        "mark": board.mark.value,
        "marks": {f"mark-{mark.value}": name_mark(mark) for mark in Mark},
        "sentence": board.sentence,
        "why": board.why,
        "changed": board.changed,
        "figures": [[figure.title, figure.value, figure.note] for figure in board.figures],
        "has_chart": board.chart is not None,
        "chart_alt": "" if board.chart is None else f"{board.chart.caption}. {board.chart.text}",
        "caption": caption_of(board),
        "titles": board_titles(),
        "quality": [*map(_line, board.quality)],
        "checks": [*map(_line, board.checks)],
        "unsaid": board.unsaid,
        "next_steps": board.next_steps,
        "foot": board.foot,
    }


def _line(line: BoardLine) -> dict[str, str]:
    return {"mark": line.mark.value, "title": line.title, "text": line.text}
