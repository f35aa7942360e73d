"""A forecast as DOCX on A4: text and tables that Word edits, charts as pictures."""

from datetime import datetime, time
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.a3.docx_parts import (
    FONT,
    MUTED,
    PROBLEM,
    Look,
    describe_picture,
    repeat_header,
    shade,
    tighten,
    write,
)
from potok.report.bpmn.picture import render_png
from potok.report.simulation.chart_file import make_chart_standalone
from potok.report.simulation.report import ForecastReport
from potok.report.simulation.written_tables import WrittenTable, write_table

_PAGE_MM: Final = (210.0, 297.0)
_MARGIN_MM: Final = 16.0
_CHART_MM: Final = 84.0
_CHARTS_BESIDE: Final = 2


def render_forecast_docx(report: ForecastReport) -> bytes:
    """Return a forecast as the bytes of a DOCX file; the same report gives the same bytes.

    Raises
    ------
    PictureFailedError
        If a chart cannot be made into a picture.
    """
    from docx import Document

    made = Document()
    _set_page(made, report)
    write(tighten(made.add_heading("", level=1), after=6), report.title, Look(17, is_bold=True))
    for warning in report.warnings:
        write(tighten(made.add_paragraph(), after=4), warning, Look(10.5, is_bold=True, colour=PROBLEM))
    for sentence in report.headline:
        write(tighten(made.add_paragraph(), after=4), sentence, Look(11.5))
    if report.charts:
        _add_charts(made, report)
    for table in (*report.summary, *report.answers):
        _add_table(made, write_table(table))
    if report.fit_warnings:
        _add_list(made, _("How the model fits the log"), report.fit_warnings)
    _add_list(made, _("What the figures rest on"), report.basis)
    write(tighten(made.add_paragraph()), report.footer, Look(8, colour=MUTED))
    stream = BytesIO()
    made.save(stream)
    return _without_moment(stream.getvalue())


def _set_page(made: Any, report: ForecastReport) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = made.sections[0]
    section.page_width, section.page_height = (Mm(length) for length in _PAGE_MM)
    for side in ("left", "right", "top", "bottom"):
        setattr(section, f"{side}_margin", Mm(_MARGIN_MM))
    style = made.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(9.5)
    language = {"ru": "ru-RU", "en": "en-GB"}[current_language()]
    for found in made.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)
    known = made.core_properties
    known.title, known.author, known.comments = report.title, "", ""
    # The format knows no zones.
    known.created = known.modified = datetime.combine(report.known_on, time.min)
    known.language = current_language()


def _add_charts(made: Any, report: ForecastReport) -> None:
    from docx.shared import Mm

    rows = -(-len(report.charts) // _CHARTS_BESIDE)
    cells = [cell for row in made.add_table(rows=rows, cols=_CHARTS_BESIDE).rows for cell in row.cells]
    for cell, chart in zip(cells, report.charts, strict=False):
        picture = render_png(make_chart_standalone(chart.picture))
        shape = tighten(cell.paragraphs[0]).add_run().add_picture(BytesIO(picture), width=Mm(_CHART_MM))
        describe_picture(shape, f"{chart.caption}. {chart.text}")
        write(tighten(cell.add_paragraph(), after=4), chart.caption, Look(8.5, colour=MUTED))


def _add_table(made: Any, table: WrittenTable) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    _add_heading(made, table.title)
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.style = made.styles["Table Grid"]
    for cell, column in zip(grid.rows[0].cells, table.columns, strict=True):
        write(tighten(cell.paragraphs[0]), column.title, Look(8.5, is_bold=True))
        shade(cell)
    repeat_header(grid)
    for line, row in zip(grid.rows[1:], table.rows, strict=True):
        for cell, column, value in zip(line.cells, table.columns, row, strict=True):
            paragraph = tighten(cell.paragraphs[0])
            if column.is_figure:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            write(paragraph, value.text, Look(9))
            if value.interval:
                paragraph.add_run().add_break()
                write(paragraph, value.interval, Look(8, colour=MUTED))
    for note in table.notes:
        write(tighten(made.add_paragraph(), after=3), note, Look(8.5, colour=MUTED))


def _add_heading(made: Any, text: str) -> None:
    from docx.shared import Pt

    paragraph = tighten(made.add_heading("", level=2), after=3)
    paragraph.paragraph_format.space_before = Pt(9)
    write(paragraph, text, Look(12, is_bold=True))


def _add_list(made: Any, title: str, notes: tuple[str, ...]) -> None:
    _add_heading(made, title)
    for note in notes:
        write(tighten(made.add_paragraph(style="List Bullet"), after=2), note, Look(9))


def _without_moment(content: bytes) -> bytes:
    """Pack a file anew without the moment of its packing, so that the same report gives the same bytes."""
    stream = BytesIO()
    with ZipFile(BytesIO(content)) as packed, ZipFile(stream, "w", ZIP_DEFLATED) as plain:
        for name in packed.namelist():
            plain.writestr(ZipInfo(name), packed.read(name), ZIP_DEFLATED)
    return stream.getvalue()
