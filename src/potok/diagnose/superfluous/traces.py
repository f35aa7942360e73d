"""The instances of a log's cases in flat arrays, for questions about what comes after what.

Every case is framed by marks: `START` before its first instance and, after its last one, `END` if it is closed or
`OPEN` if it is not. So whatever happens has something before it and something after it, and a step that comes first or
last is a step like any other. Of a large log every k-th case is taken, in the order of opening.
"""

from dataclasses import dataclass
from typing import Final

import ibis
import numpy as np
from numpy.typing import NDArray

from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.running import fetch, run

START: Final = -1
END: Final = -2
OPEN: Final = -3
MARKS: Final = 3
MOST_CASES: Final = 200_000

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Traces:
    """Cases as sequences of activities between marks.

    Parameters
    ----------
    case
        Shape (c,): code of each case in the store, ascending.
    opened_us, closed_us
        Shape (c,): instants; `closed_us` is the extraction where a case is open.
    is_closed
        Shape (c,).
    activity
        Shape (n,): codes of activities and marks, case by case.
    owner
        Shape (n,): index of the case.
    org_unit
        Shape (n,): code of the unit, −1 where unknown and for marks.
    at_us
        Shape (n,): when an instance was completed (else started); opening and closing for marks.
    position
        Shape (n,): position of the instance in its case; −1 for marks.
    is_again
        Shape (n,): whether the same activity occurred earlier in the case; never for marks.
    extracted_us
        Up to when the log reaches.
    every
        Each so-many-th case of the log was taken.
    """

    case: Codes
    opened_us: Codes
    closed_us: Codes
    is_closed: Flags
    activity: Codes
    owner: Codes
    org_unit: Codes
    at_us: Codes
    position: Codes
    is_again: Flags
    extracted_us: int
    every: int

    def with_activities(self, activity: Codes) -> "Traces":
        """Return the traces with other codes of activities, such as those of approval levels."""
        return Traces(
            self.case,
            self.opened_us,
            self.closed_us,
            self.is_closed,
            activity,
            self.owner,
            self.org_unit,
            self.at_us,
            self.position,
            _repeats(activity, self.owner),
            self.extracted_us,
            self.every,
        )


def narrow_instances(events: ibis.Table, *, every: int) -> ibis.Table:
    """Return one row per instance of each `every`-th case: `case`, `position`, `activity`, `org_unit`, `at_us`."""
    chosen = events.filter(events.case % every == 0)
    return chosen.select(
        "case",
        "position",
        "activity",
        "org_unit",
        at_us=ibis.coalesce(chosen.completed_us, chosen.started_us, chosen.enabled_us).cast("int64"),
    )


def narrow_cases(cases: ibis.Table, *, every: int) -> ibis.Table:
    """Return one row per chosen case: `case`, `opened_us`, `closed_us` (null while open)."""
    return cases.filter(cases.case % every == 0).select("case", "opened_us", "closed_us")


def case_count(cases: ibis.Table) -> ibis.Table:
    """Return one row: `cases`."""
    return cases.aggregate(cases=cases.count().cast("int64"))


def fetch_traces(store: LogStore, *, engine: Engine | None = None, most_cases: int = MOST_CASES) -> Traces:
    """Fetch the traces of a log; of one with more than `most_cases` cases, of every k-th case."""
    ((cases,),) = run(case_count(CASES), store, engine)
    every = max(1, -(-int(cases) // most_cases))
    held = fetch(narrow_cases(CASES, every=every), store, engine)
    rows = fetch(narrow_instances(EVENTS, every=every), store, engine)
    columns = {name: _numbers(held, name) for name in ("case", "opened_us", "closed_us")}
    order = np.argsort(columns["case"])
    case, opened, closed = (columns[name][order] for name in ("case", "opened_us", "closed_us"))
    instances = {name: _numbers(rows, name) for name in ("case", "position", "activity", "org_unit", "at_us")}
    sequence = np.lexsort((instances["position"], instances["case"]))
    return _frame(
        case, opened, closed, {name: values[sequence] for name, values in instances.items()}, store.extracted_us, every
    )


def _numbers(table: "ibis.Table", name: str) -> Codes:
    """Return a column as int64; −1 stands for what is unknown."""
    column = table.column(name)
    return np.asarray(column.fill_null(-1).to_numpy(), np.int64)


def _frame(
    case: Codes, opened: Codes, closed: Codes, instances: dict[str, Codes], extracted_us: int, every: int
) -> Traces:
    is_closed = closed != -1
    closed = np.where(is_closed, closed, extracted_us)
    owner = np.searchsorted(case, instances["case"])
    cases, rows = len(case), len(owner)
    place = np.arange(rows) + 2 * owner + 1
    lengths = np.bincount(owner, minlength=cases)
    first = np.concatenate([[0], np.cumsum(lengths + 2)])[:-1].astype(np.int64)
    last = first + lengths + 1

    def framed(values: Codes, at_start: Codes | int, at_end: Codes | int) -> Codes:
        whole = np.empty(rows + 2 * cases, np.int64)
        whole[place], whole[first], whole[last] = values, at_start, at_end
        return whole

    activity = framed(instances["activity"], START, np.where(is_closed, END, OPEN))
    index = np.arange(cases)
    owners = framed(owner, index, index)
    return Traces(
        case,
        opened,
        closed,
        is_closed,
        activity,
        owners,
        framed(instances["org_unit"], -1, -1),
        framed(instances["at_us"], opened, closed),
        framed(instances["position"], -1, -1),
        _repeats(activity, owners),
        extracted_us,
        every,
    )


def _repeats(activity: Codes, owner: Codes) -> Flags:
    is_again = np.zeros(len(activity), bool)
    order = np.lexsort((activity, owner))  # stable: equal ones stay in the order of the trace
    same = (activity[order][1:] == activity[order][:-1]) & (owner[order][1:] == owner[order][:-1])
    is_again[order[1:][same]] = True
    return is_again & (activity >= 0)
