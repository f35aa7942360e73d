"""What estimates by group and time do with gaps, few agencies and input that does not fit; bands and coverage."""

import numpy as np
import pytest

from potok.inference.estimate import InvalidShareError
from potok.inference.group_times import (
    Comparing,
    Controls,
    Drawing,
    Estimator,
    NothingComparedError,
    UnfitCovariatesError,
    UnfitGroupTimesError,
    estimate_group_times,
)


def draw_panel(*, seed: int, each: int = 20, effect: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes of agencies that never change, or in month 3 or 5, of seven."""
    generator = np.random.default_rng(seed)
    first = np.repeat([-1, 3, 5], each)
    is_after = (first[:, None] >= 0) & (np.arange(7) >= first[:, None])
    return generator.normal(0, 1, (3 * each, 7)) + generator.normal(0, 3, (3 * each, 1)) + effect * is_after, first


def test_known_effect_is_covered_and_bands_are_wider():
    covered, all_covered = [], []
    for seed in range(60):
        outcomes, first = draw_panel(seed=seed)
        found = estimate_group_times(outcomes, first_treated=first, drawing=Drawing(draws=199, seed=seed))
        dynamic = found.aggregate("dynamic")
        covered.append(dynamic.overall.lower <= 2 <= dynamic.overall.upper)
        truth = [(part, 2.0 * (part.key >= 0)) for part in dynamic.parts]
        all_covered.append(all(part.simultaneous.lower <= value <= part.simultaneous.upper for part, value in truth))
        assert dynamic.critical_value > 2
        assert all(part.simultaneous.lower < part.effect.lower for part in dynamic.parts)
    assert np.mean(covered) >= 0.86
    assert np.mean(all_covered) >= 0.86


def test_doubly_robust_survives_either_wrong_model():
    generator = np.random.default_rng(1)
    covariate = generator.normal(0, 1, 6000)
    first = np.where(generator.random(6000) < 1 / (1 + np.exp(-covariate)), 1, -1)
    wrong = np.abs(covariate)[:, None]
    changes = {"regression": covariate, "ipw": covariate**2}
    for right, change in changes.items():
        outcomes = np.column_stack([np.zeros(6000), change + generator.normal(0, 0.5, 6000) + 3 * (first >= 0)])
        values = {
            estimator: estimate_group_times(
                outcomes, first_treated=first, covariates=covariate, comparing=Comparing(estimator=estimator)
            ).effect(1, 1)
            for estimator in Estimator
        }
        robust = values[Estimator.DOUBLY_ROBUST]
        assert abs(robust.value - 3) < 4 * robust.standard_error
        chosen = values[Estimator(right)]
        assert abs(chosen.value - 3) < 4 * chosen.standard_error
        without = estimate_group_times(outcomes, first_treated=first, covariates=wrong).effect(1, 1)
        assert abs(without.value - 3) > 4 * without.standard_error or right == "ipw"


def test_shuffled_agencies_and_doubled_weights_change_nothing():
    outcomes, first = draw_panel(seed=2)
    weights = np.random.default_rng(3).integers(1, 50, len(first)).astype(float)
    order = np.random.default_rng(4).permutation(len(first))
    one = estimate_group_times(outcomes, first_treated=first, weights=weights).aggregate("group")
    two = estimate_group_times(outcomes[order], first_treated=first[order], weights=2 * weights[order]).aggregate(
        "group"
    )
    assert (one.overall.value, one.overall.standard_error) == pytest.approx(
        (two.overall.value, two.overall.standard_error)
    )


def test_same_seed_gives_the_same_bands():
    outcomes, first = draw_panel(seed=5)
    quantiles = {
        seed: estimate_group_times(outcomes, first_treated=first, drawing=Drawing(seed=seed)).aggregate("dynamic")
        for seed in (1, 2)
    }
    again = estimate_group_times(outcomes, first_treated=first, drawing=Drawing(seed=1)).aggregate("dynamic")
    assert quantiles[1].critical_value == again.critical_value != quantiles[2].critical_value


def test_who_cannot_be_compared_is_counted():
    outcomes, first = draw_panel(seed=6)
    first[0], outcomes[1] = 0, np.nan
    found = estimate_group_times(outcomes, first_treated=first, comparing=Comparing(controls=Controls.NEVER))
    assert (found.excluded, found.units) == (2, 58)
    late = np.where(first == -1, 6, first)
    found = estimate_group_times(outcomes, first_treated=late)
    assert set(found.unanswered) == {(3, 6), (5, 6), (6, 5), (6, 6)}  # nobody is still to change
    assert found.effect(3, 6) is None
    assert found.effect(3, 5).value == pytest.approx(2, abs=1)


def test_few_agencies_are_named_as_a_limit():
    outcomes, first = draw_panel(seed=7, each=2)
    assert len(estimate_group_times(outcomes, first_treated=first).limits) == 2
    outcomes, first = draw_panel(seed=7)
    assert estimate_group_times(outcomes, first_treated=first).limits == ()


def test_covariates_that_tell_groups_apart_leave_cells_unanswered():
    outcomes, first = draw_panel(seed=8)
    with pytest.raises(NothingComparedError):
        estimate_group_times(outcomes, first_treated=first, covariates=np.ones(60))
    found = estimate_group_times(outcomes, first_treated=first, covariates=(first == 3).astype(float))
    assert found.effect(3, 4) is None


def test_nobody_to_compare_is_refused():
    outcomes, _first = draw_panel(seed=9)
    with pytest.raises(NothingComparedError, match="untreated beside it"):
        estimate_group_times(outcomes, first_treated=np.full(60, 3), comparing=Comparing(controls=Controls.NEVER))
    with pytest.raises(NothingComparedError, match="watched before"):
        estimate_group_times(outcomes, first_treated=np.zeros(60, int))
    only_before = np.where(np.arange(7) < 3, outcomes, np.nan)
    with pytest.raises(NothingComparedError, match="after its change"):
        estimate_group_times(only_before, first_treated=np.repeat([-1, 3, 5], 20)).aggregate("simple")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"first_treated": np.zeros(5, int)}, UnfitGroupTimesError),
        ({"first_treated": np.zeros(60)}, UnfitGroupTimesError),
        ({"weights": np.full(60, -1.0)}, UnfitGroupTimesError),
        ({"comparing": Comparing(anticipation=-1)}, UnfitGroupTimesError),
        ({"covariates": np.full(60, np.nan)}, UnfitCovariatesError),
        ({"drawing": Drawing(confidence=95)}, InvalidShareError),
        ({"comparing": Comparing(controls="nobody")}, ValueError),
    ],
)
def test_input_that_does_not_fit_is_refused(given, error):
    outcomes, first = draw_panel(seed=10)
    with pytest.raises(error):
        estimate_group_times(outcomes, **{"first_treated": first, **given})
