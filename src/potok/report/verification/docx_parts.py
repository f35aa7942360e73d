"""What both documents of a verification share as DOCX: the page, properties, marks, the verdict's frame."""

from collections.abc import Callable
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from markupsafe import Markup

from potok.core.language import current_language
from potok.report.a3.docx_parts import FONT, add_table, describe_picture, shade, tighten
from potok.report.bpmn.picture import render_png
from potok.report.verification.board_fitting import PAGE_MM
from potok.report.verification.board_pdf import tone_of
from potok.report.verification.chart_file import make_picture_standalone
from potok.report.verification.drawing.marks import draw_mark, name_mark
from potok.report.verification.quality_words import Mark
from potok.verify.effect import Verdict

_BOX: Final = ("top", "left", "bottom", "right")


def begin_document(title: str, *, on: date, margins: tuple[float, float], size: float) -> Any:
    """Begin a document on A4.

    Parameters
    ----------
    on
        The date in its properties: the day of writing would make no two files the same.
    margins
        At the sides, and at the top and bottom, in millimetres.
    size
        Of the text, in points.
    """
    from docx import Document
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    made = Document()
    section = made.sections[0]
    section.page_width, section.page_height = (Mm(length) for length in PAGE_MM)
    section.left_margin = section.right_margin = Mm(margins[0])
    section.top_margin = section.bottom_margin = Mm(margins[1])
    section.header_distance = section.footer_distance = Mm(5)
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(size)
    language = {"ru": "ru-RU", "en": "en-GB"}[current_language()]
    for found in made.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)
    known = made.core_properties
    known.title, known.author, known.comments = title, "", ""
    known.created = known.modified = datetime.combine(on, time.min)
    known.language = current_language()
    return made


def finish(made: Any) -> bytes:
    """Return a document's bytes without the moment of its packing."""
    stream, plain_stream = BytesIO(), BytesIO()
    made.save(stream)
    with ZipFile(BytesIO(stream.getvalue())) as packed, ZipFile(plain_stream, "w", ZIP_DEFLATED) as plain:
        for name in packed.namelist():
            plain.writestr(ZipInfo(name), packed.read(name), ZIP_DEFLATED)
    return plain_stream.getvalue()


def add_picture(paragraph: Any, svg: Markup, *, width_mm: float, text: str) -> None:
    """Add a picture with the text that stands for it."""
    from docx.shared import Mm

    content = render_png(make_picture_standalone(svg))
    shape = paragraph.add_run().add_picture(BytesIO(content), width=Mm(width_mm))
    describe_picture(shape, text)
    # What is not said here, programs take for an eighth of an inch.
    for side in ("distT", "distB", "distL", "distR"):
        shape._inline.set(side, "0")


def add_mark(paragraph: Any, mark: Mark, *, width_mm: float) -> None:
    """Add a mark."""
    add_picture(paragraph, draw_mark(mark), width_mm=width_mm, text=name_mark(mark))


def add_verdict(made: Any, verdict: Verdict, mark: Mark, width_mm: float, fill: Callable[[Any], None]) -> None:
    """Add the verdict's frame: its mark, and beside it whatever `fill` writes into the cell."""
    widths = (16.0, width_mm - 16.0)
    table = add_table(made, widths, [10.0], borders=_BOX)
    let_grow(table)
    ground = tone_of(verdict)[1].lstrip("#")
    left, right = table.rows[0].cells
    for cell in (left, right):
        shade(cell, ground)
    # Pictures are on white unless they have a ground of their own.
    on_ground = draw_mark(mark).replace(
        "<circle", Markup('<rect width="20" height="20" fill="#{}"/><circle').format(ground), 1
    )
    add_picture(left.paragraphs[0], on_ground, width_mm=9.0, text=name_mark(mark))
    fill(right)
    tighten(made.add_paragraph(), exactly=4)


def let_grow(table: Any) -> None:
    """Let rows be as high as what they hold."""
    from docx.enum.table import WD_ROW_HEIGHT_RULE

    for row in table.rows:
        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
