"""Recognises what is no text, whatever its name says."""

from collections.abc import Callable
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.core.language import mark

CONTROL_BYTES: Final = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a\x1b"))
CONTROL_SHARE: Final = 0.02
SIGNATURES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", mark("a picture (PNG)")),
    (b"\xff\xd8\xff", mark("a picture (JPEG)")),
    (b"GIF8", mark("a picture (GIF)")),
    (b"%PDF", mark("a PDF document")),
    (b"SQLite format 3\0", mark("an SQLite database")),
    (b"PAR1", mark("a Parquet file")),
    (b"\xd0\xcf\x11\xe0", mark("a document of an old office program (XLS or DOC)")),
    (b"7z\xbc\xaf\x27\x1c", mark("a 7-Zip archive")),
    (b"Rar!", mark("a RAR archive")),
    (b"BZh", mark("a file compressed with bzip2")),
    (b"\xfd7zXZ", mark("a file compressed with xz")),
    (b"PK\x03\x04", mark("a zip archive")),
    (b"\x1f\x8b", mark("a file compressed with gzip")),
    (b"\x28\xb5\x2f\xfd", mark("a file compressed with Zstandard")),
    (b"\x7fELF", mark("a program")),
    (b"MZ\x90", mark("a program")),
)
MARKUP: Final[tuple[tuple[bytes, str], ...]] = (
    (b"<?xml", mark("an XML document")),
    (b"<!doctype html", mark("a web page (HTML)")),
    (b"<html", mark("a web page (HTML)")),
    (b'{"', mark("a JSON document")),
    (b"[{", mark("a JSON document")),
)
TAR_PLACE: Final = slice(257, 262)
OFFICE_MEMBERS: Final[dict[str, str]] = {
    "[Content_Types].xml": mark("an office document, such as an Excel workbook (XLSX)"),
    "META-INF/manifest.xml": mark("an OpenDocument file, such as a spreadsheet (ODS)"),
}


class NotTextError(BadDataError):
    """The file holds something else than delimited text."""

    code = "POTOK-L066"


def check_is_text(sample: bytes, *, where: str, is_wide: Callable[[], bool]) -> None:
    """Raise `NotTextError` if the beginning of a file is not that of a text.

    Parameters
    ----------
    is_wide
        Tells whether the encoding is one in which NUL bytes belong to text.
    """
    likeness = look(sample)
    if likeness:
        raise not_text(likeness, where=where)
    if not is_wide() and len(sample.translate(None, CONTROL_BYTES)) < (1 - CONTROL_SHARE) * len(sample):
        raise NotTextError(
            _("The file is not text: it is full of control characters."),
            where=where,
            remedy=_("Export the data as CSV. If it is text, name its encoding with --encoding."),
        )


def look(sample: bytes) -> str:
    """Return what a file looks like if it is surely no delimited text, else an empty string."""
    for signature, likeness in SIGNATURES:
        if sample.startswith(signature):
            return likeness
    start = sample[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for signature, likeness in MARKUP:
        if start.startswith(signature):
            return likeness
    return mark("a tar archive") if sample[TAR_PLACE] == b"ustar" else ""


def look_at_members(names: list[str]) -> str:
    """Return what a zip file is if it is a document rather than an archive, else an empty string."""
    return next((likeness for name, likeness in OFFICE_MEMBERS.items() if name in names), "")


def not_text(likeness: str, *, where: str) -> NotTextError:
    """Return the error that says what a file looks like."""
    return NotTextError(
        _("The file is not text with columns; it looks like {likeness}.").format(likeness=_(likeness)),
        where=where,
        remedy=_("Give the file the extension that belongs to it, or export the data as CSV."),
    )
