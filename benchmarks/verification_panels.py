"""Randomisation inference on made-up panels of known effect: false verdicts, coverage, power, and what it leaves alone.

    python benchmarks/verification_panels.py [--runs 300] [--quick]

Prints the tables and writes benchmarks/verification_panels.md; the exit code is 1 if a bar is missed. Bars:

- where at least 40 assignments are possible, an interval lies wholly beyond the truth, on the side that would pass for
  an improvement, in at most 2.5 % of runs plus two Monte-Carlo standard errors (this is the rate of false verdicts when
  the true improvement is just the minimum asked for), and 95 % intervals hold the truth in at least 93 % of runs, less
  two standard errors; a cell that misses is drawn anew with five times the runs, and the second figure counts;
- where fewer are possible, no run is called applicable.

Violated assumptions are tabled apart, without a bar. Beside all stands what naive comparisons would have said.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from scipy.stats import t

from potok.inference.randomisation import (
    FEWEST_ASSIGNMENTS,
    Assignments,
    Contrasts,
    Differences,
    differences_by_cases,
    estimate_noise,
    exposure,
    list_assignments,
    randomise_differences,
)
from potok.inference.randomisation.inversion import invert
from verification_methods import compare_methods
from verification_tables import render_panels
from verification_worlds import Bias, Cell, Drawn, Floats, Integers, Rollout, World, draw_panels

SIZES: Final = (2, 4, 6, 10, 20, 40)
LENGTHS: Final = (12, 36)
EFFECTS: Final = (0.0, -0.1, -0.3, -0.5)
DEPENDENCE: Final = (0.0, 0.5)
DRAWS: Final = 399
RUNS_OUTSIDE: Final = 20
QUICK_SIZE: Final = 10
ROUNDING: Final = 1e-9
CONFIDENCE: Final = 0.95
AGAIN: Final = 5
SEED: Final = 20_261_123
OUTPUT: Final = Path(__file__).with_suffix(".md")


def main() -> int:
    """Run, print, write; return the exit code."""
    parser = argparse.ArgumentParser(description="Judge randomisation inference on made-up panels.")
    parser.add_argument("--runs", type=int, default=300, help="panels per cell")
    parser.add_argument("--quick", action="store_true", help="small panels only; writes nothing")
    options = parser.parse_args()
    begun = time.process_time()
    cells = [cell for world in worlds(is_quick=options.quick) for cell in judge(world, runs=options.runs)]
    failures = [f"{cell.world.name}: {failure}" for cell in cells for failure in cell.failures()]
    failures += [
        f"{cell.world.name}: applicable"
        for cell in cells
        if cell.is_applicable != (cell.possible >= FEWEST_ASSIGNMENTS)
    ]
    biased = (
        [] if options.quick else [run(world, EFFECTS[:1], runs=options.runs, seed=SEED)[0] for world in biased_worlds()]
    )
    others = [] if options.quick else list(compare_methods(runs=max(options.runs // 4, 10)))
    report = render_panels(cells, biased, others, failures)
    print(report)
    print(f"CPU seconds: {time.process_time() - begun:.0f}")
    if not options.quick:
        OUTPUT.write_text(report + "\n", encoding="utf-8")
    return 1 if failures else 0


def worlds(*, is_quick: bool) -> Iterator[World]:
    """Yield every world, without an effect yet."""
    for size, months, rollout, dependence in product(SIZES, LENGTHS, Rollout, DEPENDENCE):
        if not is_quick or (size <= QUICK_SIZE and months == LENGTHS[0] and dependence > 0):
            yield World(size, months, rollout, dependence)


def biased_worlds() -> Iterator[World]:
    """Yield worlds in which chance did not decide who changes first."""
    for bias, (size, rollout) in product(
        (Bias.LARGEST, Bias.WORST, Bias.TREND), ((6, Rollout.WAVES), (20, Rollout.HALF), (40, Rollout.ONE))
    ):
        yield World(size, 36, rollout, 0.5, bias=bias)


def judge(world: World, *, runs: int) -> list[Cell]:
    """Judge a world under every effect; those that miss a bar again, with more runs."""
    cells = run(world, EFFECTS, runs=runs, seed=SEED)
    again = tuple(cell.world.effect for cell in cells if cell.failures())
    anew = {cell.world.effect: cell for cell in run(world, again, runs=AGAIN * runs, seed=SEED + 1)} if again else {}
    return [anew.get(cell.world.effect, cell) for cell in cells]


def run(world: World, effects: Sequence[float], *, runs: int, seed: int) -> list[Cell]:
    """Infer in every run of a world, under several effects on the same panels."""
    assignments = list_assignments(world.first_treated, seed=seed, most=DRAWS + 1, draws=DRAWS)
    if not assignments.is_applicable:
        runs = min(runs, RUNS_OUTSIDE)  # only that it says so is looked at
    drawn = draw_panels(world, runs=runs, generator=np.random.default_rng([seed, *world.fingerprint]))
    found = np.asarray([infer(drawn, place, assignments, effects) for place in range(runs)])
    check_against_library(drawn, assignments, effects[-1], found[0, -1])
    return [
        summarise(replace(world, effect=effect), found[:, place], assignments) for place, effect in enumerate(effects)
    ]


def infer(drawn: Drawn, place: int, assignments: Assignments, effects: Sequence[float]) -> list[tuple[float, ...]]:
    """Return lower and upper limit, truth, and the naive upper limit of one run, for each effect.

    Durations are multiplied by the change, so each effect's statistics are one and the same plus a multiple.
    """
    without, first_treated = drawn.without[place], assignments.first_treated[0]
    treated = exposure(first_treated, places=without.shape[1])
    formed, noise = form(drawn, place, first_treated)
    weights = formed.weights(assignments.first_treated)
    columns = np.column_stack([part.ravel() for part in (without, without * treated, treated)])
    plain, gained, exposed = (weights.reshape(len(weights), -1) @ columns).T
    scales = np.sqrt(np.square(weights).sum(axis=2) @ noise)
    gain = float((weights[0] * treated * without).sum())
    rows = []
    for effect in effects:
        limits = invert(Contrasts(plain + effect * gained, exposed).divided(scales), confidence=CONFIDENCE)
        naive = before_and_after(without * (1 + effect * treated), treated, first_treated)
        rows.append((*limits, effect * gain, naive))
    return rows


def form(drawn: Drawn, place: int, first_treated: Integers) -> tuple[Differences, Floats]:
    """Return the differences and the noise by which one run is judged; both come from before the first change."""
    without = drawn.without[place]
    return (
        differences_by_cases(without, cases=drawn.cases[place], first_treated=first_treated),
        estimate_noise(without, first_treated=first_treated, sampling=drawn.variances[place]),
    )


def check_against_library(drawn: Drawn, assignments: Assignments, effect: float, found: Floats) -> None:
    """Make sure that what is judged is what `randomise_differences` says."""
    first_treated = assignments.first_treated[0]
    formed, noise = form(drawn, 0, first_treated)
    outcomes = drawn.without[0] * (1 + effect * exposure(first_treated, places=drawn.without.shape[2]))
    said = randomise_differences(
        outcomes, first_treated=first_treated, differences=formed, noise=noise, assignments=assignments
    ).effect
    np.testing.assert_allclose([said.lower, said.upper], found[:2], rtol=1e-9)


def before_and_after(outcomes: Floats, treated: Floats, first_treated: Integers) -> float:
    """Return the upper limit of the mean of treated agencies after the change less that before it (Welch)."""
    changed = first_treated >= 0
    own, is_after = outcomes[changed], treated[changed] > 0
    before, after = own[~is_after], own[is_after]
    parts = after.var(ddof=1) / len(after), before.var(ddof=1) / len(before)
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / (len(after) - 1) + parts[1] ** 2 / (len(before) - 1))
    return float(after.mean() - before.mean() + t.ppf((1 + CONFIDENCE) / 2, degrees) * math.sqrt(sum(parts)))


def summarise(world: World, found: Floats, assignments: Assignments) -> Cell:
    """Count verdicts over the runs of one cell."""
    lower, upper, truth, naive = found.T
    return Cell(
        world=world,
        runs=len(found),
        possible=assignments.possible,
        is_applicable=assignments.is_applicable,
        verdicts_beyond_truth=float(np.mean(upper < truth - ROUNDING)),
        covered=float(np.mean((lower <= truth + ROUNDING) & (upper >= truth - ROUNDING))),
        found=float(np.mean(upper < 0)),
        width=float(np.median(upper - lower)),
        naive_beyond_truth=float(np.mean(naive < truth)),
    )


if __name__ == "__main__":
    sys.exit(main())
