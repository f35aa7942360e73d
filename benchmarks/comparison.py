"""Comparison against planted truth: coverage of the parts, false verdicts, and rules out of chance.

Run with ``python benchmarks/comparison.py``. The table is printed and written to ``benchmarks/comparison.md``; the exit
code is 1 if a bar is missed.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from potok.diagnose.comparison.causes import CauseVerdict, Question, Target, find_causes
from potok.diagnose.comparison.facts import Fact
from potok.diagnose.comparison.population import Population
from potok.inference.decomposition import decompose
from potok.inference.multiplicity import holm
from potok.inference.shrinkage import pool_groups

RUNS = 300
LEAST, MOST = 0.92, 0.98
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `holds` is None where there is no bar."""

    what: str
    figure: str
    bar: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Outcome, group, kind (six of them) and week of each case."""

    outcome: np.ndarray
    group: np.ndarray
    kind: np.ndarray
    week: np.ndarray

    def design(self, *, products: bool) -> np.ndarray:
        """Return indicators of the two covariates, with or without their products."""
        level, flag = self.kind // 2, self.kind % 2 == 1
        columns = [level == 1, level == 2, flag]
        columns += [flag & (level == 1), flag & (level == 2)] if products else []
        return np.stack(columns, axis=1).astype(float)


def draw(generator: np.random.Generator, count: int, *, effect: float, shock: float) -> Drawn:
    level = generator.choice(3, count, p=[0.5, 0.3, 0.2])
    flag = generator.random(count) < 0.4
    chance = np.array([0.1, 0.3, 0.6])[level] * np.where(flag, 1.3, 0.8)
    group = generator.random(count) < chance
    week = generator.integers(0, 50, count)
    shocks = generator.normal(0, shock, (50, 2))[week, group.astype(int)]
    mean = np.array([10.0, 20.0, 35.0])[level] + 6 * flag + 4 * (flag & (level == 2))
    outcome = np.minimum(generator.gamma(2, mean / 2), 120) + effect * group + shocks
    return Drawn(outcome, group, 2 * level + flag, week)


def truth(effect: float) -> np.ndarray:
    drawn = draw(np.random.default_rng(99), 2_000_000, effect=effect, shock=0)
    others = ~drawn.group
    means = np.array([drawn.outcome[(drawn.kind == kind) & others].mean() for kind in range(6)])
    own, other = drawn.outcome[drawn.group].mean(), drawn.outcome[others].mean()
    middle = means[drawn.kind[drawn.group]].mean()
    return np.array([own - other, middle - other, own - middle])


def coverage() -> Iterator[Row]:
    for count, effect, shock, products in (
        (300, 5.0, 3.0, True),
        (1000, 0.0, 0.0, True),
        (1000, 5.0, 3.0, True),
        (3000, 5.0, 3.0, True),
        (1000, 5.0, 3.0, False),
    ):
        generator, true = np.random.default_rng(1), truth(effect)
        inside, values = np.zeros(3), []
        for _run in range(RUNS):
            drawn = draw(generator, count, effect=effect, shock=shock)
            design = drawn.design(products=products)
            found = decompose(drawn.outcome, drawn.group, design, clusters=drawn.week)
            parts = (found.total, found.explained, found.unexplained)
            inside += [part.lower <= value <= part.upper for part, value in zip(parts, true, strict=True)]
            values.append([part.value for part in parts])
        rates, bias = inside / RUNS, np.mean(values, axis=0) - true
        name = f"{count:,} cases, planted effect {effect:g}, weekly shocks {shock:g}"
        name += "" if products else ", products of covariates left out"
        figure = " / ".join(f"{rate:.3f} (bias {off:+.2f})" for rate, off in zip(rates, bias, strict=True))
        bar = f"{LEAST}–{MOST}" if products else "– (model wrong)"
        held = bool(np.all((rates >= LEAST) & (rates <= MOST))) if products else None
        yield Row(f"coverage of total / explained / unexplained: {name}", figure, bar, held)


def pooling() -> Iterator[Row]:
    generator = np.random.default_rng(2)
    inside, false = [], []
    for _run in range(1000):
        errors = generator.uniform(0.5, 3, 12)
        true = generator.normal(0, 2, 12)
        found = pool_groups(true + errors * generator.standard_normal(12), errors)
        inside += [one.lower <= value <= one.upper for one, value in zip(found.values, true, strict=True)]
        noise = generator.standard_normal(12)
        false.append(bool((holm(2 * (1 - normal_share(np.abs(noise)))) <= 0.05).any()))
    rate, alarms = float(np.mean(inside)), float(np.mean(false))
    yield Row("coverage of pooled values, 12 groups", f"{rate:.3f}", f"{LEAST}–{MOST}", LEAST <= rate <= MOST)
    yield Row("any false verdict among 12 equal groups", f"{alarms:.3f}", "≤ 0.05 (+3 SE: 0.071)", alarms <= 0.071)


def normal_share(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def causes() -> Iterator[Row]:
    generator = np.random.default_rng(3)
    for name, risk, wanted in (("nothing planted", 0.0, False), ("a planted cause, 10 % against 40 %", 0.3, True)):
        held = []
        for _run in range(RUNS):
            kind = generator.random(800) < 0.3
            late = generator.random(800) < 0.1 + risk * kind
            others = [Fact(f"attr:x{n}", tuple(generator.choice(["a", "b", "c"], 800).tolist())) for n in range(5)]
            facts = (Fact("attr:kind", tuple(np.where(kind, "hard", "easy").tolist())), *others)
            people = population(facts, generator)
            question = Question(Target.LATE, np.ones(800, bool), late, "answer")
            held.append(find_causes(people, question, zone="UTC").verdict is CauseVerdict.RULES_HOLD)
        rate = float(np.mean(held))
        bar, holds = ("≥ 0.90", rate >= 0.9) if wanted else ("≤ 0.05", rate <= 0.05)
        yield Row(f"rules said to hold: {name}", f"{rate:.3f} of {RUNS}", bar, holds)


def population(facts: tuple[Fact, ...], generator: np.random.Generator) -> Population:
    opened = np.sort(generator.integers(0, 365, 800)) * DAY_US
    zeros = np.zeros(800, np.int64)
    return Population(
        case=np.arange(800),
        log=zeros,
        opened_us=opened,
        lead_us=zeros + DAY_US,
        age_us=900 * DAY_US - opened,
        is_closed=np.ones(800, bool),
        group=zeros,
        labels=("all",),
        path=zeros,
        paths=(("Register", "Close"),),
        facts=facts,
        load=generator.integers(0, 40, 800),
        closed_only=False,
        unwatched_cases=0,
    )


def main() -> int:
    rows: list[Row] = []
    for section in (coverage, pooling, causes):
        for row in section():
            print(f"{row.what}: {row.figure} [{row.bar}]", flush=True)
            rows.append(row)
    words = {True: "yes", False: "**no**", None: "–"}
    lines = ["# Comparison: planted mix, planted differences, planted causes", ""]
    lines += ["Written by `python benchmarks/comparison.py`. Nominal coverage is 0.95.", ""]
    lines += ["| what | figure | bar | held |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.figure} | {row.bar} | {words[row.holds]} |" for row in rows]
    Path(__file__).with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return int(any(row.holds is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
