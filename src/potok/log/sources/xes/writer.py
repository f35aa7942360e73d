"""Staged events on disk: one Parquet file, or several where new attributes turn up on the way."""

from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Any, Final

import pyarrow.parquet as pq

from potok.engine.sql import quote_literal
from potok.log.sources.arrow_staging import StagingSpaceError, escape_pattern, staging
from potok.log.sources.xes.batch import EventBatch, build_table, table_schema
from potok.log.sources.xes.names import ColumnNames

# A Parquet writer keeps a description of every column of every row group in memory until the file ends.
MAX_COLUMN_CHUNKS_PER_FILE: Final = 100_000
# Never give up a dictionary: written out plainly, one long value of a case would be repeated for each event.
DICTIONARY_BYTES: Final = 1 << 30


class StagedWriter:
    """Writes batches of events to a folder of its own within `folder`; a context manager."""

    def __init__(self, folder: Path, *, names: ColumnNames) -> None:
        self._folder = folder
        self._names = names
        self._files: list[Path] = []
        self._writer: Any = None
        self._columns = (0, 0)
        self._column_chunks = 0

    def __enter__(self) -> "StagedWriter":
        """Make the folder for the files."""
        with staging(self._folder):
            self._folder = Path(mkdtemp(prefix="xes-", dir=self._folder)).absolute()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the last file; after an error, as far as that is possible."""
        if error is None:
            self._close()
            return
        with suppress(StagingSpaceError):
            self._close()

    def write(self, batch: EventBatch) -> None:
        """Write a batch.

        Raises
        ------
        StagingSpaceError
            If the folder cannot take it.
        """
        event_columns, case_columns = self._names.event_columns, self._names.case_columns
        table = build_table(batch, event_columns=event_columns, case_columns=case_columns)
        columns = (len(event_columns), len(case_columns))
        if self._writer is None or columns != self._columns or self._column_chunks > MAX_COLUMN_CHUNKS_PER_FILE:
            self._open(table_schema(event_columns, case_columns))
            self._columns = columns
        with staging(self._folder):
            self._writer.write_table(table)
        self._column_chunks += sum(columns)

    def relation(self) -> str:
        """Return the DuckDB table expression for all files, in the order in which they were written."""
        paths = ", ".join(quote_literal(escape_pattern(path.as_posix())) for path in self._files)
        # A folder called "year=2024" is no column.
        return f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"

    def _open(self, schema: Any) -> None:
        self._close()
        path = self._folder / f"events-{len(self._files):05}.parquet"
        with staging(self._folder):
            self._writer = pq.ParquetWriter(
                path,
                schema,
                compression="snappy",
                write_statistics=False,
                store_schema=False,
                dictionary_pagesize_limit=DICTIONARY_BYTES,
            )
        self._files.append(path)
        self._column_chunks = 0

    def _close(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with staging(self._folder):
                writer.close()
