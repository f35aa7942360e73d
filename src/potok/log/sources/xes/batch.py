"""Events gathered until there are enough to be written, and the Arrow table made of them.

Events of a log repeat a few *shapes*: the same attributes in the same order. The values of one shape go into one flat
list, from which a column is a slice; so an event costs no container of its own, and nothing is done per value.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from potok.log.sources.arrow_staging import ROW_COLUMN
from potok.log.sources.xes.names import TRACE_COLUMN

# Case columns repeat their values on each event; as dictionaries they are written once per trace.
CASE_TYPE: Final = pa.dictionary(pa.int32(), pa.string())


@dataclass(slots=True, eq=False)
class Shape:
    """The values of all events of a batch that have the same columns.

    Parameters
    ----------
    columns
        Distinct column names.
    values
        The values of one event after the other, in the order of `columns`.
    positions
        The position of each event in the batch, 0-based.
    """

    columns: tuple[str, ...]
    values: list[str | None] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Run:
    """Successive events of one trace; `trace` is its ordinal, None for events outside traces."""

    trace: int | None
    attributes: dict[str, str | None]
    events: int


class EventBatch:
    """Events in the order of the source."""

    def __init__(self) -> None:
        self.shapes: dict[tuple[str, ...], Shape] = {}
        self.runs: list[Run] = []
        self.first_row = 1
        self.events = 0
        self._events_in_runs = 0

    def shape(self, columns: tuple[str, ...]) -> Shape:
        """Return the shape of events with these columns."""
        shape = self.shapes.get(columns)
        if shape is None:
            shape = self.shapes[columns] = Shape(columns)
        return shape

    def add(self, shape: Shape, values: Iterable[str | None]) -> None:
        """Add the next event."""
        shape.values.extend(values)
        shape.positions.append(self.events)
        self.events += 1

    def end_run(self, trace: int | None, attributes: dict[str, str | None]) -> int:
        """Assign the events added since the last run to a trace, and return their number."""
        events = self.events - self._events_in_runs
        if events:
            self.runs.append(Run(trace, attributes, events))
            self._events_in_runs = self.events
        return events

    def clear(self) -> None:
        """Forget what was written; the next batch follows on."""
        self.first_row += self.events
        self.events = self._events_in_runs = 0
        self.runs = []
        for shape in self.shapes.values():
            shape.values.clear()
            shape.positions.clear()


def table_schema(event_columns: Sequence[str], case_columns: Sequence[str]) -> Any:
    """Return the schema of the staged table."""
    fields = [pa.field(ROW_COLUMN, pa.int64()), pa.field(TRACE_COLUMN, pa.int64())]
    fields += [pa.field(name, CASE_TYPE) for name in case_columns]
    fields += [pa.field(name, pa.string()) for name in event_columns]
    return pa.schema(fields)


def build_table(batch: EventBatch, *, event_columns: Sequence[str], case_columns: Sequence[str]) -> Any:
    """Return the batch as an Arrow table, one row per event."""
    run_of_event = np.repeat(np.arange(len(batch.runs)), [run.events for run in batch.runs])
    arrays = [
        pa.array(np.arange(batch.first_row, batch.first_row + batch.events, dtype=np.int64)),
        pa.array([run.trace for run in batch.runs], pa.int64()).take(pa.array(run_of_event)),
        *(_case_column(name, batch.runs, run_of_event) for name in case_columns),
        *_event_columns(batch, event_columns),
    ]
    return pa.Table.from_arrays(arrays, schema=table_schema(event_columns, case_columns))


def _case_column(name: str, runs: Sequence[Run], run_of_event: Any) -> Any:
    values = pa.array([run.attributes.get(name) for run in runs], pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(values.indices.take(pa.array(run_of_event)), values.dictionary)


def _event_columns(batch: EventBatch, names: Sequence[str]) -> list[Any]:
    sources: dict[str, list[tuple[Any, list[str | None]]]] = {name: [] for name in names}
    for shape in batch.shapes.values():
        if not shape.positions:
            continue
        positions = np.array(shape.positions)
        for index, name in enumerate(shape.columns):
            sources[name].append((positions, shape.values[index :: len(shape.columns)]))
    return [_event_column(sources[name], batch.events) for name in names]


def _event_column(sources: Sequence[tuple[Any, list[str | None]]], events: int) -> Any:
    if not sources:
        return pa.nulls(events, pa.string())
    if len(sources[0][1]) == events:
        return pa.array(sources[0][1], pa.string())
    column = np.full(events, None, dtype=object)
    for positions, values in sources:
        column[positions] = values
    return pa.array(column, pa.string())
