"""How terms are kept, and the open cases that are about to breach them."""

from dataclasses import dataclass
from typing import Final

from potok.core.language import gettext as _
from potok.core.regulations import TermUnit
from potok.measure.deadlines import OpenTerm, TermCompliance, UnitCompliance
from potok.report.catalogue.terms import deadline_notes, format_length
from potok.report.drawing.map_texts import no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_date, format_duration, format_instant, format_known, format_share
from potok.report.measured import Audit, AuditTerms
from potok.report.sections.commands import row_command
from potok.report.sections.table import Cell, Row, Table, figure_column, make_row, note_of_rest, text_column

SHOWN_UNITS: Final = 15
SHOWN_CASES: Final = 20


@dataclass(frozen=True, slots=True)
class TermsSection:
    """Terms of a regulation.

    Parameters
    ----------
    service, act
        What is regulated, and by which act.
    terms
        One row per term.
    units
        Per term with several units, one row per unit.
    worklist
        Open cases, the most urgent first; None if no case is overdue or about to be.
    notes
        What must be read with the figures.
    way
        What lists the cases that ended late in the term most often missed; empty without a term.
    """

    service: str
    act: str
    terms: Table
    units: tuple[Table, ...]
    worklist: Table | None
    notes: tuple[str, ...]
    way: str


def make_terms(audit: Audit) -> TermsSection | None:
    """Show the terms of an audit; None if it was made without a regulation."""
    if audit.terms is None:
        return None
    found = audit.terms
    return TermsSection(
        service=found.regulation.service,
        act=found.regulation.act,
        terms=_tabulate_terms(found),
        units=tuple(_tabulate_units(term) for term in found.compliance if len(term.units) > 1),
        worklist=_tabulate_worklist(found),
        notes=deadline_notes(found.calendar),
        way=_make_way(audit, found),
    )


def _make_way(audit: Audit, found: AuditTerms) -> str:
    """Return the command for the term that most cases ended late in."""
    worst = max(found.compliance, key=lambda term: term.late, default=None)
    if worst is None:
        return ""
    return row_command(audit, measure="deadlines", row={"term": worst.term, "org_unit": _("all")}, figure="late")


def _tabulate_terms(found: AuditTerms) -> Table:
    return Table(
        caption=_("How terms are kept"),
        columns=(
            text_column(_("Term")),
            text_column(_("Length")),
            figure_column(_("Cases with the term")),
            figure_column(_("Share in time")),
            figure_column(_("Ended in time")),
            figure_column(_("Ended late")),
            figure_column(_("Overdue")),
            figure_column(_("Open, in time")),
            figure_column(_("Median lateness")),
            figure_column(_("Late starts")),
        ),
        rows=tuple(map(_term_row, found.compliance)),
        note=_(
            "A start is late if more than half of the term had passed before anything was done. Overdue are open cases "
            "past the due date, and cases closed after it in which what ends the term never happened."
        ),
    )


def _term_row(term: TermCompliance) -> Row:
    return make_row(
        term.term if not term.article else f"{term.term} ({term.article})",
        format_length(term.amount, term.unit),
        format_count(term.cases),
        _share(term.in_time_share),
        format_count(term.in_time),
        format_count(term.late),
        format_count(term.open_late + term.unmet),
        format_count(term.open_in_time),
        format_known(term.median_lateness_seconds),
        format_count(term.late_starts),
    )


def _share(share: float | None) -> Cell:
    return Cell("–") if share is None else Cell(format_share(share), share)


def _tabulate_units(term: TermCompliance) -> Table:
    shown = term.units[:SHOWN_UNITS]
    return Table(
        caption=_("By department: {term}").format(term=term.term),
        columns=(
            text_column(_("Department")),
            figure_column(_("Cases")),
            figure_column(_("Share in time")),
            figure_column(_("Ended late")),
            figure_column(_("Overdue")),
            figure_column(_("About to breach")),
        ),
        rows=tuple(map(_unit_row, shown)),
        note=note_of_rest(shown, len(term.units)),
    )


def _unit_row(unit: UnitCompliance) -> Row:
    return make_row(
        _("unknown") if unit.org_unit is None else make_visible(unit.org_unit) or no_name(),
        format_count(unit.cases),
        _share(unit.in_time_share),
        format_count(unit.late),
        format_count(unit.open_late + unit.unmet),
        format_count(unit.about_to_breach),
    )


def _tabulate_worklist(found: AuditTerms) -> Table | None:
    listed = found.worklist
    if not listed:
        return None
    shown = listed[:SHOWN_CASES]
    units = {term.term: term.unit for term in found.compliance}
    return Table(
        caption=_("Open cases that are overdue or about to be"),
        columns=(
            text_column(_("Case")),
            text_column(_("Term")),
            text_column(_("Department")),
            figure_column(_("Last day")),
            figure_column(_("Remaining")),
        ),
        rows=tuple(_case_row(case, units[case.term], found.calendar.zone) for case in shown),
        note=note_of_rest(shown, len(listed)),
    )


def _case_row(case: OpenTerm, unit: TermUnit, zone: str) -> Row:
    left = case.remaining_seconds
    # A term in days is over at midnight, when its last day has passed.
    last_day = format_date(case.due_us - 1, zone=zone)
    return make_row(
        make_visible(case.case_id),
        case.term,
        _("unknown") if case.org_unit is None else make_visible(case.org_unit) or no_name(),
        format_instant(case.due_us, zone=zone) if unit is TermUnit.WORKING_HOURS else last_day,
        _("overdue by {time}").format(time=format_duration(-left)) if case.is_late else format_duration(left),
    )
