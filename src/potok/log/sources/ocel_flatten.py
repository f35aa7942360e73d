"""Flattens an object-centric log on one object type: its objects become cases.

One row per pair of an event and an object of the type. An event with several of them is in several cases
(convergence); an event with none is in no case. Both are counted, the latter also handed on row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from potok.engine.sql import quote_identifier, quote_literal
from potok.log.sources.arrow_staging import ROW_COLUMN, parquet_relation, unique_names
from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn
from potok.log.sources.ocel_object_types import FIRST_US

CASE_ID: Final = "case:concept:name"
ACTIVITY: Final = "concept:name"
TIME: Final = "time:timestamp"
EVENT_ID: Final = "ocel:eid"
QUALIFIER: Final = "ocel:qualifier"
COUNT_PREFIX: Final = "ocel:objects:"
CASE_PREFIX: Final = "case:"
LAST_US: Final = 2**62

_TIME_TYPES: Final = {ColumnKind.INSTANT: "TIMESTAMPTZ", ColumnKind.LOCAL_TIME: "TIMESTAMP", ColumnKind.TEXT: "VARCHAR"}


@dataclass(frozen=True, slots=True)
class _Selected:
    """A column of the result: how it is staged, and its SQL."""

    column: StagedColumn
    expression: str


def flatten(connection: Any, *, object_type: str, path: Path) -> tuple[StagedColumn, ...]:
    """Write the flattened log to a Parquet file, in the order of events, then of their relations.

    Parameters
    ----------
    connection
        With the tables of `potok.log.sources.ocel_object_types.load_tables`.
    path
        Where to write; its column ``__row`` is the number of the event.

    Returns
    -------
    tuple of StagedColumn
        Case id, activity, time, event id, qualifiers of the relation (if there are any), numbers of related objects of
        other types, attributes of the event, and of the object (``case:…``, the value that held at the event).
    """
    _create_members(connection, object_type)
    attributes = _names(
        connection, 'SELECT unnest(map_keys(attributes)), "row" FROM events SEMI JOIN members USING ("row")'
    )
    held = _names(connection, "SELECT name, n FROM history SEMI JOIN members USING (object)")
    changing = _names(connection, f"SELECT name, n FROM history SEMI JOIN members USING (object) WHERE us > {FIRST_US}")
    _create_constants(connection)
    _create_states(connection, changing)
    others = connection.execute("SELECT DISTINCT type FROM objects WHERE type <> ? ORDER BY 1", [object_type])
    values = _values_of_object(held, changing)
    selected = _select(connection, attributes, values, [row[0] for row in others.fetchall()])
    parts = ", ".join(f"{item.expression} AS {quote_identifier(item.column.name)}" for item in selected)
    connection.execute(
        f'COPY (SELECT "row" AS {ROW_COLUMN}, {parts} FROM ({_joined()}) ORDER BY "row", n) '
        f"TO {quote_literal(str(path))} (FORMAT parquet)"
    )
    states = {values[name] for name in changing}
    may_change = [item.column for item in selected if item.expression in states]
    return _with_levels(connection, path, [item.column for item in selected], may_change)


def write_unrelated(connection: Any, path: Path) -> None:
    """Write the events that `flatten` left out to a Parquet file: ``source_row`` and ``text``."""
    connection.execute(
        "COPY (SELECT \"row\" AS source_row, coalesce(id, type, '') AS text FROM events "
        f'ANTI JOIN members USING ("row") ORDER BY 1) TO {quote_literal(str(path))} (FORMAT parquet)'
    )


def _create_members(connection: Any, object_type: str) -> None:
    """Create ``members``: pairs of an event and an object of the type, with all qualifiers."""
    connection.execute(
        "CREATE TABLE members AS "
        'WITH told AS (SELECT "row", object, qualifier, min(n) AS n FROM links GROUP BY ALL) '
        "SELECT \"row\", object, min(n) AS n, string_agg(qualifier, '; ' ORDER BY n) AS qualifiers "
        "FROM told JOIN objects ON objects.id = told.object WHERE objects.type = ? GROUP BY ALL",
        [object_type],
    )


def _names(connection: Any, query: str) -> list[str]:
    """Return the distinct names of a query (name, place) in the order in which they appear."""
    rows = connection.execute(f"SELECT name FROM ({query}) AS found(name, place) GROUP BY 1 ORDER BY min(place), 1")
    return [row[0] for row in rows.fetchall()]


def _create_constants(connection: Any) -> None:
    """Create ``constants``: for each object the values that hold from the beginning, by name."""
    connection.execute(
        "CREATE TABLE constants AS SELECT object, map_from_entries(list({'k': name, 'v': value})) AS held FROM ("
        "SELECT object, name, arg_max(value, n) AS value FROM history SEMI JOIN members USING (object) "
        f"WHERE us = {FIRST_US} GROUP BY ALL) GROUP BY object"
    )


def _create_states(connection: Any, names: Sequence[str]) -> None:
    """Create ``states``: for each object and moment of change the values that held from then on (``s0``, ``s1`` …).

    Only of attributes that ever change: a window for each of many constant ones takes the planner minutes.
    """
    changes = [
        f"arg_max(value, n) FILTER (name = {quote_literal(name)}) AS s{index}" for index, name in enumerate(names)
    ]
    held = [f"last_value(s{index} IGNORE NULLS) OVER since AS s{index}" for index in range(len(names))]
    among = f"name IN ({', '.join(map(quote_literal, names))})" if names else "false"
    connection.execute(
        f"CREATE TABLE states AS SELECT {', '.join(['object', 'us', *held])} FROM ("
        f"SELECT {', '.join(['object', 'us', *changes])} FROM history SEMI JOIN members USING (object) "
        f"WHERE {among} GROUP BY ALL) WINDOW since AS (PARTITION BY object ORDER BY us ROWS UNBOUNDED PRECEDING)"
    )


def _values_of_object(held: Sequence[str], changing: Sequence[str]) -> dict[str, str]:
    """Return the SQL for each attribute of the object."""
    places = {name: index for index, name in enumerate(changing)}
    return {name: f"s{places[name]}" if name in places else f"held[{quote_literal(name)}]" for name in held}


def _joined() -> str:
    """Return the query joining members, their events, the counts of related objects and the objects' states."""
    return (
        "SELECT m.*, s.* EXCLUDE (object, us), constants.held FROM ("
        'SELECT members.*, events.* EXCLUDE ("row"), counted.counts FROM members JOIN events USING ("row") '
        'LEFT JOIN (SELECT "row", histogram(type) AS counts FROM ('
        'SELECT DISTINCT "row", object, type FROM links JOIN objects ON objects.id = links.object) GROUP BY 1) '
        'AS counted USING ("row")) AS m '
        f"ASOF LEFT JOIN states AS s ON s.object = m.object AND s.us <= coalesce(m.us, {LAST_US}) "
        "LEFT JOIN constants ON constants.object = m.object"
    )


def _select(
    connection: Any, attributes: Sequence[str], values: dict[str, str], others: Sequence[str]
) -> list[_Selected]:
    event, case = ColumnLevel.EVENT, ColumnLevel.CASE
    time = _time_kind(connection)
    columns = [
        (CASE_ID, ColumnKind.TEXT, case, "object"),
        (ACTIVITY, ColumnKind.TEXT, event, "type"),
        (TIME, time, event, f"CAST(time AS {_TIME_TYPES[time]})"),
        (EVENT_ID, ColumnKind.TEXT, event, "id"),
        (QUALIFIER, ColumnKind.TEXT, event, "qualifiers"),
    ]
    if not connection.execute("SELECT count(qualifiers) FROM members").fetchone()[0]:
        columns.pop()
    columns += [
        (COUNT_PREFIX + kind, ColumnKind.INTEGER, event, f"CAST(coalesce(counts[{quote_literal(kind)}], 0) AS BIGINT)")
        for kind in others
    ]
    columns += [(name, ColumnKind.TEXT, event, f"attributes[{quote_literal(name)}]") for name in attributes]
    columns += [(CASE_PREFIX + name, ColumnKind.TEXT, case, expression) for name, expression in values.items()]
    names = unique_names([column[0] for column in columns])
    return [
        _Selected(StagedColumn(name, kind, level), expression)
        for name, (_wanted, kind, level, expression) in zip(names, columns, strict=True)
    ]


def _time_kind(connection: Any) -> ColumnKind:
    """Return how instants can be staged: typed if each can be read and all or none have an offset."""
    times, read, zoned = connection.execute(
        "SELECT count(time), count(us), count(*) FILTER (has_offset) FROM events"
    ).fetchone()
    if not times or read < times or 0 < zoned < times:
        return ColumnKind.TEXT
    return ColumnKind.INSTANT if zoned else ColumnKind.LOCAL_TIME


def _with_levels(
    connection: Any, path: Path, columns: Sequence[StagedColumn], held: Sequence[StagedColumn]
) -> tuple[StagedColumn, ...]:
    """Mark those of the attributes `held` by objects that change within a case as belonging to the event."""
    if not held:
        return tuple(columns)
    quoted = [quote_identifier(column.name) for column in held]
    inner = ", ".join(
        f"count(DISTINCT {name}) + (count({name}) < count(*))::INTEGER AS k{i}" for i, name in enumerate(quoted)
    )
    outer = ", ".join(f"coalesce(max(k{i}), 0) <= 1" for i in range(len(quoted)))
    constant = connection.execute(
        f"SELECT {outer} FROM (SELECT {inner} FROM {parquet_relation(path)} GROUP BY {quote_identifier(CASE_ID)})"
    ).fetchone()
    changing = {column.name for column, is_constant in zip(held, constant, strict=True) if not is_constant}
    return tuple(replace(column, level=ColumnLevel.EVENT) if column.name in changing else column for column in columns)
