"""Importing small sources in tests."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from potok.log.store import LogStore

SIMPLE = Mapping(case_id="case", activity=("activity",), completed_at=TimeColumn(("time",)))


def import_text(folder: Path, text: str, *, mapping: Mapping = SIMPLE, name: str = "log", **options: Any) -> LogStore:
    """Import CSV text into a new store under `folder`."""
    source = folder / f"{name}.csv"
    source.write_text(text, encoding="utf-8")
    request = ImportRequest((str(source),), folder / f"{name}.store", mapping, **options)
    return import_log(request)


def rows(store: LogStore, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of a store's table."""
    content = pq.read_table(store.folder / f"{table}.parquet")
    chosen = columns or tuple(content.column_names)
    return list(zip(*(content.column(name).to_pylist() for name in chosen), strict=True))


def quality(store: LogStore, check: str) -> dict[str, Any]:
    """Return one check of the quality report; an empty record if it was not made."""
    return next((record for record in store.manifest["quality"] if record["check"] == check), {})
