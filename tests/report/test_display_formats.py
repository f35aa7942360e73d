"""Numbers, shares, durations and instants as people read them, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potok.core.language import ngettext
from potok.report.formats import (
    compose,
    format_count,
    format_date,
    format_decimal,
    format_duration,
    format_hours,
    format_instant,
    format_known,
    format_share,
    instant_of,
)

HOUR, DAY = 3600, 86400
NARROW, FIXED = "\u202f", "\u00a0"


def plain(text: str) -> str:
    return text.replace(NARROW, " ").replace(FIXED, " ")


@pytest.mark.parametrize(
    ("seconds", "english", "in_russian"),
    [
        (0, "0 s", "0 с"),
        (0.4, "under 1 s", "меньше 1 с"),
        (12.6, "13 s", "13 с"),
        (59.7, "1 min", "1 мин"),
        (119, "1 min 59 s", "1 мин 59 с"),
        (1799, "30 min", "30 мин"),
        (HOUR - 1, "1 h", "1 ч"),
        (HOUR + 20 * 60, "1 h 20 min", "1 ч 20 мин"),
        (5 * HOUR, "5 h", "5 ч"),
        (13 * HOUR + 1700, "13 h", "13 ч"),
        (23.9 * HOUR, "1 d", "1 дн."),
        (3 * DAY + 4 * HOUR, "3 d 4 h", "3 дн. 4 ч"),
        (10 * DAY + 11 * HOUR, "10 d", "10 дн."),
        (1234.4 * DAY, "1,234 d", "1 234 дн."),
        (-5, "0 s", "0 с"),
    ],
)
def test_durations(seconds: float, english: str, in_russian: str, request: pytest.FixtureRequest):
    assert plain(format_duration(seconds)) == english
    request.getfixturevalue("russian")
    assert plain(format_duration(seconds)) == in_russian


def test_durations_do_not_break_across_lines():
    assert " " not in format_duration(3 * DAY + 4 * HOUR)


@given(st.floats(min_value=0, max_value=1e11))
def test_durations_are_never_off_by_more_than_a_twentieth(seconds: float):
    sizes = {"s": 1, "min": 60, "h": HOUR, "d": DAY}
    words = plain(format_duration(seconds)).removeprefix("under ").split()
    shown = sum(
        int(number.replace(",", "")) * sizes[unit] for number, unit in zip(words[::2], words[1::2], strict=True)
    )
    assert abs(shown - seconds) <= max(1, 0.051 * seconds)


@pytest.mark.parametrize(
    ("share", "english", "in_russian"),
    [
        (-0.4567, "−46%", "−46 %"),
        (-0.0234, "−2.3%", "−2,3 %"),
        (-0.0004, "> −0.1%", "> −0,1 %"),
        (0, "0%", "0 %"),
        (0.0004, "< 0.1%", "< 0,1 %"),
        (0.0234, "2.3%", "2,3 %"),
        (0.05, "5%", "5 %"),
        (0.4567, "46%", "46 %"),
        (0.9934, "99.3%", "99,3 %"),
        (0.99995, "> 99.9%", "> 99,9 %"),
        (1, "100%", "100 %"),
    ],
)
def test_shares(share: float, english: str, in_russian: str, request: pytest.FixtureRequest):
    assert plain(format_share(share)) == english
    request.getfixturevalue("russian")
    assert plain(format_share(share)) == in_russian


def test_numbers_in_english():
    assert format_count(1234567) == "1,234,567"
    assert format_count(-5) == "−5"
    assert format_decimal(1234.56) == "1,234.6"
    assert plain(format_hours(90 * 60)) == "1.5 h"
    assert plain(format_hours(1234567 * HOUR)) == "1,234,567 h"
    assert plain(format_hours(0)) == "0 h"
    assert [plain(format_hours(seconds)) for seconds in (1, 179, 181)] == ["< 0.1 h", "< 0.1 h", "0.1 h"]


@pytest.mark.usefixtures("russian")
def test_numbers_in_russian():
    assert format_count(1234567) == f"1{NARROW}234{NARROW}567"
    assert format_decimal(1234.56) == f"1{NARROW}234,6"
    assert format_hours(90 * 60) == f"1,5{FIXED}ч"


def test_what_is_not_known_is_a_dash():
    assert format_known(None) == "–"
    assert plain(format_known(60)) == "1 min"


def test_a_unit_with_a_full_stop_ends_the_sentence():
    assert compose("longer than {time}.", time="3 дн.") == "longer than 3 дн."
    assert compose("waiting… {time}. Then", time="3 дн.") == "waiting… 3 дн. Then"
    assert compose("and so on... {time}", time="3") == "and so on... 3"


def test_instants_are_local_to_the_log(request: pytest.FixtureRequest):
    after_midnight = 1_704_060_000_000_000  # 2023-12-31 22:00 UTC
    assert plain(format_instant(after_midnight, zone="Europe/Moscow")) == "2024-01-01 01:00"
    assert format_date(after_midnight, zone="UTC") == "2023-12-31"
    assert instant_of(after_midnight, zone="Asia/Yakutsk").isoformat() == "2024-01-01T07:00:00+09:00"
    request.getfixturevalue("russian")
    assert plain(format_instant(after_midnight, zone="Europe/Moscow")) == "01.01.2024 01:00"


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 дело"), (3, "3 дела"), (11, "11 дел"), (21, "21 дело"), (112, "112 дел")]
)
def test_russian_has_three_forms(number: int, text: str):
    assert ngettext("{n} case", "{n} cases", number).format(n=number) == text
