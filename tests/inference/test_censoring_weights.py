"""Weighted plain means are the product-limit estimates, exactly."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from inference.samples import samples
from potok.inference.survival import censoring_weights, kaplan_meier, restricted_mean


@given(sample=samples())
@settings(deadline=None)
def test_weighted_shares_are_the_curve(sample):
    weights = censoring_weights(sample.durations, sample.observed)
    curve = kaplan_meier(sample.durations, sample.observed)
    for time, waiting in zip(curve.times, curve.survival, strict=True):
        served = np.sum(weights * (np.array(sample.durations) <= time)) / weights.size
        assert 1 - served == pytest.approx(waiting, rel=1e-9, abs=1e-12)


@given(sample=samples(), horizon=st.integers(1, 12))
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_a_weighted_mean_is_the_restricted_mean(sample, horizon):
    assume(horizon <= max(sample.durations))
    weights = censoring_weights(sample.durations, sample.observed, horizon=horizon)
    mean = np.sum(weights * np.minimum(sample.durations, horizon)) / weights.size
    assert mean == pytest.approx(
        restricted_mean(kaplan_meier(sample.durations, sample.observed), horizon).value, rel=1e-9
    )
    assert np.sum(weights) == pytest.approx(weights.size, rel=1e-9)


def test_without_censoring_all_weigh_one_and_the_censored_weigh_nothing():
    assert censoring_weights([3, 1, 2], [True] * 3).tolist() == [1, 1, 1]
    assert censoring_weights([1, 2], [False, True]).tolist() == [0, 2]
    assert censoring_weights([1, 2], [False, False], horizon=2).tolist() == [0, 2]
