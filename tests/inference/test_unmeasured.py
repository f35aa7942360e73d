"""E-values against published ones."""

import math

import pytest

from potok.inference.estimate import Estimate
from potok.inference.unmeasured import ImpossibleRatioError, e_value, e_value_of_difference


def ratio(value, lower, upper):
    return Estimate(value, lower, upper, math.nan, 0.95)


@pytest.mark.parametrize(
    ("found", "estimate", "limit"),
    [
        # VanderWeele and Ding (2017): deaths of infants and breast-feeding; the second is the same formula below 1.
        (ratio(3.9, 1.8, 8.7), 7.26, 3.0),
        (ratio(0.80, 0.71, 0.91), 1.81, 1.43),
        (ratio(1.0, 0.9, 1.2), 1.0, 1.0),
        (ratio(1.1, 0.9, 1.4), 1.43, 1.0),
    ],
)
def test_published(found, estimate, limit):
    answer = e_value(found)
    assert answer.estimate == pytest.approx(estimate, abs=0.005)
    assert answer.limit == pytest.approx(limit, abs=0.005)


def test_such_a_confounder_explains_the_effect_and_no_weaker_one():
    strength = e_value(ratio(2.5, 1.1, 4)).estimate
    # The largest ratio that a confounder of strengths a and b can make by itself is ab/(a + b − 1) (Ding 2016).
    assert strength**2 / (2 * strength - 1) == pytest.approx(2.5)


def test_differences_go_by_standard_deviations():
    found = e_value_of_difference(ratio(-5, -8, -2), standard_deviation=10)
    assert found == e_value(ratio(math.exp(-0.455), math.exp(-0.728), math.exp(-0.182)))
    assert e_value_of_difference(ratio(-5, -math.inf, 2), standard_deviation=10).limit == 1


def test_what_is_no_ratio():
    with pytest.raises(ImpossibleRatioError, match="is no ratio"):
        e_value(ratio(-1, -2, 3))
    with pytest.raises(ImpossibleRatioError, match="is not positive"):
        e_value_of_difference(ratio(1, 0, 2), standard_deviation=0)
