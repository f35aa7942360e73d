"""The first audit of a log: its quality, what is measured, what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any, Final

from potok.core.calendars import Calendar, CalendarSet
from potok.core.calendars.errors import YearNotCoveredError
from potok.core.finding import Finding
from potok.core.language import current_language
from potok.core.regulations import Regulation
from potok.diagnose.caused_gaps import derive_gap_causes
from potok.diagnose.declared import Declared, check_declared
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import find_first, identify
from potok.diagnose.further_findings import (
    MOST_INSTANCES,
    SLOW,
    Diagnosis,
    diagnose,
    identify_further,
    rank,
    stand_on,
)
from potok.diagnose.late_start import LateStarts, compute_late_starts
from potok.diagnose.late_time import LateTime, find_late_time
from potok.diagnose.waits import Waits, compute_waits
from potok.engine.base import Engine, GivenTable
from potok.inference.survival import SurvivalCurve
from potok.log.store import LogStore
from potok.measure.activity_times import ActivityTimes, compute_activity_times
from potok.measure.case_durations import CaseDurations, compute_case_durations
from potok.measure.counts import LogCounts, compute_counts
from potok.measure.daily_flow import TooManyDaysError
from potok.measure.deadlines import (
    OpenTerm,
    TermCompliance,
    count_compliance,
    judge_terms,
    list_open_terms,
)
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.evidence import CaseEvidence
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.lead_times import LeadTimes, compute_lead_times, compute_survival_curve
from potok.measure.littles_law import LittlesLaw, compute_littles_law
from potok.measure.load import WorkInProcess, compute_work_in_process
from potok.measure.open_ages import OpenAges, compute_open_ages
from potok.measure.rework import ActivityRework, compute_rework
from potok.measure.running import unit_labels
from potok.measure.sampling import SurvivalRefusal
from potok.measure.value_stream import ValueStream, compute_value_stream
from potok.measure.variants import Variant, compute_variants
from potok.report.a3.head import DocumentHead
from potok.report.catalogue.clock import find_calendars, require_calendar

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
    """How the terms of a regulation are kept, which open cases are about to breach them, and which began late."""

    regulation: Regulation
    calendar: Calendar
    compliance: tuple[TermCompliance, ...]
    worklist: tuple[OpenTerm, ...]
    late_starts: LateStarts | None = None


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
class Described:
    """What people say of a process and no log knows.

    Parameters
    ----------
    value_adding
        Labels of the activities that add value.
    head
        Title block of the documents.
    declared
        What findings rest on besides the log.
    """

    value_adding: tuple[str, ...] = ()
    head: DocumentHead = field(default_factory=DocumentHead)
    declared: Declared = field(default_factory=Declared)


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
    diagnoses: tuple[Diagnosis, ...] = ()
    waits: Waits | None = None
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


def build_audit(
    store: LogStore,
    *,
    opened_as: str = "",
    asked_with: Mapping[str, str] | None = None,
    regulation: Regulation | None = None,
    calendar: Calendar | None = None,
    described: Described | None = None,
    engine: Engine | None = None,
) -> Audit:
    """Measure a log and look for what is wrong with the process.

    Parameters
    ----------
    store
        A finished log store.
    opened_as
        File or folder that the user named; the store's folder if nothing is given.
    asked_with
        Options that the user gave beside it, by name, such as ``{"--calendar": "ru"}``.
    regulation, calendar
        Terms to be checked, and the calendar on which they and working times run; without a regulation no terms are
        checked, without a calendar there is no working time.
    described
        What people say of the process and no log knows.
    engine
        Where the analyses run; DuckDB by default.

    Raises
    ------
    CalendarNeededError
        If there is a regulation but no calendar.
    UnknownPlaceError
        If the log does not have an activity that is said to add value.
    UnknownDeclaredError
        If it lacks what is declared.
    """
    late, terms = None, None
    told = described or Described()
    check_declared(told.declared, store, engine=engine)
    if regulation is not None:
        days, rules_id = _rules(regulation, calendar)
        judgement = judge_terms(store, regulation, days, engine=engine)
        late = find_late_time(judgement, rules_id=rules_id)
        begun = compute_late_starts(judgement, rules_id=rules_id)
        terms = AuditTerms(regulation, days, count_compliance(judgement), list_open_terms(judgement), begun)
    measured = measure_log(store, opened_as=opened_as, calendar=calendar, engine=engine)
    times = measured.times
    return replace(
        measured,
        findings=_audit_findings(store, late, told.declared, engine),
        terms=terms,
        asked_with=dict(asked_with or {}),
        value_stream=compute_value_stream(
            store,
            value_adding=told.value_adding,
            calendar=times.calendar if times.working_time else None,
            engine=engine,
        ),
        head=told.head,
    )


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


def look_further(
    audit: Audit,
    store: LogStore,
    *,
    regulation: Regulation | None = None,
    calendar: Calendar | None = None,
    declared: Declared | None = None,
    engine: Engine | None = None,
) -> Audit:
    """Return an audit of a log with what is wrong beyond the applicants' ledger; this takes longest.

    Parameters
    ----------
    regulation
        Whose order, steps and limits are to be kept.
    calendar
        When people are on duty, unless that is declared; None lets it be discovered.
    declared
        What findings rest on besides the log.
    """
    duty = find_duty(declared, store, engine=engine)
    ground = stand_on(store, regulation=regulation, calendar=duty or calendar, declared=declared, engine=engine)
    ground = replace(ground, late_starts=audit.terms.late_starts if audit.terms else None)
    is_long = audit.counts.activity_instances > MOST_INSTANCES
    left_out = SLOW if is_long else frozenset[str]()
    diagnoses = tuple(diagnose(ground, without=left_out))
    return replace(
        audit,
        further=tuple(AuditFinding(identify_further(found, ground), found, ()) for found in rank(diagnoses)),
        diagnoses=diagnoses,
        waits=None if is_long else compute_waits(store, duty=duty, engine=engine),
        left_out=tuple(sorted(left_out)),
    )


def find_duty(declared: Declared | None, store: LogStore, *, engine: Engine | None = None) -> CalendarSet | None:
    """Return the declared calendars of when people are on duty, in the log's zone; None if none is declared.

    Raises
    ------
    UnknownCalendarUnitsError
        If departments have a calendar that the log does not have.
    """
    found = find_calendars(declared.duty_calendar if declared else "", regulation=None, store=store)
    if found is not None and found.by_unit:
        found.check_units(unit_labels(store, engine).values())
    return found


def judge_lateness(
    store: LogStore, regulation: Regulation | None, calendar: Calendar | None, *, engine: Engine | None = None
) -> tuple[LateTime | None, LateStarts | None]:
    """Return the time of cases beyond the terms of a regulation, and their late starts; None without a regulation.

    Raises
    ------
    CalendarNeededError
        If there is a regulation but no calendar.
    """
    if regulation is None:
        return None, None
    days, rules_id = _rules(regulation, calendar)
    judgement = judge_terms(store, regulation, days, engine=engine)
    return find_late_time(judgement, rules_id=rules_id), compute_late_starts(judgement, rules_id=rules_id)


def _rules(regulation: Regulation, calendar: Calendar | None) -> tuple[Calendar, str]:
    """Return the calendar on which terms run, and the id of both."""
    days = require_calendar(calendar)
    return days, regulation.regulation_id + days.calendar_id


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


def _audit_findings(
    store: LogStore, late: LateTime | None, declared: Declared, engine: Engine | None
) -> tuple[AuditFinding, ...]:
    causes = derive_gap_causes(store, duty=find_duty(declared, store, engine=engine), engine=engine)
    return tuple(
        AuditFinding(
            identifier=identify(finding, store, late, declared_id=declared.ledger_id),
            finding=finding,
            examples=_list_examples(store, finding, late, causes, engine) if place < FINDINGS_WITH_EXAMPLES else (),
        )
        for place, finding in enumerate(find_first(store, late=late, causes=causes, engine=engine))
    )


def _list_examples(
    store: LogStore, finding: Finding, late: LateTime | None, causes: GivenTable | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    return list_finding_cases(store, finding, late=late, causes=causes, limit=EXAMPLES_PER_FINDING, engine=engine)
