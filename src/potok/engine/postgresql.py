"""Reads one query from PostgreSQL."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import pyarrow as pa
from psycopg.types.string import TextLoader

from potok.core.language import gettext as _
from potok.engine.database_batches import (
    CannotConnectError,
    QueryFailedError,
    ResultColumn,
    as_batch,
    bytes_as_text,
    unreadable_value,
)
from potok.engine.database_urls import PostgresqlUrl

CONNECT_SECONDS: Final = "15"
# Decimals of so many digits fit int64, and float64 without changing a digit.
INTEGER_DIGITS: Final = 18
REAL_DIGITS: Final = 15

_TYPES: Final[dict[str, Any]] = {
    "int2": pa.int64(),
    "int4": pa.int64(),
    "int8": pa.int64(),
    "float4": pa.float64(),
    "float8": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
}
_SESSION: Final = ("SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO'", "SET LOCAL IntervalStyle = 'iso_8601'")


def stream_postgresql(target: PostgresqlUrl, query: str, *, batch_rows: int) -> Generator[Any, None, None]:
    """Give the rows of a SELECT in batches, by a cursor on the server in a read-only transaction.

    Numbers, truth values, dates and timestamps keep their type; decimals do if no digit can be lost; all else is text.
    """
    with _connection(target) as connection, _translating(target):
        for statement in _SESSION:
            connection.execute(statement)
        with connection.cursor(name="potok") as cursor:
            cursor.execute(query.encode())
            columns = [_column(column) for column in cursor.description or ()]
            rows = cursor.fetchmany(batch_rows)
            yield as_batch(rows, columns, where=target.shown)
            while rows := cursor.fetchmany(batch_rows):
                yield as_batch(rows, columns, where=target.shown)


@contextmanager
def _connection(target: PostgresqlUrl) -> Iterator[psycopg.Connection[Any]]:
    parameters = {"connect_timeout": CONNECT_SECONDS, "application_name": "potok"} | target.parameters
    try:
        connection = psycopg.connect("", client_encoding="UTF8", **parameters)  # type: ignore[arg-type] # all texts
    except psycopg.Error as error:
        # Without the cause: a driver's message may hold what the address held.
        raise CannotConnectError(
            _("The database cannot be reached: {reason}.").format(reason=target.scrub(str(error)).rstrip(".")),
            where=target.shown,
            remedy=_("Check the host, port, database, user and password, and that the server lets you in."),
        ) from None
    with connection:
        connection.read_only = True
        for info in psycopg.adapters.types:
            if info.name not in _TYPES:
                connection.adapters.register_loader(info.oid, TextLoader)
            if info.array_oid:
                connection.adapters.register_loader(info.array_oid, TextLoader)
        yield connection


@contextmanager
def _translating(target: PostgresqlUrl) -> Iterator[None]:
    try:
        yield
    except psycopg.DataError as error:
        if error.sqlstate is None:  # raised by the driver, not the server: infinity, years before Christ
            raise unreadable_value(target.scrub(str(error)), where=target.shown) from None
        raise _query_failed(error, target) from None
    except psycopg.OperationalError as error:
        if error.sqlstate is not None:
            raise _query_failed(error, target) from None
        raise CannotConnectError(
            _("The connection to the database was lost: {reason}.").format(reason=target.scrub(str(error))),
            where=target.shown,
            remedy=_("Try again."),
        ) from None
    except psycopg.Error as error:
        raise _query_failed(error, target) from None


def _query_failed(error: psycopg.Error, target: PostgresqlUrl) -> QueryFailedError:
    reason = target.scrub(error.diag.message_primary or str(error))
    return QueryFailedError(
        _("The database refuses the query: {reason}.").format(reason=reason),
        where=target.shown,
        remedy=error.diag.message_hint or _("Check the names of tables and columns, and that you may read them."),
    )


def _column(column: psycopg.Column) -> ResultColumn:
    info = psycopg.adapters.types.get(column.type_code)
    # The registry finds a type by the number of its array, too.
    name = info.name if info and info.oid == column.type_code else ""
    if name in _TYPES:
        return ResultColumn(column.name, _TYPES[name])
    if name == "numeric" and column.precision is not None:
        if not column.scale and column.precision <= INTEGER_DIGITS:
            return ResultColumn(column.name, pa.int64(), int)
        if column.scale and column.precision <= REAL_DIGITS:
            return ResultColumn(column.name, pa.float64(), float)
    return ResultColumn(column.name, pa.string(), bytes_as_text)
