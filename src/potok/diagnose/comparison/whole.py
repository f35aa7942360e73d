"""A comparison with everything that belongs to it: groups, and what goes with lateness and rework."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from potok.core.finding import Finding
from potok.diagnose.comparison.causes import Causes, find_causes, questions_of
from potok.diagnose.comparison.compare import Asked, compare_population, horizon_of
from potok.diagnose.comparison.facts import Fact
from potok.diagnose.comparison.findings import find_differences
from potok.diagnose.comparison.population import Population, read_population
from potok.diagnose.comparison.result import Comparison
from potok.diagnose.comparison.shares import read_term_flags
from potok.engine.base import Engine
from potok.inference.estimate import check_share
from potok.log.store import LogStore
from potok.measure.local_time import zone_of

LOG: str = "log"


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups compared, what goes with lateness and rework, and the findings among them."""

    comparison: Comparison
    causes: tuple[Causes, ...]
    findings: tuple[Finding, ...]


def compare(stores: Sequence[LogStore], asked: Asked, *, engine: Engine | None = None) -> Answer:
    """Compare groups of cases of one log, or logs, and look for what goes with lateness and rework.

    Raises
    ------
    OutcomeGroupsError, UnknownGroupingError, TooManyGroupsError
        If the cases cannot be grouped so.
    HorizonTooLongError
        If no case was followed up to the horizon.
    InvalidShareError
        If the confidence does not lie between 0 and 1.
    UnknownActivitiesError, YearNotCoveredError
        If the regulation or the calendar does not fit the log.
    """
    check_share(asked.confidence, name="confidence")
    people = read_population(stores, by=asked.by, names=asked.names, engine=engine)
    terms = read_term_flags(stores, people, asked.rules, engine=engine) if asked.rules else ()
    found = compare_population(people, asked, terms=terms)
    questions = questions_of(people, horizon_us=horizon_of(people, asked), terms=terms)
    told = _with_logs(people) if asked.by is None else people
    causes = tuple(
        find_causes(
            told, one, zone=zone_of(stores[0]), known=asked.known, later=asked.later, confidence=asked.confidence
        )
        for one in questions
    )
    return Answer(found, causes, find_differences(found, people))


def _with_logs(people: Population) -> Population:
    """Return the cases with their log among what is known of them."""
    return replace(people, facts=(*people.facts, Fact(LOG, tuple(people.labels[place] for place in people.group))))
