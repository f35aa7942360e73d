"""Adjusted effects: published answers, a known confounder taken out, and intervals that hold."""

import numpy as np
import pytest
from causaldata import nhefs_complete, nsw_mixtape

from potok.inference.adjusted import (
    Estimand,
    OneSidedError,
    Sample,
    doubly_robust,
    quantile_effect,
    standardised,
    weighted_inversely,
)


@pytest.fixture(scope="module")
def nhefs():
    """Hernán and Robins, *What If*, chapters 12 and 13: weight gained by those who stopped smoking."""
    data = nhefs_complete.load_pandas().data
    columns = [data[name].to_numpy(float) for name in ("sex", "race")]
    for name in ("age", "smokeintensity", "smokeyrs", "wt71"):
        values = data[name].to_numpy(float)
        columns += [values, values**2]
    for name in ("education", "exercise", "active"):
        values = data[name].astype(float).to_numpy()
        columns += [(values == kind).astype(float) for kind in np.unique(values)[1:]]
    return Sample(data["wt82_71"].to_numpy(float), data["qsmk"].to_numpy(float) == 1, np.column_stack(columns))


def test_the_published_weights(nhefs):
    found = weighted_inversely(nhefs).effect
    assert found.value == pytest.approx(3.4, abs=0.05)
    # The book's interval, 2.4 to 4.5, is that of a robust regression on the weights.
    assert found.lower == pytest.approx(2.4, abs=0.1)
    assert found.upper == pytest.approx(4.5, abs=0.1)


def test_the_published_standardisation(nhefs):
    # The book lets the treatment shift everybody alike but for one product with smoking.
    assert standardised(nhefs, has_common_model=True) == pytest.approx(3.5, abs=0.05)


def test_the_doubly_robust_answer_whole_and_cross_fitted(nhefs):
    whole = doubly_robust(nhefs, folds=1, has_common_model=True).effect
    assert whole.value == pytest.approx(3.46, abs=0.02)
    assert whole.standard_error == pytest.approx(0.49, abs=0.02)
    for seed in range(3):
        assert abs(doubly_robust(nhefs, seed=seed).effect.value - whole.value) < whole.standard_error


def test_the_published_experiment():
    """LaLonde's sample as Dehejia and Wahba took it: chance decided, so without covariates it is the difference."""
    data = nsw_mixtape.load_pandas().data
    is_treated = data["treat"].to_numpy(float) == 1
    found = doubly_robust(Sample(data["re78"].to_numpy(float), is_treated, np.zeros((len(data), 0))), folds=1).effect
    assert found.value == pytest.approx(1794.34, abs=0.01)
    # The published 633 pools the variances of both sides; each with its own gives more.
    sides = [data["re78"].to_numpy(float)[is_treated], data["re78"].to_numpy(float)[~is_treated]]
    squares = sum(((side - side.mean()) ** 2).sum() for side in sides)
    pooled = np.sqrt(squares / (len(data) - 2) * sum(1 / len(side) for side in sides))
    assert pooled == pytest.approx(633, abs=0.5)
    assert pooled < found.standard_error < 1.1 * pooled


def draw(seed, *, count=2000, months=24, effect=2.0):
    """Harder cases are treated more often, take longer, and months move together."""
    generator = np.random.default_rng(seed)
    month = generator.integers(0, months, count)
    hard = generator.random(count) < 0.4
    treated = (month >= months // 2) & (generator.random(count) < np.where(hard, 0.9, 0.6))
    shock = generator.normal(0, 0.4, months)
    outcome = 10 + 6 * hard + effect * treated + shock[month] + generator.exponential(3, count)
    return Sample(outcome, treated, hard[:, None].astype(float), month)


@pytest.mark.parametrize("estimand", list(Estimand))
def test_a_confounder_is_taken_out(estimand):
    sample = draw(1, count=6_000)
    plain = sample.outcome[sample.is_treated].mean() - sample.outcome[~sample.is_treated].mean()
    assert plain > 2.5
    assert doubly_robust(sample, estimand=estimand).effect.value == pytest.approx(2.0, abs=0.4)


def test_intervals_by_months_hold_where_months_move_together():
    covered = sum(
        found.lower <= 2.0 <= found.upper for found in (doubly_robust(draw(seed), folds=2).effect for seed in range(60))
    )
    assert covered / 60 >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / 60)


def test_effects_on_the_treated_differ_where_effects_do():
    generator = np.random.default_rng(3)
    hard = generator.random(20_000) < 0.5
    treated = generator.random(20_000) < np.where(hard, 0.8, 0.2)
    outcome = 1.0 * hard + np.where(hard, 4.0, 0.0) * treated + generator.normal(0, 1, 20_000)
    sample = Sample(outcome, treated, hard[:, None].astype(float))
    assert doubly_robust(sample).effect.value == pytest.approx(2.0, abs=0.1)
    assert doubly_robust(sample, estimand=Estimand.TREATED).effect.value == pytest.approx(3.2, abs=0.1)


def test_with_nobody_to_compare_nothing_is_estimated():
    with pytest.raises(OneSidedError, match="All cases are treated"):
        doubly_robust(Sample(np.ones(20), np.ones(20, bool), np.zeros((20, 1))))


def test_quantiles_are_told_from_whole_months():
    sample = draw(5, count=8000)
    groups = sample.clusters
    for share in (0.5, 0.9):
        found = quantile_effect(sample.outcome, is_treated=sample.is_treated, clusters=groups, share=share)
        expected = np.quantile(sample.outcome[sample.is_treated], share, method="inverted_cdf") - np.quantile(
            sample.outcome[~sample.is_treated], share, method="inverted_cdf"
        )
        assert found.value == pytest.approx(expected)
        assert found.lower < found.value < found.upper


def test_intervals_of_quantiles_hold():
    """Without an effect the medians of both halves are alike but for the months' own moves."""
    covered = 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        month = np.repeat(np.arange(40), 40)
        outcome = generator.normal(0, 0.5, 40)[month] + generator.normal(0, 2, len(month))
        found = quantile_effect(outcome, is_treated=month >= 20, clusters=month, draws=99)
        covered += found.lower <= 0 <= found.upper
    assert covered / 60 >= 0.92 - 3 * np.sqrt(0.92 * 0.08 / 60)
