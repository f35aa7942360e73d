"""What is known of those who do the work, and the delays that their absence does not explain."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.calendars import Calendar, CalendarSet
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.core.time_units import SECOND_US
from potok.discover.enabled_times import EnablementBasis
from potok.discover.extraneous_delay.delays import ActivityDelay, DelayRules
from potok.discover.extraneous_delay.resource_facts import ResourceFacts, compute_resource_facts
from potok.discover.resource_calendars import WeeklyRules
from potok.discover.resource_calendars.work import UNKNOWN, Integers
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.running import activity_labels, resource_labels

MOST_EXAMPLES: Final = 10
# A delay below this share of all waiting is not worth a finding.
TRIFLE_SHARE: Final = 0.001

ASSUMPTION: Final = mark(
    "Whoever was free and on duty would have taken what was ready. Work that is collected on purpose, or that waits "
    "for something outside the log, looks like a delay."
)


@dataclass(frozen=True, slots=True)
class ResourceDiagnosis:
    """What is inferred of the resources of a log, with the names for its codes.

    Parameters
    ----------
    facts
        By the codes of the log store.
    activities, resources
        Labels by code.
    """

    facts: ResourceFacts
    activities: dict[int, str]
    resources: dict[int, str]

    def proven_delays(self, activity: int) -> tuple[Integers, Integers]:
        """Return the cases proven to be delayed before an activity, longest first, and by how much.

        Returns
        -------
        case, delay_us
            (n,) int64: codes of the log store, and µs in all instances of the case.
        """
        case, proven = self._proven(activity)
        found, place = np.unique(case, return_inverse=True)
        total = np.zeros(len(found), dtype=np.int64)
        np.add.at(total, place.reshape(-1), proven)
        order = np.lexsort((found, -total))
        return np.asarray(found[order], dtype=np.int64), total[order]

    def delayed_cases(self, activity: int) -> Integers:
        """Return the codes of the cases proven to be delayed before an activity, those delayed longest first."""
        return self.proven_delays(activity)[0]

    def delayed_instances(self, activity: int) -> int:
        """Return how many instances of an activity are proven to be delayed by more than a trifle."""
        return len(self._proven(activity)[0])

    def _proven(self, activity: int) -> tuple[Integers, Integers]:
        held = self.facts.delays.instances
        trifle_us = int(self.facts.delays.rules.trifle_seconds * SECOND_US)
        rows = (held.activity == activity) & (held.proven_us != UNKNOWN) & (held.proven_us > trifle_us)
        return held.case[rows], held.proven_us[rows]


def diagnose_resources(
    store: LogStore,
    *,
    calendar: Calendar | CalendarSet | None = None,
    enablement: EnablementBasis | None = None,
    weekly: WeeklyRules | None = None,
    rules: DelayRules | None = None,
    engine: Engine | None = None,
) -> ResourceDiagnosis:
    """Diagnose who works when, with whom, on how much at once and in which order, and what delays that leaves open.

    Parameters are those of `potok.discover.extraneous_delay.resource_facts.compute_resource_facts`.
    """
    facts = compute_resource_facts(
        store, calendar=calendar, enablement=enablement, weekly=weekly, rules=rules, engine=engine
    )
    return ResourceDiagnosis(facts, activity_labels(store, engine), resource_labels(store, engine))


def find_extraneous_delay(result: ResourceDiagnosis) -> tuple[Finding, ...]:
    """Find the activities before which work lies though somebody who could do it is free, most time first.

    They claim nothing of the applicants' ledger: a delay overlaps closed hours and queues, which the causes of waiting
    share out.
    """
    delays = result.facts.delays
    waited = sum(one.waiting_seconds for one in delays.activities)
    return tuple(
        _finding(one, result)
        for one in delays.activities
        if (one.total_seconds or 0.0) > TRIFLE_SHARE * waited and result.delayed_instances(one.activity)
    )


def _finding(one: ActivityDelay, result: ResourceDiagnosis) -> Finding:
    cases = result.delayed_cases(one.activity)
    return Finding(
        kind=FindingKind.EXTRANEOUS_DELAY,
        waste=Waste.WAITING,
        where=Place(activity=result.activities[one.activity]),
        cases=len(cases),
        occurrences=result.delayed_instances(one.activity),
        example_cases=tuple(cases[:MOST_EXAMPLES].tolist()),
        affected_seconds=one.total_seconds,
        confidence=Confidence.INFERRED,
        assumption=ASSUMPTION,
    )
