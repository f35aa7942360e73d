"""Calendars from TOML: what can be said in them, and what is refused."""

import copy
import pickle
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potok.core.calendars import (
    Calendar,
    CalendarSet,
    calendar_from_mapping,
    list_calendars,
    load_calendar,
    load_calendar_set,
)
from potok.core.calendars.errors import (
    BrokenCalendarError,
    ContradictoryDayError,
    NoWorkingHoursError,
    OverlappingSpansError,
    UnknownCalendarError,
    UnknownCalendarUnitsError,
    UnknownCalendarZoneError,
)
from potok.core.errors import PotokError
from support.calendars import local_us
from support.examples import examples

WEEK = """
name = "counter"
zone = "Europe/Moscow"
first_year = 2025
last_year = 2025
[weekly]
monday = ["08:00-12:00", "13:00-17:00"]
tuesday = ["08:00-12:00", "13:00-20:00"]
saturday = "09:00-14:00"
"""
EVERYTHING = (
    WEEK.replace("[weekly]", """
shorten_eves = true
shorter_by_minutes = 60
holidays = [2025-05-06, { from = 2025-01-01, to = 2025-01-08 }]
days_off = [2025-06-02]
short_days = [2025-06-03]
transfers = [{ from = 2025-05-11, to = 2025-05-13 }]
yearly_holidays = [{ month = 8, day = 11, first_year = 2020, moves_on = true }]
[hours]
2025-07-02 = "monday"
2025-07-03 = ["10:00-11:00"]
[weekly]""")
)  # fmt: skip
MONDAY = ((480, 720), (780, 1020))


def read(text: str) -> Calendar:
    return calendar_from_mapping(tomllib.loads(text), file="office.toml")


def test_a_week_of_its_own():
    calendar = read(WEEK)
    assert calendar.weekly == (MONDAY, ((480, 720), (780, 1200)), (), (), (), ((540, 840),), ())
    assert (calendar.name, calendar.zone, calendar.first_year, calendar.last_year) == (
        "counter",
        "Europe/Moscow",
        2025,
        2025,
    )


def test_everything_a_calendar_can_say():
    calendar = read(
        WEEK.replace('name = "counter"', 'name = "counter"\nshorten_eves = true\nshorter_by_minutes = 90\n'
            "holidays = [2025-05-06, { from = 2025-01-01, to = 2025-01-08 }]\ndays_off = [2025-06-02]\n"
            "short_days = [2025-06-03]\ntransfers = [{ from = 2025-05-11, to = 2025-05-13 }]\n"
            "yearly_holidays = [{ month = 8, day = 11, moves_on = true }, { month = 9, day = 3, moves_on = true }]")
        + '[hours]\n2025-07-02 = "monday"\n2025-07-03 = ["10:00-11:00"]\n2025-07-05 = []\n'
    )  # fmt: skip
    expected = {
        date(2025, 1, 6): (),  # a holiday of the period
        date(2025, 1, 13): MONDAY,  # the first Monday after it
        date(2025, 5, 5): ((480, 720), (780, 930)),  # eve of the holiday on Tuesday 6 May: an hour and a half shorter
        date(2025, 5, 6): (),
        date(2025, 5, 11): ((480, 720), (780, 1200)),  # a Sunday worked for Tuesday 13 May
        date(2025, 5, 13): (),
        date(2025, 6, 2): (),  # a day off
        date(2025, 5, 31): ((540, 840),),  # its eve is an ordinary Saturday
        date(2025, 6, 3): ((480, 720), (780, 1110)),  # a short day
        date(2025, 8, 11): (),  # a yearly holiday on a Monday
        date(2025, 9, 3): (),  # one on a Wednesday, which is free anyway …
        date(2025, 9, 6): (),  # … so that the next working day, Saturday, is off
        date(2025, 7, 2): MONDAY,  # a Wednesday worked like a Monday
        date(2025, 7, 3): ((600, 660),),
        date(2025, 7, 5): (),
    }
    assert {day: calendar.spans(day) for day in expected} == expected


def test_short_days_never_end_before_they_begin():
    calendar = read(WEEK.replace("[weekly]", "shorter_by_minutes = 300\nshort_days = [2025-06-03]\n[weekly]"))
    assert calendar.spans(date(2025, 6, 3)) == ((480, 720), (780, 900))
    calendar = read(WEEK.replace("[weekly]", "shorter_by_minutes = 480\nshort_days = [2025-06-03]\n[weekly]"))
    assert calendar.spans(date(2025, 6, 3)) == ((480, 660),)


def test_a_calendar_extends_another_and_overrides_it(tmp_path: Path):
    (tmp_path / "base.toml").write_text('extends = "ru"\nzone = "Asia/Yakutsk"\nlast_year = 2025\n')
    (tmp_path / "own.toml").write_text(
        'extends = "base.toml"\ndays_off = [2025-07-07]\n[hours]\n2025-05-02 = ["09:00-12:00"]\n'
    )
    own = load_calendar(tmp_path / "own.toml")
    assert (own.name, own.zone, own.first_year, own.last_year) == ("own", "Asia/Yakutsk", 2013, 2025)
    assert own.spans(date(2025, 7, 7)) == ()
    assert own.spans(date(2025, 5, 2)) == ((540, 720),)  # off in the federal calendar
    assert own.spans(date(2025, 3, 7)) == ((540, 780), (840, 1020))


def test_a_week_of_its_own_keeps_the_holidays_it_extends():
    calendar = read(WEEK.replace("zone", 'extends = "ru"\nzone'))
    assert calendar.spans(date(2025, 6, 10)) == ((480, 720), (780, 1200))
    assert calendar.spans(date(2025, 5, 8)) == ()
    # Saturday 1 November is worked for Monday 3 November where Saturday is free; here it is an ordinary Saturday.
    assert calendar.spans(date(2025, 11, 1)) == ((540, 840),)


def test_a_year_can_be_added_with_its_holidays():
    last = load_calendar("ru").last_year
    calendar = read(f'extends = "ru"\nlast_year = {last + 1}\nholidays = [{last + 1}-01-03]\n')
    assert calendar.last_year == last + 1
    with pytest.raises(BrokenCalendarError, match=f"The year {last + 1} is said to be covered, but it has no holidays"):
        read(f'extends = "ru"\nlast_year = {last + 1}\n')


def test_the_id_tells_content_and_not_the_name_or_the_way_of_writing():
    plain = read(WEEK)
    renamed = read(WEEK.replace("counter", "other"))
    touching = read(WEEK.replace('"08:00-12:00", "13:00-17:00"', '"13:00-17:00", "08:00-10:00", "10:00-12:00"'))
    redundant = read(WEEK + '[hours]\n2025-07-07 = "monday"\n')
    assert plain.calendar_id == renamed.calendar_id == touching.calendar_id == redundant.calendar_id
    others = {
        read(changed).calendar_id
        for changed in (
            WEEK.replace("Moscow", "Kaliningrad"),
            WEEK.replace("last_year = 2025", "last_year = 2026").replace(
                "[weekly]", "holidays = [2026-01-01]\n[weekly]"
            ),
            WEEK.replace("14:00", "15:00"),
            WEEK + "[hours]\n2025-07-07 = []\n",
        )
    }
    assert len(others | {plain.calendar_id}) == 5
    assert len(plain.calendar_id) == 64


def test_a_calendar_can_be_a_key_and_equals_its_twin():
    assert {read(WEEK): 1}[read(WEEK)] == 1
    assert read(WEEK) != read(WEEK.replace("14:00", "15:00"))


def test_calendars_can_be_copied_and_sent_to_another_process():
    calendar = read(WEEK)
    for twin in (copy.deepcopy(calendar), pickle.loads(pickle.dumps(calendar))):  # noqa: S301 - our own bytes
        assert twin == calendar
        assert twin.calendar_id == calendar.calendar_id
    calendars = CalendarSet(calendar, {"Архив": load_calendar("ru")})
    assert pickle.loads(pickle.dumps(calendars)) == calendars  # noqa: S301 - our own bytes


def test_a_holiday_on_29_february_is_kept_in_leap_years_only():
    years = WEEK.replace("first_year = 2025", "first_year = 2023")
    calendar = read(
        years.replace("[weekly]", "yearly_holidays = [{ month = 2, day = 29 }]\n[weekly]\nthursday = '9:00-10:00'")
    )
    assert [day for day in calendar.days if not calendar.spans(day)] == [date(2024, 2, 29)]


def test_a_yearly_holiday_begins_with_its_first_year():
    holiday = "yearly_holidays = [{ month = 8, day = 11, first_year = 2025 }]\n[weekly]"
    calendar = read(WEEK.replace("first_year = 2025", "first_year = 2014").replace("[weekly]", holiday))
    assert calendar.is_working_day(date(2014, 8, 11))
    assert not calendar.is_working_day(date(2025, 8, 11))


@pytest.mark.parametrize(("weekdays", "first", "last"), [(6, 2025, 2025), (7, 2025, 2024), (7, 0, 2024)])
def test_a_calendar_needs_a_whole_week_and_years_in_order(weekdays, first, last):
    with pytest.raises(BrokenCalendarError, match="needs seven weekdays and years in order"):
        Calendar("office", "UTC", (MONDAY,) * weekdays, {}, first, last)


def test_a_list_of_tables_holds_tables():
    with pytest.raises(BrokenCalendarError, match="“transfers” holds 5"):
        read(WEEK.replace("[weekly]", "transfers = [5]\n[weekly]"))


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path):
    file = tmp_path / "large.toml"
    file.write_text("#" * 10_000_001)
    with pytest.raises(BrokenCalendarError, match="it is larger than 10000000 bytes"):
        load_calendar(file)


def test_a_calendar_says_what_it_covers():
    calendar = read(WEEK)
    within = [local_us("Europe/Moscow", 2025, 1, 1), local_us("Europe/Moscow", 2026, 1, 1) - 1]
    assert calendar.covers(*within)
    assert not calendar.covers(within[0] - 1, within[1])
    assert not calendar.covers(within[0], within[1] + 1)


@settings(max_examples=examples(105), deadline=None)
@given(st.data())
def test_a_mangled_file_is_a_calendar_or_a_clear_error(data):
    lines = EVERYTHING.splitlines()
    for _change in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        start = data.draw(st.integers(0, len(lines[number])))
        end = data.draw(st.integers(start, min(start + 4, len(lines[number]))))
        put = data.draw(st.sampled_from(["", "0", "9", "-", "[", "]", "{", '"', ".", ":", ",", "99", "true", "é", " "]))
        lines[number] = lines[number][:start] + put + lines[number][end:]
    try:
        content = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return
    result = attempt(content)
    if isinstance(result, Calendar):
        assert any(result.weekly) or any(result.days.values())
    else:
        assert result.message
        assert result.remedy


def attempt(content: dict) -> Calendar | PotokError:
    try:
        return calendar_from_mapping(content, file="office.toml")
    except PotokError as error:
        return error


def test_names_and_zones():
    assert set(list_calendars()) >= {"ru", "around-the-clock", "ru-sakha-republic", "ru-kaliningrad"}
    for name in list_calendars():
        assert load_calendar(name).name == name
    assert load_calendar("ru@Asia/Yakutsk") == load_calendar("ru", zone="Asia/Yakutsk")
    assert load_calendar("ru@Asia/Yakutsk").zone == "Asia/Yakutsk"
    assert load_calendar("around-the-clock").is_working_day(date(2025, 1, 1))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (("14:00", "25:00"), BrokenCalendarError, "Working hours 09:00-25:00 do not lie within one day"),
        (("14:00", "08:00"), BrokenCalendarError, "Working hours 09:00-08:00 do not lie within one day"),
        (("14:00", "09:00"), BrokenCalendarError, "Working hours 09:00-09:00 do not lie within one day"),
        (('"13:00-17', '"11:00-17'), OverlappingSpansError, "08:00-12:00 and 11:00-17:00 overlap"),
        (("09:00-14:00", "from nine"), BrokenCalendarError, '“saturday” holds "from nine", which cannot be used'),
        (("09:00-14:00", "09:60-14:00"), BrokenCalendarError, "cannot be used"),
        (("saturday", "satuday"), BrokenCalendarError, "There is no key “satuday” here"),
        (("name", "nmae"), BrokenCalendarError, "There is no key “nmae” here"),
        (("Europe/Moscow", "Europe/Moskow"), UnknownCalendarZoneError, "There is no time zone called “Europe/Moskow”"),
        (("zone", "# zone"), BrokenCalendarError, "The key “zone” is missing"),
        (("last_year = 2025", "last_year = 2024"), BrokenCalendarError, "“last_year” holds 2024"),
        (("last_year = 2025", "last_year = true"), BrokenCalendarError, "“last_year” holds true"),
        (("last_year = 2025", "last_year = 20250"), BrokenCalendarError, "“last_year” holds 20250"),
        (("[weekly]", 'holidays = ["2025-01-01"]\n[weekly]'), BrokenCalendarError, '“holidays” holds "2025-01-01"'),
        (("[weekly]", "holidays = 2025\n[weekly]"), BrokenCalendarError, "“holidays” holds 2025"),
        (
            ("[weekly]", "days_off = [{ from = 2025-02-01, to = 2025-01-01 }]\n[weekly]"),
            BrokenCalendarError,
            "“days_off” holds",
        ),
        (
            ("[weekly]", "transfers = [{ from = 2025-02-01, to = 2025-02-01 }]\n[weekly]"),
            BrokenCalendarError,
            '“to” holds "2025-02-01"',
        ),
        (
            ("[weekly]", "holidays = [2025-06-03]\nshort_days = [2025-06-03]\n[weekly]"),
            ContradictoryDayError,
            "2025-06-03 is both off and worked",
        ),
        (("[weekly]", "yearly_holidays = [{ month = 2, day = 30 }]\n[weekly]"), BrokenCalendarError, "“day” holds 30"),
        (("[weekly]", 'extends = "no-such"\n[weekly]'), UnknownCalendarError, "There is no calendar “no-such”"),
        (("[weekly]", 'schema = "potok.calendar/9"\n[weekly]'), BrokenCalendarError, "“schema” holds"),
        (("[weekly]", "weekly = 5\n#"), BrokenCalendarError, "“weekly” holds 5"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change, error, message):
    with pytest.raises(error, match=message) as caught:
        read(WEEK.replace(*change) if change[1] != "weekly = 5\n#" else WEEK.split("[weekly]")[0] + "weekly = 5\n")
    assert caught.value.remedy


def test_the_place_names_file_and_key():
    with pytest.raises(BrokenCalendarError) as caught:
        read(WEEK.replace("09:00-14:00", "?"))
    assert caught.value.where == "office.toml: weekly.saturday"
    assert "09:00-13:00" in caught.value.remedy


def test_a_calendar_without_a_working_hour_is_refused():
    with pytest.raises(NoWorkingHoursError, match="The calendar “counter” has no working hour"):
        read(WEEK.split("[weekly]")[0] + "[weekly]\nmonday = []\n")


def test_hours_need_a_date():
    with pytest.raises(BrokenCalendarError, match='“1 May” holds "1 May"'):
        read(WEEK + '[hours]\n"1 May" = []\n')


def test_nonsense_is_no_calendar(tmp_path: Path):
    for number, content in enumerate((b"[[[", b"\xff\xfe\x00", b"a" * 100, b"x = " + b"[" * 5000)):
        file = tmp_path / f"{number}.toml"
        file.write_bytes(content)
        with pytest.raises(BrokenCalendarError, match=r"cannot be read: .+"):
            load_calendar(file)
    with pytest.raises(UnknownCalendarError, match="There is no calendar"):
        load_calendar(tmp_path / "missing.toml")
    with pytest.raises(UnknownCalendarError, match="There is no calendar") as caught:
        load_calendar("../shipped/ru-kaliningrad")
    assert "Calendars that come with Potok: ru, around-the-clock" in caught.value.remedy


def test_calendars_in_a_circle_are_refused(tmp_path: Path):
    (tmp_path / "a.toml").write_text('extends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('extends = "a.toml"\n')
    with pytest.raises(BrokenCalendarError, match="in a circle"):
        load_calendar(tmp_path / "a.toml")


def test_departments_have_calendars_of_their_own(tmp_path: Path):
    (tmp_path / "counter.toml").write_text(WEEK)
    (tmp_path / "set.toml").write_text(
        'schema = "potok.calendar-set/1"\ndefault = "ru"\n[units]\n'
        '"Приёмная" = "counter.toml"\n"Филиал" = "ru@Asia/Yakutsk"\n"Архив" = { extends = "ru", zone = "Asia/Omsk" }\n'
    )
    calendars = load_calendar_set(tmp_path / "set.toml")
    assert calendars.calendar_of(None).name == "ru"
    assert calendars.calendar_of("Канцелярия").name == "ru"
    assert calendars.calendar_of("Приёмная").weekly[0] == MONDAY
    assert calendars.calendar_of("Филиал").zone == "Asia/Yakutsk"
    assert calendars.calendar_of("Архив").zone == "Asia/Omsk"
    assert [calendar.zone for calendar in calendars.calendars()] == [
        "Europe/Moscow",
        "Europe/Moscow",
        "Asia/Yakutsk",
        "Asia/Omsk",
    ]
    calendars.check_units(["Приёмная", "Филиал", "Архив", "Канцелярия"])
    with pytest.raises(UnknownCalendarUnitsError, match=r"1 department has a calendar .*: “Приёмная”"):
        calendars.check_units(["Филиал", "Архив"])


def test_one_calendar_makes_a_set(tmp_path: Path):
    (tmp_path / "counter.toml").write_text(WEEK)
    assert load_calendar_set("ru").calendars() == (load_calendar("ru"),)
    assert load_calendar_set(tmp_path / "counter.toml").default.weekly[0] == MONDAY


def test_a_path_may_hold_an_at_sign(tmp_path: Path):
    folder = tmp_path / "a@b"
    folder.mkdir()
    (folder / "counter.toml").write_text(WEEK)
    assert load_calendar(folder / "counter.toml").zone == "Europe/Moscow"
    assert load_calendar(f"{folder}/counter.toml@Asia/Yakutsk").zone == "Asia/Yakutsk"


@pytest.mark.parametrize(
    ("content", "message"),
    [('default = "ru"\nunit = 1', "no key “unit”"), ("", "“default” is missing"), ("default = 5", "“default” holds 5")],
)
def test_a_broken_set_is_refused(tmp_path: Path, content: str, message: str):
    (tmp_path / "set.toml").write_text(f'schema = "potok.calendar-set/1"\n{content}\n')
    with pytest.raises(BrokenCalendarError, match=message):
        load_calendar_set(tmp_path / "set.toml")


def test_the_holiday_package_is_loaded_only_when_needed():
    program = (
        "import sys; import potok.core.calendars as c; assert 'holidays' not in sys.modules; "
        "c.load_calendar('ru'); assert 'holidays' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
