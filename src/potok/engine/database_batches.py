"""From rows of a database driver to Arrow record batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from potok.core.errors import BadDataError, EnvironmentFailureError, UsageError
from potok.core.language import gettext as _


class CannotConnectError(EnvironmentFailureError):
    """The database cannot be reached or refuses the user."""

    code = "POTOK-E022"


class QueryFailedError(UsageError):
    """The database refuses the query."""

    code = "POTOK-E023"


class BrokenDatabaseError(BadDataError):
    """The database file is damaged or is none."""

    code = "POTOK-E024"


class UnreadableValueError(BadDataError):
    """A value of the result cannot be read."""

    code = "POTOK-E025"


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result: name, Arrow type, and how a value of the driver becomes one of that type."""

    name: str
    type: Any
    convert: Callable[[Any], Any] | None = None


def as_schema(columns: Sequence[ResultColumn]) -> Any:
    """Return the Arrow schema of a result."""
    return pa.schema([(column.name, column.type) for column in columns])


def as_batch(rows: Sequence[Sequence[Any]], columns: Sequence[ResultColumn], *, where: str) -> Any:
    """Return rows as one record batch.

    Raises
    ------
    UnreadableValueError
        If a value does not fit its column.
    """
    values = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    arrays = [_as_array(v, column, where) for v, column in zip(values, columns, strict=True)]
    return pa.record_batch(arrays, schema=as_schema(columns))


def _as_array(values: Sequence[Any], column: ResultColumn, where: str) -> Any:
    try:
        if column.convert is not None:
            values = [None if value is None else column.convert(value) for value in values]
        return pa.array(values, type=column.type)
    except (pa.ArrowException, ValueError, OverflowError, TypeError) as error:
        raise unreadable_value(str(error), where=f"{where}, {column.name}") from error


def unreadable_value(reason: str, *, where: str) -> UnreadableValueError:
    """Return the error for a value that cannot be read for `reason`."""
    return UnreadableValueError(
        _("A value cannot be read from the database: {reason}").format(reason=reason),
        where=where,
        remedy=_("Convert the column in the query, for example CAST(column AS text), or leave such rows out."),
    )


def bytes_as_text(value: Any) -> str:
    """Return bytes as text if they are UTF-8, else in hexadecimal; anything else as it is written."""
    if isinstance(value, bytes | memoryview):
        content = bytes(value)
        try:
            return content.decode()
        except UnicodeDecodeError:
            return content.hex()
    return str(value)
