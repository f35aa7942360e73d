"""How much of the lead time adds value."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.enablement import ENABLEMENTS
from potok.measure.flow_efficiency import compute_flow_efficiency
from support import reference_flow
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_flow.REFERENCES)


def test_it_is_value_adding_time_by_lead_time(ask):
    log = tiny_log(
        """
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
        1    | C        | 80      | 100
        2    | B        | 0       | 20
        2    | C        | 90      | 100
        3    | B        | 0       | 50
        """,
        open_cases="3",
    )
    found = ask(compute_flow_efficiency, log, activities=["B", "A"])
    assert (found.activities, found.cannot_tell) == (("A", "B"), False)
    assert (found.closed_cases, found.open_cases, found.instances) == (2, 1, 3)
    assert (found.value_seconds, found.lead_seconds, found.share) == (40, 200, 0.2)
    assert (found.lower_share, found.upper_share, found.median_case_share) == (0.2, 0.2, 0.2)


def test_side_by_side_work_counts_once(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 30
        1    | B        | 10      | 40
        1    | C        | 99      | 100
    """)
    assert ask(compute_flow_efficiency, log, activities=["A", "B"]).share == 0.4


def test_without_starts_nobody_can_tell_and_bounds_are_given(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 40
        1    | C        | 100
    """)
    found = ask(compute_flow_efficiency, log, activities=["B"])
    assert (found.cannot_tell, found.unknown_instances) == (True, 1)
    assert (found.share, found.median_case_share) == (None, None)
    assert (found.lower_share, found.upper_share) == (0, 0.4)


def test_an_unfinished_instance_may_have_lasted_to_the_end(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 20
        1    | B        | 40      |
        1    | C        | 80      | 100
    """)
    found = ask(compute_flow_efficiency, log, activities=["A", "B"])
    assert (found.lower_share, found.upper_share) == (0.2, 1.0)


def test_work_outside_the_case_is_cut_off(ask):
    log = tiny_log(
        """
        case | activity | started | completed
        1    | A        | 0       | 100
        """,
        opened={"1": 50},
        closed={"1": 90},
    )
    assert ask(compute_flow_efficiency, log, activities=["A"]).share == 1


def test_cases_of_no_length_have_no_share(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 5       | 5
    """)
    found = ask(compute_flow_efficiency, log, activities=["A"])
    assert (found.instant_cases, found.share, found.lower_share, found.median_case_share) == (1, None, None, None)


def assert_agrees(store, log, engine):
    held = sorted({event.activity for event in log.events})
    for enablement in (*ENABLEMENTS, None):
        parameters = {"activities": held[: len(held) // 2 + 1], "enablement": enablement}
        expected = reference_flow.compute_flow_efficiency(log, **parameters)
        found = compute_flow_efficiency(store, engine=engine, **parameters)
        assert comparable(found) == comparable(expected), enablement


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("flow") / "store"), log, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
