"""The one pass over a text: proves it record by record or block by block, and tells a sink."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from potok.log.sources.text.blocks import BlockExaminer
from potok.log.sources.text.dialect import MAX_RECORD_BYTES, Reading, RecordGrammar, Verdict
from potok.log.sources.text.encoding import UndecodableBytes
from potok.log.sources.text.sinks import RejectedRecord, Sink

# DuckDB refuses lines over 2,000,000 bytes unless told otherwise.
LONG_TEXT_BYTES: Final = 1_900_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What a text consists of.

    Parameters
    ----------
    taken, rejected, blank_lines
        Records taken, records rejected, blank lines left out.
    lines
        Lines of the text; the last counts though nothing ends it.
    has_long_records
        Whether there may be records over `LONG_TEXT_BYTES`.
    """

    taken: int
    rejected: int
    blank_lines: int
    lines: int
    has_long_records: bool


class UndecodablePlace(Exception):  # noqa: N818 - a signal to what knows the file and its encoding
    """The text cannot be decoded from a place on.

    Parameters
    ----------
    line, character
        The place in the member, both from 1.
    """

    def __init__(self, stop: UndecodableBytes, *, line: int, character: int) -> None:
        super().__init__(stop.offset, line, character)
        self.stop = stop
        self.line = line
        self.character = character


class Scan:
    """Reads the data records of one or several members, in order, and tells a sink.

    Parameters
    ----------
    columns
        Their names, to name the column at fault.
    """

    def __init__(self, grammar: RecordGrammar, columns: tuple[str, ...], sink: Sink) -> None:
        self._grammar = grammar
        self._names = columns
        self._sink = sink
        self._examiner = BlockExaminer(grammar.dialect, columns=grammar.columns)
        self._taken = self._rejected = self._blank = self._lines = 0
        self._line = 1
        self._has_long_records = False
        self._is_skipping = False

    @property
    def tally(self) -> Tally:
        """What the members read so far consist of."""
        return Tally(self._taken, self._rejected, self._blank, self._lines, self._has_long_records)

    def read_member(self, chunks: Iterable[bytes], *, first_line: int) -> None:
        """Read the records of a member.

        Parameters
        ----------
        chunks
            Its text from the first data record on, in UTF-8.
        first_line
            Number of the line at which that record begins.

        Raises
        ------
        UndecodablePlace
            Where the text cannot be decoded.
        """
        self._line = first_line
        carry, last = b"", b"\n"
        try:
            for chunk in chunks:
                text = carry + chunk if carry else chunk
                last = text[-1:]
                # A line so far without end need not be looked at again and again.
                is_short = len(text) <= MAX_RECORD_BYTES
                if is_short and b"\n" not in chunk and b"\r" not in chunk:
                    carry = text
                else:
                    carry = text[self._consume(text, is_last=False) :]
        except UndecodableBytes as stop:
            line_start = carry.rfind(b"\n") + 1
            raise UndecodablePlace(
                stop,
                line=self._line + carry.count(b"\n"),
                character=1 + len(carry[line_start:].decode("utf-8", "ignore")),
            ) from stop
        if carry:
            self._consume(carry, is_last=True)
        self._lines += self._line - (last == b"\n")

    def _consume(self, text: bytes, *, is_last: bool) -> int:
        """Judge the records that end within a text; return where the first that does not begins."""
        self._has_long_records |= len(text) > LONG_TEXT_BYTES
        position = self._skip_line(text) if self._is_skipping else 0
        if not is_last and position == 0 and len(text) <= MAX_RECORD_BYTES:
            block = self._examiner.examine(text)
            if block is not None:
                first = self._taken + self._rejected + 1
                self._sink.take_block(memoryview(text)[: block.end], first=first, records=block.records)
                self._taken += block.records
                self._line += block.lines
                return block.end
        return self._read_records(text, position, is_last=is_last)

    def _skip_line(self, text: bytes) -> int:
        feed = text.find(b"\n")
        self._is_skipping = feed < 0
        self._line += feed >= 0
        return len(text) if feed < 0 else feed + 1

    def _read_records(self, text: bytes, position: int, *, is_last: bool) -> int:
        while position < len(text):
            reading = self._grammar.read(text, position, is_last=is_last)
            if reading.verdict is Verdict.UNFINISHED:
                break
            self._take(text[position : reading.end], reading)
            self._line += text.count(b"\n", position, reading.end)
            position = reading.end
        return position

    def _take(self, record: bytes, reading: Reading) -> None:
        number = self._taken + self._rejected + 1
        if reading.verdict is Verdict.PLAIN:
            self._sink.take_record(record, number)
            self._taken += 1
        elif reading.verdict is Verdict.ODD:
            self._sink.rewrite(self._grammar.split(record), number)
            self._taken += 1
        elif reading.verdict is Verdict.BLANK:
            self._sink.skip_blank()
            self._blank += 1
        else:
            column = self._names[reading.field - 1] if 0 < reading.field <= len(self._names) else ""
            self._sink.reject(RejectedRecord(number, self._line, column, reading.reason, record))
            self._rejected += 1
            self._is_skipping = reading.reason == "record_too_long" and not record.endswith((b"\n", b"\r"))
