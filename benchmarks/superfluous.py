"""Superfluous steps on generated processes of known truth: what is named, what is missed, what an oracle would find.

    python benchmarks/superfluous.py [--runs 600] [--quick]

Prints the tables and writes benchmarks/superfluous.md; the exit code is 1 if a bar is missed. Bars:

- a *useful* step (true harm at the margin, the hardest case) is named a removal candidate in at most 5 % of runs in
  every cell whose hidden confounding lies within the declared bound;
- an *inert* step is named in at least 80 % of runs in cells in which an oracle that knows the propensities, and applies
  the same rule, finds it in at least 90 %;
- intervals of 95 % cover the truth in 93–97 % of the runs that offer one, in every cell in which most runs do; a cell
  that does not is drawn anew with five times the runs, and the second figure counts.

Everything that is judged comes out of the same functions that judge a log.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from potok.diagnose.superfluous.continuation import InformationGate, ReactionGate
from potok.diagnose.superfluous.declaration import Indicator, LegalStatus, Safeguard, StepRules
from potok.diagnose.superfluous.legal import LegalGate
from potok.diagnose.superfluous.quality import QualityGate, SkippersGate, compare_samples
from potok.diagnose.superfluous.reasons import Verdict
from potok.diagnose.superfluous.verdicts import Gates, judge
from potok.inference.aipw import Nuisances, bound_harm, fit_nuisances
from potok.inference.noninferiority import p_value_at
from potok.inference.power import ONE_SIDED_LEVEL
from potok.inference.proportions import clopper_pearson
from superfluous_processes import GOING_WRONG, Drawn, Kind, Process, draw

SIZES: Final = (500, 2_000, 5_000, 20_000)
MARGINS: Final = (0.02, 0.05, 0.1)
SKIPPERS: Final = (0.05, 0.1, 0.3)
DECLARED_GAMMA: Final = 1.5
SEVERITY: Final = 1.0
ACCEPTABLE_LOSS: Final = 0.01
MOST_NAMED: Final = 0.05
LEAST_FOUND: Final = 0.8
ORACLE_POWER: Final = 0.9
COVERAGE: Final = (0.93, 0.97)
AGAIN: Final = 5
AGAIN_SEED: Final = 999_001
OUTPUT: Final = Path(__file__).with_suffix(".md")


@dataclass(frozen=True, slots=True)
class Cell:
    """Shares of the runs of one cell.

    Parameters
    ----------
    named, named_by_quality
        Named a removal candidate, by all gates and if quality alone decided.
    oracle
        Shown not to be worse by an oracle that knows the propensities.
    pilot
        Answered with "pilot first".
    offered, covered
        With an interval, and of these the share that covers the truth.
    """

    process: Process
    runs: int
    named: float
    named_by_quality: float
    oracle: float
    pilot: float
    offered: float
    covered: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run."""

    is_named: bool
    is_shown: bool
    is_shown_to_oracle: bool
    is_pilot: bool
    interval: tuple[float, float] | None


def assess(process: Process, drawn: Drawn, fitted: Nuisances | None) -> Outcome:
    """Judge one log as Potok does, and as the oracle does; `fitted` is None where one arm is empty."""
    indicator = Indicator("goes wrong", activities=("wrong",), margin_share=process.margin)
    overlap, quality = compare_samples([drawn.sample], (indicator,), gamma=process.declared_gamma, fitted=[fitted])
    gates = _gates(process, drawn, quality, overlap)
    rules = StepRules(indicators=(indicator,), gamma=process.declared_gamma, acceptable_loss=ACCEPTABLE_LOSS)
    verdict = judge(gates, rules, severity=SEVERITY).verdict
    test = quality.tests[0]
    return Outcome(
        is_named=verdict is Verdict.REMOVAL_CANDIDATE,
        is_shown=quality.p_value is not None and quality.p_value < ONE_SIDED_LEVEL,
        is_shown_to_oracle=_oracle_shows(process, drawn, fitted),
        is_pilot=verdict is Verdict.PILOT_FIRST,
        interval=None if test.harm is None else (test.harm.lower, test.harm.upper),
    )


def _gates(process: Process, drawn: Drawn, quality: QualityGate, overlap: object) -> Gates:
    skipped = int(drawn.sample.counts[drawn.sample.is_skipped].sum())
    rate = clopper_pearson(drawn.altered, drawn.runs)
    return Gates(
        information=InformationGate("result", None, None, drawn.runs, "result_never_varies"),
        reaction=ReactionGate("result", True, drawn.runs, drawn.runs, drawn.altered, rate, 0, np.zeros(0, np.int64)),
        skippers=SkippersGate(process.cases, clopper_pearson(skipped, process.cases), overlap, 0.0, 0, 0, ()),
        quality=quality,
        legal=LegalGate(
            LegalStatus.BOUND if process.kind is Kind.BOUND else LegalStatus.FREE,
            ("art. 1",) if process.kind is Kind.BOUND else (),
            (Safeguard.FRAUD,) if process.kind is Kind.SAFEGUARD else (),
            (),
        ),
    )


def _oracle_shows(process: Process, drawn: Drawn, fitted: Nuisances | None) -> bool:
    if fitted is None:
        return False
    sample = drawn.sample
    known = Nuisances(drawn.propensity, fitted.risk_if_skipped, fitted.risk_if_performed)
    worst = bound_harm(sample, known, gamma=process.declared_gamma)
    return p_value_at(worst, process.margin) < ONE_SIDED_LEVEL


def run_cells(processes: list[Process], *, runs: int, seed: int) -> list[Cell]:
    """Run processes that differ in what is declared only on the same draws."""
    outcomes: list[list[Outcome]] = [[] for _process in processes]
    for number in range(runs):
        drawn = draw(processes[0], np.random.default_rng([seed, number]))
        has_both = drawn.sample.is_skipped.any() and not drawn.sample.is_skipped.all()
        fitted = fit_nuisances(drawn.sample) if has_both else None
        for held, process in zip(outcomes, processes, strict=True):
            held.append(assess(process, drawn, fitted))
    return [_cell(process, held) for process, held in zip(processes, outcomes, strict=True)]


def _cell(process: Process, outcomes: list[Outcome]) -> Cell:
    seen = 0.0 if process.kind is Kind.DETERRENT else process.harm
    intervals = [outcome.interval for outcome in outcomes if outcome.interval]
    covered = [lower <= seen <= upper for lower, upper in intervals]
    return Cell(
        process,
        len(outcomes),
        named=float(np.mean([outcome.is_named for outcome in outcomes])),
        named_by_quality=float(np.mean([outcome.is_shown for outcome in outcomes])),
        oracle=float(np.mean([outcome.is_shown_to_oracle for outcome in outcomes])),
        pilot=float(np.mean([outcome.is_pilot for outcome in outcomes])),
        offered=len(intervals) / len(outcomes),
        covered=float(np.mean(covered)) if covered else float("nan"),
    )


def processes_of(kind: Kind) -> Iterator[list[Process]]:
    """Return groups of processes; those of a group differ in what is declared only."""
    for cases, skippers in product(SIZES, SKIPPERS):
        base = Process(kind, cases, MARGINS[0], skippers)
        if kind is Kind.INERT:
            yield [
                replace(base, margin=margin, declared_gamma=gamma)
                for margin, gamma in product(MARGINS, (1.0, DECLARED_GAMMA))
            ]
        elif kind is Kind.RARE:
            yield [replace(base, margin=0.005, harm=0.005, altered_share=0.005)]
        elif kind in (Kind.SAFEGUARD, Kind.BOUND):
            yield [replace(base, margin=MARGINS[-1])]
        else:
            for margin in MARGINS:
                yield [_harmful(base, kind, margin)]


def _harmful(base: Process, kind: Kind, margin: float) -> Process:
    held = replace(base, margin=margin, harm=margin, altered_share=margin)
    if kind is Kind.CONFOUNDED:
        return replace(held, gamma=DECLARED_GAMMA, declared_gamma=DECLARED_GAMMA, safe_share_gap=1.0)
    if kind is Kind.BEYOND:
        return replace(held, gamma=4.0, declared_gamma=1.0, safe_share_gap=1.0)
    if kind is Kind.DETERRENT:
        return replace(held, altered_share=0.0)
    return held


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and the cells that miss it."""

    statement: str
    cells: int
    worst: float
    missed: tuple[str, ...]


def judged_for_coverage(cells: list[Cell]) -> list[Cell]:
    """Return the cells whose intervals are to cover the truth; draws that serve several declarations count once."""
    unconfounded = (Kind.INERT, Kind.USEFUL, Kind.RARE)
    plain = [cell for cell in cells if cell.process.kind in unconfounded and cell.offered >= 0.5]
    return [cell for cell in plain if cell.process.kind is not Kind.INERT or _is_first(cell.process)]


def judge_bars(cells: list[Cell]) -> list[Bar]:
    """Hold the cells against the bars."""
    useful = [cell for cell in cells if cell.process.kind in (Kind.USEFUL, Kind.RARE, Kind.CONFOUNDED)]
    kept = [cell for cell in cells if cell.process.kind in (Kind.SAFEGUARD, Kind.BOUND)]
    inert = [cell for cell in cells if cell.process.kind is Kind.INERT and cell.oracle >= ORACLE_POWER]
    plain = judged_for_coverage(cells)
    low, high = COVERAGE
    return [
        _bar("useful, named by all gates ≤ 5 %", useful, lambda c: c.named, lambda v: v <= MOST_NAMED, max),
        _bar("useful, quality alone ≤ 5 %", useful, lambda c: c.named_by_quality, lambda v: v <= MOST_NAMED, max),
        _bar("inert, found ≥ 80 % where the oracle ≥ 90 %", inert, lambda c: c.named, lambda v: v >= LEAST_FOUND, min),
        _bar("safeguards and bound steps never named", kept, lambda c: c.named, lambda v: v == 0, max),
        _bar("coverage at least 93 %", plain, lambda c: c.covered, lambda v: v >= low, min),
        _bar("coverage at most 97 %", plain, lambda c: c.covered, lambda v: v <= high, max),
    ]


def _is_first(process: Process) -> bool:
    return process.margin == MARGINS[0] and process.declared_gamma == 1.0


def _bar(statement, cells, figure, holds, worst):
    missed = tuple(f"{_name(cell.process)}: {figure(cell):.3f}" for cell in cells if not holds(figure(cell)))
    return Bar(statement, len(cells), worst((figure(cell) for cell in cells), default=float("nan")), missed)


def _name(process: Process) -> str:
    return (
        f"{process.kind}, n {process.cases}, margin {process.margin:g}, skippers {process.skipper_share:g}, "
        f"Γ {process.declared_gamma:g}"
    )


def measure_again(cells: list[Cell], *, runs: int) -> list[Cell]:
    """Draw cells whose coverage left its range anew: by chance alone a few of so many do."""
    low, high = COVERAGE
    doubtful = [cell for cell in judged_for_coverage(cells) if not low <= cell.covered <= high]
    return [run_cells([cell.process], runs=runs, seed=AGAIN_SEED)[0] for cell in doubtful]


def render(cells: list[Cell], bars: list[Bar], seconds: float) -> str:
    """Write tables and bars as Markdown."""
    lines = [
        "# Superfluous steps on generated processes",
        "",
        f"Made by `python benchmarks/superfluous.py`, {seconds:.0f} s of one core. {GOING_WRONG:.0%} of cases go wrong",
        "if the step is done. Taking a useful step away does exactly the harm of the margin.",
        "",
        "| bar | cells | worst | held |",
        "|---|--:|--:|---|",
    ]
    lines += [f"| {b.statement} | {b.cells} | {b.worst:.3f} | {'no' if b.missed else 'yes'} |" for b in bars]
    lines += ["", *(f"- missed: {miss}" for b in bars for miss in b.missed)]
    for kind in Kind:
        lines += ["", f"## {kind.capitalize()}", ""]
        if kind in (Kind.BEYOND, Kind.DETERRENT):
            lines += ["Without a bar: no log can tell.", ""]
        lines += [
            "| cases | skippers | margin | declared Γ | runs | named | by quality alone | oracle | pilot first "
            "| interval offered | covers |",
            "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        ]
        lines += [_row(cell) for cell in cells if cell.process.kind is kind]
    return "\n".join(lines) + "\n"


def _row(cell: Cell) -> str:
    held = cell.process
    shares = (cell.named, cell.named_by_quality, cell.oracle, cell.pilot, cell.offered)
    covered = f"{cell.covered:.3f}" if cell.covered == cell.covered else "–"
    figures = " | ".join(f"{value:.3f}" for value in shares)
    return (
        f"| {held.cases} | {held.skipper_share:.0%} | {held.margin:g} | {held.declared_gamma:g} | {cell.runs} "
        f"| {figures} | {covered} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=600, help="runs of a cell in which coverage is judged")
    parser.add_argument("--quick", action="store_true", help="a tenth of the runs, and no file")
    asked = parser.parse_args()
    runs = asked.runs // 10 if asked.quick else asked.runs
    begun = time.process_time()
    cells: list[Cell] = []
    for seed, kind in enumerate(Kind):
        of_kind = runs if kind in (Kind.INERT, Kind.USEFUL) else max(runs * 2 // 5, 1)
        for number, group in enumerate(processes_of(kind)):
            cells += run_cells(group, runs=of_kind, seed=1000 * seed + number)
        print(f"{kind}: {time.process_time() - begun:.0f} s", file=sys.stderr, flush=True)
    again = {cell.process: cell for cell in measure_again(cells, runs=AGAIN * runs)}
    cells = [again.get(cell.process, cell) for cell in cells]
    bars = judge_bars(cells)
    text = render(cells, bars, time.process_time() - begun)
    print(text)
    if not asked.quick:
        OUTPUT.write_text(text, encoding="utf-8")
    return int(any(bar.missed for bar in bars))


if __name__ == "__main__":
    sys.exit(main())
