"""Every measure, on every engine and in plain Python, over random logs."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.diagnose.first_findings import find_first
from potok.measure.case_durations import compute_case_durations
from potok.measure.counts import compute_counts
from potok.measure.directly_follows import compute_directly_follows_edges, compute_directly_follows_graph
from potok.measure.endpoints import compute_endpoints
from potok.measure.evidence import list_cases
from potok.measure.hand_overs import compute_hand_over_network, compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from support import reference
from support.comparing import comparable
from support.examples import examples
from support.random_logs import random_log, union
from support.tiny_store import write_store

MEASURES = (
    compute_case_durations,
    compute_counts,
    compute_directly_follows_edges,
    compute_directly_follows_graph,
    compute_endpoints,
    compute_hand_over_network,
    compute_hand_overs,
    compute_rework,
    compute_variants,
    find_first,
)


def assert_agrees(store, log, engine):
    for measure in MEASURES:
        expected = getattr(reference, measure.__name__)(log)
        assert comparable(measure(store, engine=engine)) == comparable(expected), measure.__name__
    for finding in reference.find_first(log)[:3]:
        place, kind = finding.where, finding.kind
        expected = reference.list_cases(log, place, kind)
        assert comparable(list_cases(store, place, kind, engine=engine)) == comparable(expected)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(9), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = random_log(random)
    assert_agrees(write_store(log, tmp_path_factory.mktemp("agree") / "store"), log, duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path: Path):
    """Eighty logs in one store: a run on Spark costs the same however many rows it reads."""
    log = union([random_log(Random(seed)) for seed in range(80)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine)
