"""When a process changed: control flow, times, resources, mix and load, each searched at its share of the error rate.

The probability of any false alarm is shared out evenly over the aspects that can be searched, and within an aspect over
the parts of the log (`potok.inference.change_points`). Cases are taken in order of their opening, whatever the order of
the file.
"""

from dataclasses import dataclass
from typing import Final

from potok.diagnose.comparison.facts import read_facts
from potok.diagnose.drift.cases import OrderedCases, chosen_cases, read_ordered_cases
from potok.diagnose.drift.describe import describe_changes
from potok.diagnose.drift.flow import flow_series
from potok.diagnose.drift.load import load_series
from potok.diagnose.drift.mix import mix_series, resource_cases, resource_series
from potok.diagnose.drift.result import (
    THINNED,
    YOUNG_CASES_INCLUDED,
    Aspect,
    AspectDrift,
    Drift,
    DriftPoint,
    DriftRefusal,
)
from potok.diagnose.drift.series import Integers, Series, nothing
from potok.diagnose.drift.times import activity_gaps, activity_time_series, lead_time_series
from potok.engine.base import Engine
from potok.engine.tables import EVENTS, VARIANTS
from potok.inference.change_points import ChangePoint, ChangePoints, find_change_points
from potok.inference.estimate import check_share
from potok.log.store import LogStore
from potok.measure.daily_flow import read_daily_flow
from potok.measure.running import activity_labels, fetch, resource_labels, run, seconds
from potok.measure.sampling import sampling_of

DEFAULT_ERROR_RATE: Final = 0.05
CONFIDENCE: Final = 0.95
MOST_CHANGES: Final = 20


def find_drift(
    store: LogStore,
    *,
    error_rate: float = DEFAULT_ERROR_RATE,
    aspects: tuple[Aspect, ...] = tuple(Aspect),
    seed: int = 0,
    engine: Engine | None = None,
) -> Drift:
    """Find when a process changed.

    Parameters
    ----------
    error_rate
        Probability of any false alarm, over all aspects.
    aspects
        What to search.
    seed
        Of the shuffling.

    Raises
    ------
    InvalidShareError
        If `error_rate` does not lie between 0 and 1.
    TooManyDaysError
        If the log reaches over more than a hundred years.
    """
    check_share(error_rate, name="error_rate")
    cases = read_ordered_cases(store, engine=engine)
    series = _read_series(store, cases, aspects=aspects, engine=engine)
    searched = search_series(series, error_rate=error_rate, case=cases.case, seed=seed)
    assumptions = [YOUNG_CASES_INCLUDED] * cases.includes_young + [THINNED] * (cases.every > 1)
    return Drift(
        aspects=searched,
        cases=cases.all_cases,
        used_cases=len(cases.case),
        young_cases=cases.young_cases,
        settling_seconds=seconds(cases.settling_us),
        every=cases.every,
        error_rate=error_rate,
        confidence=CONFIDENCE,
        assumptions=tuple(assumptions),
    )


def search_series(
    series: list[Series], *, error_rate: float, case: Integers | None = None, seed: int = 0
) -> tuple[AspectDrift, ...]:
    """Search several series, each at its share of the error rate.

    Parameters
    ----------
    case
        Codes of the cases of those series that are of cases.
    """
    searchable = sum(found.refusal is None for found in series)
    return tuple(
        _search(found, error_rate=error_rate / searchable, tests=searchable, case=case, seed=seed)
        if found.refusal is None
        else AspectDrift(found.aspect, found.unit, len(found.values), 0, 0, (), found.refusal)
        for found in series
    )


def _search(series: Series, *, error_rate: float, tests: int, case: Integers | None, seed: int) -> AspectDrift:
    found = find_change_points(series.values, error_rate=error_rate, confidence=CONFIDENCE, seed=seed)
    return AspectDrift(
        aspect=series.aspect,
        unit=series.unit,
        units=len(series.values),
        features=len(series.features),
        block=found.block,
        points=_points(series, found, tests=tests, case=case),
        refusal=None if found.is_searchable else DriftRefusal.TOO_SHORT,
    )


def _points(series: Series, found: ChangePoints, *, tests: int, case: Integers | None) -> tuple[DriftPoint, ...]:
    """Return the points at which something can be named that changed; without it nobody could act on a point."""
    kept = list(found.points)
    while True:
        bounds = [0, *(point.index for point in kept), found.count]
        points = [
            _point(series, point, (bounds[number], bounds[number + 2]), tests=tests, case=case)
            for number, point in enumerate(kept)
        ]
        unnamed = [number for number, point in enumerate(points) if not point.changes]
        if not unnamed:
            return tuple(points)
        # One at a time, as the stretches of its neighbours become longer without it.
        del kept[max(unnamed, key=lambda number: kept[number].p_value)]


def _point(
    series: Series, point: ChangePoint, neighbours: tuple[int, int], *, tests: int, case: Integers | None
) -> DriftPoint:
    start, end = neighbours
    changes = describe_changes(series, start=start, cut=point.index, end=end)
    at_us = series.at_us
    is_of_cases = series.unit == "case" and case is not None
    return DriftPoint(
        index=point.index,
        lower_index=point.lower,
        upper_index=point.upper,
        at_us=int(at_us[point.index]),
        lower_us=int(at_us[point.lower]),
        upper_us=int(at_us[min(point.upper, len(at_us) - 1)]),
        p_value=min(1.0, point.p_value * tests),
        units_before=point.index - start,
        units_after=end - point.index,
        first_case=int(case[point.index]) if is_of_cases and case is not None else None,
        changes=changes[:MOST_CHANGES],
        changed_features=len(changes),
    )


def _read_series(
    store: LogStore, cases: OrderedCases, *, aspects: tuple[Aspect, ...], engine: Engine | None
) -> list[Series]:
    reader = _Reader(store, cases, engine)
    readers = {
        Aspect.CONTROL_FLOW: reader.flow,
        Aspect.LEAD_TIME: lambda: lead_time_series(cases),
        Aspect.ACTIVITY_TIMES: reader.activity_times,
        Aspect.RESOURCES: reader.resources,
        Aspect.MIX: reader.mix,
    }
    found = [
        nothing(aspect, refusal=DriftRefusal.TOO_YOUNG) if cases.is_incomplete and aspect is not Aspect.MIX else read()
        for aspect, read in readers.items()
        if aspect in aspects
    ]
    load = [aspect for aspect in (Aspect.ARRIVALS, Aspect.WORK_IN_PROCESS) if aspect in aspects]
    return found + [series for series in (reader.load() if load else ()) if series.aspect in load]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Fetches what the features of the cases looked at are made of."""

    store: LogStore
    cases: OrderedCases
    engine: Engine | None

    def flow(self) -> Series:
        wanted = set(self.cases.variant.tolist())
        rows = run(VARIANTS.select("variant", "activities"), self.store, self.engine)
        paths = {code: tuple(map(int, path.split(","))) for code, path in rows if code in wanted}
        return flow_series(self.cases, paths, activity_labels(self.store, self.engine))

    def activity_times(self) -> Series:
        rows = fetch(activity_gaps(EVENTS, chosen_cases()), self.store, self.engine, given=self.cases.given)
        return activity_time_series(self.cases, rows, activity_labels(self.store, self.engine))

    def resources(self) -> Series:
        rows = fetch(resource_cases(EVENTS, chosen_cases()), self.store, self.engine, given=self.cases.given)
        return resource_series(self.cases, rows, resource_labels(self.store, self.engine))

    def mix(self) -> Series:
        return mix_series(self.cases, read_facts(self.store, self.cases.case, engine=self.engine))

    def load(self) -> tuple[Series, Series]:
        flow = read_daily_flow(self.store, engine=self.engine)
        is_closed_only = sampling_of(self.store).is_closed_only
        return load_series(flow, settling_us=self.cases.settling_us, is_closed_only=is_closed_only)
