"""Columns of any type as labels: numbers and instants written in one way, whatever the source."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from potok.verify.study import UNKNOWN, Labels

_INSTANT: Final = pa.timestamp("us")
_WHOLE: Final = 2.0**53


def as_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column as text, null where it is empty.

    Whole numbers have no decimals, whether they were read as integers or not; other numbers are the shortest text that
    gives them back; truth is ``true`` or ``false``; instants are ISO 8601 in UTC, wall-clock times without zone.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    coded = array.dictionary_encode() if not pa.types.is_dictionary(array.type) else array
    values = pa.array([_text(value) for value in _values(coded.dictionary)], pa.string())
    return values.take(coded.indices)


def _values(dictionary: pa.Array) -> list[Any]:
    if pa.types.is_timestamp(dictionary.type):
        zone = "+00:00" if dictionary.type.tz else ""
        return [f"{at.isoformat()}{zone}" for at in dictionary.cast(_INSTANT, safe=False).to_pylist()]
    return list(dictionary.to_pylist())


def _text(value: Any) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            if value != value:  # not a number
                return None
            return str(int(value)) if value.is_integer() and abs(value) < _WHOLE else repr(value)
        case _:
            return str(value) or None


def make_labels(name: str, columns: Sequence[pa.Array]) -> Labels:
    """Return columns of text, one behind the other, as labels; empty texts count as unknown."""
    coded = pa.chunked_array([column.cast(pa.string()) for column in columns], pa.string()).combine_chunks()
    coded = coded.dictionary_encode()
    found = coded.dictionary.to_pylist()
    labels = tuple(sorted(label for label in found if label))
    place = {label: code for code, label in enumerate(labels)}
    codes = np.asarray([*(place.get(label, UNKNOWN) for label in found), UNKNOWN], np.int64)
    chosen = coded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False).astype(np.int64)
    return Labels(name, codes[chosen], labels)
