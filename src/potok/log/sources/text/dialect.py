"""How a text file separates fields and records, and the grammar that follows from it.

A field is *quoted* if it begins with the quote and ends with the quote right before a delimiter, a line end or the end
of the file; inside it a quote is doubled, and delimiters and line ends are text. In any other field a quote is text. A
record all of whose fields are *plain* means the same to every reader of CSV, DuckDB included.
"""

import re
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Final

# At the end of what has been read so far a line feed may be about to follow.
LINE_END: Final = rb"(?:\r\n|\n|\r(?!\Z))"
LAST_LINE_END: Final = rb"(?:\r\n|\n|\r|\Z)"
LINE: Final = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r)?")
MAX_SPLIT_FIELDS: Final = 100_000
MAX_RECORD_BYTES: Final = 16 * 2**20
# A quoted field over more than this is a quote that was never closed.
MAX_MULTILINE_BYTES: Final = 2**20
# Lines within one record before it is asked whether they are records of their own, swallowed by a stray quote.
SUSPICIOUS_LINES: Final = 3
MIN_COLUMNS_TO_SUSPECT: Final = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields and records are written.

    Parameters
    ----------
    delimiter
        One byte.
    quote
        One byte; empty if the file knows no quoting.
    is_padded
        Spaces may stand around a quoted field (``a, "b"``); they are not part of it.
    line_end
        A line feed, after a carriage return if the first line ends so.
    """

    delimiter: bytes
    quote: bytes = b'"'
    is_padded: bool = False
    line_end: bytes = b"\n"

    def quote_field(self, field: bytes) -> bytes:
        """Return a field as a quoted one."""
        return self.quote + field.replace(self.quote, self.quote * 2) + self.quote


class Verdict(Enum):
    """What a piece of text turned out to be."""

    PLAIN = auto()  # a record that may be passed on byte for byte
    ODD = auto()  # a record that has to be written anew
    BLANK = auto()
    BAD = auto()
    UNFINISHED = auto()  # more has to be read to tell


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands at a position of a text.

    Parameters
    ----------
    end
        Position after it, line end included.
    reason
        Why it is bad: ``too_few_fields``, ``too_many_fields``, ``quote_not_closed``, ``text_after_quote``,
        ``nul_character``, ``record_too_long``.
    field
        Number of the field at fault, from 1; 0 if it is no single field.
    """

    verdict: Verdict
    end: int
    reason: str = ""
    field: int = 0


class RecordGrammar:
    """Reads records of a known number of columns.

    Parameters
    ----------
    columns
        Number of fields that a record must have; at least two.
    """

    def __init__(self, dialect: Dialect, *, columns: int) -> None:
        self.dialect = dialect
        self.columns = columns
        plain, field = _plain_field(dialect), _field(dialect)
        delimiter = re.escape(dialect.delimiter)
        rest = b"{%d}" % (columns - 1)
        record = rb"%s(?:%s%s)%s"
        self._plain = _compile_both(record % (plain, delimiter, plain, rest))
        self._odd = _compile_both(record % (field, delimiter, field, rest))
        self._any = _compile_both(record % (field, delimiter, field, b"*+"))
        self._blank = _compile_both(rb" *+\x1a?")  # 1A ends files that DOS programs wrote
        self._whole_line = re.compile(record % (plain, delimiter, plain, rest))
        self._sound_fields = re.compile(rb"(?:%s%s)*+" % (field, delimiter))
        unclosed = rb"%s(?:[^%s]++|%s)*+" % (dialect.quote, dialect.quote, dialect.quote * 2) if dialect.quote else b""
        self._unfinished = re.compile(rb"(?:%s%s)*+(?:%s\r?+|%s)\Z" % (field, delimiter, field, unclosed))
        self._split = re.compile(rb"(%s)%s" % (field, delimiter))

    def read(self, text: bytes, position: int, *, is_last: bool) -> Reading:
        """Read what stands at a position.

        Parameters
        ----------
        is_last
            The end of `text` is the end of the file.
        """
        if match := self._plain[is_last].match(text, position):
            return self._examine(text, position, match.end(), Verdict.PLAIN)
        if match := self._blank[is_last].match(text, position):
            return Reading(Verdict.BLANK, match.end())
        if match := self._odd[is_last].match(text, position):
            return self._examine(text, position, match.end(), Verdict.ODD)
        if match := self._any[is_last].match(text, position):
            return self._ragged(text, position, match.end())
        return self._broken(text, position, is_last=is_last)

    def split(self, record: bytes) -> list[bytes]:
        """Return the fields of a record, unquoted, but no more than `MAX_SPLIT_FIELDS`."""
        bare = _without_line_end(record)
        quote, delimiter = self.dialect.quote, self.dialect.delimiter
        if not quote or quote not in bare:
            return bare.split(delimiter, MAX_SPLIT_FIELDS)[:MAX_SPLIT_FIELDS]
        if bare.count(delimiter) < MAX_SPLIT_FIELDS:
            fields = self._split.findall(bare + delimiter)
        else:
            fields = [match.group(1) for match in islice(self._split.finditer(bare + delimiter), MAX_SPLIT_FIELDS)]
        return [self._unquote(field) if quote in field else field for field in fields]

    def sample(self, text: bytes, position: int, *, is_last: bool) -> tuple[int, list[bytes] | None]:
        """Return the end of the record at a position and its fields.

        The fields are None if the record cannot be split soundly; the end is `position` if it may lie beyond `text`.
        """
        if match := self._any[is_last].match(text, position):
            return match.end(), self.split(match.group())
        if not is_last and self._unfinished.match(text, position):
            return position, None
        return _line_end(text, position), None

    def plain_records(self, text: bytes, *, records: int) -> list[bytes]:
        """Split a text that consists of so many plain records; each keeps its line end but for the line feed."""
        lines = text.split(b"\n")[:-1]
        if len(lines) == records:
            return lines
        return [match.group()[:-1] for match in self._plain[False].finditer(text)]

    def is_plain_line(self, text: bytes) -> bool:
        """Whether a text is one plain record on a single line."""
        return text.count(b"\n") == 1 and self._plain[False].fullmatch(text) is not None

    def _unquote(self, field: bytes) -> bytes:
        quote = self.dialect.quote
        bare = field.strip(b" ") if self.dialect.is_padded else field
        if bare.startswith(quote):
            return bare[1:-1].replace(quote * 2, quote)
        return field

    def _examine(self, text: bytes, position: int, end: int, verdict: Verdict) -> Reading:
        """Judge a record that has the right number of fields."""
        if self._swallows(text, position, end, at_least=SUSPICIOUS_LINES):
            return self._unclosed(text, position)
        if end - position > MAX_RECORD_BYTES:
            return Reading(Verdict.BAD, end, "record_too_long")
        if text.find(b"\0", position, end) >= 0:
            return Reading(Verdict.BAD, end, "nul_character", self._field_with_nul(text, position))
        return Reading(verdict, end)

    def _ragged(self, text: bytes, position: int, end: int) -> Reading:
        if self._swallows(text, position, end, at_least=1):
            return self._unclosed(text, position)
        if end - position > MAX_RECORD_BYTES:
            return Reading(Verdict.BAD, end, "record_too_long")
        enough = self._count_fields(text, position, end) >= self.columns
        return Reading(Verdict.BAD, end, "too_many_fields" if enough else "too_few_fields")

    def _broken(self, text: bytes, position: int, *, is_last: bool) -> Reading:
        end = _line_end(text, position)
        one_line = end == len(text) and not text.endswith(b"\n", position)
        unfinished = self._unfinished.match(text, position) is not None
        if not is_last and (one_line or unfinished):
            if len(text) - position <= (MAX_RECORD_BYTES if one_line else MAX_MULTILINE_BYTES):
                return Reading(Verdict.UNFINISHED, position)
            if one_line:
                return Reading(Verdict.BAD, end, "record_too_long")
        if self._unfinished.match(_without_line_end(text[position:end])):
            return self._unclosed(text, position)
        return Reading(Verdict.BAD, end, "text_after_quote", self._field_at_fault(text, position, end))

    def _unclosed(self, text: bytes, position: int) -> Reading:
        """Give up the first line only: what follows is judged on its own."""
        end = _line_end(text, position)
        return Reading(Verdict.BAD, end, "quote_not_closed", self._field_at_fault(text, position, end))

    def _field_with_nul(self, text: bytes, position: int) -> int:
        return 1 + self._count_fields(text, position, text.find(b"\0", position))

    def _field_at_fault(self, text: bytes, position: int, end: int) -> int:
        return 1 + self._count_fields(text, position, end)

    def _count_fields(self, text: bytes, position: int, end: int) -> int:
        """Return how many sound fields that end with a delimiter stand in a row, or the number of columns if more."""
        sound = self._sound_fields.match(text, position, end)
        until = sound.end() if sound else position
        return sum(1 for _ in islice(self._split.finditer(text, position, until), self.columns))

    def _swallows(self, text: bytes, position: int, end: int, *, at_least: int) -> bool:
        """Whether a stray quote makes one record of several lines.

        So it is if there is too much of it, or if all lines within are plain records themselves.
        """
        if text.find(b"\n", position, end - 1) < 0:
            return False
        if end - position > MAX_MULTILINE_BYTES:
            return True
        if self.columns < MIN_COLUMNS_TO_SUSPECT or text.count(b"\n", position, end) <= at_least:
            return False
        inner = _inner_lines(text, position, end)
        return len(inner) >= at_least and all(self._whole_line.fullmatch(line) for line in inner)


def _compile_both(record: bytes) -> dict[bool, re.Pattern[bytes]]:
    """Compile a record for the middle of a file (False) and for its end (True)."""
    return {False: re.compile(record + LINE_END), True: re.compile(record + LAST_LINE_END)}


def _quoted_field(dialect: Dialect) -> bytes:
    return rb"%(quote)s(?:[^%(quote)s]++|%(quote)s%(quote)s)*+%(quote)s" % {b"quote": dialect.quote}


def _plain_field(dialect: Dialect) -> bytes:
    """Pattern of a field that all readers understand alike.

    DuckDB takes a quote after spaces for the beginning of a quoted field; others take it for text.
    """
    other = rb"[^%s\r\n]*+" % re.escape(dialect.delimiter)
    return rb"(?:%s|(?! *+%s)%s)" % (_quoted_field(dialect), dialect.quote, other) if dialect.quote else other


def _field(dialect: Dialect) -> bytes:
    other = rb"[^%s\r\n]*+" % re.escape(dialect.delimiter)
    if not dialect.quote:
        return other
    if dialect.is_padded:
        return rb"(?: *+%s *+|(?! *+%s)%s)" % (_quoted_field(dialect), dialect.quote, other)
    return rb"(?:%s|(?!%s)%s)" % (_quoted_field(dialect), dialect.quote, other)


def _without_line_end(record: bytes) -> bytes:
    for end in (b"\r\n", b"\n", b"\r"):
        if record.endswith(end):
            return record[: -len(end)]
    return record


def _line_end(text: bytes, position: int) -> int:
    """Return the position after the line that begins at `position`."""
    line = LINE.match(text, position)
    return line.end() if line else len(text)


def _inner_lines(text: bytes, position: int, end: int) -> list[bytes]:
    """Return the lines of a record but the first and the last, without line ends."""
    return _without_line_end(text[position:end]).splitlines()[1:-1]
