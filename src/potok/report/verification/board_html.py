"""The page for a board as one HTML file that needs nothing else and runs no script."""

from contextvars import copy_context
from typing import Final

from markupsafe import Markup

import potok
from potok.core.language import Language, set_language
from potok.report.page_shell import content_security_policy, page_environment, style_sheet
from potok.report.verification.board import Board, make_board
from potok.report.verification.board_fitting import fit_board
from potok.report.verification.drawing.marks import draw_mark
from potok.report.verification.quality_words import Mark
from potok.report.verification.results import EffectResults

_SIZES: Final = ((11.5, "full"), (10.5, "smaller"), (9.0, "small"))
_STYLE_SHEETS: Final = ("page.css", "effect.css", "effect_board.css")


def render_board_html(results: EffectResults, *, language: Language) -> str:
    """Write the page for a board as one self-contained HTML document, which prints on one side of A4."""
    return copy_context().run(_render, results, language)


def _render(results: EffectResults, language: Language) -> str:
    set_language(language)
    style = style_sheet(_STYLE_SHEETS)
    board = make_board(results)
    return (
        page_environment()
        .get_template("effect_board.html")
        .render(
            language=language,
            style=Markup(style),  # noqa: S704 - our own file
            policy=content_security_policy(style),
            board=board,
            size=_name_size(board),
            marks={mark: draw_mark(mark) for mark in Mark},
            version=potok.__version__,
        )
    )


def _name_size(board: Board) -> str:
    """Return the class of the size of text with which the page prints on one side."""
    size, _chart = fit_board(board)
    return next((name for least, name in _SIZES if size >= least), "smallest")
