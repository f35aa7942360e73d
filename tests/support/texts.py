"""Staging of small texts, and reading back what DuckDB makes of them."""

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from potok.engine.duckdb import DuckDBSettings, connect
from potok.log.sources import archive
from potok.log.sources.base import Staged, StagingOptions
from potok.log.sources.text import stage_text

REJECTED = (
    'CREATE OR REPLACE TABLE rejected (source_row BIGINT, line BIGINT, "column" VARCHAR, reason VARCHAR, text VARCHAR)'
)

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Reading:
    """What came of a text: rows by their number, and rejected ones as (number, line, column, reason, text)."""

    staged: Staged
    rows: dict[int, Row]
    rejected: list[tuple[int, int, str, str, str]]

    @property
    def values(self) -> list[Row]:
        return list(self.rows.values())

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.staged.columns]


@cache
def _connection() -> Any:
    return connect(settings=DuckDBSettings(threads=4))


def read_text(
    content: str | bytes,
    *,
    name: str = "log.csv",
    encoding: str = "",
    delimiter: str = "",
    chunk_bytes: int | None = None,
    buffer_bytes: int | None = None,
) -> Reading:
    """Write, stage and read a text.

    `chunk_bytes` is how much is read at once; `buffer_bytes` makes DuckDB's buffers small, to try their borders.
    """
    data = content.encode() if isinstance(content, str) else content
    usual, archive.CHUNK_BYTES = archive.CHUNK_BYTES, chunk_bytes or archive.CHUNK_BYTES
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            path.write_bytes(data)
            temporary = Path(folder, "temporary")
            temporary.mkdir()
            options = StagingOptions(folder=temporary, encoding=encoding, delimiter=delimiter)
            return scan(stage_text(path, options=options), buffer_bytes=buffer_bytes)
    finally:
        archive.CHUNK_BYTES = usual


def scan(staged: Staged, *, buffer_bytes: int | None = None) -> Reading:
    """Read a staged text with DuckDB."""
    relation = staged.relation
    if buffer_bytes:
        sizes = f"max_line_size = {buffer_bytes // 2}, buffer_size = {buffer_bytes}"
        relation = f"{relation[:-1]}, {sizes})"
    connection = _connection()
    connection.execute(REJECTED)
    rows = connection.execute(f"SELECT * FROM {relation}").fetchall()
    if staged.rejected is not None:
        staged.rejected(connection, "rejected")
    rejected = connection.execute("SELECT * FROM rejected ORDER BY source_row").fetchall()
    numbered = {row[0]: row[1:] for row in rows} if staged.row_column else dict(enumerate(rows, 1))
    assert len(numbered) == len(rows)
    return Reading(staged, numbered, rejected)
