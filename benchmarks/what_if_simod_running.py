"""Simod and Prosimos on a log: discovery, and forecasts of changes, as separate programs of their own environment."""

import csv
import itertools
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from environment import WORK
from kept_records import KeptRecords
from potok.simulate.changes.places import pools_doing
from potok.simulate.kernel.exporting import events_as_arrow
from what_if_models import START
from what_if_simod_model import (
    MACHINE,
    NotExpressibleError,
    SimodModel,
    Staff,
    apply_change,
    weekly_hours,
    without_limits,
)
from what_if_worlds import World, run_log

HERE = Path(__file__).parent
PEER = HERE / "what_if_simod_peer.py"
MADE = WORK / "what_if_simod"
ONE_SHOT, SEARCH = "one-shot", "search"
LONGEST_SECONDS = 4 * 3600.0
RUNS = 5
SEED = 5
ALL_HOURS = 168.0


class SimodFailedError(Exception):
    """Simod or Prosimos ended with an error, or took too long."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """A model discovered, and what that took: seconds of the clock and of the processor."""

    model: SimodModel
    wall_seconds: float
    cpu_seconds: float


def run_simod(world: World, configuration: str, kept: KeptRecords, python: Path, *, runs: int = RUNS) -> dict[str, Any]:
    """Return what Simod, in one of its configurations, and Prosimos forecast from the first log of a world."""
    folder = MADE / f"{world.key} {configuration}".replace("|", "-").replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)
    cases = write_log(world, folder / "log.csv")
    found = discover(folder, configuration, python)

    def run(name: str, model: SimodModel, count: int) -> np.ndarray:
        key = f"{world.key}|0|{configuration}|{name}|{runs}"
        if key not in kept.records:
            kept.put({"key": key, "runs": simulate_model(model, folder, python, cases=count, runs=runs)})
            sys.stderr.write(f"{key}: done\n")
        return np.array([(one["mean"], one["p90"]) for one in kept.records[key]["runs"]])

    times = {"wall_seconds": found.wall_seconds, "cpu_seconds": found.cpu_seconds}
    return times | predict(found.model, world, run, cases=cases)


def write_log(world: World, path: Path) -> int:
    """Write the completed cases of the log as Simod reads it; return how many cases arrived.

    Simod knows nothing of cases cut off by the end of the log: it would learn that they end early. Of what nobody did,
    each activity gets a machine of its own.
    """
    log = run_log(world, 0)
    table = events_as_arrow(log, world.model).to_pylist()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["case_id", "activity", "resource", "start_time", "end_time"])
        for row in table:
            if row["closed_at"] is not None:
                who = row["resource"] or f"{MACHINE} of {row['activity']}"
                times = (row[name].isoformat(timespec="microseconds") for name in ("started_at", "completed_at"))
                writer.writerow([row["case_id"], row["activity"], who, *times])
    return len(log.arrived_us)


def discover(folder: Path, configuration: str, python: Path) -> Discovery:
    """Let Simod discover a model from the log in a folder; what was discovered before is read again."""
    times = folder / "times.json"
    if not times.exists():
        output = folder / "simod"
        shutil.rmtree(output, ignore_errors=True)
        options = ["--one-shot", "--event-log", str(folder / "log.csv")]
        if configuration == SEARCH:
            options = ["--configuration", str(_write_configuration(folder))]
        began, used = time.perf_counter(), _children_seconds()
        _run([str(python.parent / "simod"), *options, "--output", str(output)], folder)
        taken = {"wall_seconds": time.perf_counter() - began, "cpu_seconds": _children_seconds() - used}
        times.write_text(json.dumps(taken), encoding="utf-8")
    best = folder / "simod" / "best_result"
    (bpmn,) = best.glob("*.bpmn")
    parameters = json.loads(bpmn.with_suffix(".json").read_text(encoding="utf-8"))
    model = without_limits(SimodModel(bpmn.read_text(encoding="utf-8"), parameters))
    return Discovery(model, **json.loads(times.read_text(encoding="utf-8")))


def _write_configuration(folder: Path) -> Path:
    """Write Simod's own defaults; but each resource has a calendar and durations of its own, as in one shot.

    By default all share them. JSON is YAML too.
    """
    path = folder / "configuration.yaml"
    asked = {
        "version": 5.2,
        "common": {"train_log_path": str(folder / "log.csv"), "perform_final_evaluation": False},
        "preprocessing": {},
        "case_arrival": {},
        "control_flow": {},
        "resource_model": {"resource_profiles": {"discovery_type": "differentiated"}},
        "extraneous_activity_delays": {},
    }
    path.write_text(json.dumps(asked), encoding="utf-8")
    return path


def predict(
    model: SimodModel, world: World, run: Callable[[str, SimodModel, int], np.ndarray], *, cases: int
) -> dict[str, Any]:
    """Return the figures as it is, of each change the mean difference and its error, and what cannot be said."""
    as_is = run("as it is", model, cases)
    staff = list_staff(world)
    found: dict[str, Any] = {"as_is": as_is.mean(axis=0).tolist(), "changes": {}, "errors": {}, "not_expressible": {}}
    found["hours"] = weekly_hours(model, itertools.chain.from_iterable(staff.people.values()))
    for name, change in world.subject.changes.items():
        try:
            changed = apply_change(model, change, staff)
        except NotExpressibleError as error:
            found["not_expressible"][name] = str(error)
            continue
        difference = run(name, changed, round(cases * getattr(change, "factor", 1.0))) - as_is
        found["changes"][name] = difference.mean(axis=0).tolist()
        found["errors"][name] = (difference.std(axis=0, ddof=1) / np.sqrt(len(difference))).tolist()
    return found


def simulate_model(model: SimodModel, folder: Path, python: Path, *, cases: int, runs: int) -> list[dict[str, Any]]:
    """Return what `what_if_simod_peer.py` says of runs of Prosimos."""
    (folder / "model.bpmn").write_text(model.bpmn, encoding="utf-8")
    (folder / "model.json").write_text(json.dumps(model.parameters), encoding="utf-8")
    asked = {
        "bpmn": str(folder / "model.bpmn"),
        "parameters": str(folder / "model.json"),
        "cases": cases,
        "starting_at": START.isoformat(),
        "seeds": list(range(SEED, SEED + runs)),
    }
    return [json.loads(line) for line in _run([str(python), str(PEER)], folder, asked=asked).splitlines()]


def list_staff(world: World) -> Staff:
    """Return who works in which pool, and which pools do what."""
    model = world.subject.model
    people = {pool.name: tuple(one.name for one in pool.people) for pool in model.pools}
    pools: Mapping[str, tuple[str, ...]] = {
        activity.name: tuple(pool.name for pool in pools_doing(model, activity.name)) for activity in model.activities
    }
    return Staff(people, pools)


def true_hours(world: World) -> list[float]:
    """Return how many hours a week each person works in truth."""
    model = world.subject.model
    hours = {
        name: sum((end - start) / 60 for spans in calendar.weekly for start, end in spans)
        for name, calendar in model.calendars.items()
    }
    names = [one.calendar or pool.calendar for pool in model.pools for one in pool.people]
    return [hours[name] if name else ALL_HOURS for name in names]


def _run(command: list[str], folder: Path, *, asked: dict[str, Any] | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            input=None if asked is None else json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            timeout=LONGEST_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise SimodFailedError(f"not done in {LONGEST_SECONDS:.0f} s") from error
    if done.returncode:
        (folder / "failure.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
        raise SimodFailedError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return done.stdout


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
