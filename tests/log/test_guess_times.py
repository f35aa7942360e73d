"""How instants are written, guessed from values."""

import pytest

from potok.log.guessing.profiles import ColumnProfile, profile_columns
from potok.log.guessing.time_columns import guess_time, guess_times, is_time_of_day, pair_time
from potok.log.guessing.time_shapes import find_shape
from potok.log.mapping import TimeEncoding
from potok.log.sources.base import ColumnKind, StagedColumn


def profile(name: str, *values: str | None, kind: ColumnKind = ColumnKind.TEXT) -> ColumnProfile:
    return profile_columns([StagedColumn(name, kind)], {name: list(values)})[0]


@pytest.mark.parametrize(
    ("text", "pattern", "is_iso"),
    [
        ("2024-03-05", "%Y-%m-%d", True),
        ("2024-03-05T10:15:30.5Z", "%Y-%m-%dT%H:%M:%S.%f%z", True),
        ("2024-03-05 10:15:30 +03:00", "%Y-%m-%d %H:%M:%S %z", False),
        ("2024-03-05 10:15:30,123", "%Y-%m-%d %H:%M:%S,%f", False),
        ("2024/03/05 10:15", "%Y/%m/%d %H:%M", True),
        ("2024.03.05", "%Y.%m.%d", False),
        ("20240305", "%Y%m%d", False),
        ("05.03.2024", "%1.%2.%Y", False),
        ("5.3.24 8:05", "%1.%2.%y %H:%M", False),
        ("05.03.2024 г.", "%1.%2.%Y", False),
        ("05.03.2024, 10:15", "%1.%2.%Y, %H:%M", False),
        ("3/5/2024 8:05 PM", "%1/%2/%Y %I:%M %p", False),
        ("05.03.2024T10:15+0300", "%1.%2.%YT%H:%M%z", False),
        ("5 марта 2024 г.", "%d %B %Y", False),
        ("05-Mar-2024 10:15", "%d-%B-%Y %H:%M", False),
    ],
)
def test_shapes(text, pattern, is_iso):
    found = find_shape(text)
    assert found is not None
    assert (found.shape.pattern, found.shape.is_iso) == (pattern, is_iso)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "45.13.2024",
        "13.13.2024",
        "2024-13-01",
        "2024-01-32",
        "00.01.2024",
        "20241301",
        "5 абвгд 2024",
        "12",
    ],
)
def test_what_is_no_instant_has_no_shape(text):
    assert find_shape(text) is None or text == "5 абвгд 2024"


def test_iso_needs_no_pattern():
    guess = guess_time(profile("t", "2024-03-05T10:00:00+03:00", "2024-03-06"))
    assert guess is not None
    assert guess.column.encoding is TimeEncoding.ISO
    assert guess.column.patterns == ()
    assert (guess.day_share, guess.local_share) == (0.5, 0.5)


def test_the_day_is_told_from_the_month_by_values_above_twelve():
    day_first = guess_time(profile("t", "05.03.2024", "13.03.2024"))
    month_first = guess_time(profile("t", "05/03/2024", "03/13/2024"))
    assert day_first is not None
    assert month_first is not None
    assert day_first.column.patterns == ("%d.%m.%Y",)
    assert month_first.column.patterns == ("%m/%d/%Y",)
    assert not day_first.is_order_open


def test_an_open_order_is_read_with_the_day_first_and_said():
    guess = guess_time(profile("t", "05/03/2024", "06/03/2024"))
    assert guess is not None
    assert guess.is_order_open
    assert guess.column.patterns == ("%d/%m/%Y",)


def test_an_open_order_with_am_and_pm_is_american():
    guess = guess_time(profile("t", "05/03/2024 8:05 PM"))
    assert guess is not None
    assert guess.column.patterns == ("%m/%d/%Y %I:%M %p",)


def test_an_open_order_follows_the_other_columns():
    columns = [profile("a", "05/03/2024"), profile("b", "03/13/2024"), profile("c", "x")]
    guesses = guess_times(columns)
    assert set(guesses) == {"a", "b"}
    assert guesses["a"].column.patterns == ("%m/%d/%Y",)
    assert not guesses["a"].is_order_open


def test_the_majority_decides_a_mixed_order():
    guess = guess_time(profile("t", "13/03/2024", "14/03/2024", "03/15/2024"))
    assert guess is not None
    assert guess.is_order_mixed
    assert guess.column.patterns == ("%d/%m/%Y",)


def test_a_rare_day_above_twelve_is_found_deep_in_a_column():
    values = ["05/03/2024"] * 2_001
    values[1_499] = "03/25/2024"
    guess = guess_time(profile("t", *values))
    assert guess is not None
    assert guess.column.patterns == ("%m/%d/%Y",)


def test_two_forms_in_one_column_give_two_patterns_the_commoner_first():
    guess = guess_time(profile("t", "05.03.2024", "15.03.2024 10:15", "16.03.2024 10:15", None))
    assert guess is not None
    assert guess.column.patterns == ("%d.%m.%Y %H:%M", "%d.%m.%Y")
    assert guess.day_share == pytest.approx(1 / 3)


def test_some_unreadable_values_are_counted():
    guess = guess_time(profile("t", *["15.03.2024"] * 9, "скоро"))
    assert guess is not None
    assert guess.readable_share == 0.9


def test_many_unreadable_values_make_it_no_column_of_times():
    assert guess_time(profile("t", "15.03.2024", "скоро", "позже")) is None


@pytest.mark.parametrize(
    ("name", "value", "encoding"),
    [
        ("timestamp", "1700000000", TimeEncoding.EPOCH_SECONDS),
        ("timestamp", "1700000000.5", TimeEncoding.EPOCH_SECONDS),
        ("created_at", "1700000000123", TimeEncoding.EPOCH_MILLISECONDS),
        ("Время", "1700000000123456", TimeEncoding.EPOCH_MICROSECONDS),
        ("Дата", "45000,5", TimeEncoding.EXCEL_DAYS),
        ("Дата", "20240315", TimeEncoding.PATTERN),
    ],
)
def test_numbers_are_times_only_where_the_header_says_so(name, value, encoding):
    guess = guess_time(profile(name, value))
    assert guess is not None
    assert guess.column.encoding is encoding
    assert guess_time(profile("Номер дела", value)) is None
    assert guess_time(profile("x", value), is_named=True) is not None


@pytest.mark.parametrize("value", ["12", "5000", "99999999999", "123"])
def test_other_numbers_are_no_times(value):
    assert guess_time(profile("Время обработки", value)) is None


def test_numbers_with_text_between_are_no_times():
    assert guess_time(profile("Дата", "45000", "45001", "45002", "45003", "45004", "-1", "+1")) is None


def test_whole_workbook_days_have_no_time_of_day():
    guess = guess_time(profile("Дата", "45000", "45001,25"))
    assert guess is not None
    assert guess.day_share == 0.5


def test_typed_columns_are_taken_as_they_are():
    local = guess_time(profile("t", "2024-03-05 00:00:00", "2024-03-06", None, kind=ColumnKind.LOCAL_TIME))
    instant = guess_time(profile("t", "2024-03-05 10:00:00+00", kind=ColumnKind.INSTANT))
    empty = guess_time(profile("t", None, kind=ColumnKind.INSTANT))
    assert local is not None
    assert instant is not None
    assert empty is not None
    assert local.column.encoding is TimeEncoding.TYPED
    assert (local.is_day_resolution, local.local_share) == (True, 1.0)
    assert (instant.is_day_resolution, instant.local_share) == (False, 0.0)


def test_empty_columns_and_words_are_no_times():
    assert guess_time(profile("Дата", None, "")) is None
    assert guess_time(profile("Дата", "скоро")) is None


def test_times_of_day_are_recognised():
    assert is_time_of_day(profile("Время", "10:15", "9:05:30", None))
    assert is_time_of_day(profile("Время", "30.12.1899 10:15:00"))
    assert not is_time_of_day(profile("Время", "10:15", "вечером"))
    assert not is_time_of_day(profile("Время", None))
    assert not is_time_of_day(profile("Время", "10:15", kind=ColumnKind.LOCAL_TIME))


@pytest.mark.parametrize(
    ("date", "times", "encoding", "patterns"),
    [
        ("15.03.2024", ("10:15", "10:15:30", None), TimeEncoding.PATTERN, ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S")),
        ("15.03.2024 00:00", ("10:15:30.5",), TimeEncoding.PATTERN, ("%d.%m.%Y %H:%M:%S.%f",)),
        ("2024-03-15", ("10:15",), TimeEncoding.ISO, ()),
    ],
)
def test_a_date_and_its_time_of_day_are_joined(date, times, encoding, patterns):
    guess = guess_time(profile("Дата", date))
    assert guess is not None
    joined = pair_time(guess, profile("Время", *times))
    assert joined.column.columns == ("Дата", "Время")
    assert (joined.column.encoding, joined.column.patterns) == (encoding, patterns)
    assert joined.day_share == pytest.approx(times.count(None) / len(times))


def test_a_typed_date_is_joined_as_iso():
    guess = guess_time(profile("Дата", "2024-03-15", kind=ColumnKind.LOCAL_TIME))
    assert guess is not None
    assert pair_time(guess, profile("Время", "10:15")).column.encoding is TimeEncoding.ISO
