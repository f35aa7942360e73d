"""Asking a measure on every engine and in plain Python, with keyword parameters."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potok.log.store import LogStore
from support.tiny_store import write_store

Ask = Callable[..., Any]


def ask_of(request: pytest.FixtureRequest, folder: Path, references: dict[str, Callable[..., Any]]) -> Ask:
    """Return a function that computes a measure of a tiny log with ``request.param``: an engine, or ``reference``.

    Parameters
    ----------
    references
        The measures in plain Python, by the names of the functions that they double.
    """
    if request.param == "reference":
        return lambda measure, log, **parameters: references[measure.__name__](log, **parameters)
    engine = request.getfixturevalue(f"{request.param}_engine")
    numbers = count()
    return lambda measure, log, **parameters: measure(
        write_store(log, folder / f"store {next(numbers)}"), engine=engine, **parameters
    )


ENGINES = ["reference", "duckdb", pytest.param("spark", marks=pytest.mark.spark)]


def with_column(store: LogStore, table: str, column: str, values: list[Any], kind: pa.DataType) -> LogStore:
    """Give a table of a store a column, in place of one of that name or as a new one; rows in the table's order."""
    file = store.folder / f"{table}.parquet"
    content = pq.read_table(file)
    array = pa.array(values, kind)
    if column in content.column_names:
        content = content.set_column(content.column_names.index(column), column, array)
    else:
        content = content.append_column(column, array)
    pq.write_table(content, file)
    return store
