"""Differences between groups as findings. They claim no time of the applicants' ledger."""

import numpy as np

from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.diagnose.comparison.population import Population
from potok.diagnose.comparison.result import ASSUMPTIONS, Comparison, Verdict

MOST_EXAMPLES = 10


def find_differences(found: Comparison, people: Population) -> tuple[Finding, ...]:
    """Return one finding per group that is surely slower than the others on cases like its own, most time first.

    `affected_seconds` is the group's unexplained difference times its cases on which it rests.

    Parameters
    ----------
    people
        The cases that were compared.
    """
    slower = [group for group in found.groups if group.verdict is Verdict.SLOWER and group.unexplained]
    findings = [
        Finding(
            kind=FindingKind.DIFFERENCE,
            waste=Waste.WAITING,
            where=Place(group=f"{found.by}={group.label}"),
            cases=group.used_cases,
            occurrences=group.used_cases,
            example_cases=_longest(people, group.label),
            affected_seconds=group.unexplained.value * group.used_cases if group.unexplained else None,
            confidence=Confidence.INFERRED,
            assumption=ASSUMPTIONS["not_causal"],
        )
        for group in slower
    ]
    return tuple(sorted(findings, key=lambda finding: -(finding.affected_seconds or 0.0)))


def _longest(people: Population, label: str) -> tuple[int, ...]:
    """Return codes of the group's longest cases; of several logs, whose codes are not one log's, none."""
    if people.log.size and people.log.max() > 0:
        return ()
    here = np.flatnonzero(people.group == people.labels.index(label))
    longest = here[np.lexsort((people.case[here], -people.lead_us[here]))][:MOST_EXAMPLES]
    return tuple(people.case[longest].tolist())
