"""Hold the interval of the silo index against planted boundary effects.

    python benchmarks/silo_index.py [--samples N]

Cases of eight steps wait for one of three activities; waits of a case share a factor of its own. A wait at a boundary
is longer by a planted amount. Prints the table and writes `silo_index.md`; exit code 1 if a bar is missed: without
effect the lower limit is above 0 in at most 5 % of the samples (nominal 2.5 %), with one the 95 % interval holds the
truth in 90–98.5 % of them where there are 250 cases or more; smaller samples are shown without a bar.
"""

import argparse
import itertools
import sys
from dataclasses import dataclass
from typing import Final

import numpy as np

from environment import HERE
from potok.diagnose.silos.silo_index import Strata, estimate_silo_index

RESULTS: Final = HERE / "silo_index.md"
STEPS: Final = 8
MEANS: Final = np.array([1.0, 2.0, 3.0])  # hours, by activity
EFFECTS: Final = (0.0, 0.2, 0.5, 0.8)
CASES: Final = (60, 250, 1000)
DEPARTMENTS: Final = (2, 12)
NOISES: Final = ("exponential", "lognormal")
MOST_FALSE_ALARMS: Final = 0.05
COVERED: Final = (0.90, 0.985)
FEWEST_CASES_OF_BAR: Final = 250


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of process: the true index, and how much of it is seen."""

    truth: float
    cases: int
    departments: int
    noise: str

    @property
    def has_bar(self) -> bool:
        """Whether a bar applies."""
        return self.cases >= FEWEST_CASES_OF_BAR


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found over the samples of a cell."""

    cell: Cell
    mean: float
    covered: float
    detected: float
    width: float
    refused: float

    @property
    def failure(self) -> str:
        """What bar is missed; empty if none."""
        if not self.cell.has_bar:
            return ""
        if not self.cell.truth:
            return "false alarms" if self.detected > MOST_FALSE_ALARMS else ""
        return "" if COVERED[0] <= self.covered <= COVERED[1] else "coverage"


def draw_waits(generator: np.random.Generator, noise: str, size: tuple[int, ...]) -> np.ndarray:
    if noise == "exponential":
        return generator.exponential(1.0, size)
    return generator.lognormal(-0.5, 1.0, size)  # mean 1, a standard deviation of 1.3


def make_strata(generator: np.random.Generator, cell: Cell) -> Strata:
    size = (cell.cases, STEPS)
    activity = generator.integers(len(MEANS), size=size)
    crosses = generator.random(size) < 1 - 1 / cell.departments
    case_factor = generator.lognormal(-0.125, 0.5, (cell.cases, 1))
    extra = MEANS.mean() * cell.truth / (1 - cell.truth)
    waits = (MEANS[activity] + extra * crosses) * draw_waits(generator, cell.noise, size) * case_factor
    counts, sums = np.zeros((3, cell.cases, len(MEANS))), np.zeros((3, cell.cases, len(MEANS)))
    at = crosses.astype(int), np.broadcast_to(np.arange(cell.cases)[:, None], size), activity
    np.add.at(counts, at, 1)
    np.add.at(sums, at, waits)
    return Strata(counts, sums, tuple((code, "") for code in range(len(MEANS))))


def study(cell: Cell, samples: int) -> Outcome:
    generator = np.random.default_rng([int(cell.truth * 10), cell.cases, cell.departments, NOISES.index(cell.noise)])
    made = (make_strata(generator, cell) for _ in range(samples))
    indices = [estimate_silo_index(strata, holder="org_unit", cases=cell.cases) for strata in made]
    found = [index for index in indices if index.value is not None]
    lower = np.array([index.lower for index in found])
    upper = np.array([index.upper for index in found])
    return Outcome(
        cell,
        mean=float(np.mean([index.value for index in found])),
        covered=float(np.mean((lower <= cell.truth) & (cell.truth <= upper))),
        detected=float(np.mean(lower > 0)),
        width=float(np.mean(upper - lower)),
        refused=1 - len(found) / samples,
    )


def write_line(outcome: Outcome) -> str:
    cell = outcome.cell
    state = (outcome.failure or "held") if cell.has_bar else "no bar"
    return (
        f"| {cell.truth:.1f} | {cell.cases} | {cell.departments} | {cell.noise} | {outcome.mean:.3f} "
        f"| {outcome.width:.3f} | {outcome.covered:.1%} | {outcome.detected:.1%} | {outcome.refused:.1%} | {state} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=500)
    samples = parser.parse_args().samples
    cells = (Cell(*one) for one in itertools.product(EFFECTS, CASES, DEPARTMENTS, NOISES))
    outcomes = [study(cell, samples) for cell in cells]
    lines = [
        "# Silo index: planted and found",
        "",
        f"Made by `python benchmarks/silo_index.py --samples {samples}`: {samples} samples of each kind of process.",
        "*Beyond chance* is the share of samples whose lower limit is above 0: false alarms where the true index is 0.",
        "",
        "| true index | cases | departments | waits | mean found | width | holds it | beyond chance | refused | bar |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(write_line, outcomes),
    ]
    text = "\n".join(lines) + "\n"
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return int(any(outcome.failure for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
