"""Which channels are digital by their names, lists of cases, and logs without channels."""

import pyarrow as pa
import pytest

from potok.measure.channel_words import guess_is_digital
from potok.measure.channels import compute_channels, list_channel_cases
from potok.measure.evidence import UnknownPlaceError
from support.measuring import with_column
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store

LOG = tiny_log("""
    case | activity | completed
    1    | A        | 0
    1    | B        | 10
    2    | A        | 1
    2    | B        | 31
    3    | A        | 2
""")


@pytest.fixture
def store(tmp_path):
    made = write_store(LOG, tmp_path / "store")
    return with_column(made, "cases", "channel", ["web", "web", None], pa.string())


@pytest.mark.parametrize(
    "name",
    ["Портал", "ЕПГУ", "через РПГУ", "Госуслуги", "онлайн", "Online", "E-mail", "email", "электронная почта",
     "эл. почта", "Электронный", "сайт ведомства", "Личный кабинет", "мобильное приложение", "web form", "СМЭВ",
     "чат-бот", "Internet", "Customer portal", "Mobile app"],
)  # fmt: skip
def test_digital_names(name):
    assert guess_is_digital(name) is True


@pytest.mark.parametrize(
    "name",
    ["МФЦ", "Лично", "личный приём", "очно", "Почта", "почтой", "на бумаге", "Телефон", "окно № 3", "Desk", "Counter",
     "Post", "mail", "phone", "in person", "нарочным", "Приём граждан"],
)  # fmt: skip
def test_other_names(name):
    assert guess_is_digital(name) is False


@pytest.mark.parametrize("name", ["голубь", "портал МФЦ", "1", "", "прочее", "заочный"])
def test_names_that_say_neither_or_both(name):
    assert guess_is_digital(name) is None


def test_lists_hold_the_cases_of_a_channel_longest_first(store):
    assert [e.case_id for e in list_channel_cases(store, "web")] == ["2", "1"]
    assert [e.case_id for e in list_channel_cases(store, None)] == ["3"]
    assert list_channel_cases(store, "МФЦ") == ()
    assert len(list_channel_cases(store, "web", limit=1)) == 1


def test_a_log_without_channels_has_no_digital_share(tmp_path):
    found = compute_channels(write_store(LOG, tmp_path / "store"))
    assert (found.digital_share, found.unknown_share) == (None, 1.0)
    assert (found.lower_digital_share, found.upper_digital_share) == (0, 1)


def test_an_empty_log_has_no_shares(tmp_path):
    found = compute_channels(write_store(TinyLog((), extracted=5 * SECOND), tmp_path / "store"))
    assert (found.channels, found.cases, found.unknown_share, found.digital_share) == ((), 0, None, None)


def test_a_digital_channel_that_no_case_has_is_named(store):
    with pytest.raises(UnknownPlaceError, match="The log has no “ЕПГУ”"):
        compute_channels(store, digital=["ЕПГУ"])
