"""Reads the result of a query on a database."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.progress import Progress
from potok.engine.database_urls import parse_database_url
from potok.engine.databases import stream_query
from potok.log.sources.arrow_staging import parquet_relation, unique_names, write_parquet
from potok.log.sources.base import ColumnKind, SourceFile, Staged, StagedColumn, StagingOptions

NULL_LENGTH: Final = -1


class QueryMissingError(UsageError):
    """A database was named, but not what to read from it."""

    code = "POTOK-L049"


@dataclass(slots=True)
class RowsHash:
    """A hash of rows that depends on neither the size of batches nor Arrow's layout.

    Each column has two streams: the lengths of its values as text (-1 for none), and their bytes.
    """

    streams: list[tuple[Any, Any]] = field(default_factory=list)
    size_bytes: int = 0

    def update(self, batch: Any) -> None:
        """Take in the next rows."""
        if not self.streams:
            self.streams = [(hashlib.sha256(), hashlib.sha256()) for _column in batch.columns]
        for column, (lengths, contents) in zip(batch.columns, self.streams, strict=True):
            # A copy in Python text; binary so that offsets and buffers are plain.
            values = column.cast(pa.string()).cast(pa.large_binary())
            filled = pc.fill_null(pc.binary_length(values), NULL_LENGTH)
            lengths.update(np.asarray(filled, dtype="<i8").tobytes())
            content = b"".join(values.drop_null().to_pylist())
            contents.update(content)
            self.size_bytes += len(content)

    def hexdigest(self, names: Iterable[str]) -> str:
        """Return the hash of the rows under these column names."""
        whole = hashlib.sha256()
        for name, (lengths, contents) in zip(names, self.streams, strict=True):
            encoded = name.encode()
            whole.update(len(encoded).to_bytes(8, "little") + encoded + lengths.digest() + contents.digest())
        return whole.hexdigest()


def stage_database(url: str, *, options: StagingOptions) -> Staged:
    """Stage the result of `options.query` on an SQLite or PostgreSQL database, in the order the database gives.

    The hash stands for the rows in that order: a query without ORDER BY may give another one tomorrow.

    Raises
    ------
    QueryMissingError
        If there is no query.
    PotokError
        What `potok.engine.databases.stream_query` raises.
    """
    if not options.query.strip():
        raise QueryMissingError(
            _("It is not said what to read from the database."),
            where=parse_database_url(url).shown,
            remedy=_("Add --query with a SELECT, such as SELECT * FROM events ORDER BY id."),
        )
    batches = stream_query(url, options.query)
    first = next(batches)
    names = unique_names(first.schema.names, reserved=())
    schema = pa.schema([field.with_name(name) for name, field in zip(names, first.schema, strict=True)])
    rows_hash = RowsHash()
    token = hashlib.sha256(f"{url}\0{options.query}".encode()).hexdigest()[:16]
    path = options.folder / f"database-{token}.parquet"
    renamed = (pa.record_batch(batch.columns, schema=schema) for batch in chain([first], batches))
    rows = write_parquet(path, _watched(renamed, rows_hash, options.progress), schema=schema)
    source = SourceFile(parse_database_url(url).shown, rows_hash.size_bytes, rows_hash.hexdigest(names))
    return Staged(
        relation=parquet_relation(path),
        columns=tuple(StagedColumn(field.name, _kind(field.type)) for field in schema),
        format="database",
        files=(source,),
        facts={"query": options.query, "rows": rows},
    )


def _watched(batches: Iterable[Any], rows_hash: RowsHash, progress: Progress) -> Iterator[Any]:
    progress.start(_("Reading the database"), unit="rows")
    done = 0
    for batch in batches:
        rows_hash.update(batch)
        done += batch.num_rows
        progress.advance_to(done)
        yield batch
    progress.finish()


def _kind(kind: Any) -> ColumnKind:
    if pa.types.is_integer(kind):
        return ColumnKind.INTEGER
    if pa.types.is_floating(kind):
        return ColumnKind.REAL
    if pa.types.is_boolean(kind):
        return ColumnKind.BOOLEAN
    if pa.types.is_timestamp(kind):
        return ColumnKind.INSTANT if kind.tz else ColumnKind.LOCAL_TIME
    return ColumnKind.LOCAL_TIME if pa.types.is_date(kind) else ColumnKind.TEXT
