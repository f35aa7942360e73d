"""Reads the rows of one query from SQLite or PostgreSQL, in pieces and without being able to write.

DuckDB's own extensions for this are not in its package; the drivers are used here and nowhere else.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.engine.database_urls import SqliteUrl, parse_database_url
from potok.engine.sqlite import stream_sqlite

BATCH_ROWS: Final = 50_000


class QueryNotAllowedError(UsageError):
    """The query is not one SELECT."""

    code = "POTOK-E021"


def stream_query(url: str, query: str, *, batch_rows: int = BATCH_ROWS) -> Iterator[Any]:
    """Give the rows of a query as Arrow record batches, at least one, all of one schema.

    The database is opened read-only (SQLite by ``mode=ro``, PostgreSQL by a read-only transaction with a cursor on the
    server), so that memory does not grow with the result. Columns may have the same name twice.

    Parameters
    ----------
    url
        ``sqlite:///path`` or ``postgresql://user:password@host:port/database``.
    query
        One SELECT, or WITH … SELECT.

    Raises
    ------
    DatabaseUrlError, QueryNotAllowedError, QueryFailedError
        If the address or the query cannot be used.
    CannotConnectError, BrokenDatabaseError, UnreadableValueError
        If the database cannot be reached, or holds what cannot be read.
    """
    target = parse_database_url(url)
    is_sqlite = isinstance(target, SqliteUrl)
    select = only_select(query, dialect="sqlite" if is_sqlite else "postgres")
    if isinstance(target, SqliteUrl):
        stream = stream_sqlite(target, select, batch_rows=batch_rows)
    else:
        # Its driver takes a fifth of a second to load, and every command loads this module.
        from potok.engine.postgresql import stream_postgresql

        stream = stream_postgresql(target, select, batch_rows=batch_rows)
    with closing(stream):
        yield from stream


def only_select(query: str, *, dialect: str) -> str:
    """Return the query without a closing semicolon if it is one SELECT.

    Raises
    ------
    QueryNotAllowedError
        If it is empty, something else, or several statements.
    """
    try:
        tokens = sqlglot.tokenize(query, read=dialect)
    except SqlglotError as error:
        raise _not_allowed(_("The query cannot be understood."), query) from error
    while tokens and tokens[-1].token_type is TokenType.SEMICOLON:
        query = query[: tokens.pop().start]
    first = next((token for token in tokens if token.token_type is not TokenType.L_PAREN), None)
    if first is None:
        raise _not_allowed(_("The query is empty."), query)
    if first.token_type not in (TokenType.SELECT, TokenType.WITH):
        raise _not_allowed(_("The query is not a SELECT."), query)
    if any(token.token_type is TokenType.SEMICOLON for token in tokens):
        raise _not_allowed(_("The query holds several statements."), query)
    return query


def _not_allowed(message: str, query: str) -> QueryNotAllowedError:
    return QueryNotAllowedError(
        message,
        where=" ".join(query.split())[:200],
        remedy=_("Give one query that begins with SELECT or WITH, such as SELECT * FROM events ORDER BY id."),
    )
