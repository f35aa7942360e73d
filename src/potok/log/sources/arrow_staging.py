"""What readers that go by way of Arrow share: hashing files, unique column names, writing the staged Parquet file."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.core.system_reasons import system_reason
from potok.engine.sql import quote_literal
from potok.log.sources.base import ColumnKind, SourceFile

CHUNK_BYTES: Final = 1 << 20
ROW_COLUMN: Final = "__row"

ARROW_TYPES: Final[dict[ColumnKind, Any]] = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.INTEGER: pa.int64(),
    ColumnKind.REAL: pa.float64(),
    ColumnKind.BOOLEAN: pa.bool_(),
    ColumnKind.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnKind.LOCAL_TIME: pa.timestamp("us"),
}


class SourceAccessError(EnvironmentFailureError):
    """The operating system refuses to read the source."""

    code = "POTOK-L056"


class StagingSpaceError(EnvironmentFailureError):
    """The temporary folder cannot take what is staged."""

    code = "POTOK-L057"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Translate refusals of the operating system while `path` is read."""
    try:
        yield
    except OSError as error:
        raise SourceAccessError(
            _("Cannot read {path}: {reason}.").format(path=path, reason=system_reason(error)),
            where=str(path),
            remedy=_("Check that it is a file and that you may read it."),
        ) from error


@contextmanager
def staging(folder: Path) -> Iterator[None]:
    """Translate refusals of the operating system while temporary files are written to `folder`."""
    try:
        yield
    except OSError as error:
        raise StagingSpaceError(
            _("Cannot write temporary files to {path}: {reason}.").format(path=folder, reason=system_reason(error)),
            where=str(folder),
            remedy=_("Free some space, or choose another folder for temporary files."),
        ) from error


def hash_file(path: Path, *, progress: Progress) -> SourceFile:
    """Hash a file as it lies on disk, in pieces.

    Raises
    ------
    SourceAccessError
        If the file cannot be read.
    """
    digest = hashlib.sha256()
    done = 0
    with reading(path), path.open("rb") as file:
        progress.start(_("Checking {name}").format(name=path.name), total=path.stat().st_size, unit="bytes")
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            done += len(chunk)
            progress.advance_to(done)
    progress.finish()
    return SourceFile(path.name, done, digest.hexdigest())


def read_start(path: Path, *, size: int = 16) -> bytes:
    """Return the first bytes of a file, by which its format is known."""
    with reading(path), path.open("rb") as file:
        return file.read(size)


def unique_names(names: Sequence[str], *, reserved: Iterable[str] = (ROW_COLUMN,)) -> tuple[str, ...]:
    """Make names unique by numbering (``Дата``, ``Дата 2``): DuckDB does not tell upper from lower case.

    Parameters
    ----------
    reserved
        Names that no column may take.
    """
    # A name that occurs as it is keeps it, even if a repeated one before would be numbered to it.
    wanted = {name.lower() for name in names}
    taken = {name.lower() for name in reserved}
    unique = []
    for name in names:
        candidate, number = name, 1
        while candidate.lower() in taken or (number > 1 and candidate.lower() in wanted):
            number += 1
            candidate = f"{name} {number}"
        taken.add(candidate.lower())
        unique.append(candidate)
    return tuple(unique)


def write_parquet(path: Path, batches: Iterable[Any], *, schema: Any) -> int:
    """Write record batches to a Parquet file meant to be read once; return the number of rows.

    Raises
    ------
    StagingSpaceError
        If the folder cannot take them.
    """
    rows = 0
    with staging(path.parent), pq.ParquetWriter(path, schema, compression="lz4") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def parquet_relation(path: Path) -> str:
    """Return the DuckDB table expression for one Parquet file, whatever its name."""
    return f"read_parquet({quote_literal(escape_pattern(path.absolute().as_posix()))}, hive_partitioning = false)"


def escape_pattern(path: str) -> str:
    """Return `path` so that DuckDB takes ``* ? [`` in it for themselves."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
