"""Rows of a result, asked for by a small table beside the store.

Were their values written into the query, it would be compiled again for every row; and examples of all rows are found
in one pass over the log.
"""

from collections.abc import Sequence
from typing import Any, Final

import ibis
import pyarrow as pa

from potok.engine.base import Engine, Given
from potok.log.store import LogStore
from potok.measure.running import run

MOST_EXAMPLES: Final = 10
_ASKED: Final = "asked_rows"
_ARROW: Final = {int: pa.int32(), str: pa.string()}

Key = tuple[int | str, ...]


def at_asked_rows(rows: ibis.Table, *keys: str) -> ibis.Table:
    """Return the rows whose keys (int32 or text) are those of one of `asked_rows`."""
    asked = ibis.table({key: rows[key].type().copy(nullable=True) for key in keys}, name=_ASKED)
    # The asked rows come first: Ibis cannot join on columns that a join has derived.
    return asked.inner_join(rows, list(keys)).select(*rows.columns)


def asked_rows(keys: Sequence[str], *values: Key) -> Given:
    """Return the table of rows, at least one, to run `at_asked_rows` with."""
    columns = zip(keys, zip(*values, strict=True), strict=True)
    return {_ASKED: pa.table({key: pa.array(held, _ARROW[type(held[0])]) for key, held in columns})}


def example_cases(spans: ibis.Table, *keys: str) -> ibis.Table:
    """Return the cases of each asked row that lose most in it, at most `MOST_EXAMPLES`.

    Parameters
    ----------
    spans
        With `case`, `gap_us` (null if unknown) and the keys.

    Returns
    -------
    ibis.Table
        The keys, `case` and `place` (from 0; of equal losses the lower case comes first).
    """
    here = at_asked_rows(spans.select(*keys, "case", "gap_us"), *keys)
    losses = here.group_by(*keys, "case").aggregate(lost_us=here.gap_us.sum().fill_null(0).cast("int64"))
    window = ibis.window(group_by=[losses[key] for key in keys], order_by=[losses.lost_us.desc(), losses.case])
    ranked = losses.select(*keys, "case", place=ibis.row_number().over(window).cast("int64"))
    return ranked.filter(ranked.place < MOST_EXAMPLES)


def find_examples(
    examples: ibis.Table, values: Sequence[Key], store: LogStore, engine: Engine | None, *, given: Given | None = None
) -> dict[Key, tuple[int, ...]]:
    """Run `example_cases` for some rows and return the codes of the cases of each, those that lose most first."""
    if not values:
        return {}
    keys = examples.columns[:-2]
    rows = run(examples, store, engine, given={**(given or {}), **asked_rows(keys, *values)})
    found: dict[Key, list[Any]] = {value: [] for value in values}
    for *key, case, place in rows:
        found[tuple(key)].append((place, case))
    return {key: tuple(case for _place, case in sorted(held)) for key, held in found.items()}
