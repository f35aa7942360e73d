"""Which reader reads what: by URL scheme, by name, and by the first bytes where names are ambiguous."""

import gzip
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from potok.core.errors import BadDataError, EnvironmentFailureError
from potok.core.language import gettext as _
from potok.log.sources.base import Staged, StagingOptions
from potok.log.sources.database import stage_database
from potok.log.sources.ocel import stage_ocel
from potok.log.sources.parquet import stage_parquet
from potok.log.sources.store import stage_store
from potok.log.sources.text import stage_text
from potok.log.sources.xes import stage_xes
from potok.log.sources.xlsx import stage_xlsx

Reader = Callable[..., Staged]

HEAD_BYTES: Final = 4096
SHOWN_NAME_LENGTH: Final = 200
COMPRESSIONS: Final = (".gz", ".zst", ".zip")
READERS: Final[dict[str, Reader]] = {
    ".csv": stage_text,
    ".tsv": stage_text,
    ".txt": stage_text,
    ".xes": stage_xes,
    ".xlsx": stage_xlsx,
    ".xlsm": stage_xlsx,
    ".xls": stage_xlsx,
    ".ods": stage_xlsx,
    ".parquet": stage_parquet,
    ".jsonocel": stage_ocel,
    ".json": stage_ocel,
    ".xmlocel": stage_ocel,
}
SQLITE_MAGIC: Final = b"SQLite format 3\x00"


class SourceMissingError(BadDataError):
    """There is no such file or folder."""

    code = "POTOK-L010"


class UnknownFormatError(BadDataError):
    """Neither the name nor the first bytes tell what a file is."""

    code = "POTOK-L011"


class CannotReadError(EnvironmentFailureError):
    """The operating system refuses to read."""

    code = "POTOK-L012"


def is_database(source: str) -> bool:
    """Return whether a source is a database URL."""
    return re.match(r"[a-z][a-z0-9+]+://", source) is not None


def stage(source: str, *, options: StagingOptions) -> Staged:
    """Stage a file, a folder of Parquet files, a log store or a database URL with the reader it needs.

    Raises
    ------
    SourceMissingError, CannotReadError, UnknownFormatError
        If there is nothing to read, or no reader for it.
    """
    if is_database(source):
        return stage_database(source, options=options)
    path = Path(source)
    require_existing(path)
    try:
        reader = _reader(path, options)
    except PermissionError as error:
        raise _unreadable(path) from error
    return reader(path, options=options)


def require_existing(path: Path) -> None:
    """Raise `SourceMissingError` unless there is such a file or folder."""
    if not _exists(path):
        shown = str(path)[:SHOWN_NAME_LENGTH].encode(errors="backslashreplace").decode()
        raise SourceMissingError(
            _("There is no file {path}.").format(path=shown),
            where=shown,
            remedy=_("Check the name. If it contains spaces, put it in quotes."),
        )


def _unreadable(path: Path) -> CannotReadError:
    return CannotReadError(
        _("{path} may not be read.").format(path=path),
        where=str(path),
        remedy=_("Ask for the right to read this file, or copy it to a folder of yours."),
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError as error:
        raise _unreadable(path) from error
    except (OSError, ValueError):  # a name that the system refuses
        return False


def _reader(path: Path, options: StagingOptions) -> Reader:
    if path.is_dir():
        return stage_store if (path / "manifest.json").is_file() else stage_parquet
    head = _head(path)
    if head.startswith(SQLITE_MAGIC):
        return _stage_sqlite_query if options.query else stage_ocel
    if path.stat().st_size == 0:
        return stage_text  # which says that it is empty
    suffix = _suffix(path)
    reader = READERS.get(suffix)
    if reader is not None:
        return reader
    if suffix == ".xml":
        return stage_ocel if b"<log" not in head and b"object" in head else stage_xes
    raise UnknownFormatError(
        _("It cannot be told what kind of file {path} is.").format(path=path),
        where=str(path),
        remedy=_("Potok reads {suffixes} files, also packed as .gz, .zst or .zip.").format(
            suffixes=", ".join(sorted(READERS))
        ),
    )


def _stage_sqlite_query(path: Path, *, options: StagingOptions) -> Staged:
    return stage_database(f"sqlite:///{path.resolve()}", options=options)


def _suffix(path: Path) -> str:
    """Return the last suffix before any compression, lower case; a bare .zip counts as text."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    while suffixes and suffixes[-1] in COMPRESSIONS:
        last = suffixes.pop()
        if not suffixes or suffixes[-1] not in READERS | {".xml": None}:
            return ".csv" if last == ".zip" else last
    return suffixes[-1] if suffixes else ""


def _head(path: Path) -> bytes:
    """Return the first bytes, unpacked if the file is gzip."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head[:2] != b"\x1f\x8b":
        return head
    try:
        with gzip.open(path) as unpacked:
            return unpacked.read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""  # the reader says what is wrong with it
