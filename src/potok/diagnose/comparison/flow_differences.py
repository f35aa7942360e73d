"""Which steps and orders a group's cases take more or less often than all others."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.diagnose.comparison.population import Integers, Population
from potok.diagnose.drift.cases import OrderedCases
from potok.diagnose.drift.describe import describe_changes
from potok.diagnose.drift.flow import flow_series
from potok.diagnose.drift.result import FeatureChange
from potok.diagnose.drift.series import Series

MOST_CASES: Final = 20_000
MOST_DIFFERENCES: Final = 10


@dataclass(frozen=True, slots=True)
class Flow:
    """The control flow of cases that belong to a group, by opening.

    Parameters
    ----------
    series
        One row per case.
    group
        (n,): the group of each.
    """

    series: Series
    group: Integers


def read_flow(people: Population) -> Flow:
    """Lay out the control flow of the cases that belong to a group; of large logs, of every n-th case."""
    known = np.flatnonzero(people.group >= 0)
    order = known[np.argsort(people.opened_us[known], kind="stable")]
    order = order[:: max(1, -(-len(order) // MOST_CASES))]
    labels = sorted({label for path in people.paths for label in path})
    code = {label: number for number, label in enumerate(labels)}
    used = set(people.path[order].tolist())
    paths = {place: tuple(code[label] for label in people.paths[place]) for place in used}
    cases = OrderedCases(
        case=people.case[order],
        opened_us=people.opened_us[order],
        variant=people.path[order],
        lead_us=people.lead_us[order],
        all_cases=len(order),
        young_cases=0,
        settling_us=0,
        every=1,
        includes_young=False,
    )
    return Flow(flow_series(cases, paths, dict(enumerate(labels))), people.group[order])


def find_flow_differences(flow: Flow, place: int) -> tuple[FeatureChange, ...]:
    """Return how the control flow of a group differs from that of all others, the largest difference first.

    The p values are adjusted for the number of figures looked at (Holm).

    Parameters
    ----------
    place
        The group.
    """
    others, own = np.flatnonzero(flow.group != place), np.flatnonzero(flow.group == place)
    if flow.series.refusal is not None or not len(others) or not len(own):
        return ()
    order = np.concatenate([others, own])
    series = replace(flow.series, values=flow.series.values[order], raw=flow.series.raw[order])
    return describe_changes(series, start=0, cut=len(others), end=len(order))[:MOST_DIFFERENCES]
