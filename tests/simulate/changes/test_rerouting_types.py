"""Rerouting a graph whose case types go different ways keeps what they differ by."""

from math import log
from pathlib import Path

import pytest

from potok.core.change import Reroute
from potok.simulate.changes import apply_changes
from potok.simulate.changes.reroute import _reroute_history
from potok.simulate.model import Context, GraphRouting, HistoryRouting, ProcessModel
from potok.simulate.model.reading import load_model

MODEL = Path(__file__).parents[3] / "examples" / "models" / "permit.toml"
TYPE = "реконструкция"


def ways(model: ProcessModel) -> dict[str, tuple[float, float]]:
    """Return the usual share and that of the type, by target of the choice."""
    assert isinstance(model.routing, GraphRouting)
    flows = [flow for flow in model.routing.flows if flow.source == "комплект полон?"]
    return {flow.target: (flow.share, dict(flow.by_case_type)[TYPE]) for flow in flows}


def odds(share: float) -> float:
    return log(share / (1.0 - share))


@pytest.mark.parametrize("share", [0.05, 0.245, 0.6])
def test_odds_move_alike_and_the_mean_is_what_was_asked_for(share):
    model = load_model(MODEL)
    change = Reroute(activity="Проверка комплекта", to_activity="Возврат на доработку", share=share)
    before, after = ways(model)["Возврат на доработку"], ways(apply_changes(model, [change]))["Возврат на доработку"]
    assert 0.7 * after[0] + 0.3 * after[1] == pytest.approx(share)
    assert odds(after[1]) - odds(after[0]) == pytest.approx(odds(before[1]) - odds(before[0]))
    other = ways(apply_changes(model, [change]))["параллельно"]
    assert (after[0] + other[0], after[1] + other[1]) == (pytest.approx(1.0), pytest.approx(1.0))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_never_and_always_hold_for_every_type(share):
    change = Reroute(activity="Проверка комплекта", to_activity="Возврат на доработку", share=share)
    assert ways(apply_changes(load_model(MODEL), [change]))["Возврат на доработку"] == (share, share)


def test_types_of_a_learned_history_reach_the_share_together():
    after_check = (("Go", 0.5), ("Stop", 0.5))
    contexts = (
        Context(("Check",), after_check, runs=100),
        Context(("Check",), (("Go", 0.05), ("Stop", 0.95)), "simple", runs=60),
        Context(("Check",), (("Go", 0.95), ("Stop", 0.05)), "complex", runs=30),
        Context(("Begin", "Check"), after_check, runs=0),
    )
    change = Reroute("Check", to_activity="Go", share=0.2)
    changed = _reroute_history(HistoryRouting(contexts), change, 0.2, {"simple": 0.6, "complex": 0.4})
    rest, simple, complex_, _covered = (dict(one.following)["Go"] for one in changed.contexts)
    # Those of a type decide for it: ten runs are left to the history of any.
    assert 10 * rest + 60 * simple + 30 * complex_ == pytest.approx(100 * 0.2)
    assert odds(complex_) - odds(simple) == pytest.approx(odds(0.95) - odds(0.05))
