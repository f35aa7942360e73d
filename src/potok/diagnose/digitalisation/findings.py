"""Candidates for automation and single entry, and registration by the batch, as findings."""

from typing import Final

from potok.core.change import Automate, SwitchBatching
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.digitalisation.automation import (
    AutomationCandidate,
    find_automation_examples,
    list_automation_cases,
)
from potok.diagnose.digitalisation.batch_registration import BatchRegistration, list_batch_registration_cases
from potok.diagnose.digitalisation.single_entry import SingleEntry, list_repeated_entry_cases
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.evidence import CaseEvidence

MOST_FINDINGS: Final = 10
MOST_EXAMPLES: Final = 10
LEAST_BATCHED_SHARE: Final = 0.05
GROUP_OF_ATTRIBUTE: Final = "attribute"

ASSUMPTIONS: Final = {
    "automation": mark(
        "That a step always goes on the same way is taken to say that a rule could do it; whether one could must be "
        "examined on the step itself."
    ),
    "single_entry": mark("The log does not say whether a value was typed again or copied by the system."),
    "batch_registration": mark("What applications waited before they were registered is not in the log."),
}


def find_automation(
    candidates: tuple[AutomationCandidate, ...], store: LogStore, *, engine: Engine | None = None
) -> tuple[Finding, ...]:
    """Return the first `MOST_FINDINGS` candidates for automation; they claim no time of the ledger."""
    named = candidates[:MOST_FINDINGS]
    examples = find_automation_examples(store, [one.activity for one in named], engine=engine)
    return tuple(
        Finding(
            kind=FindingKind.AUTOMATION,
            waste=Waste.TALENT,
            where=Place(activity=one.activity),
            cases=one.cases,
            occurrences=one.instances,
            example_cases=examples[one.activity],
            staff_seconds=one.staff_seconds,
            affected_seconds=one.waiting_seconds,
            confidence=one.confidence,
            assumption=ASSUMPTIONS["automation"],
            changes=(Automate(activity=one.activity),),
        )
        for one in named
    )


def find_single_entry(found: SingleEntry, store: LogStore, *, engine: Engine | None = None) -> tuple[Finding, ...]:
    """Return the first `MOST_FINDINGS` candidates for single entry; they claim no time of the ledger."""
    return tuple(
        Finding(
            kind=FindingKind.SINGLE_ENTRY,
            waste=Waste.OVERPROCESSING,
            where=Place(activity=one.activity, group=f"{GROUP_OF_ATTRIBUTE}={one.attribute}"),
            cases=one.cases,
            occurrences=one.same_entries,
            example_cases=_codes(
                list_repeated_entry_cases(store, one.attribute, one.activity, limit=MOST_EXAMPLES, engine=engine)
            ),
            staff_seconds=one.staff_seconds,
            confidence=Confidence.SUPPOSED,
            assumption=ASSUMPTIONS["single_entry"],
        )
        for one in found.entries[:MOST_FINDINGS]
    )


def find_batch_registration(
    found: BatchRegistration, store: LogStore, *, engine: Engine | None = None
) -> tuple[Finding, ...]:
    """Return the first activities with `LEAST_BATCHED_SHARE` of their cases in batches; they claim no ledger time."""
    return tuple(
        Finding(
            kind=FindingKind.BATCH_REGISTRATION,
            waste=Waste.INVENTORY,
            where=Place(activity=one.activity),
            cases=one.batched_cases,
            occurrences=one.batches,
            example_cases=_codes(
                list_batch_registration_cases(store, one.activity, limit=MOST_EXAMPLES, engine=engine)
            ),
            confidence=Confidence.INFERRED,
            assumption=ASSUMPTIONS["batch_registration"],
            changes=(SwitchBatching(activity=one.activity),),
        )
        for one in found.activities
        if one.batched_cases >= LEAST_BATCHED_SHARE * one.cases
    )


def list_digitalisation_finding_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of this module.

    Raises
    ------
    UnknownPlaceError, UnknownAttributeError
        If the finding names what the log does not have.
    ValueError
        If it is of another kind.
    """
    place = finding.where
    if finding.kind is FindingKind.AUTOMATION:
        return list_automation_cases(store, place.activity, limit=limit, engine=engine)
    if finding.kind is FindingKind.BATCH_REGISTRATION:
        return list_batch_registration_cases(store, place.activity, limit=limit, engine=engine)
    if finding.kind is FindingKind.SINGLE_ENTRY:
        attribute = place.group.removeprefix(f"{GROUP_OF_ATTRIBUTE}=")
        return list_repeated_entry_cases(store, attribute, place.activity, limit=limit, engine=engine)
    raise ValueError(f"no cases of digitalisation behind a finding of kind {finding.kind}")


def _codes(listed: tuple[CaseEvidence, ...]) -> tuple[int, ...]:
    return tuple(case.case for case in listed)
