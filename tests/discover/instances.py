"""Instances from readable rows, and the bounds of their cases."""

import numpy as np

from potok.discover.instance_arrays import CaseBounds, Instances
from potok.discover.resource_calendars.work import UNKNOWN


def instances(rows: list[tuple], *, scale: int = 1) -> Instances:
    """Make instances of (case, activity letter, resource, enabled, started, completed), None for what is unknown.

    They are put into a log's order: by case, completion, start.
    """
    placed = sorted(enumerate(rows), key=lambda item: (item[1][0], *_order(item[1]), item[0]))
    ordered = [row for _place, row in placed]
    case = np.array([row[0] for row in ordered], np.int64)

    def instants(place: int) -> np.ndarray:
        return np.array([UNKNOWN if row[place] is None else row[place] * scale for row in ordered], np.int64)

    return Instances(
        case=case,
        position=(np.arange(len(case)) - np.searchsorted(case, case)).astype(np.int32),
        activity=np.array([ord(row[1]) - ord("A") for row in ordered], np.int32),
        resource=np.array([-1 if row[2] is None else row[2] for row in ordered], np.int32),
        org_unit=np.full(len(case), -1, np.int32),
        enabled_us=instants(3),
        started_us=instants(4),
        completed_us=instants(5),
    )


def _order(row: tuple) -> tuple:
    _case, _activity, _resource, enabled, started, completed = row
    happened = next((t for t in (completed, started, enabled) if t is not None), 0)
    return happened, started if started is not None else happened


def bounds(held: Instances, opened: int = UNKNOWN, end: int = 10**15) -> CaseBounds:
    """Return the same opening and end for every case."""
    cases = np.unique(held.case)
    return CaseBounds(cases, np.full(len(cases), opened), np.full(len(cases), end))
