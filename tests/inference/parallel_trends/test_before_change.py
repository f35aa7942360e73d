"""The joint test before the change, the placebo in time, and reading an event study."""

import numpy as np
import pytest
from scipy import stats

from potok.inference.group_times import BasePeriod, Comparing, NothingComparedError, estimate_group_times
from potok.inference.parallel_trends import NoTrendError, event_study_of, placebo_in_time, pre_trend_test

UNIVERSAL = Comparing(base_period=BasePeriod.UNIVERSAL)


def draw_panel(*, seed: int, slope: float = 0.0, effect: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes of 90 agencies and 9 months; those that change drift by `slope` a month."""
    generator = np.random.default_rng(seed)
    first = np.repeat([-1, 5, 7], 30)
    months = np.arange(9)
    is_after = (first[:, None] >= 0) & (months >= first[:, None])
    drift = slope * months * (first[:, None] >= 0)
    outcomes = generator.normal(0, 2, (90, 1)) + generator.normal(0, 1, (90, 9)) + drift + effect * is_after
    return outcomes, first


def test_joint_test_is_wald_and_hotelling():
    generator = np.random.default_rng(1)
    sample = generator.normal(0.3, 1, (25, 3))
    mean, covariance = sample.mean(axis=0), np.cov(sample.T) / 25
    statistic = float(mean @ np.linalg.solve(covariance, mean))
    many = pre_trend_test(mean, covariance=covariance)
    assert (many.statistic, many.degrees) == (pytest.approx(statistic), 3)
    assert many.p_value == pytest.approx(stats.chi2.sf(statistic, 3))
    few = pre_trend_test(mean, covariance=covariance, units=25)
    assert few.p_value == pytest.approx(stats.f.sf(statistic * 22 / (3 * 24), 3, 22))


def test_differences_that_follow_from_others_count_once():
    covariance = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    found = pre_trend_test(np.array([2.0, 2.0, 0.0]), covariance=covariance)
    assert (found.degrees, found.statistic) == (1, pytest.approx(4.0))


def test_nothing_to_test_gives_no_p_value():
    assert np.isnan(pre_trend_test(np.zeros(0), covariance=np.zeros((0, 0))).p_value)
    assert np.isnan(pre_trend_test(np.ones(3), covariance=np.eye(3), units=3).p_value)


@pytest.mark.parametrize(("slope", "is_seen"), [(0.0, False), (0.6, True)])
def test_drift_before_the_change_is_seen(slope, is_seen):
    outcomes, first = draw_panel(seed=2, slope=slope)
    study = event_study_of(
        estimate_group_times(outcomes, first_treated=first, comparing=UNIVERSAL).aggregate("dynamic")
    )
    before = study.is_before
    found = pre_trend_test(
        study.effects[before], covariance=study.covariance[np.ix_(before, before)], units=study.units
    )
    assert (found.p_value < 0.01) is is_seen
    placebo = placebo_in_time(outcomes, first_treated=first, earlier=3)
    assert (placebo.lower > 0) is is_seen


def test_placebo_does_not_see_what_came_after_the_change():
    outcomes, first = draw_panel(seed=3, effect=0.0)
    shifted, _first = draw_panel(seed=3, effect=50.0)
    assert placebo_in_time(outcomes, first_treated=first, earlier=2) == placebo_in_time(
        shifted, first_treated=first, earlier=2
    )
    with pytest.raises(NothingComparedError):
        placebo_in_time(outcomes, first_treated=first, earlier=7)


def test_event_study_has_one_base():
    outcomes, first = draw_panel(seed=4)
    effects = estimate_group_times(outcomes, first_treated=first, comparing=UNIVERSAL)
    study = event_study_of(effects.aggregate("dynamic"))
    assert study.base == -1
    assert study.keys.tolist() == [-7, -6, -5, -4, -3, -2, 0, 1, 2, 3]
    errors = [part.effect.standard_error for part in effects.aggregate("dynamic").parts if part.key != -1]
    assert np.sqrt(np.diag(study.covariance)) == pytest.approx(errors)
    varying = estimate_group_times(outcomes, first_treated=first).aggregate("dynamic")
    with pytest.raises(NoTrendError, match="common base"):
        event_study_of(varying)
    with pytest.raises(NoTrendError, match="common base"):
        event_study_of(effects.aggregate("group"))
