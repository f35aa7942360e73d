"""Exact bounds of shares, and differences of shares, against scipy and published figures."""

import math

import pytest
from scipy import stats

from potok.core.errors import EXIT_USAGE
from potok.inference.proportions import Arm, ImpossibleCountError, clopper_pearson, newcombe_difference, wilson_limits


@pytest.mark.parametrize(("events", "trials"), [(0, 1), (0, 1316), (1, 1), (3, 20), (48, 1360), (20, 20)])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_exact_bounds_equal_scipy(events, trials, confidence):
    found = clopper_pearson(events, trials, confidence=confidence)
    both = stats.binomtest(events, trials).proportion_ci(confidence, "exact")
    one = stats.binomtest(events, trials, alternative="less").proportion_ci(confidence, "exact")
    assert (found.lower, found.upper) == pytest.approx((both.low, both.high), abs=1e-9)
    assert found.at_most == pytest.approx(one.high, abs=1e-9)
    assert found.share == events / trials


def test_no_event_in_n_trials_is_bounded_by_the_rule_of_three():
    assert clopper_pearson(0, 1000).at_most == pytest.approx(1 - 0.05 ** (1 / 1000), rel=1e-9)
    assert clopper_pearson(0, 1000).at_most == pytest.approx(3 / 1000, rel=0.01)


def test_without_trials_nothing_is_known():
    found = clopper_pearson(0, 0)
    assert (found.lower, found.upper, found.at_most) == (0, 1, 1)
    assert math.isnan(found.share)


@pytest.mark.parametrize(("events", "trials"), [(-1, 5), (6, 5)])
def test_counts_that_cannot_be_are_refused(events, trials):
    with pytest.raises(ImpossibleCountError, match="events in") as caught:
        clopper_pearson(events, trials)
    assert (caught.value.code, caught.value.exit_code) == ("POTOK-I030", EXIT_USAGE)


@pytest.mark.parametrize(
    ("first", "second", "lower", "upper"),
    # Newcombe (1998), table II, method 10.
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1.0),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_differences_equal_published_ones(first, second, lower, upper):
    arms = (Arm(events / trials, trials) for events, trials in (first, second))
    found = newcombe_difference(*arms)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=5e-5)


def test_wilson_equals_scipy():
    expected = stats.binomtest(7, 40).proportion_ci(0.95, "wilson")
    z = stats.norm.ppf(0.975)
    assert wilson_limits(7 / 40, 40, z=z) == pytest.approx((expected.low, expected.high), abs=1e-12)
