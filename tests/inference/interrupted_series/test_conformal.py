"""The conformal test against moving residuals by hand, and its interval against the test."""

import numpy as np
import pytest

from potok.inference.interrupted_series import TooFewMonthsError, conformal_interval, conformal_p_value

MONTHS = np.arange(40)
IS_AFTER = MONTHS >= 30


def series(seed, effect=0.0):
    return 20 + 0.05 * MONTHS + np.random.default_rng(seed).standard_normal(40) + effect * IS_AFTER


def by_hand(values, effect):
    design = np.column_stack([np.ones(40), MONTHS])
    rest = values - effect * IS_AFTER
    residuals = rest - design @ np.linalg.lstsq(design, rest, rcond=None)[0]
    whole = np.column_stack([design, IS_AFTER])
    steps = [abs(np.linalg.lstsq(whole, np.roll(residuals, -move), rcond=None)[0][-1]) for move in range(40)]
    return np.mean([step >= steps[0] - 1e-9 for step in steps])


@pytest.mark.parametrize("effect", [0.0, -1.0, 0.7])
def test_residuals_are_moved_round(effect):
    values = series(1, effect=-1)
    assert conformal_p_value(values, is_after=IS_AFTER, effect=effect) == pytest.approx(by_hand(values, effect))


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_holds_what_the_test_does_not_reject(seed):
    values = series(seed, effect=-2)
    found = conformal_interval(values, is_after=IS_AFTER, confidence=0.9)
    assert found.lower < found.value < found.upper
    assert conformal_p_value(values, is_after=IS_AFTER, effect=found.value) == 1
    for limit, outwards in ((found.lower, -1), (found.upper, 1)):
        assert conformal_p_value(values, is_after=IS_AFTER, effect=limit - 1e-6 * outwards) > 0.1
        assert conformal_p_value(values, is_after=IS_AFTER, effect=limit + 1e-6 * outwards) <= 0.1


def test_the_best_effect_is_least_squares():
    values = series(3, effect=-2)
    design = np.column_stack([np.ones(40), MONTHS, IS_AFTER])
    expected = np.linalg.lstsq(design, values, rcond=None)[0][-1]
    assert conformal_interval(values, is_after=IS_AFTER).value == pytest.approx(expected)


def test_nothing_can_be_rejected_with_fewer_than_twenty_months():
    found = conformal_interval(series(4)[21:], is_after=IS_AFTER[21:])
    assert (found.lower, found.upper) == (-np.inf, np.inf)
    with pytest.raises(TooFewMonthsError):
        conformal_p_value(series(4)[26:], is_after=IS_AFTER[26:])


def test_it_rejects_nothing_too_often():
    generator = np.random.default_rng(5)
    values = generator.standard_t(3, (300, 40))
    share = np.mean([conformal_p_value(row, is_after=IS_AFTER) <= 0.05 for row in values])
    assert share <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 300)
