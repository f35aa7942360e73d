"""A watched figure: its table, its JSON and its picture."""

from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.control_charts import ChartKind, Rule
from potok.report.bpmn.picture import render_png
from potok.report.catalogue.entry import count, number, share, text
from potok.report.formats import format_decimal, format_share
from potok.report.tables import Table
from potok.report.verification.chart_file import make_picture_standalone
from potok.report.verification.drawing.control_chart import ControlChart, draw_control_chart
from potok.verify.watching import Step, Watched, WatchedFigure

SCHEMA: Final = "potok.chart/1"
SUFFIXES: Final = (".svg", ".png")


class PictureNameError(UsageError):
    """A file for a picture whose name does not say what it is to be."""

    code = "POTOK-V094"


def check_picture_file(target: Path | None) -> None:
    """Refuse a name before anything is computed.

    Raises
    ------
    PictureNameError
        If it does not end as a picture that can be written.
    """
    if target is not None and target.suffix.lower() not in SUFFIXES:
        raise PictureNameError(
            _("The chart cannot be written as «{name}».").format(name=target.name),
            where="--out",
            remedy=_("Choose a name that ends in one of: {suffixes}.").format(suffixes=", ".join(SUFFIXES)),
        )


def write_picture(target: Path, found: Watched) -> None:
    """Write the chart as a picture; nothing is left half written."""
    from potok.log.importing.folder import replace_file

    svg = make_picture_standalone(draw_watched(found))
    replace_file(target, svg if target.suffix.lower() == ".svg" else render_png(svg))


def draw_watched(found: Watched) -> Markup:
    """Draw the chart."""
    chart = found.chart
    drawn = ControlChart(
        labels=tuple(labels_of(found)),
        values=tuple(chart.values.tolist()),
        means=tuple(chart.centre.tolist()),
        lower=tuple(chart.lower.tolist()),
        upper=tuple(chart.upper.tolist()),
        signals=tuple(map(tuple, _signals(found))),
    )
    write: Callable[[float], str] = format_share if chart.kind is ChartKind.P else format_decimal
    return draw_control_chart(drawn, title=name_figure(found), description=say_signals(found), write=write)


def watched_tables(found: Watched) -> tuple[Table, ...]:
    """Return the chart as a table with a row per period."""
    chart = found.chart
    column = share if chart.kind is ChartKind.P else number
    columns = (
        text("period", _("Period from")),
        count("cases", _("Cases")),
        column("value", _("Value")),
        column("mean", _("Mean")),
        column("lower", _("Lower limit")),
        column("upper", _("Upper limit")),
        text("signals", _("Not chance, because")),
    )
    rows = tuple(
        (day.isoformat(), cases, *(value if isfinite(value) else None for value in values), "; ".join(signals))
        for day, cases, signals, *values in zip(
            found.periods,
            found.cases.tolist(),
            _signals(found),
            chart.values.tolist(),
            chart.centre.tolist(),
            chart.lower.tolist(),
            chart.upper.tolist(),
            strict=True,
        )
    )
    return (Table("chart", name_figure(found), columns, rows, notes=tuple(_notes(found))),)


def watched_as_json(found: Watched, *, source: dict[str, Any]) -> dict[str, Any]:
    """Return the chart as plain values: ``potok.chart/1``.

    Parameters
    ----------
    source
        Name and hash of the log.
    """
    chart, watch = found.chart, found.watch
    by_place: dict[int, list[dict[str, Any]]] = {}
    for signal in chart.signals:
        by_place.setdefault(signal.place, []).append({"rule": signal.rule.value, "is_high": signal.is_high})
    return {
        "schema": SCHEMA,
        "source": source,
        "figure": watch.figure.value,
        "step": watch.step.value,
        "kind": chart.kind.value,
        "horizon_days": watch.horizon_days,
        "term_days": watch.term_days,
        "attribute": watch.attribute or None,
        "value": watch.value or None,
        "dispersion": chart.dispersion,
        "unknown_periods": found.unknown_periods,
        "phases": [
            {
                "from": found.periods[phase.start].isoformat(),
                "periods": phase.end - phase.start,
                "periods_used": phase.fixed_after,
                "mean": phase.centre,
                "mean_moving_range": phase.mean_range if isfinite(phase.mean_range) else None,
                "screened": [found.periods[place].isoformat() for place in phase.screened],
            }
            for phase in chart.phases
        ],
        "periods": [
            {
                "from": day.isoformat(),
                "cases": int(found.cases[place]),
                "value": _finite(chart.values[place]),
                "mean": _finite(chart.centre[place]),
                "lower": _finite(chart.lower[place]),
                "upper": _finite(chart.upper[place]),
                "signals": by_place.get(place, []),
            }
            for place, day in enumerate(found.periods)
        ],
    }


def name_figure(found: Watched) -> str:
    """Say what is charted."""
    watch = found.watch
    days = format_decimal(watch.horizon_days or watch.term_days or 0.0).removesuffix(".0").removesuffix(",0")
    names = {
        WatchedFigure.CASE_DURATION: _("Mean duration of a case, days, counted up to {days}").format(days=days),
        WatchedFigure.OPENED_CASES: _("Cases opened"),
        WatchedFigure.CLOSED_CASES: _("Cases closed"),
        WatchedFigure.WITHIN_TERM_SHARE: _("Share of cases closed within {days} days").format(days=days),
        WatchedFigure.ATTRIBUTE_SHARE: _("Share of cases with «{attribute}»: «{value}»").format(
            attribute=watch.attribute, value=watch.value
        ),
    }
    return names[watch.figure]


def name_rule(rule: Rule, *, is_high: bool) -> str:
    """Say why a point is no chance."""
    high, low = {
        Rule.OUTSIDE_LIMITS: (_("above the upper limit"), _("below the lower limit")),
        Rule.SHIFT: (_("seven in a row above the mean"), _("seven in a row below the mean")),
        Rule.TREND: (_("seven in a row rising"), _("seven in a row falling")),
        Rule.NEAR_LIMIT: (_("two of three near the upper limit"), _("two of three near the lower limit")),
    }[rule]
    return high if is_high else low


def labels_of(found: Watched) -> list[str]:
    """Return what stands below each point: the month, or the first day of the week."""
    form = "%Y-%m" if found.watch.step is Step.MONTH else "%d.%m.%y"
    return [day.strftime(form) for day in found.periods]


def say_signals(found: Watched) -> str:
    """Say in a sentence which periods are no chance."""
    places = sorted({signal.place for signal in found.chart.signals})
    if not places:
        return _("Nothing but chance is seen.")
    labels = labels_of(found)
    return _("Not chance: {months}.").format(months=", ".join(labels[place] for place in places))


def _signals(found: Watched) -> list[list[str]]:
    named: list[list[str]] = [[] for _period in found.periods]
    for signal in found.chart.signals:
        named[signal.place].append(name_rule(signal.rule, is_high=signal.is_high))
    return named


def _notes(found: Watched) -> list[str]:
    notes = [
        say_signals(found),
        *(
            _("Mean and limits begin anew on {day}.").format(day=found.periods[phase.start].isoformat())
            for phase in found.chart.phases[1:]
        ),
    ]
    if found.unknown_periods:
        notes.append(
            _("Last periods left out, because not all of their cases can be known yet: {count}.").format(
                count=found.unknown_periods
            )
        )
    if found.chart.dispersion > 1:
        notes.append(
            _(
                "The limits are {times} times as wide as chance alone would make them, as the shares scatter more."
            ).format(times=format_decimal(found.chart.dispersion))
        )
    return notes


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None
