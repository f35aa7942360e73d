"""Quantiles of cut distributions against SciPy's own truncated ones, and against draws that are rejected."""

import numpy as np
import pytest
from scipy import stats

from potok.simulate.model import Distribution, DistributionKind, fixed
from potok.simulate.model.distributions import cumulative_shares, mean_seconds, quantiles

SHARES = np.linspace(0.0, 1.0, 41)
KIND = DistributionKind


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.0), (5.0, 3600.0), (1800.0, 3600.0), (9000.0, 9030.0)])
def test_an_exponential_is_exact_however_far_out_it_is_cut(low: float, high: float) -> None:
    scale = 100.0
    law = stats.truncexpon((high - low) / scale, low, scale) if high else stats.expon(low, scale)
    distribution = Distribution(KIND.EXPONENTIAL, mean_seconds=scale, low_seconds=low, high_seconds=high)
    shares = SHARES if high else SHARES[:-1]
    found = quantiles(distribution, shares)
    assert found == pytest.approx(law.ppf(shares), rel=1e-9)
    assert cumulative_shares(distribution, found) == pytest.approx(shares, abs=1e-10)
    # Without a high end the midpoint rule misses a little of the tail.
    assert mean_seconds(distribution) == pytest.approx(law.mean(), rel=1e-4)


@pytest.mark.parametrize("kind", [KIND.GAMMA, KIND.LOGNORMAL, KIND.WEIBULL, KIND.NORMAL])
def test_moments_before_the_cut(kind: DistributionKind) -> None:
    found = quantiles(Distribution(kind, mean_seconds=900.0, sd_seconds=200.0), (np.arange(200_000) + 0.5) / 200_000)
    assert found.mean() == pytest.approx(900.0, rel=1e-3)
    assert found.std() == pytest.approx(200.0, rel=1e-2)


def test_bounded_and_known_distributions() -> None:
    uniform = Distribution(KIND.UNIFORM, low_seconds=10.0, high_seconds=30.0)
    triangular = Distribution(KIND.TRIANGULAR, low_seconds=10.0, mode_seconds=15.0, high_seconds=30.0)
    empirical = Distribution(KIND.EMPIRICAL, quantiles_seconds=(10.0, 20.0, 60.0))
    assert quantiles(uniform, [0.0, 0.25, 1.0]) == pytest.approx([10.0, 15.0, 30.0])
    assert mean_seconds(triangular) == pytest.approx(55.0 / 3, rel=1e-6)
    assert quantiles(empirical, [0.25, 0.75]) == pytest.approx([15.0, 40.0])
    assert cumulative_shares(empirical, [5.0, 15.0, 40.0, 60.0]) == pytest.approx([0.0, 0.25, 0.75, 1.0])
    for law in (uniform, triangular):
        assert cumulative_shares(law, quantiles(law, SHARES)) == pytest.approx(SHARES)


def test_a_mixture_is_drawn_by_its_parts() -> None:
    """The oracle sorts a sample that holds each part's quantiles as often as its weight says."""
    gamma = Distribution(KIND.GAMMA, mean_seconds=100.0, sd_seconds=50.0)
    late = Distribution(KIND.NORMAL, mean_seconds=900.0, sd_seconds=60.0, low_seconds=850.0)
    mixture = Distribution(KIND.MIXTURE, parts=((0.5, gamma), (0.25, late), (0.25, fixed(500.0))))
    middle = (np.arange(10_000) + 0.5) / 10_000
    sample = np.concatenate([quantiles(gamma, middle), quantiles(late, middle[::2]), np.full(5_000, 500.0)])
    shares = [0.1, 0.3, 0.6, 0.8, 0.95]
    assert quantiles(mixture, shares) == pytest.approx(np.quantile(sample, shares), rel=1e-3)
    assert mean_seconds(mixture) == pytest.approx(sample.mean(), rel=1e-3)
