"""The rules of a regulation beside its terms: order, steps, limits, requests, and who decides."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import ibis

from potok.core.language import quoted
from potok.core.regulations import Regulation
from potok.core.regulations.papers import HeldPaper
from potok.core.regulations.regulation import DecisionMaker, OutcomeKind
from potok.diagnose.conformance.checks import Check, CheckKind, CheckResult, Prepared, Unprepared, run_check
from potok.diagnose.conformance.conditions import UnknownAttributeError, instances_table, matching_instances
from potok.diagnose.conformance.regulated_verdicts import (
    excess_verdicts,
    mandatory_verdicts,
    order_verdicts,
    performer_verdicts,
    request_verdicts,
)
from potok.diagnose.conformance.rules import Condition, Operator, Role
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.running import activity_labels, resource_labels, unit_labels

_REQUESTS: Final = "held_paper_requests"


@dataclass(frozen=True, slots=True)
class _Codes:
    activities: Mapping[str, int]
    units: Mapping[str, int]
    resources: Mapping[str, int]

    def of(self, labels: Sequence[str]) -> list[int]:
        return [self.activities[label] for label in labels]


def check_regulation(
    store: LogStore, regulation: Regulation, *, engine: Engine | None = None
) -> tuple[CheckResult, ...]:
    """Check every rule of a regulation but its terms (`potok.measure.deadlines`).

    A rule that names an activity unknown to the log cannot be told: whether the step is never done or called otherwise,
    the log does not say. `Regulation.check_activities` refuses such a regulation.
    """
    prepared = prepare_regulation(store, regulation, engine=engine)
    return tuple(run_check(one, store, engine=engine) for one in prepared)


def prepare_regulation(
    store: LogStore, regulation: Regulation, *, engine: Engine | None = None
) -> tuple[Prepared | Unprepared, ...]:
    """Make checks of the rules of a regulation, in its order."""
    codes = _Codes(
        *(
            {label: code for code, label in labels.items()}
            for labels in (activity_labels(store, engine), unit_labels(store, engine), resource_labels(store, engine))
        )
    )
    made: list[Prepared | Unprepared] = []
    for check in regulation_checks(regulation):
        if any(label not in codes.activities for label in (*check.activities, *check.targets)):
            made.append(Unprepared(check, ("unknown_activity",)))
        else:
            made.append(_prepare(store, check, regulation, codes))
    return tuple(made)


def regulation_checks(regulation: Regulation) -> Iterator[Check]:
    """Yield the checks that a regulation asks for, in its order; terms are none of them."""
    for rule in regulation.order_rules:
        yield Check(CheckKind.ORDER, (rule.before,), (rule.after,), article=rule.article)
    for step in regulation.mandatory_steps:
        yield Check(CheckKind.MANDATORY_STEP, (step.activity,), article=step.article)
    for limit in regulation.limits:
        kind = CheckKind.LIMIT if limit.at_most else CheckKind.FORBIDDEN_STEP
        yield Check(kind, (limit.activity,), article=limit.article, at_most=limit.at_most)
    for request in regulation.document_requests:
        yield Check(
            CheckKind.DOCUMENT_REQUEST,
            request.activities,
            request.replies,
            article=request.article,
            at_most=request.at_most,
        )
    for paper in regulation.held_papers:
        yield Check(
            CheckKind.HELD_PAPER,
            paper.activities,
            paper.replies,
            article=paper.article,
            at_most=0,
            subject=(paper.document, paper.holder),
        )
    for maker in regulation.decision_makers:
        yield Check(
            CheckKind.DECISION_MAKER,
            (maker.activity,),
            article=maker.article,
            subject=(*maker.org_units, *maker.resources),
        )


def _prepare(store: LogStore, check: Check, regulation: Regulation, codes: _Codes) -> Prepared | Unprepared:
    activities, targets = codes.of(check.activities), codes.of(check.targets)
    match check.kind:
        case CheckKind.ORDER:
            return Prepared(check, order_verdicts(EVENTS, before=activities[0], after=targets[0]), CASES)
        case CheckKind.MANDATORY_STEP:
            cases = without_withdrawn(regulation, codes.activities)
            return Prepared(check, mandatory_verdicts(EVENTS, cases, activity=activities[0]), cases)
        case CheckKind.LIMIT | CheckKind.FORBIDDEN_STEP:
            verdicts = excess_verdicts(EVENTS, activity=activities[0], at_most=check.at_most or 0)
            return Prepared(check, verdicts, CASES)
        case CheckKind.DECISION_MAKER:
            return _prepare_performers(check, _of_check(regulation.decision_makers, check), codes)
        case CheckKind.HELD_PAPER:
            return _prepare_paper(store, check, _of_paper(regulation.held_papers, check), (activities, targets))
        case _:
            verdicts = request_verdicts(EVENTS, requests=activities, replies=targets, at_most=check.at_most or 0)
            return Prepared(check, verdicts, CASES, reasons=() if targets else ("reply_unknown",))


def without_withdrawn(regulation: Regulation, activities: Mapping[str, int]) -> ibis.Table:
    """Return the cases that the applicant did not withdraw, as far as the regulation says how that is seen."""
    withdrawn = [outcome for outcome in regulation.outcomes if outcome.kind is OutcomeKind.WITHDRAWN]
    values = [value for outcome in withdrawn for value in outcome.values]
    codes = [activities[label] for outcome in withdrawn for label in outcome.activities if label in activities]
    cases = CASES
    if values:
        cases = cases.filter(cases.outcome.isnull() | ~cases.outcome.isin(values))
    if codes:
        cases = cases.anti_join(EVENTS.filter(EVENTS.activity.isin(codes)).select("case"), "case")
    return cases


def _of_check(makers: Sequence[DecisionMaker], check: Check) -> DecisionMaker:
    return next(
        maker
        for maker in makers
        if (maker.activity,) == check.activities and (*maker.org_units, *maker.resources) == check.subject
    )


def _of_paper(papers: Sequence[HeldPaper], check: Check) -> HeldPaper:
    return next(
        paper
        for paper in papers
        if (paper.document, paper.holder) == check.subject and paper.activities == check.activities
    )


def _prepare_performers(check: Check, maker: DecisionMaker, codes: _Codes) -> Prepared | Unprepared:
    units = [codes.units[label] for label in maker.org_units if label in codes.units]
    resources = [codes.resources[label] for label in maker.resources if label in codes.resources]
    if not units and not resources:
        return Unprepared(check, ("unknown_performer",))
    verdicts = performer_verdicts(
        EVENTS, activity=codes.activities[maker.activity], org_units=units, resources=resources
    )
    return Prepared(check, verdicts, CASES)


def _prepare_paper(
    store: LogStore, check: Check, paper: HeldPaper, codes: tuple[list[int], list[int]]
) -> Prepared | Unprepared:
    requests, replies = codes
    reasons = () if replies else ("reply_unknown",)
    if not paper.attribute:
        verdicts = request_verdicts(EVENTS, requests=requests, replies=replies, at_most=0)
        return Prepared(check, verdicts, CASES, reasons=reasons)
    condition = Condition(Role.ACTIVITY, paper.attribute, Operator.ONE_OF, paper.values)
    try:
        asked = matching_instances(store, (condition,), activities=requests)
    except UnknownAttributeError:
        return Unprepared(check, ("unknown_attribute",))
    verdicts = request_verdicts(EVENTS, requests=requests, replies=replies, at_most=0, asked=instances_table(_REQUESTS))
    return Prepared(check, verdicts, CASES, {_REQUESTS: asked}, reasons)


def describe_subject(check: Check) -> str:
    """Return what a check is about beyond its activities; empty if nothing."""
    return ", ".join(map(quoted, check.subject))
