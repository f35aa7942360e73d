from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.demo.working_time import (
    EPOCH,
    WORKING_DAY,
    WorkingCalendar,
    is_friday,
    local_seconds,
    make_calendar,
    wall_clock,
)

CALENDAR = make_calendar(date(2024, 1, 1), last=date(2024, 12, 31))


def at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return local_seconds(moment.date()) + moment.hour * 3600 + moment.minute * 60 + moment.second


def test_holidays_and_weekends_are_not_worked() -> None:
    days = {EPOCH.fromordinal(EPOCH.toordinal() + day) for day in CALENDAR.days}
    assert date(2024, 1, 8) not in days
    assert date(2024, 1, 9) in days
    assert date(2024, 3, 8) not in days
    assert date(2024, 3, 9) not in days


@pytest.mark.parametrize(
    ("begin", "seconds", "end"),
    [
        ("2024-01-09 09:00:00", 60, "2024-01-09 09:01:00"),
        ("2024-01-09 12:50:00", 1200, "2024-01-09 14:10:00"),
        ("2024-01-12 17:50:00", 1200, "2024-01-15 09:10:00"),
        ("2024-01-12 17:50:00", 600, "2024-01-12 18:00:00"),
        ("2024-01-12 12:50:00", 600, "2024-01-12 13:00:00"),
        ("2024-02-22 17:00:00", 7200, "2024-02-26 10:00:00"),
    ],
)
def test_work_spans_lunch_nights_weekends_and_holidays(begin: str, seconds: int, end: str) -> None:
    assert CALENDAR.finish_at(CALENDAR.working_seconds(at(begin)) + seconds) == at(end)


@pytest.mark.parametrize(
    ("ready", "begin"),
    [
        ("2024-01-12 18:00:00", "2024-01-15 09:00:00"),
        ("2024-01-13 11:00:00", "2024-01-15 09:00:00"),
        ("2024-01-15 08:59:59", "2024-01-15 09:00:00"),
        ("2024-01-15 13:20:00", "2024-01-15 14:00:00"),
        ("2024-01-15 13:00:00", "2024-01-15 14:00:00"),
        ("2024-01-15 10:00:01", "2024-01-15 10:00:01"),
    ],
)
def test_work_begins_when_the_agency_opens(ready: str, begin: str) -> None:
    assert CALENDAR.begin_at(CALENDAR.working_seconds(at(ready))) == at(begin)


@given(working=st.integers(1, 200 * WORKING_DAY))
def test_both_clocks_agree(working: int) -> None:
    assert CALENDAR.working_seconds(CALENDAR.begin_at(working)) == working
    assert CALENDAR.working_seconds(CALENDAR.finish_at(working)) == working
    assert CALENDAR.finish_at(working) <= CALENDAR.begin_at(working)


def test_next_day_skips_what_is_not_accepted() -> None:
    friday = CALENDAR.next_day(at("2024-02-20 12:00:00"), accept=is_friday)
    assert wall_clock(friday * 86_400).date() == date(2024, 3, 1)  # 23 February is a holiday


def test_no_holidays_may_be_given() -> None:
    calendar = make_calendar(date(2024, 1, 1), last=date(2024, 1, 7), holidays=frozenset())
    assert calendar == WorkingCalendar(days=tuple(range(19_723, 19_728)))
