"""Drift as findings. They claim no time of the applicants' ledger: a change is not a loss."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from potok.core.calendars.zones import day_of_number
from potok.core.finding import Confidence, Finding, FindingKind, Place, Waste
from potok.core.language import mark
from potok.diagnose.drift.cases import OrderedCases, read_ordered_cases
from potok.diagnose.drift.detect import find_drift
from potok.diagnose.drift.result import Aspect, AspectDrift, Drift
from potok.diagnose.given_cases import list_given_cases
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.daily_flow import TooManyDaysError
from potok.measure.evidence import CaseEvidence
from potok.measure.local_time import day_number_at, zone_of

MOST_OF_AN_ASPECT: Final = 3
MOST_EXAMPLES: Final = 10

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


def find_drift_findings(found: Drift, cases: OrderedCases, *, zone: str) -> tuple[Finding, ...]:
    """Return one finding per change, in the order of aspects and of time.

    Of each aspect the last `MOST_OF_AN_ASPECT` changes are named: what changed long ago has changed again since. Of
    several changes of one day the first is named. The cases of a finding are those opened from the change up to the
    next one in the same respect.

    Parameters
    ----------
    cases
        Among which the cases of a finding are looked for.
    zone
        In which the day of a change is counted.
    """
    return tuple(
        _finding(aspect.aspect, day, _longest_first(cases, stretch), cases)
        for aspect in found.aspects
        for day, stretch in list(_changes_by_day(aspect, zone))[-MOST_OF_AN_ASPECT:]
    )


def search_drift(store: LogStore, *, engine: Engine | None = None) -> Drift:
    """Find when a process changed; in a log over more than a hundred years, as a slip makes it, not in its load."""
    try:
        return find_drift(store, engine=engine)
    except TooManyDaysError:
        aspects = tuple(aspect for aspect in Aspect if aspect not in (Aspect.ARRIVALS, Aspect.WORK_IN_PROCESS))
        return find_drift(store, aspects=aspects, engine=engine)


def list_drift_cases(
    store: LogStore, finding: Finding, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases behind a finding of drift, longest first; their seconds are their lead times.

    Raises
    ------
    ValueError
        If the log has no such change.
    """
    cases = read_ordered_cases(store, thinned=False, engine=engine)
    for aspect in search_drift(store, engine=engine).aspects:
        for day, stretch in _changes_by_day(aspect, zone_of(store)):
            if (aspect.aspect.value, day) == (finding.where.rule, finding.where.since):
                rows = _longest_first(cases, stretch)
                return list_given_cases(store, cases.case[rows], cases.lead_us[rows], limit=limit, engine=engine)
    raise ValueError(f"no change of {finding.where.rule} on {finding.where.since}")


def _changes_by_day(aspect: AspectDrift, zone: str) -> Iterator[tuple[str, tuple[int, int | None]]]:
    """Yield the days of changes, each with the instants from which and up to which it holds (None: to the end)."""
    seen: dict[str, int] = {}
    for point in aspect.points:
        seen.setdefault(day_of_number(day_number_at(point.at_us, zone=zone)).isoformat(), point.at_us)
    ends = [*seen.values(), None][1:]
    for (day, at_us), end_us in zip(seen.items(), ends, strict=True):
        yield day, (at_us, end_us)


def _longest_first(cases: OrderedCases, stretch: tuple[int, int | None]) -> np.ndarray:
    """Return the places of the cases opened in a stretch, longest first."""
    start, end = stretch
    bounds = [start] if end is None else [start, end]
    first, last = (*np.searchsorted(cases.opened_us, bounds).tolist(), len(cases.case))[:2]
    rows = np.arange(first, last)
    return rows[np.lexsort((cases.case[rows], -cases.lead_us[rows]))]


def _finding(aspect: Aspect, day: str, rows: np.ndarray, cases: OrderedCases) -> Finding:
    return Finding(
        kind=FindingKind.DRIFT,
        waste=_WASTES[aspect],
        where=Place(rule=aspect.value, since=day),
        cases=len(rows),
        occurrences=1,
        example_cases=tuple(cases.case[rows[:MOST_EXAMPLES]].tolist()),
        confidence=Confidence.INFERRED,
        assumption=ASSUMPTION,
    )
