"""The four rules by which a point of a chart has a special cause.

The rules of the NHS («Making Data Count»): a point outside the limits; seven points in a row on one side of the mean;
seven in a row all rising or all falling; two of three points close to a limit on the same side. Close means in the
outer third between mean and limit. All three points of the last rule stand on the same side of the mean.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.inference.observations import Floats

RUN: Final = 7
_OUTER: Final = 2 / 3

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


class Rule(StrEnum):
    """Why a point has a special cause."""

    OUTSIDE_LIMITS = "outside_limits"
    SHIFT = "shift"
    TREND = "trend"
    NEAR_LIMIT = "near_limit"


@dataclass(frozen=True, slots=True)
class Signal:
    """A special cause.

    Parameters
    ----------
    place
        Of the point in the series.
    rule
        Which rule it meets; a point may meet several.
    is_high
        Whether it is on the high side, or rises.
    """

    place: int
    rule: Rule
    is_high: bool


def find_signals(
    values: Floats, *, centre: Floats, lower: Floats, upper: Floats, run: int = RUN, trend: int = RUN
) -> tuple[Signal, ...]:
    """Find the points with a special cause, in their order.

    Parameters
    ----------
    values, centre, lower, upper
        Shape (T,): points, mean and limits of each; nan points break every run.
    run, trend
        How many points make a shift, and a trend; both count points.

    References
    ----------
    NHS England, "Making Data Count"; Nelson (1984), "The Shewhart control chart: tests for special causes".
    """
    found: list[Signal] = []
    for is_high in (True, False):
        side = values > centre if is_high else values < centre
        beyond = values > upper if is_high else values < lower
        found += [Signal(place, Rule.OUTSIDE_LIMITS, is_high) for place in np.flatnonzero(beyond).tolist()]
        found += [Signal(place, Rule.SHIFT, is_high) for place in _in_runs(side, run)]
        with np.errstate(invalid="ignore"):
            steps = np.diff(values) > 0 if is_high else np.diff(values) < 0
        found += [Signal(place, Rule.TREND, is_high) for place in _in_trends(steps, trend)]
        limit = upper if is_high else lower
        close = np.abs(values - centre) >= _OUTER * np.abs(limit - centre)
        found += [Signal(place, Rule.NEAR_LIMIT, is_high) for place in _two_of_three(side, side & close & ~beyond)]
    order = list(Rule)
    return tuple(sorted(found, key=lambda signal: (signal.place, order.index(signal.rule), signal.is_high)))


def _in_runs(flags: Flags, length: int) -> list[int]:
    """Return the places within runs of at least so many."""
    found: list[int] = []
    start = 0
    for place in range(len(flags) + 1):
        if place < len(flags) and flags[place]:
            continue
        if place - start >= length:
            found += range(start, place)
        start = place + 1
    return found


def _in_trends(steps: Flags, length: int) -> list[int]:
    """Return the points of runs of steps in one direction that hold at least so many points."""
    ends = _in_runs(steps, length - 1)
    return sorted({place + shift for place in ends for shift in (0, 1)})


def _two_of_three(side: Flags, close: Flags) -> list[int]:
    """Return the close points of windows of three points on one side of which at least two are close."""
    found: set[int] = set()
    for start in range(len(side) - 2):
        window = slice(start, start + 3)
        if side[window].all() and close[window].sum() >= 2:
            found.update((start + np.flatnonzero(close[window])).tolist())
    return sorted(found)
