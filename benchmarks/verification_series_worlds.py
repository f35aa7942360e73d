"""Made-up services whose mean durations by month are known: trend, season, dependence, cases, and a change."""

from dataclasses import dataclass
from typing import Final

import numpy as np

MEAN_DAYS: Final = 30.0
TREND_PER_MONTH: Final = -0.002
CASES_PER_MONTH: Final = 200
SHAPE: Final = 1.5
"""Of the gamma distribution of durations within a month: a coefficient of variation of 0.82."""
PROCESS_SHARE: Final = 0.10
"""Standard deviation of the dependent process, as a share of the mean."""
MONTH_SHOCK_SHARE: Final = 0.08
"""With overdispersion: standard deviation of a month's own shock, which no variance within months shows."""
COUNT_SHAPE: Final = 4.0
"""With overdispersion: counts are negative binomial, with a coefficient of variation of about a half."""
SEASON: Final = np.array([0.10, 0.04, 0.0, -0.03, -0.05, 0.02, 0.10, 0.12, 0.0, -0.08, -0.10, -0.12])
"""Of January to December, as shares of the mean: no sine, but holidays and year's end."""


@dataclass(frozen=True, slots=True)
class World:
    """A service over the months before and after a change.

    Parameters
    ----------
    before, after
        Months.
    autocorrelation
        Of the process, from month to month.
    has_season, is_overdispersed
        Whether there are a season, month shocks and overdispersed counts.
    fault
        Assumption that is violated; empty for none.
    """

    before: int
    after: int
    autocorrelation: float
    has_season: bool
    is_overdispersed: bool
    fault: str = ""

    @property
    def calendar(self) -> np.ndarray:
        """Months of the calendar, 1–12."""
        return (np.arange(self.before + self.after) + 4) % 12 + 1


@dataclass(frozen=True, slots=True)
class Runs:
    """Months of R runs, without the change.

    Parameters
    ----------
    means, sampling
        Shape (R, T): mean durations of cases, and their sampling variances as cases' scatter shows them.
    expected
        Shape (T,): expected mean durations.
    """

    means: np.ndarray
    sampling: np.ndarray
    expected: np.ndarray

    def changed(self, world: World, effect: float) -> tuple["Runs", float]:
        """Return the runs in which all durations after the change grow by a share, and the true effect in days."""
        factor = np.where(np.arange(len(self.expected)) >= world.before, 1 + effect, 1.0)
        truth = effect * float(self.expected[world.before :].mean())
        return Runs(self.means * factor, self.sampling * factor**2, self.expected), truth


def draw(world: World, *, runs: int, generator: np.random.Generator) -> Runs:
    """Draw cases month by month, and take their means and scatter."""
    length = world.before + world.after
    level = 1 + TREND_PER_MONTH * np.arange(length) + (SEASON[world.calendar - 1] if world.has_season else 0)
    expected = MEAN_DAYS * (level + _fault(world))
    share = 1 + PROCESS_SHARE * _process(world, (runs, length), generator)
    if world.is_overdispersed:
        share = share + MONTH_SHOCK_SHARE * generator.standard_normal((runs, length))
        rate = CASES_PER_MONTH * generator.gamma(COUNT_SHAPE, 1 / COUNT_SHAPE, (runs, length))
    else:
        rate = np.full((runs, length), float(CASES_PER_MONTH))
    cases = np.maximum(generator.poisson(rate), 2).ravel()
    starts = np.cumsum(cases) - cases
    durations = generator.standard_gamma(SHAPE, cases.sum()) / SHAPE
    sums, squares = np.add.reduceat(durations, starts), np.add.reduceat(durations**2, starts)
    mean = sums / cases
    variance = (squares - cases * mean**2) / (cases - 1) / cases
    scale = expected * np.maximum(share, 0.1)
    return Runs(scale * mean.reshape(scale.shape), scale**2 * variance.reshape(scale.shape), expected)


def _process(world: World, shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    is_heavy = world.fault == "heavy tails"
    # Student's with 3 degrees has a variance of 3.
    noise = generator.standard_t(3, shape) / np.sqrt(3) if is_heavy else generator.standard_normal(shape)
    rho = world.autocorrelation
    for place in range(1, shape[1]):
        noise[:, place] = rho * noise[:, place - 1] + np.sqrt(1 - rho**2) * noise[:, place]
    if world.fault == "noisier afterwards":
        noise[:, world.before :] *= 2
    return noise


def _fault(world: World) -> np.ndarray:
    """Return what is done to the expected durations, as a share of the mean."""
    months = np.arange(world.before + world.after)
    if world.fault == "slope bends before":
        return np.maximum(months - world.before // 2, 0) * -0.01
    if world.fault == "break elsewhere":
        return np.where(months >= 2 * world.before // 3, -0.15, 0.0)
    if world.fault == "shock to all at the change":
        return np.where(months >= world.before, -0.15, 0.0)
    return np.zeros(len(months))
