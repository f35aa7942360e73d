"""Typesetting documents as PDF by Typst with the shipped font: tagged, PDF/UA-1 and PDF/A-2b."""

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from fontTools.ttLib import TTFont

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.report.drawing.plain_font import plain_fonts, write_plain_fonts

_UNKNOWN: Final = "?"


class PdfFailedError(EnvironmentFailureError):
    """A document could not be made into a PDF file."""

    code = "POTOK-R040"


def typeset(template: Path, record: Mapping[str, Any], pictures: Mapping[str, str], *, remedy: str) -> bytes:
    """Return a document as the bytes of a PDF file; the same document gives the same bytes.

    Nothing is asked of the network: templates need no package, and only the shipped font is used.

    Parameters
    ----------
    template
        Typst file; it reads `record` as ``document.json``.
    pictures
        SVG by the name of the file that the template reads.
    remedy
        What to do if it cannot be made.

    Raises
    ------
    PdfFailedError
        If it cannot be made.
    """
    import typst

    with TemporaryDirectory(prefix="potok-pdf-") as name:
        folder = Path(name)
        (folder / "main.typ").write_bytes(template.read_bytes())
        # Neither quotation marks nor backslashes are ever replaced, so that all files keep their form.
        for file, text in {"document.json": json.dumps(record, ensure_ascii=False), **pictures}.items():
            (folder / file).write_text(make_displayable(text), encoding="utf-8")
        write_plain_fonts(folder)
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
                _("The PDF file cannot be made: {reason}.").format(reason=error), remedy=remedy
            ) from error


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
