"""The mean effect as weights of outcomes: the same number as the estimator's, and fast over many assignments."""

import numpy as np
import pytest

from potok.inference.group_times import (
    Comparing,
    Pooling,
    UnfitGroupTimesError,
    estimate_group_times,
    overall_statistic,
    overall_weights,
    overall_weights_of_many,
)
from potok.inference.randomisation import list_assignments, randomise

ROUNDING = 1e-9


def draw_months(*, seed: int, agencies: int = 6, months: int = 36) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes of agencies in waves without a change, with two months of transition left out."""
    generator = np.random.default_rng(seed)
    outcomes = 30 + generator.normal(0, 4, (agencies, 1)) + generator.normal(0, 2, (agencies, months))
    first = 12 + 4 * generator.permutation(agencies)
    for agency, place in enumerate(first):
        outcomes[agency, place - 2 : place] = np.nan
    return outcomes, first


@pytest.mark.parametrize("pooling", list(Pooling))
@pytest.mark.parametrize("seed", [1, 2])
def test_sum_of_weights_is_the_mean_effect(pooling, seed):
    generator = np.random.default_rng(seed)
    outcomes, _first = draw_months(seed=seed, agencies=14, months=10)
    outcomes[generator.random(outcomes.shape) < 0.1] = np.nan
    first = generator.choice([-1, 3, 6, 8], 14)
    weights = generator.integers(20, 400, 14).astype(float)
    for anticipation in (0, 1):
        effects = estimate_group_times(
            outcomes, first_treated=first, weights=weights, comparing=Comparing(anticipation=anticipation)
        )
        statistic = overall_statistic(outcomes, first, weights, pooling=pooling, anticipation=anticipation)
        assert statistic == pytest.approx(effects.aggregate(pooling.value).overall.value, abs=ROUNDING)


def test_base_moves_before_the_months_of_transition():
    outcomes, first = draw_months(seed=3)
    effects = estimate_group_times(outcomes, first_treated=first)
    after = effects.places >= effects.groups
    assert (effects.bases[after] == effects.groups[after] - 3).all()
    assert overall_statistic(outcomes, first) == pytest.approx(effects.aggregate("simple").overall.value, abs=ROUNDING)


def test_constant_effect_is_its_own_estimate():
    outcomes, first = draw_months(seed=4)
    weights = overall_weights(np.isfinite(outcomes), first)
    is_after = np.arange(36)[None, :] >= first[:, None]
    assert (weights * is_after).sum() == pytest.approx(1, abs=ROUNDING)
    assert weights.sum(axis=0) == pytest.approx(0, abs=ROUNDING)
    assert weights.sum(axis=1) == pytest.approx(0, abs=ROUNDING)


def test_many_assignments_at_once_are_each_alone():
    outcomes, first = draw_months(seed=5)
    rows = list_assignments(first).first_treated
    assert len(rows) == 720
    present = np.isfinite(outcomes)
    together = overall_weights_of_many(present, rows)
    for row in (0, 11, 719):
        np.testing.assert_array_equal(together[row], overall_weights(present, rows[row]))


def test_randomisation_takes_the_weights():
    outcomes, first = draw_months(seed=6, agencies=5)
    shifted = np.where(np.arange(36)[None, :] >= first[:, None], outcomes - 9, outcomes)
    present = np.ones(outcomes.shape, np.bool_)
    filled = np.where(np.isfinite(shifted), shifted, 30.0)
    found = randomise(
        filled,
        first_treated=first,
        weights_of=lambda places: overall_weights(present, places, anticipation=2),
    )
    assert found.p_value < 0.05
    assert found.effect.lower < -9 < found.effect.upper


def test_nothing_compared_gives_no_number():
    outcomes, first = draw_months(seed=7)
    together = np.full_like(first, 12)
    assert np.isnan(overall_statistic(outcomes, together))
    assert np.isnan(overall_statistic(outcomes, np.full_like(first, -1)))


@pytest.mark.parametrize(
    ("first", "weights"), [(np.zeros(5, int), None), (np.zeros(6, int), np.ones(5)), (np.zeros(6, int), -np.ones(6))]
)
def test_arrays_that_do_not_fit_are_refused(first, weights):
    outcomes, _first = draw_months(seed=8)
    with pytest.raises(UnfitGroupTimesError, match="do not fit"):
        overall_statistic(outcomes, first, weights)
