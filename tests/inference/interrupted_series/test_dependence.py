"""The filter against dense matrices: likelihood, coefficients and forecasts, with gaps and unequal sampling errors."""

import numpy as np
import pytest
from scipy.stats import t as student

from potok.inference.interrupted_series.dependence import Future, Sample, fit_grid, forecast
from potok.inference.interrupted_series.effects import forecast_months
from potok.inference.interrupted_series.restricted_maximum import maximise

PLACES = np.array([0, 1, 2, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17])
LATER = np.array([19, 20, 23])


def drawn(seed=0, *, batch=2):
    generator = np.random.default_rng(seed)
    count = len(PLACES)
    design = np.column_stack([np.ones(count), PLACES / 10, np.cos(PLACES)])
    sampling = generator.uniform(0.1, 1, (batch, count))
    sample = Sample(PLACES, generator.normal(0, 2, (batch, count)), sampling, design)
    ahead = np.column_stack([np.ones(3), LATER / 10, np.cos(LATER)])
    return sample, Future(LATER, ahead, np.array([[1 / 3, 1 / 3, 1 / 3], [0, 1, -1]]))


def dense(sample, future, row, rho, process):
    """Return restricted log-likelihood, coefficients, forecasts and their variances by whole matrices."""
    together = np.concatenate([sample.places, future.places])
    covariance = process * rho ** np.abs(together[:, None] - together).astype(float)
    count = len(sample.places)
    own = covariance[:count, :count] + np.diag(sample.sampling[row])
    inverse = np.linalg.inv(own)
    x, y = sample.design, sample.values[row]
    information = x.T @ inverse @ x
    beta = np.linalg.solve(information, x.T @ inverse @ y)
    rest = y - x @ beta
    likelihood = -(np.linalg.slogdet(own)[1] + np.linalg.slogdet(information)[1] + rest @ inverse @ rest) / 2
    gain = covariance[count:, :count] @ inverse
    mean = future.design @ beta + gain @ rest
    extra = future.design - gain @ x
    spread = covariance[count:, count:] - gain @ covariance[:count, count:]
    spread = spread + extra @ np.linalg.solve(information, extra.T)
    c = future.contrasts
    return likelihood, beta, c @ mean, np.diag(c @ spread @ c.T)


def test_the_filter_is_generalised_least_squares():
    sample, future = drawn()
    rho = np.array([0.0, 0.4, 0.9])
    process = np.array([[0.5, 1.0, 3.0], [2.0, 0.0, 1.5]])
    fit = fit_grid(sample, autocorrelation=rho, process=process)
    means, spreads = forecast(fit, future, last=17, autocorrelation=rho, process=process)
    for row in range(2):
        for place in range(3):
            likelihood, beta, mean, spread = dense(sample, future, row, rho[place], process[row, place])
            assert fit.log_likelihood[row, place] == pytest.approx(likelihood)
            assert fit.coefficients[row, place] == pytest.approx(beta)
            assert means[row, place] == pytest.approx(mean)
            assert spreads[row, place] == pytest.approx(spread)


def test_with_known_autocorrelation_and_no_sampling_error_it_is_students_distribution():
    sample, future = drawn(3, batch=1)
    sample = Sample(sample.places, sample.values, np.zeros_like(sample.sampling), sample.design)
    found = forecast_months(sample, future, autocorrelation=np.array([0.5])).path(0)
    _likelihood, _beta, mean, spread = dense(sample, future, 0, 0.5, 1.0)
    inverse = np.linalg.inv(0.5 ** np.abs(PLACES[:, None] - PLACES).astype(float))
    rest = sample.values[0] - sample.design @ _beta
    scale = np.sqrt(rest @ inverse @ rest / 11 * spread[0])
    expected = student(11, loc=mean[0], scale=scale)
    for share in (0.025, 0.5, 0.975):
        assert found.quantile(share)[0] == pytest.approx(expected.ppf(share), rel=1e-3, abs=1e-3)
    assert found.degrees()[0] == pytest.approx(11, rel=0.01)


def test_the_grid_is_fine_enough():
    """Against a dense grid of both parameters, with the prior written out."""
    sample, future = drawn(5, batch=1)
    found = forecast_months(sample, future).path(0)
    noise = sample.sampling.mean()
    theta = (np.arange(80) + 0.5) / 80 * np.pi / 2
    rho, whole = np.meshgrid(np.sin(theta), np.linspace(np.log(noise), np.log(noise) + 7, 160), indexing="ij")
    basis = np.linalg.qr(sample.design)[0]
    maker = np.eye(len(PLACES)) - basis @ basis.T
    kept = np.array([(maker * r ** np.abs(PLACES[:, None] - PLACES).astype(float)).sum() for r in rho[:, 0]]) / 11
    process = ((np.exp(whole) - noise) / kept[:, None]).ravel()[None]
    fit = fit_grid(sample, autocorrelation=rho.ravel(), process=process)
    means, spreads = forecast(fit, future, last=17, autocorrelation=rho.ravel(), process=process)
    weights = np.exp(fit.log_likelihood - fit.log_likelihood.max())
    weights /= weights.sum()
    mean = (weights * means[..., 0]).sum()
    variance = (weights * (spreads[..., 0] + (means[..., 0] - mean) ** 2)).sum()
    assert found.mean()[0] == pytest.approx(mean, abs=0.02 * np.sqrt(variance))
    assert np.sqrt(found.variance()[0]) == pytest.approx(np.sqrt(variance), rel=0.02)


def test_the_restricted_maximum_is_the_highest_of_a_dense_search():
    sample, future = drawn(8, batch=3)
    found = maximise(sample, future, sampling=np.zeros((3, 2)))
    rho, logs = (axis.ravel() for axis in np.meshgrid(np.linspace(-0.95, 0.95, 60), np.linspace(-3, 4, 60)))
    grid = fit_grid(sample, autocorrelation=rho, process=np.broadcast_to(np.exp(logs), (3, 3600)))
    assert (found.log_likelihood >= grid.log_likelihood.max(axis=1) - 1e-3).all()
    for row in range(3):
        likelihood, _beta, mean, spread = dense(sample, future, row, found.autocorrelation[row], found.process[row])
        assert found.log_likelihood[row] == pytest.approx(likelihood)
        assert found.mean[row] == pytest.approx(mean)
        assert found.variance[row] == pytest.approx(spread)
