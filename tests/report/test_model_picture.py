"""Pictures of models: every activity with who does it and how long it takes, and the shares on the arcs."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from potok.report.drawing.standalone import make_standalone
from potok.report.simulation.model_flow import END_BOX, START_BOX, last_activity_shares, model_flow
from potok.report.simulation.model_picture import draw_model
from potok.simulate.model import Context, HistoryRouting, load_model
from support.process_models import graph_model, small_model

EXAMPLE = Path(__file__).parents[2] / "examples" / "models" / "permit.toml"


def titles(svg: str) -> list[str]:
    return [unescape(title).replace("\xa0", " ") for title in re.findall(r"<title>(.*?)</title>", svg)]


def test_a_graph_is_drawn_with_its_figures() -> None:
    drawn = titles(draw_model(graph_model()))
    assert "intake: clerks, mean 10 min" in drawn
    assert "decide: automatic, mean 5 min" in drawn
    assert "Exactly one way → decide: 75%" in drawn
    assert len(drawn) == 7 + 7


def test_a_history_is_summed_up_to_the_last_activity() -> None:
    contexts = (
        Context((), (("a", 1.0),), is_start=True),
        Context((), (("", 1.0),)),
        Context(("a",), (("b", 0.5), ("", 0.5)), case_type="x", runs=30),
        Context(("a",), (("", 1.0),), case_type="y", runs=10),
        Context(("b", "a"), (("b", 1.0),), runs=5),
        Context(("b",), (("a", 0.995), ("c", 0.005))),
    )
    shares = last_activity_shares(HistoryRouting(contexts))
    assert {name: dict(each) for name, each in shares.items()} == {
        START_BOX: {"a": 1.0},
        "a": {"b": 0.375, "": 0.625},
        "b": {"a": 0.995, "c": 0.005},
    }
    names = tuple(replace(small_model().activities[0], name=name) for name in "abc")
    flow = model_flow(replace(small_model(), routing=HistoryRouting(contexts), activities=names))
    assert flow.is_summary
    assert [box.key for box in flow.boxes] == [START_BOX, "a", "b", END_BOX]
    assert not model_flow(small_model()).is_summary


@pytest.mark.parametrize("has_font", [False, True])
def test_the_example_is_a_file_of_its_own(has_font: bool) -> None:
    svg = make_standalone(draw_model(load_model(EXAMPLE)), has_font=has_font)
    assert "var(--" not in svg
    assert sum("Экспертиза: Эксперты, mean 3 h" in title for title in titles(svg)) >= 1


def test_a_summary_says_so() -> None:
    model = small_model()
    assert isinstance(model.routing, HistoryRouting)
    longer = Context(("intake", "check"), (("decide", 1.0),))
    routing = replace(model.routing, contexts=(*model.routing.contexts, longer))
    assert "summed up to the last one" in draw_model(replace(model, routing=routing))
