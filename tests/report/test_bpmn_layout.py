"""BPMN diagrams: nothing overlaps, lines meet borders at right angles, files hold what the model holds."""

from itertools import combinations, pairwise
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.random_trees import BLOCKS, LABELS, random_tree
from potok.discover.bpmn import NodeKind, convert_to_bpmn
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf
from potok.report.bpmn.drawing import draw_bpmn
from potok.report.bpmn.layout import Diagram, Shape, lay_out_bpmn
from potok.report.bpmn.picture import make_model_standalone, render_png
from potok.report.bpmn.sizes import LABEL_LEADING, LABEL_SIZE
from potok.report.bpmn.xml import write_bpmn
from potok.report.drawing.font import measure_text
from potok.report.drawing.layout import Point
from report.made_up_graphs import make_activity_names
from support.examples import examples

NAMES = make_activity_names(150)
SVG = "{http://www.w3.org/2000/svg}"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def russian_tree(seed: int, number: int) -> ProcessTree:
    """A tree with as many activities as letters, renamed to what officials do."""
    return rename(random_tree(Random(seed), LABELS[:number]))


def rename(tree: ProcessTree) -> ProcessTree:
    if tree.operator is Operator.ACTIVITY:
        return leaf(NAMES[LABELS.index(tree.activity)])
    return ProcessTree(tree.operator, children=tuple(map(rename, tree.children)))


TREES = st.builds(russian_tree, st.integers(0, 2**32 - 1), st.integers(1, len(LABELS)))


def lay_out(tree: ProcessTree, **options: float) -> Diagram:
    return lay_out_bpmn(convert_to_bpmn(tree), **options)


def overlap(first: Shape, second: Shape) -> bool:
    return (
        first.left < second.left + second.size.width
        and second.left < first.left + first.size.width
        and first.top < second.top + second.size.height
        and second.top < first.top + first.size.height
    )


def crosses(shape: Shape, start: Point, end: Point) -> bool:
    """Whether a horizontal or vertical piece of a line runs through the inside of a shape."""
    low_x, high_x = sorted((start.x, end.x))
    low_y, high_y = sorted((start.y, end.y))
    inside = 0.5
    return (
        low_x < shape.left + shape.size.width - inside
        and high_x > shape.left + inside
        and low_y < shape.top + shape.size.height - inside
        and high_y > shape.top + inside
    )


def is_dock(shape: Shape, point: Point) -> bool:
    """Whether a point is the middle of one of a shape's sides."""
    middle, half_width, half_height = shape.middle, shape.size.width / 2, shape.size.height / 2
    sides = ((half_width, 0), (-half_width, 0), (0, half_height), (0, -half_height))
    return any((point.x, point.y) == pytest.approx((middle.x + dx, middle.y + dy)) for dx, dy in sides)


@settings(max_examples=examples(32), deadline=None)
@given(TREES, st.sampled_from((300.0, 2400.0)))
def test_nothing_overlaps_and_lines_run_between_borders(tree: ProcessTree, longest_row: float):
    diagram = lay_out(tree, longest_row=longest_row)
    assert not any(overlap(*pair) for pair in combinations(diagram.shapes, 2))
    shapes = {shape.node.identifier: shape for shape in diagram.shapes}
    for route in diagram.routes:
        assert is_dock(shapes[route.flow.source], route.points[0])
        assert is_dock(shapes[route.flow.target], route.points[-1])
        for start, end in pairwise(route.points):
            assert (start.x == pytest.approx(end.x)) != (start.y == pytest.approx(end.y))
            assert not any(crosses(shape, start, end) for shape in diagram.shapes)


@settings(max_examples=examples(16), deadline=None)
@given(TREES)
def test_everything_is_inside_the_picture(tree: ProcessTree):
    diagram = lay_out(tree)
    for shape in diagram.shapes:
        assert shape.left >= 0
        assert shape.left + shape.size.width <= diagram.width
        assert shape.top >= 0
        assert shape.top + shape.size.height <= diagram.height
    points = [point for route in diagram.routes for point in route.points]
    assert all(0 <= point.x <= diagram.width and 0 <= point.y <= diagram.height for point in points)


def test_labels_fit_their_tasks():
    diagram = lay_out(block(Operator.SEQUENCE, *map(leaf, NAMES)))
    for shape in diagram.shapes:
        widths = [measure_text(line, size=LABEL_SIZE, weight="semibold") for line in shape.size.lines]
        assert max(widths, default=0) <= shape.size.width
        assert LABEL_LEADING * len(shape.size.lines) <= shape.size.height


def test_what_is_redone_runs_backwards():
    diagram = lay_out(block(Operator.LOOP, leaf("do"), block(Operator.SEQUENCE, leaf("first"), leaf("then"))))
    place = {shape.node.name: shape for shape in diagram.shapes if shape.node.name}
    assert place["then"].left < place["first"].left
    assert place["first"].top > place["do"].top + place["do"].size.height


def test_a_long_sequence_is_broken_into_rows_of_about_the_same_length():
    diagram = lay_out(block(Operator.SEQUENCE, *map(leaf, NAMES[:60])))
    rows: dict[float, list[Shape]] = {}
    for shape in diagram.shapes:
        rows.setdefault(round(shape.middle.y), []).append(shape)
    lengths = [max(s.left + s.size.width for s in row) - min(s.left for s in row) for row in rows.values()]
    assert len(rows) > 2
    assert max(lengths) < 1.3 * min(lengths)
    assert all(len(row) > 1 for row in rows.values())


def test_the_picture_says_whole_names_and_takes_the_focus():
    name = "Согласование " + "очень " * 40 + "длинного названия <b>&"
    picture = ElementTree.fromstring(str(draw_bpmn(lay_out(leaf(name)))))  # noqa: S314 - ours
    task = next(part for part in picture.iter(f"{SVG}g") if part.get("class") == "task")
    assert task.get("tabindex") == "0"
    assert task.findtext(f"{SVG}title") == name
    assert "".join(task.find(f"{SVG}text").itertext()).endswith("…")


@pytest.mark.parametrize(
    ("tree", "titles"),
    [
        (block(Operator.CHOICE, leaf("a"), SILENT), {"Start", "End", "a", "Exactly one way"}),
        (block(Operator.PARALLEL, leaf("a"), leaf("")), {"Start", "End", "a", "(no name)", "All ways, in any order"}),
    ],
)
def test_every_part_has_a_title(tree: ProcessTree, titles: set[str]):
    picture = ElementTree.fromstring(str(draw_bpmn(lay_out(tree))))  # noqa: S314 - ours
    assert {title.text for title in picture.iter(f"{SVG}title")} == titles


def test_a_file_holds_the_model_and_a_place_for_each_part():
    model = convert_to_bpmn(russian_tree(4, 9))
    document = ElementTree.fromstring(  # noqa: S314 - ours
        write_bpmn(model, lay_out_bpmn(model), name="receipt", documentation="Fitness: 92 %")
    )
    process = document.find(f"{BPMN}process")
    assert process.get("name") == "receipt"
    assert process.findtext(f"{BPMN}documentation") == "Fitness: 92 %"
    placed = {part.get("bpmnElement") for part in document.iter() if part.get("bpmnElement")} - {"Process_1"}
    drawn = {part.get("id") for part in process}
    assert placed == drawn - {None}
    assert placed == {n.identifier for n in model.nodes} | {f.identifier for f in model.flows}
    tasks = {part.get("name") for part in process.iter(f"{BPMN}task")}
    assert tasks == {node.name for node in model.nodes if node.kind is NodeKind.TASK}


def test_a_png_is_twice_the_size_unless_it_is_huge():
    svg = make_model_standalone(draw_bpmn(lay_out(leaf("Регистрация заявления"))), has_font=False)
    width, height = (
        int(float(part)) for part in (svg.split('width="')[1].split('"')[0], svg.split('height="')[1].split('"')[0])
    )
    png = render_png(svg)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (2 * width, 2 * height)


@pytest.mark.parametrize("number", [12, 40])
def test_pictures_are_as_looked_at(number: int, matches_golden):
    tree = named_tree(Random(number), list(NAMES[:number]))
    matches_golden(f"model-{number}.svg", make_model_standalone(draw_bpmn(lay_out(tree)), has_font=False))


def named_tree(random: Random, names: list[str]) -> ProcessTree:
    """A tree such as logs give: sequences of tasks, options, choices, and loops."""
    if len(names) == 1:
        return leaf(names[0]) if random.random() < 0.7 else block(Operator.CHOICE, SILENT, leaf(names[0]))
    operator = Operator.SEQUENCE if len(names) > 6 else random.choice(BLOCKS)
    n_parts = 2 if operator is Operator.LOOP else min(len(names), random.randint(2, 4))
    bounds = [round(len(names) * part / n_parts) for part in range(n_parts + 1)]
    return ProcessTree(operator, children=tuple(named_tree(random, names[a:b]) for a, b in pairwise(bounds)))
