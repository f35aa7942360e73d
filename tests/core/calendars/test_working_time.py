"""Working time against a count of minutes, one by one."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import Calendar, load_calendar
from potok.core.calendars.errors import YearNotCoveredError
from support.calendars import MINUTE_US, local_us, open_minutes, random_calendars
from support.examples import examples

DAY_US = 86_400_000_000
OFFICE = ((540, 780), (840, 1080))
slow = settings(max_examples=examples(21), deadline=None, suppress_health_check=[HealthCheck.too_slow])


def passed(minutes: np.ndarray, at_us: int) -> int:
    """Return the working µs before an instant, from the list of working minutes."""
    return int(np.clip(at_us - minutes, 0, MINUTE_US).sum())


@slow
@given(random_calendars(), st.data())
def test_working_time_equals_minute_by_minute(drawn, data):
    calendar, first, last = drawn
    minutes = np.array(list(open_minutes(calendar, first, last)), dtype=np.int64)
    instants = data.draw(st.lists(st.integers(first, last - 1), min_size=2, max_size=20))
    starts, ends = np.array(instants[::2][: len(instants) // 2]), np.array(instants[1::2])
    expected = [passed(minutes, end) - passed(minutes, start) for start, end in zip(starts, ends, strict=True)]
    assert calendar.working_us(starts, ends).tolist() == expected
    table = calendar.day_table(first, last - 1)
    assert (table.worked_us(ends) - table.worked_us(starts)).tolist() == expected


@slow
@given(random_calendars())
def test_open_intervals_are_the_open_minutes(drawn):
    calendar, first, last = drawn
    starts, ends = calendar.open_intervals(first, last)
    listed = [at for start, end in zip(starts, ends, strict=True) for at in range(start, end, MINUTE_US)]
    assert listed == list(open_minutes(calendar, first, last))
    assert np.all(starts < ends)
    assert np.all(ends[:-1] < starts[1:])


@slow
@given(random_calendars(), st.data())
def test_working_instant_is_the_first_at_which_the_time_has_passed(drawn, data):
    calendar, first, last = drawn
    start = data.draw(st.integers(first, last - 1))
    left = int(calendar.working_us(start, last - 1))
    working = data.draw(st.integers(0, left))
    instant = calendar.working_instant_us(start, working)
    assert int(calendar.working_us(start, instant)) == working
    if working:
        assert int(calendar.working_us(start, instant - 1)) == working - 1
    else:
        assert instant == start


def test_a_day_table_lists_every_utc_day_and_its_open_spans():
    calendar = Calendar("office", "Asia/Yakutsk", (OFFICE,) * 5 + ((), ()), {}, 2024, 2024)
    # Friday 5 July 2024, 9 to 13 and 14 to 18 in Yakutsk (UTC+9) is 0 to 4 and 5 to 9 UTC.
    table = calendar.day_table(local_us("UTC", 2024, 7, 5), local_us("UTC", 2024, 7, 8, 23))
    hour = 3_600_000_000
    assert table.day.tolist() == [19909, 19910, 19911, 19912]
    assert table.base_us.tolist() == [0, 8 * hour, 8 * hour, 8 * hour]
    assert table.starts_us.tolist() == [[0, 5 * hour], [0, 0], [0, 0], [0, 5 * hour]]
    assert table.ends_us.tolist() == [[4 * hour, 9 * hour], [0, 0], [0, 0], [4 * hour, 9 * hour]]


def test_the_hour_that_comes_twice_counts_twice_and_the_missing_one_not_at_all():
    around_the_clock = Calendar("always", "Europe/Berlin", (((0, 1440),),) * 7, {}, 2024, 2024)
    night = Calendar("night", "Europe/Berlin", (((120, 180),),) * 7, {}, 2024, 2024)
    for calendar, spring, autumn in ((around_the_clock, 23, 25), (night, 0, 2)):
        march = calendar.working_us(local_us("Europe/Berlin", 2024, 3, 31), local_us("Europe/Berlin", 2024, 4, 1))
        october = calendar.working_us(local_us("Europe/Berlin", 2024, 10, 27), local_us("Europe/Berlin", 2024, 10, 28))
        assert (int(march), int(october)) == (spring * 3_600_000_000, autumn * 3_600_000_000)


def test_offices_nine_hours_apart_share_no_working_time():
    moscow, kamchatka = load_calendar("ru"), load_calendar("ru@Asia/Kamchatka")
    day = (local_us("Europe/Moscow", 2025, 7, 9), local_us("Europe/Moscow", 2025, 7, 10))
    (starts, ends), (far_starts, far_ends) = (calendar.open_intervals(*day) for calendar in (moscow, kamchatka))
    assert ends.max() - starts.min() == 9 * 3_600_000_000
    assert far_starts.min() == local_us("Asia/Kamchatka", 2025, 7, 9, 9)
    assert far_ends.max() == local_us("Asia/Kamchatka", 2025, 7, 9, 18)
    assert far_ends.max() == starts.min()


def test_time_backwards_is_negative():
    calendar = load_calendar("ru")
    nine, noon = local_us("Europe/Moscow", 2025, 7, 9, 9), local_us("Europe/Moscow", 2025, 7, 9, 12)
    assert calendar.working_us([noon], [nine]).tolist() == [-3 * 3_600_000_000]


def test_no_instants_give_no_times():
    assert load_calendar("ru").working_us([], []).tolist() == []


def test_a_window_without_an_open_minute_is_empty_but_valid():
    calendar = load_calendar("ru")
    saturday, sunday = local_us("Europe/Moscow", 2025, 7, 5), local_us("Europe/Moscow", 2025, 7, 6)
    starts, ends = calendar.open_intervals(saturday, sunday)
    assert len(starts) == len(ends) == 0
    assert calendar.working_us([saturday], [sunday]).tolist() == [0]
    # The Saturday of Moscow begins on the Friday of UTC, whose eight hours the table holds.
    table = calendar.day_table(saturday, sunday)
    assert table.worked_us([saturday, sunday]).tolist() == [8 * 3_600_000_000] * 2


@pytest.mark.parametrize("year", [2012, 2099])
def test_a_year_not_covered_is_refused(year):
    calendar = load_calendar("ru")
    start, end = local_us("Europe/Moscow", 2025, 7, 9), local_us("Europe/Moscow", year, 7, 9)
    with pytest.raises(YearNotCoveredError, match=f"covers 2013–{calendar.last_year}; {year}-07-09 lies outside"):
        calendar.working_us([start], [end])
    with pytest.raises(YearNotCoveredError):
        calendar.day_table(min(start, end), max(start, end))
    with pytest.raises(YearNotCoveredError):
        calendar.open_intervals(min(start, end), max(start, end))


def test_working_time_beyond_the_covered_years_is_refused():
    calendar = load_calendar("ru")
    start = local_us("Europe/Moscow", calendar.last_year, 12, 20)
    with pytest.raises(YearNotCoveredError):
        calendar.working_instant_us(start, 1000 * 3_600_000_000)
