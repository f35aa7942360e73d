"""The A3 as PDF, on one page."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.a3.document import A3Document
from potok.report.drawing.value_stream_file import make_stream_standalone
from potok.report.typesetting import typeset

_TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "a3.typ"


def render_a3_pdf(document: A3Document, *, author: str = "") -> bytes:
    """Return an A3 as the bytes of a PDF file; the same document gives the same bytes.

    Parameters
    ----------
    author
        For the file's properties.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    picture = make_stream_standalone(document.picture) if document.picture else ""
    pictures = {"stream.svg": picture}
    return typeset(_TEMPLATE, _as_record(document, author), pictures, remedy=_("Ask for a DOCX file instead."))


def _as_record(document: A3Document, author: str) -> dict[str, Any]:
    record = asdict(document)
    del record["picture"]
    on = document.known_on
    return record | {
        "known_on": [on.year, on.month, on.day],
        "author": author,
        "language": current_language(),
        "has_picture": bool(document.picture),
        "picture_alt": document.headings[1] + ". " + document.picture_text,
        "facts_title": _("Figures"),
    }
