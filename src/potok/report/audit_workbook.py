"""An audit as an Excel workbook: one sheet per table, findings first."""

from potok.core.language import gettext as _
from potok.report.audit import Audit
from potok.report.audit_tables import load_tables, times_tables
from potok.report.catalogue import basics, terms
from potok.report.catalogue.entry import count, duration, share, text
from potok.report.diagnosis.details import list_details
from potok.report.diagnosis.findings import NamedFinding, further_table
from potok.report.diagnosis.value_stream import value_stream_tables
from potok.report.finding_words import describe_finding, name_kind
from potok.report.tables import Table
from potok.report.tables.as_workbook import as_workbook


def audit_tables(audit: Audit) -> tuple[Table, ...]:
    """Return everything that an audit measured as tables, the findings first."""
    return (
        findings_table(audit),
        *_further_tables(audit),
        *value_stream_tables(audit),
        basics.counts_table(audit.counts, audit.zone),
        *times_tables(audit),
        *load_tables(audit.load, audit.zone),
        basics.activities_table(audit.graph, audit.zone),
        basics.directly_follows_table(audit.graph, audit.zone),
        basics.variants_table(audit.variants, audit.zone),
        basics.endpoints_table(audit.endpoints, audit.zone),
        basics.rework_table(audit.rework, audit.zone),
        *basics.hand_over_tables(audit.hand_overs, audit.zone),
        *_term_tables(audit),
        *(table for part in list_details(audit.diagnoses, audit.waits, zone=audit.zone) for table in part.tables),
    )


def _further_tables(audit: Audit) -> tuple[Table, ...]:
    found = tuple(NamedFinding(one.identifier, one.finding) for one in audit.further)
    return (further_table(found, zone=audit.zone),) if found else ()


def _term_tables(audit: Audit) -> tuple[Table, ...]:
    if audit.terms is None:
        return ()
    kept = terms.deadlines_table(audit.terms.compliance, audit.terms.calendar, audit.zone)
    return (kept, terms.worklist_table(audit.terms.worklist, audit.zone))


def findings_table(audit: Audit) -> Table:
    """Tabulate the findings, ranked as in the report."""
    columns = (
        text("id", _("Id")),
        text("kind", _("Kind")),
        text("where", _("Where")),
        count("cases", _("Cases")),
        duration("applicant_seconds", _("Applicants' time")),
        share("lead_time_share", _("Share of all lead time")),
    )
    rows = tuple(
        (
            audited.identifier,
            name_kind(audited.finding.kind),
            describe_finding(audited.finding, has_start_times=audit.graph.has_start_times),
            audited.finding.cases,
            audited.finding.applicant_seconds,
            audited.finding.lead_time_share,
        )
        for audited in audit.findings
    )
    notes = (_("Attributed time is not time saved. All cases of a finding: potok cases SOURCE --finding ID."),)
    return Table("findings", _("Findings"), columns, rows, audit.zone, notes)


def render_workbook(audit: Audit) -> bytes:
    """Return an audit as the bytes of an XLSX file."""
    return as_workbook(audit_tables(audit))
