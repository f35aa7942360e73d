"""Attributes of single instances, which the tables of the engine do not hold, as tables beside the store."""

from typing import Final

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.engine.base import Given
from potok.log.store import LogStore, broken_store

ATTRIBUTE_PREFIX: Final = "attr:"
_VALUES: Final = "event_attribute"


class UnknownAttributeError(UsageError):
    """An attribute that the instances of a log do not have."""

    code = "POTOK-D060"


def event_attributes(store: LogStore) -> tuple[str, ...]:
    """Return the attributes that differ within cases, as ``attr:NAME``, sorted.

    Raises
    ------
    BrokenStoreError
        If the table cannot be read.
    """
    try:
        names = pq.read_schema(store.folder / "events.parquet").names
    except (OSError, pa.ArrowInvalid) as failure:
        raise broken_store(store.folder, str(failure)) from failure
    return tuple(sorted(name for name in names if name.startswith(ATTRIBUTE_PREFIX)))


def full_name(name: str) -> str:
    """Return the name of an attribute with ``attr:`` before it."""
    return name if name.startswith(ATTRIBUTE_PREFIX) else ATTRIBUTE_PREFIX + name


def attribute_values(number: int = 0) -> ibis.Table:
    """Return the unbound table of an attribute's values: `case`, `position`, `value` (text, never null or empty).

    Parameters
    ----------
    number
        Tells the attributes of one analysis apart.
    """
    return ibis.table({"case": "int64", "position": "int32", "value": "string"}, name=f"{_VALUES}_{number}")


def read_attribute(store: LogStore, name: str, *, number: int = 0) -> Given:
    """Read an attribute of instances, to be run beside the store; see `attribute_values`.

    Parameters
    ----------
    name
        With or without ``attr:``.
    number
        As for `attribute_values`.

    Raises
    ------
    UnknownAttributeError
        If the instances do not have it.
    """
    column = full_name(name)
    known = event_attributes(store)
    if column not in known:
        raise UnknownAttributeError(
            _("The activity instances of the log have no attribute “{name}”.").format(name=name),
            where=name,
            remedy=_("Use one of: {labels}.").format(labels=", ".join(known) or "–"),
        )
    read = pq.read_table(store.folder / "events.parquet", columns=["case", "position", column])
    values = read[column].cast(pa.string())
    held = pa.table({"case": read["case"], "position": read["position"], "value": values})
    return {f"{_VALUES}_{number}": held.filter(pc.greater(pc.utf8_length(held["value"]), 0))}
