"""The figures of a whole value stream: lead time, value, efficiency, takt, stock."""

from dataclasses import dataclass
from datetime import timedelta

from potok.core.language import gettext as _
from potok.measure.value_stream import StreamLead, StreamStep, ValueStream
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_day, format_decimal, format_duration, format_share
from potok.report.measured import Audit
from potok.report.sections.value_stream_times import TimeUnit, format_part, format_range, hours

UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class StreamFact:
    """A figure: what, how much, and a word about it.

    Parameters
    ----------
    value
        As it is read.
    number, unit
        The same as a number, for a workbook; None where it is a range or cannot be told.
    """

    title: str
    value: str
    note: str
    number: float | None = None
    unit: str = ""


def say_value(stream: ValueStream, step: StreamStep | None, unit: TimeUnit) -> str:
    """Say how much time adds value, as a mean per closed case: in a step, or in all; a question mark if unknown."""
    seconds = _value_seconds(stream, step)
    if seconds is None or not stream.closed_cases:
        return UNKNOWN
    return format_part(round(seconds / stream.closed_cases / unit.seconds, 2))


def _value_seconds(stream: ValueStream, step: StreamStep | None) -> float | None:
    found = stream.efficiency
    if found is None or found.cannot_tell:
        return None
    return found.value_seconds if step is None else step.value_seconds


def say_efficiency(stream: ValueStream) -> str:
    """Say the flow efficiency; bounds where it cannot be told."""
    found = stream.efficiency
    if found is None or found.lower_share is None or found.upper_share is None:
        return UNKNOWN
    if found.share is not None:
        return format_share(found.share)
    return f"{format_share(found.lower_share)}–{format_share(found.upper_share)}"


def make_facts(audit: Audit, stream: ValueStream, unit: TimeUnit, *, total: float) -> tuple[StreamFact, ...]:
    """Return the figures of the whole flow; the mean lead time equals the sum of the ladder."""
    return (
        StreamFact(
            _("Lead time (LT), mean"), f"{format_part(total)} {unit.name}", _("the sum of the ladder"), total, unit.name
        ),
        _lead_fact(_("LT: minimum – median – maximum"), stream.calendar_time, unit, _("closed cases, calendar time")),
        *_working_facts(stream),
        _value_fact(stream, unit),
        _efficiency_fact(stream),
        _takt_fact(stream),
        *_stock_facts(audit, stream),
        _first_time_fact(stream),
    )


def _lead_fact(title: str, lead: StreamLead, unit: TimeUnit, note: str) -> StreamFact:
    ends = (lead.min_seconds, lead.median_seconds, lead.max_seconds)
    median = None if lead.median_seconds is None else lead.median_seconds / unit.seconds
    return StreamFact(title, f"{format_range(ends, unit)} {unit.name}", note, median, unit.name)


def _working_facts(stream: ValueStream) -> tuple[StreamFact, ...]:
    if stream.working_time is None:
        return ()
    note = _("closed cases, working time")
    return (_lead_fact(_("LT in working time: minimum – median – maximum"), stream.working_time, hours(), note),)


def _value_fact(stream: ValueStream, unit: TimeUnit) -> StreamFact:
    title = _("Value-creating time (VT), mean")
    text = say_value(stream, None, unit)
    if text != UNKNOWN:
        seconds = _value_seconds(stream, None) or 0.0
        number = round(seconds / stream.closed_cases / unit.seconds, 2)
        return StreamFact(title, f"{text} {unit.name}", _name_declared(stream), number, unit.name)
    return StreamFact(title, _("cannot tell"), _name_declared(stream))


def _name_declared(stream: ValueStream) -> str:
    if stream.efficiency is None:
        return _("nobody has declared which steps add value")
    return _("declared to add value: {names}").format(names=", ".join(map(make_visible, stream.efficiency.activities)))


def _efficiency_fact(stream: ValueStream) -> StreamFact:
    title = _("Flow efficiency (VT / LT)")
    found = stream.efficiency
    if found is None:
        bound = _upper_bound(stream)
        note = (
            "" if bound is None else _("no more than {share}, the share of all work").format(share=format_share(bound))
        )
        return StreamFact(title, _("cannot tell"), note)
    if found.share is None:
        return StreamFact(title, _("cannot tell"), _("between {bounds}").format(bounds=say_efficiency(stream)))
    return StreamFact(title, say_efficiency(stream), "", found.share * 100, "%")


def _upper_bound(stream: ValueStream) -> float | None:
    whole = stream.calendar_time.total_seconds
    return stream.work_seconds / whole if stream.is_divided and whole else None


def _takt_fact(stream: ValueStream) -> StreamFact:
    title = _("Takt time")
    takt = stream.takt
    if takt is None:
        return StreamFact(title, _("cannot tell"), _("the log does not show all demand"))
    clock = _("working time") if takt.is_working_time else _("calendar time, no calendar was given")
    note = _("available time by {cases} cases opened; {clock}").format(cases=format_count(takt.arrivals), clock=clock)
    return StreamFact(title, format_duration(takt.seconds), note, takt.seconds / 3600, hours().name)


def _stock_facts(audit: Audit, stream: ValueStream) -> tuple[StreamFact, ...]:
    counted = StreamFact(
        _("Stock, counted"),
        format_count(stream.open_cases),
        _("open cases at the extraction of the log"),
        float(stream.open_cases),
        _("cases"),
    )
    law = audit.load.law if audit.load else None
    if law is None or law.expected_cases is None or law.mean_cases is None or law.period is None:
        return (
            counted,
            StreamFact(_("Stock by Little’s law"), _("cannot tell"), _("no period of the log is long enough")),
        )
    note = _("{mean} were open on average from {first} to {last}").format(
        mean=format_decimal(law.mean_cases),
        first=format_day(law.period.from_on),
        last=format_day(law.period.until_on - timedelta(days=1)),
    )
    return (
        counted,
        StreamFact(
            _("Stock by Little’s law"), format_decimal(law.expected_cases), note, law.expected_cases, _("cases")
        ),
    )


def _first_time_fact(stream: ValueStream) -> StreamFact:
    title = _("First time through")
    if stream.first_time_share is None:
        return StreamFact(title, _("cannot tell"), "")
    note = _("closed cases in which no step is done twice")
    return StreamFact(title, format_share(stream.first_time_share), note, stream.first_time_share * 100, "%")
