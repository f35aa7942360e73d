"""The four tables of an object-centric log, into which every encoding is brought before it is flattened.

``events`` (row, id, type, time, attributes), ``links`` (row, n, object, qualifier), ``objects`` (n, id, type) and
``history`` (n, object, name, time, value): values an object's attributes took, and when. Everything is text, as
written; `row` is the number of the event in the file, `n` keeps the order of the file.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from potok.log.sources.arrow_staging import parquet_relation, staging

BATCH_ROWS: Final = 20_000

SCHEMAS: Final[dict[str, Any]] = {
    "events": pa.schema(
        [
            ("row", pa.int64()),
            ("id", pa.string()),
            ("type", pa.string()),
            ("time", pa.string()),
            ("attributes", pa.map_(pa.string(), pa.string())),
        ]
    ),
    "links": pa.schema([("row", pa.int64()), ("n", pa.int64()), ("object", pa.string()), ("qualifier", pa.string())]),
    "objects": pa.schema([("n", pa.int64()), ("id", pa.string()), ("type", pa.string())]),
    "history": pa.schema(
        [
            ("n", pa.int64()),
            ("object", pa.string()),
            ("name", pa.string()),
            ("time", pa.string()),
            ("value", pa.string()),
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class OcelTables:
    """DuckDB table expressions of the four tables, and what the reader found out."""

    events: str
    links: str
    objects: str
    history: str
    version: str
    encoding: str
    malformed: int = 0


class OcelWriter:
    """Collects the four tables and writes them to Parquet files in a folder."""

    def __init__(self, folder: Path, *, token: str) -> None:
        self._paths = {name: folder / f"ocel-{token}-{name}.parquet" for name in SCHEMAS}
        self._folder = folder
        self._writers: dict[str, Any] = {}
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in SCHEMAS}
        self._counts = dict.fromkeys(SCHEMAS, 0)
        self.malformed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with staging(self._folder):
            for name in SCHEMAS:
                if kind is None:
                    self._write(name)
            for writer in self._writers.values():
                writer.close()

    def skip_event(self) -> None:
        """Count an event that cannot be read, so that those after it keep their numbers."""
        self._counts["events"] += 1
        self.malformed += 1

    def add_event(self, id_: Any, kind: Any, time: Any, attributes: dict[str, Any]) -> None:
        """Add an event; links added next belong to it."""
        self._counts["events"] += 1
        texts = [(name, text) for name, value in attributes.items() if (text := as_text(value)) is not None]
        self._add("events", (self._counts["events"], as_text(id_), as_text(kind), as_text(time), texts))

    def add_link(self, object_: Any, qualifier: Any) -> None:
        """Relate the event added last to an object."""
        self._counts["links"] += 1
        self._add("links", (self._counts["events"], self._counts["links"], as_text(object_), as_text(qualifier)))

    def add_object(self, id_: Any, kind: Any) -> None:
        """Add an object."""
        self._counts["objects"] += 1
        self._add("objects", (self._counts["objects"], as_text(id_), as_text(kind)))

    def add_value(self, object_: Any, name: Any, time: Any, value: Any) -> None:
        """Add a value that an attribute of an object took, at a time (None: from the beginning)."""
        self._counts["history"] += 1
        text = as_text(value)
        if text is not None:
            self._add("history", (self._counts["history"], as_text(object_), as_text(name), as_text(time), text))

    def tables(self, *, version: str, encoding: str) -> OcelTables:
        """Return the tables once all is written."""
        relations = {name: parquet_relation(path) for name, path in self._paths.items()}
        return OcelTables(**relations, version=version, encoding=encoding, malformed=self.malformed)

    def _add(self, name: str, row: tuple[Any, ...]) -> None:
        self._rows[name].append(row)
        if len(self._rows[name]) >= BATCH_ROWS:
            with staging(self._folder):
                self._write(name)

    def _write(self, name: str) -> None:
        schema = SCHEMAS[name]
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self._paths[name], schema, compression="lz4")
        columns = list(zip(*self._rows[name], strict=True)) or [()] * len(schema)
        arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
        self._writers[name].write_batch(pa.record_batch(arrays, schema=schema))
        self._rows[name] = []


def as_text(value: Any) -> str | None:
    """Return a value as text; nothing and empty text as None."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _array(values: Any, kind: Any) -> Any:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        # JSON can write half of a pair of surrogates, which is no character.
        return pa.array([_mended(value) for value in values], type=kind)


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [(_mended(name), _mended(text)) for name, text in value]
    return value
