"""The temporal profile: lists behind figures, an empty log, and cases that are too long."""

from random import Random

import pytest

from potok.measure import temporal_profile
from potok.measure.evidence import UnknownPlaceError
from potok.measure.temporal_profile import TemporalProfile, TooManyPairsError, compute_temporal_profile
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store

LOG = tiny_log("""
    case | activity | started | completed
    1    | A        | 0       | 10
    1    | B        | 30      | 40
    1    | B        | 90      | 95
    2    | A        | 0       | 10
    2    | C        | 11      | 12
    2    | B        | 15      | 20
""")


@pytest.fixture
def store(tmp_path):
    return write_store(LOG, tmp_path / "store")


def test_a_list_holds_all_pairs_and_points_at_the_longest(store):
    listed = temporal_profile.list_relation_cases(store, "A", "B")
    assert [(e.case_id, e.seconds, e.source_rows) for e in listed] == [("1", 100, (1, 3)), ("2", 5, (4, 6))]
    (far,) = temporal_profile.list_relation_cases(store, "A", "B", at_least_seconds=80)
    assert (far.case_id, far.seconds) == ("1", 80)
    assert [e.case_id for e in temporal_profile.list_relation_cases(store, "A", "B", limit=1)] == ["1"]


def test_lists_add_up_to_the_sums(tmp_path):
    store = write_store(random_log(Random(3), cases=40), tmp_path / "random")
    for relation in compute_temporal_profile(store).relations:
        listed = temporal_profile.list_relation_cases(store, relation.activity, relation.later_activity)
        total = (relation.mean_seconds or 0) * relation.timed
        assert sum(e.seconds for e in listed) == pytest.approx(total, rel=1e-9)


def test_an_empty_log_has_an_empty_profile(tmp_path):
    store = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store")
    assert compute_temporal_profile(store) == TemporalProfile((), has_start_times=False)


def test_cases_that_are_too_long_are_refused_with_their_number_of_pairs(store, monkeypatch):
    monkeypatch.setattr(temporal_profile, "MOST_PAIRS", 5)
    with pytest.raises(TooManyPairsError, match="hold 6 pairs of instances"):
        compute_temporal_profile(store)
    monkeypatch.setattr(temporal_profile, "MOST_PAIRS", 6)
    assert compute_temporal_profile(store).relations


def test_an_unknown_activity_is_named(store):
    with pytest.raises(UnknownPlaceError, match="The log has no “Z”"):
        temporal_profile.list_relation_cases(store, "A", "Z")
