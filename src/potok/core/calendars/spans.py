"""Working hours of a day: spans of minutes on the local clock."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from potok.core.calendars.errors import BrokenCalendarError, OverlappingSpansError
from potok.core.language import gettext as _

MINUTES_A_DAY: Final = 1440

Span = tuple[int, int]
"""First minute of the local day and the minute after the last: ``0 ≤ start < end ≤ 1440``."""

Spans = tuple[Span, ...]


def check_spans(spans: Iterable[Span], where: str) -> Spans:
    """Return spans in order, those that touch joined.

    Raises
    ------
    BrokenCalendarError
        If a span is empty, runs backwards or leaves the day.
    OverlappingSpansError
        If two overlap.
    """
    ordered = sorted(spans)
    for start, end in ordered:
        if not 0 <= start < end <= MINUTES_A_DAY:
            raise BrokenCalendarError(
                _("Working hours {span} do not lie within one day.").format(span=write_span((start, end))),
                where=where,
                remedy=_("Hours run from 00:00 to 24:00 at most; split work over midnight between the two days."),
            )
    for first, second in pairwise(ordered):
        if second[0] < first[1]:
            raise OverlappingSpansError(
                _("Working hours {first} and {second} overlap.").format(
                    first=write_span(first), second=write_span(second)
                ),
                where=where,
                remedy=_("Let each span begin no earlier than the one before it ends."),
            )
    return _joined(ordered)


def _joined(ordered: list[Span]) -> Spans:
    joined: list[Span] = []
    for start, end in ordered:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def shorten(spans: Spans, minutes: int) -> Spans:
    """Take minutes off the end of a day's working hours; a break between spans does not count."""
    kept: list[Span] = []
    left = minutes
    for start, end in reversed(spans):
        taken = min(left, end - start)
        left -= taken
        if end - taken > start:
            kept.append((start, end - taken))
    return tuple(reversed(kept))


def minutes_of(spans: Spans) -> int:
    """Return the working minutes of a day."""
    return sum(end - start for start, end in spans)


def write_span(span: Span) -> str:
    """Write a span as ``09:00-13:00``."""
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)
