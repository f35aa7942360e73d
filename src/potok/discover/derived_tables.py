"""Tables derived from a log, kept beside its store in ``STORE.cache`` so that they are made once.

A table is found again by everything that decides it: the content and the manifest of the log, the version of Potok and
of the table's layout, and whatever parameters its maker names. It appears whole or not at all. Deleting the folder
costs time only. Where the place beside the store cannot be written, tables go into the user's cache folder.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

import potok
from potok.core.errors import EnvironmentFailureError
from potok.core.language import gettext as _
from potok.core.system_reasons import system_reason
from potok.log.cache import cache_folder
from potok.log.store import LogStore

_FACTS: Final = "potok.facts"


class DerivedTableError(EnvironmentFailureError):
    """A derived table cannot be written anywhere."""

    code = "POTOK-D006"


@dataclass(frozen=True, slots=True)
class DerivedTable:
    """A kind of derived table.

    Parameters
    ----------
    name
        snake_case; begins the file's name.
    schema
        Columns.
    layout
        Raised whenever what is written, or how it is computed, changes.
    """

    name: str
    schema: pa.Schema
    layout: int


def derive(
    store: LogStore,
    tables: tuple[DerivedTable, ...],
    make: Callable[[], Iterable[tuple[pa.Table, ...]]],
    *,
    key: str = "",
    facts: Mapping[str, int] | None = None,
) -> tuple[Path, ...]:
    """Return the Parquet files of derived tables, making them if they are not there yet.

    Parameters
    ----------
    make
        Yields parts, each with rows for every table, in their order.
    key
        Hash or text of all parameters that decide the rows.
    facts
        Numbers to be kept with the first table, see `read_facts`; read when all parts are written.

    Raises
    ------
    DerivedTableError
        If they can be written neither beside the store nor into the user's cache folder.
    """
    names = [_file_name(store, table, key) for table in tables]
    places = _places(store)
    for folder in places:
        files = tuple(folder / name for name in names)
        if all(file.is_file() for file in files):
            return files
    folder, files = _first_writable(places, names)
    _write(tables, files, make(), {} if facts is None else facts)
    return files


def read_facts(file: Path) -> dict[str, int]:
    """Return the numbers kept with a derived table."""
    kept = pq.read_metadata(file).metadata or {}
    return {name: int(value) for name, value in json.loads(kept.get(_FACTS.encode(), b"{}")).items()}


def _places(store: LogStore) -> tuple[Path, Path]:
    folder = store.folder.resolve()
    elsewhere = hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]
    return folder.with_name(folder.name + ".cache"), cache_folder() / f"{elsewhere}.cache"


def _file_name(store: LogStore, table: DerivedTable, key: str) -> str:
    deciding: tuple[Any, ...] = (store.content_sha256, store.manifest, potok.__version__, table.layout, key)
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False, default=str)
    return f"{table.name}-{hashlib.sha256(text.encode()).hexdigest()[:32]}.parquet"


def _first_writable(places: tuple[Path, ...], names: list[str]) -> tuple[Path, tuple[Path, ...]]:
    for number, folder in enumerate(places):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            trial = folder / f".writable-{secrets.token_hex(4)}"
            trial.touch()
            trial.unlink()
        except OSError as error:
            if number + 1 < len(places):
                continue
            raise DerivedTableError(
                _("What was computed from the log cannot be kept: {reason}.").format(reason=system_reason(error)),
                where=str(folder),
                remedy=_("Make the folder writable, or name another one in POTOK_CACHE_DIR."),
            ) from error
        return folder, tuple(folder / name for name in names)
    raise AssertionError("there is always a last place")


def _writer(file: Path, schema: pa.Schema) -> Any:
    # Durations hardly repeat: a dictionary of them costs more than it saves, and of extremes nobody asks.
    repeated = [field.name for field in schema if field.type != pa.int64()]
    return pq.ParquetWriter(file, schema, compression="lz4", use_dictionary=repeated, write_statistics=False)


def _write(
    tables: tuple[DerivedTable, ...],
    files: tuple[Path, ...],
    parts: Iterable[tuple[pa.Table, ...]],
    facts: Mapping[str, int],
) -> None:
    token = secrets.token_hex(4)
    unfinished = [file.with_name(f".{file.name}.{token}") for file in files]
    try:
        writers = [_writer(file, table.schema) for file, table in zip(unfinished, tables, strict=True)]
        try:
            for part in parts:
                for writer, rows in zip(writers, part, strict=True):
                    writer.write_table(rows)
            writers[0].add_key_value_metadata({_FACTS: json.dumps(dict(facts), sort_keys=True)})
        finally:
            for writer in writers:
                writer.close()
        for made, file in zip(unfinished, files, strict=True):
            made.replace(file)
    except OSError as error:
        raise DerivedTableError(
            _("What was computed from the log cannot be kept: {reason}.").format(reason=system_reason(error)),
            where=str(files[0].parent),
            remedy=_("Free space on the disk, or name another folder in POTOK_CACHE_DIR."),
        ) from error
    finally:
        for made in unfinished:
            with suppress(OSError):
                made.unlink(missing_ok=True)
