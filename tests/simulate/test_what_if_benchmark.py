"""A small instance of the study of forecasts, and the oracle and the figures that it stands on."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from potok.simulate.discovery import learn_model
from potok.simulate.kernel import UNKNOWN, compile_model, simulate

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
NAMES = ("figures", "oracle", "running", "worlds")


@pytest.fixture(scope="module")
def study():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        modules = {name: importlib.import_module(f"what_if_{name}") for name in NAMES}
    finally:
        sys.path.remove(str(BENCHMARKS))
    subjects = sys.modules["what_if_models"].list_subjects(data=Path("nowhere"))
    return {**modules, "subjects": {one.name: one for one in subjects}}


@pytest.fixture(scope="module")
def world(study):
    worlds = study["worlds"]
    return worlds.make_world(study["subjects"]["shared expert"], 0.5, worlds.Condition.PLAIN, cases=300)


def test_the_busiest_pool_has_the_load_asked_for(study, world):
    assert max(study["worlds"].offered_loads(world.model).values()) == pytest.approx(0.5, rel=0.1)


def test_the_oracle_counts_what_happened(study, world):
    log = study["worlds"].run_log(world, 0)
    fitted = study["oracle"].fit_oracle(world, log, expected_cases=float(len(log.arrived_us)))

    shares = {(flow.source, flow.target): dict(flow.by_case_type) for flow in fitted.routing.flows}
    early = (log.arrived_us < log.start_us + 0.85 * (log.end_us - log.start_us)) & (log.closed_us != UNKNOWN)
    names = [one.name for one in world.model.activities]
    for code, kind in enumerate(("simple", "complex")):
        cases = np.flatnonzero((log.case_type == code) & early)
        inspected = [names.index("Inspect") in log.activity[log.first_row[c] : log.first_row[c + 1]] for c in cases]
        assert shares["?kind", "Inspect"][kind] == pytest.approx(np.mean(inspected), abs=0.01)
    assert [one.share for one in fitted.case_types] == pytest.approx(np.bincount(log.case_type) / len(log.case_type))
    assert fitted.arrivals.per_day == pytest.approx(world.model.arrivals.per_day)


def test_a_log_without_its_hidden_cases_is_whole_otherwise(study):
    worlds = study["worlds"]
    hidden = worlds.make_world(study["subjects"]["permits"], 0.5, worlds.Condition.HIDDEN, cases=100)
    whole = simulate(
        compile_model(hidden.model, start_us=worlds.START_US, end_us=hidden.end_us, drain=False), seed=1000
    )
    shown = worlds.run_log(hidden, 0)

    kinds = [one.name for one in hidden.model.case_types]
    kept = np.flatnonzero(whole.case_type != kinds.index("hidden"))
    assert 0 < len(kept) < len(whole.case_type)
    assert shown.arrived_us.tolist() == whole.arrived_us[kept].tolist()
    rows = np.concatenate([np.arange(whole.first_row[case], whole.first_row[case + 1]) for case in kept])
    assert shown.started_us.tolist() == whole.started_us[rows].tolist()
    assert np.diff(shown.first_row).tolist() == np.diff(whole.first_row)[kept].tolist()


def test_a_change_is_forecast_from_a_log(study, world):
    running, worlds = study["running"], study["worlds"]
    model = learn_model(worlds.learn_from(world, worlds.run_log(world, 0)))
    chosen = {"remove": world.subject.changes["remove"]}
    true, ours = (running.predict(one, chosen, world.end_us, seed=1, runs=6) for one in (world.model, model))

    assert ours["as_is"][0] == pytest.approx(true["as_is"][0], rel=0.2)
    assert ours["changes"]["remove"][0] == pytest.approx(true["changes"]["remove"][0], rel=0.5)
    assert true["changes"]["remove"][0] < 0


def test_figures_leave_small_effects_out_and_see_orders(study):
    figures = study["figures"]

    def effect(change, true, ours, oracle):
        return figures.Effect("p", 0.5, "plain", 0, change, "mean", 100.0, true, ours, oracle, refused=False)

    cell = figures.summarise(
        [effect("a", -10.0, -8.0, -9.0), effect("b", 20.0, 26.0, 24.0), effect("c", 1.0, -5.0, 1.0)], ("p",)
    )

    assert cell.effects == (2, 0)
    assert cell.ours[0] == pytest.approx((0.2 + 0.3) / 2)
    assert cell.ratios[0] == pytest.approx(0.25 / 0.15)
    assert cell.signs == (1.0, 1.0)
    assert cell.taus == pytest.approx((1.0, 1.0))
    assert cell.missed() == ["error of mean"]
