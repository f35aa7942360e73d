"""Reads OCEL 2.0 as SQLite."""

import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow as pa

from potok.core.language import gettext as _
from potok.engine.databases import stream_query
from potok.engine.sql import quote_identifier, quote_literal
from potok.log.sources.arrow_staging import parquet_relation, write_parquet
from potok.log.sources.ocel_json import NotOcelError
from potok.log.sources.ocel_tables import OcelTables

REQUIRED: Final = ("event", "object", "event_object")
NO_ATTRIBUTES: Final = "MAP([]::VARCHAR[], []::VARCHAR[])"
NO_DETAILS: Final = (
    f"SELECT NULL::VARCHAR AS type, NULL::VARCHAR AS id, NULL::VARCHAR AS time, {NO_ATTRIBUTES} AS attributes"
)
NO_HISTORY: Final = (
    "SELECT 0::BIGINT AS n, NULL::VARCHAR AS object, NULL::VARCHAR AS name, NULL::VARCHAR AS time, "
    "NULL::VARCHAR AS value WHERE false"
)


@dataclass(slots=True)
class _Database:
    """An SQLite file, whose tables are fetched one by one."""

    path: Path
    name: str
    folder: Path
    token: str
    tables: dict[str, str] = field(default_factory=dict)
    fetched: int = 0

    def fetch(self, query: str) -> tuple[str, list[str]]:
        """Return the result of a query as a DuckDB table expression (with ``file_row_number``), and its columns."""
        batches = stream_query(f"sqlite:///{self.path.absolute().as_posix()}", query)
        first = next(batches)
        path = self.folder / f"ocel-{self.token}-{self.fetched}.parquet"
        self.fetched += 1
        write_parquet(path, chain([first], batches), schema=first.schema)
        relation = parquet_relation(path).removesuffix(")") + ", file_row_number = true)"
        return relation, list(first.schema.names)

    def fetch_table(self, table: str, *needed: str) -> tuple[str, list[str]]:
        """Fetch a whole table that must have certain columns."""
        relation, columns = self.fetch(f"SELECT * FROM {quote_identifier(table)}")
        missing = [column for column in needed if column not in columns]
        if missing:
            raise self.not_ocel(
                _("an SQLite file whose table {table} has no column {column}").format(table=table, column=missing[0])
            )
        return relation, columns

    def not_ocel(self, found: str) -> NotOcelError:
        """Return the error for a database that is something else."""
        return NotOcelError(
            _("{name} is not an object-centric log but {found}.").format(name=self.name, found=found),
            where=self.name,
            remedy=_(
                "To read another database give its address and a query: sqlite:///{name} --query 'SELECT …'."
            ).format(name=self.name),
        )


def read_sqlite(path: Path, *, name: str, folder: Path, token: str) -> OcelTables:
    """Bring an OCEL 2.0 database into tables.

    Parameters
    ----------
    path
        The unpacked database.
    name
        Of the file as the user knows it.
    folder, token
        Where temporary files go, and what tells them from those of other sources.

    Raises
    ------
    BrokenDatabaseError, NotOcelError
        If it is damaged or has other tables.
    """
    database = _Database(path, name, folder, token)
    listing = stream_query(
        f"sqlite:///{path.absolute().as_posix()}", "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
    )
    names = [text for batch in listing for text in batch.column(0).to_pylist()]
    database.tables = {text.lower(): text for text in names if text}
    missing = [table for table in REQUIRED if table not in database.tables]
    if missing:
        raise database.not_ocel(_("an SQLite file without a table {table}").format(table=missing[0]))
    events = _events(database)
    return OcelTables(
        events=events,
        links=_links(database, events),
        objects=_objects(database),
        history=_history(database),
        version="2.0",
        encoding="sqlite",
    )


def _events(database: _Database) -> str:
    events, _columns = database.fetch_table(database.tables["event"], "ocel_id", "ocel_type")
    details = [NO_DETAILS]
    for kind, table in _tables_of_types(database, "event").items():
        relation, columns = database.fetch_table(table, "ocel_id", "ocel_time")
        attributes = [column for column in columns if column not in ("ocel_id", "ocel_time")]
        details.append(
            f"SELECT {quote_literal(kind)}, CAST(ocel_id AS VARCHAR), CAST(ocel_time AS VARCHAR), "
            f"{_map_of(attributes)} FROM {relation}"
        )
    return f"""(SELECT e.file_row_number + 1 AS "row", CAST(e.ocel_id AS VARCHAR) AS id,
        CAST(e.ocel_type AS VARCHAR) AS type, d.time, coalesce(d.attributes, {NO_ATTRIBUTES}) AS attributes
        FROM {events} e LEFT JOIN (SELECT DISTINCT ON (type, id) * FROM ({" UNION ALL ".join(details)})) d
        ON d.id = CAST(e.ocel_id AS VARCHAR) AND d.type = CAST(e.ocel_type AS VARCHAR))"""


def _map_of(columns: list[str]) -> str:
    """Return SQL for a map from names to the values that are filled."""
    if not columns:
        return NO_ATTRIBUTES
    entries = ", ".join(
        f"{{'k': {quote_literal(column)}, 'v': CAST({quote_identifier(column)} AS VARCHAR)}}" for column in columns
    )
    return f"map_from_entries(list_filter([{entries}], lambda entry: nullif(entry.v, '') IS NOT NULL))"


def _links(database: _Database, events: str) -> str:
    links, columns = database.fetch_table(database.tables["event_object"], "ocel_event_id", "ocel_object_id")
    qualifier = "CAST(l.ocel_qualifier AS VARCHAR)" if "ocel_qualifier" in columns else "NULL::VARCHAR"
    return f"""(SELECT e."row", l.file_row_number AS n, CAST(l.ocel_object_id AS VARCHAR) AS object,
        nullif({qualifier}, '') AS qualifier
        FROM {links} l JOIN {events} e ON e.id = CAST(l.ocel_event_id AS VARCHAR))"""


def _objects(database: _Database) -> str:
    objects, _columns = database.fetch_table(database.tables["object"], "ocel_id", "ocel_type")
    return (
        "(SELECT file_row_number AS n, CAST(ocel_id AS VARCHAR) AS id, CAST(ocel_type AS VARCHAR) AS type "
        f"FROM {objects})"
    )


def _history(database: _Database) -> str:
    selects = [NO_HISTORY]
    for table in _tables_of_types(database, "object").values():
        relation, columns = database.fetch_table(table, "ocel_id")
        time = "CAST(ocel_time AS VARCHAR)" if "ocel_time" in columns else "NULL::VARCHAR"
        changed = "CAST(ocel_changed_field AS VARCHAR)" if "ocel_changed_field" in columns else "NULL::VARCHAR"
        selects += [
            f"SELECT file_row_number, CAST(ocel_id AS VARCHAR), {quote_literal(column)}, {time}, "
            f"CAST({quote_identifier(column)} AS VARCHAR) FROM {relation} "
            f"WHERE nullif(CAST({quote_identifier(column)} AS VARCHAR), '') IS NOT NULL "
            f"AND coalesce(nullif({changed}, ''), {quote_literal(column)}) = {quote_literal(column)}"
            for column in columns
            if column not in ("ocel_id", "ocel_time", "ocel_changed_field")
        ]
    return f"({' UNION ALL '.join(selects)})"


def _tables_of_types(database: _Database, of: str) -> dict[str, str]:
    """Return the table of each event type or object type: as mapped, else by the type's name without blanks."""
    kinds = _texts(database, f"SELECT DISTINCT ocel_type FROM {quote_identifier(database.tables[of])}")
    mapped: dict[str, str] = {}
    if f"{of}_map_type" in database.tables:
        table = quote_identifier(database.tables[f"{of}_map_type"])
        types = _texts(database, f"SELECT ocel_type FROM {table}")
        mapped = dict(zip(types, _texts(database, f"SELECT ocel_type_map FROM {table}"), strict=True))
    found = {}
    for kind in kinds:
        names = (mapped.get(kind, ""), kind, re.sub(r"\W", "", kind))
        table = next((t for name in names if (t := database.tables.get(f"{of}_{name}".lower()))), "")
        if table:
            found[kind] = table
    return found


def _texts(database: _Database, query: str) -> list[str]:
    batches = stream_query(f"sqlite:///{database.path.absolute().as_posix()}", query)
    return [
        str(text) for batch in batches for text in batch.column(0).cast(pa.string()).to_pylist() if text is not None
    ]
