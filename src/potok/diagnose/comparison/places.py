"""One log compared by everything that it says of where its cases belong: channel, service, agency, department.

Each is a comparison of its own (`potok.diagnose.comparison.compare`), adjusted for what else is known at the opening.
The error rate is shared out evenly over them, and within each over its groups, so that the probability of calling any
group slower that is not stays at `ERROR_RATE`.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.core.finding import Finding
from potok.diagnose.comparison.compare import Asked, compare_population, horizon_of
from potok.diagnose.comparison.facts import OPENING_UNIT, PLACES, Fact
from potok.diagnose.comparison.findings import find_differences
from potok.diagnose.comparison.population import Population, read_population
from potok.diagnose.comparison.result import LEAST_CASES, Comparison
from potok.diagnose.given_cases import list_given_cases
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.case_groups import MOST_GROUPS
from potok.measure.evidence import CaseEvidence

ERROR_RATE: Final = 0.05
GROUPINGS: Final = (*PLACES, OPENING_UNIT)
TRIFLE_SHARE: Final = 0.001
MOST_FINDINGS: Final = 10


@dataclass(frozen=True, slots=True)
class ComparedPlaces:
    """The comparisons of one log.

    Parameters
    ----------
    comparisons
        Each with the cases, grouped as they were compared.
    """

    comparisons: tuple[tuple[Comparison, Population], ...]


def compare_places(store: LogStore, *, engine: Engine | None = None) -> ComparedPlaces:
    """Compare the cases of a log by channel, service, agency and opening department, as far as it has them."""
    return compare_people(read_population((store,), by=None, engine=engine))


def compare_people(people: Population) -> ComparedPlaces:
    """Compare cases that were read already by every place of theirs with two groups of `LEAST_CASES` cases at least."""
    grouped = {fact.name: group_by_fact(people, fact) for fact in people.facts if _can_group(fact)}
    chosen = {name: cases for name, cases in grouped.items() if _is_comparable(cases)}
    confidence = 1 - ERROR_RATE / max(1, len(chosen))
    return ComparedPlaces(
        tuple(
            (compare_population(cases, Asked(by=name, confidence=confidence)), cases) for name, cases in chosen.items()
        )
    )


def find_place_differences(found: ComparedPlaces, *, lead_seconds: float) -> tuple[Finding, ...]:
    """Return the groups that are surely slower than the others on cases like theirs, most time first.

    Of less than `TRIFLE_SHARE` of the lead time none is named, and of the others the first `MOST_FINDINGS`.

    Parameters
    ----------
    lead_seconds
        Lead time of all cases.
    """
    findings = [finding for comparison, people in found.comparisons for finding in find_differences(comparison, people)]
    worth = [one for one in findings if (one.affected_seconds or 0.0) > TRIFLE_SHARE * lead_seconds]
    return tuple(sorted(worth, key=lambda one: -(one.affected_seconds or 0.0))[:MOST_FINDINGS])


def list_difference_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases of a group on which its difference rests, longest first; their seconds are their lead times.

    Raises
    ------
    ValueError
        If the log has no such group.
    """
    name, _sign, label = finding.where.group.partition("=")
    read = read_population((store,), by=None, engine=engine)
    people = next((group_by_fact(read, fact) for fact in read.facts if fact.name == name), None)
    if people is None or label not in people.labels:
        raise ValueError(f"no group {finding.where.group}")
    here = people.group == people.labels.index(label)
    followed = here & (people.age_us >= (horizon_of(people, Asked(by=name)) or 0))
    return list_given_cases(store, people.case[followed], people.lead_us[followed], limit=limit, engine=engine)


def group_by_fact(people: Population, fact: Fact) -> Population:
    """Return the same cases grouped by one thing that is known of them."""
    labels = tuple(sorted({value for value in fact.values if value}))
    code = {label: place for place, label in enumerate(labels)}
    return replace(
        people, group=np.array([code.get(value or "", -1) for value in fact.values], np.int64), labels=labels
    )


def _can_group(fact: Fact) -> bool:
    return fact.name in GROUPINGS and 1 < len(set(fact.values) - {None}) <= MOST_GROUPS


def _is_comparable(people: Population) -> bool:
    sizes = np.bincount(people.group[people.group >= 0], minlength=len(people.labels))
    return int(np.count_nonzero(sizes >= LEAST_CASES)) > 1
