"""A chart of the improvement period by period, with pointwise and simultaneous bands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite, nan
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
    columns,
    dots,
    draw_keys,
    levels,
    make_plot,
    picture,
    value_ticks,
)
from potok.report.verification.drawing.month_axis import month_ticks

_HEIGHT: Final = 190.0
_CAP: Final = 4.0


@dataclass(frozen=True, slots=True)
class EventPoint:
    """The improvement in a period.

    Parameters
    ----------
    label, at
        ISO month or months since the change, and its place on the axis.
    is_before
        Whether it lies before the change.
    value, lower, upper
        The improvement with its pointwise interval; nan where there is none.
    wide_lower, wide_upper
        The simultaneous band; nan where there is none.
    """

    label: str
    at: float
    is_before: bool
    value: float
    lower: float
    upper: float
    wide_lower: float = nan
    wide_upper: float = nan


def draw_event_study(
    points: Sequence[EventPoint], *, minimum: float, title: str, description: str, write: Callable[[float], str]
) -> Markup:
    """Draw improvements by period.

    Parameters
    ----------
    points
        In order of time; nothing is drawn if there are none.
    minimum
        The improvement that was promised.

    Returns
    -------
    Markup
        An ``<svg>`` element, or nothing.
    """
    if not points:
        return Markup("")
    has_wide = any(isfinite(point.wide_lower) for point in points)
    is_relative = not _is_month(points[0].label)
    keys, top = draw_keys(_keys(has_wide=has_wide))
    values = [
        0.0,
        minimum,
        *(value for p in points for value in (p.value, p.lower, p.upper, p.wide_lower, p.wide_upper)),
    ]
    ticks = value_ticks(values, write)
    plot = make_plot(ticks, x=(points[0].at - 0.7, points[-1].at + 0.7), top=top + 4, height=_HEIGHT)
    parts = [*keys, *levels(plot, ticks), *_draw_lines(points, plot, minimum)]
    for point in points:
        parts += _draw_point(point, plot)
    parts += columns(plot, month_ticks([p.label for p in points], [p.at for p in points], is_relative=is_relative))
    bottom = plot.bottom + LABEL_ROW + GAP
    if is_relative:
        parts.append(label_at(_("months since the change"), x=WIDTH / 2, y=bottom + GAP, anchor="middle"))
        bottom += LABEL_ROW - GAP
    return picture("event-study", parts, height=bottom, title=title, description=description)


def _is_month(label: str) -> bool:
    return len(label) == 7 and label[4] == "-"


def _keys(*, has_wide: bool) -> list[Key]:
    keys = [
        Key("dot", _("after the change"), "dot"),
        Key("dot reference", _("before the change"), "dot"),
        Key("range", _("interval of each period")),
    ]
    if has_wide:
        keys.append(Key("range wide", _("band of all periods together")))
    return [*keys, Key("promise", _("promised improvement"))]


def _draw_lines(points: Sequence[EventPoint], plot: Plot, minimum: float) -> list[Markup]:
    zero, promised = plot.y(0.0), plot.y(minimum)
    lines = [element("path", class_="zero", d=f"M{plot.left:.1f},{zero:.1f}H{plot.right:.1f}", fill="none")]
    last_before = max((point.at for point in points if point.is_before), default=None)
    first_after = min((point.at for point in points if not point.is_before), default=None)
    if first_after is not None:
        start = plot.x(first_after - 0.5)
        lines.append(element("path", class_="promise", d=f"M{start:.1f},{promised:.1f}H{plot.right:.1f}", fill="none"))
    if first_after is not None and last_before is not None:
        middle = plot.x((first_after + last_before) / 2)
        lines.append(element("path", class_="mark", d=f"M{middle:.1f},{plot.top:.1f}V{plot.bottom:.1f}", fill="none"))
    return lines


def _draw_point(point: EventPoint, plot: Plot) -> list[Markup]:
    x = plot.x(point.at)
    drawn = []
    if isfinite(point.wide_lower) and isfinite(point.wide_upper):
        low, high = plot.y(point.wide_lower), plot.y(point.wide_upper)
        drawn.append(element("path", class_="range wide", d=f"M{x:.1f},{low:.1f}V{high:.1f}", fill="none"))
    if isfinite(point.lower) and isfinite(point.upper):
        low, high = plot.y(point.lower), plot.y(point.upper)
        caps = f"M{x - _CAP:.1f},{low:.1f}h{2 * _CAP:.1f}M{x - _CAP:.1f},{high:.1f}h{2 * _CAP:.1f}"
        drawn.append(element("path", class_="range", d=f"M{x:.1f},{low:.1f}V{high:.1f}{caps}", fill="none"))
    kind = "dot reference" if point.is_before else "dot"
    at = (x, plot.y(point.value) if isfinite(point.value) else nan)
    return [*drawn, *dots([at], kind, radius=3.6)]
