"""Since when an instance waits, how long it is worked on, and what a log without starts cannot tell."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.activity_times import GROUPINGS, compute_activity_times
from potok.measure.enablement import ENABLEMENTS
from support import reference_times
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_times.REFERENCES)


def groups(result):
    return {group.label: group for group in result.groups}


def test_waiting_and_processing_add_up_to_the_sojourn(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 45
    """)
    times = ask(compute_activity_times, log)
    b = groups(times)["B"]
    assert (b.waiting.total_seconds, b.processing.total_seconds, b.sojourn.total_seconds) == (20, 15, 35)
    assert (times.enablement, times.has_start_times, times.reasons) == ("previous", True, ("enablement_is_assumed",))


def test_the_first_instance_of_a_case_has_no_known_wait(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
    """)
    (a,) = ask(compute_activity_times, log).groups
    assert (a.waiting.known, a.waiting.known_share, a.waiting.total_seconds) == (0, 0, None)
    assert (a.processing.known, a.processing.median_seconds) == (1, 10)
    assert a.sojourn.known == 0


def test_without_starts_only_the_sojourn_is_known(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 10
        1    | B        | 40
    """)
    times = ask(compute_activity_times, log)
    b = groups(times)["B"]
    assert (b.waiting.known, b.processing.known, b.sojourn.total_seconds) == (0, 0, 30)
    assert times.reasons == ("no_start_times", "enablement_is_assumed")
    assert not times.has_start_times


def test_a_given_enablement_goes_before_the_previous_instance(ask):
    log = tiny_log("""
        case | activity | enabled | started | completed
        1    | A        | 0       | 4       | 10
        1    | B        | 0       | 30      | 45
    """)
    times = ask(compute_activity_times, log)
    assert (times.enablement, times.reasons) == ("given", ())
    assert groups(times)["A"].waiting.total_seconds == 4
    assert groups(times)["B"].waiting.total_seconds == 30
    assert groups(ask(compute_activity_times, log, enablement="previous"))["B"].waiting.total_seconds == 20


def test_an_instance_started_before_it_was_enabled_has_not_waited(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 30
        1    | B        | 10      | 40
    """)
    b = groups(ask(compute_activity_times, log))["B"]
    assert (b.waiting.total_seconds, b.processing.total_seconds, b.sojourn.total_seconds) == (0, 30, 30)


def test_a_start_after_the_completion_makes_processing_unknown(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 50      | 40
    """)
    times = ask(compute_activity_times, log)
    b = groups(times)["B"]
    assert (b.waiting.total_seconds, b.processing.known, b.sojourn.known) == (40, 0, 0)
    assert "some_completion_times_missing" in times.reasons


def test_starts_that_only_repeat_the_completion_are_named(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 10      | 10
        1    | B        | 40      | 40
    """)
    assert "starts_equal_completions" in ask(compute_activity_times, log).reasons


def test_by_unit_the_unknown_one_is_shown_last(ask):
    log = tiny_log("""
        case | activity | started | completed | org_unit
        1    | A        | 0       | 10        | front
        1    | B        | 30      | 40        |
        1    | C        | 45      | 50        | back
    """)
    times = ask(compute_activity_times, log, by="org_unit")
    assert [group.label for group in times.groups] == ["back", "front", None]
    assert groups(times)[None].waiting.total_seconds == 20


def test_quantiles_interpolate_linearly(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        2    | A        | 0       | 20
        3    | A        | 0       | 60
        4    | A        | 0       | 110
    """)
    (a,) = ask(compute_activity_times, log).groups
    found = a.processing
    assert (found.min_seconds, found.median_seconds, found.p90_seconds, found.max_seconds) == (10, 40, 95, 110)
    assert (found.mean_seconds, found.total_seconds, found.known_share) == (50, 200, 1)


def assert_agrees(store, log, engine):
    for by in GROUPINGS:
        for enablement in (*ENABLEMENTS, None):
            expected = reference_times.compute_activity_times(log, by=by, enablement=enablement)
            found = compute_activity_times(store, by=by, enablement=enablement, engine=engine)
            assert comparable(found) == comparable(expected), (by, enablement)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("times") / "store"), log, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
