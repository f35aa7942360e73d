"""Looks at the content of an OpenDocument workbook (.ods): how far its sheets reach, which cells are merged or errors.

One element may stand for a million rows, so that extents are counted before the reader lays them out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from potok.log.sources.arrow_staging import CHUNK_BYTES
from potok.log.sources.safe_xml import create_parser
from potok.log.sources.xlsx_extent import SheetExtent

CONTENT_PART: Final = "content.xml"
MAX_REPEATED: Final = 1 << 24


@dataclass(slots=True)
class _Table:
    last_row: int = -1
    last_column: int = -1
    row: int = 0
    column: int = 0
    row_repeats: int = 1
    errors: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)

    def begin_row(self, attributes: dict[str, str]) -> None:
        self.row_repeats = _number(attributes, "table:number-rows-repeated")
        self.column = 0

    def end_row(self) -> None:
        self.row += self.row_repeats

    def add_cell(self, attributes: dict[str, str]) -> None:
        repeats = _number(attributes, "table:number-columns-repeated")
        if "office:value-type" in attributes:
            self.last_row = max(self.last_row, self.row + self.row_repeats - 1)
            self.last_column = max(self.last_column, self.column + repeats - 1)
        if attributes.get("calcext:value-type") == "error":
            self.errors.append((self.row, self.column))
        wide = _number(attributes, "table:number-columns-spanned")
        high = _number(attributes, "table:number-rows-spanned")
        if wide > 1 or high > 1:
            here = (self.row, self.column)
            self.merged.append((here, (self.row + high - 1, self.column + wide - 1)))
        self.column += repeats

    def extent(self) -> SheetExtent:
        return SheetExtent(self.last_row + 1, self.last_column + 1, tuple(self.errors), tuple(self.merged))


def scan_opendocument(content: Any, *, name: str, advance: Callable[[int], None]) -> dict[str, SheetExtent]:
    """Return the extent of each sheet by its name.

    Parameters
    ----------
    content
        The part ``content.xml``, open for reading.
    name
        Of the file, for messages.
    advance
        Told the number of bytes read so far.

    Raises
    ------
    UnsafeXmlError
        If it declares a document type.
    xml.parsers.expat.ExpatError
        If it is not well-formed.
    """
    tables: dict[str, _Table] = {}
    current = _Table()

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal current
        if tag == "table:table":
            current = tables.setdefault(attributes.get("table:name", ""), _Table())
        elif tag == "table:table-row":
            current.begin_row(attributes)
        elif tag in ("table:table-cell", "table:covered-table-cell"):
            current.add_cell(attributes)

    def end(tag: str) -> None:
        if tag == "table:table-row":
            current.end_row()

    parser = create_parser(name)
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    done = 0
    while chunk := content.read(CHUNK_BYTES):
        parser.Parse(chunk)
        done += len(chunk)
        advance(done)
    parser.Parse(b"", True)
    return {sheet: table.extent() for sheet, table in tables.items()}


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else MAX_REPEATED
    return max(number, 1)
