"""Where records go once they are known to be sound: nowhere, into a copy, or into a numbered copy.

Most files can be read by DuckDB where they lie. A file that cannot (compressed, in another encoding, blank lines
between records, …) is copied; a file with rows that cannot be taken is copied without them, each row with its number.
Which of these is needed turns out while the file is read, so a sink that is too weak asks for a stronger one.
"""

import csv
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import IO, Final, Protocol

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.sources.text.dialect import RecordGrammar

REJECTED_TEXT_CHARACTERS: Final = 200
# UTF-8 needs at most four bytes for each.
REJECTED_TEXT_BYTES: Final = 4 * REJECTED_TEXT_CHARACTERS


class StagingSpaceFailureError(EnvironmentFailureError):
    """The temporary folder cannot take the copy of a file."""

    code = "POTOK-L063"


class Plan(IntEnum):
    """How much has to be done to a file before DuckDB can read it."""

    DIRECT = 0
    COPY = 1
    NUMBERED_COPY = 2


class PlanTooWeak(Exception):  # noqa: N818 - a signal, not an error
    """The file needs a stronger plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.plan = plan


@dataclass(frozen=True, slots=True)
class RejectedRecord:
    """A record that cannot be taken.

    Parameters
    ----------
    record, line
        Its number among the records, and the number of its first line; both from 1.
    column
        Name of the column at fault; empty if it is no single one.
    reason
        As in `dialect.Reading`.
    text
        Its bytes, or the first of them.
    """

    record: int
    line: int
    column: str
    reason: str
    text: bytes


class Sink(Protocol):
    """Takes what a file consists of, in order."""

    def take_block(self, block: memoryview, *, first: int, records: int) -> None:
        """Take plain records, all with the line end of the file; `first` is the number of the first."""
        ...

    def take_record(self, record: bytes, number: int) -> None:
        """Take a plain record with whatever line end it has."""
        ...

    def rewrite(self, fields: list[bytes], number: int) -> None:
        """Take a record that has to be written anew."""
        ...

    def skip_blank(self) -> None:
        """Leave out a blank line."""
        ...

    def reject(self, record: RejectedRecord) -> None:
        """Note a record that cannot be taken."""
        ...


class DirectSink:
    """Takes only what DuckDB can read where it lies."""

    def __init__(self, grammar: RecordGrammar) -> None:
        self._line_end = grammar.dialect.line_end

    def take_block(self, block: memoryview, *, first: int, records: int) -> None:
        """Take the block: it can be read as it is."""

    def take_record(self, record: bytes, number: int) -> None:
        """Take the record if it ends as all lines do, or ends the file."""
        if record.endswith((b"\n", b"\r")) and not _ends_with(record, self._line_end):
            raise PlanTooWeak(Plan.COPY)

    def rewrite(self, fields: list[bytes], number: int) -> None:
        """Ask for a copy."""
        raise PlanTooWeak(Plan.COPY)

    def skip_blank(self) -> None:
        """Ask for a copy: DuckDB 2.0 reads blank lines wrongly where they cross the border of a buffer."""
        raise PlanTooWeak(Plan.COPY)

    def reject(self, record: RejectedRecord) -> None:
        """Ask for a numbered copy."""
        raise PlanTooWeak(Plan.NUMBERED_COPY)


class CopySink:
    """Copies records, each with the line end of the file."""

    def __init__(self, grammar: RecordGrammar, file: IO[bytes]) -> None:
        self._dialect = grammar.dialect
        self._file = file

    def take_block(self, block: memoryview, *, first: int, records: int) -> None:
        """Copy a block."""
        self._file.write(block)

    def take_record(self, record: bytes, number: int) -> None:
        """Copy a record."""
        if not _ends_with(record, self._dialect.line_end):
            record = record.rstrip(b"\r\n") + self._dialect.line_end
        self._file.write(record)

    def rewrite(self, fields: list[bytes], number: int) -> None:
        """Write a record with all fields quoted."""
        quoted = map(self._dialect.quote_field, fields)
        self.take_record(self._dialect.delimiter.join(quoted) + self._dialect.line_end, number)

    def skip_blank(self) -> None:
        """Leave it out."""

    def reject(self, record: RejectedRecord) -> None:
        """Ask for a numbered copy."""
        raise PlanTooWeak(Plan.NUMBERED_COPY)


class NumberedCopySink(CopySink):
    """Copies records, each after its number; notes those rejected."""

    def __init__(self, grammar: RecordGrammar, file: IO[bytes], rejected: IO[str]) -> None:
        super().__init__(grammar, file)
        self._grammar = grammar
        self._rejected = csv.writer(rejected, quoting=csv.QUOTE_ALL, lineterminator="\n")

    def take_block(self, block: memoryview, *, first: int, records: int) -> None:
        """Copy a block, each record after its number."""
        delimiter = self._dialect.delimiter
        numbered = enumerate(self._grammar.plain_records(bytes(block), records=records), first)
        self._file.write(b"".join([b"%d%b%b\n" % (number, delimiter, record) for number, record in numbered]))

    def take_record(self, record: bytes, number: int) -> None:
        """Copy a record after its number."""
        super().take_record(b"%d%b%b" % (number, self._dialect.delimiter, record), number)

    def reject(self, record: RejectedRecord) -> None:
        """Note the record."""
        text = record.text[:REJECTED_TEXT_BYTES].decode("utf-8", "replace").replace("\0", "\u2400")
        text = text.rstrip("\r\n")[:REJECTED_TEXT_CHARACTERS]
        self._rejected.writerow((record.record, record.line, record.column, record.reason, text))


def _ends_with(record: bytes, line_end: bytes) -> bool:
    return record.endswith(line_end) and (line_end == b"\r\n" or not record.endswith(b"\r\n"))


@contextmanager
def staging_into(folder: Path) -> Iterator[None]:
    """Translate refusals of the operating system while a copy is written into `folder`.

    Raises
    ------
    StagingSpaceFailureError
        If the disk is full or the folder cannot be written to.
    """
    try:
        yield
    except OSError as error:
        is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise StagingSpaceFailureError(
            _("There is no room left for the temporary copy of the file.")
            if is_full
            else _("The temporary copy of the file cannot be written: {reason}.").format(reason=system_reason(error)),
            where=str(folder),
            remedy=_("Free some space, or let the variable TMPDIR name a folder on a disk with more room."),
        ) from error
