"""The outcome month by month: as it was, and as it would have been without the change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import Final

import numpy as np

from potok.report.verification.results import EffectResults
from potok.verify.effect import EffectEstimate, PeriodEffect
from potok.verify.protocol.model import Direction, Protocol
from potok.verify.study import Integers, Panel

_DAYS_IN_MONTH: Final = 30.44


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """A month.

    Parameters
    ----------
    label
        ISO month, or months since the change.
    at
        Place on the axis: months from the first one, or months since the change.
    observed
        Mean outcome of the agencies that change; nan without cases.
    without, lower, upper
        The same as it would have been without the change, with its interval; nan where that is not estimated.
    cases
        Cases behind `observed`.
    """

    label: str
    at: float
    observed: float
    without: float
    lower: float
    upper: float
    cases: int


@dataclass(frozen=True, slots=True)
class Series:
    """Months in order.

    Parameters
    ----------
    points
        At least one.
    is_relative
        Whether places are months since the change, because agencies changed at different times.
    transition
        From where to where cases belong to neither side: the declared window, and whole months that it breaks into.
    """

    points: tuple[SeriesPoint, ...]
    is_relative: bool
    transition: tuple[float, float]


def make_series(results: EffectResults, *, has_without: bool = True) -> Series | None:
    """Average the outcome of the agencies that change, weighted by their cases; None without a panel or any change.

    Parameters
    ----------
    has_without
        Whether the outcome as it would have been is wanted.
    """
    panel = results.panel
    if panel is None:
        return None
    rows = np.flatnonzero(panel.first_changed >= 0)
    if not len(rows):
        return None
    changes = {wave.on for wave in results.protocol.change.waves if wave.agency in set(panel.agencies)}
    is_relative = len(changes) > 1
    means, counts = _align(panel, rows) if is_relative else _pool(panel, rows)
    estimate = results.effect.estimate if has_without else None
    worked = {} if estimate is None else _worked_out(estimate, panel, rows, is_relative)
    sign = 1.0 if results.protocol.estimand.direction is Direction.LOWER_IS_BETTER else -1.0
    points = tuple(_point(at, means[at], counts[at], worked, sign, panel, is_relative) for at in sorted(means))
    known = [place for place, point in enumerate(points) if isfinite(point.observed)]
    if not known:
        return None
    points = points[known[0] : known[-1] + 1]
    change = -0.5 if is_relative else float(panel.first_changed[rows].min()) - 0.5
    low, high = _transition(results.protocol, panel, rows, is_relative)
    return Series(points, is_relative, _with_gap(points, change, (min(low, change), max(high, change))))


def _with_gap(points: Sequence[SeriesPoint], change: float, window: tuple[float, float]) -> tuple[float, float]:
    """Widen a window to the months around it that have no mean, because part of their cases belong to neither side."""
    known = [point.at for point in points if isfinite(point.observed)]
    before = max((at for at in known if at < change), default=None)
    after = min((at for at in known if at > change), default=None)
    low = window[0] if before is None else min(window[0], before + 0.5)
    high = window[1] if after is None else max(window[1], after - 0.5)
    return low, high


def _pool(panel: Panel, rows: Integers) -> tuple[dict[int, float], dict[int, int]]:
    """Return mean and cases by place of the month."""
    cells = [(month, int(row), month) for row in rows for month in range(len(panel.months))]
    return _average(panel, cells)


def _align(panel: Panel, rows: Integers) -> tuple[dict[int, float], dict[int, int]]:
    """Return mean and cases by months since each agency's first month after its change.

    Only months between the first and the last case of every agency are kept: else the mean would change with who is in
    it.
    """
    first = panel.first_changed[rows]
    known = [np.flatnonzero(panel.cases[row]) - int(one) for row, one in zip(rows, first, strict=True)]
    if not all(map(len, known)):
        return {}, {}
    from_, until = max(int(places[0]) for places in known), min(int(places[-1]) for places in known)
    places = [
        (month - int(one), int(row), month)
        for row, one in zip(rows, first, strict=True)
        for month in range(len(panel.months))
    ]
    return _average(panel, [cell for cell in places if from_ <= cell[0] <= until])


def _average(panel: Panel, cells: list[tuple[int, int, int]]) -> tuple[dict[int, float], dict[int, int]]:
    totals: dict[int, float] = {}
    counts: dict[int, int] = {}
    for at, row, month in cells:
        cases = int(panel.cases[row, month])
        counts[at] = counts.get(at, 0) + cases
        totals[at] = totals.get(at, 0.0) + (cases * float(panel.mean[row, month]) if cases else 0.0)
    return {at: (totals[at] / counts[at] if counts[at] else nan) for at in counts}, counts


def _worked_out(
    estimate: EffectEstimate, panel: Panel, rows: Integers, is_relative: bool
) -> Mapping[int, PeriodEffect]:
    """Return the improvement by place on the axis, of the periods after the change."""
    months = {month.strftime("%Y-%m"): place for place, month in enumerate(panel.months)}
    first = int(panel.first_changed[rows].max())
    found = {}
    for period in estimate.periods:
        if period.is_before:
            continue
        if period.label in months:
            found[months[period.label]] = period
        elif period.label.lstrip("+-").isdigit():
            found[int(period.label) + (0 if is_relative else first)] = period
    return found


def _point(
    at: int,
    mean: float,
    cases: int,
    worked: Mapping[int, PeriodEffect],
    sign: float,
    panel: Panel,
    is_relative: bool,
) -> SeriesPoint:
    label = (f"{at:+d}" if at else "0") if is_relative else panel.months[at].strftime("%Y-%m")
    period = worked.get(at)
    if period is None or not isfinite(mean):
        return SeriesPoint(label, float(at), mean, nan, nan, nan, cases)
    one = period.improvement
    limits = sorted((mean + sign * one.lower, mean + sign * one.upper))
    return SeriesPoint(label, float(at), mean, mean + sign * one.value, limits[0], limits[1], cases)


def _transition(protocol: Protocol, panel: Panel, rows: Integers, is_relative: bool) -> tuple[float, float]:
    """Return where cases belong to neither side: the declared window, or the whole months that hold it."""
    estimand = protocol.estimand
    if is_relative:
        empty = int((panel.first_changed[rows] - panel.change_month[rows]).max())
        return -0.5 - max(empty, 0) - estimand.transition_before_days / _DAYS_IN_MONTH, -0.5
    on = next((wave.on for wave in protocol.change.waves if wave.agency in set(panel.agencies)), None)
    if on is None:
        return _whole_month(panel, rows)
    change = (on.year - panel.months[0].year) * 12 + on.month - panel.months[0].month + (on.day - 1) / _DAYS_IN_MONTH
    # A month's point stands in its middle, half a month after its first day.
    start = change - 0.5
    return (
        start - estimand.transition_before_days / _DAYS_IN_MONTH,
        start + estimand.transition_after_days / _DAYS_IN_MONTH,
    )


def _whole_month(panel: Panel, rows: Integers) -> tuple[float, float]:
    first = float(panel.first_changed[rows].min()) - 0.5
    return first, first


def list_points(series: Series) -> Iterator[tuple[str, float | None, float | None, float | None, float | None, int]]:
    """List the points as rows of a table; None for what is not known."""
    for point in series.points:
        values = (point.observed, point.without, point.lower, point.upper)
        known = tuple(value if isfinite(value) else None for value in values)
        yield point.label, known[0], known[1], known[2], known[3], point.cases
