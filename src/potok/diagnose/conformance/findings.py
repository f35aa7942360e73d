"""Findings about conformance: they concern time, and claim none of the applicants' ledger."""

from collections.abc import Sequence
from typing import Final

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.conformance.alignment.fitness import Conformity
from potok.diagnose.conformance.checks import CheckKind, CheckResult

_REQUESTS: Final = frozenset({CheckKind.DOCUMENT_REQUEST, CheckKind.HELD_PAPER})
REGULATION_ASSUMPTION: Final = mark(
    "The regulation file says what the act says, and the log names steps as the act means."
)
MODEL_ASSUMPTION: Final = mark("The model says how cases ought to go, and names its tasks as the log does.")
LEAST_SHARE: Final = 0.01
MODEL_RULE: Final = "model"
RULE_ASSUMPTION: Final = mark("The rule is meant to hold; whether it does is for the people who know the process.")


def find_deviations(results: Sequence[CheckResult]) -> tuple[Finding, ...]:
    """Return a finding for every check that cases violate, those that concern most cases first.

    `affected_seconds` is the time concerned as the check defines it, over the cases of which it is known.
    """
    found = [_finding(result) for result in results if result.counts and result.counts.violated_cases]
    return tuple(sorted(found, key=lambda finding: (-finding.cases, finding.where.rule)))


def find_model_deviations(found: Conformity) -> tuple[Finding, ...]:
    """Return a finding for every deviation from a given model that at least 1 % of the closed cases share.

    From a model that was discovered in the same log there are none: departing from it means being rare. What was
    skipped concerns no time of the log.
    """
    if "model_discovered" in found.reasons:
        return ()
    shared = (one for one in found.deviations if one.cases >= LEAST_SHARE * found.cases)
    return tuple(
        Finding(
            kind=FindingKind.DEVIATION,
            waste=Waste.DEFECTS,
            where=Place(activity=one.activity, rule=f"{MODEL_RULE}({one.kind})"),
            cases=one.cases,
            occurrences=one.instances,
            example_cases=one.example_cases,
            staff_seconds=one.processing_seconds,
            affected_seconds=one.sojourn_seconds,
            confidence=Confidence.COUNTED,
            assumption=MODEL_ASSUMPTION,
        )
        for one in shared
    )


def _finding(result: CheckResult) -> Finding:
    check, counts = result.check, result.counts
    if counts is None:
        raise ValueError("a check that cannot be told is no finding")
    is_request = check.kind in _REQUESTS
    return Finding(
        kind=FindingKind.REPEATED_REQUEST if is_request else FindingKind.DEVIATION,
        waste=Waste.OVERPROCESSING if is_request else Waste.DEFECTS,
        where=Place(activity=check.activities[0], rule=check.label),
        cases=counts.violated_cases,
        occurrences=counts.violations,
        example_cases=result.example_cases,
        affected_seconds=counts.concerned_seconds,
        confidence=Confidence.COUNTED,
        assumption=RULE_ASSUMPTION if check.kind is CheckKind.RULE else REGULATION_ASSUMPTION,
    )
