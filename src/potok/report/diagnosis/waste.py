"""Where a process loses time and why: findings in two ledgers, and what they rest on, as tables and as a record."""

from dataclasses import dataclass, replace
from typing import Any, Final, Self

from potok.core.calendars import CalendarSet
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.diagnose.caused_gaps import derive_gap_causes
from potok.diagnose.declared import Declared
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import find_first, identify
from potok.diagnose.further_findings import Ground, diagnose, identify_further, list_further_cases, rank, stand_on
from potok.diagnose.late_time import LateTime
from potok.diagnose.waits import compute_waits
from potok.engine.base import GivenTable
from potok.log.store import LogStore
from potok.measure.enablement import compute_time_knowledge
from potok.measure.evidence import CaseEvidence
from potok.report.audit import find_duty, judge_lateness
from potok.report.catalogue.entry import Request
from potok.report.diagnosis.details import list_details
from potok.report.diagnosis.findings import NamedFinding, finding_record, further_table, ledger_table
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
    def of(
        cls, request: Request, declared: Declared | None, duty: CalendarSet | None, *, late: LateTime | None
    ) -> Self:
        """Open the ledger of a log under its rules."""
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
    ground, ledger, _duty = _open(request, declared)
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
    ground, ledger, duty = _open(request, declared)
    diagnoses = tuple(diagnose(ground))
    knowledge = compute_time_knowledge(request.store, engine=request.engine)
    waits = compute_waits(request.store, duty=duty, engine=request.engine)
    return Waste(
        store=request.store,
        lead_seconds=ground.lead_seconds,
        ledger=ledger.find(request),
        further=tuple(NamedFinding(identify_further(found, ground), found) for found in rank(diagnoses)),
        has_start_times=knowledge.has_start_times,
        details=tuple(table for part in list_details(diagnoses, waits, zone=request.zone) for table in part.tables),
    )


def _open(request: Request, declared: Declared | None) -> tuple[Ground, _Ledger, CalendarSet | None]:
    """Return the ground of findings and their ledger, with the hours of duty that are declared for both."""
    store, engine = request.store, request.engine
    duty = find_duty(declared, store, engine=engine)
    regulation, clock = request.regulation, duty or request.clock
    ground = stand_on(store, regulation=regulation, calendar=clock, declared=declared, engine=engine)
    late, begun = judge_lateness(store, regulation, request.calendar, engine=engine)
    return replace(ground, late_starts=begun), _Ledger.of(request, declared, duty, late=late), duty


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
