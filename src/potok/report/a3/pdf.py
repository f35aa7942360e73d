"""The A3 as PDF, by Typst with the shipped font: tagged, PDF/UA-1 and PDF/A-2b, on one page."""

import json
import unicodedata
from dataclasses import asdict
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fontTools.ttLib import TTFont

from potok.core.errors import EnvironmentFailureError
from potok.core.language import current_language
from potok.core.language import gettext as _
from potok.report.a3.document import A3Document
from potok.report.drawing.plain_font import plain_fonts, write_plain_fonts
from potok.report.drawing.value_stream_file import make_stream_standalone

_UNKNOWN: Final = "?"
_TEMPLATE: Final = Path(__file__).parent.parent / "templates" / "a3.typ"


class PdfFailedError(EnvironmentFailureError):
    """A document could not be made into a PDF file."""

    code = "POTOK-R040"


def render_a3_pdf(document: A3Document, *, author: str = "") -> bytes:
    """Return an A3 as the bytes of a PDF file; the same document gives the same bytes.

    Nothing is asked of the network: the template needs no package, and only the shipped font is used.

    Parameters
    ----------
    author
        For the file's properties.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    import typst

    with TemporaryDirectory(prefix="potok-a3-") as name:
        folder = Path(name)
        _write_parts(folder, document, author)
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
                _("The A3 cannot be made: {reason}.").format(reason=error), remedy=_("Ask for a DOCX file instead.")
            ) from error


def _write_parts(folder: Path, document: A3Document, author: str) -> None:
    picture = make_stream_standalone(document.picture) if document.picture else ""
    record = json.dumps(_as_record(document, author), ensure_ascii=False)
    (folder / "main.typ").write_bytes(_TEMPLATE.read_bytes())
    # Neither quotation marks nor backslashes are ever replaced, so that both files keep their form.
    (folder / "document.json").write_text(make_displayable(record), encoding="utf-8")
    (folder / "stream.svg").write_text(make_displayable(picture), encoding="utf-8")
    write_plain_fonts(folder)


def make_displayable(text: str) -> str:
    """Replace letters that the shipped font lacks, which no file for the archive may hold, by their parts or by “?”."""
    return "".join(letter if letter in _letters() or letter.isspace() else _stand_in(letter) for letter in text)


def _stand_in(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter)
    known = "".join(part for part in parts if part in _letters())
    return known or _UNKNOWN


@cache
def _letters() -> frozenset[str]:
    """Return the letters that the font has in every weight."""
    known = [set(TTFont(BytesIO(content), lazy=True).getBestCmap()) for content in plain_fonts().values()]
    return frozenset(map(chr, set.intersection(*known)))


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
