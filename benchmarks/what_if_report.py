"""The tables of forecasts against the truth."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from what_if_coverage import CASES as COVERAGE_CASES
from what_if_coverage import DRAW_RUNS, DRAWS, Coverage
from what_if_figures import LEAST_SIGNS, LEAST_TAU, MOST_RATIO, Cell, Effect, summarise
from what_if_running import FORECAST_RUNS, TRUTH_RUNS
from what_if_worlds import CASES

BARRED = ("plain", "delays")
COVERED = (0.85, 0.95)
FEWEST_LOGS = 200
HEADER = (
    "effects",
    "mean: ours",
    "oracle",
    "ratio",
    "P90: ours",
    "oracle",
    "ratio",
    "signs: ours",
    "oracle",
    "τ: ours",
    "oracle",
)
Row = Sequence[str]


def is_held(effects: Sequence[Effect], coverage: Sequence[Coverage]) -> bool:
    """Return whether all bars hold: of each cell, and of the intervals that were judged from enough logs."""
    cells = _cells([one for one in effects if one.condition in BARRED])
    is_covered = all(
        COVERED[0] <= held / one.logs <= COVERED[1] for one in coverage for held in one.held if one.logs >= FEWEST_LOGS
    )
    return is_covered and not any(cell.missed() for cell in cells)


def render(effects: Sequence[Effect], coverage: Sequence[Coverage], *, logs: int) -> str:
    """Return the report."""
    return "\n".join(_lines(effects, coverage, logs)) + "\n"


def _lines(effects: Sequence[Effect], coverage: Sequence[Coverage], logs: int) -> Iterator[str]:
    barred = [one for one in effects if one.condition in BARRED]
    others = [one for one in effects if one.condition not in BARRED]
    cells = _cells(barred)
    missed = [cell for cell in cells if cell.missed()]
    yield "# What a change would do: forecasts against the truth"
    yield ""
    yield f"Of each cell {logs} log{'s' * (logs > 1)} of about {CASES} cases, from which alone the model was learned;"
    yield f"truth from {TRUTH_RUNS} runs with and without the change, forecasts from {FORECAST_RUNS}, all over the time"
    yield "of the log. Errors are medians of |forecast − true| / |true| over changes, of the effect on the mean and on"
    yield "the P90 of the duration of cases; effects under 2 % of the duration as it is are left out. The oracle has"
    yield "the true document and takes from the same log the rate of arrivals, shares and mean times (of delays even"
    yield f"what no log shows). Bars, cell by cell: ratio ≤ {MOST_RATIO}; right signs ≥ {LEAST_SIGNS:.0%} and"
    yield f"Kendall's τ of the options ≥ {LEAST_TAU}, where the oracle reaches them. A cell of few logs is a rough"
    yield "figure: the pooled rows say more. Logs share random numbers over cells, so that their errors go together."
    yield ""
    yield f"**{len(cells) - len(missed)} of {len(cells)} cells hold all bars.**"
    yield ""
    yield "## Pooled over processes"
    yield ""
    yield from _table(("delays", "load"), _grouped(barred, lambda one: (one.condition, f"{one.load:g}")), has_bar=True)
    yield "## By kind of change"
    yield ""
    yield from _table(("change",), _grouped(barred, lambda one: (one.change,)), has_ranks=False)
    yield "## Cells"
    yield ""
    yield from _table(("process", "load", "delays"), cells, has_bar=True)
    if others:
        yield "## Hidden work and drift, no bar"
        yield ""
        yield "Of `hidden`, three cases in ten are of a kind that the log leaves out, and the same people work on them."
        yield "Of `drift`, all work took a quarter less time in the first half of the log; truth is how it is since."
        yield ""
        yield from _table(("process", "load", "what"), _cells(others))
    yield from _refusals(effects)
    yield from _coverage(coverage)


def _cells(effects: Sequence[Effect]) -> list[Cell]:
    return _grouped(effects, lambda one: (one.subject, f"{one.load:g}", one.condition))


def _grouped(effects: Sequence[Effect], title: Callable[[Effect], tuple[str, ...]]) -> list[Cell]:
    groups: dict[tuple[str, ...], list[Effect]] = {}
    for one in effects:
        groups.setdefault(title(one), []).append(one)
    return [summarise(part, name) for name, part in groups.items()]


def _table(names: Row, cells: Sequence[Cell], *, has_bar: bool = False, has_ranks: bool = True) -> Iterator[str]:
    header = HEADER if has_ranks else HEADER[:-2]
    yield from _rows(
        (*names, *header, *(("bars",) if has_bar else ())), [_row(cell, has_bar, has_ranks) for cell in cells]
    )


def _row(cell: Cell, has_bar: bool, has_ranks: bool) -> Row:
    errors = []
    for mine, theirs, ratio in zip(cell.ours, cell.oracle, cell.ratios, strict=True):
        errors += [_share(mine), _share(theirs), "–" if np.isnan(ratio) else f"{ratio:.2f}"]
    ranks = [f"{tau:.2f}" for tau in cell.taus] if has_ranks else []
    missed = cell.missed()
    verdict = [f"**missed:** {', '.join(missed)}" if missed else "held"] if has_bar else []
    counts = f"{cell.effects[0]} + {cell.effects[1]}"
    return (*cell.title, counts, *errors, *(_share(one) for one in cell.signs), *ranks, *verdict)


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.0f} %"


def _refusals(effects: Sequence[Effect]) -> Iterator[str]:
    refused = sorted({(one.subject, one.change) for one in effects if one.refused})
    if refused:
        yield "Could not be applied to some model learned, and count as a forecast of no effect: " + "; ".join(
            f"{change} ({subject})" for subject, change in refused
        )
        yield ""


def _coverage(coverage: Sequence[Coverage]) -> Iterator[str]:
    yield "## Intervals"
    yield ""
    yield f"Independent logs of about {COVERAGE_CASES} cases; 90 % intervals from {DRAWS} models learned from cases"
    yield f"drawn anew, {DRAW_RUNS} runs of each. The bar, 85–95 % that hold the true effect, applies from"
    yield f"{FEWEST_LOGS} logs on. Width: mean width of the intervals over the true effect; mean first, then P90."
    yield ""
    rows = []
    for one in coverage:
        shares = [held / one.logs if one.logs else np.nan for held in one.held]
        is_held = all(COVERED[0] <= share <= COVERED[1] for share in shares)
        verdict = ("held" if is_held else "**missed**") if one.logs >= FEWEST_LOGS else "too few logs"
        held = ", ".join(f"{share:.1%}" if one.logs else "–" for share in shares)
        width = ", ".join(f"{value:.1f}" if one.logs else "–" for value in one.width)
        true = ", ".join(f"{value:+.2f} h" for value in one.true)
        rows.append((one.cell, f"{one.logs}", true, held, width, verdict))
    yield from _rows(("cell", "logs", "true effect", "intervals that hold it", "width", "bar"), rows)


def _rows(header: Row, rows: Sequence[Row]) -> Iterator[str]:
    for line in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(line)} |"
    yield ""
