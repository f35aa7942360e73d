"""A forecast as PDF, on A4."""

from dataclasses import asdict
from typing import Any, Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.page_shell import TEMPLATES
from potok.report.simulation.chart_file import make_chart_standalone
from potok.report.simulation.report import ForecastReport
from potok.report.simulation.written_tables import WrittenTable, write_table
from potok.report.typesetting import typeset

_TEMPLATE: Final = TEMPLATES / "forecast.typ"


def render_forecast_pdf(report: ForecastReport) -> bytes:
    """Return a forecast as the bytes of a PDF file; the same report gives the same bytes.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    charts = {f"chart-{number}.svg": make_chart_standalone(chart.picture) for number, chart in enumerate(report.charts)}
    return typeset(_TEMPLATE, _as_record(report), charts, remedy=_("Ask for an HTML or a DOCX file instead."))


def _as_record(report: ForecastReport) -> dict[str, Any]:
    tables = [*report.summary, *report.answers]
    return {
        "title": report.title,
        "known_on": [report.known_on.year, report.known_on.month, report.known_on.day],
        "language": current_language(),
        "warnings": report.warnings,
        "headline": report.headline,
        "charts": [{"caption": chart.caption, "text": chart.text} for chart in report.charts],
        "tables": [_table_record(write_table(table)) for table in tables],
        "fit_title": _("How the model fits the log"),
        "fit": report.fit_warnings,
        "basis_title": _("What the figures rest on"),
        "basis": report.basis,
        "footer": report.footer,
    }


def _table_record(table: WrittenTable) -> dict[str, Any]:
    return {
        "title": table.title,
        "columns": [column.title for column in table.columns],
        "rows": [[[*asdict(cell).values()] for cell in row] for row in table.rows],
        "notes": table.notes,
    }
