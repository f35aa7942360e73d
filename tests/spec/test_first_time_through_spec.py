"""Which cases go through at the first time."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.first_time_through import FirstTimeShare, compute_first_time_through
from support import reference_cases
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store

LOG = tiny_log(
    """
    case | activity | completed | org_unit
    1    | A        | 0         | front
    1    | B        | 10        | back
    2    | A        | 0         | front
    2    | B        | 5         | back
    2    | A        | 10        | front
    3    | A        | 0         | front
    3    | R        | 5         |
    4    | A        | 0         | front
    5    | A        | 0         | front
    5    | A        | 9         | front
    """,
    open_cases="4 5",
)


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_cases.REFERENCES)


def test_a_repeated_activity_is_a_return_and_open_cases_are_not_judged(ask):
    found = ask(compute_first_time_through, LOG)
    assert found.definition == "no_repetition"
    assert found.overall == FirstTimeShare(None, 3, 2, 2 / 3, open_cases=2, open_returned_cases=1)


def test_declared_return_activities_decide_alone(ask):
    found = ask(compute_first_time_through, LOG, return_activities=["R"])
    assert (found.definition, found.return_activities) == ("no_return", ("R",))
    assert found.overall == FirstTimeShare(None, 3, 2, 2 / 3, open_cases=2, open_returned_cases=0)
    assert ask(compute_first_time_through, LOG, return_activities=["R", "B"]).overall.through_cases == 0


def test_a_case_belongs_to_every_unit_that_worked_on_it(ask):
    found = ask(compute_first_time_through, LOG, by="org_unit")
    assert found.groups == (
        FirstTimeShare("front", 3, 2, 2 / 3, open_cases=2, open_returned_cases=1),
        FirstTimeShare("back", 2, 1, 0.5, open_cases=0, open_returned_cases=0),
    )


def test_with_no_closed_case_there_is_no_share(ask):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        """,
        open_cases="1",
    )
    assert ask(compute_first_time_through, log).overall == FirstTimeShare(None, 0, 0, None, 1, 0)


def assert_agrees(store, log, engine):
    held = sorted({event.activity for event in log.events})
    for parameters in ({}, {"by": "org_unit"}, {"by": "channel"}, {"return_activities": held[:1], "by": "org_unit"}):
        expected = reference_cases.compute_first_time_through(log, **parameters)
        found = compute_first_time_through(store, engine=engine, **parameters)
        assert comparable(found) == comparable(expected), parameters


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("through") / "store"), log, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
