"""What the beginning of a text tells: encoding, dialect, header, and where the data starts."""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.sources.text.binary import check_is_text
from potok.log.sources.text.dialect import MAX_RECORD_BYTES, Dialect, RecordGrammar
from potok.log.sources.text.encoding import Encoding, choose_encoding
from potok.log.sources.text.guessing import SampleRecord, guess_dialect, read_sample
from potok.log.sources.text.header import HEAD_RECORDS, TableHead, find_head

SAMPLE_BYTES: Final = 2**20
WIDE_ENCODINGS: Final = ("utf-16", "utf-32")
SHOWN_TITLE_CHARACTERS: Final = 200


class EmptyTextError(BadDataError):
    """The file holds nothing."""

    code = "POTOK-L064"


class TooLongLineError(BadDataError):
    """The first line of the file is too long for a table's."""

    code = "POTOK-L071"


class DifferentHeadersError(BadDataError):
    """The files in a zip file do not have the same columns."""

    code = "POTOK-L078"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a member before its records are read.

    Parameters
    ----------
    has_returns_only
        Lines end with a carriage return alone, as old Macintosh programs wrote them.
    titles
        Text of the lines above the table.
    header_line
        Number of the header's first line; None without header.
    skip_bytes
        UTF-8 bytes before the first data record, byte order mark not counted.
    first_line
        Number of the line at which the first data record begins.
    is_plain
        All that DuckDB has to skip is a header on one line, or nothing.
    """

    encoding: Encoding
    has_returns_only: bool
    dialect: Dialect
    head: TableHead
    titles: tuple[str, ...]
    header_line: int | None
    skip_bytes: int
    first_line: int
    is_plain: bool

    @property
    def grammar(self) -> RecordGrammar:
        """The grammar of the member's records."""
        return RecordGrammar(self.dialect, columns=len(self.head.names))


def examine_beginning(chunks: Iterable[bytes], *, encoding: str, delimiter: str, where: str) -> Beginning:
    """Find out how a member is written and where its data starts.

    Parameters
    ----------
    chunks
        Its unpacked bytes.
    encoding, delimiter
        As asked for; empty to guess.

    Raises
    ------
    EmptyTextError, NotTextError, TooLongLineError, NotATableError, TooManyColumnsError
        If this is no table in text.
    """
    sample, is_whole = _take_sample(chunks, where)
    chosen, text, has_returns_only = _decode_sample(sample, encoding, is_whole=is_whole, where=where)
    dialect = guess_dialect(text, is_whole=is_whole, delimiter=delimiter)
    records = read_sample(text, dialect, is_whole=is_whole, limit=HEAD_RECORDS)
    head = find_head(records)
    return _compose(text, records, chosen, dialect, head, has_returns_only)


def _compose(
    text: bytes,
    records: list[SampleRecord],
    encoding: Encoding,
    dialect: Dialect,
    head: TableHead,
    has_returns_only: bool,
) -> Beginning:
    table = records[head.first].start
    skip = table if head.header is None else records[head.header].end
    grammar = RecordGrammar(dialect, columns=len(head.names))
    return Beginning(
        encoding=encoding,
        has_returns_only=has_returns_only,
        dialect=dialect,
        head=head,
        titles=tuple(line.decode("utf-8", "replace")[:SHOWN_TITLE_CHARACTERS] for line in text[:table].splitlines()),
        header_line=None if head.header is None else 1 + text.count(b"\n", 0, table),
        skip_bytes=skip,
        first_line=1 + text.count(b"\n", 0, skip),
        is_plain=skip == 0 or grammar.is_plain_line(text[:skip]),
    )


def examine_further(chunks: Iterable[bytes], first: Beginning, *, where: str) -> Beginning:
    """Find where the data of a further member starts; it must have the header of the first.

    Raises
    ------
    DifferentHeadersError
        If it has other columns.
    """
    sample, is_whole = _take_sample(chunks, where)
    encoding, text, has_returns_only = _decode_sample(sample, first.encoding.name, is_whole=is_whole, where=where)
    records = read_sample(text, first.dialect, is_whole=is_whole, limit=HEAD_RECORDS)
    head = find_head(records) if any(record.fields and len(record.fields) > 1 for record in records) else None
    if head is None or head.names != first.head.names:
        raise DifferentHeadersError(
            _("The files in the zip file have different columns: {one} and {other}.").format(
                one=", ".join(first.head.names), other=", ".join(head.names if head else ())
            ),
            where=where,
            remedy=_("Pack only files of the same kind together."),
        )
    return _compose(text, records, encoding, first.dialect, head, has_returns_only)


def _take_sample(chunks: Iterable[bytes], where: str) -> tuple[bytes, bool]:
    """Return the first MiB, or more if no line ends in it, and whether that is all there is."""
    sample = bytearray()
    for chunk in chunks:
        sample += chunk
        if len(sample) >= SAMPLE_BYTES and (b"\n" in sample or b"\r" in sample):
            return bytes(sample[: _sample_size(sample)]), False
        if len(sample) > MAX_RECORD_BYTES:
            raise TooLongLineError(
                _("The first line of the file is longer than {limit} MiB.").format(limit=MAX_RECORD_BYTES // 2**20),
                where=where,
                remedy=_("A table in text has one line per row. Export the data again as CSV."),
            )
    if not sample:
        raise EmptyTextError(_("The file is empty."), where=where, remedy=_("Export the data again."))
    return bytes(sample), True


def _sample_size(sample: bytearray) -> int:
    """Return where to cut so that at least one line is left, whatever the encoding."""
    first_end = max(sample.find(b"\n"), sample.find(b"\r")) + 4
    return min(len(sample), max(SAMPLE_BYTES, first_end))


def _decode_sample(sample: bytes, requested: str, *, is_whole: bool, where: str) -> tuple[Encoding, bytes, bool]:
    encoding = choose_encoding(sample, requested=requested)
    check_is_text(sample, where=where, is_wide=lambda: encoding.name.startswith(WIDE_ENCODINGS))
    decoder = codecs.getincrementaldecoder(encoding.name)("replace")
    text = decoder.decode(sample[len(encoding.mark) :], is_whole).encode("utf-8", "replace")
    if not text.strip(b" \t\r\n\x1a"):
        raise EmptyTextError(
            _("There is nothing but empty lines in the file."), where=where, remedy=_("Export the data again.")
        )
    has_returns_only = b"\r" in text and b"\n" not in text
    return encoding, text.replace(b"\r", b"\n") if has_returns_only else text, has_returns_only
