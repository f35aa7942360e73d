"""Reads one query from an SQLite file."""

import sqlite3
from collections.abc import Generator
from contextlib import closing
from typing import Any, Final

import pyarrow as pa

from potok.core.errors import PotokError
from potok.core.language import gettext as _
from potok.engine.database_batches import (
    BrokenDatabaseError,
    CannotConnectError,
    QueryFailedError,
    ResultColumn,
    as_batch,
    bytes_as_text,
    unreadable_value,
)
from potok.engine.database_urls import SqliteUrl

BUSY_SECONDS: Final = 5.0

_BROKEN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_UNREACHABLE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM)


def stream_sqlite(target: SqliteUrl, query: str, *, batch_rows: int) -> Generator[Any, None, None]:
    """Give the rows of a SELECT in batches.

    SQLite types values, not columns: a first pass over the result finds which types occur in each column. A column of
    whole numbers is int64, of numbers float64, anything else text.
    """
    try:
        with closing(_connect(target)) as connection:
            # One transaction, so that both passes see the same rows.
            connection.execute("BEGIN")
            columns = _columns(connection, query)
            cursor = connection.execute(query)
            rows = cursor.fetchmany(batch_rows)
            yield as_batch(rows, columns, where=target.shown)
            while rows := cursor.fetchmany(batch_rows):
                yield as_batch(rows, columns, where=target.shown)
    except sqlite3.Error as error:
        raise _translated(error, target) from error
    except UnicodeDecodeError as error:  # in the name of a column
        raise unreadable_value(str(error), where=target.shown) from error


def _connect(target: SqliteUrl) -> sqlite3.Connection:
    if not target.path.is_file():
        raise CannotConnectError(
            _("There is no database file {path}.").format(path=target.path),
            where=target.shown,
            remedy=_("Check the name. After sqlite:/// comes the path: sqlite:///file.db, sqlite:////folder/file.db."),
        )
    # Autocommit mode: the only transaction is ours.
    address = f"{target.path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def _columns(connection: sqlite3.Connection, query: str) -> list[ResultColumn]:
    names = [column[0] for column in connection.execute(query).description]
    codes = ", ".join(f"c{index}" for index in range(len(names)))
    types = ", ".join(f"group_concat(DISTINCT typeof(c{index}))" for index in range(len(names)))
    seen = connection.execute(f"WITH result({codes}) AS (\n{query}\n) SELECT {types} FROM result").fetchone()
    return [_column(name, set((kinds or "null").split(","))) for name, kinds in zip(names, seen, strict=True)]


def _column(name: str, kinds: set[str]) -> ResultColumn:
    kinds = kinds - {"null"}
    if kinds == {"integer"}:
        return ResultColumn(name, pa.int64())
    if kinds and kinds <= {"integer", "real"}:
        return ResultColumn(name, pa.float64(), float)
    return ResultColumn(name, pa.string(), None if kinds <= {"text"} else bytes_as_text)


def _translated(error: sqlite3.Error, target: SqliteUrl) -> PotokError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    reason = str(error)
    if code in _BROKEN:
        return BrokenDatabaseError(
            _("{path} is not an SQLite database or is damaged: {reason}.").format(path=target.path, reason=reason),
            where=target.shown,
            remedy=_("Copy or export it again."),
        )
    if code in _UNREACHABLE:
        return CannotConnectError(
            _("The database {path} cannot be opened: {reason}.").format(path=target.path, reason=reason),
            where=target.shown,
            remedy=_("Check that you may read it, and that no other program holds it locked."),
        )
    if "decode to UTF-8" in reason:
        return unreadable_value(reason, where=target.shown)
    return QueryFailedError(
        _("The database refuses the query: {reason}.").format(reason=reason),
        where=target.shown,
        remedy=_("Check the names of tables and columns."),
    )
