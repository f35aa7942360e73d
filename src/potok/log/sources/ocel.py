"""Reads object-centric logs: OCEL 2.0 as JSON, XML or SQLite, OCEL 1.0 as JSON, packed or not."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from potok.core.language import gettext as _
from potok.engine.duckdb import DuckDBSettings, connect
from potok.engine.long_statements import translated_errors
from potok.engine.sql import quote_literal
from potok.log.sources.arrow_staging import CHUNK_BYTES, hash_file, parquet_relation, staging
from potok.log.sources.base import Staged, StagingOptions
from potok.log.sources.ocel_flatten import flatten, write_unrelated
from potok.log.sources.ocel_json import not_ocel, read_json
from potok.log.sources.ocel_object_types import ObjectType, choose_object_type, list_object_types, load_tables
from potok.log.sources.ocel_sqlite import read_sqlite
from potok.log.sources.ocel_stream import OcelStream, broken_ocel, open_ocel
from potok.log.sources.ocel_tables import OcelTables, OcelWriter
from potok.log.sources.ocel_xml import read_xml

SQLITE_MAGIC: Final = b"SQLite format 3\x00"
START_BYTES: Final = 512
# An event without any object of the chosen type: of another process, not faulty.
UNRELATED_REASON: Final = "no_object_of_type"


def stage_ocel(path: Path, *, options: StagingOptions) -> Staged:
    """Stage an object-centric log, flattened on `options.object_type`.

    One row per event and object of that type (see `potok.log.sources.ocel_flatten`). Instants without an offset are
    local times; ``__row`` is the number of the event in the file, so that an event in several cases repeats it.
    Events related to no object of the type are counted and given as rejected with the reason ``no_object_of_type``.

    Raises
    ------
    BrokenOcelError, NotOcelError, OversizedOcelError, UnsafeXmlError, BrokenDatabaseError
        If the file cannot be read.
    ObjectTypeError
        If the object type is missing or unknown; it lists them.
    """
    file = hash_file(path, progress=options.progress)
    token = file.sha256[:16]
    tables = _read(path, options=options, token=token)
    staged = options.folder / f"ocel-{token}.parquet"
    unrelated = options.folder / f"ocel-{token}-unrelated.parquet"
    settings = DuckDBSettings(spill_folder=options.folder)
    options.progress.start(_("Relating events and objects"))
    with closing(connect(settings=settings)) as connection, translated_errors(path):
        load_tables(connection, tables)
        types = list_object_types(connection)
        object_type = choose_object_type(types, wanted=options.object_type, where=str(path))
        columns = flatten(connection, object_type=object_type, path=staged)
        write_unrelated(connection, unrelated)
        facts = _facts(connection, tables, types, object_type)
    options.progress.finish()
    return Staged(
        relation=parquet_relation(staged),
        columns=columns,
        format="ocel",
        files=(file,),
        row_column="__row",
        facts=facts,
        rejected=_rejecting(unrelated),
    )


def _read(path: Path, *, options: StagingOptions, token: str) -> OcelTables:
    options.progress.start(_("Reading {name}").format(name=path.name), total=path.stat().st_size, unit="bytes")
    with open_ocel(path, max_bytes=options.max_uncompressed_bytes, advance=options.progress.advance_to) as stream:
        start = stream.peek(START_BYTES)
        text = start.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
        if start.startswith(SQLITE_MAGIC):
            database = _unpack(stream, options.folder / f"ocel-{token}.sqlite")
            tables = read_sqlite(database, name=path.name, folder=options.folder, token=token)
        elif not text:
            raise broken_ocel(path, _("it is empty"))
        elif text.startswith(b"{"):
            tables = read_json(stream, OcelWriter(options.folder, token=token))
        elif text.startswith(b"<"):
            tables = read_xml(stream, OcelWriter(options.folder, token=token))
        else:
            raise not_ocel(stream, _("neither JSON nor XML nor SQLite"))
    options.progress.finish()
    return tables


def _unpack(stream: OcelStream, database: Path) -> Path:
    with staging(database.parent), database.open("wb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            file.write(chunk)
    return database


def _rejecting(unrelated: Path) -> Callable[[Any, str], None]:
    def reject(connection: Any, table: str) -> None:
        connection.execute(
            f"INSERT INTO {table} SELECT source_row, NULL, '', {quote_literal(UNRELATED_REASON)}, text "
            f"FROM {parquet_relation(unrelated)}"
        )

    return reject


def _facts(connection: Any, tables: OcelTables, types: tuple[ObjectType, ...], object_type: str) -> dict[str, Any]:
    def count(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    return {
        "ocel_version": tables.version,
        "encoding": tables.encoding,
        "object_type": object_type,
        "object_types": [{"type": kind.name, "objects": kind.objects, "events": kind.events} for kind in types],
        "events": count("SELECT count(*) FROM events"),
        "events_without_object_of_type": count('SELECT count(*) FROM events ANTI JOIN members USING ("row")'),
        "events_in_several_cases": count(
            'SELECT count(*) FROM (SELECT "row" FROM members GROUP BY 1 HAVING count(*) > 1)'
        ),
        "objects_without_events": count(
            f"SELECT count(*) FROM objects WHERE type = {quote_literal(object_type)} "
            "AND id NOT IN (SELECT object FROM members)"
        ),
        "relations_to_unknown_objects": count(
            "SELECT count(*) FROM links WHERE object NOT IN (SELECT id FROM objects)"
        ),
        "repeated_event_ids": count("SELECT count(id) - count(DISTINCT id) FROM events"),
        "repeated_object_ids": count("SELECT (SELECT count(*) FROM all_objects) - count(*) FROM objects"),
        "times_without_offset": count("SELECT count(*) FROM events WHERE time IS NOT NULL AND NOT has_offset"),
        "unreadable_times": count("SELECT count(*) FROM events WHERE time IS NOT NULL AND us IS NULL"),
        "malformed_records": tables.malformed,
    }
