"""Times per activity: the lists behind figures, an empty log, and bad parameters."""

from random import Random

import pytest

from potok.measure.activity_times import compute_activity_times, list_activity_time_cases
from potok.measure.enablement import ENABLEMENTS, QUANTITIES, REASONS
from potok.measure.evidence import UnknownPlaceError
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_store(random_log(Random(3), cases=40), tmp_path_factory.mktemp("times") / "store")


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("enablement", ENABLEMENTS)
def test_lists_add_up_to_the_totals(store, quantity, enablement):
    found = compute_activity_times(store, enablement=enablement)
    for group in found.groups:
        listed = list_activity_time_cases(store, group.label, quantity=quantity, enablement=enablement)
        total = getattr(group, quantity).total_seconds or 0
        assert sum(evidence.seconds for evidence in listed) == pytest.approx(total, rel=1e-12)
        assert len({evidence.case for evidence in listed}) == len(listed)
        assert [e.seconds for e in listed] == sorted((e.seconds for e in listed), reverse=True)


def test_every_reason_has_a_sentence(store):
    assert set(compute_activity_times(store).reasons) <= set(REASONS)


def test_a_wait_lies_between_the_row_before_and_its_own(tmp_path):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
    """)
    store = write_store(log, tmp_path / "store")
    (evidence,) = list_activity_time_cases(store, "B")
    assert (evidence.seconds, evidence.source_rows) == (20, (1, 2))
    (evidence,) = list_activity_time_cases(store, "A", quantity="processing")
    assert (evidence.seconds, evidence.source_rows) == (10, (1, 1))


def test_an_empty_log_has_no_groups(tmp_path):
    store = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store")
    found = compute_activity_times(store)
    assert (found.groups, found.reasons, found.has_start_times) == ((), (), False)


def test_bad_parameters_are_refused(store):
    with pytest.raises(ValueError, match="by must be one of activity, resource, org_unit"):
        compute_activity_times(store, by="colour")
    with pytest.raises(ValueError, match="enablement must be one of given, previous"):
        compute_activity_times(store, enablement="guess")
    with pytest.raises(ValueError, match="quantity must be one of waiting, processing, sojourn"):
        list_activity_time_cases(store, "A", quantity="colour")
    with pytest.raises(UnknownPlaceError, match="The log has no “Z”"):
        list_activity_time_cases(store, "Z")
