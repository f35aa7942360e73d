"""First-time-through: groups of cases, lists behind figures, and bad parameters."""

import pyarrow as pa
import pytest

from potok.measure.evidence import UnknownPlaceError
from potok.measure.first_time_through import FirstTimeThrough, compute_first_time_through, list_first_time_cases
from support.measuring import with_column
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store

LOG = tiny_log(
    """
    case | activity | completed
    1    | A        | 0
    1    | B        | 10
    2    | A        | 1
    2    | A        | 30
    3    | A        | 2
    3    | R        | 5
    4    | A        | 3
    """,
    open_cases="4",
)


@pytest.fixture
def store(tmp_path):
    made = write_store(LOG, tmp_path / "store")
    return with_column(made, "cases", "channel", ["portal", "desk", "portal", None], pa.string())


def test_groups_of_a_channel_hold_the_unknown_one_last(store):
    found = compute_first_time_through(store, by="channel")
    assert [(g.label, g.closed_cases, g.through_cases, g.share, g.open_cases) for g in found.groups] == [
        ("portal", 2, 2, 1.0, 0),
        ("desk", 1, 0, 0.0, 0),
        (None, 0, 0, None, 1),
    ]


@pytest.mark.parametrize("returns", [None, ["R"], ["R", "B"]])
def test_every_closed_case_is_in_one_of_the_two_lists(store, returns):
    found = compute_first_time_through(store, return_activities=returns).overall
    through = list_first_time_cases(store, is_through=True, return_activities=returns)
    returned = list_first_time_cases(store, is_through=False, return_activities=returns)
    assert len(through) == found.through_cases
    assert {e.case_id for e in (*through, *returned)} == {"1", "2", "3"}
    assert len(through) + len(returned) == found.closed_cases


def test_a_list_names_the_cases_longest_first(store):
    (evidence,) = list_first_time_cases(store, is_through=False)
    assert (evidence.case_id, evidence.seconds, evidence.source_rows) == ("2", 29.0, (3, 4))
    assert [e.case_id for e in list_first_time_cases(store, is_through=True, limit=1)] == ["1"]


def test_an_empty_log_has_no_share(tmp_path):
    store = write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store")
    found = compute_first_time_through(store, by="channel")
    assert isinstance(found, FirstTimeThrough)
    assert (found.overall.share, found.overall.closed_cases, found.groups) == (None, 0, ())


def test_bad_parameters_are_refused(store):
    with pytest.raises(UnknownPlaceError, match="The log has no “Z”"):
        compute_first_time_through(store, return_activities=["Z"])
    with pytest.raises(ValueError, match="at least one activity"):
        compute_first_time_through(store, return_activities=[])
    with pytest.raises(ValueError, match="by must be one of channel, service"):
        compute_first_time_through(store, by="colour")
