"""How often 90 % intervals hold the true effect, over independent logs."""

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from potok.simulate.changes import apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.discovery import learn_model
from potok.simulate.experiments.estimates import estimate_forecast
from potok.simulate.experiments.scenarios import draw_cases
from what_if_models import Subject
from what_if_running import KeptRecords, predict
from what_if_worlds import START_US, Condition, World, learn_from, make_world, run_figures, run_log

LEVEL = 0.9
CASES = 400
LOAD = 0.5
DRAWS, DRAW_RUNS = 30, 2
TRUTH_RUNS = 300
SEED = 3
CELLS = (("permits", "remove"), ("shared expert", "remove"))


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one cell: logs, how many intervals hold the true effect on mean and P90, and their mean width over it."""

    cell: str
    logs: int
    true: tuple[float, float]
    held: tuple[int, int]
    width: tuple[float, float]


def run_coverage(
    subjects: tuple[Subject, ...], *, logs: int, cpu_seconds: float, kept: KeptRecords
) -> tuple[Coverage, ...]:
    """Draw logs in turn for all cells, until there are so many or the time is over."""
    worlds = [
        (make_world(next(one for one in subjects if one.name == name), LOAD, Condition.PLAIN, cases=CASES), change)
        for name, change in CELLS
    ]
    begun = time.process_time()
    for number in range(logs):
        for world, change in worlds:
            if f"coverage|{world.key}|{change}|{number}" in kept.records:
                continue
            if time.process_time() - begun < cpu_seconds:
                kept.put(_run(world, change, number))
        if number % 10 == 9:
            sys.stderr.write(f"coverage: {number + 1} logs, {time.process_time() - begun:.0f} s\n")
    return tuple(_summarise(world, change, kept) for world, change in worlds)


def _run(world: World, change: str, number: int) -> dict[str, Any]:
    log = run_log(world, 10_000 + number)
    history = learn_from(world, log)
    changes = (world.subject.changes[change],)
    draws = []
    for draw in range(DRAWS):
        drawn = learn_model(history, case_weights=draw_cases(history.cases, seed=SEED + number, number=draw))
        try:
            changed = apply_changes(drawn, changes)
        except ChangeError:
            continue
        runs = range((draw + 1) * DRAW_RUNS, (draw + 2) * DRAW_RUNS)
        before = run_figures(drawn, world.end_us, seed=SEED + number, replications=runs)
        after = run_figures(changed, world.end_us, seed=SEED + number, replications=runs)
        draws.append((after - before)[:, :2].mean(axis=0))
    # The ends of the interval come from the draws alone.
    estimates = estimate_forecast(np.mean(draws, axis=0)[None], np.array(draws), level=LEVEL)
    return {
        "key": f"coverage|{world.key}|{change}|{number}",
        "days": (world.end_us - START_US) / 86_400e6,
        "lower": [one.lower for one in estimates],
        "upper": [one.upper for one in estimates],
        "draws": len(draws),
    }


def _summarise(world: World, change: str, kept: KeptRecords) -> Coverage:
    prefix = f"coverage|{world.key}|{change}|"
    if prefix + "truth" not in kept.records:
        chosen = {change: world.subject.changes[change]}
        kept.put({"key": prefix + "truth", **predict(world.model, chosen, world.end_us, seed=1, runs=TRUTH_RUNS)})
    true = np.array(kept.records[prefix + "truth"]["changes"][change])
    records = [one for key, one in kept.records.items() if key.startswith(prefix) and not key.endswith("truth")]
    lower, upper = (np.array([one[side] for one in records]).reshape(-1, 2) for side in ("lower", "upper"))
    held = ((lower <= true) & (true <= upper)).sum(axis=0)
    width = (upper - lower).mean(axis=0) / np.abs(true) if records else np.full(2, np.nan)
    title = f"{world.subject.name}, load {world.load:g}, {change}"
    return Coverage(title, len(records), tuple(true.tolist()), tuple(held.tolist()), tuple(width.tolist()))
