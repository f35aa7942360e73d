"""The layout program is found, told sizes only, and never waited for without end."""

import stat
import subprocess
from pathlib import Path

import pytest

from potok.report.drawing import layout_program
from potok.report.drawing.flow_order import order_by_flow
from potok.report.drawing.layout import Box, Link, Point, lay_out
from potok.report.drawing.layout_program import (
    LayoutFailedError,
    NoLayoutProgramError,
    find_layout_program,
    run_layout_program,
)

CHAIN = [Box(90, 28, is_first=True), Box(120, 60), Box(140, 60), Box(90, 28, is_last=True)]


@pytest.fixture
def impostor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a script in the place of the layout program."""

    def install(script: str) -> None:
        program = tmp_path / "graphviz-pure"
        program.write_text("#!/bin/sh\n" + script)
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setattr(layout_program, "find_layout_program", lambda: str(program))

    return install


def test_main_flow_runs_forward():
    flows = [(0, 1, 100), (1, 2, 90), (2, 1, 10), (2, 3, 80), (1, 1, 7)]
    assert order_by_flow(4, flows, first=[0], last=[3]) == [0, 1, 2, 3]


def test_order_has_no_need_of_ends():
    assert order_by_flow(3, [(2, 0, 5), (0, 1, 5)]) == [1, 2, 0]


def test_order_is_a_permutation_even_without_flows():
    assert sorted(order_by_flow(5, [], first=[4], last=[0])) == [0, 1, 2, 3, 4]


def test_boxes_lie_in_layers_without_overlap():
    layout = lay_out(CHAIN, [Link(0, 1), Link(1, 2, 40, 16), Link(2, 3)])
    assert [point.y for point in layout.boxes] == sorted(point.y for point in layout.boxes)
    for upper, lower, above, below in zip(layout.boxes, layout.boxes[1:], CHAIN, CHAIN[1:], strict=False):
        assert lower.y - upper.y >= (above.height + below.height) / 2


def test_a_line_runs_from_its_source_to_its_target_and_leaves_room_for_its_label():
    layout = lay_out(CHAIN, [Link(1, 2, 40, 16, flow=9), Link(2, 1, flow=2), Link(0, 1), Link(2, 3)])
    down, up = layout.lines[:2]
    assert down.curve[0].y < down.tip.y
    assert up.curve[0].y > up.tip.y
    assert down.label is not None
    assert up.label is None
    assert len(down.curve) % 3 == 1


def test_a_loop_returns_to_its_box():
    layout = lay_out([Box(100, 50)], [Link(0, 0, 30, 16)])
    loop = layout.lines[0]
    assert abs(loop.tip.x - layout.boxes[0].x) <= 60
    assert loop.label is not None
    assert layout.width > 100


def test_the_same_graph_is_laid_out_the_same_way():
    links = [Link(0, 1), Link(1, 2), Link(2, 1), Link(1, 3), Link(2, 3)]
    assert lay_out(CHAIN, links) == lay_out(CHAIN, links)


def test_places_are_rounded_to_a_tenth_of_a_pixel():
    layout = lay_out(CHAIN, [Link(0, 1)])
    assert all(isinstance(point, Point) and round(point.x, 1) == point.x for point in layout.boxes)


def test_the_program_beside_this_python_is_found():
    assert Path(find_layout_program()).name.startswith(("graphviz-pure", "dot"))


def test_without_a_program_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch):
    find_layout_program.cache_clear()
    monkeypatch.setattr(layout_program.shutil, "which", lambda program, path: None)
    with pytest.raises(NoLayoutProgramError, match="No program to lay out the process map") as caught:
        find_layout_program()
    assert caught.value.code == "POTOK-R001"
    assert "pip install graphviz-pure" in caught.value.remedy
    find_layout_program.cache_clear()


def test_a_slow_program_is_given_up(impostor):
    impostor("sleep 30")
    with pytest.raises(LayoutFailedError, match="not laid out within"):
        run_layout_program("digraph{}", time_limit_seconds=0.2)


def test_a_failing_program_is_quoted(impostor):
    impostor("echo 'out of memory' >&2; exit 3")
    with pytest.raises(LayoutFailedError, match="out of memory"):
        run_layout_program("digraph{}")


def test_a_silent_failure_is_told_by_its_status(impostor):
    impostor("exit 3")
    with pytest.raises(LayoutFailedError, match="3"):
        run_layout_program("digraph{}")


def test_a_program_that_cannot_be_started_is_an_environment_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(layout_program, "find_layout_program", lambda: str(tmp_path))
    with pytest.raises(LayoutFailedError, match="failed") as caught:
        run_layout_program("digraph{}")
    assert caught.value.exit_code == 5


@pytest.mark.parametrize("answer", ["not json", "{}", '{"bb":"0,0,1,1","objects":[]}'])
def test_a_meaningless_answer_is_an_environment_failure(impostor, answer: str):
    impostor(f"echo '{answer}'")
    with pytest.raises(LayoutFailedError, match="cannot be read"):
        lay_out(CHAIN, [])


def test_no_label_reaches_the_program(monkeypatch: pytest.MonkeyPatch):
    told = []

    def spy(*arguments, **options):
        told.append(options["input"])
        return subprocess.CompletedProcess(arguments, 0, b"{}", b"")

    monkeypatch.setattr(layout_program.subprocess, "run", spy)
    with pytest.raises(LayoutFailedError):
        lay_out(CHAIN, [Link(0, 1, 40, 16)])
    assert told[0].isascii()
    assert b"label=<" in told[0]
