"""The page for a board as DOCX, on one side of A4: sizes of text are chosen by measuring."""

from collections.abc import Sequence
from typing import Any

from potok.report.a3.docx_parts import MUTED, Look, add_table, shade, tighten, write
from potok.report.verification.board import Board
from potok.report.verification.board_checks import BoardLine
from potok.report.verification.board_fitting import HALF_MM, MARK_MM, SIDE_MM, TOP_MM, WIDTH_MM, fit_board
from potok.report.verification.board_pdf import board_titles, caption_of
from potok.report.verification.docx_parts import (
    add_mark,
    add_picture,
    add_verdict,
    begin_document,
    finish,
    let_grow,
)


def render_board_docx(board: Board) -> bytes:
    """Return the page as the bytes of a DOCX file; the same page gives the same bytes.

    Raises
    ------
    PictureFailedError
        If a picture cannot be made.
    """
    size, chart_mm = fit_board(board)
    made = begin_document(board.title, on=board.known_on, margins=(SIDE_MM, TOP_MM), size=size)
    _drop_first(made)
    write(tighten(made.add_paragraph(), after=2), board.subtitle, Look(size * 0.95, colour=MUTED))
    write(tighten(made.add_heading("", level=1), after=5), board.title, Look(size * 1.6, is_bold=True))

    def fill(cell: Any) -> None:
        write(tighten(cell.paragraphs[0], after=2), board.sentence, Look(size * 1.25, is_bold=True))
        for reason in board.why:
            write(tighten(cell.add_paragraph(), after=2), reason, Look(size))

    add_verdict(made, board.verdict, board.mark, WIDTH_MM, fill)
    _add_changed(made, board, size)
    _add_figures(made, board, size)
    _add_chart(made, board, size, chart_mm)
    _add_parts(made, board, size)
    write(tighten(made.add_paragraph()), board.foot, Look(6, colour=MUTED))
    return finish(made)


def _drop_first(made: Any) -> None:
    """Take away the empty paragraph that a new document may begin with."""
    for paragraph in made.paragraphs:
        paragraph._element.getparent().remove(paragraph._element)


def _add_changed(made: Any, board: Board, size: float) -> None:
    table = add_table(made, (42.0, WIDTH_MM - 42.0), [4.0] * len(board.changed), borders=())
    let_grow(table)
    for row, (name, value) in zip(table.rows, board.changed, strict=True):
        write(row.cells[0].paragraphs[0], name, Look(size, colour=MUTED))
        write(row.cells[1].paragraphs[0], value, Look(size))
    tighten(made.add_paragraph(), exactly=4)


def _add_figures(made: Any, board: Board, size: float) -> None:
    count = len(board.figures)
    table = add_table(made, [WIDTH_MM / count] * count, [8.0], borders=("top", "left", "bottom", "right", "insideV"))
    let_grow(table)
    for cell, figure in zip(table.rows[0].cells, board.figures, strict=True):
        shade(cell, "F4F6F9")
        write(cell.paragraphs[0], figure.title, Look(size * 0.9, colour=MUTED))
        write(tighten(cell.add_paragraph()), figure.value, Look(size * 1.25, is_bold=True))
        write(tighten(cell.add_paragraph()), figure.note, Look(size * 0.85, colour=MUTED))
    tighten(made.add_paragraph(), exactly=4)


def _add_chart(made: Any, board: Board, size: float, width_mm: float) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    if board.chart is not None:
        paragraph = tighten(made.add_paragraph(), after=2)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        text = f"{board.chart.caption}. {board.chart.text}"
        add_picture(paragraph, board.chart.picture, width_mm=width_mm, text=text)
    if caption_of(board):
        write(tighten(made.add_paragraph(), after=4), caption_of(board), Look(size * 0.88, colour=MUTED))


def _add_parts(made: Any, board: Board, size: float) -> None:
    titles = board_titles()
    table = add_table(made, (HALF_MM, HALF_MM), [10.0, 10.0], borders=())
    let_grow(table)
    upper, lower = table.rows
    _fill_lines(upper.cells[0], titles[0], board.quality, size)
    _fill_lines(upper.cells[1], titles[1], board.checks, size)
    _fill_sentences(lower.cells[0], titles[2], board.unsaid, size)
    _fill_sentences(lower.cells[1], titles[3], board.next_steps, size)


def _begin(cell: Any, title: str, size: float) -> None:
    first = cell.paragraphs[0]
    first.style = cell.part.document.styles["Heading 2"]
    write(tighten(first, after=2), title, Look(size * 1.15, is_bold=True))


def _fill_lines(cell: Any, title: str, lines: Sequence[BoardLine], size: float) -> None:
    if not lines:
        return
    from docx.shared import Mm

    _begin(cell, title, size)
    for line in lines:
        paragraph = tighten(cell.add_paragraph(), after=3)
        paragraph.paragraph_format.left_indent = Mm(MARK_MM)
        paragraph.paragraph_format.first_line_indent = Mm(-MARK_MM)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(MARK_MM))
        add_mark(paragraph, line.mark, width_mm=size * 0.36)
        paragraph.add_run("\t")
        write(paragraph, line.title, Look(size, is_bold=True))
        if line.text:
            write(paragraph, f": {line.text}", Look(size))


def _fill_sentences(cell: Any, title: str, sentences: Sequence[str], size: float) -> None:
    if not sentences:
        return
    _begin(cell, title, size)
    for sentence in sentences:
        write(tighten(cell.add_paragraph(style="List Bullet"), after=3), sentence, Look(size))
