"""How often 90 % intervals hold the true effect, over independent logs."""

import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from kept_records import KeptRecords
from potok.simulate.changes import apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.discovery import learn_model
from potok.simulate.experiments.estimates import correct_draws, estimate_forecast
from potok.simulate.experiments.scenarios import draw_cases
from potok.simulate.model import ProcessModel
from what_if_models import Subject
from what_if_running import predict
from what_if_worlds import START_US, Condition, World, learn_from, make_world, run_figures, run_log

LEVEL = 0.9
CASES = 400
LOAD = 0.5
RUNS, DRAWS, DRAW_RUNS = 30, 40, 4
# Numbers of the runs of draws: far enough apart that more runs of one leave those of the others as they are.
FIRST_OF_DRAWS, APART = 100, 10
TRUTH_RUNS = 1500
KIND = f"coverage {RUNS} {DRAWS} {DRAW_RUNS}"
TRUTH = f"truth {TRUTH_RUNS}"
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
    subjects: tuple[Subject, ...], *, logs: range, cpu_seconds: float, kept: KeptRecords
) -> tuple[Coverage, ...]:
    """Draw logs of these numbers in turn for all cells, until all are there or the time is over."""
    worlds = [
        (make_world(next(one for one in subjects if one.name == name), LOAD, Condition.PLAIN, cases=CASES), change)
        for name, change in CELLS
    ]
    begun = time.process_time()
    for number in logs:
        for world, change in worlds:
            if f"{KIND}|{world.key}|{change}|{number}" in kept.records:
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
    seed = SEED + number

    def run(model: ProcessModel, runs: range) -> np.ndarray:
        """Return (r, 2, 2): as it is and changed, mean and P90."""
        pair = [
            run_figures(one, world.end_us, seed=seed, replications=runs)
            for one in (model, apply_changes(model, changes))
        ]
        return np.stack([each[:, :2] for each in pair], axis=1)

    replications = run(learn_model(history), range(RUNS))
    draws = []
    for draw in range(DRAWS):
        drawn = learn_model(history, case_weights=draw_cases(history.cases, seed=seed, number=draw))
        first = FIRST_OF_DRAWS + draw * APART
        try:
            draws.append(run(drawn, range(first, first + DRAW_RUNS)))
        except ChangeError:
            continue
    every = np.array(draws)
    corrected, values = correct_draws(every, replications)
    estimates = estimate_forecast(
        values[1] - values[0],
        replications[:, 1] - replications[:, 0],
        every[:, :, 1] - every[:, :, 0],
        corrected[:, 1] - corrected[:, 0],
        level=LEVEL,
    )
    return {
        "key": f"{KIND}|{world.key}|{change}|{number}",
        "days": (world.end_us - START_US) / 86_400e6,
        "value": [one.value for one in estimates],
        "lower": [one.lower for one in estimates],
        "upper": [one.upper for one in estimates],
        "draws": len(draws),
    }


def _summarise(world: World, change: str, kept: KeptRecords) -> Coverage:
    prefix = f"{KIND}|{world.key}|{change}|"
    truth = f"coverage|{world.key}|{change}|{TRUTH}"
    if truth not in kept.records:
        chosen = {change: world.subject.changes[change]}
        kept.put({"key": truth, **predict(world.model, chosen, world.end_us, seed=1, runs=TRUTH_RUNS)})
    true = np.array(kept.records[truth]["changes"][change])
    records = [one for key, one in kept.records.items() if key.startswith(prefix)]
    lower, upper = (np.array([one[side] for one in records]).reshape(-1, 2) for side in ("lower", "upper"))
    held = ((lower <= true) & (true <= upper)).sum(axis=0)
    width = (upper - lower).mean(axis=0) / np.abs(true) if records else np.full(2, np.nan)
    title = f"{world.subject.name}, load {world.load:g}, {change}"
    return Coverage(title, len(records), tuple(true.tolist()), tuple(held.tolist()), tuple(width.tolist()))
