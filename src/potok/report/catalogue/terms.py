"""Terms of a regulation as tables."""

from collections.abc import Sequence
from typing import Final

from potok.core.calendars import Calendar
from potok.core.language import gettext as _
from potok.core.regulations import TermUnit
from potok.measure.deadlines import OpenTerm, TermCompliance, compute_deadlines, compute_worklist
from potok.report.catalogue.clock import require_calendar
from potok.report.catalogue.entry import Clock, Entry, Request, count, duration, share, text
from potok.report.catalogue.need import Need
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of


def deadlines_table(found: Sequence[TermCompliance], calendar: Calendar, zone: str) -> Table:
    """Tabulate how the terms of a regulation are kept, by term and unit."""
    columns = (
        text("term", _("Term")),
        text("length", _("Length")),
        text("org_unit", _("Department")),
        count("cases", _("Cases with the term")),
        share("term_share", _("Share with the term")),
        count("in_time", _("Ended in time")),
        count("late", _("Ended late")),
        count("unmet", _("Closed without it, overdue")),
        count("lapsed", _("Closed without it before it was due")),
        count("open_late", _("Open, overdue")),
        count("open_in_time", _("Open, in time")),
        count("standing", _("Clock stands")),
        count("about_to_breach", _("About to breach")),
        share("in_time_share", _("Share in time")),
        share("matured_share", _("Share in time, due before the extraction")),
        count("late_starts", _("Late starts")),
        share("late_start_share", _("Share of late starts")),
        duration("median_lateness_seconds", _("Median lateness")),
        duration("p90_lateness_seconds", _("P90 of the lateness")),
    )
    rows = [row for term in found for row in _rows(term, columns)]
    return Table("deadlines", _("Terms"), columns, tuple(rows), zone, deadline_notes(calendar))


def deadline_notes(calendar: Calendar) -> tuple[str, ...]:
    """Say over which cases shares are, whose unit is meant, and whose days are counted."""
    return (
        _("The share in time is over cases of which it is known: ended, or overdue."),
        _("The department is that of the last logged activity of a case; it need not be the one that was late."),
        _("Days are those of {zone}, on the calendar “{name}”.").format(zone=calendar.zone, name=calendar.name),
    )


def _rows(term: TermCompliance, columns: tuple[Column, ...]) -> list[tuple[object, ...]]:
    length = format_length(term.amount, term.unit)
    whole = {column.name: getattr(term, column.name, None) for column in columns} | {
        "length": length,
        "org_unit": _("all"),
    }
    parts = [
        {column.name: getattr(unit, column.name, None) for column in columns}
        | {"term": term.term, "length": length, "org_unit": unit.org_unit or _("unknown")}
        for unit in term.units
    ]
    return [tuple(row[column.name] for column in columns) for row in (whole, *parts)]


def format_length(amount: int, unit: TermUnit) -> str:
    """Write how long a term is."""
    match unit:
        case TermUnit.CALENDAR_DAYS:
            return _("{n} calendar d").format(n=amount)
        case TermUnit.WORKING_DAYS:
            return _("{n} working d").format(n=amount)
        case _:
            return _("{n} working h").format(n=amount)


def worklist_table(found: Sequence[OpenTerm], zone: str) -> Table:
    """Tabulate the open cases that have breached a term or are about to."""
    columns = (
        text("case_id", _("Case")),
        text("term", _("Term")),
        text("org_unit", _("Department")),
        Column("started_us", _("Term started"), ColumnKind.INSTANT),
        Column("due_us", _("Due"), ColumnKind.INSTANT),
        duration("remaining_seconds", _("Remaining")),
        Column("is_late", _("Overdue"), ColumnKind.FLAG),
    )
    notes = (_("Seen from the instant up to which the log reaches."),)
    return Table("worklist", _("Open cases by due date"), columns, rows_of(found, columns), zone, notes)


def _deadlines(request: Request) -> Table:
    calendar = require_calendar(request.calendar)
    found = compute_deadlines(request.store, request.rules, calendar, engine=request.engine)
    return deadlines_table(found, calendar, request.zone)


def _worklist(request: Request) -> Table:
    calendar = require_calendar(request.calendar)
    return worklist_table(compute_worklist(request.store, request.rules, calendar, engine=request.engine), request.zone)


ENTRIES: Final = (
    Entry("deadlines", _deadlines, needs=(Need.REGULATION,), clock=Clock.ONE_CALENDAR),
    Entry("worklist", _worklist, needs=(Need.REGULATION,), clock=Clock.ONE_CALENDAR),
)
