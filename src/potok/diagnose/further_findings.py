"""Findings beyond the applicants' ledger: what else looks wrong, and the way to its cases.

They claim no time of the ledger: the time that they concern may lie in several of them, and in findings of the ledger
as well. Each source below answers on its own; one that cannot tell anything from the log names nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from potok.core.finding import Finding, FindingKind
from potok.core.regulations import Regulation
from potok.diagnose.approvals.approvals import compute_approvals
from potok.diagnose.approvals.findings import find_approvals, list_approval_finding_cases
from potok.diagnose.conformance.checks import list_check_cases
from potok.diagnose.conformance.findings import find_deviations
from potok.diagnose.conformance.regulated import check_regulation, prepare_regulation
from potok.diagnose.rework.findings import find_ping_pong, find_return_loops, list_rework_finding_cases
from potok.diagnose.rework.ping_pong import compute_ping_pong
from potok.diagnose.rework.return_loops import compute_return_loops
from potok.diagnose.silos.boundary_time import compute_boundary_time
from potok.diagnose.silos.findings import find_silos, list_silo_finding_cases
from potok.diagnose.silos.silo_index import compute_silo_index
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.case_durations import compute_case_durations
from potok.measure.evidence import CaseEvidence


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
    engine
        None takes the default.
    """

    store: LogStore
    lead_seconds: float
    regulation: Regulation | None = None
    engine: Engine | None = None

    @property
    def holder(self) -> str:
        """Between whom cases are handed over: departments where the log has any, else people."""
        return "org_unit" if self.store.manifest["log"].get("org_units") else "resource"


@dataclass(frozen=True, slots=True)
class _Source:
    """A diagnosis that finds something, and lists the cases behind what it found."""

    kinds: frozenset[FindingKind]
    find: Callable[[Ground], Sequence[Finding]]
    list_cases: Callable[[Ground, Finding, int | None], tuple[CaseEvidence, ...]]


def stand_on(store: LogStore, *, regulation: Regulation | None = None, engine: Engine | None = None) -> Ground:
    """Return the ground of a log's findings."""
    lead_seconds = compute_case_durations(store, engine=engine).total_seconds
    return Ground(store, lead_seconds, regulation, engine)


def find_further(ground: Ground) -> tuple[Finding, ...]:
    """Find what is wrong beyond the applicants' ledger, most affected time first, unknown times last."""
    return tuple(sorted(search(ground), key=lambda finding: -(finding.affected_seconds or 0)))


def search(ground: Ground) -> Iterator[Finding]:
    """Yield the findings of `find_further` as they are found: who looks for one need not wait for all."""
    for source in _SOURCES:
        yield from source.find(ground)


def identify_further(finding: Finding, ground: Ground) -> str:
    """Return the id of a finding of `find_further`: that of the same log, and of the same rules, stays the same."""
    rules = ground.regulation.regulation_id if ground.regulation and finding.where.rule else ""
    return finding.identifier(ground.store.content_sha256 + rules)


def list_further_cases(ground: Ground, finding: Finding, *, limit: int | None = None) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of `find_further`, those most affected first.

    Raises
    ------
    ValueError
        If it is of a kind that is not found here.
    """
    for source in _SOURCES:
        if finding.kind in source.kinds:
            return source.list_cases(ground, finding, limit)
    raise ValueError(f"{finding.kind} belongs to the applicants' ledger")


def _find_loops(ground: Ground) -> Sequence[Finding]:
    found = compute_return_loops(ground.store, engine=ground.engine)
    return find_return_loops(found, ground.store, engine=ground.engine)


def _find_ping_pong(ground: Ground) -> Sequence[Finding]:
    found = compute_ping_pong(ground.store, holder=ground.holder, engine=ground.engine)
    return find_ping_pong(found, ground.store, lead_seconds=ground.lead_seconds, engine=ground.engine)


def _list_rework(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_rework_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _find_silos(ground: Ground) -> Sequence[Finding]:
    index = compute_silo_index(ground.store, holder=ground.holder, engine=ground.engine)
    boundaries = compute_boundary_time(ground.store, holder=ground.holder, engine=ground.engine)
    return find_silos(index, boundaries, ground.store, engine=ground.engine)


def _list_silos(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_silo_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _find_approvals(ground: Ground) -> Sequence[Finding]:
    found = compute_approvals(ground.store, engine=ground.engine)
    return find_approvals(found, ground.store, lead_seconds=ground.lead_seconds, engine=ground.engine)


def _list_approvals(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    return list_approval_finding_cases(ground.store, finding, limit=limit, engine=ground.engine)


def _find_deviations(ground: Ground) -> Sequence[Finding]:
    if ground.regulation is None:
        return ()
    return find_deviations(check_regulation(ground.store, ground.regulation, engine=ground.engine))


def _list_deviations(ground: Ground, finding: Finding, limit: int | None) -> tuple[CaseEvidence, ...]:
    if ground.regulation is None:
        raise ValueError("deviations are from a regulation")
    prepared = prepare_regulation(ground.store, ground.regulation, engine=ground.engine)
    check = next(one for one in prepared if one.check.label == finding.where.rule)
    return list_check_cases(check, ground.store, limit=limit, engine=ground.engine)


_SOURCES: Final = (
    _Source(frozenset({FindingKind.RETURN_LOOP}), _find_loops, _list_rework),
    _Source(frozenset({FindingKind.PING_PONG}), _find_ping_pong, _list_rework),
    _Source(frozenset({FindingKind.SILO}), _find_silos, _list_silos),
    _Source(frozenset({FindingKind.APPROVAL}), _find_approvals, _list_approvals),
    _Source(frozenset({FindingKind.DEVIATION, FindingKind.REPEATED_REQUEST}), _find_deviations, _list_deviations),
)
