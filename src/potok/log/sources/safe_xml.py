"""An XML parser that refuses what makes XML dangerous: document types and entities of one's own."""

from typing import Any, Final
from xml.parsers import expat

from potok.core.errors import BadDataError
from potok.core.language import gettext as _

ParseError: Final = expat.ExpatError


class UnsafeXmlError(BadDataError):
    """The XML declares a document type or entities; no event log needs them, and they can exhaust memory."""

    code = "POTOK-L050"


def create_parser(name: str) -> Any:
    """Create a namespace-unaware expat parser that raises `UnsafeXmlError` at a document type declaration.

    Parameters
    ----------
    name
        Of the file, for the message.
    """
    parser: Any = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_declaration: object) -> None:
        raise UnsafeXmlError(
            _("The file {name} declares a document type or entities of its own.").format(name=name),
            where=_("{name}, line {line}").format(name=name, line=parser.CurrentLineNumber),
            remedy=_("Remove the declaration (<!DOCTYPE …>) if you trust the file."),
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser
