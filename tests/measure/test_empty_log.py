"""A log without a single case has measures, all of them empty."""

import pytest

from potok.diagnose.first_findings import find_first
from potok.measure.case_durations import compute_case_durations
from potok.measure.counts import compute_counts
from potok.measure.directly_follows import DirectlyFollowsGraph, compute_directly_follows_graph
from potok.measure.endpoints import Endpoints, compute_endpoints
from potok.measure.hand_overs import HandOvers, compute_hand_overs
from potok.measure.rework import compute_rework
from potok.measure.variants import compute_variants
from support.tiny_store import SECOND, TinyLog, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(TinyLog((), extracted=5 * SECOND), tmp_path_factory.mktemp("empty") / "store")


def test_counts_reach_from_and_to_the_extraction(store):
    counts = compute_counts(store)
    assert (counts.cases, counts.open_cases, counts.activity_instances, counts.variants) == (0, 0, 0, 0)
    assert counts.first_us == counts.last_us == 5 * SECOND


def test_durations_are_unknown(store):
    durations = compute_case_durations(store)
    assert (durations.closed_cases, durations.open_cases, durations.total_seconds) == (0, 0, 0)
    assert durations.median_seconds is None
    assert durations.histogram == ()


def test_all_else_is_empty(store):
    assert compute_directly_follows_graph(store) == DirectlyFollowsGraph((), (), has_start_times=False)
    assert compute_endpoints(store) == Endpoints((), ())
    assert compute_hand_overs(store) == HandOvers((), ())
    assert compute_rework(store) == compute_variants(store) == find_first(store) == ()
