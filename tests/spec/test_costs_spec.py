"""What staff time costs at a tariff."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.costs import CostShare, compute_staff_costs, list_staff_cost_cases
from potok.measure.tariffs import Tariffs
from support import reference_cases
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store

HOURS = """
    case | activity | started | completed | resource | org_unit
    1    | A        | 0       | 3600      | x        | front
    1    | B        | 3600    | 5400      | y        | front
    1    | C        | 5400    | 7200      |          | back
    2    | A        |         | 3600      | x        | front
    2    | D        | 0       | 7200      |          |
"""


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_cases.REFERENCES)


def test_the_nearest_tariff_holds(ask):
    tariffs = Tariffs("RUB", None, {"x": 1000, "Z": 1}, {"front": 600, "back": 400}, {"C": 5000})
    found = ask(compute_staff_costs, tiny_log(HOURS), tariffs=tariffs)
    # x an hour at 1000, y half an hour at the front's 600, C half an hour at the back's 400.
    assert (found.currency, found.amount, found.seconds) == ("RUB", 1500, 7200)
    assert (found.instances, found.unknown_instances, found.untariffed_instances) == (5, 1, 1)
    assert (found.closed_cases, found.amount_per_closed_case, found.unmatched) == (2, 750, ("Z",))
    assert found.by_activity == (
        CostShare("A", 2, 1, 3600, 1000),
        CostShare("B", 1, 1, 1800, 300),
        CostShare("C", 1, 1, 1800, 200),
        CostShare("D", 1, 0, 0, 0),
    )
    assert [share.label for share in found.by_org_unit] == ["front", "back", None]


def test_a_general_tariff_covers_what_has_no_other(ask):
    found = ask(compute_staff_costs, tiny_log(HOURS), tariffs=Tariffs("RUB", 100))
    assert (found.amount, found.untariffed_instances, found.unmatched) == (400, 0, ())


def test_without_known_times_there_is_no_amount(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 10
    """)
    found = ask(compute_staff_costs, log, tariffs=Tariffs("RUB", 100))
    assert (found.amount, found.amount_per_closed_case, found.unknown_instances) == (None, None, 1)


def assert_agrees(store, log, engine):
    activity = log.events[0].activity
    held = {event.resource for event in log.events} - {None}
    tariffs = Tariffs("EUR", 36, dict.fromkeys(sorted(held)[:1], 120), {"y": 72}, {activity: 18})
    found = compute_staff_costs(store, tariffs=tariffs, engine=engine)
    expected = reference_cases.compute_staff_costs(log, tariffs=tariffs)
    for name in ("by_activity", "by_org_unit"):
        in_order = [sorted(getattr(r, name), key=lambda share: share.label or "") for r in (found, expected)]
        assert comparable(in_order[0]) == comparable(in_order[1])
    assert comparable(found.amount) == comparable(expected.amount)
    assert (found.seconds, found.unknown_instances, found.untariffed_instances, found.unmatched) == (
        expected.seconds,
        expected.unknown_instances,
        expected.untariffed_instances,
        expected.unmatched,
    )
    listed = list_staff_cost_cases(store, tariffs=tariffs, engine=engine)
    assert sum(cost.amount for cost in listed) == pytest.approx(found.amount or 0, rel=1e-9)
    assert sum(cost.seconds for cost in listed) == pytest.approx(found.seconds, rel=1e-12)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("costs") / "store"), log, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
