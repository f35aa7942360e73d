"""Made-up panels of agencies and months with a known effect, for judging designs of verification."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bars import Bar
from potok.inference.randomisation import NEVER

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
LEVEL_DAYS: Final = 30.0
LEVELS_SPREAD: Final = 0.25
SIZES_SPREAD: Final = 1.0
CASES_PER_MONTH: Final = 40.0
CASE_VARIATION: Final = 0.8
OVERDISPERSION: Final = 5.0
SEASON: Final = 0.15
SHOCKS: Final = 0.05
WANDERING: Final = 0.08
FALSE_SHARE: Final = 0.025
LEAST_COVERAGE: Final = 0.93
TREND_PER_MONTH: Final = 0.01
LOOKED_AT_MONTHS: Final = 3


class Rollout(StrEnum):
    """Who changes when."""

    WAVES = "waves"
    ONE = "one treated"
    HALF = "half at once"


class Bias(StrEnum):
    """What is wrong with the order in which agencies change; none where chance decided."""

    NONE = "order drawn"
    LARGEST = "largest agencies first"
    WORST = "worst agencies first"
    TREND = "treated were improving anyway, 1 % a month"


WAVES: Final = {2: 2, 4: 4, 6: 3, 10: 5, 20: 4, 40: 4}


@dataclass(frozen=True, slots=True)
class World:
    """A kind of panel.

    Parameters
    ----------
    agencies, months
        Its size.
    rollout
        Who changes when; chance decides which agency is which.
    autocorrelation
        Of an agency's own wandering from month to month.
    effect
        Share by which the change multiplies every duration, less 1: −.3 takes 30 % off.
    bias
        How the order of agencies came about.
    """

    agencies: int
    months: int
    rollout: Rollout
    autocorrelation: float = 0.0
    effect: float = 0.0
    bias: Bias = Bias.NONE

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"{self.agencies} agencies, {self.months} months, {self.rollout}, {self.effect:+.0%}, {self.bias}"

    @property
    def fingerprint(self) -> list[int]:
        """Numbers that make the draws of a world its own; all effects share the same panels."""
        kinds = list(Rollout).index(self.rollout), list(Bias).index(self.bias)
        return [self.agencies, self.months, round(10 * self.autocorrelation), *kinds]

    @property
    def first_treated(self) -> Integers:
        """First treated month of each agency; agencies themselves are drawn at random."""
        if self.rollout is Rollout.WAVES:
            waves = WAVES[self.agencies]
            starts = np.linspace(self.months / 3, self.months * 5 / 6, waves).round().astype(np.int64)
            return np.repeat(starts, self.agencies // waves)
        treated = 1 if self.rollout is Rollout.ONE else self.agencies // 2
        return np.where(np.arange(self.agencies) < treated, self.months // 2, NEVER)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Panels of one world; R runs.

    Parameters
    ----------
    without
        Shape (R, N, T): mean days without the change.
    cases, variances
        Shape (R, N, T): cases behind each mean; the variance of each mean as the scatter of its cases shows it.
    """

    without: Floats
    cases: Floats
    variances: Floats


def draw_panels(world: World, *, runs: int, generator: np.random.Generator) -> Drawn:
    """Draw panels: agencies of very unequal size, a season, shocks common to all, and each one's own wandering.

    Numbers of cases are overdispersed, and mean durations as skewed as means of so many skewed durations are.
    """
    shape = (runs, world.agencies, world.months)
    level = LEVEL_DAYS * np.exp(generator.normal(0, LEVELS_SPREAD, (*shape[:2], 1)))
    size = CASES_PER_MONTH * np.exp(generator.normal(0, SIZES_SPREAD, (*shape[:2], 1)) - SIZES_SPREAD**2 / 2)
    season = 1 + SEASON * np.sin(2 * np.pi * (np.arange(world.months) + generator.uniform(0, 12, (runs, 1, 1))) / 12)
    shocks = np.exp(generator.normal(0, SHOCKS, (runs, 1, world.months)))
    wandering = np.exp(WANDERING * _wander(shape, world.autocorrelation, generator))
    cases = np.maximum(generator.poisson(generator.gamma(OVERDISPERSION, size / OVERDISPERSION, shape)), 1.0)
    expected = level * season * shocks * wandering
    precision = cases / CASE_VARIATION**2
    without = generator.gamma(precision, expected / precision)
    degrees = np.maximum(cases - 1, 1)
    seen = (CASE_VARIATION * without) ** 2 / cases * generator.chisquare(degrees) / degrees
    drawn = _ordered(Drawn(without, cases, seen), world)
    if world.bias is not Bias.TREND:
        return drawn
    months = np.where((world.first_treated == NEVER)[:, None], 0, np.arange(world.months))
    return Drawn(drawn.without * np.exp(-TREND_PER_MONTH * months), drawn.cases, drawn.variances)


def _ordered(drawn: Drawn, world: World) -> Drawn:
    """Let the largest or the worst agencies change first; the first rows do."""
    first = int(world.first_treated[world.first_treated != NEVER].min())
    if world.bias is Bias.LARGEST:
        rank = -drawn.cases.sum(axis=2)
    elif world.bias is Bias.WORST:
        rank = -drawn.without[:, :, max(first - LOOKED_AT_MONTHS, 0) : first].mean(axis=2)
    else:
        return drawn
    order = np.argsort(rank, axis=1)[:, :, None]
    return Drawn(*(np.take_along_axis(getattr(drawn, part), order, axis=1) for part in Drawn.__slots__))


def _wander(shape: tuple[int, int, int], autocorrelation: float, generator: np.random.Generator) -> Floats:
    steps = generator.normal(size=shape)
    for month in range(1, shape[2]):
        fresh = np.sqrt(1 - autocorrelation**2)
        steps[:, :, month] = autocorrelation * steps[:, :, month - 1] + fresh * steps[:, :, month]
    return steps


@dataclass(frozen=True, slots=True)
class Cell:
    """Shares of the runs of one world.

    Parameters
    ----------
    possible, is_applicable
        Assignments, and whether they are enough.
    verdicts_beyond_truth, covered, found
        Of the intervals: wholly on the better side of the truth; holding it; wholly on the better side of no effect.
    width
        Median width in days; infinite where most are unbounded.
    naive_beyond_truth
        Of the intervals of a before/after comparison (Welch) of the treated: wholly on the better side of the truth.
    """

    world: World
    runs: int
    possible: int
    is_applicable: bool
    verdicts_beyond_truth: float
    covered: float
    found: float
    width: float
    naive_beyond_truth: float

    @property
    def most_false(self) -> float:
        """The bar for verdicts beyond the truth: 2.5 % plus two Monte-Carlo standard errors."""
        return FALSE_SHARE + 2 * math.sqrt(FALSE_SHARE * (1 - FALSE_SHARE) / self.runs)

    @property
    def most_missed(self) -> float:
        """The bar for truths outside the interval."""
        missed = 1 - LEAST_COVERAGE
        return missed + 2 * math.sqrt(missed * LEAST_COVERAGE / self.runs)

    def failures(self) -> list[str]:
        """Return what was missed."""
        bars = [
            Bar("verdicts beyond the truth", 0, "share", self.verdicts_beyond_truth, self.most_false),
            Bar("truths outside the interval", 0, "share", 1 - self.covered, self.most_missed),
        ]
        return [f"{bar.operation} {bar.value or 0.0:.1%}" for bar in bars if self.is_applicable and not bar.is_held]
