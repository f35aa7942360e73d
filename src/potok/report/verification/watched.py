"""A watched figure: its table, its JSON and its picture."""

from math import isfinite
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.control_charts import ChartKind, Rule
from potok.report.bpmn.picture import render_png
from potok.report.catalogue.entry import count, number, share, text
from potok.report.formats import format_day, format_decimal, format_share
from potok.report.tables import Table
from potok.report.verification.chart_file import make_picture_standalone
from potok.report.verification.control import say_special
from potok.report.verification.drawing.control_chart import ControlChart, draw_control_chart
from potok.report.verification.quoting import quoted
from potok.report.verification.words import name_month
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

    svg = make_picture_standalone(draw_watched(found, is_titled=True))
    replace_file(target, svg if target.suffix.lower() == ".svg" else render_png(svg))


def draw_watched(found: Watched, *, is_titled: bool = False) -> Markup:
    """Draw the chart.

    Parameters
    ----------
    is_titled
        Whether its title stands above it, as a picture of its own needs it.
    """
    chart = found.chart
    drawn = ControlChart(
        labels=tuple(labels_of(found)),
        values=tuple(chart.values.tolist()),
        means=tuple(chart.centre.tolist()),
        lower=tuple(chart.lower.tolist()),
        upper=tuple(chart.upper.tolist()),
        signals=tuple(map(tuple, _signals(found))),
    )
    return draw_control_chart(
        drawn,
        title=name_figure(found),
        description=say_signals(found),
        write=format_share if chart.kind is ChartKind.P else write_number,
        is_titled=is_titled,
    )


def write_number(value: float) -> str:
    """Write a number at an axis: no decimals where it has none."""
    return format_decimal(value, digits=0 if float(value).is_integer() else 1)


def watched_tables(found: Watched) -> tuple[Table, ...]:
    """Return the chart as a table with a row per period."""
    chart = found.chart
    column = share if chart.kind is ChartKind.P else number
    is_counted = found.watch.figure in {WatchedFigure.OPENED_CASES, WatchedFigure.CLOSED_CASES}
    columns = (
        text("period", _("Period from")),
        count("cases", _("Cases")),
        (count if is_counted else column)("value", _("Value")),
        column("mean", _("Mean")),
        column("lower", _("Lower limit")),
        column("upper", _("Upper limit")),
        text("signals", _("Not chance, because")),
    )
    rows = tuple(
        (name, cases, *(value if isfinite(value) else None for value in values), "; ".join(signals))
        for name, cases, signals, *values in zip(
            map(format_day, found.periods),
            found.cases.tolist(),
            _signals(found),
            chart.values.astype(int).tolist() if is_counted else chart.values.tolist(),
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
        WatchedFigure.CASE_DURATION: _("Mean duration of a case in days (counted up to {days})").format(days=days),
        WatchedFigure.OPENED_CASES: _("Cases opened"),
        WatchedFigure.CLOSED_CASES: _("Cases closed"),
        WatchedFigure.WITHIN_TERM_SHARE: _("Share of cases closed within {days} days").format(days=days),
        WatchedFigure.ATTRIBUTE_SHARE: _("Share of cases with {attribute}: {value}").format(
            attribute=quoted(watch.attribute), value=quoted(watch.value)
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
    """Return what stands below each point: the month as ISO 8601, or the first day of the week."""
    if found.watch.step is Step.MONTH:
        return [f"{day:%Y-%m}" for day in found.periods]
    return names_of(found)


def names_of(found: Watched) -> list[str]:
    """Return what each period is called: the month, or the first day of the week."""
    if found.watch.step is Step.MONTH:
        return [name_month(f"{day:%Y-%m}") for day in found.periods]
    return [*map(format_day, found.periods)]


def say_signals(found: Watched) -> str:
    """Say in a sentence which periods are no chance."""
    places = {signal.place for signal in found.chart.signals}
    return say_special(names_of(found), [place in places for place in range(len(found.periods))])


def _signals(found: Watched) -> list[list[str]]:
    named: list[list[str]] = [[] for _period in found.periods]
    for signal in found.chart.signals:
        named[signal.place].append(name_rule(signal.rule, is_high=signal.is_high))
    return named


def _notes(found: Watched) -> list[str]:
    notes = [
        say_signals(found),
        *(
            _("Mean and limits begin anew on {day}.").format(day=format_day(found.periods[phase.start]))
            for phase in found.chart.phases[1:]
        ),
    ]
    if len({signal.place for signal in found.chart.signals}) > len(found.periods) / 2:
        notes.append(
            _(
                "More than half of the periods are not chance: the process has changed meanwhile. Begin mean and "
                "limits anew where it did (--rebase), or take them from the first periods (--fixed-after)."
            )
        )
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
