"""Effects of a change: planted ones come back, intervals hold them, and bad series give no confident number."""

import numpy as np
import pytest

from potok.inference.interrupted_series import (
    TooFewMonthsError,
    UnusableMonthsError,
    estimate_interruption,
    reml_interruption,
)
from potok.inference.interrupted_series.dependence import Future, Sample
from potok.inference.interrupted_series.effects import forecast_months
from potok.inference.interrupted_series.months import arrange_months, count_harmonics

BEFORE, AFTER = 24, 12
MONTHS = np.arange(BEFORE + AFTER)
IS_AFTER = MONTHS >= BEFORE
CALENDAR = MONTHS % 12 + 1
SEASON = np.array([3.0, 1, 0, -1, -1, 0, 2, 3, 0, -2, -2, -3])


def noise(generator, *, runs=1, rho=0.5, scale=1.0):
    found = generator.standard_normal((runs, len(MONTHS)))
    for place in range(1, len(MONTHS)):
        found[:, place] = rho * found[:, place - 1] + np.sqrt(1 - rho**2) * found[:, place]
    return scale * found


def series(seed=0, *, effect=-5.0, scale=1.0):
    season = SEASON[CALENDAR - 1]
    return 30 + 0.1 * MONTHS + season + noise(np.random.default_rng(seed), scale=scale)[0] + effect * IS_AFTER


def test_a_planted_effect_comes_back_exactly_where_there_is_next_to_no_noise():
    found = estimate_interruption(
        series(effect=-5, scale=1e-3) - 0.2 * np.maximum(MONTHS - BEFORE, 0), is_after=IS_AFTER, season_months=CALENDAR
    )
    assert found.effect.value == pytest.approx(-5 - 0.2 * 5.5, abs=0.01)
    assert found.level.value == pytest.approx(-5, abs=0.01)
    assert found.slope.value == pytest.approx(-0.2, abs=0.001)
    assert found.p_value < 0.001
    assert found.harmonics == 6
    assert (found.months_before, found.months_after) == (24, 12)
    assert found.without == pytest.approx(30 + 0.1 * MONTHS + SEASON[CALENDAR - 1], abs=0.01)


def test_the_effect_is_what_was_less_what_would_have_been():
    values = series(2)
    found = estimate_interruption(values, is_after=IS_AFTER, season_months=CALENDAR, variances=np.full(36, 0.2))
    assert found.effect.value == pytest.approx((values - found.without)[IS_AFTER].mean())
    assert found.residuals[~IS_AFTER] == pytest.approx((values - found.without)[~IS_AFTER])
    assert found.residuals[IS_AFTER].mean() == pytest.approx(0, abs=1e-9)
    middle = found.level.value + found.slope.value * 5.5
    assert middle == pytest.approx(found.effect.value)
    assert found.effect.lower < found.effect.value < found.effect.upper
    assert found.standard_error == found.effect.standard_error


def test_moving_and_stretching_the_series_moves_and_stretches_the_effect():
    values = series(5)
    plain = estimate_interruption(values, is_after=IS_AFTER, season_months=CALENDAR)
    moved = estimate_interruption(1e7 + 100 * (values + 0.7 * MONTHS), is_after=IS_AFTER, season_months=CALENDAR)
    for name in ("effect", "level", "slope"):
        ours, theirs = getattr(plain, name), getattr(moved, name)
        for part in ("value", "lower", "upper", "standard_error"):
            assert getattr(theirs, part) == pytest.approx(100 * getattr(ours, part), rel=1e-4, abs=1e-3)
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-4)


def test_the_interval_is_students_at_its_own_degrees_and_agrees_with_the_p_value():
    values = series(6, effect=0)
    found = estimate_interruption(values, is_after=IS_AFTER, season_months=CALENDAR)
    at_limit = estimate_interruption(values - found.effect.upper * IS_AFTER, is_after=IS_AFTER, season_months=CALENDAR)
    assert at_limit.p_value == pytest.approx(0.05, abs=1e-4)


def test_months_left_out_are_gaps_of_time():
    values = series(7)
    values[[3, 4, 24]] = np.nan
    found = estimate_interruption(values, is_after=IS_AFTER, season_months=CALENDAR)
    assert (found.months_before, found.months_after) == (22, 11)
    assert np.isnan(found.without[[3, 4, 24]]).all()
    assert np.isfinite(found.without[5:24]).all()
    assert found.harmonics == 6


@pytest.mark.parametrize(
    ("before", "expected"),
    [(range(23), 0), (range(24), 6), (range(1, 24), 0), ([*range(18), 22, 23], 5), ([*range(7), 23], 0)],
)
def test_no_more_season_than_the_months_allow(before, expected):
    assert count_harmonics(np.array(before), calendar=np.arange(36) % 12 + 1) == expected


def test_noisier_months_count_less():
    values = series(8)
    values[10] += 40
    variances = np.full(36, 0.3)
    heedless = estimate_interruption(values, is_after=IS_AFTER, variances=variances)
    variances[10] = 1600
    heeding = estimate_interruption(values, is_after=IS_AFTER, variances=variances)
    assert heeding.effect.upper - heeding.effect.lower < heedless.effect.upper - heedless.effect.lower


def test_months_after_with_few_cases_widen_the_interval():
    values, variances = series(9), np.full(36, 0.3)
    narrow = estimate_interruption(values, is_after=IS_AFTER, variances=variances)
    wide = estimate_interruption(values, is_after=IS_AFTER, variances=np.where(IS_AFTER, 300.0, 0.3))
    assert wide.effect.standard_error > narrow.effect.standard_error * 1.5
    assert wide.effect.value == pytest.approx(narrow.effect.value)


def test_a_month_without_a_variance_is_trusted_least():
    values, variances = series(9), np.random.default_rng(1).uniform(0.2, 0.9, 36)
    unknown = np.where(MONTHS == 7, np.nan, variances)
    largest = np.where(MONTHS == 7, np.delete(variances, 7).max(), variances)
    assert (
        estimate_interruption(values, is_after=IS_AFTER, variances=unknown).effect
        == estimate_interruption(values, is_after=IS_AFTER, variances=largest).effect
    )


def test_a_month_of_equal_cases_is_not_certain():
    variances = np.full(36, 0.2)
    variances[[3, 17, 30]] = 0
    found = estimate_interruption(series(2), is_after=IS_AFTER, variances=variances)
    assert found.effect == estimate_interruption(series(2), is_after=IS_AFTER, variances=np.full(36, 0.2)).effect


def test_one_month_after_the_change_has_no_slope():
    found = estimate_interruption(series()[:25], is_after=IS_AFTER[:25])
    assert found.level.value == pytest.approx(found.effect.value)
    assert (found.slope.lower, found.slope.upper) == (-np.inf, np.inf)
    assert found.residuals[24] == 0


def test_months_that_do_not_scatter_teach_no_error():
    found = estimate_interruption(np.where(IS_AFTER, 3.0, 5.0), is_after=IS_AFTER)
    assert found.effect.value == pytest.approx(-2)
    assert (found.effect.lower, found.effect.upper, found.p_value) == (-np.inf, np.inf, 1.0)
    assert found.without == pytest.approx(np.full(36, 5.0))


def test_constant_means_with_sampling_errors_do():
    found = estimate_interruption(np.where(IS_AFTER, 3.0, 5.0), is_after=IS_AFTER, variances=np.full(36, 0.1))
    assert -3 < found.effect.lower < -2 < found.effect.upper < -1


def test_a_season_needs_months_before_the_change():
    assert count_harmonics(np.array([], int), calendar=CALENDAR) == 0


def test_too_few_months_are_said():
    with pytest.raises(TooFewMonthsError, match="4 months before the change and 32 after"):
        estimate_interruption(series(), is_after=MONTHS >= 4)
    with pytest.raises(TooFewMonthsError, match="36 months before the change and 0 after"):
        estimate_interruption(series(), is_after=np.zeros(36, bool))
    with pytest.raises(TooFewMonthsError, match="0 months"):
        estimate_interruption(series(), is_after=np.ones(36, bool))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"is_after": IS_AFTER[:-1]}, "different lengths"),
        ({"variances": np.ones(3)}, "different lengths"),
        ({"variances": -np.ones(36)}, "negative"),
        ({"season_months": np.full(36, 13)}, "1 to 12"),
        ({"is_after": ~IS_AFTER}, "lie after it"),
        ({"values": np.where(MONTHS == 3, np.inf, 1.0)}, "infinite"),
    ],
)
def test_impossible_series_are_refused(change, message):
    arguments = {"values": series(), "is_after": IS_AFTER, **change}
    values = arguments.pop("values")
    with pytest.raises(UnusableMonthsError, match=message):
        estimate_interruption(values, **arguments)


def test_same_input_same_result():
    values, variances = series(11), np.full(36, 0.2)
    first, second = (
        estimate_interruption(values, is_after=IS_AFTER, variances=variances, season_months=CALENDAR) for _ in range(2)
    )
    assert first.effect == second.effect
    assert first.without.tobytes() == second.without.tobytes()


def test_a_batch_gives_what_single_series_give():
    values = np.stack([series(20), series(21)])
    months = arrange_months(values[0], is_after=IS_AFTER, variances=None, season_months=CALENDAR)
    sample = Sample(months.before, values[:, :24], np.zeros((2, 24)), months.design_before)
    found = forecast_months(sample, Future(months.after, months.design_after, np.full((1, 12), 1 / 12)))
    mixture = found.effect(0, values=values[:, 24:], sampling=np.zeros((2, 12)))
    for row, lower in enumerate(mixture.quantile(0.025)):
        single = estimate_interruption(values[row], is_after=IS_AFTER, season_months=CALENDAR)
        assert lower == pytest.approx(single.effect.lower, rel=1e-6)


def test_intervals_hold_nothing_where_nothing_happened():
    """Two years before and a season: the smallest series from which anything is verified."""
    runs = 200
    values = noise(np.random.default_rng(30), runs=runs, rho=0.6)
    months = arrange_months(values[0], is_after=IS_AFTER, variances=None, season_months=CALENDAR)
    misses = np.zeros(2)
    for rows in np.array_split(np.arange(runs), 4):
        sample = Sample(months.before, values[rows, :24], np.zeros((len(rows), 24)), months.design_before)
        found = forecast_months(sample, Future(months.after, months.design_after, np.full((1, 12), 1 / 12)))
        mixture = found.effect(0, values=values[rows, 24:], sampling=np.zeros((len(rows), 12)))
        below = mixture.below(np.zeros(len(rows)))
        misses += [(below < 0.025).sum(), (below > 0.975).sum()]
    # Two Monte-Carlo standard errors above 2.5 %.
    assert (misses / runs <= 0.025 + 2 * np.sqrt(0.025 * 0.975 / runs)).all()
    assert 1 - misses.sum() / runs >= 0.93


def test_reml_agrees_with_the_whole_within_its_limits():
    values = series(12)
    plugged = reml_interruption(values, is_after=IS_AFTER, season_months=CALENDAR)
    whole = estimate_interruption(values, is_after=IS_AFTER, season_months=CALENDAR)
    assert plugged.value == pytest.approx(whole.effect.value, abs=0.3 * whole.standard_error)
    assert plugged.lower < whole.effect.value < plugged.upper
