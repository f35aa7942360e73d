"""Reads Parquet files and folders of them, where they lie."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.engine.duckdb import DatabaseError, connect
from potok.engine.sql import quote_identifier, quote_literal
from potok.log.sources.arrow_staging import escape_pattern, hash_file, read_start, reading
from potok.log.sources.base import ColumnKind, SourceFile, Staged, StagedColumn, StagingOptions

MAGIC: Final = b"PAR1"
ENCRYPTED_MAGIC: Final = b"PARE"
# Decimals of so many digits fit a 64-bit integer.
EXACT_DIGITS: Final = 18
# Tables whose folder holds files that no longer belong to them; only their log tells which.
TABLE_LOGS: Final = ("_delta_log", "metadata", ".hoodie")

ZONED: Final = ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS", "TIMESTAMP_NS WITH TIME ZONE")
_INTEGERS: Final = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")


class BrokenParquetError(BadDataError):
    """A Parquet file is damaged, cut off or something else."""

    code = "POTOK-L047"


class NoParquetFilesError(BadDataError):
    """A folder holds no Parquet file, or not as plain files."""

    code = "POTOK-L048"


def stage_parquet(path: Path, *, options: StagingOptions) -> Staged:
    """Stage a Parquet file, or all of a folder in the order of their names; nothing is copied.

    Columns missing from some files of a folder are empty there; parts of folder names (``year=2024``) are columns.
    Whole numbers beyond 64 bits stay text, so that identifiers are not rounded.

    Raises
    ------
    NoParquetFilesError, BrokenParquetError
        If there is nothing that can be read.
    """
    with reading(path):
        files = _list_files(path) if path.is_dir() else (path,)
    for file in files:
        _check_magic(file)
    source = _source(files, is_folder=path.is_dir())
    described, rows = _describe(path, source)
    hashed = tuple(hash_file(file, progress=options.progress) for file in files)
    names = [file.relative_to(path).as_posix() for file in files] if path.is_dir() else [path.name]
    return Staged(
        relation=f"(SELECT {', '.join(_expression(name, kind) for name, kind in described)} FROM {source})",
        columns=tuple(StagedColumn(name, _kind(kind)) for name, kind in described),
        format="parquet",
        files=tuple(SourceFile(name, f.size_bytes, f.sha256) for name, f in zip(names, hashed, strict=True)),
        facts={"parquet_files": len(files), "rows": rows, "column_types": dict(described)},
    )


def _list_files(folder: Path) -> tuple[Path, ...]:
    names = {child.name for child in folder.iterdir()}
    logs = [name for name in TABLE_LOGS if name in names and (folder / name).is_dir()]
    if logs:
        raise NoParquetFilesError(
            _("{path} is a managed table ({log}), whose folder also holds outdated files.").format(
                path=folder, log=logs[0]
            ),
            where=str(folder),
            remedy=_("Export the table's current rows to plain Parquet files."),
        )
    files = sorted(file for file in folder.rglob("*.parquet") if _is_plain(file.relative_to(folder)))
    if not files:
        raise NoParquetFilesError(
            _("There is no Parquet file in the folder {path}.").format(path=folder),
            where=str(folder),
            remedy=_("Name a folder with .parquet files."),
        )
    return tuple(files)


def _is_plain(relative: Path) -> bool:
    """Return whether no part of the path is hidden or a marker, as engines take it."""
    return not any(part.startswith((".", "_")) and "=" not in part for part in relative.parts)


def _check_magic(file: Path) -> None:
    start = read_start(file, size=4)
    if start == ENCRYPTED_MAGIC:
        message = _("The Parquet file {name} is encrypted.")
    elif not start:
        message = _("The file {name} is empty.")
    elif start != MAGIC:
        message = _("The file {name} is not a Parquet file.")
    else:
        return
    raise BrokenParquetError(
        message.format(name=file.name), where=str(file), remedy=_("Check how it was exported, and export it again.")
    )


def _source(files: Sequence[Path], *, is_folder: bool) -> str:
    listing = ", ".join(quote_literal(escape_pattern(file.absolute().as_posix())) for file in files)
    partitioned = "true, hive_types_autocast = false" if is_folder else "false"
    return f"read_parquet([{listing}], union_by_name = true, hive_partitioning = {partitioned})"


def _describe(path: Path, source: str) -> tuple[list[tuple[str, str]], int]:
    """Return the columns with DuckDB's types, and the number of rows."""
    connection = connect()
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        rows = connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    except (DatabaseError, UnicodeDecodeError) as error:
        raise broken_parquet(path, error) from error
    finally:
        connection.close()
    return [(row[0], row[1]) for row in described], rows


def broken_parquet(path: Path, error: Exception) -> BrokenParquetError:
    """Return the error for a Parquet source in which the engine met `error`, then or later."""
    reason = str(error).partition("\n")[0]
    return BrokenParquetError(
        _("{name} cannot be read as Parquet: {reason}").format(name=path.name, reason=reason),
        where=str(path),
        remedy=_("The file is damaged or cut off. Export or copy it again."),
    )


def _kind(kind: str) -> ColumnKind:
    if kind in _INTEGERS:
        return ColumnKind.INTEGER
    if kind in ("FLOAT", "DOUBLE"):
        return ColumnKind.REAL
    if kind == "BOOLEAN":
        return ColumnKind.BOOLEAN
    if kind in ZONED:
        return ColumnKind.INSTANT
    if kind == "DATE" or kind.startswith("TIMESTAMP"):
        return ColumnKind.LOCAL_TIME
    if kind.startswith("DECIMAL("):
        return _kind_of_decimal(kind)
    return ColumnKind.TEXT


def _kind_of_decimal(kind: str) -> ColumnKind:
    digits, scale = (int(number) for number in kind.removeprefix("DECIMAL(").removesuffix(")").split(","))
    if scale:
        return ColumnKind.REAL
    return ColumnKind.INTEGER if digits <= EXACT_DIGITS else ColumnKind.TEXT


def _expression(name: str, kind: str) -> str:
    quoted = quote_identifier(name)
    return f"{_converted(quoted, kind)} AS {quoted}"


def _converted(quoted: str, kind: str) -> str:
    casts: dict[ColumnKind, Any] = {
        ColumnKind.INTEGER: f"CAST({quoted} AS BIGINT)",
        ColumnKind.REAL: f"CAST({quoted} AS DOUBLE)",
        ColumnKind.INSTANT: f"CAST({quoted} AS TIMESTAMPTZ)",
        ColumnKind.LOCAL_TIME: quoted if kind == "DATE" else f"CAST({quoted} AS TIMESTAMP)",
        ColumnKind.TEXT: f"CAST({quoted} AS VARCHAR)",
    }
    if kind == "BLOB":
        # Old writers do not mark text as such.
        return f"coalesce(try(decode({quoted})), hex({quoted}))"
    if kind.startswith(("STRUCT(", "MAP(", "UNION(", "VARIANT")) or kind.endswith("]"):
        return f"CAST(to_json({quoted}) AS VARCHAR)"
    return str(casts.get(_kind(kind), quoted))
