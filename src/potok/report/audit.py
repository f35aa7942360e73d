"""The first audit of a log: its quality, what is measured, what is found."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from potok.core.calendars import Calendar, CalendarSet
from potok.core.finding import Finding
from potok.core.regulations import Regulation
from potok.diagnose.caused_gaps import derive_gap_causes
from potok.diagnose.declared import Declared, check_declared
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import find_first, identify
from potok.diagnose.further_findings import (
    MOST_INSTANCES,
    SLOW,
    diagnose,
    identify_further,
    rank,
    stand_on,
)
from potok.diagnose.late_start import LateStarts, compute_late_starts
from potok.diagnose.late_time import LateTime, find_late_time
from potok.diagnose.waits import compute_waits
from potok.engine.base import Engine, GivenTable
from potok.log.store import LogStore
from potok.measure.deadlines import (
    count_compliance,
    judge_terms,
    list_open_terms,
)
from potok.measure.evidence import CaseEvidence
from potok.measure.running import unit_labels
from potok.measure.value_stream import compute_value_stream
from potok.report.a3.head import DocumentHead
from potok.report.catalogue.clock import find_calendars, require_calendar
from potok.report.measured import Audit, AuditFinding, AuditTerms, measure_log

EXAMPLES_PER_FINDING: Final = 5
FINDINGS_WITH_EXAMPLES: Final = 10


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
