"""The kernel's loops as plain Python give the log that machine code gives; and what graphs and arrivals must be."""

import pkgutil
from dataclasses import fields, replace
from datetime import timedelta
from importlib import import_module

import numpy as np
import pytest

import potok.simulate.kernel
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.kernel import compile_model, simulate
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    Distribution,
    DistributionKind,
    Flow,
    GraphRouting,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    ProcessModel,
    fixed,
)
from simulate.kernel.random_models import random_model
from simulate.kernel.small_models import DAY_US, PLAIN, START, START_US, every
from support.interpreted import interpret

LOGNORMAL = Distribution(DistributionKind.LOGNORMAL, mean_seconds=3000, sd_seconds=4000)


def noisy(model):
    """Renewals and people who are away at times; skewed durations."""
    pools = tuple(
        replace(pool, people=tuple(replace(one, availability=0.6) for one in pool.people)) for pool in model.pools
    )
    activities = (replace(model.activities[0], duration=LOGNORMAL), *model.activities[1:])
    arrivals = Arrivals(ArrivalKind.RENEWAL, START, inter_arrival=LOGNORMAL, calendar="c0", is_put_off=True)
    return replace(model, pools=pools, activities=activities, arrivals=arrivals)


def graph_model(*, share=0.5, maximum_length=50):
    kinds = {"start": "START", "end": "END", "fork": "PARALLEL", "join": "PARALLEL", "either": "INCLUSIVE"}
    kinds |= {"both": "INCLUSIVE", "again": "EXCLUSIVE", "timer": "EVENT"}
    names = ("start", "A", "fork", "B", "C", "join", "either", "D", "E", "both", "timer", "again", "end")
    activities = ("A", "B", "C", "D", "E", "timer")
    nodes = tuple(Node(one, ElementKind[kinds.get(one, "TASK")], one if one in activities else "") for one in names)
    ways = "start A, A fork, fork B, fork C, B join, C join, join either, D both, E both, both timer, timer again"
    flows = tuple(Flow(*way.split()) for way in ways.split(", "))
    flows += (Flow("either", "D", share), Flow("either", "E", share))
    flows += (Flow("again", "A", 0.3, (("plain", 0.2),)), Flow("again", "end", 0.7, (("plain", 0.8),)))
    return ProcessModel(
        "graph",
        "UTC",
        every(1),
        PLAIN,
        GraphRouting(nodes, flows, maximum_length),
        tuple(ModelActivity(name, fixed(600)) for name in activities),
        (ModelPool("clerks", ("A", "B", "C", "D", "E"), (Person("one"), Person("two"))),),
    )


def run(model, *, cases, seed=1):
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 300 * DAY_US, cases=cases)
    return simulate(compiled, seed=seed)


MODELS = (random_model(2), random_model(11), noisy(random_model(4)), graph_model())


@pytest.mark.parametrize("model", MODELS, ids=["two", "eleven", "noisy", "graph"])
def test_plain_python_and_machine_code_give_the_same_log(model, monkeypatch):
    expected = run(model, cases=8)
    modules = [
        import_module(one.name)
        for one in pkgutil.iter_modules(potok.simulate.kernel.__path__, "potok.simulate.kernel.")
    ]
    interpret(monkeypatch, *modules)
    with np.errstate(over="ignore"):
        found = run(model, cases=8)
    for one in fields(expected):
        assert np.array_equal(getattr(found, one.name), getattr(expected, one.name)), one.name


def test_a_join_awaits_every_branch_that_was_taken():
    model = graph_model()
    log = run(model, cases=300)
    names = [one.name for one in model.activities]
    taken = set()
    for case in range(300):
        rows = slice(log.first_row[case], log.first_row[case + 1])
        held = [names[code] for code in log.activity[rows]]
        repeats = held.count("A")
        assert held.count("B") == held.count("C") == held.count("timer") == repeats
        taken.add((held.count("D") > 0, held.count("E") > 0))
        enabled, completed = log.enabled_us[rows], log.completed_us[rows]
        for place, name in enumerate(held):
            before = [at for at, other in zip(completed, held, strict=True) if other in "BC" and at <= enabled[place]]
            if name in "DE":
                assert enabled[place] == max(before)
                assert len(before) == 2 * held[:place].count("A")
    assert taken == {(True, True), (True, False), (False, True)}
    repeated = (log.activity == 0).sum() - 300
    assert 0.1 < repeated / (300 + repeated) < 0.3  # of the type's own share, 0.2


def test_events_of_a_graph_need_nobody():
    log = run(graph_model(), cases=20)
    assert set(log.person[log.activity == 5]) == {-1}


def test_cases_end_at_the_greatest_length():
    log = run(graph_model(maximum_length=3), cases=20)
    assert log.truncated == 20
    assert set(np.diff(log.first_row)) == {3}


def test_arrivals_follow_hours_weekdays_months_and_days():
    hours = np.zeros(168)
    hours[9:12] = 1  # on Mondays
    hours[24 + 15] = 3  # on Tuesdays
    months = (0.5,) * 6 + (1.5,) * 6
    arrivals = Arrivals(
        ArrivalKind.POISSON,
        START,
        per_day=30,
        hour_of_week_shares=tuple(hours / hours.sum()),
        month_factors=months,
        day_factors={(START + timedelta(days=7)).date(): 0.0},
        growth_per_year=1.0,
    )
    model = replace(graph_model(), arrivals=arrivals, zone="Europe/Moscow")
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 364 * DAY_US, drain=False)
    arrived = np.concatenate([simulate(compiled, seed=3, replication=one).arrived_us for one in range(2)])
    local = (arrived - START_US) // 3_600_000_000 + 3
    assert set((local % 168).tolist()) == {9, 10, 11, 39}
    assert not (local // 24 == 7).any()
    assert (local % 168 == 39).mean() == pytest.approx(0.5, abs=0.03)
    late = local // 24 >= 182
    assert late.sum() / (~late).sum() == pytest.approx(3 * 2**0.5, rel=0.12)


def test_days_differ_more_than_chance_has_it_where_arrivals_are_dispersed():
    arrivals = Arrivals(ArrivalKind.POISSON, START, per_day=50, dispersion=0.3)
    model = replace(graph_model(), arrivals=arrivals)
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 1000 * DAY_US, drain=False)
    counts = np.bincount((simulate(compiled, seed=3).arrived_us - START_US) // DAY_US, minlength=1000)
    assert counts.mean() == pytest.approx(50, rel=0.06)
    assert counts.var() == pytest.approx(50 + 0.3 * 50**2, rel=0.15)
