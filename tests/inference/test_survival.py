"""Kaplan–Meier and restricted means against exact fractions, lifelines, and published figures."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_lung
from lifelines.exceptions import StatError
from lifelines.utils import median_survival_times, restricted_mean_survival_time

from inference.samples import Sample, is_cut_short, samples, survival
from potok.inference.observations import EmptyRiskSetError
from potok.inference.survival import HorizonError, kaplan_meier, restricted_mean, restricted_mean_difference
from support.examples import examples

# lifelines adds logarithms where we multiply.
TOLERANCE = 1e-9


def curve_of(sample: Sample, **options):
    return kaplan_meier(sample.durations, sample.observed, entry=sample.entry, **options)


def fitted(sample: Sample) -> KaplanMeierFitter:
    try:
        return KaplanMeierFitter().fit(sample.durations, sample.observed, entry=sample.entry)
    except StatError:
        assume(False)


@given(sample=samples(late=True))
@example(sample=Sample((0, 0), (0, 3), (1, 0)))
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_the_curve_is_the_product_of_fractions(sample):
    assume(not is_cut_short(sample))
    curve, expected = curve_of(sample), survival(sample)
    assert curve.times.tolist() == [time for time, _share in expected]
    assert curve.survival == pytest.approx([float(share) for _time, share in expected], rel=1e-13, abs=1e-15)
    assert curve.at_risk.tolist() == [sample.at_risk(time) for time, _share in expected]
    assert curve.events.tolist() == [sample.ended(time) for time, _share in expected]
    for q in (Fraction(1, 4), Fraction(1, 2), Fraction(9, 10)):
        by_then = [time for time, share in expected if 1 - share >= q]
        assert curve.quantile(float(q)).value == min(by_then, default=math.inf)


@given(sample=samples(late=True))
@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
def test_the_curve_and_its_band_equal_lifelines(sample):
    assume(not is_cut_short(sample))
    # lifelines begins its table at the earliest entry and counts those who enter there as at risk.
    oracle, curve = fitted(sample), curve_of(sample)
    expected = oracle.survival_function_.loc[curve.times].to_numpy()[:, 0]
    assert curve.survival == pytest.approx(expected, rel=TOLERANCE, abs=1e-12)
    lower, upper = oracle.confidence_interval_.loc[curve.times].to_numpy().T
    inside = curve.survival > 0
    assert curve.lower == pytest.approx(lower, rel=TOLERANCE, abs=1e-12)
    assert curve.upper[inside] == pytest.approx(upper[inside], rel=TOLERANCE, abs=1e-12)
    if not np.any(np.isclose(expected, 0.5, atol=1e-9)):
        assert curve.median().value == oracle.median_survival_time_


@given(sample=samples(late=True), horizon=st.integers(1, 12))
@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
def test_the_restricted_mean_equals_lifelines_and_the_area_in_fractions(sample, horizon):
    assume(not is_cut_short(sample) and min(sample.entry) == 0)
    curve = curve_of(sample)
    assume(horizon <= curve.times[-1])
    steps = [(0, Fraction(1)), *survival(sample), (horizon, None)]
    inside = [(time, share) for time, share in steps if time < horizon] + [(horizon, None)]
    area = sum(share * (after - time) for (time, share), (after, _) in itertools.pairwise(inside))
    found = restricted_mean(curve, horizon)
    assert found.value == pytest.approx(float(area), rel=1e-12)
    assert found.value == pytest.approx(restricted_mean_survival_time(fitted(sample), t=horizon), rel=TOLERANCE)
    variance = 0.0
    for time, _share in inside[1:-1]:
        d, n = sample.ended(time), sample.at_risk(time)
        if 0 < d < n:
            later = [(max(a, time), s) for a, s in inside[:-1]] + [(horizon, None)]
            beyond = sum(s * (b - a) for (a, s), (b, _) in itertools.pairwise(later) if a >= time)
            variance += float(beyond**2 * Fraction(d, n * (n - d)))
    assert found.standard_error == pytest.approx(math.sqrt(variance), rel=TOLERANCE, abs=1e-12)


@given(durations=st.lists(st.integers(0, 20), min_size=1, max_size=30), horizon=st.integers(1, 25))
@settings(deadline=None)
def test_without_censoring_the_restricted_mean_is_a_plain_mean(durations, horizon):
    assume(max(durations) > 0)
    found = restricted_mean(kaplan_meier(durations, [True] * len(durations)), horizon)
    cut = np.minimum(durations, horizon)
    assert found.value == pytest.approx(cut.mean(), rel=1e-12)
    assert found.standard_error == pytest.approx(cut.std() / math.sqrt(cut.size), rel=1e-6, abs=1e-7)


@pytest.fixture(scope="module")
def lung():
    data = load_lung()
    status = data["status"].to_numpy()
    return data["time"].to_numpy(), status == status.max(), data["sex"].to_numpy()


@pytest.mark.parametrize(
    ("sex", "median", "lower", "upper"), [(None, 310, 284, 361), (1, 270, 210, 306), (2, 426, 345, 524)]
)
def test_lung_medians_are_the_published_ones(lung, sex, median, lower, upper):
    time, died, sexes = lung
    chosen = np.ones(time.size, bool) if sex is None else sexes == sex
    found = kaplan_meier(time[chosen], died[chosen]).median()
    assert (found.value, found.lower, found.upper) == (median, lower, upper)
    oracle = KaplanMeierFitter().fit(time[chosen], died[chosen])
    limits = median_survival_times(oracle.confidence_interval_).to_numpy()[0]
    assert limits.tolist() == [lower, upper]


def test_lung_restricted_means_are_the_published_ones(lung):
    time, died, sexes = lung
    men, women = (kaplan_meier(time[sexes == sex], died[sexes == sex]) for sex in (1, 2))
    assert restricted_mean(men, 365).value == pytest.approx(241.5, abs=0.05)
    assert restricted_mean(women, 365).value == pytest.approx(297.5, abs=0.05)
    more = restricted_mean_difference(men, women, 365)
    errors = [restricted_mean(curve, 365).standard_error for curve in (men, women)]
    assert more.value == pytest.approx(297.4654 - 241.4951, abs=1e-3)
    assert more.standard_error == pytest.approx(math.hypot(*errors), rel=1e-12)
    assert more.lower == pytest.approx(more.value - 1.959964 * more.standard_error, rel=1e-6)
    assert more.upper == pytest.approx(more.value + 1.959964 * more.standard_error, rel=1e-6)


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """Exponential times of mean 10, a third censored, a third entering late; 400 samples of 150."""
    generator, runs, covered = np.random.default_rng(7), 400, np.zeros(3)
    median, mean = 10 * math.log(2), 10 * (1 - math.exp(-1.5))
    for _run in range(runs):
        time = generator.exponential(10, 260)
        entry = np.where(generator.random(260) < 0.3, generator.uniform(0, 8, 260), 0.0)
        censored = entry + generator.exponential(20, 260)
        seen = time > entry
        left = np.minimum(time, censored)[seen]
        curve = kaplan_meier(left, (time <= censored)[seen], entry=entry[seen])
        half, area = curve.median(), restricted_mean(curve, 15)
        place = np.searchsorted(curve.times, 10.0, side="right") - 1
        covered += (
            half.lower <= median <= half.upper,
            area.lower <= mean <= area.upper,
            curve.lower[place] <= math.exp(-1) <= curve.upper[place],
        )
    # Monte-Carlo error of 400 runs is 1.1 points; three of it, and a little for asymptotics.
    assert np.all(np.abs(covered / runs - 0.95) < 0.04), covered / runs


def test_after_the_last_event_the_upper_bound_stays():
    curve = kaplan_meier([1, 2, 3], [True, True, True])
    assert curve.survival[-1] == curve.lower[-1] == 0
    assert curve.upper[-1] == curve.upper[-2] > 0.5
    assert curve.median().upper == math.inf
    assert kaplan_meier([0.0], [True]).upper.tolist() == [1.0]


def test_values_between_and_beyond_the_times():
    curve = kaplan_meier([2, 4, 6], [True, False, False])
    assert [curve.at(time) for time in (0, 1.9, 2, 5, 6)] == pytest.approx([1, 1, 2 / 3, 2 / 3, 2 / 3])
    assert math.isnan(curve.at(6.1))
    assert kaplan_meier([2], [True]).at(100) == 0
    assert curve.quantile(0.5).value == math.inf


def test_a_curve_that_dies_out_before_the_last_entry_is_refused():
    with pytest.raises(EmptyRiskSetError, match=r"After 2\.0 nobody is left"):
        kaplan_meier([2, 9], [True, True], entry=[0, 5])


@pytest.mark.parametrize(
    ("horizon", "message"),
    [(0, "positive"), (math.nan, "positive"), (math.inf, "positive"), (10.5, "beyond the last observation, 10.0")],
)
def test_an_impossible_horizon_is_refused(horizon, message):
    with pytest.raises(HorizonError, match=message):
        restricted_mean(kaplan_meier([5, 10], [True, False]), horizon)


def test_there_is_no_mean_from_zero_if_nobody_was_seen_from_zero():
    curve = kaplan_meier([5, 10], [True, True], entry=[1, 2])
    assert (curve.origin, curve.median().value) == (1, 5)
    with pytest.raises(HorizonError, match=r"Nobody was observed before 1\.0"):
        restricted_mean(curve, 5)


def test_a_horizon_beyond_the_end_is_fine_once_all_are_served():
    assert restricted_mean(kaplan_meier([5, 10], [True, True]), 100).value == 7.5
