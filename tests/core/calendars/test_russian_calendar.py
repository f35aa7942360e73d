"""Russia's production calendar against the norms of working time that were published for each year."""

from datetime import date, timedelta

import pytest

from potok.core.calendars import load_calendar
from potok.core.calendars.spans import minutes_of

# Working days, working hours of a 40-hour week, short days: as the production calendars of these years list them.
PUBLISHED = {
    2013: (247, 1970, "02-22 03-07 04-30 05-08 06-11 12-31"),
    2014: (247, 1970, "02-24 03-07 04-30 05-08 06-11 12-31"),
    2015: (247, 1971, "04-30 05-08 06-11 11-03 12-31"),
    2016: (247, 1974, "02-20 11-03"),
    2017: (247, 1973, "02-22 03-07 11-03"),
    2018: (247, 1970, "02-22 03-07 04-28 05-08 06-09 12-29"),
    2019: (247, 1970, "02-22 03-07 04-30 05-08 06-11 12-31"),
    2020: (248, 1979, "04-30 05-08 06-11 11-03 12-31"),
    2021: (247, 1972, "02-20 04-30 06-11 11-03"),
    2022: (247, 1973, "02-22 03-05 11-03"),
    2023: (247, 1973, "02-22 03-07 11-03"),
    2024: (248, 1979, "02-22 03-07 05-08 06-11 11-02"),
    2025: (247, 1972, "03-07 04-30 06-11 11-01"),
    2026: (247, 1972, "04-30 05-08 06-11 11-03"),
}


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + timedelta(number) for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", PUBLISHED)
def test_the_year_has_its_published_norm(year):
    calendar = load_calendar("ru")
    working_days, hours, short_days = PUBLISHED[year]
    minutes = {day: minutes_of(calendar.spans(day)) for day in days_of(year)}
    assert sum(map(bool, minutes.values())) == working_days
    assert sum(minutes.values()) == hours * 60
    assert " ".join(f"{day:%m-%d}" for day, worked in minutes.items() if worked == 7 * 60) == short_days


def test_days_of_2025():
    calendar = load_calendar("ru")
    full, short = ((540, 780), (840, 1080)), ((540, 780), (840, 1020))
    expected = {
        date(2025, 1, 8): (),  # holiday
        date(2025, 1, 9): full,
        date(2025, 3, 7): short,  # eve of 8 March
        date(2025, 5, 2): (),  # moved from Saturday 4 January
        date(2025, 5, 8): (),  # moved from Sunday 23 February
        date(2025, 6, 13): (),  # moved from Saturday 8 March
        date(2025, 11, 1): short,  # worked for Monday 3 November, the eve of a holiday
        date(2025, 11, 3): (),
        date(2025, 12, 30): full,  # eve of a day off by transfer only
        date(2025, 12, 31): (),  # moved from Sunday 5 January
    }
    assert {day: calendar.spans(day) for day in expected} == expected


def test_bodies_of_the_republic_of_sakha_have_their_days_off_and_others_have_not():
    republic, federal = load_calendar("ru-sakha-republic"), load_calendar("ru-sakha-federal")
    # 2025: both days fall on a weekend and move to Monday, as was announced.
    for day in (date(2025, 4, 28), date(2025, 6, 23), date(2022, 4, 27), date(2022, 6, 21)):
        assert not republic.is_working_day(day)
        assert federal.is_working_day(day)
    # The eve is an hour shorter; the eve of Sunday 27 April 2025 is a Saturday, so Friday is not.
    for eve in (date(2022, 4, 26), date(2022, 6, 20), date(2025, 6, 20)):
        assert minutes_of(republic.spans(eve)) == 7 * 60
        assert minutes_of(federal.spans(eve)) == 8 * 60
    assert minutes_of(republic.spans(date(2025, 4, 25))) == 8 * 60
    assert republic.zone == federal.zone == "Asia/Yakutsk"


def test_sakha_calendars_differ_from_the_federal_one_only_there():
    republic, federal = load_calendar("ru-sakha-republic"), load_calendar("ru-sakha-federal")
    differing = [day for day in days_of(2025) if republic.spans(day) != federal.spans(day)]
    assert differing == [date(2025, 4, 28), date(2025, 6, 20), date(2025, 6, 23)]
