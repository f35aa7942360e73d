"""Figures of a log month by month or week by week on a control chart: for watching, between one look and the next.

Cases belong to the period in which they opened, so that a period's figure does not change when old cases are closed.
Periods whose cases cannot all be known yet are left out, never shown as good.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.calendars.zones import load_zone, local_date, midnight_us
from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.core.time_units import DAY_US
from potok.engine.base import Engine
from potok.inference.control_charts import Chart, p_chart, xmr_chart
from potok.log.store import LogStore
from potok.measure.case_groups import ATTRIBUTE_PREFIX, group_cases
from potok.measure.case_rows import CaseRows, read_case_rows
from potok.measure.case_times import compute_case_times
from potok.measure.local_time import zone_of
from potok.measure.sampling import sampling_of
from potok.verify.study import Flags, Floats, Integers

HORIZON_SHARE: Final = 0.9
"""Without a horizon, the one by which this share of the closed cases was closed."""
WEEK: Final = timedelta(days=7)


class WatchedFigure(StrEnum):
    """What is charted."""

    CASE_DURATION = "case_duration"
    OPENED_CASES = "opened_cases"
    CLOSED_CASES = "closed_cases"
    WITHIN_TERM_SHARE = "within_term_share"
    ATTRIBUTE_SHARE = "attribute_share"


class Step(StrEnum):
    """How long a period is."""

    MONTH = "month"
    WEEK = "week"


class NothingToWatchError(BadDataError):
    """A log without whole periods of the figure."""

    code = "POTOK-V091"


class WatchOptionsError(UsageError):
    """A chart that lacks what its figure needs, or begins anew where it cannot."""

    code = "POTOK-V092"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is to be charted.

    Parameters
    ----------
    figure, step
        What, and by how long periods.
    horizon_days
        Durations are counted up to it; None chooses one from the closed cases.
    term_days
        For shares within a term, calendar days.
    attribute, value
        For shares of cases with a value.
    rebase
        Days from whose period on mean and limits begin anew.
    fixed_after
        Mean and limits of each phase come from its first so many periods; None: from all.
    """

    figure: WatchedFigure
    step: Step = Step.MONTH
    horizon_days: float | None = None
    term_days: float | None = None
    attribute: str = ""
    value: str = ""
    rebase: tuple[date, ...] = ()
    fixed_after: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A figure on its chart.

    Parameters
    ----------
    watch
        What was asked; with the horizon that was chosen.
    periods
        T first days.
    chart
        The chart.
    cases
        Shape (T,): cases behind each point.
    unknown_periods
        Last periods left out because not all of their cases can be known yet.
    """

    watch: Watch
    periods: tuple[date, ...]
    chart: Chart
    cases: Integers
    unknown_periods: int


@dataclass(frozen=True, slots=True)
class _Points:
    """A value of each case, and what it counts for."""

    at_us: Integers
    values: Floats
    known_after_us: int


def watch_figure(store: LogStore, watch: Watch, *, engine: Engine | None = None) -> Watched:
    """Chart a figure of a log.

    Raises
    ------
    WatchOptionsError
        If the figure needs a term or an attribute that is not given, or limits are to begin anew outside the log.
    NothingToWatchError
        If fewer than three whole periods are known.
    """
    _check(watch)
    groups = group_cases(
        store, ATTRIBUTE_PREFIX + watch.attribute if watch.attribute else None, times=compute_case_times(store)
    )
    rows = read_case_rows(store, sampling=sampling_of(store), groups=groups, engine=engine)
    if watch.figure is WatchedFigure.CASE_DURATION and watch.horizon_days is None:
        watch = _with_horizon(watch, rows)
    points = _points(rows, watch)
    zone, look_us = load_zone(zone_of(store)), store.extracted_us
    starts = _starts(local_date(zone, int(points.at_us.min())), local_date(zone, look_us), watch.step)
    edges = np.asarray([midnight_us(zone, day) for day in starts], np.int64)
    # A first period that the log begins within, and last ones whose cases are not all known, are not whole.
    first = int(points.at_us.min()) > edges[0] + DAY_US
    known = int(np.searchsorted(edges[1:], look_us - points.known_after_us, side="right"))
    chosen = range(int(first), known)
    if len(chosen) < 3:
        raise NothingToWatchError(
            _("Only {count} whole periods are known, a chart needs three.").format(count=len(chosen)),
            where=watch.figure.value,
            remedy=_("Take weeks, a shorter horizon or a longer log."),
        )
    place = np.searchsorted(edges, points.at_us, side="right") - 1
    whole = slice(chosen.start, chosen.stop)
    total = np.asarray(np.bincount(place, weights=points.values, minlength=len(edges))[whole], np.float64)
    cases = np.bincount(place, minlength=len(edges))[whole]
    periods = starts[whole]
    return Watched(watch, periods, _chart(watch, total, cases, _places(watch, periods)), cases, len(starts) - 1 - known)


def _check(watch: Watch) -> None:
    lacks = {
        WatchedFigure.WITHIN_TERM_SHARE: ("--term-days", watch.term_days is None),
        WatchedFigure.ATTRIBUTE_SHARE: ("--attribute, --value", not (watch.attribute and watch.value)),
    }
    option, is_lacking = lacks.get(watch.figure, ("", False))
    if is_lacking:
        raise WatchOptionsError(
            _("The figure «{figure}» needs more to be said.").format(figure=watch.figure.value),
            where=option,
            remedy=_("Give {option}.").format(option=option),
        )


def _with_horizon(watch: Watch, rows: CaseRows) -> Watch:
    days = (rows.left_us - rows.opened_us)[rows.is_closed] / DAY_US
    if not len(days):
        raise NothingToWatchError(
            _("No case is closed yet, so no horizon can be chosen."), where="log", remedy=_("Give --horizon-days.")
        )
    return replace(watch, horizon_days=float(max(1, np.ceil(np.quantile(days, HORIZON_SHARE)))))


def _points(rows: CaseRows, watch: Watch) -> _Points:
    days = (rows.left_us - rows.opened_us) / DAY_US
    ones = np.ones(len(days))
    match watch.figure:
        case WatchedFigure.OPENED_CASES:
            return _Points(rows.opened_us, ones, 0)
        case WatchedFigure.CLOSED_CASES:
            return _Points(rows.left_us[rows.is_closed], ones[rows.is_closed], 0)
        case WatchedFigure.CASE_DURATION:
            horizon = watch.horizon_days or 0.0
            return _Points(rows.opened_us, np.minimum(days, horizon), round(horizon * DAY_US))
        case WatchedFigure.WITHIN_TERM_SHARE:
            term = watch.term_days or 0.0
            return _Points(rows.opened_us, (rows.is_closed & (days <= term)).astype(float), round(term * DAY_US))
        case WatchedFigure.ATTRIBUTE_SHARE:
            return _Points(rows.opened_us, _has_value(rows, watch.value).astype(float), 0)


def _has_value(rows: CaseRows, value: str) -> Flags:
    wanted = [place for place, label in enumerate(rows.labels) if label == value]
    return np.isin(rows.groups, wanted)


def _starts(first: date, last: date, step: Step) -> tuple[date, ...]:
    """Return the first days of the periods from the first day to the period after the last one."""
    begins = first.replace(day=1) if step is Step.MONTH else first - timedelta(days=first.weekday())
    found = [begins]
    while found[-1] <= last:
        found.append((found[-1] + timedelta(days=32)).replace(day=1) if step is Step.MONTH else found[-1] + WEEK)
    return tuple(found)


def _places(watch: Watch, periods: Sequence[date]) -> list[int]:
    """Return the periods in which the days of a rebase lie."""
    places = []
    for day in watch.rebase:
        if not periods[0] < day:
            raise WatchOptionsError(
                _("Limits cannot begin anew on {day}: the chart begins on {first}.").format(day=day, first=periods[0]),
                where="--rebase",
                remedy=_("Give a day within the chart."),
            )
        places.append(sum(start <= day for start in periods) - 1)
    return places


def _chart(watch: Watch, total: Floats, cases: Integers, rebase: list[int]) -> Chart:
    if watch.figure in (WatchedFigure.WITHIN_TERM_SHARE, WatchedFigure.ATTRIBUTE_SHARE):
        return p_chart(total, cases, rebase=rebase)
    with np.errstate(invalid="ignore", divide="ignore"):
        is_mean = watch.figure is WatchedFigure.CASE_DURATION
        values = np.where(cases > 0, total / cases, np.nan) if is_mean else total
    chart = xmr_chart(values, rebase=rebase, fixed_after=watch.fixed_after)
    # Neither durations nor counts fall below zero; the rules looked at the limits as they were.
    return replace(chart, lower=np.maximum(chart.lower, 0.0))
