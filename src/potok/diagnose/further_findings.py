"""Findings beyond the applicants' ledger: what else looks wrong, and the way to its cases.

They claim no time of the ledger: the time that they concern may lie in several of them, and in findings of the ledger
as well. Each diagnosis below answers on its own; one that cannot tell anything from the log names nothing.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from potok.core.calendars import Calendar, CalendarSet
from potok.core.finding import Finding, FindingKind
from potok.core.regulations import Regulation
from potok.diagnose.approvals.approvals import Approvals, compute_approvals
from potok.diagnose.approvals.findings import find_approvals, list_approval_finding_cases
from potok.diagnose.comparison.places import (
    ComparedPlaces,
    compare_places,
    find_place_differences,
    list_difference_cases,
)
from potok.diagnose.conformance.checks import CheckResult, list_check_cases
from potok.diagnose.conformance.findings import find_deviations
from potok.diagnose.conformance.regulated import check_regulation, prepare_regulation
from potok.diagnose.declared import Declared, check_declared
from potok.diagnose.digitalisation.automation import AutomationCandidate, find_automation_candidates
from potok.diagnose.digitalisation.batch_registration import BatchRegistration, compute_batch_registration
from potok.diagnose.digitalisation.findings import (
    find_automation,
    find_batch_registration,
    find_single_entry,
    list_digitalisation_finding_cases,
)
from potok.diagnose.digitalisation.index import Digitalisation, compute_digitalisation
from potok.diagnose.digitalisation.single_entry import SingleEntry, compute_single_entry
from potok.diagnose.drift.cases import read_ordered_cases
from potok.diagnose.drift.findings import find_drift_findings, list_drift_cases, search_drift
from potok.diagnose.drift.result import Drift
from potok.diagnose.given_cases import list_given_cases
from potok.diagnose.growing_queue import GrowingQueue, compute_growing_queues, find_growing_queues, list_queue_cases
from potok.diagnose.late_start import LateStarts, find_late_starts
from potok.diagnose.resources import ResourceDiagnosis, diagnose_resources, find_extraneous_delay
from potok.diagnose.rework.findings import find_ping_pong, find_return_loops, list_rework_finding_cases
from potok.diagnose.rework.ping_pong import PingPong, compute_ping_pong
from potok.diagnose.rework.return_loops import ReturnLoops, compute_return_loops
from potok.diagnose.rework.return_reasons import ReturnReasons, compute_return_reasons
from potok.diagnose.silos.boundary_time import BoundaryTime, compute_boundary_time
from potok.diagnose.silos.findings import find_silos, list_silo_finding_cases
from potok.diagnose.silos.silo_index import SiloIndex, compute_silo_index
from potok.diagnose.superfluous.declaration import StepRules
from potok.diagnose.superfluous.findings import (
    find_superfluous,
    identify_superfluous,
    list_superfluous_cases,
)
from potok.diagnose.superfluous.steps import Superfluous, compute_superfluous
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.case_durations import compute_case_durations
from potok.measure.evidence import CaseEvidence
from potok.measure.local_time import zone_of

SLOW: Final = frozenset({"resources", "superfluous", "drift", "differences"})
"""Diagnoses that follow every instance or case on its own, and take minutes on a log of millions."""
MOST_INSTANCES: Final = 2_000_000
"""Up to so many instances a report makes them, too."""
_RULED: Final = frozenset({FindingKind.DEVIATION, FindingKind.REPEATED_REQUEST})


@dataclass(frozen=True, slots=True)
class Ground:
    """What findings are looked for in.

    Parameters
    ----------
    store
        The log.
    lead_seconds
        Lead time of all its cases.
    regulation
        Whose order, steps and limits are to be kept; None checks none.
    calendar
        When people are on duty; None lets it be discovered.
    declared
        What else people declare of the process.
    engine
        None takes the default.
    late_starts
        Late starts under the regulation's terms, as its cases were judged; None without a regulation.
    """

    store: LogStore
    lead_seconds: float
    regulation: Regulation | None = None
    calendar: Calendar | CalendarSet | None = None
    declared: Declared = field(default_factory=Declared)
    engine: Engine | None = None
    late_starts: LateStarts | None = None

    @property
    def holder(self) -> str:
        """Between whom cases are handed over: as declared, else departments where the log has any, else people."""
        usual = "org_unit" if self.store.manifest["log"].get("org_units") else "resource"
        return self.declared.holder or usual

    @property
    def step_rules(self) -> StepRules:
        """What is declared of steps, with what the regulation says of them."""
        return self.declared.step_rules.under(self.regulation)


@dataclass(frozen=True, slots=True)
class Returns:
    """Return loops, and by what they are told to come about."""

    loops: ReturnLoops
    reasons: ReturnReasons


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Time between holders of cases, and how much longer waits are there than inside."""

    time: BoundaryTime
    index: SiloIndex


@dataclass(frozen=True, slots=True)
class Digital:
    """How digital a process is, and what could be automated, entered once, or registered as it happens."""

    index: Digitalisation
    candidates: tuple[AutomationCandidate, ...]
    entries: SingleEntry
    batches: BatchRegistration


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis of a log: what it is called, what came out of it, and what it found."""

    name: str
    result: Any
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of diagnosis: how it is made, what of it is a finding, and which cases lie behind that."""

    finds: frozenset[FindingKind]
    diagnose: Callable[[Ground], Any]
    find: Callable[[Any, Ground], Sequence[Finding]]
    list_cases: Callable[[Ground, Finding, int | None], tuple[CaseEvidence, ...]]


def stand_on(
    store: LogStore,
    *,
    regulation: Regulation | None = None,
    calendar: Calendar | CalendarSet | None = None,
    declared: Declared | None = None,
    engine: Engine | None = None,
) -> Ground:
    """Return the ground of a log's findings.

    Raises
    ------
    UnknownDeclaredError
        If the log lacks what is declared.
    """
    if declared is not None:
        check_declared(declared, store, engine=engine)
    lead_seconds = compute_case_durations(store, engine=engine).total_seconds
    return Ground(store, lead_seconds, regulation, calendar, declared or Declared(), engine)


def diagnose(ground: Ground, *, without: Container[str] = ()) -> Iterator[Diagnosis]:
    """Yield the diagnoses of a log as they are made: who looks for one finding need not wait for all.

    Parameters
    ----------
    without
        Names of diagnoses that are left out.
    """
    for name, kind in _KINDS.items():
        if name in without:
            continue
        result = kind.diagnose(ground)
        yield Diagnosis(name, result, tuple(kind.find(result, ground)))


def rank(diagnoses: Sequence[Diagnosis]) -> tuple[Finding, ...]:
    """Return the findings of diagnoses, most time concerned first, those of unknown time last."""
    found = [finding for diagnosis in diagnoses for finding in diagnosis.findings]
    return tuple(sorted(found, key=lambda finding: -(finding.affected_seconds or 0)))


def identify_further(finding: Finding, ground: Ground) -> str:
    """Return the id of a finding beyond the ledger.

    That of the same log, of the same rules and the same declarations, stays the same.
    """
    if finding.kind is FindingKind.SUPERFLUOUS:
        return identify_superfluous(finding, ground.store, ground.step_rules)
    rules = ground.regulation.regulation_id if ground.regulation and finding.kind in _RULED else ""
    if ground.late_starts and finding.kind is FindingKind.LATE_START:
        rules = ground.late_starts.rules_id
    return finding.identifier(ground.store.content_sha256 + rules + ground.declared.content_id)


def list_further_cases(ground: Ground, finding: Finding, *, limit: int | None = None) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding beyond the ledger, those most affected first.

    Raises
    ------
    ValueError
        If it is of a kind that is not found here.
    """
    for kind in _KINDS.values():
        if finding.kind in kind.finds:
            return kind.list_cases(ground, finding, limit)
    raise ValueError(f"{finding.kind} belongs to the applicants' ledger")


def _returns(ground: Ground) -> Returns:
    return Returns(
        compute_return_loops(ground.store, engine=ground.engine),
        compute_return_reasons(ground.store, engine=ground.engine),
    )


def _find_loops(found: Returns, ground: Ground) -> Sequence[Finding]:
    return find_return_loops(found.loops, ground.store, engine=ground.engine)


def _ping_pong(ground: Ground) -> PingPong:
    return compute_ping_pong(ground.store, holder=ground.holder, engine=ground.engine)


def _find_ping_pong(found: PingPong, ground: Ground) -> Sequence[Finding]:
    return find_ping_pong(found, ground.store, lead_seconds=ground.lead_seconds, engine=ground.engine)


def _list_rework(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_rework_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _boundaries(ground: Ground) -> Boundaries:
    return Boundaries(
        compute_boundary_time(ground.store, holder=ground.holder, engine=ground.engine),
        compute_silo_index(ground.store, holder=ground.holder, engine=ground.engine),
    )


def _find_silos(found: Boundaries, ground: Ground) -> Sequence[Finding]:
    return find_silos(found.index, found.time, ground.store, engine=ground.engine)


def _list_silos(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_silo_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _approvals(ground: Ground) -> Approvals:
    return compute_approvals(ground.store, rules=ground.declared.approvals, engine=ground.engine)


def _find_approvals(found: Approvals, ground: Ground) -> Sequence[Finding]:
    rules = ground.declared.approvals
    return find_approvals(found, ground.store, rules=rules, lead_seconds=ground.lead_seconds, engine=ground.engine)


def _list_approvals(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    rules = ground.declared.approvals
    return list_approval_finding_cases(ground.store, finding, rules=rules, limit=limit, engine=ground.engine)


def _digital(ground: Ground) -> Digital:
    declared = ground.declared
    index = compute_digitalisation(
        ground.store, declared=declared.media, channels=declared.channel_media, engine=ground.engine
    )
    return Digital(
        index,
        find_automation_candidates(ground.store, index.steps, engine=ground.engine),
        compute_single_entry(ground.store, engine=ground.engine),
        compute_batch_registration(ground.store, engine=ground.engine),
    )


def _find_digital(found: Digital, ground: Ground) -> Sequence[Finding]:
    return (
        *find_automation(found.candidates, ground.store, engine=ground.engine),
        *find_single_entry(found.entries, ground.store, engine=ground.engine),
        *find_batch_registration(found.batches, ground.store, engine=ground.engine),
    )


def _list_digital(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_digitalisation_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _resources(ground: Ground) -> ResourceDiagnosis:
    return diagnose_resources(ground.store, calendar=ground.calendar, engine=ground.engine)


def _find_delays(found: ResourceDiagnosis, _ground: Ground) -> Sequence[Finding]:
    return find_extraneous_delay(found)


def _list_delays(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    found = _resources(ground)
    (activity,) = (code for code, label in found.activities.items() if label == finding.where.activity)
    cases, proven_us = found.proven_delays(activity)
    return list_given_cases(ground.store, cases, proven_us, limit=limit, engine=ground.engine)


def _deviations(ground: Ground) -> tuple[CheckResult, ...]:
    if ground.regulation is None:
        return ()
    return check_regulation(ground.store, ground.regulation, engine=ground.engine)


def _find_deviations(found: tuple[CheckResult, ...], _ground: Ground) -> Sequence[Finding]:
    return find_deviations(found)


def _list_deviations(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    if ground.regulation is None:
        raise ValueError("deviations are from a regulation")
    prepared = prepare_regulation(ground.store, ground.regulation, engine=ground.engine)
    check = next(one for one in prepared if one.check.label == finding.where.rule)
    return list_check_cases(check, ground.store, limit=limit, engine=ground.engine)


def _late_starts(ground: Ground) -> LateStarts:
    return ground.late_starts or LateStarts((), "")


def _find_late_starts(found: LateStarts, ground: Ground) -> Sequence[Finding]:
    return find_late_starts(found, lead_seconds=ground.lead_seconds)


def _list_late_starts(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    for one in _late_starts(ground).terms:
        if one.term.name == finding.where.term:
            return list_given_cases(ground.store, one.case, one.beyond_us, limit=limit, engine=ground.engine)
    raise ValueError(f"no term {finding.where.term!r} was judged")


def _superfluous(ground: Ground) -> Superfluous:
    return compute_superfluous(ground.store, rules=ground.step_rules, engine=ground.engine)


def _find_superfluous(found: Superfluous, _ground: Ground) -> Sequence[Finding]:
    return find_superfluous(found)


def _list_superfluous(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_superfluous_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _drift(ground: Ground) -> Drift:
    return search_drift(ground.store, engine=ground.engine)


def _find_drift(found: Drift, ground: Ground) -> Sequence[Finding]:
    cases = read_ordered_cases(ground.store, thinned=False, engine=ground.engine)
    return find_drift_findings(found, cases, zone=zone_of(ground.store))


def _list_drift(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_drift_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _differences(ground: Ground) -> ComparedPlaces:
    return compare_places(ground.store, engine=ground.engine)


def _find_differences(found: ComparedPlaces, ground: Ground) -> Sequence[Finding]:
    return find_place_differences(found, lead_seconds=ground.lead_seconds)


def _list_differences(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_difference_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _queues(ground: Ground) -> tuple[GrowingQueue, ...]:
    return compute_growing_queues(ground.store, engine=ground.engine)


def _find_queues(found: tuple[GrowingQueue, ...], _ground: Ground) -> Sequence[Finding]:
    return find_growing_queues(found)


def _list_queues(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_queue_cases(ground.store, finding, limit=limit, engine=ground.engine)


_KINDS: Final[Mapping[str, _Kind]] = {
    "returns": _Kind(frozenset({FindingKind.RETURN_LOOP}), _returns, _find_loops, _list_rework),
    "ping_pong": _Kind(frozenset({FindingKind.PING_PONG}), _ping_pong, _find_ping_pong, _list_rework),
    "boundaries": _Kind(frozenset({FindingKind.SILO}), _boundaries, _find_silos, _list_silos),
    "approvals": _Kind(frozenset({FindingKind.APPROVAL}), _approvals, _find_approvals, _list_approvals),
    "deviations": _Kind(
        frozenset({FindingKind.DEVIATION, FindingKind.REPEATED_REQUEST}),
        _deviations,
        _find_deviations,
        _list_deviations,
    ),
    "late_starts": _Kind(frozenset({FindingKind.LATE_START}), _late_starts, _find_late_starts, _list_late_starts),
    "digitalisation": _Kind(
        frozenset({FindingKind.AUTOMATION, FindingKind.SINGLE_ENTRY, FindingKind.BATCH_REGISTRATION}),
        _digital,
        _find_digital,
        _list_digital,
    ),
    "resources": _Kind(frozenset({FindingKind.EXTRANEOUS_DELAY}), _resources, _find_delays, _list_delays),
    "superfluous": _Kind(frozenset({FindingKind.SUPERFLUOUS}), _superfluous, _find_superfluous, _list_superfluous),
    "drift": _Kind(frozenset({FindingKind.DRIFT}), _drift, _find_drift, _list_drift),
    "differences": _Kind(frozenset({FindingKind.DIFFERENCE}), _differences, _find_differences, _list_differences),
    "queues": _Kind(frozenset({FindingKind.GROWING_QUEUE}), _queues, _find_queues, _list_queues),
}
