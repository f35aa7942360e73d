"""From what expat says to what a user can act on."""

from dataclasses import dataclass
from typing import Final
from xml.parsers import expat
from xml.parsers.expat import errors as expat_errors

from potok.core.language import gettext as _
from potok.core.language import ngettext
from potok.log.sources.xes.errors import (
    MalformedXmlError,
    NotXmlError,
    TruncatedXesError,
    XesEncodingError,
    XesError,
)

_CODES: Final = expat_errors.codes
_INVALID_TOKEN: Final = _CODES[expat_errors.XML_ERROR_INVALID_TOKEN]
_AT_END: Final = {
    _CODES[expat_errors.XML_ERROR_NO_ELEMENTS],
    _CODES[expat_errors.XML_ERROR_UNCLOSED_TOKEN],
    _CODES[expat_errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
    _CODES[expat_errors.XML_ERROR_PARTIAL_CHAR],
}
_OF_ENCODING: Final = {
    _CODES[expat_errors.XML_ERROR_UNKNOWN_ENCODING],
    _CODES[expat_errors.XML_ERROR_INCORRECT_ENCODING],
}
_BYTE_ORDER_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_FIRST_OF_XML: Final = (b"<", b"\x00<")


@dataclass(frozen=True, slots=True)
class XmlContext:
    """What is known when the parser stops.

    Parameters
    ----------
    file
        The file's name.
    start
        Its first bytes.
    byte
        The byte at which the parser stopped, if it is known.
    is_root_seen
        Whether there was any element.
    traces
        Number of complete traces before.
    """

    file: str
    start: bytes
    byte: int | None
    is_root_seen: bool
    traces: int


def place(file: str, line: int, column: int) -> str:
    """Return a place in a file; `column` is 0-based, as expat counts."""
    return _("{file}, line {line}, column {column}").format(file=file, line=line, column=column + 1)


def translate_xml_error(error: expat.ExpatError, context: XmlContext) -> XesError:
    """Return what to raise instead of an error of expat."""
    where = place(context.file, error.lineno, error.offset)
    if not context.is_root_seen and not _looks_like_xml(context.start):
        return _not_xml(context)
    if error.code in _AT_END:
        return _truncated(context, where=where)
    is_foreign_letter = error.code == _INVALID_TOKEN and context.byte is not None and context.byte >= 0x80
    if error.code in _OF_ENCODING or is_foreign_letter:
        return wrong_encoding(where=where)
    return MalformedXmlError(
        _("The file {file} is not well-formed XML: {reason}.").format(
            file=context.file, reason=expat.ErrorString(error.code)
        ),
        where=where,
        remedy=_("Export the log again; if the error stays, show this message to whoever made the export."),
    )


def traces_readable(traces: int) -> str:
    """Return the sentence that tells how far a damaged file could be read."""
    return ngettext(
        "{count} complete trace could be read before that.",
        "{count} complete traces could be read before that.",
        traces,
    ).format(count=traces)


def _truncated(context: XmlContext, *, where: str) -> TruncatedXesError:
    return TruncatedXesError(
        _("The file {file} ends before the log does: it was cut off.").format(file=context.file),
        where=where,
        remedy=_("Copy, download or export it again.") + " " + traces_readable(context.traces),
    )


def wrong_encoding(*, where: str) -> XesEncodingError:
    """Return the error for letters that the declared encoding does not have."""
    return XesEncodingError(
        _("The letters here are not in the encoding that the file declares, or that encoding cannot be read."),
        where=where,
        remedy=_("Say which encoding it is, for example windows-1251, or save the file as UTF-8."),
    )


def _not_xml(context: XmlContext) -> NotXmlError:
    start = "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in context.start[:20])
    return NotXmlError(
        _("The file {file} is not XML: it begins with “{start}”.").format(file=context.file, start=start),
        where=place(context.file, 1, 0),
        remedy=_("Check that it is the file you mean, and give a file in the format XES."),
    )


def _looks_like_xml(start: bytes) -> bool:
    for mark in _BYTE_ORDER_MARKS:
        start = start.removeprefix(mark)
    return start.lstrip().startswith(_FIRST_OF_XML)
