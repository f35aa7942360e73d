"""Waiting in queues that theory knows: Erlang C, Pollaczek and Khinchine, Little."""

from dataclasses import replace
from math import factorial

import numpy as np
import pytest

from potok.simulate.kernel import compile_model, simulate
from potok.simulate.model import Distribution, DistributionKind, exponential, fixed
from simulate.kernel.small_models import DAY_US, START_US, queue_model

SERVICE = 600.0
RUNS = 12
CASES = 6_000
WARM_UP = 1_000
WIDTH = 3.5  # standard errors; of right queues, 1 in 200 lies beyond (Student's law of 12 runs)


def erlang_c_wait(people, load):
    """Mean waiting time in service times (Erlang 1917)."""
    offered = people * load
    last = offered**people / factorial(people) / (1 - load)
    delayed = last / (sum(offered**k / factorial(k) for k in range(people)) + last)
    return delayed / (people * (1 - load))


def mean_waits(model):
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 4000 * DAY_US, cases=CASES)
    logs = [simulate(compiled, seed=7, replication=run) for run in range(RUNS)]
    return np.array([(log.started_us - log.ready_us)[WARM_UP:].mean() / 1e6 / SERVICE for log in logs])


def is_within(means, wanted):
    return abs(means.mean() - wanted) < WIDTH * means.std(ddof=1) / np.sqrt(len(means))


@pytest.mark.parametrize(("people", "load"), [(1, 0.5), (3, 0.7), (10, 0.8)])
def test_waits_are_those_of_erlang_c(people, load):
    assert is_within(
        mean_waits(queue_model(exponential(SERVICE), people=people, load=load)), erlang_c_wait(people, load)
    )


@pytest.mark.parametrize(
    ("service", "variation"),
    [
        (fixed(SERVICE), 0.0),
        (Distribution(DistributionKind.LOGNORMAL, mean_seconds=SERVICE, sd_seconds=1.5 * SERVICE), 1.5),
        (Distribution(DistributionKind.GAMMA, mean_seconds=SERVICE, sd_seconds=0.5 * SERVICE), 0.5),
    ],
)
def test_waits_are_those_of_pollaczek_and_khinchine(service, variation):
    load = 0.6
    wanted = load / (1 - load) * (1 + variation**2) / 2
    assert is_within(mean_waits(queue_model(service, people=1, load=load)), wanted)


def test_littles_law_holds_exactly():
    model = queue_model(exponential(SERVICE), people=2, load=0.9)
    log = simulate(compile_model(model, start_us=START_US, end_us=START_US + 5 * DAY_US), seed=1)
    instants = np.concatenate([log.arrived_us, log.closed_us])
    order = np.argsort(instants, kind="stable")
    open_cases = np.cumsum(np.repeat([1, -1], len(log.arrived_us))[order])
    area = int((open_cases[:-1] * np.diff(instants[order])).sum())
    assert area == int((log.closed_us - log.arrived_us).sum())


def test_nobody_idles_while_work_waits():
    model = queue_model(exponential(SERVICE), people=3, load=0.9)
    log = simulate(compile_model(model, start_us=START_US, end_us=START_US + 5 * DAY_US), seed=1)
    waited = log.started_us > log.ready_us
    assert waited.any()
    working = ((log.started_us <= log.ready_us[waited, None]) & (log.ready_us[waited, None] < log.completed_us)).sum(1)
    assert set(working.tolist()) == {3}


def test_work_is_spread_over_people():
    model = queue_model(exponential(SERVICE), people=4, load=0.3)
    log = simulate(compile_model(model, start_us=START_US, end_us=START_US + 30 * DAY_US), seed=1)
    shares = np.bincount(log.person) / len(log.person)
    assert shares.min() > 0.22
    assert (log.busy_us / log.duty_us).mean() == pytest.approx(0.3, rel=0.1)


def test_a_saturated_queue_grows_without_end():
    model = queue_model(fixed(SERVICE), people=1, load=1.5)
    log = simulate(compile_model(model, start_us=START_US, end_us=START_US + 20 * DAY_US, drain=False), seed=1)
    is_open = log.closed_us < 0
    assert is_open.sum() == pytest.approx(len(is_open) / 3, rel=0.1)
    assert log.busy_us[0] > 0.99 * log.duty_us[0]


def test_demand_keeps_the_case_with_its_number():
    model = queue_model(exponential(SERVICE), people=2, load=0.5)
    more = replace(model, arrivals=replace(model.arrivals, per_day=model.arrivals.per_day * 1.25))
    window = {"start_us": START_US, "end_us": START_US + 50 * DAY_US, "cases": 300}
    one, other = (simulate(compile_model(each, **window), seed=5) for each in (model, more))
    assert np.array_equal(one.worked_us, other.worked_us)
    passed = (one.arrived_us - START_US) / (other.arrived_us - START_US)
    assert passed == pytest.approx(np.full(300, 1.25), rel=1e-6)
