"""Canonical texts of columns, and days of clocks."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.core.calendars import Calendar
from potok.verify.outcomes.clocks import CALENDAR_DAYS, clock_of
from potok.verify.outcomes.errors import MissingCalendarError
from potok.verify.outcomes.labelling import as_text, make_labels
from potok.verify.protocol.model import Clock
from potok.verify.study import UNKNOWN
from support.examples import examples
from verify.outcomes.study_logs import make_protocol

MINUTES = 60_000_000
HOURS = 60 * MINUTES


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([3, None, -7]), ["3", None, "-7"]),
        (pa.array([3.0, 0.1, float("nan"), 1e22]), ["3", "0.1", None, "1e+22"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array(["a", "", None, "a"]), ["a", None, None, "a"]),
        (pa.array([1], pa.timestamp("us", "UTC")), ["1970-01-01T00:00:00.000001+00:00"]),
        (pa.array([0], pa.timestamp("us")), ["1970-01-01T00:00:00"]),
        (pa.array([date(2024, 2, 29)]), ["2024-02-29"]),
    ],
)  # fmt: skip
def test_columns_of_any_type_have_one_text(column, expected):
    assert as_text(column).to_pylist() == expected
    assert as_text(pa.chunked_array([column[:1], column[1:]])).to_pylist() == expected


def test_instants_can_be_read_again():
    instant = datetime.fromisoformat(as_text(pa.array([1_700_000_000_123_456], pa.timestamp("us", "UTC")))[0].as_py())
    assert instant.timestamp() == pytest.approx(1_700_000_000.123456)


@settings(deadline=None, max_examples=examples(40))
@given(st.lists(st.sampled_from(["b", "a", "", None, "я"]), max_size=12), st.integers(0, 12))
def test_labels_are_sorted_and_lead_back_to_the_texts(texts, cut):
    labels = make_labels("x", [pa.array(texts[:cut], pa.string()), pa.array(texts[cut:], pa.string())])
    assert list(labels.labels) == sorted({text for text in texts if text})
    assert [None if c == UNKNOWN else labels.labels[c] for c in labels.codes.tolist()] == [t or None for t in texts]


def office() -> Calendar:
    """Return an office open 9–13 and 14–18, Fridays to 17, with one day off."""
    full, friday = ((540, 780), (840, 1080)), ((540, 780), (840, 1020))
    return Calendar("office", "Europe/Berlin", (full,) * 4 + (friday, (), ()), {date(2024, 5, 1): ()}, 2023, 2025)


def at(text: str) -> int:
    """Return microseconds of a time in Berlin in summer."""
    return int(datetime.fromisoformat(f"{text}+02:00").timestamp() * 1_000_000)


def test_a_working_day_is_the_mean_day_of_the_ordinary_week():
    clock = clock_of(make_protocol(clock=Clock.WORKING_DAYS).estimand, zone="UTC", calendar=office())
    assert clock.day_us == pytest.approx((4 * 8 + 7) / 5 * HOURS)
    assert clock.calendar_id == office().calendar_id
    starts = np.array([at("2024-04-29T09:00"), at("2024-04-30T18:00"), at("2024-05-03T10:00")])
    ends = np.array([at("2024-04-30T13:30"), at("2024-05-02T09:00"), at("2024-05-03T09:00")])
    assert clock.days(starts, ends) * clock.day_us / HOURS == pytest.approx([12, 0, -1])


def test_calendar_days_are_of_24_hours_whatever_the_clock_on_the_wall():
    estimand = make_protocol().estimand
    clock = clock_of(estimand, zone="Europe/Berlin")
    assert clock is CALENDAR_DAYS
    assert clock.calendar_id == ""
    day = 24 * HOURS
    assert clock.days(np.array([0]), np.array([3 * day // 2])).tolist() == [1.5]
    assert clock.after_us(np.array([0, day]), 2.0, limit_us=2 * day + 5).tolist() == [2 * day, 2 * day + 5]


@settings(deadline=None, max_examples=examples(30))
@given(st.lists(st.integers(0, 60 * 24 * 90), min_size=1, max_size=8), st.floats(0.05, 30))
def test_the_end_of_a_horizon_is_the_first_instant_with_so_much_working_time(minutes, days):
    clock = clock_of(make_protocol(clock=Clock.WORKING_DAYS).estimand, zone="UTC", calendar=office())
    starts = at("2024-04-01T00:00") + np.array(minutes, np.int64) * MINUTES
    limit = int(starts.max() + timedelta(days=20) // timedelta(microseconds=1))
    ends = clock.after_us(starts, days, limit_us=limit)
    length = round(days * clock.day_us)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        first = office().working_instant_us(start, length)
        assert end == min(first, limit)


def test_no_case_has_no_horizon_and_a_closed_office_no_end():
    clock = clock_of(make_protocol(clock=Clock.WORKING_DAYS).estimand, zone="UTC", calendar=office())
    nothing = np.zeros(0, np.int64)
    assert clock.after_us(nothing, 1.0, limit_us=5).tolist() == []
    night = np.array([at("2024-05-01T01:00")])
    assert clock.after_us(night, 1.0, limit_us=at("2024-05-01T05:00")).tolist() == [at("2024-05-01T05:00")]


def test_working_days_need_a_calendar():
    with pytest.raises(MissingCalendarError) as refused:
        clock_of(make_protocol(clock=Clock.WORKING_DAYS).estimand, zone="UTC")
    assert refused.value.where == "estimand.calendar"
    named = make_protocol(clock=Clock.WORKING_DAYS, calendar="ru").estimand
    found = clock_of(named, zone="Europe/Kaliningrad").calendar
    assert found is not None
    assert found.zone == "Europe/Kaliningrad"
    assert clock_of(named, zone="UTC").calendar.zone != "UTC"
