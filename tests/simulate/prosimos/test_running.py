"""Models run: one of Prosimos against its own runs, and those of the documentation."""

import csv
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from potok.simulate.kernel import UNKNOWN, SimulatedLog, compile_model, simulate
from potok.simulate.model import ProcessModel, load_model, model_from_mapping
from potok.simulate.prosimos import import_prosimos

ROOT = Path(__file__).parents[3]
START = datetime(2023, 1, 2, 9, tzinfo=UTC)
YEAR_US = 366 * 86_400_000_000
HOUR_US = 3_600_000_000


def runs(model: ProcessModel, *, count: int, cases: int) -> list[SimulatedLog]:
    start_us = int(model.arrivals.start_at.timestamp()) * 1_000_000
    compiled = compile_model(model, start_us=start_us, end_us=start_us + YEAR_US, cases=cases)
    return [simulate(compiled, seed=5, replication=number) for number in range(count)]


def mean_hours(log: SimulatedLog, logged: np.ndarray) -> float:
    """Return the mean time from the first start to the last end of what a log shows."""
    spans = []
    for first, last in zip(log.first_row[:-1], log.first_row[1:], strict=True):
        shown = logged[log.activity[first:last]]
        spans.append(log.completed_us[first:last][shown].max() - log.started_us[first:last][shown].min())
    return float(np.mean(spans)) / HOUR_US


@pytest.mark.data
def test_cases_take_as_long_as_in_prosimos(shared_data: Path) -> None:
    """The oracle is thirty runs of 1000 cases by Prosimos 2.1.0, made by benchmarks/prosimos_models.py."""
    theirs: dict[str, list[float]] = {}
    with (ROOT / "benchmarks" / "prosimos_runs.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            theirs.setdefault(row["model"], []).append(float(row["mean_case_hours"]))
    own = {}
    for name in ("Loan_Application", "Loan_Application_3_timers"):
        stem = shared_data / "sim-loan-application" / "models" / name
        model = import_prosimos(f"{stem}.bpmn.gz", f"{stem}.json.gz", start_at=START)
        logged = np.array([activity.is_logged for activity in model.activities])
        own[name] = [mean_hours(log, logged) for log in runs(model, count=10, cases=1000)]
        found = stats.ttest_ind(own[name], theirs[name], equal_var=False).confidence_interval(0.95)
        assert found.low <= 0.0 <= found.high
    # The comparison is sharp enough to see three timers.
    assert stats.ttest_ind(own["Loan_Application"], theirs["Loan_Application_3_timers"]).pvalue < 1e-4


def documented() -> ProcessModel:
    page = (ROOT / "docs" / "simulation" / "model.md").read_text(encoding="utf-8")
    block = next(re.finditer(r"```toml\n(.*?)```", page, re.DOTALL))[1]
    return model_from_mapping(tomllib.loads(block))


@pytest.mark.parametrize("name", ["documented", "permit"])
def test_documented_models_run(name: str) -> None:
    model = documented() if name == "documented" else load_model(ROOT / "examples" / "models" / "permit.toml")
    (log,) = runs(model, count=1, cases=150)
    assert (log.closed_us != UNKNOWN).all()
    assert log.truncated == 0
    assert set(np.unique(log.activity)) == set(range(len(model.activities)))
