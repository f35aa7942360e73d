"""The published shift of the Nile, and statsmodels: Newey–West standard errors, generalised least squares."""

import numpy as np
import pytest
import statsmodels.regression.linear_model as linear
from statsmodels.datasets import nile

from potok.inference.interrupted_series import TooFewMonthsError, UnusableOptionError, hac_interruption
from potok.inference.interrupted_series.dependence import Future, Sample
from potok.inference.interrupted_series.effects import forecast_months
from potok.inference.interrupted_series.months import arrange_months

NILE = nile.load_pandas().data
FLOW, AFTER_1898 = NILE.volume.to_numpy(float), NILE.year.to_numpy() >= 1899


def test_the_nile_falls():
    found = hac_interruption(FLOW, is_after=AFTER_1898, has_trend=False)
    assert found.effect.value == pytest.approx(-247.8, abs=0.05)
    assert found.effect.standard_error == pytest.approx(31.3, abs=0.05)
    assert found.level.value == found.effect.value


def made_up(seed, *, count=40, change=28):
    generator = np.random.default_rng(seed)
    months = np.arange(count)
    values = 30 + 0.1 * months + generator.normal(0, 2, count) - 4 * (months >= change)
    return values, months >= change, months % 12 + 1, generator.uniform(0.5, 2, count)


@pytest.mark.parametrize("lags", [0, 3])
def test_agrees_with_statsmodels(lags):
    values, is_after, season, variances = made_up(lags)
    values[[4, 30]] = np.nan
    kept = np.isfinite(values)
    months = arrange_months(values, is_after=is_after, variances=variances, season_months=season)
    places = np.flatnonzero(kept & is_after)
    step = np.where(is_after, 1.0, 0.0)[kept]
    slope = np.where(is_after, np.arange(40) - places[0], 0.0)[kept]
    design = np.column_stack([np.concatenate([months.design_before, months.design_after]), step, slope])
    fit = linear.WLS(values[kept], design, weights=1 / variances[kept]).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    found = hac_interruption(values, is_after=is_after, season_months=season, variances=variances, lags=lags)
    assert found.level.value == pytest.approx(fit.params[-2])
    assert found.level.standard_error == pytest.approx(fit.bse[-2])
    assert found.slope.value == pytest.approx(fit.params[-1])
    assert found.slope.standard_error == pytest.approx(fit.bse[-1])
    middle = slope[step > 0].mean()
    effect = fit.t_test(np.eye(len(fit.params))[-2] + middle * np.eye(len(fit.params))[-1])
    assert found.effect.value == pytest.approx(effect.effect[0])
    assert found.effect.standard_error == pytest.approx(effect.sd[0][0])
    assert found.degrees == fit.df_resid


def test_the_counterfactual_is_generalised_least_squares_of_the_months_before():
    values, is_after, season, _variances = made_up(4)
    months = arrange_months(values, is_after=is_after, variances=None, season_months=season)
    sample = Sample(months.before, months.values_before[None], months.sampling_before[None], months.design_before)
    found = forecast_months(
        sample, Future(months.after, months.design_after, np.eye(12)), autocorrelation=np.array([0.4])
    )
    covariance = 0.4 ** np.abs(months.before[:, None] - months.before)
    fit = linear.GLS(values[:28], months.design_before, sigma=covariance).fit()
    ahead = months.design_after @ fit.params + 0.4 ** (months.after - 27) * fit.resid[-1]
    assert [found.path(number).mean()[0] for number in range(12)] == pytest.approx(ahead)


def test_one_month_after_the_change_has_no_slope():
    values, _is_after, _season, _variances = made_up(1)
    found = hac_interruption(values, is_after=np.arange(40) == 39)
    assert np.isinf(found.slope.upper)
    assert found.level == found.effect


def test_lags_are_checked():
    values, is_after, _season, _variances = made_up(1)
    with pytest.raises(UnusableOptionError, match="41 lags"):
        hac_interruption(values, is_after=is_after, lags=41)


def test_too_few_months():
    with pytest.raises(TooFewMonthsError, match="4 months before the change and 3"):
        hac_interruption(np.arange(7.0), is_after=np.arange(7) > 3)
