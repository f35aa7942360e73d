"""How long after one activity another one follows."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.temporal_profile import TemporalRelation, compute_temporal_profile
from support import reference_times
from support.comparing import comparable
from support.examples import examples
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_of(request, tmp_path, reference_times.REFERENCES)


def test_every_later_instance_makes_a_pair_not_only_the_next(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
        1    | C        | 45      | 50
    """)
    profile = ask(compute_temporal_profile, log)
    assert profile.relations == (
        TemporalRelation("A", "B", 1, 1, 20.0, None),
        TemporalRelation("A", "C", 1, 1, 35.0, None),
        TemporalRelation("B", "C", 1, 1, 5.0, None),
    )
    assert profile.has_start_times


def test_the_deviation_is_that_of_a_sample(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        2    | A        | 0
        2    | B        | 20
        3    | A        | 0
        3    | B        | 60
    """)
    (relation,) = ask(compute_temporal_profile, log).relations
    assert relation == TemporalRelation("A", "B", 3, 3, 30.0, pytest.approx(700**0.5, rel=1e-12))


def test_repetitions_make_pairs_with_each_other_and_with_all_that_follows(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | A        | 10
        1    | B        | 40
    """)
    assert ask(compute_temporal_profile, log).relations == (
        TemporalRelation("A", "B", 2, 2, 35.0, pytest.approx(50**0.5, rel=1e-12)),
        TemporalRelation("A", "A", 1, 1, 10.0, None),
    )


def test_an_overlap_takes_no_time_and_an_unknown_end_gives_none(ask):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 30
        1    | B        | 10      | 40
        2    | A        | 0       |
        2    | B        | 10      | 40
    """)
    assert ask(compute_temporal_profile, log).relations == (TemporalRelation("A", "B", 2, 1, 0.0, None),)


def test_small_deviations_of_long_times_are_not_lost(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 4300000000
        2    | A        | 0
        2    | B        | 4300000001
    """)
    (relation,) = ask(compute_temporal_profile, log).relations
    assert relation.deviation_seconds == pytest.approx(0.5**0.5, rel=1e-12)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(9), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_going_through_every_pair(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    store = write_store(log, tmp_path_factory.mktemp("profile") / "store")
    found = compute_temporal_profile(store, engine=duckdb_engine)
    assert comparable(found) == comparable(reference_times.compute_temporal_profile(log))


@pytest.mark.spark
def test_spark_agrees_with_going_through_every_pair(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(60)])
    found = compute_temporal_profile(write_store(log, tmp_path / "store"), engine=spark_engine)
    assert comparable(found) == comparable(reference_times.compute_temporal_profile(log))
