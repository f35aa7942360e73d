"""A chart for watching: values in order, their mean and natural limits, and what is not chance (XmR)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import GAP
from potok.report.verification.drawing.frame import (
    LABEL_ROW,
    Key,
    Plot,
    columns,
    dots,
    draw_keys,
    levels,
    line,
    make_plot,
    picture,
    value_ticks,
)
from potok.report.verification.drawing.month_axis import month_ticks

_HEIGHT: Final = 180.0
_MANY: Final = 60


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Values in order of time with what they are held against; all of the same length.

    Parameters
    ----------
    labels
        ISO months, or numbers.
    values
        nan where there is none.
    means, lower, upper
        Mean and limits that hold at each value; they step where the chart was rebased. nan where there are none.
    signals
        Of each value, which rules name it a special cause, in words; empty if none does.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    means: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    signals: tuple[tuple[str, ...], ...]


def draw_control_chart(
    chart: ControlChart, *, title: str, description: str, write: Callable[[float], str], is_titled: bool = False
) -> Markup:
    """Draw a control chart.

    Parameters
    ----------
    is_titled
        Whether the title stands above the chart.

    Returns
    -------
    Markup
        An ``<svg>`` element, or nothing if it has no value.
    """
    if not any(map(isfinite, chart.values)):
        return Markup("")
    keys, top = draw_keys(
        [
            Key("curve", _("value")),
            Key("zero", _("mean")),
            Key("limit", _("natural limits")),
            Key("dot special", _("not chance"), "dot"),
        ],
        title=title if is_titled else "",
    )
    places = [float(number) for number in range(len(chart.values))]
    ticks = value_ticks([*chart.values, *chart.lower, *chart.upper], write)
    plot = make_plot(ticks, x=(-0.5, places[-1] + 0.5), top=top + 4, height=_HEIGHT)
    points = [(plot.x(at), _place(plot, value)) for at, value in zip(places, chart.values, strict=True)]
    is_special = list(map(bool, chart.signals))
    parts = [
        *keys,
        *levels(plot, ticks),
        *_steps(plot, chart.means, "zero"),
        *_steps(plot, chart.lower, "limit"),
        *_steps(plot, chart.upper, "limit"),
        *line(points, "curve"),
        *dots([point for point, special in zip(points, is_special, strict=True) if not special], "dot"),
        *dots(
            [point for point, special in zip(points, is_special, strict=True) if special],
            "dot special",
            radius=5 if len(places) <= _MANY else 3.6,
        ),
        *columns(plot, month_ticks(chart.labels, places, is_relative=not _are_months(chart.labels))),
    ]
    return picture("control", parts, height=plot.bottom + LABEL_ROW + GAP, title=title, description=description)


def _are_months(labels: Sequence[str]) -> bool:
    return all(len(label) == 7 and label[4] == "-" for label in labels)


def _place(plot: Plot, value: float) -> float:
    return plot.y(value) if isfinite(value) else value


def _steps(plot: Plot, values: Sequence[float], kind: str) -> list[Markup]:
    """Draw a level that may step from one value to the next."""
    points = []
    for number, value in enumerate(values):
        y = _place(plot, value)
        points += [(plot.x(number - 0.5), y), (plot.x(number + 0.5), y)]
    return line(points, kind)
