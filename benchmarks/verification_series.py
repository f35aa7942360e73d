"""Interrupted time series of made-up services: how often an improvement is believed that is not there.

    python benchmarks/verification_series.py [--runs N] [--seed S]

Writes verification_series.md beside itself; exit code 1 if a bar is missed.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from scipy.special import stdtrit

from potok.inference.interrupted_series import conformal_interval, hac_interruption
from potok.inference.interrupted_series.dependence import Future, Sample
from potok.inference.interrupted_series.effects import forecast_months
from potok.inference.interrupted_series.months import arrange_months
from potok.inference.interrupted_series.restricted_maximum import maximise
from verification_series_worlds import Runs, World, draw

RUNS: Final = 500
BATCH: Final = 10
"""Series at a time: more would not fit the processor's cache."""
SHARE_BESIDE: Final = 0.25
"""Of the runs in which the other methods are looked at, too."""
EFFECTS: Final = (0.0, -0.1, -0.3, -0.5)
BEFORE, AFTER, AUTOCORRELATIONS = (12, 24, 36), (6, 12), (0.0, 0.3, 0.6)
FEWEST_BEFORE: Final = 24
"""The limit of applicability: below it nothing is verified, whatever the interval."""
LEVEL: Final = 0.025
LEAST_COVERAGE: Final = 0.93
FAULTS: Final = (
    ("autocorrelation .9", 0.9),
    ("slope bends before", 0.3),
    ("break elsewhere", 0.3),
    ("heavy tails", 0.3),
    ("noisier afterwards", 0.3),
    ("shock to all at the change", 0.3),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """What came out in one world.

    Parameters
    ----------
    world
        Which.
    runs
        How many.
    false
        For each effect: share of runs with L > m where the true improvement is m.
    coverage
        For each effect: share of runs whose interval holds it.
    power
        For each effect: share of runs with L > 0.
    half_width
        Median, without an effect, as a share of the mean duration.
    beside
        Share of runs with L > 0 where nothing improved, by method.
    """

    world: World
    runs: int
    false: tuple[float, ...]
    coverage: tuple[float, ...]
    power: tuple[float, ...]
    half_width: float
    beside: dict[str, float]

    @property
    def is_inside(self) -> bool:
        """Whether the bars apply."""
        return self.world.before >= FEWEST_BEFORE and not self.world.fault

    @property
    def most_false(self) -> float:
        """The bar: 2.5 % and two Monte-Carlo standard errors."""
        return LEVEL + 2 * math.sqrt(LEVEL * (1 - LEVEL) / self.runs)

    @property
    def holds(self) -> bool:
        """Whether both bars are held."""
        return max(self.false) <= self.most_false and min(self.coverage) >= LEAST_COVERAGE


def study(world: World, *, runs: int, generator: np.random.Generator) -> Cell:
    """Draw a world's runs and judge all effects on the same draws."""
    drawn = draw(world, runs=runs, generator=generator)
    at_truth, at_zero, widths = _judged(world, drawn)
    return Cell(
        world=world,
        runs=runs,
        # An improvement is a fall: L > m where the upper limit of the change lies below −m.
        false=tuple((at_truth > 1 - LEVEL).mean(axis=1).tolist()),
        coverage=tuple(((at_truth >= LEVEL) & (at_truth <= 1 - LEVEL)).mean(axis=1).tolist()),
        power=tuple((at_zero > 1 - LEVEL).mean(axis=1).tolist()),
        half_width=float(np.median(widths) / 2 / drawn.expected.mean()),
        beside=_beside(world, drawn, count=max(int(runs * SHARE_BESIDE), 20)),
    )


def _judged(world: World, drawn: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the true effect and nothing lie in each run's mixture (effects, R), and the interval's length (R,).

    A limit lies beyond a value exactly where the mixture's probability below the value passes its level. What is
    forecast does not depend on the effect, so that each run is fitted once.
    """
    changed = [drawn.changed(world, effect) for effect in EFFECTS]
    parts, widths = [], []
    for start in range(0, len(drawn.means), BATCH):
        rows = slice(start, start + BATCH)
        sample, future, expected = _laid_out(world, drawn, rows)
        found = forecast_months(sample, future)
        for_effects = []
        for runs, truth in changed:
            beyond = runs.means[rows, world.before :] - expected
            mixture = found.effect(0, values=beyond, sampling=runs.sampling[rows, world.before :])
            if not truth:
                widths.append(mixture.quantile(1 - LEVEL) - mixture.quantile(LEVEL))
            for_effects.append([mixture.below(np.full(len(beyond), value)) for value in (truth, 0.0)])
        parts.append(np.array(for_effects))
    whole = np.concatenate(parts, axis=2)
    return whole[:, 0], whole[:, 1], np.concatenate(widths)


def _laid_out(world: World, drawn: Runs, rows: slice) -> tuple[Sample, Future, np.ndarray]:
    """Return what `estimate_interruption` would fit, for many runs, and their straight continuation (R, m)."""
    months = arrange_months(drawn.means[0], is_after=_is_after(world), variances=None, season_months=_season(world))
    before = drawn.means[rows, : world.before]
    lines = np.linalg.lstsq(months.design_before, before.T, rcond=None)[0]
    sample = Sample(
        months.before,
        before - (months.design_before @ lines).T,
        drawn.sampling[rows, : world.before],
        months.design_before,
    )
    contrast = np.full((1, world.after), 1 / world.after)
    return sample, Future(months.after, months.design_after, contrast), (months.design_after @ lines).T


def _beside(world: World, drawn: Runs, *, count: int) -> dict[str, float]:
    """Return how often each other method believes in an improvement where there is none."""
    sample, future, expected = _laid_out(world, drawn, slice(0, count))
    after, sampling = drawn.means[:count, world.before :], drawn.sampling[:count, world.before :]
    reml = maximise(sample, future, sampling=(sampling.sum(axis=1) / world.after**2)[:, None])
    change = (after - expected).mean(axis=1) - reml.mean[:, 0]
    reach = stdtrit(reml.degrees[:, 0], 1 - LEVEL) * np.sqrt(reml.variance[:, 0])
    options = {"is_after": _is_after(world), "season_months": _season(world)}
    series = drawn.means[:count]
    pairs = list(zip(series, drawn.sampling[:count], strict=True))
    hac = [hac_interruption(values, variances=variances, **options).effect.upper < 0 for values, variances in pairs]
    conformal = [conformal_interval(values, **options).upper < 0 for values in series]
    return {
        "REML": float((change + reach < 0).mean()),
        "conformal": float(np.mean(conformal)),
        "Newey–West": float(np.mean(hac)),
        "before/after": float(np.mean(_welch_upper(series[:, : world.before], after) < 0)),
    }


def _welch_upper(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the upper limit of the plain difference of months, by Welch's t-test."""
    parts = [side.var(axis=1, ddof=1) / side.shape[1] for side in (before, after)]
    whole = parts[0] + parts[1]
    degrees = whole**2 / sum(part**2 / (side.shape[1] - 1) for part, side in zip(parts, (before, after), strict=True))
    return after.mean(axis=1) - before.mean(axis=1) + stdtrit(degrees, 1 - LEVEL) * np.sqrt(whole)


def _is_after(world: World) -> np.ndarray:
    return np.arange(world.before + world.after) >= world.before


def _season(world: World) -> np.ndarray | None:
    return world.calendar if world.has_season else None


def worlds() -> Iterator[World]:
    """Return all cells, those with violated assumptions last."""
    for before, after, rho, season, over in product(BEFORE, AFTER, AUTOCORRELATIONS, (False, True), (False, True)):
        yield World(before, after, rho, season, over)
    for (fault, rho), before in product(FAULTS, (24, 36)):
        yield World(before, 12, rho, has_season=True, is_overdispersed=False, fault=fault)


def write(cells: list[Cell], path: Path) -> None:
    """Write the tables."""
    runs = cells[0].runs
    inside = [cell for cell in cells if cell.is_inside]
    worst, least = max(max(cell.false) for cell in inside), min(min(cell.coverage) for cell in inside)
    missed = [cell for cell in inside if not cell.holds]
    lines = [
        "# Interrupted time series: false improvements, coverage, power",
        "",
        "Written by `python benchmarks/verification_series.py`. Made-up services with 200 cases a month, whose",
        "durations (gamma, mean 30 days, falling 0.2 % a month anyway) share a dependent process (10 % of the mean; ρ",
        "below). *Season*: holidays and year's end, ±12 %; the calendar is given to the methods. *Over*: counts with",
        "a coefficient of variation of a half, and a shock of 8 % to each month. Sampling variances are those that the",
        "cases show. The change multiplies all durations after it.",
        "",
        "*False*: share of runs with L > m where the true improvement is m, for improvements of 0, 10, 30, 50 %.",
        "*Coverage*: the least over these effects. *Power*: L > 0 at 30 and at 50 %. *Half width*: median half of the",
        "95 % interval, as a share of the mean. *Beside*: L > 0 without any effect, by REML with Satterthwaite's",
        "degrees, conformal interval, Newey–West, and a t-test of months before and after",
        f"({max(int(runs * SHARE_BESIDE), 20)} runs each).",
        "",
        f"{runs:,} runs per row. Bars, from {FEWEST_BEFORE} months before the change on: false ≤ 2.5 % and two",
        f"Monte-Carlo standard errors, {cells[0].most_false:.1%}; coverage ≥ {LEAST_COVERAGE:.0%}.",
        f"Most false {worst:.1%}, least coverage {least:.1%}, in {len(inside)} rows; bars missed in {len(missed)}.",
        "",
        "Improvements believed where nothing improved, on average over these rows:",
        "",
        *_averages(inside),
        "",
        "## Rows",
        "",
        *_table([cell for cell in cells if not cell.world.fault]),
        "",
        "## Violated assumptions",
        "",
        "No bars: no method can hold them here; the honesty checks and the placebo in time are there for it.",
        "",
        *_table([cell for cell in cells if cell.world.fault]),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _averages(inside: list[Cell]) -> list[str]:
    names = list(inside[0].beside)
    lines = [f"| ρ | Potok | {' | '.join(names)} |", "|" + "---|" * (len(names) + 2)]
    for rho in AUTOCORRELATIONS:
        chosen = [cell for cell in inside if cell.world.autocorrelation == rho]
        shares = [np.mean([cell.false[0] for cell in chosen])]
        shares += [np.mean([cell.beside[name] for cell in chosen]) for name in names]
        lines.append(f"| {rho:g} | {' | '.join(f'{share:.1%}' for share in shares)} |")
    return lines


def _table(cells: list[Cell]) -> list[str]:
    has_faults = any(cell.world.fault for cell in cells)
    names = ("before", "after", "ρ", "violated" if has_faults else "season, over", "false at 0 / 10 / 30 / 50 %")
    names = (*names, "coverage", "power", "half width", "beside: " + ", ".join(cells[0].beside), "held")
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    for cell in cells:
        world = cell.world
        kind = world.fault or ", ".join([*["season"] * world.has_season, *["over"] * world.is_overdispersed]) or "–"
        held = ("yes" if cell.holds else "**no**") if cell.is_inside else "–"
        columns = (
            f"{world.before}",
            f"{world.after}",
            f"{world.autocorrelation:g}",
            kind,
            _shares(cell.false),
            f"{min(cell.coverage):.1%}",
            _shares(cell.power[2:], digits=0),
            f"{cell.half_width:.0%}",
            _shares(tuple(cell.beside.values())),
            held,
        )
        lines.append(f"| {' | '.join(columns)} |")
    return lines


def _shares(shares: tuple[float, ...], *, digits: int = 1) -> str:
    return " / ".join(f"{share * 100:.{digits}f}" for share in shares)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    cells = []
    for number, world in enumerate(worlds()):
        began = time.process_time()
        cell = study(world, runs=options.runs, generator=np.random.default_rng([options.seed, number]))
        cells.append(cell)
        print(f"{_table([cell])[-1]} {time.process_time() - began:.1f} s", flush=True)
    write(cells, Path(__file__).with_suffix(".md"))
    print(f"{time.process_time():.0f} CPU s")
    return int(any(cell.is_inside and not cell.holds for cell in cells))


if __name__ == "__main__":
    sys.exit(main())
