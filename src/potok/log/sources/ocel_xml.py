"""Reads OCEL 2.0 as XML."""

from typing import Any

from potok.core.language import gettext as _
from potok.log.sources.arrow_staging import CHUNK_BYTES
from potok.log.sources.ocel_json import not_ocel
from potok.log.sources.ocel_stream import OcelStream, broken_ocel
from potok.log.sources.ocel_tables import OcelTables, OcelWriter
from potok.log.sources.safe_xml import ParseError, create_parser


class _Handler:
    """Takes the elements of the document in order, holding one object or event at a time."""

    def __init__(self, writer: OcelWriter) -> None:
        self.writer = writer
        self.path: list[str] = []
        self.sections: set[str] = set()
        self.is_old = False
        self.item: dict[str, str] = {}
        self.values: list[tuple[dict[str, str], str]] = []
        self.links: list[dict[str, str]] = []
        self.attribute: dict[str, str] | None = None
        self.text: list[str] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self.path.append(tag)
        if len(self.path) == 2:
            self.sections.add(tag)
        elif self.path[1:] in (["objects", "object"], ["events", "event"]):
            self.item, self.values, self.links = attributes, [], []
        elif len(self.path) > 3 and self.path[1] in ("objects", "events"):
            self._begin_part(tag, attributes)

    def _begin_part(self, tag: str, attributes: dict[str, str]) -> None:
        if "object-id" in attributes:
            self.links.append(attributes)
        elif tag == "attribute":
            self.attribute, self.text = attributes, []
        elif tag in ("string", "date", "list"):
            self.is_old = True

    def add_text(self, text: str) -> None:
        if self.attribute is not None:
            self.text.append(text)

    def end(self, tag: str) -> None:
        if tag == "attribute" and self.attribute is not None:
            self.values.append((self.attribute, "".join(self.text)))
            self.attribute = None
        elif self.path[1:] == ["objects", "object"]:
            self._add_object()
        elif self.path[1:] == ["events", "event"]:
            self._add_event()
        self.path.pop()

    def _add_object(self) -> None:
        self.writer.add_object(self.item.get("id"), self.item.get("type"))
        for attribute, text in self.values:
            self.writer.add_value(self.item.get("id"), attribute.get("name"), attribute.get("time"), text)

    def _add_event(self) -> None:
        values = {attribute.get("name", ""): text for attribute, text in self.values}
        self.writer.add_event(self.item.get("id"), self.item.get("type"), self.item.get("time"), values)
        for link in self.links:
            self.writer.add_link(link["object-id"], link.get("qualifier"))


def read_xml(stream: OcelStream, writer: OcelWriter) -> OcelTables:
    """Bring an OCEL 2.0 file in XML into tables, element by element.

    Raises
    ------
    BrokenOcelError, UnsafeXmlError, NotOcelError
        If it is not well-formed, declares a document type, or is no OCEL 2.0.
    """
    handler = _Handler(writer)
    parser: Any = create_parser(stream.path.name)
    parser.StartElementHandler = handler.begin
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.add_text
    try:
        with writer:
            while chunk := stream.read(CHUNK_BYTES):
                parser.Parse(chunk)
            parser.Parse(b"", True)
    except (ParseError, UnicodeDecodeError, LookupError, ValueError) as error:
        place = _("line {line}").format(line=parser.CurrentLineNumber)
        raise broken_ocel(stream.path, str(error), place=place) from error
    if handler.is_old:
        raise not_ocel(stream, _("OCEL 1.0 in XML"))
    if not handler.sections & {"events", "objects"}:
        raise not_ocel(stream, _("an XML file without events and objects"))
    return writer.tables(version="2.0", encoding="xml")
