"""Experiments on the kernel itself, and on a public log."""

from dataclasses import replace

import numpy as np
import pytest

from potok.core.change import AddStaff, Split
from potok.core.regulations import TermUnit
from potok.core.time_units import DAY_US
from potok.simulate.changes import Scenario, apply_changes
from potok.simulate.experiments.errors import ExperimentValueError
from potok.simulate.experiments.forecast import Settings, Source, make_forecast
from potok.simulate.experiments.frames import Frame
from potok.simulate.experiments.metrics import Metric, MetricName
from potok.simulate.experiments.preparing import is_model_file, is_simplified, put_term
from potok.simulate.experiments.running import KernelRunner
from potok.simulate.kernel import OpenCases
from potok.simulate.model import find_problems
from simulate.changes.made_models import permit_model
from simulate.experiments.made_runs import START_AT, queue_model

START = round(START_AT.timestamp() * 1e6)


def test_the_kernels_forecast_agrees_with_queueing_theory():
    scenario = Scenario("one more", (AddStaff(pool="Clerks"),), (0.0,))
    settings = Settings(replications=6, cases=2000, level=0.999)
    found = make_forecast(Source(queue_model(per_day=70.0), KernelRunner()), [scenario], settings=settings)
    place = found.metrics.index(Metric(MetricName.CASE_DURATION_MEAN))
    # As in the queue in plain Python: M/M/1 at ρ = 0.7, M/M/2 at 0.35; six of ten cases are sent, which takes a minute.
    as_is, to_be = 864 / 0.3 + 36, 864 / (1 - 0.35**2) + 36
    before, after, change = (
        one[place] for one in (found.as_is, found.scenarios[0].to_be, found.scenarios[0].difference)
    )
    assert before.lower <= as_is <= before.upper
    assert after.lower <= to_be <= after.upper
    assert change.lower <= to_be - as_is <= change.upper


def test_threads_do_not_change_the_logs():
    frame = Frame(START, START + 3 * DAY_US, START)
    one, two = (
        [*KernelRunner(threads=threads)(queue_model(), frame, seed=1, replications=range(1, 4))] for threads in (1, 2)
    )
    assert all(np.array_equal(a.completed_us, b.completed_us) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0].completed_us[:50], one[1].completed_us[:50])


def test_open_cases_go_on_in_a_model_whose_activities_stand_in_another_order():
    model = permit_model()
    # One case has been received and checked, another one has not begun.
    opened = OpenCases(
        np.array([0, 1], np.int32),
        np.array([START - DAY_US, START - DAY_US]),
        np.full(2, np.iinfo(np.int64).min),
        np.array([0, 2, 2]),
        np.array([0, 1], np.int32),
    )
    names = tuple(one.name for one in model.activities)
    runner = KernelRunner(opened, names, ("plain", "urgent"), threads=1)
    frame = Frame(START, START + DAY_US // 100, START, starts_with_open_cases=True)
    turned = replace(model, activities=model.activities[::-1])
    for changed in (model, turned, apply_changes(model, [Split("Check", ("Look", "Register"))])):
        (log,) = runner(changed, frame, seed=1, replications=range(1))
        done = [changed.activities[code].name for code in log.activity[: log.first_row[1]]]
        begun = [changed.activities[code].name for code in log.activity[log.first_row[1] : log.first_row[2]]]
        assert done[0] in ("Verify", "Refuse")
        assert begun[0] == "Receive"
        assert log.is_initial[:2].all()


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [("10d", 10, TermUnit.CALENDAR_DAYS), ("5WD", 5, TermUnit.WORKING_DAYS), ("40 wh", 40, TermUnit.WORKING_HOURS)],
)
def test_terms_are_put_with_the_days_that_they_count(text, amount, unit):
    model = put_term(permit_model(), term=text)
    assert (model.term.amount, model.term.unit) == (amount, unit)
    assert [*find_problems(model)] == []
    assert not is_simplified(model.term)


def test_what_is_no_term_is_refused():
    with pytest.raises(ExperimentValueError):
        put_term(permit_model(), term="0d")
    assert put_term(permit_model()).term is None


def test_a_models_file_is_told_from_a_log(tmp_path):
    (tmp_path / "log.json").write_text('{"ocel:global-log": {}}')
    (tmp_path / "model.json").write_text('{"schema": "potok.process_model/1"}')
    (tmp_path / "model.toml").write_text("")
    names = ("log.json", "model.json", "model.toml", "log.csv", "missing.toml")
    assert [name for name in names if is_model_file(str(tmp_path / name))] == ["model.json", "model.toml"]
