"""Terms of a regulation as tables."""

from potok.core.calendars import Calendar
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.regulations import Regulation, TermUnit
from potok.measure.deadlines import TermCompliance, compute_deadlines, compute_worklist
from potok.report.catalogue.entry import Entry, Request, count, duration, share, text
from potok.report.tables import Column, ColumnKind, Table
from potok.report.tables.model import rows_of


class CalendarNeededError(UsageError):
    """A measure of terms is asked for without a calendar."""

    code = "POTOK-R005"


def _rules(request: Request) -> tuple[Regulation, Calendar]:
    if request.regulation is None or request.calendar is None:
        raise CalendarNeededError(
            _("Terms need a calendar, and the regulation names none."),
            where="--calendar",
            remedy=_('Name one, such as --calendar ru, or write calendar = "ru" in the regulation.'),
        )
    return request.regulation, request.calendar


def deadlines(request: Request) -> Table:
    """Tabulate how the terms of a regulation are kept, by term and unit."""
    regulation, calendar = _rules(request)
    found = compute_deadlines(request.store, regulation, calendar, engine=request.engine)
    columns = (
        text("term", _("Term")),
        text("length", _("Length")),
        text("org_unit", _("Unit")),
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
    notes = (
        _("The share in time is over cases of which it is known: ended, or overdue."),
        _("The unit is that of the last logged instance of a case; it need not be the one that was late."),
        _("Days are those of {zone}, on the calendar “{name}”.").format(zone=calendar.zone, name=calendar.name),
    )
    return Table("deadlines", _("Terms"), columns, tuple(rows), request.zone, notes)


def _rows(term: TermCompliance, columns: tuple[Column, ...]) -> list[tuple[object, ...]]:
    length = _length(term.amount, term.unit)
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


def _length(amount: int, unit: TermUnit) -> str:
    match unit:
        case TermUnit.CALENDAR_DAYS:
            return _("{n} calendar d").format(n=amount)
        case TermUnit.WORKING_DAYS:
            return _("{n} working d").format(n=amount)
        case _:
            return _("{n} working h").format(n=amount)


def worklist(request: Request) -> Table:
    """Tabulate the open cases that have breached a term or are about to."""
    regulation, calendar = _rules(request)
    found = compute_worklist(request.store, regulation, calendar, engine=request.engine)
    columns = (
        text("case_id", _("Case")),
        text("term", _("Term")),
        text("org_unit", _("Unit")),
        Column("started_us", _("Term started"), ColumnKind.INSTANT),
        Column("due_us", _("Due"), ColumnKind.INSTANT),
        duration("remaining_seconds", _("Remaining")),
        Column("is_late", _("Overdue"), ColumnKind.FLAG),
    )
    notes = (_("Seen from the instant up to which the log reaches."),)
    return Table("worklist", _("Open cases by due date"), columns, rows_of(found, columns), request.zone, notes)


ENTRIES = (
    Entry("deadlines", deadlines, needs_regulation=True),
    Entry("worklist", worklist, needs_regulation=True),
)
