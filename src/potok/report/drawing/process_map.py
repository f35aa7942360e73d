"""Process maps as SVG: activities as boxes, passages as lines whose width is their frequency."""

from collections.abc import Iterable, Sequence
from math import hypot
from typing import Final

from markupsafe import Markup

from potok.core.language import gettext as _
from potok.measure.directly_follows import DirectlyFollowsGraph
from potok.report.drawing.detail import MapDetail
from potok.report.drawing.layout import Layout, Line, Point, lay_out
from potok.report.drawing.layout_program import TIME_LIMIT_SECONDS
from potok.report.drawing.map_parts import LABEL_LEADING, MapBox, MapLink, make_boxes, make_links
from potok.report.drawing.paths import START
from potok.report.drawing.svg import curve_path, element, polygon_path

_MARGIN: Final = 10.0
_CORNER: Final = 7.0
# Text sits this far below the middle of its line, so that capitals look centred in the font we ship.
_BASELINE: Final = 4.4


def draw_map(
    graph: DirectlyFollowsGraph,
    detail: MapDetail,
    *,
    has_links: bool = False,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
) -> Markup:
    """Draw a directly-follows graph at one level of detail.

    Parameters
    ----------
    has_links
        Whether activities and passages link to ``#activity-N`` and ``#passage-N`` (positions in the graph), as in a
        document that holds the table twin. Without, they take the keyboard focus all the same.

    Returns
    -------
    Markup
        An ``<svg>`` element; its looks are in ``map.css``.

    Raises
    ------
    NoLayoutProgramError, LayoutFailedError
        If it cannot be laid out.
    """
    boxes, links = make_boxes(graph, detail), make_links(graph, detail)
    places = {box.number: place for place, box in enumerate(boxes)}
    layout = lay_out(
        [box.box for box in boxes], [link.link(places) for link in links], time_limit_seconds=time_limit_seconds
    )
    # Other lines may run behind the label of a loop, so loops are drawn over them.
    lines = sorted(zip(links, layout.lines, strict=True), key=lambda pair: pair[0].source == pair[0].target)
    drawn_links = [_draw_link(*pair, has_links=has_links) for pair in lines]
    drawn_boxes = [_draw_box(*pair, has_links=has_links) for pair in zip(boxes, layout.boxes, strict=True)]
    return _frame(layout, [*drawn_links, *drawn_boxes])


def _frame(layout: Layout, content: Sequence[Markup]) -> Markup:
    # Curves may swing a little beyond the box that the layout program reports.
    reach = [point for line in layout.lines for point in line.curve]
    left = min([0.0, *(point.x for point in reach)]) - _MARGIN
    right = max([layout.width, *(point.x for point in reach)]) + _MARGIN
    width, height = right - left, layout.height + 2 * _MARGIN
    view = " ".join(f"{number:.0f}" for number in (left, -_MARGIN, width, height))
    return element(
        "svg",
        content,
        xmlns="http://www.w3.org/2000/svg",
        class_="process-map",
        viewBox=view,
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        role="group",
        aria_label=_("Process map"),
    )


def _focusable(content: Iterable[Markup], *, class_: str, target: str | None) -> Markup:
    if target:
        return element("a", content, class_=class_, href=target)
    return element("g", content, class_=class_, tabindex="0", role="img")


def _draw_box(box: MapBox, middle: Point, *, has_links: bool) -> Markup:
    if box.shade == 0:
        return _draw_end(box, middle)
    left, top = middle.x - box.width / 2, middle.y - box.height / 2
    first = middle.y - LABEL_LEADING * len(box.lines) / 2 + _BASELINE
    lines = [
        element("tspan", line, x=middle.x, y=first + LABEL_LEADING * index) for index, line in enumerate(box.lines)
    ]
    figures_at = {"x": middle.x, "y": first + LABEL_LEADING * len(box.lines)}
    content = (
        element("title", box.title),
        element("rect", x=left, y=top, width=box.width, height=box.height, rx=_CORNER),
        element("text", lines, class_="label"),
        element("text", box.frequency, class_="frequency" if box.time else "figure", **figures_at),
        element("text", box.time, class_="time", **figures_at) if box.time else Markup(""),
    )
    return _focusable(
        content, class_=f"node shade-{box.shade}", target=f"#activity-{box.number}" if has_links else None
    )


def _draw_end(box: MapBox, middle: Point) -> Markup:
    """Draw the start (a triangle points into the process) or the end (a square, as on a player)."""
    left, x, y = middle.x - box.width / 2, middle.x - box.width / 2 + 15, middle.y
    symbol: tuple[tuple[float, float], ...] = ((x, y - 5), (x + 8, y), (x, y + 5))
    if box.number != START:
        symbol = ((x, y - 4), (x + 8, y - 4), (x + 8, y + 4), (x, y + 4))
    content = (
        element("title", box.title),
        element("rect", x=left, y=y - box.height / 2, width=box.width, height=box.height, rx=box.height / 2),
        element("path", class_="symbol", d=polygon_path(Point(*corner) for corner in symbol)),
        element("text", box.lines, x=middle.x + 8, y=y + _BASELINE),
    )
    return element("g", content, class_="end start" if box.number == START else "end", role="img")


def _draw_link(link: MapLink, line: Line, *, has_links: bool) -> Markup:
    content = [
        element("title", link.title),
        element("path", class_="line", d=curve_path(line.curve), stroke_width=link.line_width),
        element("path", class_="head", d=_head(line, half_width=2.6 + 0.75 * link.line_width)),
    ]
    if line.label is not None:
        at = {"x": line.label.x - link.label_width / 2 + link.label_gap, "y": line.label.y + _BASELINE - 0.4}
        content.append(element("text", link.frequency, class_="frequency", **at))
        if link.time:
            content.append(element("text", link.time, class_="time", **at))
    kind = "indirect" if link.is_indirect else "terminal" if link.edge is None else f"time-{link.time_class}"
    if link.edge is None:
        return element("g", content, class_=f"edge {kind}", role="img")
    return _focusable(content, class_=f"edge {kind}", target=f"#passage-{link.edge}" if has_links else None)


def _head(line: Line, *, half_width: float) -> str:
    base, tip = line.curve[-1], line.tip
    dx, dy = tip.x - base.x, tip.y - base.y
    length = hypot(dx, dy) or 1.0
    across_x, across_y = -dy / length * half_width, dx / length * half_width
    return polygon_path((tip, Point(base.x + across_x, base.y + across_y), Point(base.x - across_x, base.y - across_y)))
