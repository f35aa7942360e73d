"""One row of a result, asked for by a table of one row beside the store.

Were its values written into the query, it would be compiled again for every row.
"""

from typing import Final

import ibis
import pyarrow as pa

from potok.engine.base import Given

_ASKED: Final = "asked_row"
_ARROW: Final = {int: pa.int32(), str: pa.string()}


def at_asked_row(rows: ibis.Table, *keys: str) -> ibis.Table:
    """Return the rows whose keys (int32 or text) are those of `asked_row`."""
    asked = ibis.table({key: rows[key].type().copy(nullable=True) for key in keys}, name=_ASKED)
    # The asked row comes first: Ibis cannot join on columns that a join has derived.
    return asked.inner_join(rows, list(keys)).select(*rows.columns)


def asked_row(**values: int | str) -> Given:
    """Return the table of one row, to run `at_asked_row` with."""
    return {_ASKED: pa.table({key: pa.array([value], _ARROW[type(value)]) for key, value in values.items()})}
