import numpy as np
import pytest

from potok.simulate.discovery.families import fit_distribution
from potok.simulate.model import DistributionKind
from potok.simulate.model.distributions import mean_seconds

SIZE = 2_000


@pytest.mark.parametrize(
    ("kind", "draw"),
    [
        (DistributionKind.EXPONENTIAL, lambda generator: generator.exponential(600.0, SIZE)),
        (DistributionKind.UNIFORM, lambda generator: generator.uniform(100.0, 700.0, SIZE)),
        (DistributionKind.TRIANGULAR, lambda generator: generator.triangular(0.0, 200.0, 900.0, SIZE)),
        (DistributionKind.LOGNORMAL, lambda generator: generator.lognormal(5.0, 0.9, SIZE)),
        (DistributionKind.GAMMA, lambda generator: generator.gamma(4.0, 100.0, SIZE)),
        (DistributionKind.WEIBULL, lambda generator: 500.0 * generator.weibull(2.2, SIZE)),
        (DistributionKind.NORMAL, lambda generator: generator.normal(900.0, 60.0, SIZE)),
    ],
)
def test_the_family_of_a_sample_is_told(kind, draw):
    sample = draw(np.random.default_rng(3))

    fitted = fit_distribution(sample)

    assert fitted.distribution.kind is kind
    assert mean_seconds(fitted.distribution) == pytest.approx(sample.mean(), rel=0.02)
    assert fitted.distance < 0.03


def test_a_time_that_hardly_varies_is_fixed():
    fitted = fit_distribution(np.concatenate([np.full(99, 300.0), [5000.0]]))

    assert fitted.distribution.kind is DistributionKind.FIXED
    assert fitted.distribution.mean_seconds == 300.0


def test_a_time_that_is_often_the_same_is_a_mixture():
    generator = np.random.default_rng(5)
    sample = np.concatenate([np.zeros(600), generator.exponential(100.0, 400)])

    fitted = fit_distribution(sample)

    assert fitted.distribution.kind is DistributionKind.MIXTURE
    assert fitted.distribution.parts[0][0] == pytest.approx(0.6, abs=0.01)
    assert mean_seconds(fitted.distribution) == pytest.approx(sample.mean(), rel=0.05)


def test_what_no_family_fits_stands_for_itself():
    generator = np.random.default_rng(7)
    sample = np.concatenate([generator.normal(100, 5, 500), generator.normal(1_000, 5, 500), [40_000.0]])

    fitted = fit_distribution(sample)

    assert fitted.distribution.kind is DistributionKind.EMPIRICAL
    assert mean_seconds(fitted.distribution) == pytest.approx(sample.mean(), rel=1e-6)


def test_weights_count_as_repetitions():
    generator = np.random.default_rng(9)
    sample = generator.exponential(60.0, 300)
    weights = generator.poisson(1.0, 300).astype(float)

    weighted = fit_distribution(sample, weights)
    repeated = fit_distribution(np.repeat(sample, weights.astype(int)))

    assert weighted.distribution.kind is repeated.distribution.kind
    assert mean_seconds(weighted.distribution) == pytest.approx(mean_seconds(repeated.distribution), rel=1e-6)


def test_nothing_has_no_distribution():
    with pytest.raises(ValueError, match="at least one"):
        fit_distribution(np.zeros(0))
