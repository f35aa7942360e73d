"""From tokens of XML to events and traces.

A *segment* is what lies between the start tag of one trace or event and that of the next. The tokens of nearly every
event form a regular pattern: start, end, start, end …, and the event's own end. Slices of it give keys and values, so
that the work per attribute is done in C. Whatever does not fit (nested attributes, lists, repeated keys, attributes
after events) is read as a tree of elements.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, Final

from potok.core.language import gettext as _
from potok.log.sources.base import ColumnLevel
from potok.log.sources.xes.batch import Shape
from potok.log.sources.xes.elements import Element, Token, attribute_type
from potok.log.sources.xes.errors import ElementSizeError, MisplacedElementError
from potok.log.sources.xes.facts import LogFacts
from potok.log.sources.xes.traces import TraceCollector

MAX_DEPTH: Final = 100
MAX_PATTERNS: Final = 1_000

# Names of elements, then "key", the key and "value" for each attribute.
Signature = tuple[str, ...]

_flatten: Final = chain.from_iterable


class SegmentReader:
    """Reads segments as they end.

    Parameters
    ----------
    collector, facts
        Take events and traces, and the elements of the log itself.
    between_traces
        Called when a trace begins, before it does.

    Attributes
    ----------
    tokens
        Of the current segment; the parser appends to it.
    """

    def __init__(self, collector: TraceCollector, *, facts: LogFacts, between_traces: Callable[[], None]) -> None:
        self.tokens: list[Token] = []
        self._collector = collector
        self._facts = facts
        self._between_traces = between_traces
        self._event_patterns: dict[Signature, Shape] = {}
        self._trace_patterns: dict[Signature, tuple[str, ...]] = {}
        self._is_in_event = False
        self._event_tag = self._trace_tag = ""

    def name_tags(self, *, event: str, trace: str) -> None:
        """Say how the tags of events and traces are written in this file, with the prefix of their namespace."""
        self._event_tag, self._trace_tag = event, trace

    def open_event(self) -> None:
        """End the current segment and begin that of an event."""
        if not (self._take_plain_event() if self._is_in_event else self._take_plain_trace()):
            self._take_segment()
        self.tokens.clear()
        self._is_in_event = True

    def open_trace(self) -> None:
        """End the current segment and begin that of a trace."""
        self.end_segment()
        if self._collector.is_in_trace:
            raise _misplaced(_("A trace begins inside another trace."))
        self._between_traces()
        self._collector.open_trace()

    def end_segment(self) -> None:
        """End the current segment."""
        tokens = self.tokens
        if self._is_in_event and tokens and tokens[-1] == self._trace_tag:
            tokens.pop()
            if self._take_plain_event():
                self._is_in_event = False
                self._collector.close_trace()
                tokens.clear()
                return
            tokens.append(self._trace_tag)
        self._take_segment()
        tokens.clear()

    def forget_patterns(self) -> None:
        """Keep the number of patterns known bounded; call it when the batch is empty."""
        shapes = self._collector.batch.shapes
        if max(len(self._event_patterns), len(self._trace_patterns), len(shapes)) > MAX_PATTERNS:
            self._event_patterns.clear()
            self._trace_patterns.clear()
            shapes.clear()

    def _take_plain_event(self) -> bool:
        tokens = self.tokens
        if not tokens or tokens[-1] != self._event_tag:
            return False
        split = _split_plain(tokens[:-1:2], tokens[1::2])
        if split is None:
            return False
        signature, values = split
        try:
            shape = self._event_patterns.get(signature)
        except TypeError:  # an end that is a list is the start of a nested attribute
            return False
        if shape is None:
            columns = self._columns(signature, ColumnLevel.EVENT)
            if columns is None:
                return False
            shape = self._event_patterns[signature] = self._collector.batch.shape(columns)
        self._collector.batch.add(shape, values)
        return True

    def _take_plain_trace(self) -> bool:
        split = _split_plain(self.tokens[::2], self.tokens[1::2])
        if split is None or not self._collector.is_in_trace:
            return False
        signature, values = split
        try:
            columns = self._trace_patterns.get(signature)
        except TypeError:
            return False
        if columns is None:
            columns = self._columns(signature, ColumnLevel.CASE)
            if columns is None:
                return False
            self._trace_patterns[signature] = columns
        self._collector.add_trace_row(dict(zip(columns, values, strict=True)))
        return True

    def _columns(self, signature: Signature, level: ColumnLevel) -> tuple[str, ...] | None:
        count = len(signature) // 4
        type_names, attributes = signature[:count], signature[count:]
        keys = attributes[1::3]
        if attributes[::3] != ("key",) * count or attributes[2::3] != ("value",) * count or len(set(keys)) < count:
            return None
        names = self._collector.names
        return tuple(
            names.name((key,), level, type_name=attribute_type(name))
            for name, key in zip(type_names, keys, strict=True)
        )

    def _take_segment(self) -> None:
        content: list[Element] = []
        path: list[Element] = []
        for token in self.tokens:
            if isinstance(token, list):
                element = Element(token)
                (path[-1].children if path else content).append(element)
                path.append(element)
                if len(path) > MAX_DEPTH:
                    raise _too_deep()
            elif path:
                path.pop().name = token
            else:
                self._close(token, content)
                content = []
        if path or self._is_in_event:
            raise _misplaced(_("An event or a trace begins inside another element than a trace or the log."))
        self._take_content(content)

    def _close(self, tag: str, content: Iterable[Element]) -> None:
        if self._is_in_event:
            self._is_in_event = False
            self._collector.add_event(content)
            return
        self._take_content(content)
        if tag == self._trace_tag:
            self._collector.close_trace()

    def _take_content(self, content: Iterable[Element]) -> None:
        if self._collector.is_in_trace:
            self._collector.add_trace_attributes(content)
        else:
            self._facts.take(content)


def _split_plain(starts: list[Any], ends: list[Any]) -> tuple[Signature, list[str]] | None:
    """Return signature and values of attributes, if each has two XML attributes."""
    flat = list(_flatten(starts))
    values = flat[3::4]
    del flat[3::4]
    return ((*ends, *flat), values) if len(flat) == 3 * len(ends) else None


def _misplaced(message: str) -> MisplacedElementError:
    return MisplacedElementError(
        message,
        remedy=_(
            "In XES the log holds traces and a trace holds events. "
            "If this is an object-centric log (OCEL), name it .xmlocel."
        ),
    )


def _too_deep() -> ElementSizeError:
    return ElementSizeError(
        _("Attributes are nested more than {limit} deep.").format(limit=MAX_DEPTH),
        remedy=_("No event log needs this; check where the file comes from."),
    )
