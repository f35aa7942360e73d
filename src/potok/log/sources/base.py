"""What every reader hands to the importer.

A reader *stages* its source: it makes the rows scannable by DuckDB, one row per event in source order, every value as
it was written. It never interprets a value: parsing, typing and judging rows is the importer's, once for all formats.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from potok.core.progress import Progress, SilentProgress


class ColumnKind(StrEnum):
    """Physical type of a staged column."""

    TEXT = "text"
    INTEGER = "integer"  # BIGINT
    REAL = "real"  # DOUBLE
    BOOLEAN = "boolean"
    INSTANT = "instant"  # TIMESTAMPTZ
    LOCAL_TIME = "local_time"  # TIMESTAMP (wall clock, zone unknown) or DATE


class ColumnLevel(StrEnum):
    """What a staged column describes, if the format says so."""

    EVENT = "event"
    CASE = "case"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StagedColumn:
    """One column of a staged source, named as in the source."""

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    level: ColumnLevel = ColumnLevel.UNKNOWN


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file read: name without folder, bytes, hash of the bytes as they lie on disk."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A source made scannable.

    Parameters
    ----------
    relation
        DuckDB table expression for FROM (``read_csv(...)``, ``read_parquet('...')``), in source order.
    columns
        Its columns, without `row_column`.
    row_column
        Column with the row's number in the source (1 = first data row; in a workbook the sheet's own number); empty if
        the order of rows is that number.
    format
        ``csv``, ``xlsx``, ``parquet``, ``xes``, ``ocel``, ``database``.
    files
        What was read.
    facts
        What the reader found out and the quality report shows: encoding, delimiter, sheet, classifiers, extensions.
    rejected
        Called after `relation` was scanned with ``(connection, table)``: inserts rows the reader could not take into
        `table` (source_row BIGINT, line BIGINT, column VARCHAR, reason VARCHAR, text VARCHAR).
    """

    relation: str
    columns: tuple[StagedColumn, ...]
    format: str
    files: tuple[SourceFile, ...]
    row_column: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    rejected: Callable[[Any, str], None] | None = None


@dataclass(frozen=True, slots=True)
class StagingOptions:
    """How to read a source, where it leaves room.

    Parameters
    ----------
    folder
        Existing folder for temporary files; the caller deletes it.
    encoding, delimiter
        Text files; empty means guess.
    sheet
        XLSX: sheet name; ``"*"`` joins all sheets with the same header; empty takes the first with rows.
    object_type
        OCEL: the object type whose objects become cases.
    query
        Databases: the SELECT to run.
    max_uncompressed_bytes
        Limit for what a compressed file may unpack to.
    """

    folder: Path
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    object_type: str = ""
    query: str = ""
    max_uncompressed_bytes: int = 200 * 2**30
    progress: Progress = field(default_factory=SilentProgress)
