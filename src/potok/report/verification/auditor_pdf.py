"""The report for an auditor as PDF, on A4; long tables are left to the page and the workbook."""

import re
from dataclasses import asdict
from typing import Any, Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.page_shell import TEMPLATES
from potok.report.simulation.written_tables import WrittenTable, write_table
from potok.report.tables import Table
from potok.report.typesetting import typeset
from potok.report.verification.auditor import AuditorReport, Section
from potok.report.verification.board_pdf import tone_of
from potok.report.verification.chart_file import make_picture_standalone
from potok.report.verification.drawing.marks import draw_mark, name_mark

_TEMPLATE: Final = TEMPLATES / "effect_report.typ"
_NARROWEST: Final = 10
_WIDEST: Final = 40
_WIDEST_WORD: Final = 26
MOST_ROWS: Final = 60


def render_auditor_pdf(report: AuditorReport) -> bytes:
    """Return the report as the bytes of a PDF file; the same report gives the same bytes.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    pictures = {
        f"{chart.name}.svg": make_picture_standalone(chart.picture)
        for section in report.sections
        for chart in section.charts
    }
    pictures["mark.svg"] = make_picture_standalone(draw_mark(report.mark))
    return typeset(_TEMPLATE, _as_record(report), pictures, remedy=_("Ask for an HTML or a DOCX file instead."))


def split_further(section: Section) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Return the tables of a section that paper bears, and what is said of those that it does not."""
    short = tuple(table for table in section.further if len(table.rows) <= MOST_ROWS)
    long = tuple(
        _("“{title}” has {n} rows: see the page or the workbook.").format(title=table.title, n=len(table.rows))
        for table in section.further
        if len(table.rows) > MOST_ROWS
    )
    return (*section.tables, *short), long


def column_widths(table: WrittenTable) -> list[int]:
    """Return shares of the width by the longest word and the usual length of each column's texts."""
    widths = []
    for number, column in enumerate(table.columns):
        cells = (part for row in table.rows for part in (row[number].text, row[number].interval))
        texts = [column.title, *filter(None, cells)]
        # A hash is no word: it is broken anywhere. What does not break, such as a figure with its unit, is one.
        words = (word for text in texts for word in re.split(r"[ \n]", text))
        longest_word = max((min(len(word), _WIDEST_WORD) for word in words), default=1)
        usual = sum(map(len, texts)) / max(len(texts), 1)
        widths.append(round(min(max(longest_word, usual, _NARROWEST), _WIDEST)))
    return widths


def _as_record(report: AuditorReport) -> dict[str, Any]:
    frame, ground = tone_of(report.verdict)
    on = report.known_on
    return {
        "title": report.title,
        "known_on": [on.year, on.month, on.day],
        "language": current_language(),
        "tone": frame,
        "tone_ground": ground,
        "mark_alt": name_mark(report.mark),
        "sentence": report.sentence,
        "sections": [*map(_section_record, report.sections)],
        "footer": report.footer,
    }


def _section_record(section: Section) -> dict[str, Any]:
    tables, long = split_further(section)
    return {
        "title": section.title,
        "texts": section.texts,
        "charts": [
            {"file": f"{chart.name}.svg", "caption": chart.caption, "text": chart.text} for chart in section.charts
        ],
        "tables": [_table_record(write_table(table), section=section) for table in tables],
        "further": long,
    }


def _table_record(table: WrittenTable, *, section: Section) -> dict[str, Any]:
    return {
        "title": "" if table.title == section.title else table.title,
        "columns": [column.title for column in table.columns],
        "figures": [column.is_figure for column in table.columns],
        "widths": column_widths(table),
        "rows": [[[*asdict(cell).values()] for cell in row] for row in table.rows],
        "notes": table.notes,
    }
