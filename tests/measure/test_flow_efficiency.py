"""Flow efficiency: its list of cases, an empty log, and bad parameters."""

from random import Random

import pytest

from potok.measure.evidence import UnknownPlaceError
from potok.measure.flow_efficiency import compute_flow_efficiency, list_flow_cases
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyLog, write_store


@pytest.mark.parametrize("seed", range(6))
def test_the_list_adds_up_and_stays_within_lead_time(tmp_path, seed):
    log = random_log(Random(seed), cases=20)
    store = write_store(log, tmp_path / "store")
    activities = sorted({event.activity for event in log.events})[:2]
    found = compute_flow_efficiency(store, activities=activities)
    listed = list_flow_cases(store, activities=activities)
    assert len(listed) == found.closed_cases
    assert sum(flow.value_seconds for flow in listed) == pytest.approx(found.value_seconds, rel=1e-12)
    assert sum(flow.lead_seconds for flow in listed) == pytest.approx(found.lead_seconds, rel=1e-12)
    for flow in listed:
        assert 0 <= flow.value_seconds <= flow.upper_value_seconds <= flow.lead_seconds
    lost = [flow.lead_seconds - flow.value_seconds for flow in listed]
    assert lost == sorted(lost, reverse=True)
    assert list_flow_cases(store, activities=activities, limit=2) == listed[:2]


def test_bad_parameters_are_refused(tmp_path):
    store = write_store(random_log(Random(1)), tmp_path / "store")
    with pytest.raises(ValueError, match="at least one activity"):
        compute_flow_efficiency(store, activities=[])
    with pytest.raises(UnknownPlaceError, match="The log has no “Z”"):
        compute_flow_efficiency(store, activities=["Z"])
    with pytest.raises(ValueError, match="enablement must be one of"):
        compute_flow_efficiency(store, activities=["A"], enablement="guess")


def test_a_log_of_open_cases_has_no_share(tmp_path):
    log = random_log(Random(1))
    cases = frozenset(event.case for event in log.events)
    store = write_store(TinyLog(log.events, open_cases=cases, extracted=5 * SECOND), tmp_path / "store")
    found = compute_flow_efficiency(store, activities=[log.events[0].activity])
    assert (found.closed_cases, found.share, found.lower_share, found.lead_seconds) == (0, None, None, 0)
