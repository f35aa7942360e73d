"""A chart of the outcome over time: as it was, and as it would have been; the transition is shaded."""

from collections.abc import Callable
from math import isfinite
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.report.drawing.axes import GAP, label_at
from potok.report.drawing.svg import element
from potok.report.verification.drawing.frame import (
    LABEL_ROW,
    WIDTH,
    Key,
    Plot,
    band,
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
from potok.report.verification.series import Series

_HEIGHT: Final = 190.0
_MARGIN: Final = 0.5


def draw_series(
    series: Series, *, title: str, description: str, write: Callable[[float], str], height: float = _HEIGHT
) -> Markup:
    """Draw a series.

    Parameters
    ----------
    title, description
        For those who do not see it.
    write
        Writes a value at the axis.
    height
        Of the plot.
    """
    points = series.points
    has_without = any(isfinite(point.without) for point in points)
    keys, top = draw_keys(_keys(series, has_without=has_without))
    # Nothing hides a small difference like an axis from zero, and nothing blows one up like an axis without it: the
    # whole of an outcome that cannot be negative is shown.
    values = [0.0, *(value for point in points for value in (point.observed, point.without))]
    values += [value for point in points for value in (point.lower, point.upper) if value <= 2.5 * max(values)]
    if min(point.observed for point in points if isfinite(point.observed)) >= 0:
        values = [max(value, 0.0) for value in values]
    ticks = value_ticks(values, write)
    across = (points[0].at - _MARGIN, points[-1].at + _MARGIN)
    plot = make_plot(ticks, x=across, top=top + 4, height=height)
    parts = [
        *keys,
        *_draw_transition(series, plot),
        *levels(plot, ticks),
        *band(
            [(plot.x(p.at), plot.y(p.lower) if isfinite(p.lower) else p.lower) for p in points],
            [(plot.x(p.at), plot.y(p.upper) if isfinite(p.upper) else p.upper) for p in points],
            "expected-band",
        ),
        *line([(plot.x(p.at), _place(plot, p.without)) for p in points], "expected"),
        *line([(plot.x(p.at), _place(plot, p.observed)) for p in points], "curve"),
        *dots([(plot.x(p.at), _place(plot, p.observed)) for p in points], "dot"),
        *columns(plot, month_ticks([p.label for p in points], [p.at for p in points], is_relative=series.is_relative)),
    ]
    bottom = plot.bottom + LABEL_ROW + GAP
    if series.is_relative:
        parts.append(label_at(_("months since the change"), x=WIDTH / 2, y=bottom + GAP, anchor="middle"))
        bottom += LABEL_ROW - GAP
    return picture("series", parts, height=bottom, title=title, description=description)


def _place(plot: Plot, value: float) -> float:
    return plot.y(value) if isfinite(value) else value


def _keys(series: Series, *, has_without: bool) -> list[Key]:
    keys = [Key("curve", _("as it was"))]
    if has_without:
        keys.append(Key("expected", _("as it would have been without the change")))
        keys.append(Key("expected-band", _("how far that may be off"), "area"))
    return [*keys, Key("shade", _("the change"), "area")]


def _draw_transition(series: Series, plot: Plot) -> list[Markup]:
    low, high = (plot.x(place) for place in series.transition)
    if high - low < 2:
        low, high = low - 1, low + 1
    return [element("rect", class_="shade", x=low, y=plot.top, width=high - low, height=plot.bottom - plot.top)]
