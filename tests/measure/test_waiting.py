"""Waiting per case: lists behind figures, bounds, and an empty log."""

from random import Random

import pytest

from potok.measure.waiting import compute_case_waiting, compute_waiting_histogram, list_waiting_cases
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store


@pytest.mark.parametrize("enablement", ["previous", "given"])
@pytest.mark.parametrize("seed", range(4))
def test_lists_add_up_to_the_total(tmp_path, seed, enablement):
    store = write_store(random_log(Random(seed), cases=30), tmp_path / "store")
    listed = list_waiting_cases(store, enablement=enablement)
    waiting = compute_case_waiting(store, enablement=enablement).waiting
    assert sum(e.seconds for e in listed) == pytest.approx(waiting.total_seconds or 0, rel=1e-12)
    assert [e.seconds for e in listed] == sorted((e.seconds for e in listed), reverse=True)
    for place in compute_waiting_histogram(store, enablement=enablement):
        within = list_waiting_cases(
            store, from_seconds=place.from_seconds, to_seconds=place.to_seconds, enablement=enablement
        )
        # Cases without any wait between two instances are in the first bin but in no list.
        assert len(within) == place.cases or place.from_seconds == 0


def test_a_list_points_at_the_longest_wait(tmp_path):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 15      | 20
        1    | C        | 45      | 50
        2    | A        | 0       | 10
        2    | B        | 12      | 20
    """)
    store = write_store(log, tmp_path / "store")
    assert [(e.case_id, e.seconds, e.source_rows) for e in list_waiting_cases(store)] == [
        ("1", 30, (2, 3)),
        ("2", 2, (4, 5)),
    ]
    assert [e.case_id for e in list_waiting_cases(store, to_seconds=30)] == ["2"]
    assert [e.case_id for e in list_waiting_cases(store, limit=1)] == ["1"]


def test_an_empty_log_waits_for_nothing(tmp_path):
    store = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store")
    found = compute_case_waiting(store)
    assert (found.cases, found.waiting.total_seconds) == (0, None)
    assert compute_waiting_histogram(store) == ()


def test_an_unknown_enablement_is_refused(tmp_path):
    store = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store")
    with pytest.raises(ValueError, match="enablement must be one of given, previous"):
        compute_case_waiting(store, enablement="guess")
