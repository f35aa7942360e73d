"""Writing a forecast as a document: HTML with an animation, DOCX or PDF."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from potok.core.errors import UsageError
from potok.core.language import current_language
from potok.core.language import gettext as _

if TYPE_CHECKING:
    from potok.report.simulation.report import ForecastResults
    from potok.simulate.experiments.frames import Runner

SUFFIXES: Final = (".html", ".docx", ".pdf")


class ForecastNameError(UsageError):
    """A file for a forecast whose name does not say what it is to be."""

    code = "POTOK-S140"


def check_forecast_file(target: Path | None) -> None:
    """Refuse a name before anything is computed.

    Raises
    ------
    ForecastNameError
        If it does not end as a document that can be written.
    """
    if target is not None and target.suffix.lower() not in SUFFIXES:
        raise ForecastNameError(
            _("The forecast cannot be written as «{name}».").format(name=target.name),
            where="--out",
            remedy=_("Choose a name that ends in one of: {suffixes}.").format(suffixes=", ".join(SUFFIXES)),
        )


def write_forecast_file(target: Path, results: "ForecastResults", run: "Runner") -> None:
    """Write the document that the file's name asks for; nothing is left half written.

    Raises
    ------
    CannotWriteError, PdfFailedError, PictureFailedError
        If it cannot be written, or made.
    """
    from potok.log.importing.folder import replace_file

    replace_file(target, _render(target, results, run))


def _render(target: Path, results: "ForecastResults", run: "Runner") -> str | bytes:
    if target.suffix.lower() == ".html":
        from potok.report.simulation.page import render_forecast

        return render_forecast(results, run, language=current_language())
    from potok.report.simulation.report import make_forecast_report

    report = make_forecast_report(results)
    if target.suffix.lower() == ".pdf":
        from potok.report.simulation.pdf import render_forecast_pdf

        return render_forecast_pdf(report)
    from potok.report.simulation.docx import render_forecast_docx

    return render_forecast_docx(report)
