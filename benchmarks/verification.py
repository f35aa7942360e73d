"""Hold whole verifications, case by case, against histories whose effect is known.

    python benchmarks/verification.py [--runs N] [--looks N]

Every run draws all cases of an agency that is held against its own past, or of six agencies in three waves of drawn
order: arrivals and durations with a season, months that wander with autocorrelation, hard and easy cases, open cases at
the look, honest and unremarkable events for all honesty checks. Then `verify_study` gives its verdict. Prints the
tables and writes `verification.md`; exit code 1 if a bar is missed. Runs are kept in
`work/verification.jsonl`, so that an interrupted study goes on; those of another code of verification do not count.

Bars, within the limits of applicability: where the true improvement is no more than the promised minimum m, `verified`
in at most 2.5 % of the runs, and the 95 % interval holds the truth in at least 93 %, both give or take two standard
errors of the simulation. Outside of the limits `verified` never. Looked at every week by a confidence sequence: ever
`verified` in at most 2.5 % of the histories.
"""

import argparse
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import sqrt
from pathlib import Path
from typing import Any, Final

import numpy as np

from environment import HERE, WORK
from kept_records import KeptRecords, identify_code
from potok.inference.estimate import Estimate
from potok.verify.arms import assign_arms
from potok.verify.designs import estimate_effect, propose_design
from potok.verify.effect import Verdict
from potok.verify.panel import make_panel
from potok.verify.protocol.model import ComparisonKind, LookKind, Protocol
from potok.verify.study import Arms, Side, Study
from potok.verify.verification import verify_study
from verification_cases import HORIZON_DAYS, World, as_study, draft_cases, make_protocol

RESULTS: Final = HERE / "verification.md"
CASES: Final = (Path(__file__), HERE / "verification_cases.py")
MOST_FALSE: Final = 0.025
LEAST_COVERED: Final = 0.93
WEEK_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of history.

    Parameters
    ----------
    name
        What it is, in words.
    world
        How cases are drawn.
    is_null
        Whether the promised minimum is set to the true improvement, so that `verified` would be false.
    is_inside
        Whether the limits of applicability hold.
    has_bar
        Whether a bar applies; histories that break an assumption are shown without one.
    """

    name: str
    world: World
    is_null: bool
    is_inside: bool
    has_bar: bool = True


def cells() -> Iterator[Cell]:
    """Yield what is tabled."""
    own, waves = ComparisonKind.OWN_PAST, ComparisonKind.WAVES
    for kind, name, change in ((own, "own past, 24 months before", 24), (waves, "six agencies in three waves", 20)):
        base = World(kind=kind, change_month=change)
        for effect in (0.0, 0.1, 0.3, 0.5):
            yield Cell(f"{name}, effect −{effect:.0%}", replace(base, effect=effect), False, True)
        yield Cell(f"{name}, effect −30 %, all of it promised", replace(base, effect=0.3), True, True)
        yield Cell(f"{name}, no effect, m = 0", replace(base, effect=0.0), True, True)
        rough = replace(base, effect=0.0, autocorrelation=0.6, wandering=0.08, season=0.25)
        yield Cell(f"{name}, no effect, m = 0, strong season and autocorrelation", rough, True, True)
        few = replace(base, effect=0.0, cases_per_month=25.0)
        yield Cell(f"{name}, no effect, m = 0, 25 cases a month", few, True, True)
        worse = replace(base, effect=0.0, autocorrelation=0.95, wandering=0.15)
        yield Cell(f"{name}, no effect, m = 0, almost a random walk", worse, True, True, has_bar=False)
    short = World(kind=own, change_month=12, months=24, effect=0.5)
    yield Cell("own past, 12 months before, effect −50 %", short, False, False)


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of the runs of a cell; shares of runs."""

    cell: Cell
    runs: int
    truth: float
    verdicts: dict[Verdict, int]
    covered: float
    width: float
    naive: float

    @property
    def verified(self) -> float:
        """Share that was verified."""
        return self.verdicts.get(Verdict.VERIFIED, 0) / self.runs

    @property
    def misses(self) -> list[str]:
        """Bars that are missed."""
        if not self.cell.has_bar:
            return []
        if not self.cell.is_inside:
            return [f"{self.cell.name}: verified outside the limits"] if self.verified > 0 else []
        found = []
        if self.cell.is_null and self.verified > MOST_FALSE + 2 * sqrt(MOST_FALSE * (1 - MOST_FALSE) / self.runs):
            found.append(f"{self.cell.name}: {self.verified:.1%} falsely verified")
        if self.covered < LEAST_COVERED - 2 * sqrt(LEAST_COVERED * (1 - LEAST_COVERED) / self.runs):
            found.append(f"{self.cell.name}: coverage {self.covered:.1%}")
        return found


def run_cell(cell: Cell, kept: KeptRecords, *, runs: int, code: str) -> Tally:
    """Verify many histories of one kind."""
    keys = [f"{code}|{cell.name}|{run}" for run in range(runs)]
    records = [kept.records.get(key) or kept.put(run_one(key, cell, run)) for run, key in enumerate(keys)]
    verdicts = Counter(Verdict(one["verdict"]) for one in records)
    answered = [one for one in records if one["interval"] is not None]
    covered = sum(one["interval"][0] <= one["truth"] <= one["interval"][1] for one in answered)
    width = float(np.median([one["interval"][1] - one["interval"][0] for one in answered]))
    naive = sum(one["naive"] for one in records)
    truth = float(np.mean([one["truth"] for one in records]))
    return Tally(cell, runs, truth, verdicts, covered / runs, width, naive / runs)


def run_one(key: str, cell: Cell, run: int) -> dict[str, Any]:
    """Verify one history."""
    generator = np.random.default_rng([zlib.crc32(cell.name.encode()), run])
    draft = draft_cases(cell.world, generator)
    study, protocol = as_study(draft, generator), make_protocol(draft)
    arms = assign_arms(study, protocol)
    truth = true_improvement(arms, cell.world.effect)
    if cell.is_null:
        protocol = replace(protocol, estimand=replace(protocol.estimand, minimum_improvement=max(truth, 0.0)))
    effect = verify_study(study, protocol).effect
    one = effect.estimate and effect.estimate.improvement
    return {
        "key": key,
        "verdict": effect.decision.verdict.value,
        "truth": truth,
        "interval": None if one is None else [one.lower, one.upper],
        "naive": bool(naive_lower(arms) > protocol.estimand.minimum_improvement),
    }


def true_improvement(arms: Arms, effect: float) -> float:
    """Return by how many days the change truly shortened the cases after it, both worlds up to the horizon.

    Months count alike for the own past; for waves, those in which somebody had not changed yet count by their cases,
    which differ so little here that the mean over cases stands for both.
    """
    after = arms.side == Side.AFTER
    went = arms.outcome[after]
    known = went[went < HORIZON_DAYS]
    if effect == 0 or not len(known):
        return 0.0
    without = np.minimum(known / (1 - effect), HORIZON_DAYS)
    # Cases that reached the horizon even so would have reached it without the change, too.
    return float((without - known).sum() / len(went))


def naive_lower(arms: Arms) -> float:
    """Return the lower limit of the plain difference before less after, cases taken as independent."""
    before, after = (arms.outcome[arms.side == side] for side in (Side.BEFORE, Side.AFTER))
    error = sqrt(before.var(ddof=1) / len(before) + after.var(ddof=1) / len(after))
    return float(before.mean() - after.mean() - 1.96 * error)


@dataclass(frozen=True, slots=True)
class Looks:
    """What came of looking every week: shares of histories."""

    name: str
    runs: int
    looks: float
    ever_sequence: float
    ever_single: float

    @property
    def misses(self) -> list[str]:
        """Bars that are missed."""
        limit = MOST_FALSE + 2 * sqrt(MOST_FALSE * (1 - MOST_FALSE) / self.runs)
        return [f"{self.name}: ever {self.ever_sequence:.1%}"] if self.ever_sequence > limit else []


def look_weekly(name: str, world: World, kept: KeptRecords, *, runs: int, code: str) -> Looks:
    """Look at histories without effect every week from the first day on which the protocol allows it."""
    world = replace(world, effect=0.0)
    keys = [f"{code}|weekly|{name}|{run}" for run in range(runs)]
    records = [kept.records.get(key) or kept.put(look_at_one(key, name, world, run)) for run, key in enumerate(keys)]
    means = (float(np.mean([one[what] for one in records])) for what in ("looks", LookKind.SEQUENCE, LookKind.FIXED))
    return Looks(name, runs, *means)


def look_at_one(key: str, name: str, world: World, run: int) -> dict[str, Any]:
    """Look at one history every week; whether any look found more than nothing, by kind of look."""
    generator = np.random.default_rng([zlib.crc32(name.encode()), run])
    draft = draft_cases(world, generator)
    seeds = generator.integers(1 << 32)
    weeks = range(-(world.months - world.change_month - 6) * 30, 1, WEEK_DAYS)
    found = dict.fromkeys((LookKind.SEQUENCE, LookKind.FIXED), False)
    for offset in weeks:
        draft.look_offset_days = offset
        study = as_study(draft, np.random.default_rng(seeds))
        for kind in found:
            found[kind] |= _is_above(study, make_protocol(draft), kind)
    return {"key": key, "looks": len(weeks), **{kind.value: was_found for kind, was_found in found.items()}}


def _is_above(study: Study, protocol: Protocol, kind: LookKind) -> bool:
    protocol = replace(protocol, look=replace(protocol.look, kind=kind))
    arms = assign_arms(study, protocol)
    panel = make_panel(study, arms)
    answer = estimate_effect(study, arms, panel, protocol, choice=propose_design(panel, protocol))
    improvement: Estimate | None = answer.estimate and answer.estimate.improvement
    return improvement is not None and improvement.lower > 0


def render(tallies: list[Tally], looks: list[Looks]) -> str:
    """Return the report."""
    lines = [
        "# Whole verifications against known effects",
        "",
        "Made by `python benchmarks/verification.py`. Improvements in days, up to a horizon of 60; m is one day where",
        "it is not said otherwise. *Naive* is how often the plain difference between the means before and after, with",
        "its usual interval, would have claimed more than m.",
        "",
        "| history | runs | true | verified | not verified | harm | cannot tell | coverage | width, days | naive |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in tallies:
        shares = [
            one.verdicts.get(verdict, 0) / one.runs
            for verdict in (Verdict.VERIFIED, Verdict.NOT_VERIFIED, Verdict.HARM_TO_QUALITY, Verdict.CANNOT_TELL_YET)
        ]
        mark = "" if one.cell.has_bar else " (assumption violated, no bar)"
        cells_ = [f"{share:.1%}" for share in shares]
        lines.append(
            f"| {one.cell.name}{mark} | {one.runs} | {one.truth:.2f} | {' | '.join(cells_)} | {one.covered:.1%} "
            f"| {one.width:.1f} | {one.naive:.1%} |"
        )
    lines += [
        "",
        "## Looked at every week, no effect, m = 0",
        "",
        "Share of histories in which any look found more than nothing: by the confidence sequence, and by the interval",
        "of a single day.",
        "",
        "| history | runs | looks | sequence | single interval |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.name} | {one.runs} | {one.looks:.0f} | {one.ever_sequence:.1%} | {one.ever_single:.1%} |"
        for one in looks
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=120)
    parser.add_argument("--looks", type=int, default=60, help="histories that are looked at every week")
    options = parser.parse_args()
    kept = KeptRecords(WORK / "verification.jsonl")
    code = identify_code("verify", "inference", also=CASES)
    tallies = []
    for cell in cells():
        tallies.append(run_cell(cell, kept, runs=options.runs, code=code))
        one = tallies[-1]
        print(
            f"{cell.name}: true {one.truth:.2f}, {one.verdicts}, covered {one.covered:.1%}, naive {one.naive:.1%}",
            flush=True,
        )
    looks = [look_weekly("own past, 24 months before", World(months=42), kept, runs=options.looks, code=code)]
    report = render(tallies, looks)
    misses = [miss for one in (*tallies, *looks) for miss in one.misses]
    report += "\n" + ("\n".join(f"- missed: {miss}" for miss in misses) if misses else "All bars are held.") + "\n"
    RESULTS.write_text(report, encoding="utf-8")
    print(report)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
