"""Tables as Parquet."""

import io
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from potok.report.tables.model import ColumnKind, Table

_TYPES: Final = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.COUNT: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.DURATION: pa.float64(),
    ColumnKind.SHARE: pa.float64(),
    ColumnKind.INSTANT: pa.timestamp("us", tz="UTC"),
    ColumnKind.DAY: pa.date32(),
    ColumnKind.FLAG: pa.bool_(),
}


def as_arrow(table: Table) -> pa.Table:
    """Return a table as Arrow, columns named in English, durations in seconds."""
    columns = {}
    for column in table.columns:
        values: tuple[Any, ...] = table.column(column.name)
        if any(isinstance(value, tuple) for value in values):
            columns[column.key] = pa.array([None if v is None else list(v) for v in values], pa.list_(pa.string()))
        else:
            columns[column.key] = pa.array(values, _TYPES[column.kind])
    return pa.table(columns)


def as_parquet(table: Table) -> bytes:
    """Return a table as the bytes of a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(as_arrow(table), stream)
    return stream.getvalue()
