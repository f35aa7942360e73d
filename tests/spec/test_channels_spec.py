"""Channels and the digital share, on both engines and in plain Python."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.measure.channels import ChannelShare, compute_channels
from support.comparing import comparable
from support.examples import examples
from support.measuring import with_column
from support.tiny_store import TinyEvent, TinyLog, write_store

VALUES = ["портал", "МФЦ", None, "портал", "", "голубь", "портал", "МФЦ", None, "портал"]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def store(tmp_path):
    events = tuple(TinyEvent(f"{number:02}", "A", completed=number) for number in range(len(VALUES)))
    made = write_store(TinyLog(events, open_cases=frozenset({"00", "02"})), tmp_path / "store")
    return with_column(made, "cases", "channel", VALUES, pa.string())


def test_shares_count_every_case_and_show_the_unknown_ones(store, engine):
    found = compute_channels(store, engine=engine)
    assert found.channels == (
        ChannelShare("портал", 4, 1, 0.4, is_digital=True, is_guess=True),
        ChannelShare("МФЦ", 2, 0, 0.2, is_digital=False, is_guess=True),
        ChannelShare("голубь", 1, 0, 0.1, is_digital=None, is_guess=False),
        ChannelShare(None, 3, 1, 0.3, is_digital=None, is_guess=False),
    )
    assert (found.cases, found.unknown_cases, found.undecided_cases, found.digital_cases) == (10, 3, 1, 4)
    assert (found.digital_share, found.lower_digital_share, found.upper_digital_share) == (4 / 6, 0.4, 0.8)
    assert (found.unknown_share, found.is_guess) == (0.3, True)


def test_given_digital_channels_decide_about_all(store, engine):
    found = compute_channels(store, digital=["голубь"], engine=engine)
    assert [share.is_digital for share in found.channels] == [False, False, True, None]
    assert (found.digital_share, found.is_guess, found.undecided_cases) == (1 / 7, False, 0)


NAMES = st.sampled_from(["портал", "МФЦ", "голубь", "desk", "", None])


@given(values=st.lists(NAMES, min_size=1, max_size=20), digital=st.sampled_from([None, ["МФЦ"]]))
@settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_counting(values, digital, duckdb_engine, tmp_path_factory):
    assert_agrees(values, digital, duckdb_engine, tmp_path_factory.mktemp("channels") / "store")


@pytest.mark.spark
def test_spark_agrees_with_plain_counting(spark_engine, tmp_path):
    assert_agrees([*VALUES, "desk"] * 3, ["МФЦ"], spark_engine, tmp_path / "counted")


def assert_agrees(values, digital, engine, folder):
    events = tuple(TinyEvent(f"{number:03}", "A", completed=number) for number in range(len(values)))
    store = with_column(write_store(TinyLog(events), folder), "cases", "channel", values, pa.string())
    if digital and not set(digital) & set(values):
        digital = None
    counts = Counter(value or None for value in values)
    kinds = {"портал": True, "МФЦ": False, "голубь": None, "desk": False, None: None}
    if digital:
        kinds = {name: None if name is None else name in digital for name in kinds}
    decided = sum(count for name, count in counts.items() if kinds[name] is not None)
    digitals = sum(count for name, count in counts.items() if kinds[name])
    found = compute_channels(store, digital=digital, engine=engine)
    assert {share.channel: share.cases for share in found.channels} == dict(counts)
    assert {share.channel: share.is_digital for share in found.channels} == {name: kinds[name] for name in counts}
    assert comparable(found.digital_share) == (digitals / decided if decided else None)
    assert found.unknown_cases == counts[None]
