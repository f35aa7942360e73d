"""Makes a delimited text scannable by DuckDB."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.log.sources.archive import (
    Container,
    ContainerKind,
    Member,
    UnpackingLimits,
    open_container,
    read_chunks,
    read_member,
)
from potok.log.sources.base import SourceFile, Staged, StagedColumn, StagingOptions
from potok.log.sources.text.beginning import Beginning, examine_beginning, examine_further
from potok.log.sources.text.binary import look_at_members, not_text
from potok.log.sources.text.encoding import decode_chunks, guess_encoding
from potok.log.sources.text.outcome import compose_facts, no_rows, undecodable
from potok.log.sources.text.relation import free_name, insert_rejected, link_if_needed, read_csv
from potok.log.sources.text.scan import Scan, Tally, UndecodablePlace
from potok.log.sources.text.sinks import CopySink, DirectSink, NumberedCopySink, Plan, PlanTooWeak, Sink, staging_into

COPY_BUFFER_BYTES: Final = 2**20
ROW_COLUMN: Final = "source_row"


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text file and what its beginning, or that of each of its members, tells."""

    container: Container
    beginnings: tuple[Beginning, ...]

    @property
    def weakest_plan(self) -> Plan:
        """The least that has to be done to it."""
        first = self.beginnings[0]
        lies_readable = self.container.kind is ContainerKind.PLAIN and first.encoding.is_utf8
        return Plan.DIRECT if lies_readable and first.is_plain and not first.has_returns_only else Plan.COPY


@dataclass(frozen=True, slots=True)
class Pass:
    """What came of reading a file once.

    Parameters
    ----------
    copy, rejected
        Files written; None where the file is read where it lies, or nothing was rejected.
    """

    tally: Tally
    sha256: str
    copy: Path | None
    rejected: Path | None


def stage_text(path: Path, *, options: StagingOptions) -> Staged:
    """Stage a CSV, TSV or other delimited text file, plain or packed as .gz, .zst or .zip.

    Encoding, delimiter, quoting, title lines and header are guessed from the first MiB unless given. The file is read
    once, which proves that each record is one that all readers of CSV understand alike; a UTF-8 file of such records is
    then read by DuckDB where it lies, any other from a copy in UTF-8 in `options.folder`. Empty fields, quoted or
    not, are NULL.

    Records are numbered from 1, the first after the header, through all members of a zip file; blank lines are no
    records, rejected records are. If nothing is rejected, the order of the rows is that number and `Staged.row_column`
    is empty; else `Staged.row_column` holds it. Rejected are records with too few or too many fields
    (``too_few_fields``, ``too_many_fields``), with text after a closing quote (``text_after_quote``), with a quote that
    is not closed, or only far below after whole records (``quote_not_closed``: its first line alone is given up), with
    NUL (``nul_character``), or over 16 MiB (``record_too_long``). ``line`` is the number of the record's first line in
    its member.

    Parameters
    ----------
    path
        The file. Its name tells nothing, its content all.

    Returns
    -------
    Staged
        `facts`: ``encoding``, ``encoding_guessed``, ``had_bom``, ``delimiter``, ``quote``, ``spaces_around_quotes``,
        ``line_end``, ``header_line`` (None without header), ``skipped_lines`` and ``skipped_text`` (titles above the
        header), ``renamed_columns`` (number, text in the header, name), ``lines``, ``blank_lines``, ``rows`` (the
        relation has), ``rejected_rows``, ``packing``, ``members``, ``copied``.

    Raises
    ------
    PotokError
        If the file cannot be read, is no table in text, or has no rows (POTOK-L060 to L079).
    """
    container = open_container(path)
    if container.kind is ContainerKind.ZIP:
        likeness = look_at_members([member.name for member in container.members])
        if likeness:
            raise not_text(likeness, where=str(path))
    try:
        return _stage_guessing(container, options)
    except PotokError as error:
        # What fails on a few bytes, such as a delimiter that divides nothing, does not know whose they are.
        error.where = error.where or str(path)
        raise


def _stage_guessing(container: Container, options: StagingOptions) -> Staged:
    """Stage a file; if only its beginning was ASCII, guess the encoding again where that ends."""
    encoding = options.encoding
    while True:
        source = _examine(container, options, encoding)
        try:
            return _stage(source, options)
        except UndecodablePlace as place:
            was_guessed = source.beginnings[0].encoding.is_guessed
            better = guess_encoding(place.stop.context) if was_guessed and place.stop.only_ascii_before else "utf-8"
            if better == "utf-8":
                raise undecodable(container, source.beginnings[0].encoding, place) from place
            encoding = better


def _examine(container: Container, options: StagingOptions, encoding: str) -> TextSource:
    first, *further = container.members
    limits = UnpackingLimits(max_bytes=options.max_uncompressed_bytes)
    beginning = examine_beginning(
        read_member(container, first, limits=limits),
        encoding=encoding,
        delimiter=options.delimiter,
        where=_place(container, first),
    )
    others = [
        examine_further(read_member(container, member, limits=limits), beginning, where=_place(container, member))
        for member in further
    ]
    return TextSource(container, (beginning, *others))


def _place(container: Container, member: Member) -> str:
    return str(container.path) if member.entry is None else f"{container.path}: {member.name}"


def _stage(source: TextSource, options: StagingOptions) -> Staged:
    plan = source.weakest_plan
    while True:
        try:
            done = _read(source, options, plan)
        except PlanTooWeak as signal:
            plan = signal.plan
        else:
            return _compose(source, options, done)


def _read(source: TextSource, options: StagingOptions, plan: Plan) -> Pass:
    first = source.beginnings[0]
    meter = _Meter(source.container, options)
    with staging_into(options.folder), ExitStack() as stack:
        copy = stack.enter_context(_new_file(options.folder)) if plan > Plan.DIRECT else None
        rejected = stack.enter_context(_new_file(options.folder)) if plan is Plan.NUMBERED_COPY else None
        scan = Scan(first.grammar, first.head.names, _open_sink(first, stack, copy, rejected))
        meter.start()
        for member, beginning in zip(source.container.members, source.beginnings, strict=True):
            scan.read_member(_data_chunks(source.container, member, beginning, meter), first_line=beginning.first_line)
        meter.finish()
    return Pass(scan.tally, meter.sha256(), copy, rejected)


@contextmanager
def _new_file(folder: Path) -> Iterator[Path]:
    """Create a file that is deleted again if what is done with it fails."""
    handle, name = tempfile.mkstemp(prefix="text-", suffix=".csv", dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _open_sink(first: Beginning, stack: ExitStack, copy: Path | None, rejected: Path | None) -> Sink:
    if copy is None:
        return DirectSink(first.grammar)
    file = stack.enter_context(copy.open("wb", buffering=COPY_BUFFER_BYTES))
    if rejected is None:
        return CopySink(first.grammar, file)
    return NumberedCopySink(first.grammar, file, stack.enter_context(rejected.open("w", encoding="utf-8", newline="")))


def _data_chunks(container: Container, member: Member, beginning: Beginning, meter: "_Meter") -> Iterator[bytes]:
    """Yield a member's text in UTF-8 from the first data record on."""
    chunks = read_member(
        container, member, limits=meter.limits, unpacked_bytes=meter.unpacked_bytes(member), watch=meter.watch
    )
    left = beginning.skip_bytes
    for chunk in decode_chunks(chunks, beginning.encoding):
        rest = chunk[left:] if left else chunk
        left -= len(chunk) - len(rest)
        if rest:
            yield rest.replace(b"\r", b"\n") if beginning.has_returns_only else rest


class _Meter:
    """Hashes the file and shows progress while it is read."""

    def __init__(self, container: Container, options: StagingOptions) -> None:
        self.limits = UnpackingLimits(max_bytes=options.max_uncompressed_bytes)
        self._container = container
        self._progress = options.progress
        self._digest = hashlib.sha256()
        self._done = 0
        # What is seen of a zip file are its members unpacked.
        self._sees_file = container.kind is not ContainerKind.ZIP

    def start(self) -> None:
        sizes = [member.entry.file_size for member in self._container.members if member.entry is not None]
        total = sum(sizes) if sizes else self._container.path.stat().st_size
        self._progress.start(_("Reading the text"), total=total, unit="bytes")

    def watch(self, chunk: bytes) -> None:
        if self._sees_file:
            self._digest.update(chunk)
        self._done += len(chunk)
        self._progress.advance_to(self._done)

    def finish(self) -> None:
        self._progress.finish()

    def unpacked_bytes(self, member: Member) -> int:
        """Return what the members before one unpack to."""
        before = self._container.members[: self._container.members.index(member)]
        return sum(other.entry.file_size for other in before if other.entry is not None)

    def sha256(self) -> str:
        if not self._sees_file:
            for chunk in read_chunks(self._container.path):
                self._digest.update(chunk)
        return self._digest.hexdigest()


def _compose(source: TextSource, options: StagingOptions, done: Pass) -> Staged:
    first, path = source.beginnings[0], source.container.path
    if not done.tally.taken:
        raise no_rows(source.container, first, done.tally)
    row_column = free_name(first.head.names, ROW_COLUMN) if done.rejected else ""
    return Staged(
        relation=_relate(source, options, done, row_column),
        columns=tuple(StagedColumn(name) for name in first.head.names),
        format="csv",
        files=(SourceFile(path.name, path.stat().st_size, done.sha256),),
        row_column=row_column,
        facts=compose_facts(
            source.container,
            source.beginnings,
            done.tally,
            is_copied=done.copy is not None,
            is_encoding_given=bool(options.encoding),
        ),
        rejected=partial(_insert_rejected, done.rejected) if done.rejected else None,
    )


def _relate(source: TextSource, options: StagingOptions, done: Pass, row_column: str) -> str:
    """Return the expression that reads the copy, or else the file itself."""
    first = source.beginnings[0]
    with staging_into(options.folder):
        readable = done.copy or link_if_needed(source.container.path, options.folder)
    numbers = {row_column: "BIGINT"} if row_column else {}
    return read_csv(
        readable,
        numbers | dict.fromkeys(first.head.names, "VARCHAR"),
        dialect=first.dialect,
        skip_lines=0 if done.copy else first.first_line - 1,
        has_long_records=done.tally.has_long_records,
    )


def _insert_rejected(rejected: Path, connection: Any, table: str) -> None:
    connection.execute(insert_rejected(rejected, table))
