"""Drift as findings. They claim no time of the applicants' ledger: a change is not a loss."""

from typing import Final

from potok.core.calendars.zones import day_of_number
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.drift.result import Aspect, Drift
from potok.measure.local_time import day_number_at

ASSUMPTION: Final = mark("Between changes the process is taken to be steady; a season looks like recurring changes.")
_WASTES: Final = {
    Aspect.CONTROL_FLOW: Waste.OVERPROCESSING,
    Aspect.LEAD_TIME: Waste.WAITING,
    Aspect.ACTIVITY_TIMES: Waste.WAITING,
    Aspect.RESOURCES: Waste.TALENT,
    Aspect.MIX: Waste.OVERPROCESSING,
    Aspect.ARRIVALS: Waste.INVENTORY,
    Aspect.WORK_IN_PROCESS: Waste.INVENTORY,
}


def find_drift_findings(found: Drift, *, zone: str) -> tuple[Finding, ...]:
    """Return one finding per change, in the order of aspects and of time.

    Parameters
    ----------
    zone
        In which the day of a change is counted.
    """
    return tuple(
        Finding(
            kind=FindingKind.DRIFT,
            waste=_WASTES[aspect.aspect],
            where=Place(
                rule=aspect.aspect.value, since=day_of_number(day_number_at(point.at_us, zone=zone)).isoformat()
            ),
            cases=point.units_after if aspect.unit == "case" else 0,
            occurrences=1,
            applicant_seconds=0.0,
            lead_time_share=0.0,
            example_cases=() if point.first_case is None else (point.first_case,),
            confidence=Confidence.INFERRED,
            assumption=ASSUMPTION,
        )
        for aspect in found.aspects
        for point in aspect.points
    )
