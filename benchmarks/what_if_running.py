"""Runs of cells, kept on disk."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kept_records import KeptRecords
from potok.core.change import Change
from potok.simulate.changes import apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.discovery import learn_model
from potok.simulate.model import ProcessModel
from what_if_oracle import fit_oracle
from what_if_worlds import START_US, World, learn_from, run_figures, run_log

TRUTH_SEED, FORECAST_SEED = 1, 2
TRUTH_RUNS, FORECAST_RUNS = 24, 16


def predict(model: ProcessModel, changes: Mapping[str, Change], end_us: int, *, seed: int, runs: int) -> dict[str, Any]:
    """Return the figures as it is, of each change the mean difference and its standard error, and what was refused."""
    replications = range(runs)
    as_is = run_figures(model, end_us, seed=seed, replications=replications)
    found: dict[str, Any] = {"as_is": as_is.mean(axis=0).tolist(), "changes": {}, "errors": {}, "refused": {}}
    for name, change in changes.items():
        try:
            changed = apply_changes(model, (change,))
        except ChangeError as error:
            found["refused"][name] = str(error)
            found["changes"][name] = [0.0, 0.0]
            continue
        difference = (run_figures(changed, end_us, seed=seed, replications=replications) - as_is)[:, :2]
        found["changes"][name] = difference.mean(axis=0).tolist()
        found["errors"][name] = (difference.std(axis=0, ddof=1) / np.sqrt(runs)).tolist()
    return found


def run_truth(world: World, kept: KeptRecords) -> dict[str, Any]:
    """Return what changes do in truth."""
    key = f"{world.key}|truth"
    if key not in kept.records:
        found = predict(world.model, world.subject.changes, world.end_us, seed=TRUTH_SEED, runs=TRUTH_RUNS)
        kept.put({"key": key, **found})
    return kept.records[key]


def run_number(world: World, number: int, kept: KeptRecords, *, is_anew: bool = False) -> dict[str, Any]:
    """Return what is forecast from one log, by us and by the oracle.

    Parameters
    ----------
    is_anew
        Whether to learn and forecast ours again where there is a record; the oracle's is kept.
    """
    key = f"{world.key}|{number}"
    known = kept.records.get(key)
    if known is not None and not is_anew:
        return known
    truth = run_truth(world, kept)
    log = run_log(world, number)
    changes = world.subject.changes
    ours = learn_model(learn_from(world, log))
    found = {
        "key": key,
        "cases": len(log.arrived_us),
        "days": (world.end_us - START_US) / 86_400e6,
        "ours": predict(ours, changes, world.end_us, seed=FORECAST_SEED, runs=FORECAST_RUNS),
    }
    if known is not None:
        return kept.put({**found, "oracle": known["oracle"]})
    oracle = fit_oracle(world, log, expected_cases=truth["as_is"][2])
    return kept.put({**found, "oracle": predict(oracle, changes, world.end_us, seed=FORECAST_SEED, runs=FORECAST_RUNS)})
