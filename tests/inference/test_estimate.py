"""Quantiles of intervals against scipy, and batch means against their definition."""

import math

import pytest
from scipy import stats

from potok.core.errors import EXIT_USAGE
from potok.inference.estimate import (
    InvalidShareError,
    mean_of_batches,
    normal_estimate,
    normal_quantile,
    student_quantile,
)


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 7, 10, 19, 30, 100, 10_000])
@pytest.mark.parametrize("confidence", [0.1, 0.5, 0.8, 0.9, 0.95, 0.99, 0.9999])
def test_students_quantile_equals_scipy(degrees, confidence):
    expected = stats.t.ppf((1 + confidence) / 2, degrees)
    assert student_quantile(confidence, degrees=degrees) == pytest.approx(expected, rel=1e-8)


def test_normal_quantile():
    assert normal_quantile(0.95) == pytest.approx(stats.norm.ppf(0.975), rel=1e-12)
    found = normal_estimate(10, standard_error=2, confidence=0.95)
    assert (found.lower, found.upper) == pytest.approx((10 - 3.919928, 10 + 3.919928), rel=1e-6)


def test_batch_means():
    values = [3.0, 5.0, 4.0, 8.0]
    found = mean_of_batches(values, confidence=0.9)
    low, high = stats.t.interval(0.9, 3, loc=5, scale=stats.sem(values))
    assert (found.value, found.lower, found.upper) == pytest.approx((5, low, high), rel=1e-9)
    assert mean_of_batches([2.0, 2.0], confidence=0.95).standard_error == 0


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1, math.nan])
def test_a_percentage_is_no_share(confidence):
    with pytest.raises(InvalidShareError, match="must lie between 0 and 1") as caught:
        normal_quantile(confidence)
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.code == "POTOK-N001"
