"""Decomposition: planted mix and planted efficiency come back apart, and intervals hold them."""

import numpy as np
import pytest

from potok.inference.decomposition import TooFewClustersError, decompose

MEANS = np.array([10.0, 25.0])


def drawn(seed, *, count=600, mix=0.6, effect=0.0, shock=1.0):
    """Return outcome, group, covariates and weeks: hard cases are `mix` of the group's and a third of the others'."""
    generator = np.random.default_rng(seed)
    group = generator.random(count) < 0.4
    hard = generator.random(count) < np.where(group, mix, 1 / 3)
    week = generator.integers(0, 40, count)
    shocks = generator.normal(0, shock, (40, 2))[week, group.astype(int)]
    outcome = generator.gamma(3, MEANS[hard.astype(int)] / 3) + effect * group + shocks
    return outcome, group, hard[:, None].astype(float), week


def test_parts_add_up():
    outcome, group, covariates, week = drawn(1, effect=4)
    found = decompose(outcome, group, covariates, clusters=week)
    assert found.explained.value + found.unexplained.value == pytest.approx(found.total.value)
    assert found.total.value == pytest.approx(outcome[group].mean() - outcome[~group].mean())


def test_with_one_covariate_it_is_post_stratification():
    outcome, group, covariates, week = drawn(2, count=4_000, effect=4)
    hard = covariates[:, 0] > 0
    cells = [outcome[~group & (hard == is_hard)].mean() for is_hard in (False, True)]
    by_hand = np.where(hard[group], cells[1], cells[0]).mean() - outcome[~group].mean()
    found = decompose(outcome, group, covariates, clusters=week)
    assert found.explained.value == pytest.approx(by_hand, abs=0.05)


def test_intervals_hold_what_was_planted():
    mix = (0.6 - 1 / 3) * (MEANS[1] - MEANS[0])
    truth = {"total": mix + 4, "explained": mix, "unexplained": 4.0}
    inside = dict.fromkeys(truth, 0)
    for seed in range(30):
        outcome, group, covariates, week = drawn(seed, effect=4)
        found = decompose(outcome, group, covariates, clusters=week)
        for name, value in truth.items():
            estimate = getattr(found, name)
            inside[name] += estimate.lower <= value <= estimate.upper
    # Nominal 95 %, less two and a half Monte-Carlo standard errors of 30 runs.
    assert {name: count for name, count in inside.items() if count < 25} == {}


def test_without_covariates_the_mix_explains_nothing():
    outcome, group, _covariates, week = drawn(3, effect=4)
    found = decompose(outcome, group, np.zeros((600, 0)), clusters=week)
    assert found.explained.value == pytest.approx(0, abs=0.3)  # cross-fitting leaves some noise


def test_cases_of_a_kind_that_the_others_lack_are_seen():
    outcome, group, covariates, week = drawn(4)
    covariates[:, 0] = group
    assert decompose(outcome, group, covariates, clusters=week).overlap_share < 0.5


def test_few_weeks_cannot_tell():
    outcome, group, covariates, _week = drawn(5)
    with pytest.raises(TooFewClustersError, match="9 clusters"):
        decompose(outcome, group, covariates, clusters=np.arange(600) % 9)
