"""Writing a verification as a document: the page for a board or the report for an auditor."""

from enum import StrEnum
from pathlib import Path
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.log.importing.folder import replace_file
from potok.report.verification.results import EffectResults


class PageKind(StrEnum):
    """For whom a document is."""

    BOARD = "board"
    AUDITOR = "auditor"


SUFFIXES: Final = {
    PageKind.BOARD: (".html", ".docx", ".pdf"),
    PageKind.AUDITOR: (".html", ".docx", ".pdf", ".xlsx"),
}


class EffectNameError(UsageError):
    """A file for a verification whose name does not say what it is to be."""

    code = "POTOK-R050"


def check_effect_file(target: Path | None, *, kind: PageKind) -> None:
    """Refuse a name before anything is computed.

    Raises
    ------
    EffectNameError
        If it does not end as a document of this kind that can be written.
    """
    if target is not None and target.suffix.lower() not in SUFFIXES[kind]:
        raise EffectNameError(
            _("The verification cannot be written as «{name}».").format(name=target.name),
            where=target.name,
            remedy=_("Choose a name that ends in one of: {suffixes}.").format(suffixes=", ".join(SUFFIXES[kind])),
        )


def write_effect(target: Path, results: EffectResults, *, kind: PageKind) -> None:
    """Write the document that the file's name asks for, in the current language; nothing is left half written.

    Raises
    ------
    EffectNameError
        If the name does not say what to write.
    CannotWriteError, PdfFailedError, PictureFailedError
        If it cannot be written, or made.
    """
    check_effect_file(target, kind=kind)
    render = _render_board if kind is PageKind.BOARD else _render_auditor
    replace_file(target, render(target.suffix.lower(), results))


def _render_board(suffix: str, results: EffectResults) -> str | bytes:
    if suffix == ".html":
        from potok.report.verification.board_html import render_board_html

        return render_board_html(results, language=current_language())
    from potok.report.verification.board import make_board

    if suffix == ".pdf":
        from potok.report.verification.board_pdf import render_board_pdf

        return render_board_pdf(make_board(results))
    from potok.report.verification.board_docx import render_board_docx

    return render_board_docx(make_board(results))


def _render_auditor(suffix: str, results: EffectResults) -> str | bytes:
    if suffix == ".xlsx":
        from potok.report.verification.workbook import render_workbook

        return render_workbook(results)
    if suffix == ".html":
        from potok.report.verification.auditor_html import render_auditor_html

        return render_auditor_html(results, language=current_language())
    from potok.report.verification.auditor import make_auditor_report

    report = make_auditor_report(results)
    if suffix == ".pdf":
        from potok.report.verification.auditor_pdf import render_auditor_pdf

        return render_auditor_pdf(report)
    from potok.report.verification.auditor_docx import render_auditor_docx

    return render_auditor_docx(report)
