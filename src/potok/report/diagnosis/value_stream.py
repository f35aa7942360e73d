"""The value-stream map as tables of a workbook, and as JSON."""

from dataclasses import asdict
from typing import Any, Final

from potok.core.language import gettext as _
from potok.measure.value_stream import StepTime, StreamLead, StreamStep, ValueStream
from potok.report.catalogue.entry import count, duration, number, share, text
from potok.report.measured import Audit
from potok.report.sections.value_stream import StreamSection, make_value_stream, name_step, say_performers
from potok.report.sections.value_stream_problems import problems_at
from potok.report.tables import Column, Table

SCHEMA: Final = "potok.value_stream/1"


def value_stream_tables(audit: Audit) -> tuple[Table, ...]:
    """Return the sheets of the map: steps, figures, problems and symbols; none if the audit has no map.

    All times of the steps are means per closed case, unrounded, so that they add up to the last row.
    """
    stream, shown = audit.value_stream, make_value_stream(audit)
    if stream is None or shown is None:
        return ()
    return (
        _steps_table(stream, shown, audit.zone),
        _facts_table(shown, audit.zone),
        _problems_table(stream, shown, audit.zone),
        _legend_table(shown, audit.zone),
    )


def _steps_table(stream: ValueStream, shown: StreamSection, zone: str) -> Table:
    columns = (
        text("step", _("Step")),
        text("performers", _("Performers")),
        *_time_columns(),
        *_extreme_columns(_("calendar time")),
        *(_extreme_columns(_("working time"), prefix="working_") if stream.working_time else ()),
        duration("value_seconds", _("Value-creating time, mean")),
        count("cases", _("Closed cases")),
        share("case_share", _("Share of closed cases")),
        share("first_time_share", _("First time")),
        count("standing_cases", _("Open cases standing after it")),
        count("working_cases", _("Open cases being worked on in it")),
        text("problems", _("Problems")),
    )
    rows = [_step_row(stream, shown, place) for place in range(len(stream.steps))]
    rows += [_after_row(stream), _sum_row(stream, shown)]
    return Table(
        "value_stream", _("Value-stream map"), columns, tuple(rows), zone, (*_field_lines(shown), *shown.notes)
    )


def _time_columns() -> tuple[Column, ...]:
    return (
        duration("wait_seconds", _("Waiting before, mean")),
        duration("work_seconds", _("Work, mean")),
        duration("undivided_seconds", _("Not told apart, mean")),
        duration("lead_seconds", _("Lead time, mean")),
    )


def _extreme_columns(clock: str, *, prefix: str = "") -> tuple[Column, ...]:
    titles = {"min": _("Minimum"), "median": _("Median"), "max": _("Maximum")}
    return tuple(
        duration(f"{prefix}{name}_seconds", _("{title}, {clock}").format(title=title, clock=clock))
        for name, title in titles.items()
    )


def _step_row(stream: ValueStream, shown: StreamSection, place: int) -> tuple[Any, ...]:
    step, cases = stream.steps[place], max(1, stream.closed_cases)
    time = step.calendar_time
    return (
        f"{place + 1}. {name_step(step)}",
        " · ".join(say_performers(step)),
        *(part / cases for part in (time.wait_seconds, time.work_seconds, time.undivided_seconds, time.total_seconds)),
        *_extremes(time),
        *(_extremes(step.working_time) if step.working_time else ()),
        None if step.value_seconds is None or _is_unknown(stream) else step.value_seconds / cases,
        step.cases,
        step.case_share,
        step.first_time_share,
        step.standing_cases,
        step.working_cases,
        ", ".join(map(str, problems_at(shown.problems, place))),
    )


def _is_unknown(stream: ValueStream) -> bool:
    return stream.efficiency is None or stream.efficiency.cannot_tell


def _extremes(time: StepTime | StreamLead) -> tuple[float | None, float | None, float | None]:
    return (time.min_seconds, time.median_seconds, time.max_seconds)


def _after_row(stream: ValueStream) -> tuple[Any, ...]:
    after = stream.calendar_time.after_last_seconds / max(1, stream.closed_cases)
    unknown = (None,) * (6 if stream.working_time else 3)
    return (_("After the last step"), "", after, 0.0, 0.0, after, *unknown, *(None,) * 6, "")


def _sum_row(stream: ValueStream, shown: StreamSection) -> tuple[Any, ...]:
    lead, cases = stream.calendar_time, max(1, stream.closed_cases)
    times = [step.calendar_time for step in stream.steps]
    return (
        _("In all"),
        "",
        (sum(time.wait_seconds for time in times) + lead.after_last_seconds) / cases,
        sum(time.work_seconds for time in times) / cases,
        sum(time.undivided_seconds for time in times) / cases,
        lead.total_seconds / cases,
        *_extremes(lead),
        *(_extremes(stream.working_time) if stream.working_time else ()),
        None if _is_unknown(stream) or not stream.efficiency else stream.efficiency.value_seconds / cases,
        stream.closed_cases,
        None,
        stream.first_time_share,
        sum(step.standing_cases for step in stream.steps),
        sum(step.working_cases for step in stream.steps),
        ", ".join(map(str, problems_at(shown.problems, None))),
    )


def _field_lines(shown: StreamSection) -> tuple[str, ...]:
    return tuple(f"{name}: {value or '____________________'}" for name, value in shown.fields)


def _facts_table(shown: StreamSection, zone: str) -> Table:
    columns = (
        text("indicator", _("Indicator")),
        text("value", _("Value")),
        number("number", _("As a number")),
        text("unit", _("Unit")),
        text("note", _("Note")),
    )
    rows = tuple((fact.title, fact.value, fact.number, fact.unit, fact.note) for fact in shown.facts)
    return Table("value_stream_figures", _("Figures of the value stream"), columns, rows, zone, _field_lines(shown))


def _problems_table(stream: ValueStream, shown: StreamSection, zone: str) -> Table:
    columns = (
        count("number", _("Number")),
        text("problem", _("Problem")),
        text("step", _("Step")),
        text("kind", _("Kind")),
        count("cases", _("Cases")),
        duration("applicant_seconds", _("Applicants' time")),
        share("lead_time_share", _("Share of all lead time")),
        text("id", _("Id")),
    )
    rows = tuple(
        (
            problem.number,
            problem.title,
            _("the flow as a whole") if problem.step is None else name_step(stream.steps[problem.step]),
            problem.kind,
            problem.audited.finding.cases,
            problem.audited.finding.applicant_seconds,
            problem.audited.finding.lead_time_share,
            problem.audited.identifier,
        )
        for problem in shown.problems
    )
    notes = (_("Attributed time is not time saved. All cases of a finding: potok cases SOURCE --finding ID."),)
    return Table("value_stream_problems", _("Problems of the value stream"), columns, rows, zone, notes)


def _legend_table(shown: StreamSection, zone: str) -> Table:
    columns = (text("symbol", _("Symbol")), text("meaning", _("Meaning")))
    return Table("value_stream_symbols", _("Symbols"), columns, shown.legend, zone)


def value_stream_as_json(stream: ValueStream) -> dict[str, Any]:
    """Return a map as a record of plain JSON values: durations in seconds, summed over closed cases; shares 0–1."""
    return {
        "schema": SCHEMA,
        "closed_cases": stream.closed_cases,
        "open_cases": stream.open_cases,
        "is_divided": stream.is_divided,
        "reasons": list(stream.reasons),
        "calendar_time": asdict(stream.calendar_time),
        "working_time": asdict(stream.working_time) if stream.working_time else None,
        "steps": [_step_record(step) for step in stream.steps],
        "efficiency": _efficiency_record(stream),
        "takt": asdict(stream.takt) if stream.takt else None,
        "first_time_share": stream.first_time_share,
    }


def _step_record(step: StreamStep) -> dict[str, Any]:
    record = asdict(step)
    return record | {
        "kind": step.kind.value,
        "activities": list(step.activities),
        "units": list(step.units),
        "first_time_share": step.first_time_share,
    }


def _efficiency_record(stream: ValueStream) -> dict[str, Any] | None:
    if stream.efficiency is None:
        return None
    return asdict(stream.efficiency) | {"activities": list(stream.efficiency.activities)}
