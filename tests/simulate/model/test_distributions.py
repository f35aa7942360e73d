"""Quantiles of cut distributions against SciPy's own truncated ones, and against draws that are rejected."""

import numpy as np
import pytest
from scipy import stats

from potok.simulate.model import Distribution, DistributionKind
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
