"""Approvals as findings: levels that rarely alter anything, levels in series without use of each other; their cases."""

from collections.abc import Sequence
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
from potok.diagnose.rework.asking import Key, asked_rows, at_asked_rows, example_cases, find_examples
from potok.diagnose.rework.spans import span_evidence
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence, find_code, read_evidence

RARE_SHARE: Final = 0.05
FEWEST_CASES: Final = 20
TRIFLE_SHARE: Final = 0.001

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
    lead time, and a level whose refusals the log records: of the others it does not know how often they refuse.

    Parameters
    ----------
    rules
        With which they were computed.
    lead_seconds
        Lead time of all cases.
    """
    least = TRIFLE_SHARE * lead_seconds
    rare = [
        level
        for level in found.levels
        if level.level.refusals
        and level.cases >= FEWEST_CASES
        and level.total_seconds > least
        and level.alteration.at_most <= RARE_SHARE
    ]
    telling = {level.level.name for level in found.levels if level.level.refusals}
    serial = [
        pair
        for pair in found.pairs
        if pair.before in telling
        and pair.verdict == "no_use_seen"
        and pair.cases >= FEWEST_CASES
        and pair.series_seconds > least
    ]
    plan = plan_levels(store, rules or ApprovalRules(), engine=engine)
    findings = [*_rare_findings(rare, plan, store, engine), *_serial_findings(serial, found, plan, store, engine)]
    return tuple(sorted(findings, key=lambda finding: -(finding.affected_seconds or 0)))


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
    places = _places(plan)
    asked = {"level": find_code(places, name)}
    if before is not None:
        asked["before_level"] = find_code(places, before)
    runs = _runs(plan)
    if is_altered is not None:
        runs = runs.filter(runs.is_altered if is_altered else ~runs.is_altered)
    runs = at_asked_rows(runs, *asked)
    # A run's rows are its own and that of the instance before it, from which its latency runs, if there is one.
    from_position = ibis.ifelse(runs.position > 0, runs.position - 1, runs.position).cast("int32")
    spans = runs.select("case", from_position=from_position, to_position="position", gap_us="latency_us")
    given = {**plan.given, **asked_rows(tuple(asked), tuple(asked.values()))}
    return read_evidence(span_evidence(EVENTS, CASES, spans, limit=limit), store, engine, given=given)


def _places(plan: LevelPlan) -> dict[int, str]:
    return dict(enumerate(level.name for level in plan.levels))


def _runs(plan: LevelPlan) -> ibis.Table:
    attributes = sum(table.startswith("event_attribute") for table in plan.given)
    return level_runs(EVENTS, CASES, VARIANTS, corrections=plan.corrections, attributes=attributes)


def _examples(
    asked: Sequence[Key], keys: tuple[str, ...], plan: LevelPlan, store: LogStore, engine: Engine | None
) -> dict[Key, tuple[int, ...]]:
    runs = _runs(plan)
    examples = example_cases(runs.mutate(gap_us=runs.latency_us), *keys)
    return find_examples(examples, asked, store, engine, given=plan.given)


def _rare_findings(
    levels: Sequence[LevelFigures], plan: LevelPlan, store: LogStore, engine: Engine | None
) -> tuple[Finding, ...]:
    codes = {name: code for code, name in _places(plan).items()}
    asked: list[Key] = [(codes[level.level.name],) for level in levels]
    examples = _examples(asked, ("level",), plan, store, engine)
    return tuple(
        Finding(
            kind=FindingKind.APPROVAL,
            waste=Waste.OVERPROCESSING,
            where=Place(activity=level.level.name),
            cases=level.cases,
            occurrences=level.runs,
            example_cases=examples[key],
            affected_seconds=level.total_seconds,
            confidence=_confidence(level.level),
            assumption=ASSUMPTIONS["rare"],
            changes=tuple(CheckByRisk(activity=label) for label in level.level.approvals),
        )
        for level, key in zip(levels, asked, strict=True)
    )


def _serial_findings(
    pairs: Sequence[SerialPair], found: Approvals, plan: LevelPlan, store: LogStore, engine: Engine | None
) -> tuple[Finding, ...]:
    levels = {figures.level.name: figures.level for figures in found.levels}
    codes = {name: code for code, name in _places(plan).items()}
    asked: list[Key] = [(codes[pair.before], codes[pair.after]) for pair in pairs]
    examples = _examples(asked, ("before_level", "level"), plan, store, engine)
    return tuple(
        Finding(
            kind=FindingKind.APPROVAL,
            waste=Waste.WAITING,
            where=Place(activity=pair.before, next_activity=pair.after),
            cases=pair.cases,
            occurrences=pair.passages,
            example_cases=examples[key],
            affected_seconds=pair.series_seconds,
            confidence=_confidence(levels[pair.before]),
            assumption=ASSUMPTIONS["series"],
            changes=(Parallelise(activities=(pair.before, pair.after)),),
        )
        for pair, key in zip(pairs, asked, strict=True)
    )


def _confidence(level: ApprovalLevel) -> Confidence:
    return Confidence.INFERRED if level.basis == "declared" else Confidence.SUPPOSED
