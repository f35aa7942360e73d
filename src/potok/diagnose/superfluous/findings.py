"""Superfluous steps as findings: they claim none of the applicants' time, and say what could be tried."""

from typing import Final

import ibis

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.superfluous.declaration import StepRules
from potok.diagnose.superfluous.reasons import Verdict
from potok.diagnose.superfluous.steps import Step, Superfluous
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.evidence import CaseEvidence, case_evidence, find_code, read_evidence
from potok.measure.running import activity_labels, unit_labels

NAMED: Final = (Verdict.REMOVAL_CANDIDATE, Verdict.CHECK_BY_RISK, Verdict.MOVE_LATER)
ASSUMPTION: Final = mark(
    "Deterrence and rare events cannot be seen in a log; only a trial tells what a change would bring."
)


def find_superfluous(found: Superfluous) -> tuple[Finding, ...]:
    """Return the steps that the gates allow to be changed, in their order.

    Steps for which only a trial is proposed are no finding: the log says nothing against them. The table of steps has
    them, with the number of cases that a trial needs.
    """
    return tuple(finding for step in found.steps if (finding := finding_of(step)))


def finding_of(step: Step) -> Finding | None:
    """Return a step as a finding; None if the gates do not allow it to be changed."""
    if step.judgement.verdict not in NAMED:
        return None
    return Finding(
        kind=FindingKind.SUPERFLUOUS,
        waste=Waste.OVERPROCESSING,
        where=Place(activity=step.activity, org_unit=step.org_unit),
        cases=step.cases,
        occurrences=step.runs,
        example_cases=step.example_cases,
        staff_seconds=step.staff_seconds,
        confidence=Confidence.INFERRED if step.gates.reaction.is_logged else Confidence.SUPPOSED,
        assumption=ASSUMPTION,
        changes=(step.change,) if step.change else (),
    )


def identify_superfluous(finding: Finding, store: LogStore, rules: StepRules) -> str:
    """Return the id of a step as a finding: that of the same log and the same declarations stays the same."""
    regulation_id = rules.regulation.regulation_id if rules.regulation else ""
    return finding.identifier(store.content_sha256 + regulation_id + rules.content_id)


def cases_with_step(events: ibis.Table, cases: ibis.Table, *, activity: int, unit: int | None) -> ibis.Table:
    """Return the rows of `cases` that have an activity, by a unit if one is given."""
    held = events.filter(events.activity == activity)
    if unit is not None:
        held = held.filter(held.org_unit == unit)
    return cases.semi_join(held.select("case").distinct(), "case")


def list_superfluous_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases that have the step of a finding, longest first.

    Raises
    ------
    UnknownPlaceError
        If the log does not have the step.
    """
    activity = find_code(activity_labels(store, engine), finding.where.activity)
    unit = find_code(unit_labels(store, engine), finding.where.org_unit) if finding.where.org_unit else None
    timed = lead_times(CASES, extracted_us=store.extracted_us)
    chosen = cases_with_step(EVENTS, timed, activity=activity, unit=unit)
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine)
