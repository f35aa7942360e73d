"""The first audit of a log: its quality, what is measured, what is found."""

from dataclasses import dataclass
from html import escape
from typing import Any, Final

from potok.core.calendars import Calendar
from potok.core.finding import Finding
from potok.core.language import current_language
from potok.core.regulations import Regulation
from potok.diagnose.first_findings import find_first
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.case_durations import CaseDurations, compute_case_durations
from potok.measure.counts import LogCounts, compute_counts
from potok.measure.deadlines import OpenTerm, TermCompliance, compute_deadlines, compute_worklist
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.evidence import CaseEvidence, list_cases
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.rework import ActivityRework, compute_rework
from potok.measure.variants import Variant, compute_variants
from potok.report.catalogue.clock import require_calendar

EXAMPLES_PER_FINDING: Final = 5
FINDINGS_WITH_EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """A finding with its id and the worst of its cases.

    Parameters
    ----------
    identifier
        Stays the same when the same log is analysed again; ``potok cases STORE --finding ID`` lists all cases.
    finding
        What was found.
    examples
        The cases with most time lost in it, longest first, with the source rows that show it; empty but for the
        first `FINDINGS_WITH_EXAMPLES`, as each costs a pass over the log.
    """

    identifier: str
    finding: Finding
    examples: tuple[CaseEvidence, ...]


@dataclass(frozen=True, slots=True)
class AuditTerms:
    """How the terms of a regulation are kept, and which open cases are about to breach them."""

    regulation: Regulation
    calendar: Calendar
    compliance: tuple[TermCompliance, ...]
    worklist: tuple[OpenTerm, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything a first audit says about a log; `audit_as_json` and `render_audit` show it.

    Parameters
    ----------
    opened_as
        How the log was named when it was opened, for the commands that a report proposes.
    manifest
        The store's manifest: source, mapping, guesses, quality.
    counts, graph, variants, endpoints, durations, rework, hand_overs
        Results of the measures of those names.
    findings
        Ranked by the time that applicants lose.
    terms
        Terms of the regulation; None if none was given.
    """

    opened_as: str
    manifest: dict[str, Any]
    counts: LogCounts
    graph: DirectlyFollowsGraph
    variants: tuple[Variant, ...]
    endpoints: Endpoints
    durations: CaseDurations
    rework: tuple[ActivityRework, ...]
    hand_overs: HandOvers
    findings: tuple[AuditFinding, ...]
    terms: AuditTerms | None = None

    @property
    def zone(self) -> str:
        """The log's time zone (IANA name)."""
        return str(self.manifest["zone"])

    def as_html(self) -> str:
        """Return the audit as one self-contained HTML document in the current language."""
        from potok.report.html import render_audit

        return render_audit(self, language=current_language())

    def as_record(self) -> dict[str, Any]:
        """Return the audit as plain JSON values, by the schema ``potok.audit/1``."""
        from potok.report.audit_json import audit_as_json

        return audit_as_json(self)

    def _repr_html_(self) -> str:
        # A frame keeps the report's styles and the notebook's apart; a sandbox without rights runs nothing.
        frame = f'srcdoc="{escape(self.as_html())}" sandbox style="width:100%;height:50rem;border:0"'
        return f"<iframe {frame}></iframe>"


def build_audit(
    store: LogStore,
    *,
    opened_as: str = "",
    regulation: Regulation | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> Audit:
    """Measure a log and look for first findings.

    Parameters
    ----------
    store
        A finished log store.
    opened_as
        File or folder that the user named; the store's folder if nothing is given.
    regulation, calendar
        Terms to be checked, and the calendar on which they run; without a regulation none are.
    engine
        Where the analyses run; DuckDB by default.

    Raises
    ------
    CalendarNeededError
        If there is a regulation but no calendar.
    """
    return Audit(
        opened_as=opened_as or store.folder.name,
        manifest=store.manifest,
        counts=compute_counts(store, engine=engine),
        graph=compute_directly_follows_graph(store, engine=engine),
        variants=compute_variants(store, engine=engine),
        endpoints=compute_endpoints(store, engine=engine),
        durations=compute_case_durations(store, engine=engine),
        rework=compute_rework(store, engine=engine),
        hand_overs=compute_hand_overs(store, engine=engine),
        findings=_audit_findings(store, engine),
        terms=_audit_terms(store, regulation, calendar, engine) if regulation else None,
    )


def _audit_terms(
    store: LogStore, regulation: Regulation, calendar: Calendar | None, engine: Engine | None
) -> AuditTerms:
    days = require_calendar(calendar)
    return AuditTerms(
        regulation=regulation,
        calendar=days,
        compliance=compute_deadlines(store, regulation, days, engine=engine),
        worklist=compute_worklist(store, regulation, days, engine=engine),
    )


def _audit_findings(store: LogStore, engine: Engine | None) -> tuple[AuditFinding, ...]:
    return tuple(
        AuditFinding(
            identifier=finding.identifier(store.content_sha256),
            finding=finding,
            examples=_list_examples(store, finding, engine) if rank < FINDINGS_WITH_EXAMPLES else (),
        )
        for rank, finding in enumerate(find_first(store, engine=engine))
    )


def _list_examples(store: LogStore, finding: Finding, engine: Engine | None) -> tuple[CaseEvidence, ...]:
    return list_cases(store, finding.where, finding.kind, limit=EXAMPLES_PER_FINDING, engine=engine)
