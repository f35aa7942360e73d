"""Where a process loses time and why: findings in two ledgers, and what they rest on, as tables and as a record."""

from dataclasses import dataclass
from typing import Any, Final, Self

from potok.core.calendars import CalendarSet
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.diagnose.batch_practice import compute_batch_practice
from potok.diagnose.caused_gaps import derive_gap_causes, derive_waits
from potok.diagnose.declared import Declared
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import find_first, identify
from potok.diagnose.further_findings import Ground, diagnose, identify_further, list_further_cases, rank, stand_on
from potok.diagnose.late_time import LateTime
from potok.diagnose.waiting_causes import WaitingCauses, compute_waiting_causes
from potok.engine.base import GivenTable
from potok.log.store import LogStore
from potok.measure.enablement import compute_time_knowledge
from potok.measure.evidence import CaseEvidence
from potok.report.audit import find_duty, judge_late_time
from potok.report.catalogue.entry import Request
from potok.report.diagnosis.batches import batches_table
from potok.report.diagnosis.details import detail_tables
from potok.report.diagnosis.findings import NamedFinding, finding_record, further_table, ledger_table
from potok.report.diagnosis.waiting_causes import waiting_causes_tables
from potok.report.tables import Table
from potok.report.tables.as_record import as_record

SCHEMA: Final = "potok.waste/1"


@dataclass(frozen=True, slots=True)
class Waste:
    """What a process loses.

    Parameters
    ----------
    store
        The log.
    lead_seconds
        Lead time of all its cases; the findings of the ledger never exceed it.
    ledger
        Where applicants lose time, most first.
    further
        What else looks wrong; it claims no time of the ledger.
    has_start_times
        Whether the log tells waiting from work.
    details
        Tables of the diagnoses behind the findings.
    """

    store: LogStore
    lead_seconds: float
    ledger: tuple[NamedFinding, ...]
    further: tuple[NamedFinding, ...]
    has_start_times: bool
    details: tuple[Table, ...] = ()

    @property
    def zone(self) -> str:
        """The log's time zone."""
        return str(self.store.manifest["zone"])


class UnknownFindingError(UsageError):
    """The log has no finding of that id."""

    code = "POTOK-R049"


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What findings of the applicants' ledger are found with."""

    late: LateTime | None
    causes: GivenTable | None
    declared_id: str = ""

    @classmethod
    def of(cls, request: Request, declared: Declared | None, duty: CalendarSet | None) -> Self:
        """Open the ledger of a log under its rules."""
        late = judge_late_time(request.store, request.regulation, request.calendar, engine=request.engine)
        causes = derive_gap_causes(request.store, duty=duty, engine=request.engine)
        return cls(late, causes, declared.ledger_id if declared else "")

    def find(self, request: Request) -> tuple[NamedFinding, ...]:
        """Find where applicants lose time."""
        found = find_first(request.store, late=self.late, causes=self.causes, engine=request.engine)
        return tuple(
            NamedFinding(identify(finding, request.store, self.late, declared_id=self.declared_id), finding)
            for finding in found
        )


def list_named_cases(
    request: Request, identifier: str, *, declared: Declared | None = None, limit: int | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind the finding of an id, those that lose most in it first.

    Parameters
    ----------
    declared
        With which it was found.

    Raises
    ------
    UnknownFindingError
        If the log, under the same rules and filter, has no such finding.
    CalendarNeededError
        If there is a regulation but no calendar.
    """
    store, engine = request.store, request.engine
    ground, duty = _ground(request, declared)
    ledger = _Ledger.of(request, declared, duty)
    found = {named.identifier: named.finding for named in ledger.find(request)}
    if identifier in found:
        causes = ledger.causes
        return list_finding_cases(store, found[identifier], late=ledger.late, causes=causes, limit=limit, engine=engine)
    # Only now: these take longer to find.
    for diagnosis in diagnose(ground):
        named = {identify_further(finding, ground): finding for finding in diagnosis.findings}
        if identifier in named:
            return list_further_cases(ground, named[identifier], limit=limit)
        found.update(named)
    raise UnknownFindingError(
        _("The log has no finding {id}.").format(id=identifier),
        where="--finding",
        remedy=_("Findings of this log: {ids}.").format(ids=", ".join(found) or "–")
        + " "
        + _("They depend on the filter, the regulation, the calendar and what is declared: give those of the audit."),
    )


def diagnose_waste(request: Request, *, declared: Declared | None = None) -> Waste:
    """Diagnose where a process loses time, and why.

    Parameters
    ----------
    declared
        What people declare of the process besides.

    Raises
    ------
    CalendarNeededError
        If there is a regulation but no calendar.
    UnknownDeclaredError
        If the log lacks what is declared.
    """
    ground, duty = _ground(request, declared)
    ledger = _Ledger.of(request, declared, duty)
    diagnoses = tuple(diagnose(ground))
    knowledge = compute_time_knowledge(request.store, engine=request.engine)
    causes = _waiting_causes(request, duty)
    residual = {group.label: group.waiting.residual for group in causes.activities if group.waits}
    practice = compute_batch_practice(request.store, duty=duty, engine=request.engine)
    return Waste(
        store=request.store,
        lead_seconds=ground.lead_seconds,
        ledger=ledger.find(request),
        further=tuple(NamedFinding(identify_further(found, ground), found) for found in rank(diagnoses)),
        has_start_times=knowledge.has_start_times,
        details=(
            *waiting_causes_tables(causes, zone=request.zone),
            batches_table(practice, zone=request.zone),
            *(table for one in diagnoses for table in detail_tables(one, zone=request.zone, residual=residual)),
        ),
    )


def _waiting_causes(request: Request, duty: CalendarSet | None) -> WaitingCauses:
    tables = derive_waits(request.store, duty=duty, engine=request.engine)
    return compute_waiting_causes(request.store, tables=tables, engine=request.engine)


def _ground(request: Request, declared: Declared | None) -> tuple[Ground, CalendarSet | None]:
    """Return the ground of findings, with the hours of duty that are declared for it."""
    store, engine = request.store, request.engine
    duty = find_duty(declared, store, engine=engine)
    regulation, clock = request.regulation, duty or request.clock
    return stand_on(store, regulation=regulation, calendar=clock, declared=declared, engine=engine), duty


def waste_tables(waste: Waste) -> tuple[Table, ...]:
    """Tabulate what a process loses, the ledger first."""
    ledger = ledger_table(waste.ledger, has_start_times=waste.has_start_times, zone=waste.zone)
    return (ledger, further_table(waste.further, zone=waste.zone), *waste.details)


def waste_as_json(waste: Waste) -> dict[str, Any]:
    """Return what a process loses as plain values, by the schema ``potok.waste/1``."""
    return {
        "schema": SCHEMA,
        "content_sha256": waste.store.content_sha256,
        "lead_seconds": waste.lead_seconds,
        "ledger": [finding_record(named) for named in waste.ledger],
        "further": [finding_record(named) for named in waste.further],
        "details": [as_record(table) for table in waste.details],
    }
