"""Differences and ratios by cluster against Student's tests, dense algebra and the jackknife."""

import math

import numpy as np
import pytest
from scipy import stats

from potok.inference.equivalence import InvalidMarginsError, OneSideEmptyError, compare_sides

MARGIN = 0.6


@pytest.fixture
def generator():
    return np.random.default_rng(4)


def test_one_case_of_each_agency_on_each_side_is_the_paired_test(generator):
    first = generator.normal(5, 1, 9)
    second = first + generator.normal(0.1, 0.5, 9)
    agency = np.tile(np.arange(9), 2)
    found = compare_sides(np.concatenate([first, second]), is_second=np.arange(18) >= 9, clusters=agency)
    gaps = second - first
    assert found.difference.value == pytest.approx(gaps.mean())
    assert (found.difference.lower, found.difference.upper) == pytest.approx(
        stats.ttest_1samp(gaps, 0).confidence_interval(0.95)
    )
    close = found.difference_within(-MARGIN, MARGIN)
    assert close.p_not_above == pytest.approx(stats.ttest_1samp(gaps, MARGIN, alternative="less").pvalue)
    assert close.p_not_below == pytest.approx(stats.ttest_1samp(gaps, -MARGIN, alternative="greater").pvalue)
    assert close.p_equivalent == max(close.p_not_above, close.p_not_below)


def test_agencies_of_one_side_each_and_equal_size_are_welchs_test_of_their_means(generator):
    means = [generator.normal(5, 1, 6), generator.normal(5, 2, 8)]
    values = np.concatenate([np.repeat(side, 3) + np.tile([-1.0, 0.0, 1.0], len(side)) for side in means])
    agency = np.repeat(np.arange(14), 3)
    found = compare_sides(values, is_second=agency >= 6, clusters=agency)
    expected = stats.ttest_ind(means[1], means[0], equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.degrees == pytest.approx(expected.df)
    assert (found.difference.lower, found.difference.upper) == pytest.approx((interval.low, interval.high))


def test_unequal_agencies_are_the_sandwich_of_a_regression(generator):
    agency = generator.integers(0, 12, 400)
    is_second = generator.random(400) < 0.4
    values = generator.normal(0, 1, 12)[agency] + is_second * 0.3 + generator.normal(0, 1, 400)
    found = compare_sides(values, is_second=is_second, clusters=agency)
    design = np.column_stack([np.ones(400), is_second])
    bread = np.linalg.inv(design.T @ design)
    rest = values - design @ (bread @ design.T @ values)
    scores = np.stack([design[agency == one].T @ rest[agency == one] for one in range(12)])
    variance = 12 / 11 * (bread @ scores.T @ scores @ bread)[1, 1]
    assert found.difference.standard_error == pytest.approx(math.sqrt(variance))
    assert found.degrees == 11


def test_the_error_of_a_ratio_is_that_of_leaving_agencies_out(generator):
    agency = np.repeat(np.arange(300), 8)
    is_second = np.tile(np.arange(8) >= 4, 300)
    values = generator.gamma(4, 3, 300)[agency] * generator.gamma(5, np.where(is_second, 0.16, 0.2))
    found = compare_sides(values, is_second=is_second, clusters=agency)
    sums = np.stack([np.bincount(agency, weights=values * side) for side in (~is_second, is_second)])
    left = np.log((sums[1].sum() - sums[1]) / (sums[0].sum() - sums[0]))
    jackknife = math.sqrt(299 / 300 * np.square(left - left.mean()).sum())
    assert found.log_ratio_error == pytest.approx(jackknife, rel=0.01)
    assert found.ratio.value == pytest.approx(sums[1].sum() / sums[0].sum())
    assert math.log(found.ratio.upper / found.ratio.value) == pytest.approx(
        stats.t.ppf(0.975, 299) * found.log_ratio_error
    )
    close = found.ratio_within(0.7, 1 / 0.7)
    assert (close.p_not_below < 0.025) == (found.ratio.lower > 0.7)
    assert close.p_not_above < 1e-6


def test_cases_of_an_agency_are_not_counted_as_independent(generator):
    """Agencies of fifty alike cases: the margin is kept by as many agencies, not by as many cases."""
    runs, false, alone = 100, 0, 0
    for _run in range(runs):
        values = np.repeat(generator.normal(0, 1, 20), 50) + generator.normal(0, 1, 1000)
        agency = np.repeat(np.arange(20), 50)
        is_second = agency >= 10
        true_gap = 1.0
        found = compare_sides(values + true_gap * is_second, is_second=is_second, clusters=agency)
        false += found.difference_within(-1.0, 1.0).p_not_above < 0.025
        plain = compare_sides(values + true_gap * is_second, is_second=is_second, clusters=np.arange(1000))
        alone += plain.difference_within(-1.0, 1.0).p_not_above < 0.025
    assert false <= runs * 0.025 + 3 * math.sqrt(runs * 0.025 * 0.975)
    assert alone > runs * 0.2


def test_what_cannot_be_compared():
    values = np.asarray([1.0, 0.0, 0.0])
    with pytest.raises(OneSideEmptyError):
        compare_sides(values, is_second=np.zeros(3, np.bool_), clusters=np.arange(3))
    one = compare_sides(values, is_second=np.asarray([False, True, True]), clusters=np.zeros(3, np.int64))
    assert (one.difference.value, one.difference.lower, one.difference.upper) == (-1.0, -math.inf, math.inf)
    assert one.ratio is None
    assert one.ratio_within(0.5, 2.0) is None
    assert one.difference_within(-0.1, 0.1).p_equivalent == 1.0
    same = compare_sides(np.ones(6), is_second=np.arange(6) > 2, clusters=np.arange(6))
    assert same.difference_within(-0.1, 0.1).p_equivalent == 0.0
    for margins, test in (((0.1, 0.2), same.difference_within), ((0.0, 2.0), same.ratio_within)):
        with pytest.raises(InvalidMarginsError):
            test(*margins)
