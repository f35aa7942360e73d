"""Spans of a case between two of its instances, and the way from them to the cases."""

from typing import Final

import ibis

from potok.measure.case_durations import lead_times
from potok.measure.ledger import earlier, later
from potok.measure.passages import not_negative

_COLUMNS: Final = ("lost_us", "case", "case_id", "gap_us", "source_row", "next_source_row")


def cut_spans(spans: ibis.Table, cases: ibis.Table, *, extracted_us: int) -> ibis.Table:
    """Cut spans to the time in which their case was open.

    Parameters
    ----------
    spans
        With `case`, `from_us`, `to_us` (either may be null).

    Returns
    -------
    ibis.Table
        The columns of `spans` and `gap_us`: microseconds, 0 where nothing is left, null where an end is unknown.
    """
    bounds = lead_times(cases, extracted_us=extracted_us).select("case", "opened_us", "end_us")
    held = spans.inner_join(bounds, "case")
    cut = held.mutate(from_us=later(held.from_us, held.opened_us), to_us=earlier(held.to_us, held.end_us))
    return cut.mutate(gap_us=not_negative(cut.to_us - cut.from_us)).drop("opened_us", "end_us")


def arrival(events: ibis.Table) -> ibis.Value:
    """Return when the following instance shows first: its start or completion, whichever is earlier."""
    return earlier(
        ibis.coalesce(events.next_started_us, events.next_completed_us),
        ibis.coalesce(events.next_completed_us, events.next_started_us),
    )


def span_evidence(events: ibis.Table, cases: ibis.Table, spans: ibis.Table, *, limit: int | None) -> ibis.Table:
    """Return spans of the `limit` cases that lose most in them, as `potok.measure.evidence.gap_evidence` does.

    Parameters
    ----------
    spans
        With `case`, `from_position`, `to_position` (of the instances at their ends) and `gap_us`.
    """
    losses = spans.group_by("case").aggregate(lost_us=spans.gap_us.sum().fill_null(0).cast("int64"))
    if limit is not None:
        losses = losses.order_by(losses.lost_us.desc(), losses.case).limit(limit)
    left = events.select("case", "source_row", from_position="position")
    back = events.select("case", to_position="position", next_source_row="source_row")
    shown = spans.select("case", "from_position", "to_position", "gap_us").inner_join(losses, "case")
    shown = shown.inner_join(left, ["case", "from_position"]).inner_join(back, ["case", "to_position"])
    return shown.inner_join(cases.select("case", "case_id"), "case").select(*_COLUMNS)


def known_spans(spans: ibis.Table) -> ibis.Table:
    """Return the spans that take time as `potok.measure.intervals.union_lengths` takes them.

    Parameters
    ----------
    spans
        With `case`, `from_us`, `to_us`, `to_position`.
    """
    timed = spans.filter((spans.to_us > spans.from_us).fill_null(False))
    return timed.select("case", "from_us", "to_us", source_row=timed.to_position.cast("int64"))
