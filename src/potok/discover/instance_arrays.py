"""Activity instances as plain columns, for sweeps that no engine can express as a join of linear size."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import ibis
import numpy as np

from potok.discover.resource_calendars.work import NOBODY, UNKNOWN, Codes, Flags, Integers
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.running import fetch, run

ROWS_AT_ONCE: Final = 2_500_000
"""Instances held in memory at once; a case is never parted."""

_CODES: Final = ("activity", "resource", "org_unit")
_COLUMNS: Final = ("case", "position", "activity", "resource", "org_unit", "enabled_us", "started_us", "completed_us")
_INSTANTS: Final = ("enabled_us", "started_us", "completed_us")


@dataclass(frozen=True, slots=True)
class Instances:
    """Activity instances of whole cases, by case and position.

    Parameters
    ----------
    case
        (n,) int64: codes of the log store.
    position
        (n,) int32.
    activity, resource, org_unit
        (n,) int32: codes; `NOBODY` where unknown.
    enabled_us, started_us, completed_us
        (n,) int64: microseconds UTC as the log gives them; `UNKNOWN` where it does not.
    """

    case: Integers
    position: Codes
    activity: Codes
    resource: Codes
    org_unit: Codes
    enabled_us: Integers
    started_us: Integers
    completed_us: Integers

    def __len__(self) -> int:
        return len(self.case)

    @property
    def is_first(self) -> Flags:
        """(n,) bool: whether an instance is the first of its case."""
        return np.asarray(np.diff(self.case, prepend=-1) != 0) if len(self) else np.zeros(0, bool)

    @property
    def is_worked(self) -> Flags:
        """(n,) bool: whether an instance has a resource, a start and a completion no earlier than it."""
        is_known = (self.resource >= 0) & (self.started_us != UNKNOWN) & (self.completed_us != UNKNOWN)
        return np.asarray(is_known & (self.started_us <= self.completed_us))

    def take(self, rows: Any) -> Self:
        """Return some instances."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True, slots=True)
class CaseBounds:
    """When cases open and end, by code.

    Parameters
    ----------
    case
        (m,) int64, ascending.
    opened_us, end_us
        (m,) int64: opening (`UNKNOWN` if it is), and closing or, while the case is open, extraction.
    """

    case: Integers
    opened_us: Integers
    end_us: Integers

    def of(self, case: Integers) -> tuple[Integers, Integers]:
        """Return opening and end of the case of each instance."""
        if not len(self.case):
            return np.full(len(case), UNKNOWN), np.full(len(case), UNKNOWN)
        place = np.minimum(np.searchsorted(self.case, case), len(self.case) - 1)
        return self.opened_us[place], self.end_us[place]


def instance_columns(events: ibis.Table) -> ibis.Table:
    """Return one row per instance with the columns of `Instances`, unknown ones filled."""
    return events.select(
        "case",
        "position",
        **{name: events[name].fill_null(NOBODY).cast("int32") for name in _CODES},
        **{name: events[name].fill_null(UNKNOWN).cast("int64") for name in _INSTANTS},
    )


def case_bounds(cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Return one row per case with the columns of `CaseBounds`, unknown ones filled."""
    return cases.select(
        "case",
        opened_us=cases.opened_us.fill_null(UNKNOWN).cast("int64"),
        end_us=cases.closed_us.fill_null(extracted_us).cast("int64"),
    )


def fetch_case_bounds(store: LogStore, *, engine: Engine | None = None) -> CaseBounds:
    """Fetch when cases open and end: one narrow row per case."""
    rows = fetch(case_bounds(CASES, extracted_us=store.extracted_us), store, engine)
    case, opened, end = (_as_numpy(rows.column(name)) for name in ("case", "opened_us", "end_us"))
    order = np.argsort(case, kind="stable")
    return CaseBounds(case[order], opened[order], end[order])


def fetch_instances(
    store: LogStore, *, engine: Engine | None = None, at_once: int = ROWS_AT_ONCE
) -> Iterator[Instances]:
    """Fetch the instances of a log, in parts of whole cases of about `at_once` rows; at least one part, maybe empty."""
    for first, last in _case_ranges(store, engine, at_once):
        held = EVENTS if first is None else EVENTS.filter(EVENTS.case >= first, EVENTS.case < last)
        yield read_instances(fetch(instance_columns(held), store, engine))


def join_instances(parts: list[Instances]) -> Instances:
    """Return the parts of a log as one."""
    if len(parts) == 1:
        return parts[0]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    return Instances(**joined)


def read_instances(rows: Any) -> Instances:
    """Return fetched rows (a `pyarrow.Table` with the columns of `Instances`) as instances, in order."""
    columns = {name: _as_numpy(rows.column(name)) for name in _COLUMNS}
    case, position = columns["case"], columns["position"]
    # A store is written in this order, and a scan keeps it; a cluster of machines need not.
    is_ordered = bool(np.all((case[1:] > case[:-1]) | ((case[1:] == case[:-1]) & (position[1:] > position[:-1]))))
    if not is_ordered:
        order = np.lexsort((position, case))
        columns = {name: column[order] for name, column in columns.items()}
    return Instances(**columns)


def _as_numpy(column: Any) -> Any:
    """Return a column of integers without nulls, in memory of its own."""
    # Not its to_numpy(), which loads pandas where that is installed, at the cost of a million instances.
    kind = np.dtype(str(column.type))
    parts = [
        np.frombuffer(chunk.buffers()[1], kind, count=len(chunk), offset=chunk.offset * kind.itemsize)
        for chunk in column.chunks
        if len(chunk)
    ]
    return np.concatenate([np.zeros(0, kind), *parts])


def _case_ranges(store: LogStore, engine: Engine | None, at_once: int) -> list[tuple[int | None, int | None]]:
    counted = EVENTS.aggregate(rows=EVENTS.count().cast("int64"))
    ((instances,),) = run(counted, store, engine)
    if instances <= at_once:
        return [(None, None)]
    sizes = fetch(CASES.select("case", "n_events"), store, engine)
    case, n_events = (_as_numpy(sizes.column(name)) for name in ("case", "n_events"))
    order = np.argsort(case, kind="stable")
    part = (np.cumsum(n_events[order]) - 1) // at_once
    begins = case[order][np.flatnonzero(np.diff(part, prepend=-1))].tolist()
    return list(zip(begins, [*begins[1:], int(case.max()) + 1], strict=True))
