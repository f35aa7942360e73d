"""What was found: where applicants lose most time, and the way to the cases."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.core.language import gettext as _
from potok.report.audit import Audit, AuditFinding
from potok.report.drawing.map_texts import count_cases, count_times, no_name
from potok.report.drawing.svg import make_visible
from potok.report.formats import format_count, format_duration, format_hours, format_share
from potok.report.sections.commands import cases_command
from potok.report.sections.table import Row, Table, figure_column, make_row, text_column

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
    examples
        The worst cases, with the rows of the source that show them.
    command
        What lists all cases.
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
    examples: Table
    command: str


@dataclass(frozen=True, slots=True)
class FindingsSection:
    """Findings, ranked, with what the figures mean; those after the first few as a table (None without any)."""

    notes: tuple[str, ...]
    cards: tuple[FindingCard, ...]
    others: Table | None
    command: str


def make_findings(audit: Audit) -> FindingsSection:
    """Show the findings of an audit."""
    shown, others = audit.findings[:SHOWN_FINDINGS], audit.findings[SHOWN_FINDINGS:]
    return FindingsSection(
        notes=_make_notes(audit),
        cards=tuple(_make_card(audit, finding) for finding in shown),
        others=_tabulate(audit, others) if others else None,
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


def describe_finding(finding: Finding, *, has_start_times: bool) -> str:
    """Say in words what was found and where, without a full stop."""
    return _sentence(finding.kind, finding.where, has_start_times=has_start_times).format(**_names(finding.where))


def _names(place: Place) -> dict[str, str]:
    named = {field.name: _name(getattr(place, field.name)) for field in fields(place)}
    # An activity, a rule or a group may carry the finding: the first that is named stands for all.
    subject = place.rule or place.group or place.activity or place.org_unit
    ends = {"from_holder": _name(place.org_unit or place.resource)}
    ends["to_holder"] = _name(place.next_org_unit or place.next_resource)
    return {**named, **ends, "subject": _name(subject), "since": place.since}


def _sentence(kind: FindingKind, place: Place, *, has_start_times: bool) -> str:
    if kind is FindingKind.LONG_WAIT and not has_start_times:
        return _("between “{activity}” and “{next_activity}”")
    if kind is FindingKind.APPROVAL and place.next_activity:
        return _("approvals “{activity}” and “{next_activity}” run one after the other")
    return {
        FindingKind.LONG_WAIT: _("waiting between “{activity}” and “{next_activity}”"),
        FindingKind.BATCHING: _("“{activity}” waits until a batch is full"),
        FindingKind.CONTENTION: _("“{activity}” waits while those who do it work on what came before"),
        FindingKind.PRIORITISATION: _("“{activity}” waits while what came later is done first"),
        FindingKind.UNAVAILABILITY: _("“{activity}” waits while those who do it are off duty"),
        FindingKind.REWORK: _("before “{activity}” is done again"),
        FindingKind.HAND_OVER: _("when “{org_unit}” hands over to “{next_org_unit}”"),
        FindingKind.LATE: _("beyond the term “{term}”"),
        FindingKind.EXTRANEOUS_DELAY: _("“{activity}” is delayed although someone was free to do it"),
        FindingKind.RETURN_LOOP: _("from “{activity}” back to “{next_activity}”"),
        FindingKind.PING_PONG: _("back and forth between “{from_holder}” and “{to_holder}”"),
        FindingKind.SILO: _("waits are longer when “{from_holder}” passes to “{to_holder}” than inside"),
        FindingKind.APPROVAL: _("approval “{activity}” seldom alters anything"),
        FindingKind.DEVIATION: _("against the rule “{subject}”"),
        FindingKind.REPEATED_REQUEST: _("asked for again: “{subject}”"),
        FindingKind.SUPERFLUOUS: _("“{activity}”: to be examined whether it is needed"),
        FindingKind.DRIFT: _("the process changed on {since}"),
        FindingKind.DIFFERENCE: _("“{subject}” differs from the others"),
        FindingKind.AUTOMATION: _("“{activity}” could be done by a machine"),
        FindingKind.SINGLE_ENTRY: _("“{subject}” is entered more than once"),
        FindingKind.BATCH_REGISTRATION: _("“{activity}” is registered for many cases at once"),
        FindingKind.LATE_START: _("“{subject}” begins too late to be in time"),
        FindingKind.GROWING_QUEUE: _("the queue before “{activity}” grows"),
    }[kind]


def name_kind(kind: FindingKind) -> str:
    """Name a kind of finding."""
    return {
        FindingKind.LONG_WAIT: _("Long wait"),
        FindingKind.BATCHING: _("Collected into batches"),
        FindingKind.CONTENTION: _("Queue for people"),
        FindingKind.PRIORITISATION: _("Others go first"),
        FindingKind.UNAVAILABILITY: _("Off duty"),
        FindingKind.REWORK: _("Rework"),
        FindingKind.HAND_OVER: _("Hand-over"),
        FindingKind.LATE: _("Late"),
        FindingKind.EXTRANEOUS_DELAY: _("Extraneous delay"),
        FindingKind.RETURN_LOOP: _("Return"),
        FindingKind.PING_PONG: _("Ping-pong"),
        FindingKind.SILO: _("Silo"),
        FindingKind.APPROVAL: _("Approval"),
        FindingKind.DEVIATION: _("Deviation from the rules"),
        FindingKind.REPEATED_REQUEST: _("Repeated request"),
        FindingKind.SUPERFLUOUS: _("Step to examine"),
        FindingKind.DRIFT: _("Change of the process"),
        FindingKind.DIFFERENCE: _("Difference"),
        FindingKind.AUTOMATION: _("Work for a machine"),
        FindingKind.SINGLE_ENTRY: _("Entered again"),
        FindingKind.BATCH_REGISTRATION: _("Registered in heaps"),
        FindingKind.LATE_START: _("Late start"),
        FindingKind.GROWING_QUEUE: _("Growing queue"),
    }[kind]


def name_waste(waste: Waste) -> str:
    """Name a waste as GOST R 56908 does."""
    return {
        Waste.OVERPRODUCTION: _("overproduction"),
        Waste.INVENTORY: _("excess work in process"),
        Waste.TRANSPORT: _("transport"),
        Waste.WAITING: _("waiting"),
        Waste.OVERPROCESSING: _("overprocessing"),
        Waste.MOTION: _("motion"),
        Waste.DEFECTS: _("defects"),
        Waste.TALENT: _("unused talent"),
    }[waste]


def _name(label: str) -> str:
    return make_visible(label) or no_name()


def _make_card(audit: Audit, audited: AuditFinding) -> FindingCard:
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
        examples=_make_examples(audit, audited),
        command=_command(audit, audited.identifier),
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
