"""What may put an instance first: its activity, or an attribute of its case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from potok.discover.resource_calendars.work import Flags, Integers
from potok.log.store import LogStore
from potok.measure.case_groups import ATTRIBUTE_PREFIX, case_attributes

MOST_VALUES: Final = 30
# Limits of numbers that are tried: so many parts with equally many cases.
PARTS: Final = 10


class Comparison(StrEnum):
    """How a value is held against that of a rule."""

    EQUAL = "equal"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule says of an instance.

    Parameters
    ----------
    name
        ``activity``, or an attribute of cases as ``attr:NAME``.
    comparison, value
        The instance's value is equal to it, at least or at most it. For ``activity`` its code.
    """

    name: str
    comparison: Comparison
    value: str | float | int


@dataclass(frozen=True, slots=True)
class CaseAttributes:
    """Attributes of cases.

    Parameters
    ----------
    case
        (m,) int64: codes, ascending.
    values
        By name: (m,) values, numbers as float64 with nan where unknown, all others as text with "" where unknown.
    """

    case: Integers
    values: Mapping[str, npt.NDArray[Any]]

    def of(self, case: Integers) -> Mapping[str, npt.NDArray[Any]]:
        """Return the values of the case of each instance."""
        place = np.searchsorted(self.case, case)
        return {name: held[place] for name, held in self.values.items()}


NO_ATTRIBUTES: Final = CaseAttributes(np.zeros(0, np.int64), {})


def fetch_case_attributes(store: LogStore) -> CaseAttributes:
    """Fetch the attributes that never differ within a case; text that is a number throughout is taken for one."""
    import pyarrow.parquet as pq

    names = list(case_attributes(store))
    rows = pq.read_table(store.folder / "cases.parquet", columns=["case", *names])
    order = np.argsort(rows.column("case").to_numpy(), kind="stable")
    values = {name: _typed(rows.column(name).to_pylist())[order] for name in names}
    return CaseAttributes(rows.column("case").to_numpy()[order], values)


def _typed(values: list[Any]) -> npt.NDArray[Any]:
    texts = ["" if value is None else str(value) for value in values]
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return np.array(texts, dtype=str)


def conditions_of(name: str, values: npt.NDArray[Any]) -> Iterator[tuple[Condition, Flags]]:
    """Yield the conditions on an attribute that are worth trying, each with the instances that meet it."""
    if values.dtype.kind != "f":
        known = np.unique(values[values != ""])
        if len(known) <= MOST_VALUES:
            for value in known.tolist():
                yield Condition(name, Comparison.EQUAL, value), np.asarray(values == value)
        return
    known = np.unique(values[~np.isnan(values)])
    if len(known) <= PARTS:
        limits = known
        for value in known.tolist():
            yield Condition(name, Comparison.EQUAL, value), np.asarray(values == value)
    else:
        limits = np.unique(np.nanquantile(values, np.arange(1, PARTS) / PARTS))
    for limit in limits.tolist():
        yield Condition(name, Comparison.AT_LEAST, limit), np.asarray(values >= limit)
        yield Condition(name, Comparison.AT_MOST, limit), np.asarray(values <= limit)


def attribute_name(name: str) -> str:
    """Return an attribute's name as people know it."""
    return name.removeprefix(ATTRIBUTE_PREFIX)
