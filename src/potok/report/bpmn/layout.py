"""Places of a BPMN model's parts, computed from its blocks: no search and no crossing lines.

Every block is a rectangle with an axis, on which it is entered at the left and left at the right. A series puts
rectangles side by side on one axis, branches put them one above another, a repetition puts what is redone under what is
done and mirrors it, because it runs backwards. Lines run along axes and, vertically, only through the middle of
gateways; so rectangles that do not overlap make lines that do not cross.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from potok.discover.bpmn import Block, BpmnFlow, BpmnModel, BpmnNode, Branches, Repeat, Series, Single, entry, exit_of
from potok.report.bpmn.sizes import GATEWAY_SIZE, NodeSize, measure_node
from potok.report.drawing.layout import Point

GAP_ACROSS: Final = 34.0
GAP_DOWN: Final = 20.0
ROW_GAP: Final = 56.0
LONGEST_ROW: Final = 2400.0
_HALF: Final = GATEWAY_SIZE / 2
_MARGIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class Shape:
    """A node's place: its upper left corner and its size, in pixels."""

    node: BpmnNode
    left: float
    top: float
    size: NodeSize

    @property
    def middle(self) -> Point:
        """The middle of the node."""
        return Point(self.left + self.size.width / 2, self.top + self.size.height / 2)


@dataclass(frozen=True, slots=True)
class Route:
    """A flow's waypoints, from the border of its source to that of its target."""

    flow: BpmnFlow
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A model with places for all its nodes and flows, in the model's order."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    source: str
    target: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A block with its parts placed: from x = 0 to `width`, `above` and `below` its axis, which is y = 0."""

    width: float
    above: float
    below: float
    shapes: tuple[Shape, ...]
    lines: tuple[_Line, ...]

    def moved(self, right: float, down: float) -> "_Placed":
        shapes = tuple(replace(shape, left=shape.left + right, top=shape.top + down) for shape in self.shapes)
        lines = tuple(
            replace(line, points=tuple(Point(p.x + right, p.y + down) for p in line.points)) for line in self.lines
        )
        return replace(self, shapes=shapes, lines=lines)

    def mirrored(self) -> "_Placed":
        shapes = tuple(replace(shape, left=self.width - shape.left - shape.size.width) for shape in self.shapes)
        lines = tuple(
            replace(line, points=tuple(Point(self.width - p.x, p.y) for p in line.points)) for line in self.lines
        )
        return replace(self, shapes=shapes, lines=lines)


def lay_out_bpmn(model: BpmnModel, *, longest_row: float = LONGEST_ROW) -> Diagram:
    """Place a model from left to right; one much wider than `longest_row` pixels is broken into rows."""
    children = [_place(child) for child in model.root.children]
    rows = _break_rows(children, longest_row)
    ends = [(entry(block).identifier, exit_of(block).identifier) for block in model.root.children]
    placed = _stack_rows(children, rows, ends)
    shapes = {shape.node.identifier: shape for shape in placed.shapes}
    lines = {(line.source, line.target): line.points for line in placed.lines}
    return _frame(
        tuple(shapes[node.identifier] for node in model.nodes),
        tuple(Route(flow, lines[flow.source, flow.target]) for flow in model.flows),
    )


def _frame(shapes: tuple[Shape, ...], routes: tuple[Route, ...]) -> Diagram:
    """Move everything into the picture, with a margin around it."""
    points = [point for route in routes for point in route.points]
    left = min([shape.left for shape in shapes] + [point.x for point in points]) - _MARGIN
    top = min([shape.top for shape in shapes] + [point.y for point in points]) - _MARGIN
    right = max([shape.left + shape.size.width for shape in shapes] + [point.x for point in points]) + _MARGIN
    bottom = max([shape.top + shape.size.height for shape in shapes] + [point.y for point in points]) + _MARGIN
    return Diagram(
        right - left,
        bottom - top,
        tuple(replace(shape, left=shape.left - left, top=shape.top - top) for shape in shapes),
        tuple(
            replace(route, points=tuple(Point(point.x - left, point.y - top) for point in route.points))
            for route in routes
        ),
    )


def _break_rows(children: Sequence[_Placed], longest_row: float) -> list[list[int]]:
    """Return which children of the root stand in which row; rows are about equally long."""
    widths = [child.width + GAP_ACROSS for child in children]
    n_rows = max(1, round(sum(widths) / longest_row))
    rows: list[list[int]] = [[]]
    taken = 0.0
    for number, width in enumerate(widths):
        is_full = taken + width / 2 > sum(widths) / n_rows * len(rows)
        # A start or an end alone in a row would be taken for a process of its own.
        if is_full and len(rows[-1]) > (1 if len(rows) == 1 else 0) and number < len(widths) - 1:
            rows.append([])
        rows[-1].append(number)
        taken += width
    return rows


def _stack_rows(children: Sequence[_Placed], rows: Sequence[Sequence[int]], ends: Sequence[tuple[str, str]]) -> _Placed:
    shapes: list[Shape] = []
    lines: list[_Line] = []
    bottom = last_x = last_axis = 0.0
    for number, row in enumerate(rows):
        placed = _place_series([children[index] for index in row], [ends[index] for index in row])
        axis = bottom + placed.above
        moved = placed.moved(0.0, axis)
        shapes += moved.shapes
        lines += moved.lines
        if number:
            turn = bottom - ROW_GAP / 2
            path = (
                Point(last_x, last_axis),
                Point(last_x + GAP_ACROSS, last_axis),
                Point(last_x + GAP_ACROSS, turn),
                Point(-GAP_ACROSS, turn),
                Point(-GAP_ACROSS, axis),
                Point(0.0, axis),
            )
            lines.append(_Line(ends[row[0] - 1][1], ends[row[0]][0], path))
        last_x, last_axis = placed.width, axis
        bottom = axis + placed.below + ROW_GAP
    return _Placed(last_x, 0.0, bottom, tuple(shapes), tuple(lines))


def _place(block: Block) -> _Placed:
    match block:
        case Single(node):
            return _place_node(node)
        case Series(children):
            ends = [(entry(child).identifier, exit_of(child).identifier) for child in children]
            return _place_series([_place(child) for child in children], ends)
        case Branches():
            return _place_branches(block)
        case Repeat():
            return _place_repeat(block)


def _place_node(node: BpmnNode) -> _Placed:
    size = measure_node(node)
    half = size.height / 2
    return _Placed(size.width, half, half, (Shape(node, 0.0, -half, size),), ())


def _place_series(children: Sequence[_Placed], ends: Sequence[tuple[str, str]]) -> _Placed:
    x = 0.0
    shapes: list[Shape] = []
    lines: list[_Line] = []
    for number, child in enumerate(children):
        if number:
            x += GAP_ACROSS
            lines.append(_Line(ends[number - 1][1], ends[number][0], (Point(x - GAP_ACROSS, 0.0), Point(x, 0.0))))
        moved = child.moved(x, 0.0)
        shapes += moved.shapes
        lines += moved.lines
        x += child.width
    above, below = max(child.above for child in children), max(child.below for child in children)
    return _Placed(x, above, below, tuple(shapes), tuple(lines))


def _place_branches(block: Branches) -> _Placed:
    """Put branches one above another, the one nearest the middle on the axis; the way around runs below them."""
    children = [_place(child) for child in block.children]
    inner = max(child.width for child in children)
    width = 2 * (GATEWAY_SIZE + GAP_ACROSS) + inner
    axes = _stack([(child.above, child.below) for child in children])
    shapes = list(_gateways(block.split, block.join, width))
    lines: list[_Line] = []
    for child, child_block, axis in zip(children, block.children, axes, strict=True):
        left = GATEWAY_SIZE + GAP_ACROSS + (inner - child.width) / 2
        moved = child.moved(left, axis)
        shapes += moved.shapes
        lines += moved.lines
        into, out = _ways(width, left, left + child.width, axis)
        lines.append(_Line(block.split.identifier, entry(child_block).identifier, into))
        lines.append(_Line(exit_of(child_block).identifier, block.join.identifier, out))
    above = max([_HALF, *(child.above - axis for child, axis in zip(children, axes, strict=True))])
    below = max([_HALF, *(child.below + axis for child, axis in zip(children, axes, strict=True))])
    if block.has_bypass:
        below += GAP_DOWN
        lines.append(_Line(block.split.identifier, block.join.identifier, _around(_HALF, width - _HALF, below)))
    return _Placed(width, above, below, tuple(shapes), tuple(lines))


def _stack(heights: Sequence[tuple[float, float]]) -> list[float]:
    """Return the axis of each branch, so that one of them is 0 and as much lies above as below."""
    axes: list[float] = []
    bottom = 0.0
    for above, below in heights:
        axes.append(bottom + above)
        bottom += above + below + GAP_DOWN
    middle = (bottom - GAP_DOWN) / 2
    nearest = min(axes, key=lambda axis: abs(axis - middle))
    return [axis - nearest for axis in axes]


def _place_repeat(block: Repeat) -> _Placed:
    do, redo = (_place(part) if part is not None else None for part in (block.do, block.redo))
    inner = max(part.width if part is not None else 0.0 for part in (do, redo))
    width = 2 * (GATEWAY_SIZE + GAP_ACROSS) + inner
    shapes = list(_gateways(block.join, block.split, width))
    lines: list[_Line] = []
    above = below = _HALF
    if do is None or block.do is None:
        straight = (Point(GATEWAY_SIZE, 0.0), Point(width - GATEWAY_SIZE, 0.0))
        lines.append(_Line(block.join.identifier, block.split.identifier, straight))
    else:
        left = GATEWAY_SIZE + GAP_ACROSS + (inner - do.width) / 2
        moved = do.moved(left, 0.0)
        shapes += moved.shapes
        into, out = _ways(width, left, left + do.width, 0.0)
        lines += [*moved.lines, _Line(block.join.identifier, entry(block.do).identifier, into)]
        lines.append(_Line(exit_of(block.do).identifier, block.split.identifier, out))
        above, below = max(above, do.above), max(below, do.below)
    below += GAP_DOWN
    if redo is None or block.redo is None:
        back = _around(width - _HALF, _HALF, below)
        lines.append(_Line(block.split.identifier, block.join.identifier, back))
        return _Placed(width, above, below, tuple(shapes), tuple(lines))
    axis = below + redo.above
    left = GATEWAY_SIZE + GAP_ACROSS + (inner - redo.width) / 2
    moved = redo.mirrored().moved(left, axis)
    # Seen from the split the way leads backwards, so what comes out at the left is what `_ways` calls the way in.
    out, into = _ways(width, left, left + redo.width, axis)
    lines += [*moved.lines, _Line(block.split.identifier, entry(block.redo).identifier, into[::-1])]
    lines.append(_Line(exit_of(block.redo).identifier, block.join.identifier, out[::-1]))
    return _Placed(width, above, axis + redo.below, (*shapes, *moved.shapes), tuple(lines))


def _gateways(first: BpmnNode, last: BpmnNode, width: float) -> tuple[Shape, Shape]:
    size = measure_node(first)
    return Shape(first, 0.0, -_HALF, size), Shape(last, width - GATEWAY_SIZE, -_HALF, size)


def _ways(width: float, left: float, right: float, axis: float) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Return the lines from the left gateway to a branch, and from the branch to the right gateway."""
    if axis == 0:
        return (
            (Point(GATEWAY_SIZE, 0.0), Point(left, 0.0)),
            (Point(right, 0.0), Point(width - GATEWAY_SIZE, 0.0)),
        )
    corner = _HALF if axis > 0 else -_HALF
    return (
        (Point(_HALF, corner), Point(_HALF, axis), Point(left, axis)),
        (Point(right, axis), Point(width - _HALF, axis), Point(width - _HALF, corner)),
    )


def _around(start: float, end: float, depth: float) -> tuple[Point, ...]:
    return (Point(start, _HALF), Point(start, depth), Point(end, depth), Point(end, _HALF))
