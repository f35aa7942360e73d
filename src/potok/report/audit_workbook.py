"""An audit as an Excel workbook: one sheet per table, findings first, origin and definitions last."""

from dataclasses import replace

from potok.core.language import gettext as _
from potok.report.audit_origin import definitions_table, source_table
from potok.report.audit_tables import load_tables, times_tables
from potok.report.catalogue import basics, terms
from potok.report.diagnosis.details import list_details
from potok.report.diagnosis.findings import NamedFinding, further_table, ledger_table
from potok.report.diagnosis.value_stream import value_stream_tables
from potok.report.measured import Audit
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
        source_table(audit),
        definitions_table(audit),
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
    found = tuple(NamedFinding(one.identifier, one.finding) for one in audit.findings)
    table = ledger_table(found, has_start_times=audit.graph.has_start_times, zone=audit.zone)
    listed = _("All cases of a finding: potok cases SOURCE --finding ID.")
    return replace(table, name="findings", title=_("Findings"), notes=(*table.notes, listed))


def render_workbook(audit: Audit) -> bytes:
    """Return an audit as the bytes of an XLSX file."""
    return as_workbook(audit_tables(audit))
