"""Sizes of trials against the figures of the definition, and against drawn trials."""

import math

import numpy as np
import pytest
from scipy import stats

from potok.inference.power import (
    ImpossibleMarginError,
    cases_for_means,
    cases_for_shares,
    power_of_noninferiority,
)


def test_a_margin_of_one_point_at_two_percent_needs_3100_cases_an_arm():
    found = cases_for_shares(0.02, margin=0.01)
    assert found.per_arm == 3077
    assert found.total == 6154


def test_a_margin_of_four_and_a_half_points_has_power_of_80_percent():
    # 2,000 cases, 5 % adverse, a tenth of them skippers: a standard error of 1.6 points.
    error = math.sqrt(0.05 * 0.95 * (1 / 200 + 1 / 1800))
    assert error == pytest.approx(0.0162, abs=5e-5)
    assert power_of_noninferiority(error, margin=0.0455) == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize(("base", "margin", "power"), [(0.05, 0.03, 0.8), (0.3, 0.05, 0.9)])
def test_drawn_trials_of_that_size_have_that_power(base, margin, power):
    cases = cases_for_shares(base, margin=margin, power=power).per_arm
    events = np.random.default_rng(1).binomial(cases, base, (2, 20_000)) / cases
    error = np.sqrt((events * (1 - events)).sum(axis=0) / cases)
    shown = events[0] - events[1] + stats.norm.ppf(0.975) * error < margin
    assert shown.mean() == pytest.approx(power, abs=0.015)


def test_means_need_cases_by_their_spread():
    assert cases_for_means(2.0, margin=0.5).per_arm == math.ceil(2 * (2.8015851 * 2 / 0.5) ** 2)


def test_what_never_happens_is_sized_by_the_rule_of_three():
    assert cases_for_shares(0.0, margin=0.01).per_arm == math.ceil(-math.log(0.025) / 0.01)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: cases_for_shares(0.1, margin=0),
        lambda: cases_for_shares(1.1, margin=0.1),
        lambda: cases_for_shares(0.0, margin=math.nan),
        lambda: cases_for_means(-1.0, margin=0.1),
        lambda: power_of_noninferiority(0.0, margin=0.1),
    ],
)
def test_impossible_margins_are_refused(ask):
    with pytest.raises(ImpossibleMarginError, match="cannot be") as caught:
        ask()
    assert caught.value.code == "POTOK-I032"
