"""Write how designs of verification fared, as Markdown."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from verification_methods import MethodCell
from verification_worlds import Cell

EXPLANATION: Final = """\
# Randomisation inference on made-up panels

Made by `python benchmarks/verification_panels.py`. Panels of agencies and months: means of skewed durations around 30
days, agencies of very unequal size and level, a season of ±15 %, shocks common to all (5 %), each agency's own
wandering (8 %, autocorrelated or not), overdispersed numbers of cases. The change takes the same share off every
duration, so that effects in days differ between agencies and months. *Waves*: 3 of 2 (6 agencies), 5 of 2 (10), 4 of 5
or 10 (20, 40), 2 and 4 single ones. Differences weighed by cases, studentised; up to 400 assignments.

*Beyond truth*: share of runs whose 95 % interval lies wholly on the better side of the true effect; at most 2.5 % plus
two Monte-Carlo standard errors. This is the rate of false verdicts if the improvement is just the minimum asked for.
*Covered*: intervals that hold the truth; at least 93 % less two standard errors, exact methods may hold more. *Found*:
intervals wholly on the better side of nothing: false where there is no effect, else power. *Naive*: what a before/after
comparison of the treated (Welch) would put beyond the truth. Where assignments are fewer than 40 nothing is concluded.
Cells that missed a bar were drawn anew with five times the runs, and the second figures count.
"""
MANY: Final = 1_000_000
BIASED: Final = """\
## Where chance did not decide

No effect at all; exchangeability is then an assumption, and here it is wrong. 36 months, autocorrelation .5. No bar.
"""
METHODS: Final = """\
## Other statistics and methods

Effect −20 %, autocorrelation .5, 36 months, order drawn. The wild bootstrap and synthetic comparisons are for the mean
over agencies. Few runs: a share of 2.5 % has a Monte-Carlo error of nearly two points.
"""


def render_panels(
    cells: Sequence[Cell], biased: Sequence[Cell], others: Sequence[MethodCell], failures: Sequence[str]
) -> str:
    """Return the whole report."""
    inside = [cell for cell in cells if cell.is_applicable]
    outside = [cell for cell in cells if not cell.is_applicable]
    head = "agencies | months | roll-out | autocorrelation | assignments"
    shares = "beyond truth | covered | found | width, days | naive"
    parts = [
        EXPLANATION,
        "Bars: " + ("**missed:** " + "; ".join(failures) if failures else "all held.") + "\n",
        table(f"{head} | effect | runs | {shares}", [_whole(cell) for cell in inside]),
        "## Not applicable\n",
        table(head, dict.fromkeys(_world(cell) for cell in outside)),
    ]
    if biased:
        parts += [BIASED, table(f"order | agencies | roll-out | {shares}", [_biased(cell) for cell in biased])]
    if others:
        columns = "agencies | roll-out | method | runs | beyond truth | covered | found | width, days"
        parts += [METHODS, table(columns, [_method(cell) for cell in others])]
    return "\n".join(parts).rstrip()


def table(header: str, rows: Iterable[str]) -> str:
    """Return a Markdown table."""
    rule = " | ".join("---" for _column in header.split("|"))
    return "\n".join(f"| {line} |" for line in (header, rule, *rows)) + "\n"


def _world(cell: Cell) -> str:
    world = cell.world
    return f"{world.agencies} | {world.months} | {world.rollout} | {world.autocorrelation:g} | {_count(cell.possible)}"


def _shares(cell: Cell) -> str:
    return (
        f"{cell.verdicts_beyond_truth:.1%} | {cell.covered:.1%} | {cell.found:.1%} | {_days(cell.width)} | "
        f"{cell.naive_beyond_truth:.1%}"
    )


def _whole(cell: Cell) -> str:
    return f"{_world(cell)} | {cell.world.effect:.0%} | {cell.runs} | {_shares(cell)}"


def _biased(cell: Cell) -> str:
    return f"{cell.world.bias} | {cell.world.agencies} | {cell.world.rollout} | {_shares(cell)}"


def _method(cell: MethodCell) -> str:
    return (
        f"{cell.world.agencies} | {cell.world.rollout} | {cell.method} | {cell.runs} | "
        f"{cell.verdicts_beyond_truth:.1%} | {cell.covered:.1%} | {cell.found:.1%} | "
        f"{_days(cell.width)}"
    )


def _count(assignments: int) -> str:
    return f"{assignments:,}" if assignments < MANY else f"{assignments:.0e}".replace("e+", " × 10^")


def _days(width: float) -> str:
    return "–" if math.isinf(width) else f"{width:.1f}"
