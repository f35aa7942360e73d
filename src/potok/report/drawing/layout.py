"""Positions of the parts of a map: we give the sizes, a layout program gives the places."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from potok.core.language import gettext as _
from potok.report.drawing.flow_order import order_by_flow
from potok.report.drawing.layout_program import TIME_LIMIT_SECONDS, LayoutFailedError, run_layout_program

_POINTS_PER_INCH: Final = 72.0
_GRAPH: Final = "graph[rankdir=TB,nodesep=0.3,ranksep=0.34,splines=true,outputorder=nodesfirst]"
_NODE: Final = 'node[shape=box,fixedsize=true,label=""]'
# Graphviz does not know our font, so an edge label is an empty cell of the size we measured.
_LABEL: Final = (
    'label=<<table border="0" cellpadding="0" cellspacing="0" fixedsize="true" '
    'width="{width:.0f}" height="{height:.0f}"><tr><td></td></tr></table>>,'
)


@dataclass(frozen=True, slots=True)
class Box:
    """Something to be placed, by its size in pixels."""

    width: float
    height: float
    is_first: bool = False
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A line to be drawn between two boxes (by their positions in the list), with room for its label.

    Parameters
    ----------
    source, target
        Positions in the sequence of boxes.
    label_width, label_height
        Size of the label in pixels; zero for none.
    weight
        How much the line should be kept short and straight (1 or more).
    flow
        How much goes along it: lines with much flow point downwards.
    head_length
        Length of the arrow head in pixels.
    """

    source: int
    target: int
    label_width: float = 0.0
    label_height: float = 0.0
    weight: int = 1
    flow: int = 1
    head_length: float = 7.0


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the picture, in pixels from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """Where a link runs.

    Parameters
    ----------
    curve
        Control points of a Bézier spline: a first point, then three for each piece.
    tip
        Tip of the arrow head, which continues the last point of `curve`.
    label
        Middle of the label, if the link has one.
    """

    curve: tuple[Point, ...]
    tip: Point
    label: Point | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of all boxes (their middles) and links, in the order given."""

    width: float
    height: float
    boxes: tuple[Point, ...]
    lines: tuple[Line, ...]


def lay_out(boxes: Sequence[Box], links: Sequence[Link], *, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> Layout:
    """Place boxes in layers from top to bottom and route the links between them.

    Raises
    ------
    NoLayoutProgramError, LayoutFailedError
        If there is no layout program, or it fails or takes too long.
    """
    answer = run_layout_program(_describe(boxes, links), time_limit_seconds=time_limit_seconds)
    try:
        return _read_layout(json.loads(answer), n_boxes=len(boxes), n_links=len(links))
    except (ValueError, KeyError, IndexError) as error:
        raise LayoutFailedError(_("The layout program gave an answer that cannot be read.")) from error


def _describe(boxes: Sequence[Box], links: Sequence[Link]) -> str:
    """Write the graph in the DOT language, with numbers for names: no label ever leaves this process."""
    nodes = [
        f"n{index}[width={box.width / _POINTS_PER_INCH:.4f},height={box.height / _POINTS_PER_INCH:.4f}];"
        for index, box in enumerate(boxes)
    ]
    first = " ".join(f"n{index};" for index, box in enumerate(boxes) if box.is_first)
    last = " ".join(f"n{index};" for index, box in enumerate(boxes) if box.is_last)
    ranks = [f"{{rank=source; {first}}}"] if first else []
    ranks += [f"{{rank=sink; {last}}}"] if last else []
    place = order_by_flow(
        len(boxes),
        [(link.source, link.target, link.flow) for link in links],
        first=[index for index, box in enumerate(boxes) if box.is_first],
        last=[index for index, box in enumerate(boxes) if box.is_last],
    )
    edges = [
        _describe_link(index, link, is_backward=place[link.source] > place[link.target])
        for index, link in enumerate(links)
    ]
    return "\n".join(("digraph{", _GRAPH, _NODE, *nodes, *ranks, *edges, "}"))


def _describe_link(index: int, link: Link, *, is_backward: bool) -> str:
    label = _LABEL.format(width=link.label_width, height=link.label_height) if link.label_width else ""
    # Graphviz's arrow heads are 10 points long at arrowsize 1.
    size = f"arrowsize={link.head_length / 10:.3f}"
    # Graphviz makes every edge point downwards, so one that should point up is told to it the other way round.
    ends = f"n{link.target}->n{link.source}" if is_backward else f"n{link.source}->n{link.target}"
    direction = "back" if is_backward else "forward"
    return f'{ends}[id="{index}",{label}weight={link.weight},{size},dir={direction}];'


def _read_layout(answer: dict[str, Any], *, n_boxes: int, n_links: int) -> Layout:
    width, height = (float(number) for number in answer["bb"].split(",")[2:])
    places = {item["name"]: item["pos"] for item in answer["objects"] if "pos" in item}
    lines = {int(item["id"]): _read_line(item, height=height) for item in answer.get("edges", ())}
    return Layout(
        width=width,
        height=height,
        boxes=tuple(_read_point(places[f"n{index}"], height=height) for index in range(n_boxes)),
        lines=tuple(lines[index] for index in range(n_links)),
    )


def _read_line(item: dict[str, str], *, height: float) -> Line:
    """Read ``e,X,Y X,Y X,Y …``: the tip of the arrow (``s`` if it was told the other way round), then the spline."""
    parts = item["pos"].split()
    tips = [part for part in parts if part[0] in "es"]
    curve = [_read_point(part, height=height) for part in parts if part[0] not in "es"]
    if tips and tips[0][0] == "s":
        curve.reverse()
    return Line(
        curve=tuple(curve),
        tip=_read_point(tips[0][2:], height=height) if tips else curve[-1],
        label=_read_point(item["lp"], height=height) if "lp" in item else None,
    )


def _read_point(text: str, *, height: float) -> Point:
    """Read a point; Graphviz counts upwards, a picture downwards."""
    x, y = text.split(",")
    return Point(round(float(x), 1), round(height - float(y), 1))
