"""Other statistics and other methods on the same made-up panels: why randomisation uses the one that it does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.estimate import Estimate
from potok.inference.randomisation import (
    Assignments,
    Differences,
    differences_by_cases,
    estimate_noise,
    exposure,
    list_assignments,
    plain_differences,
    randomise,
    randomise_differences,
    wild_cluster_bootstrap,
)
from potok.inference.synthetic import exchangeable_weights, make_block, placebo_in_space, synthetic_differences
from potok.verify.designs.synthetic import rank_interval
from verification_worlds import Drawn, Floats, Rollout, World, draw_panels

EFFECT: Final = -0.2
SEED: Final = 7
DRAWS: Final = 399
WORLDS: Final = (
    World(6, 36, Rollout.WAVES, 0.5, EFFECT),
    World(10, 36, Rollout.HALF, 0.5, EFFECT),
    World(40, 36, Rollout.ONE, 0.5, EFFECT),
)
Method = Callable[["Sample"], tuple[Estimate, float]]
"""From a panel to an estimate and the true mean effect in its own weights."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One panel with everything that a method may use."""

    outcomes: Floats
    without: Floats
    cases: Floats
    noise: Floats
    assignments: Assignments

    @property
    def treated(self) -> Floats:
        """Where there is treatment, (N, T)."""
        return exposure(self.assignments.first_treated[0], places=self.outcomes.shape[1])


@dataclass(frozen=True, slots=True)
class MethodCell:
    """How one method fared in one world; shares as in `Cell`."""

    world: World
    method: str
    runs: int
    verdicts_beyond_truth: float
    covered: float
    found: float
    width: float


def compare_methods(*, runs: int) -> Iterator[MethodCell]:
    """Yield how each method fares in each world."""
    for world in WORLDS:
        assignments = list_assignments(world.first_treated, most=DRAWS + 1, draws=DRAWS)
        drawn = draw_panels(world, runs=runs, generator=np.random.default_rng(SEED))
        samples = [take(drawn, place, world, assignments) for place in range(runs)]
        for name, method in METHODS.items():
            if name.startswith("synthetic") and world.rollout is not Rollout.ONE:
                continue
            yield judge_method(world, name, [method(sample) for sample in samples])


def take(drawn: Drawn, place: int, world: World, assignments: Assignments) -> Sample:
    """Take one panel, with the world's effect in it."""
    without, first_treated = drawn.without[place], world.first_treated
    outcomes = without * (1 + world.effect * exposure(first_treated, places=world.months))
    noise = estimate_noise(outcomes, first_treated=first_treated, sampling=drawn.variances[place])
    return Sample(outcomes, without, drawn.cases[place], noise, assignments)


def judge_method(world: World, name: str, found: list[tuple[Estimate, float]]) -> MethodCell:
    """Count what was right."""
    lower, upper, truth = np.asarray([(one.lower, one.upper, truth) for one, truth in found]).T
    return MethodCell(
        world=world,
        method=name,
        runs=len(found),
        verdicts_beyond_truth=float(np.mean(upper < truth)),
        covered=float(np.mean((lower <= truth) & (truth <= upper))),
        found=float(np.mean(upper < 0)),
        width=float(np.median(upper - lower)),
    )


def by_differences(sample: Sample, formed: Differences, *, is_studentised: bool) -> tuple[Estimate, float]:
    """Randomise a difference in differences."""
    first_treated = sample.assignments.first_treated[0]
    found = randomise_differences(
        sample.outcomes,
        first_treated=first_treated,
        differences=formed,
        noise=sample.noise if is_studentised else None,
        assignments=sample.assignments,
    )
    weights = formed.weights_of(first_treated)
    return found.effect, float((weights * sample.treated * (sample.outcomes - sample.without)).sum())


def equal(sample: Sample) -> Differences:
    """Weigh agencies equally."""
    return plain_differences(sample.outcomes)


def by_cases(sample: Sample) -> Differences:
    """Weigh agencies by their cases before the first change."""
    return differences_by_cases(sample.outcomes, cases=sample.cases, first_treated=sample.assignments.first_treated[0])


def by_precision(sample: Sample) -> Differences:
    """Weigh agencies inversely to their noise."""
    return Differences(np.isfinite(sample.outcomes), 1 / sample.noise, 1 / sample.noise)


def from_last_month(sample: Sample) -> tuple[Estimate, float]:
    """Compare with the last month before the change alone."""

    def weights_of(first_treated: Floats) -> Floats:
        first = int(first_treated[first_treated >= 0].min())
        is_present = np.isfinite(sample.outcomes).copy()
        is_present[:, : first - 1] = False
        ones = np.ones(len(first_treated))
        return Differences(is_present, ones, ones).weights_of(first_treated)

    first_treated = sample.assignments.first_treated[0]
    found = randomise(
        sample.outcomes, first_treated=first_treated, weights_of=weights_of, assignments=sample.assignments
    )
    weights = weights_of(first_treated)
    return found.effect, float((weights * sample.treated * (sample.outcomes - sample.without)).sum())


def by_wild_bootstrap(sample: Sample) -> tuple[Estimate, float]:
    """Regress, with the wild cluster bootstrap."""
    found = wild_cluster_bootstrap(sample.outcomes, first_treated=sample.assignments.first_treated[0], draws=DRAWS)
    return found.effect, mean_effect(sample)


def by_synthetic_differences(sample: Sample) -> tuple[Estimate, float]:
    """Estimate by synthetic differences, with the spread of placebos."""
    is_treated = sample.treated.any(axis=1)
    first = int(sample.treated.any(axis=0).argmax())
    block = make_block(sample.outcomes, is_treated=is_treated, first=first)
    return placebo_in_space(block, fit=synthetic_differences, draws=60).effect, mean_effect(sample)


def by_rank(sample: Sample) -> tuple[Estimate, float]:
    """Estimate by synthetic differences, with the ranks of placebos."""
    is_treated = sample.treated.any(axis=1)
    first = int(sample.treated.any(axis=0).argmax())
    block = make_block(sample.outcomes, is_treated=is_treated, first=first)
    found = placebo_in_space(block, fit=synthetic_differences)
    return rank_interval(found.effect.value, np.abs(found.placebos))[0], mean_effect(sample)


def by_exchange(sample: Sample) -> tuple[Estimate, float]:
    """Randomise synthetic counterparts that each agency gets from all others."""
    first_treated = sample.assignments.first_treated[0]
    found = randomise(
        sample.outcomes,
        first_treated=first_treated,
        weights_of=exchangeable_weights(sample.outcomes, first=int(first_treated.max())),
        noise=sample.noise,
        assignments=sample.assignments,
    )
    return found.effect, mean_effect(sample)


def mean_effect(sample: Sample) -> float:
    """Return the mean effect over treated agencies and months, each alike."""
    return float((sample.outcomes - sample.without)[sample.treated > 0].mean())


METHODS: Final[dict[str, Method]] = {
    "equal weights": lambda sample: by_differences(sample, equal(sample), is_studentised=False),
    "equal weights, studentised": lambda sample: by_differences(sample, equal(sample), is_studentised=True),
    "weights by cases": lambda sample: by_differences(sample, by_cases(sample), is_studentised=False),
    "weights by cases, studentised (used)": lambda sample: by_differences(
        sample, by_cases(sample), is_studentised=True
    ),
    "weights by precision": lambda sample: by_differences(sample, by_precision(sample), is_studentised=False),
    "equal weights, one month as base": from_last_month,
    "wild cluster bootstrap": by_wild_bootstrap,
    "synthetic differences, placebo spread": by_synthetic_differences,
    "synthetic differences, placebo ranks": by_rank,
    "synthetic counterparts, randomised": by_exchange,
}
