"""What an audit holds, and all of it that is measured; what is found takes the diagnoses, in `potok.report.audit`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any

from potok.core.calendars import Calendar
from potok.core.calendars.errors import YearNotCoveredError
from potok.core.finding import Finding
from potok.core.language import current_language
from potok.core.regulations import Regulation
from potok.engine.base import Engine
from potok.inference.survival import SurvivalCurve
from potok.log.store import LogStore
from potok.measure.activity_times import ActivityTimes, compute_activity_times
from potok.measure.case_durations import CaseDurations, compute_case_durations
from potok.measure.counts import LogCounts, compute_counts
from potok.measure.daily_flow import TooManyDaysError
from potok.measure.deadlines import OpenTerm, TermCompliance
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.evidence import CaseEvidence
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.lead_times import LeadTimes, compute_lead_times, compute_survival_curve
from potok.measure.littles_law import LittlesLaw, compute_littles_law
from potok.measure.load import WorkInProcess, compute_work_in_process
from potok.measure.open_ages import OpenAges, compute_open_ages
from potok.measure.rework import ActivityRework, compute_rework
from potok.measure.sampling import SurvivalRefusal
from potok.measure.value_stream import ValueStream
from potok.measure.variants import Variant, compute_variants
from potok.report.a3.head import DocumentHead

if TYPE_CHECKING:
    # Diagnoses load compilers and statistics, which a description of a log does not need.
    from potok.diagnose.further_findings import Diagnosis
    from potok.diagnose.late_start import LateStarts
    from potok.diagnose.waits import Waits


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
    """How the terms of a regulation are kept, which open cases are about to breach them, and which began late."""

    regulation: Regulation
    calendar: Calendar
    compliance: tuple[TermCompliance, ...]
    worklist: tuple[OpenTerm, ...]
    late_starts: "LateStarts | None" = None


@dataclass(frozen=True, slots=True)
class ClockedTimes:
    """Times on one clock.

    Parameters
    ----------
    durations
        Of cases; open ones by their age.
    curve
        Share of cases still open by the time since their opening, open cases taken into account; or why it cannot be
        told.
    activities
        Waiting, processing and sojourn of each activity.
    """

    durations: CaseDurations
    curve: SurvivalCurve | SurvivalRefusal
    activities: ActivityTimes


@dataclass(frozen=True, slots=True)
class AuditTimes:
    """How long cases and activities take.

    Parameters
    ----------
    lead_times
        Of closed cases and of all, open ones taken into account, on both clocks.
    calendar_time, working_time
        On either clock; working time only with a calendar that knows the years of the log.
    calendar
        On which working time runs; None if none was given, or one that is always open.
    """

    lead_times: LeadTimes
    calendar_time: ClockedTimes
    working_time: ClockedTimes | None = None
    calendar: Calendar | None = None

    @property
    def is_calendar_short(self) -> bool:
        """Whether a calendar was given that does not know every year of the log."""
        return self.calendar is not None and self.working_time is None


@dataclass(frozen=True, slots=True)
class AuditLoad:
    """How many cases are in process, whether Little's law holds, and how long the open ones have been open."""

    in_process: WorkInProcess
    law: LittlesLaw
    ages: OpenAges


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything a first audit says about a log; `audit_as_json` and `render_audit` show it.

    Parameters
    ----------
    opened_as
        How the log was named when it was opened, for the commands that a report proposes.
    manifest
        The store's manifest: source, mapping, guesses, quality.
    counts, graph, variants, endpoints, rework, hand_overs
        Results of the measures of those names.
    times
        How long cases and activities take.
    load
        Work in process; None if the log reaches over more than a hundred years, as a slip in a date makes it.
    findings
        Ranked by the time that applicants lose.
    further
        Findings that claim no time of the applicants' ledger, most time concerned first; without examples.
    diagnoses
        What those findings were read from.
    waits
        Causes of waiting and batches behind the ledger's findings; None where they were not added up.
    left_out
        Diagnoses that were not made because the log is long, nor are `waits`; ``potok waste`` makes them.
    terms
        Terms of the regulation; None if none was given.
    asked_with
        Options with which the audit was asked for, by name, for the commands that a report proposes.
    value_stream
        The current state of the value stream; None where it was not asked for.
    head
        Who and what the report is about, as people say it.
    """

    opened_as: str
    manifest: dict[str, Any]
    counts: LogCounts
    graph: DirectlyFollowsGraph
    variants: tuple[Variant, ...]
    endpoints: Endpoints
    rework: tuple[ActivityRework, ...]
    hand_overs: HandOvers
    times: AuditTimes
    load: AuditLoad | None
    findings: tuple[AuditFinding, ...]
    further: tuple[AuditFinding, ...] = ()
    diagnoses: "tuple[Diagnosis, ...]" = ()
    waits: "Waits | None" = None
    left_out: tuple[str, ...] = ()
    terms: AuditTerms | None = None
    asked_with: Mapping[str, str] = field(default_factory=dict)
    value_stream: ValueStream | None = None
    head: DocumentHead = field(default_factory=DocumentHead)

    @property
    def durations(self) -> CaseDurations:
        """How long cases take in calendar time."""
        return self.times.calendar_time.durations

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


def measure_log(
    store: LogStore, *, opened_as: str = "", calendar: Calendar | None = None, engine: Engine | None = None
) -> Audit:
    """Measure a log without looking for anything wrong; parameters are those of `build_audit`."""
    return Audit(
        opened_as=opened_as or store.folder.name,
        manifest=store.manifest,
        counts=compute_counts(store, engine=engine),
        graph=compute_directly_follows_graph(store, engine=engine),
        variants=compute_variants(store, engine=engine),
        endpoints=compute_endpoints(store, engine=engine),
        rework=compute_rework(store, engine=engine),
        hand_overs=compute_hand_overs(store, engine=engine),
        times=_audit_times(store, calendar, engine),
        load=_audit_load(store, engine),
        findings=(),
    )


def _audit_times(store: LogStore, calendar: Calendar | None, engine: Engine | None) -> AuditTimes:
    calendar_time = _clocked_times(store, None, engine)
    if calendar is None:
        return AuditTimes(compute_lead_times(store, engine=engine), calendar_time)
    try:
        working = _clocked_times(store, calendar, engine)
        lead_times = compute_lead_times(store, calendar=calendar, engine=engine)
    except YearNotCoveredError:
        # Terms need only the years in which they end, and say so themselves; other times go without.
        return AuditTimes(compute_lead_times(store, engine=engine), calendar_time, None, calendar)
    if working.durations == calendar_time.durations:
        # A calendar that is always open, as one for terms in calendar days is: nothing is to be told twice.
        return AuditTimes(replace(lead_times, working_time=None), calendar_time)
    return AuditTimes(lead_times, calendar_time, working, calendar)


def _clocked_times(store: LogStore, calendar: Calendar | None, engine: Engine | None) -> ClockedTimes:
    return ClockedTimes(
        durations=compute_case_durations(store, calendar=calendar, engine=engine),
        curve=compute_survival_curve(store, calendar=calendar, engine=engine),
        activities=compute_activity_times(store, calendar=calendar, engine=engine),
    )


def _audit_load(store: LogStore, engine: Engine | None) -> AuditLoad | None:
    try:
        in_process = compute_work_in_process(store, engine=engine)
    except TooManyDaysError:
        return None
    return AuditLoad(in_process, compute_littles_law(store, engine=engine), compute_open_ages(store, engine=engine))
