"""The way from a finding to its cases."""

from potok.core.finding import Finding, FindingKind
from potok.diagnose.first_findings import ledger_of
from potok.diagnose.given_cases import list_given_cases
from potok.diagnose.late_time import LateTerm, LateTime
from potok.engine.base import Engine, GivenTable
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, list_cases


def list_finding_cases(
    store: LogStore,
    finding: Finding,
    *,
    late: LateTime | None = None,
    causes: GivenTable | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding, those that lose most first.

    Their seconds add up to the finding's `applicant_seconds`, their number is its `cases`. Of a late case the rows
    are those of its first and its last instance.

    Parameters
    ----------
    late, causes
        With which the finding was found.
    limit
        At most so many cases; None for all.

    Raises
    ------
    UnknownPlaceError
        If the finding names what the log does not have.
    ValueError
        If it is about a term that `late` does not hold.
    """
    if finding.kind is FindingKind.LATE:
        return _list_late_cases(store, _term_of(finding, late), limit, engine)
    ledger = ledger_of(store, late, causes)
    return list_cases(store, finding.where, finding.kind, ledger=ledger, limit=limit, engine=engine)


def _term_of(finding: Finding, late: LateTime | None) -> LateTerm:
    name = finding.where.term
    for known in late.terms if late else ():
        if known.term.name == name:
            return known
    raise ValueError(f"late time holds no term {name!r}")


def _list_late_cases(
    store: LogStore, term: LateTerm, limit: int | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    return list_given_cases(store, term.case, term.late_us, limit=limit, engine=engine)
