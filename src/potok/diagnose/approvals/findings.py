"""Approvals as findings: levels that rarely alter anything, levels in series without use of each other; their cases."""

from typing import Final

import ibis

from potok.core.change import CheckByRisk, Parallelise
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.approvals.approvals import (
    ApprovalRules,
    Approvals,
    LevelFigures,
    LevelPlan,
    SerialPair,
    plan_levels,
)
from potok.diagnose.approvals.levels import ApprovalLevel
from potok.diagnose.approvals.runs import level_runs
from potok.diagnose.rework.asking import asked_row, at_asked_row
from potok.diagnose.rework.spans import span_evidence
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, find_code, read_evidence

RARE_SHARE: Final = 0.05
FEWEST_CASES: Final = 20
TRIFLE_SHARE: Final = 0.001
MOST_EXAMPLES: Final = 10

ASSUMPTIONS: Final = {
    "rare": mark("Only what the log shows counts as an alteration; deterrence and rare events cannot be seen here."),
    "series": mark("That the first level altered nothing so far is taken to say that the second need not wait for it."),
}


def find_approvals(
    found: Approvals,
    store: LogStore,
    *,
    rules: ApprovalRules | None = None,
    lead_seconds: float,
    engine: Engine | None = None,
) -> tuple[Finding, ...]:
    """Return approvals worth looking at, those that take most time first; they claim no time of the ledger.

    A level is named if it altered at most `RARE_SHARE` of its cases (one-sided 95 % bound), two levels in series if the
    second has not been seen to use the result of the first. Both need `FEWEST_CASES` cases and `TRIFLE_SHARE` of the
    lead time.

    Parameters
    ----------
    rules
        With which they were computed.
    lead_seconds
        Lead time of all cases.
    """
    plan = plan_levels(store, rules or ApprovalRules(), engine=engine)
    least = TRIFLE_SHARE * lead_seconds
    rare = [
        _rare_finding(level, plan, store, engine)
        for level in found.levels
        if level.cases >= FEWEST_CASES and level.total_seconds > least and level.alteration.at_most <= RARE_SHARE
    ]
    serial = [
        _serial_finding(pair, found, plan, store, engine)
        for pair in found.pairs
        if pair.verdict == "no_use_seen" and pair.cases >= FEWEST_CASES and pair.series_seconds > least
    ]
    return tuple(sorted(rare + serial, key=lambda finding: -(finding.affected_seconds or 0)))


def list_level_cases(
    store: LogStore,
    name: str,
    *,
    rules: ApprovalRules | None = None,
    is_altered: bool | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases in which a level decided, those whose decisions took longest first.

    Parameters
    ----------
    name
        Of the level.
    is_altered
        Only runs that altered something, or only those that did not; None lists all.

    Raises
    ------
    UnknownPlaceError
        If there is no such level.
    """
    plan = plan_levels(store, rules or ApprovalRules(), engine=engine)
    return _list(plan, store, name, None, is_altered, limit, engine)


def list_series_cases(
    store: LogStore,
    before: str,
    after: str,
    *,
    rules: ApprovalRules | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases in which a level followed another's approval, those longest in series first.

    Raises
    ------
    UnknownPlaceError
        If there is no such level.
    """
    plan = plan_levels(store, rules or ApprovalRules(), engine=engine)
    return _list(plan, store, after, before, None, limit, engine)


def list_approval_finding_cases(
    store: LogStore,
    finding: Finding,
    *,
    rules: ApprovalRules | None = None,
    limit: int | None = None,
    engine: Engine | None = None,
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of `find_approvals`; their seconds are those affected."""
    place = finding.where
    if place.next_activity:
        return list_series_cases(store, place.activity, place.next_activity, rules=rules, limit=limit, engine=engine)
    return list_level_cases(store, place.activity, rules=rules, limit=limit, engine=engine)


def _list(
    plan: LevelPlan,
    store: LogStore,
    name: str,
    before: str | None,
    is_altered: bool | None,
    limit: int | None,
    engine: Engine | None,
) -> tuple[CaseEvidence, ...]:
    places = dict(enumerate(level.name for level in plan.levels))
    asked = {"level": find_code(places, name)}
    if before is not None:
        asked["before_level"] = find_code(places, before)
    attributes = sum(table.startswith("event_attribute") for table in plan.given)
    runs = level_runs(EVENTS, CASES, VARIANTS, corrections=plan.corrections, attributes=attributes)
    if is_altered is not None:
        runs = runs.filter(runs.is_altered if is_altered else ~runs.is_altered)
    runs = at_asked_row(runs, *asked)
    # A run's rows are its own and that of the instance before it, from which its latency runs, if there is one.
    from_position = ibis.ifelse(runs.position > 0, runs.position - 1, runs.position).cast("int32")
    spans = runs.select("case", from_position=from_position, to_position="position", gap_us="latency_us")
    rows = span_evidence(EVENTS, CASES, spans, limit=limit)
    return read_evidence(rows, store, engine, given={**plan.given, **asked_row(**asked)})


def _rare_finding(level: LevelFigures, plan: LevelPlan, store: LogStore, engine: Engine | None) -> Finding:
    listed = _list(plan, store, level.level.name, None, None, MOST_EXAMPLES, engine)
    return Finding(
        kind=FindingKind.APPROVAL,
        waste=Waste.OVERPROCESSING,
        where=Place(activity=level.level.name),
        cases=level.cases,
        occurrences=level.runs,
        applicant_seconds=0.0,
        lead_time_share=0.0,
        example_cases=tuple(case.case for case in listed),
        affected_seconds=level.total_seconds,
        confidence=_confidence(level.level),
        assumption=ASSUMPTIONS["rare"],
        changes=tuple(CheckByRisk(activity=label) for label in level.level.approvals),
    )


def _serial_finding(
    pair: SerialPair, found: Approvals, plan: LevelPlan, store: LogStore, engine: Engine | None
) -> Finding:
    levels = {figures.level.name: figures.level for figures in found.levels}
    listed = _list(plan, store, pair.after, pair.before, None, MOST_EXAMPLES, engine)
    return Finding(
        kind=FindingKind.APPROVAL,
        waste=Waste.WAITING,
        where=Place(activity=pair.before, next_activity=pair.after),
        cases=pair.cases,
        occurrences=pair.passages,
        applicant_seconds=0.0,
        lead_time_share=0.0,
        example_cases=tuple(case.case for case in listed),
        affected_seconds=pair.series_seconds,
        confidence=_confidence(levels[pair.before]),
        assumption=ASSUMPTIONS["series"],
        changes=(Parallelise(activities=(pair.before, pair.after)),),
    )


def _confidence(level: ApprovalLevel) -> Confidence:
    return Confidence.INFERRED if level.basis == "declared" else Confidence.SUPPOSED
