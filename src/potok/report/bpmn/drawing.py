"""A BPMN model as SVG of our own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.discover.bpmn import NodeKind
from potok.report.bpmn.layout import Diagram, Route, Shape
from potok.report.bpmn.sizes import LABEL_LEADING
from potok.report.drawing.layout import Point
from potok.report.drawing.svg import element, format_number, make_visible, polygon_path

_CORNER: Final = 8.0
_BEND: Final = 7.0
_HEAD_LENGTH: Final = 8.0
_HEAD_HALF_WIDTH: Final = 3.6
# Text sits this far below the middle of its line, so that capitals look centred in the font we ship.
_BASELINE: Final = 4.2
_CROSS: Final = 7.0
_PLUS: Final = 10.0


def draw_bpmn(diagram: Diagram) -> Markup:
    """Draw a model; the looks are in the rules that `model_rules` returns.

    Returns
    -------
    Markup
        An ``<svg>`` element. Tasks take the keyboard focus and say their whole name.
    """
    return element(
        "svg",
        [*map(_draw_route, diagram.routes), *map(_draw_shape, diagram.shapes)],
        xmlns="http://www.w3.org/2000/svg",
        class_="process-model",
        viewBox=f"0 0 {diagram.width:.0f} {diagram.height:.0f}",
        width=f"{diagram.width:.0f}",
        height=f"{diagram.height:.0f}",
        role="group",
        aria_label=_("Process model"),
    )


@cache
def model_rules() -> str:
    """Return the CSS rules of a drawn model; colours are the report's tokens."""
    return (Path(__file__).parent / "model.css").read_text(encoding="utf-8")


def _draw_shape(shape: Shape) -> Markup:
    match shape.node.kind:
        case NodeKind.TASK:
            return _draw_task(shape)
        case NodeKind.START | NodeKind.END:
            return _draw_event(shape)
        case _:
            return _draw_gateway(shape)


def _draw_task(shape: Shape) -> Markup:
    middle, size = shape.middle, shape.size
    first = middle.y - LABEL_LEADING * (len(size.lines) - 1) / 2 + _BASELINE
    lines = [
        element("tspan", line, x=middle.x, y=first + LABEL_LEADING * index) for index, line in enumerate(size.lines)
    ]
    content = (
        element("title", make_visible(shape.node.name) or _("(no name)")),
        element("rect", x=shape.left, y=shape.top, width=size.width, height=size.height, rx=_CORNER),
        element("text", lines),
    )
    return element("g", content, class_="task", tabindex="0", role="img")


def _draw_event(shape: Shape) -> Markup:
    is_start = shape.node.kind is NodeKind.START
    middle = shape.middle
    content = (
        element("title", _("Start") if is_start else _("End")),
        element("circle", cx=middle.x, cy=middle.y, r=shape.size.width / 2 - (1 if is_start else 2)),
    )
    return element("g", content, class_="event start" if is_start else "event stop", role="img")


def _draw_gateway(shape: Shape) -> Markup:
    x, y, half = shape.middle.x, shape.middle.y, shape.size.width / 2
    diamond = polygon_path((Point(x, y - half), Point(x + half, y), Point(x, y + half), Point(x - half, y)))
    is_exclusive = shape.node.kind is NodeKind.EXCLUSIVE
    content = (
        element("title", _("Exactly one way") if is_exclusive else _("All ways, in any order")),
        element("path", class_="diamond", d=diamond),
        element("path", class_="sign", d=_cross(x, y) if is_exclusive else _plus(x, y)),
    )
    return element("g", content, class_="gateway", role="img")


def _cross(x: float, y: float) -> str:
    return _strokes(
        ((x - _CROSS, y - _CROSS, x + _CROSS, y + _CROSS), (x - _CROSS, y + _CROSS, x + _CROSS, y - _CROSS))
    )


def _plus(x: float, y: float) -> str:
    return _strokes(((x - _PLUS, y, x + _PLUS, y), (x, y - _PLUS, x, y + _PLUS)))


def _strokes(strokes: Sequence[tuple[float, float, float, float]]) -> str:
    return "".join(
        f"M{format_number(x1)},{format_number(y1)}L{format_number(x2)},{format_number(y2)}"
        for x1, y1, x2, y2 in strokes
    )


def _draw_route(route: Route) -> Markup:
    *before, corner, tip = route.points
    base = _towards(tip, corner, _HEAD_LENGTH)
    content = (
        element("path", class_="line", d=_rounded([*before, corner, base])),
        element("path", class_="head", d=_head(tip, base)),
    )
    return element("g", content, class_="flow")


def _rounded(points: Sequence[Point]) -> str:
    """Write a line whose corners are rounded."""
    parts = [f"M{_pair(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        parts.append(
            f"L{_pair(_towards(corner, before, _BEND))}Q{_pair(corner)} {_pair(_towards(corner, after, _BEND))}"
        )
    parts.append(f"L{_pair(points[-1])}")
    return "".join(parts)


def _towards(start: Point, end: Point, distance: float) -> Point:
    """Return the point some way along a horizontal or vertical line, at most its middle."""
    length = abs(end.x - start.x) + abs(end.y - start.y)
    share = min(distance / length, 0.5) if length else 0.0
    return Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share)


def _head(tip: Point, base: Point) -> str:
    across = _HEAD_HALF_WIDTH
    if tip.y == base.y:
        return polygon_path((tip, Point(base.x, base.y - across), Point(base.x, base.y + across)))
    return polygon_path((tip, Point(base.x - across, base.y), Point(base.x + across, base.y)))


def _pair(point: Point) -> str:
    return f"{format_number(point.x)},{format_number(point.y)}"
