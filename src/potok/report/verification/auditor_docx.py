"""The report for an auditor as DOCX on A4: text and tables that Word edits, charts as pictures."""

from typing import Any, Final

from potok.report.a3.docx_parts import MUTED, Look, repeat_header, shade, tighten, write
from potok.report.simulation.written_tables import WrittenTable, write_table
from potok.report.verification.auditor import AuditorReport, Section
from potok.report.verification.auditor_pdf import column_widths, split_further
from potok.report.verification.board_fitting import PAGE_MM
from potok.report.verification.docx_parts import add_picture, add_verdict, begin_document, finish

_MARGIN_MM: Final = 16.0
_WIDTH_MM: Final = PAGE_MM[0] - 2 * _MARGIN_MM


def render_auditor_docx(report: AuditorReport) -> bytes:
    """Return the report as the bytes of a DOCX file; the same report gives the same bytes.

    Raises
    ------
    PictureFailedError
        If a chart cannot be made into a picture.
    """
    made = begin_document(report.title, on=report.known_on, margins=(_MARGIN_MM, _MARGIN_MM), size=9.5)
    write(tighten(made.add_heading("", level=1), after=6), report.title, Look(17, is_bold=True))

    def fill(cell: Any) -> None:
        write(tighten(cell.paragraphs[0], after=3), report.sentence, Look(12, is_bold=True))

    add_verdict(made, report.verdict, report.mark, _WIDTH_MM, fill)
    for section in report.sections:
        _add_section(made, section)
    write(tighten(made.add_paragraph()), report.footer, Look(8, colour=MUTED))
    return finish(made)


def _add_section(made: Any, section: Section) -> None:
    _add_heading(made, section.title, level=2, size=13)
    for said in section.texts:
        write(tighten(made.add_paragraph(), after=4), said, Look(9.5))
    for chart in section.charts:
        text = f"{chart.caption}. {chart.text}"
        add_picture(tighten(made.add_paragraph(), after=2), chart.picture, width_mm=_WIDTH_MM, text=text)
        write(tighten(made.add_paragraph(), after=6), text, Look(8.5, colour=MUTED))
    tables, long = split_further(section)
    for table in tables:
        _add_table(made, write_table(table), section=section)
    for said in long:
        write(tighten(made.add_paragraph(), after=3), said, Look(8.5, colour=MUTED))


def _add_heading(made: Any, text: str, *, level: int, size: float) -> None:
    from docx.shared import Pt

    paragraph = tighten(made.add_heading("", level=level), after=3)
    paragraph.paragraph_format.space_before = Pt(9)
    write(paragraph, text, Look(size, is_bold=True))


def _add_table(made: Any, table: WrittenTable, *, section: Section) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    if table.title != section.title:
        _add_heading(made, table.title, level=3, size=10.5)
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    grid.style = made.styles["Table Grid"]
    grid.autofit = False
    shares = column_widths(table)
    for number, column in enumerate(grid.columns):
        column.width = Mm(_WIDTH_MM * shares[number] / sum(shares))
    for cell, heading in zip(grid.rows[0].cells, table.columns, strict=True):
        write(tighten(cell.paragraphs[0]), heading.title, Look(8.5, is_bold=True))
        shade(cell)
    repeat_header(grid)
    for line, row in zip(grid.rows[1:], table.rows, strict=True):
        for number, (cell, value) in enumerate(zip(line.cells, row, strict=True)):
            cell.width = Mm(_WIDTH_MM * shares[number] / sum(shares))
            paragraph = tighten(cell.paragraphs[0])
            if table.columns[number].is_figure:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            write(paragraph, value.text, Look(8.5))
            if value.interval:
                paragraph.add_run().add_break()
                write(paragraph, value.interval, Look(7.5, colour=MUTED))
    for note in table.notes:
        write(tighten(made.add_paragraph(), after=3), note, Look(8.5, colour=MUTED))
