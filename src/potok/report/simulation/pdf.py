"""A forecast as PDF, by Typst with the shipped font: tagged, PDF/UA-1 and PDF/A-2b, on A4."""

import json
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.a3.pdf import PdfFailedError, make_displayable
from potok.report.drawing.plain_font import write_plain_fonts
from potok.report.page_shell import TEMPLATES
from potok.report.simulation.chart_file import make_chart_standalone
from potok.report.simulation.report import ForecastReport
from potok.report.simulation.written_tables import WrittenTable, write_table

_TEMPLATE: Final = TEMPLATES / "forecast.typ"


def render_forecast_pdf(report: ForecastReport) -> bytes:
    """Return a forecast as the bytes of a PDF file; the same report gives the same bytes.

    Nothing is asked of the network: the template needs no package, and only the shipped font is used.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    import typst

    with TemporaryDirectory(prefix="potok-forecast-") as name:
        folder = Path(name)
        _write_parts(folder, report)
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
        try:
            return bytes(
                typst.compile(
                    str(folder / "main.typ"),
                    root=str(folder),
                    font_paths=fonts,
                    pdf_standards=["ua-1", "a-2b"],
                    timestamp=0,
                )
            )
        except (RuntimeError, ValueError) as error:
            raise PdfFailedError(
                _("The report cannot be made: {reason}.").format(reason=error),
                remedy=_("Ask for an HTML or a DOCX file instead."),
            ) from error


def _write_parts(folder: Path, report: ForecastReport) -> None:
    (folder / "main.typ").write_bytes(_TEMPLATE.read_bytes())
    record = json.dumps(_as_record(report), ensure_ascii=False)
    # Neither quotation marks nor backslashes are ever replaced, so that both files keep their form.
    (folder / "document.json").write_text(make_displayable(record), encoding="utf-8")
    for number, chart in enumerate(report.charts):
        picture = make_displayable(make_chart_standalone(chart.picture))
        (folder / f"chart-{number}.svg").write_text(picture, encoding="utf-8")
    write_plain_fonts(folder)


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
