"""The streaming parser: bytes in, batches of rows out, memory bounded whatever the file holds.

Expat calls back for each start and end tag, and both are only recorded: the start as the list of its XML attributes,
the end as its name. `SegmentReader` looks at them when the next trace or event begins.
"""

import codecs
from collections.abc import Callable
from typing import Final, NoReturn
from xml.parsers import expat

from potok.core.language import gettext as _
from potok.log.sources.xes.batch import EventBatch
from potok.log.sources.xes.elements import local_name
from potok.log.sources.xes.errors import ElementSizeError, ForbiddenXmlError, WrongRootError, XesError
from potok.log.sources.xes.facts import LogFacts
from potok.log.sources.xes.segments import SegmentReader
from potok.log.sources.xes.traces import TraceCollector
from potok.log.sources.xes.xml_errors import XmlContext, place, translate_xml_error, wrong_encoding

MAX_BATCH_EVENTS: Final = 50_000
MIN_BATCH_EVENTS: Final = 1_000
MAX_BATCH_CELLS: Final = 5_000_000
MAX_BATCH_BYTES: Final = 16 << 20
# A batch ends between two traces; if a trace does not end, at this many times the above.
OPEN_TRACE_FACTOR: Final = 2

MAX_TAG_BYTES: Final = 16 << 20
MAX_SEGMENT_BYTES: Final = 32 << 20
MAX_SEGMENT_TOKENS: Final = 200_000
# Expat and Python keep every distinct name of an element or XML attribute.
MAX_XML_NAMES: Final = 1_000
MAX_XML_NAME_LETTERS: Final = 100_000

_EXPAT_ENCODINGS: Final = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16le", "utf-16-be": "utf-16be"}


class XesParser:
    """Reads one log, piece by piece.

    Parameters
    ----------
    collector
        Takes traces and events.
    write
        Called with each full batch, which is cleared afterwards.
    file
        The file's name, for messages.
    encoding
        Overrides what the file declares; empty believes the file.

    Attributes
    ----------
    facts
        What stands in the log besides traces.
    declared_encoding
        As the file declares it; empty if it does not.
    """

    def __init__(
        self, collector: TraceCollector, *, write: Callable[[EventBatch], None], file: str, encoding: str = ""
    ) -> None:
        self.facts = LogFacts()
        self.declared_encoding = ""
        self._collector = collector
        self._write = write
        self._file = file
        self._segments = SegmentReader(collector, facts=self.facts, between_traces=self._between_traces)
        self._start = b""
        self._is_root_seen = False
        self._is_batch_full = False
        self._bytes_fed = self._bytes_of_batch = self._bytes_of_segment = 0
        self._advance = (0, 0)
        self._expat = self._create_expat(encoding)

    def feed(self, piece: bytes) -> None:
        """Read the next bytes.

        Raises
        ------
        XesError
            Whatever is wrong with them, with line and column.
        """
        self._start = self._start or piece[:100]
        self._parse(piece, is_last=False)
        self._bytes_fed += len(piece)
        self._bytes_of_batch += len(piece)
        self._check_sizes(len(piece))
        self._check_batch()

    def finish(self) -> None:
        """Say that the file has ended.

        Raises
        ------
        TruncatedXesError
            If the log has not ended.
        """
        self._parse(b"", is_last=True)
        self._write_batch()

    def _create_expat(self, encoding: str) -> expat.XMLParserType:
        parser = expat.ParserCreate(_expat_encoding(encoding) if encoding else None)
        parser.ordered_attributes = True
        parser.StartElementHandler = self._take_root
        parser.EndElementHandler = self._segments.tokens.append
        parser.XmlDeclHandler = self._take_declaration
        # Entities can only be declared in a document type, so that refusing it refuses them all.
        parser.StartDoctypeDeclHandler = _refuse_document_type
        return parser

    def _take_declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        self.declared_encoding = encoding or ""

    def _take_root(self, name: str, attributes: list[str]) -> None:
        if local_name(name) != "log":
            raise WrongRootError(
                _("The file {file} is XML, but no event log: its root element is “{name}”, not “log”.").format(
                    file=self._file, name=name[:80]
                ),
                remedy=_("Give a file in the format XES."),
            )
        self._is_root_seen = True
        self.facts.take_root(attributes)
        prefix = name.removesuffix("log")
        self._segments.name_tags(event=prefix + "event", trace=prefix + "trace")
        self._expat.StartElementHandler = self._start_handler(event=prefix + "event", trace=prefix + "trace")

    def _start_handler(self, *, event: str, trace: str) -> Callable[[str, list[str]], None]:
        boundaries = {event: self._segments.open_event, trace: self._segments.open_trace}
        append = self._segments.tokens.append

        def take_start(name: str, attributes: list[str]) -> None:
            if name in boundaries:
                boundaries[name]()
            else:
                append(attributes)

        return take_start

    def _parse(self, piece: bytes, *, is_last: bool) -> None:
        try:
            self._expat.Parse(piece, is_last)
            if is_last:
                self._segments.end_segment()
        except expat.ExpatError as error:
            raise translate_xml_error(error, self._context(piece)) from error
        except XesError as error:
            error.where = error.where or self._place()
            raise
        except (LookupError, ValueError) as error:
            # Raised for a declared encoding that Python does not know, or that takes several bytes for a letter.
            if self._is_root_seen:
                raise
            raise wrong_encoding(where=self._place()) from error

    def _context(self, piece: bytes) -> XmlContext:
        offset = self._expat.ErrorByteIndex - self._bytes_fed
        return XmlContext(
            file=self._file,
            start=self._start,
            byte=piece[offset] if 0 <= offset < len(piece) else None,
            is_root_seen=self._is_root_seen,
            traces=self._collector.traces,
        )

    def _place(self) -> str:
        return place(self._file, self._expat.CurrentLineNumber, self._expat.CurrentColumnNumber)

    def _check_sizes(self, piece_bytes: int) -> None:
        advance = (self._collector.events, self._collector.traces)
        self._bytes_of_segment = self._bytes_of_segment + piece_bytes if advance == self._advance else 0
        self._advance = advance
        if self._bytes_fed - max(self._expat.CurrentByteIndex, 0) > MAX_TAG_BYTES:
            self._refuse_size(_("A single tag or value is longer than {limit} bytes."), MAX_TAG_BYTES)
        if self._bytes_of_segment > MAX_SEGMENT_BYTES:
            self._refuse_size(_("One event or the head of the log is longer than {limit} bytes."), MAX_SEGMENT_BYTES)
        if len(self._segments.tokens) > MAX_SEGMENT_TOKENS:
            self._refuse_size(
                _("One event or the head of the log holds more than {limit} elements, side by side or nested."),
                MAX_SEGMENT_TOKENS // 2,
            )
        names = self._expat.intern
        if len(names) > MAX_XML_NAMES or sum(map(len, names)) > MAX_XML_NAME_LETTERS:
            self._refuse_size(_("The file has more than {limit} different names of elements."), MAX_XML_NAMES)

    def _refuse_size(self, message: str, limit: int) -> NoReturn:
        raise ElementSizeError(
            message.format(limit=limit),
            where=self._place(),
            remedy=_("No event log needs this; check where the file comes from."),
        )

    def _check_batch(self) -> None:
        columns = max(self._collector.names.count, 1)
        max_events = max(MIN_BATCH_EVENTS, min(MAX_BATCH_EVENTS, MAX_BATCH_CELLS // columns))
        fullness = max(self._collector.batch.events / max_events, self._bytes_of_batch / MAX_BATCH_BYTES)
        self._is_batch_full = fullness >= 1
        if fullness >= OPEN_TRACE_FACTOR:
            self._write_batch()

    def _between_traces(self) -> None:
        if self._is_batch_full:
            self._write_batch()

    def _write_batch(self) -> None:
        self._collector.end_batch()
        if self._collector.batch.events:
            self._write(self._collector.batch)
        self._collector.batch.clear()
        self._segments.forget_patterns()
        self._bytes_of_batch = 0
        self._is_batch_full = False


def _refuse_document_type(name: str, system_id: str | None, public_id: str | None, has_subset: int) -> NoReturn:
    raise ForbiddenXmlError(
        _(
            "The file declares a document type (<!DOCTYPE {name}>), which could hide entities that expand without end."
        ).format(name=name[:80]),
        remedy=_("XES needs none: remove the declaration if you trust the file."),
    )


def _expat_encoding(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = encoding
    return _EXPAT_ENCODINGS.get(name, name)
