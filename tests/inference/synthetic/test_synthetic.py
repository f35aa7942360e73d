"""Synthetic comparisons against published figures, other solvers and another package."""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from inference.synthetic.panels import panel
from potok.inference.synthetic import (
    TooFewControlsError,
    compare_equally,
    fit_simplex,
    jackknife,
    leave_one_out,
    make_block,
    placebo_in_space,
    placebo_in_time,
    synthetic_control,
    synthetic_control_by,
    synthetic_differences,
)
from potok.inference.synthetic.descent import _walk, descend, walk

SMOKING = Path(__file__).parents[2] / "data" / "verification" / "california_prop99.csv"
REFERENCES = json.loads(Path(__file__).with_name("references.json").read_text())
DESCENT_TOLERANCE = 1e-6  # of the standard deviation: both stop at the same step, but add up in another order


@pytest.fixture(scope="module")
def california():
    with SMOKING.open() as stream:
        rows = list(csv.reader(stream))
    outcomes = np.asarray([[float(value) for value in row[1:]] for row in rows[1:]]).T
    return make_block(outcomes, is_treated=np.asarray(rows[0][1:]) == "California", first=19)


def block(seed, **kind):
    outcomes, is_treated = panel(seed, **kind)
    return make_block(outcomes, is_treated=is_treated, first=10)


def test_proposition_99(california):
    # Arkhangelsky et al. (2021); the package synthdid gives -27.349, -15.604.
    assert compare_equally(california).effect == pytest.approx(-27.349, abs=0.0005)
    assert synthetic_differences(california).effect == pytest.approx(-15.604, abs=0.0005)


def test_proposition_99_synthetic_control_is_the_minimum(california):
    found = synthetic_control(california)
    past = california.controls[:, :19].T

    def misfit(weights):
        return np.square(past @ weights - california.treated[0, :19]).sum()

    assert found.effect == pytest.approx(-19.51, abs=0.005)
    # Published by synthdid, whose descent stops before it gets to the minimum: -19.62.
    noise = np.diff(california.controls[:, :19], axis=1).std(ddof=1)
    stopped = descend(past, california.treated[0, :19], penalty=1e-6 * noise, least_gain=1e-5 * noise)
    gap = california.treated[0] - stopped @ california.controls
    assert gap[19:].mean() == pytest.approx(-19.62, abs=0.005)
    assert misfit(found.control_weights) < misfit(stopped)
    assert np.flatnonzero(found.control_weights > 0.01).size == 6


@pytest.mark.parametrize("shape", [(5, 3), (30, 8), (6, 12)])
@pytest.mark.parametrize("ridge", [0.0, 0.7])
def test_no_other_weights_fit_better(shape, ridge):
    generator = np.random.default_rng(sum(shape))
    design, target = generator.normal(size=shape), generator.normal(size=shape[0])

    def loss(weights):
        return np.square(design @ weights - target).sum() + ridge * np.square(weights).sum()

    found = fit_simplex(design, target, ridge=ridge)
    other = minimize(
        loss,
        np.full(shape[1], 1 / shape[1]),
        bounds=[(0, 1)] * shape[1],
        constraints={"type": "eq", "fun": lambda weights: weights.sum() - 1},
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1, abs=1e-12)
    assert loss(found) <= other.fun + 1e-9
    assert loss(found) == pytest.approx(other.fun, abs=1e-6)


def test_weights_of_a_perfect_fit_are_found():
    design = np.random.default_rng(1).normal(size=(20, 6))
    wanted = np.asarray([0.5, 0, 0.3, 0, 0, 0.2])
    assert fit_simplex(design, design @ wanted) == pytest.approx(wanted, abs=1e-9)
    assert fit_simplex(np.ones((4, 1)), np.zeros(4)) == pytest.approx([1.0])
    assert fit_simplex(np.zeros((4, 3)), np.zeros(4)).sum() == 1


def test_descent_comes_close_to_the_minimum():
    generator = np.random.default_rng(2)
    design, target = generator.normal(size=(15, 6)), generator.normal(size=15)
    found = descend(design, target, penalty=0.5, least_gain=1e-9)
    assert found == pytest.approx(fit_simplex(design, target, ridge=15 * 0.25), abs=1e-4)
    gram, pull, start = design.T @ design, design.T @ target, np.full(6, 1 / 6)
    for enough in (0.0, 0.5):
        assert _walk(gram, pull, start, 40, enough) == pytest.approx(walk(gram, pull, start, 40, enough), abs=1e-12)
    corner = np.asarray([1.0, 0, 0, 0, 0, 0])
    assert (_walk(np.eye(6), corner, corner, 40, 0.0) == corner).all()


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda one: f"{one['treated']} treated")
def test_agrees_with_another_package(reference):
    # diff-diff; see make_references.py.
    outcomes, is_treated = panel(reference["seed"], treated=reference["treated"])
    ours = make_block(outcomes, is_treated=is_treated, first=10)
    tolerance = DESCENT_TOLERANCE * outcomes.std()
    assert synthetic_differences(ours).effect == pytest.approx(reference["effect"], abs=tolerance)
    if reference["jackknife"] is not None:
        error = jackknife(ours, fit=synthetic_differences).standard_error
        assert error == pytest.approx(reference["jackknife"], rel=1e-4)


def test_a_known_effect_is_recovered():
    errors = [synthetic_differences(block(seed)).effect + 3 for seed in range(25)]
    assert np.abs(np.mean(errors)) < 4 * np.std(errors) / 5
    assert np.std(errors) < 1
    plain = [compare_equally(block(seed)).effect + 3 for seed in range(25)]
    assert np.std(errors) < 0.6 * np.std(plain)


def test_fit_says_how_it_was_made():
    found = synthetic_differences(block(3))
    assert found.control_weights.sum() == pytest.approx(1)
    assert found.month_weights[:10].sum() == pytest.approx(1)
    assert not found.month_weights[10:].any()
    assert found.gaps[10:].mean() == pytest.approx(found.effect)
    assert found.gaps @ found.month_weights == pytest.approx(0, abs=1e-9)
    assert 1 <= found.effective_controls <= 10
    assert compare_equally(block(3)).effective_controls == pytest.approx(10)


def test_predictors_may_decide():
    outcomes, is_treated = panel(4, treated=1)
    predictors = np.zeros((12, 1))
    predictors[[0, 7]] = 5.0
    made = make_block(outcomes, is_treated=is_treated, first=10)
    by_outcomes = synthetic_control_by(predictors, importance=np.zeros(1))(made)
    assert by_outcomes.control_weights == pytest.approx(synthetic_control(made).control_weights, abs=1e-9)
    by_predictor = synthetic_control_by(predictors, importance=np.asarray([1e6]))(made)
    assert by_predictor.control_weights[made.control_rows.tolist().index(7)] > 0.99
    assert leave_one_out(made, fit=synthetic_control_by(predictors, importance=np.ones(1))).lowest < 0


def test_placebos_in_space_rank_the_effect():
    made = block(6, treated=1, effect=-9.0)
    found = placebo_in_space(made, fit=synthetic_control)
    by_hand = [
        synthetic_control(
            make_block(rearranged(made, control), is_treated=np.arange(len(made.controls)) == 0, first=10)
        ).effect
        for control in range(len(made.controls))
    ]
    assert found.placebos == pytest.approx(by_hand)
    assert found.p_value == found.ratio_p_value == pytest.approx(1 / 12)
    assert found.effect.standard_error == pytest.approx(np.std(by_hand))
    drawn = placebo_in_space(block(6, treated=3), fit=compare_equally, draws=30, seed=1)
    assert drawn.placebos.shape == (30,)
    assert np.isfinite(drawn.effect.lower)
    alone = placebo_in_space(block(6, agencies=5, treated=3), fit=compare_equally)
    assert (alone.p_value, alone.effect.upper) == (1.0, math.inf)


def rearranged(made, control):
    """Put a control first."""
    rows = [control, *(row for row in range(len(made.controls)) if row != control)]
    return made.controls[rows]


def test_placebos_in_time_use_nothing_of_what_came_after():
    one = placebo_in_time(block(7, effect=-3.0), fit=synthetic_differences)
    other = placebo_in_time(block(7, effect=-300.0), fit=synthetic_differences)
    assert one.places.tolist() == [4, 5, 6, 7, 8, 9]
    assert (one.effects == other.effects).all()
    assert abs(one.largest) == np.abs(one.effects).max() < 3
    assert math.isnan(placebo_in_time(block(7).earlier(3), fit=compare_equally).largest)


def test_leaving_out_a_control():
    made = block(8, treated=1)
    found = leave_one_out(made, fit=synthetic_control)
    full = synthetic_control(made)
    assert found.controls.tolist() == np.flatnonzero(full.control_weights).tolist()
    assert found.lowest <= full.effect <= found.highest
    assert found.lowest < found.highest
    few = leave_one_out(block(8, agencies=3, treated=1), fit=synthetic_control)
    assert few.lowest == few.highest


def test_jackknife_needs_two_of_each():
    assert math.isinf(jackknife(block(9, treated=1), fit=synthetic_differences).upper)
    covered = [jackknife(block(seed), fit=synthetic_differences) for seed in range(30)]
    assert np.mean([one.lower <= -3 <= one.upper for one in covered]) > 0.8


def test_gaps_in_the_panel():
    made = block(10, missing=2)
    assert made.control_rows.tolist() == list(range(2, 10))
    outcomes, is_treated = panel(10)
    outcomes[0, 12] = np.nan
    assert make_block(outcomes, is_treated=is_treated, first=10).places.tolist() == [*range(12), 13, 14, 15]
    with pytest.raises(TooFewControlsError, match="1 controls have outcomes in all of 10 months before"):
        make_block(outcomes[:3], is_treated=is_treated[:3], first=10)
    with pytest.raises(TooFewControlsError):
        make_block(outcomes, is_treated=np.zeros(12, bool), first=10)
