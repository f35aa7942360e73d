"""From the elements of events and traces to rows of a batch."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from potok.core.language import gettext as _
from potok.log.sources.base import ColumnLevel
from potok.log.sources.xes.batch import EventBatch
from potok.log.sources.xes.elements import Element, read_attributes
from potok.log.sources.xes.errors import ElementSizeError, MisplacedElementError
from potok.log.sources.xes.names import ColumnNames

VALUE_SEPARATOR: Final = "; "
MAX_CASE_VALUE_LETTERS: Final = 1 << 20
MAX_EMPTY_TRACE_NAMES: Final = 10

Row = dict[str, str | None]


class TraceCollector:
    """Turns traces and events into rows, and counts what the quality report shows.

    Attributes
    ----------
    traces, empty_traces, stray_events
        Numbers of trace elements, of those without events, and of events outside traces.
    """

    def __init__(self, *, names: ColumnNames) -> None:
        self.names = names
        self.batch = EventBatch()
        self.traces = 0
        self.empty_traces = 0
        self.stray_events = 0
        self.is_in_trace = False
        self._empty_trace_names: list[str] = []
        self._repeated: Counter[str] = Counter()
        self._attributes: Row = {}
        self._events_written = 0

    @property
    def events(self) -> int:
        """Number of events so far."""
        return self.batch.first_row - 1 + self.batch.events

    def open_trace(self) -> None:
        """Begin a trace."""
        self.stray_events += self.batch.end_run(None, {})
        self.is_in_trace = True
        self._attributes = {}
        self._events_written = 0

    def add_trace_attributes(self, elements: Iterable[Element]) -> None:
        """Add attributes of the open trace, of any form; they hold for all its events, wherever they stand in it.

        Raises
        ------
        MisplacedElementError
            If they come after events so many that some had to be written before.
        """
        self.add_trace_row(self._collect(elements, ColumnLevel.CASE))

    def add_trace_row(self, row: Row) -> None:
        """Add attributes of the open trace by the names of their columns."""
        if self._events_written and row:
            raise self._late_attribute(next(iter(row)))
        for column in row.keys() & self._attributes.keys():
            row[column] = self._merge(column, row[column])
        if any(map(_is_too_long, row.values())):
            raise self._long_value(row)
        self._attributes.update(row)

    def close_trace(self) -> None:
        """End the open trace."""
        if not self.batch.end_run(self.traces, self._attributes) and not self._events_written:
            self.empty_traces += 1
            if len(self._empty_trace_names) < MAX_EMPTY_TRACE_NAMES:
                self._empty_trace_names.append(self._attributes.get("case:concept:name") or "")
        self.traces += 1
        self.is_in_trace = False

    def add_event(self, elements: Iterable[Element]) -> None:
        """Add an event of any form."""
        row = self._collect(elements, ColumnLevel.EVENT)
        self.batch.add(self.batch.shape(tuple(row)), row.values())

    def end_batch(self) -> None:
        """Assign the last events, so that the batch can be written; an open trace goes on in the next."""
        if self.is_in_trace:
            self._events_written += self.batch.end_run(self.traces, self._attributes)
        else:
            self.stray_events += self.batch.end_run(None, {})

    def as_record(self) -> dict[str, Any]:
        """Return the counts and names as plain values."""
        return {
            "traces": self.traces,
            "events": self.events,
            "empty_traces": {"count": self.empty_traces, "names": self._empty_trace_names},
            "events_outside_traces": self.stray_events,
            "renamed_columns": self.names.renamed,
            "repeated_attributes": {column: count for column, count in self._repeated.items() if count},
            "types": self.names.types(),
        }

    def _collect(self, elements: Iterable[Element], level: ColumnLevel) -> Row:
        values: dict[str, list[str]] = {}
        plain: set[str] = set()
        for path, type_name, value in read_attributes(elements):
            column = self.names.name(path, level, type_name=type_name)
            texts = values.setdefault(column, [])
            if len(path) == 1:
                self._repeated[column] += column in plain
                plain.add(column)
            if value is not None:
                texts.append(value)
        return {column: _join(texts, is_list=column not in plain) for column, texts in values.items()}

    def _merge(self, column: str, value: str | None) -> str | None:
        self._repeated[column] += 1
        earlier = self._attributes[column]
        if earlier is None or value is None or earlier == value:
            return earlier if value is None else value
        return earlier + VALUE_SEPARATOR + value

    def _long_value(self, row: Row) -> ElementSizeError:
        # It is repeated on every event of the trace, so that little text in the file could become very much.
        column, value = max(row.items(), key=lambda item: len(item[1] or ""))
        return ElementSizeError(
            _("The attribute “{name}” of trace {trace} has {count} letters; at most {limit} can be read.").format(
                name=column, trace=self.traces + 1, count=len(value or ""), limit=MAX_CASE_VALUE_LETTERS
            ),
            remedy=_("Export the log without this attribute."),
        )

    def _late_attribute(self, column: str) -> MisplacedElementError:
        return MisplacedElementError(
            _("The attribute “{name}” of trace {trace} comes after {count} of its events, too late to be used.").format(
                name=column, trace=self.traces + 1, count=self._events_written
            ),
            remedy=_("Move the attributes of a trace before its events, as the standard asks."),
        )


def _is_too_long(value: str | None) -> bool:
    return value is not None and len(value) > MAX_CASE_VALUE_LETTERS


def _join(texts: list[str], *, is_list: bool) -> str | None:
    # Lists may say the same thing twice on purpose; an attribute repeated with the same value says it once.
    return VALUE_SEPARATOR.join(texts if is_list else dict.fromkeys(texts)) if texts else None
