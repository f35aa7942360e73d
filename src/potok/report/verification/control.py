"""Control charts in words, and the one of an effect: months held against limits from before the change."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from math import isfinite
from typing import Final

from potok.core.language import gettext as _
from potok.inference.control_charts import Chart, Rule, Signal, xmr_chart
from potok.report.verification.drawing.control_chart import ControlChart
from potok.report.verification.results import EffectResults
from potok.report.verification.series import make_series
from potok.verify.verification import Verification

FEWEST_POINTS: Final = 8
_MOST_NAMED: Final = 6


def watch_months(results: EffectResults) -> ControlChart | None:
    """Chart the outcome by month; mean and limits come from the months before the change alone.

    Returns
    -------
    ControlChart or None
        None without months, with fewer than eight before the change, or if agencies changed at different times.
    """
    series = make_series(results, has_without=False)
    if series is None or series.is_relative:
        return None
    points = [point for point in series.points if isfinite(point.observed)]
    before = sum(point.at < series.transition[0] for point in points)
    if before < FEWEST_POINTS:
        return None
    chart = xmr_chart([point.observed for point in points], fixed_after=before)
    return control_of(chart, [point.label for point in points])


def results_of(found: Verification, *, command: str = "") -> EffectResults:
    """Return what pages are made of, the control chart among it.

    Parameters
    ----------
    command
        How to compute the effect again, as typed.
    """
    results = EffectResults(
        effect=found.effect,
        protocol=found.protocol,
        study=found.study,
        arms=found.arms,
        panel=found.panel,
        bands=found.bands,
        command=command,
    )
    return replace(results, control=watch_months(results))


def say_special(labels: Sequence[str], is_special: Sequence[bool]) -> str:
    """Say which points are not chance; those that follow one another are named by the first and the last of them."""
    runs = [[*run] for is_found, run in groupby(range(len(labels)), key=lambda place: is_special[place]) if is_found]
    if not runs:
        return _("Nothing but chance is seen.")
    named = [
        labels[run[0]] if len(run) == 1 else _("{first} to {last}").format(first=labels[run[0]], last=labels[run[-1]])
        for run in runs
    ]
    left = len(named) - _MOST_NAMED
    more = _(" and {n} more").format(n=left) if left > 0 else ""
    return _("Not chance: {months}.").format(months=", ".join(named[:_MOST_NAMED]) + more)


def control_of(chart: Chart, labels: Sequence[str]) -> ControlChart:
    """Return a control chart as it is drawn, its special causes in words.

    Parameters
    ----------
    labels
        ISO months or numbers, one for each point.
    """
    signals: list[list[str]] = [[] for _label in labels]
    for signal in chart.signals:
        signals[signal.place].append(name_signal(signal))
    columns = (chart.values, chart.centre, chart.lower, chart.upper)
    values, means, lower, upper = (tuple(float(value) for value in column) for column in columns)
    return ControlChart(tuple(labels), values, means, lower, upper, tuple(map(tuple, signals)))


def name_signal(signal: Signal) -> str:
    """Say why a point is not chance."""
    return {
        (Rule.OUTSIDE_LIMITS, True): _("above the upper limit"),
        (Rule.OUTSIDE_LIMITS, False): _("below the lower limit"),
        (Rule.SHIFT, True): _("seven in a row above the mean"),
        (Rule.SHIFT, False): _("seven in a row below the mean"),
        (Rule.TREND, True): _("seven in a row rising"),
        (Rule.TREND, False): _("seven in a row falling"),
        (Rule.NEAR_LIMIT, True): _("two of three near the upper limit"),
        (Rule.NEAR_LIMIT, False): _("two of three near the lower limit"),
    }[signal.rule, signal.is_high]
