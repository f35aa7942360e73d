"""What every engine does, and how its answers are made alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import ibis
import pyarrow as pa

from potok.core.errors import IntegrityError
from potok.core.language import gettext as _

_ARROW_TYPES: Final = {
    "int8": pa.int8(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "decimal(38, 0)": pa.decimal128(38, 0),
}


GivenTable: TypeAlias = pa.Table | Path
"""A table in memory, or the path of a Parquet file with the columns that the analysis declares."""

Given: TypeAlias = Mapping[str, GivenTable]


class Engine(Protocol):
    """Compiles analyses and runs them on a log store."""

    def run(self, expression: ibis.Table, *, folder: Path, given: Given | None = None) -> pa.Table:
        """Run an analysis.

        Parameters
        ----------
        expression
            An expression over the tables of `potok.engine.tables` and those of `given`.
        folder
            Folder of a finished log store.
        given
            Tables that the analysis reads beside the store, by name: small ones, such as the days of a calendar, or
            Parquet files derived from the store.

        Returns
        -------
        pyarrow.Table
            The answer, with exactly the columns and types that the expression declares.

        Raises
        ------
        StoreUnreadableError
            If a table of the store, or one derived from it, is missing or damaged.
        """
        ...


class StoreUnreadableError(IntegrityError):
    """A table of a log store is missing, damaged, or lacks a column."""

    code = "POTOK-E001"

    @classmethod
    def about(cls, path: Path, reason: str = "") -> "StoreUnreadableError":
        """Return the error for one file of a store, or for a store."""
        return cls(
            _("The log store is damaged: {reason}.").format(reason=reason or _("it cannot be read")),
            where=str(path),
            remedy=_("Import the source again into a new folder with `potok import`."),
        )


def conform(table: pa.Table, expression: ibis.Table) -> pa.Table:
    """Cast an engine's answer to the columns and types that the expression declares.

    Engines widen sums as they like (DuckDB answers HUGEINT, Spark DECIMAL), and Ibis drops the casts that would undo
    it.
    """
    schema = expression.schema()
    fields = [pa.field(name, _ARROW_TYPES[str(dtype.copy(nullable=True))]) for name, dtype in schema.items()]
    return table.select([field.name for field in fields]).cast(pa.schema(fields))
