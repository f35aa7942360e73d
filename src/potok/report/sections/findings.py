"""What was found: where applicants lose most time, and the way to the cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.core.finding import Confidence, Finding, FindingKind
from potok.core.language import gettext as _
from potok.report.drawing.map_texts import count_cases, count_times
from potok.report.drawing.svg import make_visible
from potok.report.finding_words import describe_change, describe_finding, name_confidence, name_kind, name_waste
from potok.report.formats import format_count, format_duration, format_hours, format_share
from potok.report.measured import Audit, AuditFinding
from potok.report.sections.commands import cases_command
from potok.report.sections.details import detail_links
from potok.report.sections.table import Cell, Row, Table, figure_column, make_row, text_column

SHOWN_FINDINGS: Final = 10


@dataclass(frozen=True, slots=True)
class FindingCard:
    """One finding as it is shown.

    Parameters
    ----------
    anchor
        Its id in the document and on the command line.
    title
        Where, in words.
    kind, waste
        What it is, and which waste of the standard.
    hours, share_text, share, extent
        Time lost, as a share of all lead time, and in how many cases how often.
    staff
        Time that staff worked in it; empty where the log cannot tell. Never to be added to the applicants' time.
    rests_on
        On what it rests, where that is more than counting.
    tried
        What could be tried; empty if nothing is suggested.
    examples
        The worst cases, with the rows of the source that show them.
    command
        What lists all cases.
    details
        Anchor of the tables behind it; empty without any.
    """

    anchor: str
    title: str
    kind: str
    waste: str
    hours: str
    share_text: str
    share: float
    extent: str
    staff: str
    rests_on: str
    tried: str
    examples: Table
    command: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class FindingsSection:
    """Findings, ranked, with what the figures mean; those after the first few as a table (None without any).

    `further` are those beyond the applicants' ledger (None without any), with what must be read with them.
    """

    notes: tuple[str, ...]
    cards: tuple[FindingCard, ...]
    others: Table | None
    further: Table | None
    further_notes: tuple[str, ...]
    command: str


def make_findings(audit: Audit) -> FindingsSection:
    """Show the findings of an audit."""
    shown, others = audit.findings[:SHOWN_FINDINGS], audit.findings[SHOWN_FINDINGS:]
    links = detail_links(audit)
    return FindingsSection(
        notes=_make_notes(audit),
        cards=tuple(_make_card(audit, finding, links) for finding in shown),
        others=_tabulate(audit, others) if others else None,
        further=_tabulate_further(audit, links) if audit.further else None,
        further_notes=_make_further_notes(audit),
        command=_command(audit, "ID"),
    )


def _make_notes(audit: Audit) -> tuple[str, ...]:
    notes = [
        _(
            "Hours are calendar hours that cases spent in the place named. They are not hours that could be saved: "
            "part of them is needed work, and what a change would save has to be simulated or tried."
        ),
        _("Each moment of a case counts in one finding at most, so the hours may be added up."),
    ]
    if audit.terms:
        notes.append(
            _(
                "Time beyond a term counts there, nights and days off included, and no more at the place where the "
                "case lay. Where a case is beyond several terms, the time counts at the first of them."
            )
        )
    if not audit.graph.has_start_times:
        notes.append(
            _(
                "The log does not say when work began, only when it ended. The time before an activity is therefore "
                "waiting and work together."
            )
        )
    return tuple(notes)


def _make_card(audit: Audit, audited: AuditFinding, links: Mapping[str, str]) -> FindingCard:
    finding = audited.finding
    return FindingCard(
        anchor=audited.identifier,
        title=_title(audit, finding),
        kind=name_kind(finding.kind),
        waste=_("kind of waste: {waste}").format(waste=name_waste(finding.waste)),
        hours=format_hours(finding.applicant_seconds),
        share_text=_("{share} of the time all cases were open").format(share=format_share(finding.lead_time_share)),
        share=finding.lead_time_share,
        extent=_say_extent(finding),
        staff=_say_staff(finding),
        rests_on=_say_ground(finding),
        tried=_say_tried(finding),
        examples=_make_examples(audit, audited),
        command=_command(audit, audited.identifier),
        details=links.get(audited.identifier, ""),
    )


def _say_extent(finding: Finding) -> str:
    if finding.kind is FindingKind.LATE:
        return _("{cases}; {mean} per case on average").format(
            cases=count_cases(finding.cases), mean=format_duration(finding.applicant_seconds / finding.cases)
        )
    return _("{cases}, {times}; {mean} per case on average").format(
        cases=count_cases(finding.cases),
        times=count_times(finding.occurrences),
        mean=format_duration(finding.applicant_seconds / finding.cases),
    )


def _say_staff(finding: Finding) -> str:
    if finding.staff_seconds is None:
        return ""
    return _("Apart from that, staff worked {hours} in it.").format(hours=format_hours(finding.staff_seconds))


def _say_ground(finding: Finding) -> str:
    if finding.confidence is Confidence.COUNTED:
        return ""
    return name_confidence(finding.confidence)


def _say_tried(finding: Finding) -> str:
    if not finding.changes:
        return ""
    changes = "; ".join(describe_change(change) for change in finding.changes)
    return _("Could be tried: {changes}. What it would bring has to be simulated or tried.").format(changes=changes)


def _make_further_notes(audit: Audit) -> tuple[str, ...]:
    notes = [
        _(
            "These findings concern time that may overlap with that above and among themselves: it must not be added "
            "up, and claims nothing of the applicants' time."
        )
    ]
    if audit.left_out:
        notes.append(
            _(
                "The log is long: delays that nobody's absence explains, steps to examine, changes of the process and "
                "differences between channels, services, agencies or departments were not looked for, and causes of "
                "waiting not added up by activity and performer. potok waste does, and takes longer."
            )
        )
    assumed = dict.fromkeys(audited.finding.assumption for audited in audit.further if audited.finding.assumption)
    return (*notes, *(_(text) for text in assumed))


def _tabulate_further(audit: Audit, links: Mapping[str, str]) -> Table:
    return Table(
        caption=_("What else looks wrong, by the time concerned"),
        columns=(
            text_column(_("Finding")),
            text_column(_("Kind")),
            figure_column(_("Hours concerned")),
            figure_column(_("Cases")),
            text_column(_("Rests on")),
            text_column(_("What could be tried")),
            text_column("ID"),
        ),
        rows=tuple(_make_further_line(audit, audited, links) for audited in audit.further),
    )


def _make_further_line(audit: Audit, audited: AuditFinding, links: Mapping[str, str]) -> Row:
    finding = audited.finding
    affected = finding.affected_seconds
    return make_row(
        Cell(_title(audit, finding), leads_to=links.get(audited.identifier, "")),
        name_kind(finding.kind),
        "–" if affected is None else format_hours(affected),
        format_count(finding.cases),
        name_confidence(finding.confidence),
        "; ".join(describe_change(change) for change in finding.changes) or "–",
        audited.identifier,
        anchor=audited.identifier,
    )


def _tabulate(audit: Audit, findings: Sequence[AuditFinding]) -> Table:
    return Table(
        caption=_("Further places, by the time spent there"),
        columns=(
            text_column(_("Place")),
            text_column(_("Kind")),
            figure_column(_("Hours")),
            figure_column(_("Share")),
            figure_column(_("Cases")),
            text_column("ID"),
        ),
        rows=tuple(_make_line(audit, finding) for finding in findings),
    )


def _make_line(audit: Audit, audited: AuditFinding) -> Row:
    finding = audited.finding
    return make_row(
        _title(audit, finding),
        name_kind(finding.kind),
        format_hours(finding.applicant_seconds),
        format_share(finding.lead_time_share),
        format_count(finding.cases),
        audited.identifier,
        anchor=audited.identifier,
    )


def _title(audit: Audit, finding: Finding) -> str:
    title = describe_finding(finding, has_start_times=audit.graph.has_start_times)
    return title[:1].upper() + title[1:]


def _command(audit: Audit, identifier: str) -> str:
    return cases_command(audit, finding=identifier)


def _make_examples(audit: Audit, audited: AuditFinding) -> Table:
    files = audit.manifest["source"]["files"]
    return Table(
        caption=_("Cases that lose most time here"),
        columns=(text_column(_("Case")), figure_column(_("Time")), text_column(_("Rows of the source"))),
        rows=tuple(_make_example(case.case_id, case.seconds, case.source_rows, files) for case in audited.examples),
    )


def _make_example(case_id: str, seconds: float, source_rows: tuple[int, int], files: list[dict[str, Any]]) -> Row:
    rows = ", ".join(locate_row(row, files) for row in source_rows)
    return make_row(make_visible(case_id), format_duration(seconds), rows)


def locate_row(source_row: int, files: list[dict[str, Any]]) -> str:
    """Say where a source row stands: its number, and the file if there are several."""
    if len(files) < 2:
        return format_count(source_row)
    file = next((file for file in reversed(files) if file["first_row"] <= source_row), files[0])
    return f"{file['name']}: {format_count(source_row - file['first_row'] + 1)}"
