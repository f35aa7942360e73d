"""Runs of Prosimos, in its own environment: prints mean and P90 of case durations of each run, or how fast it runs.

Run by ``what_if_simod_running.py`` and ``simulation_speed.py`` with the Python of ``requirements-prosimos.txt``.
Standard input is JSON: ``bpmn``, ``parameters`` (files), ``cases``, ``starting_at`` and ``seeds``; of each seed a line
of JSON goes to standard output: ``mean`` and ``p90`` in hours from first start to last end, ``cases``, ``activities``
and ``seconds`` of processor time.
"""

import contextlib
import csv
import json
import random
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import numpy as np
from prosimos.simulation_engine import run_simulation

SECONDS_AN_HOUR = 3600.0


def main() -> None:
    """Run what standard input asks for."""
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        for seed in asked["seeds"]:
            sys.stdout.write(json.dumps(run(asked, seed, Path(folder) / "log.csv")) + "\n")
            sys.stdout.flush()


def run(asked: dict, seed: int, log: Path) -> dict:
    """Simulate once; the program has no seed of its own, and draws from the generators of Python and NumPy."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the program draws from this generator
    began = time.process_time()
    with contextlib.redirect_stdout(sys.stderr):
        run_simulation(
            asked["bpmn"],
            asked["parameters"],
            asked["cases"],
            log_out_path=str(log),
            starting_at=asked["starting_at"],
        )
    seconds = time.process_time() - began
    hours, activities = read_hours(log)
    return {
        "seed": seed,
        "mean": float(hours.mean()),
        "p90": float(np.quantile(hours, 0.9)),
        "cases": len(hours),
        "activities": activities,
        "seconds": seconds,
    }


def read_hours(log: Path) -> tuple[np.ndarray, int]:
    """Return the duration of each case in hours, and how many activities the log holds."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    activities = 0
    with log.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            begin, end = (datetime.fromisoformat(row[name]) for name in ("start_time", "end_time"))
            first, last = spans.get(row["case_id"], (begin, end))
            spans[row["case_id"]] = (min(first, begin), max(last, end))
            activities += 1
    hours = [(last - first).total_seconds() / SECONDS_AN_HOUR for first, last in spans.values()]
    return np.array(hours), activities


if __name__ == "__main__":
    main()
