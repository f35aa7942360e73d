"""The steady state of processes whose cases take longer than it takes to count them."""

from dataclasses import replace

import pytest

from potok.core.change import SwitchBatching
from potok.simulate.changes import Scenario
from potok.simulate.experiments.forecast import UNFINISHED, Settings, Source, make_forecast
from potok.simulate.experiments.metrics import Metric, MetricName
from potok.simulate.experiments.running import KernelRunner
from potok.simulate.model import ExtraneousDelay, fixed
from simulate.experiments.made_runs import queue_model

DAYS = 60


def value(found, estimates, name, subject=""):
    return estimates[found.metrics.index(Metric(name, subject))].value


def test_a_long_delay_fills_the_process_before_anything_counts():
    """Little's law: as many cases are open as arrive while one takes; what arrives a day is closed a day."""
    model = queue_model(per_day=20.0)
    decide, send = model.activities
    delayed = replace(decide, delay=ExtraneousDelay(fixed(DAYS * 86_400.0), 1.0))
    source = Source(replace(model, activities=(delayed, send)), KernelRunner())
    found = make_forecast(source, settings=Settings(replications=8, cases=400))
    assert value(found, found.as_is, MetricName.CASE_DURATION_MEAN) == pytest.approx(DAYS * 86_400, rel=0.01)
    assert value(found, found.as_is, MetricName.THROUGHPUT) == pytest.approx(20, rel=0.05)
    assert value(found, found.as_is, MetricName.MEAN_OPEN_CASES) == pytest.approx(20 * DAYS, rel=0.05)
    assert value(found, found.as_is, MetricName.UTILISATION, "Clerks") == pytest.approx(20 * 864 / 86_400, rel=0.05)
    assert UNFINISHED not in found.warnings


def test_cases_that_wait_for_ever_make_a_change_worse_and_are_said():
    source = Source(queue_model(per_day=20.0), KernelRunner())
    stuck = Scenario("piles", (SwitchBatching("Decide", is_on=True, minimum_size=5_000),), (0.0,))
    found = make_forecast(source, [stuck], settings=Settings(replications=3, cases=200))
    (one,) = found.scenarios
    assert value(found, one.to_be, MetricName.UNFINISHED_SHARE) > 0.9
    assert value(found, one.difference, MetricName.CASE_DURATION_MEAN) > 86_400
    assert UNFINISHED in found.warnings
    assert found.ranking.ranks == (1, 2)
