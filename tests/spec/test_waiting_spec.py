"""How long a case waited."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.enablement import ENABLEMENTS, compute_time_knowledge
from potok.measure.waiting import compute_case_waiting, compute_waiting_histogram
from support import reference_times
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_times.REFERENCES)


def test_a_case_waits_between_its_instances(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
        1    | C        | 45      | 50
        2    | A        | 0       | 10
    """)
    found = ask(compute_case_waiting, log)
    assert (found.cases, found.partly_known_cases, found.enablement) == (2, 0, "previous")
    waiting = found.waiting
    assert (waiting.known, waiting.min_seconds, waiting.median_seconds, waiting.max_seconds) == (2, 0, 12.5, 25)
    assert waiting.total_seconds == 25
    assert [(found.from_seconds, found.cases) for found in ask(compute_waiting_histogram, log)] == [(0, 2)]


def test_waits_given_by_the_log_count_once_where_they_overlap(ask):
    log = tiny_log("""
        case | activity | enabled | started | completed
        1    | A        | 0       | 4       | 10
        1    | B        | 2       | 30      | 40
        1    | C        | 5       | 20      | 45
        1    | D        | 60      | 61      | 62
    """)
    found = ask(compute_case_waiting, log)
    assert (found.enablement, found.waiting.total_seconds) == ("given", 31)
    assert ask(compute_case_waiting, log, enablement="previous").waiting.total_seconds == 36


def test_a_case_with_some_unknown_waits_counts_with_what_is_known(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       |
        1    | B        | 30      | 40
        1    | C        | 45      | 50
        2    | A        | 0       |
        2    | B        | 7       | 9
    """)
    found = ask(compute_case_waiting, log)
    assert (found.cases, found.partly_known_cases) == (2, 1)
    assert (found.waiting.known, found.waiting.known_share, found.waiting.total_seconds) == (1, 0.5, 5)


def test_without_starts_a_wait_holds_the_work_and_says_so(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 10
        1    | B        | 40
    """)
    found = ask(compute_case_waiting, log)
    assert (found.waiting.total_seconds, found.has_start_times) == (30, False)
    assert "no_start_times" in found.reasons


def test_a_start_after_the_completion_does_not_make_the_next_wait_count_twice(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 50      | 20
        1    | C        | 60      | 70
    """)
    assert ask(compute_case_waiting, log).waiting.total_seconds == 50


def assert_agrees(store, log, engine):
    for measure in (compute_case_waiting, compute_waiting_histogram):
        for enablement in (*ENABLEMENTS, None):
            expected = reference_times.REFERENCES[measure.__name__](log, enablement=enablement)
            found = measure(store, enablement=enablement, engine=engine)
            assert comparable(found) == comparable(expected), (measure.__name__, enablement)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("waiting") / "store"), log, duckdb_engine)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_where_all_starts_are_known_the_short_way_agrees_as_well(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    events = tuple(replace(event, started=min(event.instants)) for event in log.events)
    started = replace(log, events=events)
    store = write_store(started, tmp_path_factory.mktemp("started") / "store")
    assert compute_time_knowledge(store, engine=duckdb_engine).is_well_started
    assert_agrees(store, started, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
