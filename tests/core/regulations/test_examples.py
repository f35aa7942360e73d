"""The examples that come with Potok: they load, name what their logs have, and their calendars are right."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest

from potok.core.calendars import load_calendar, load_calendar_set
from potok.core.regulations import OPENING, Regulation, load_regulation
from potok.demo.permit_process import Operation, Outcome, Unit
from potok.demo.working_time import EPOCH, make_calendar

EXAMPLES = Path(__file__).parents[3] / "examples"
REGULATIONS = sorted((EXAMPLES / "regulations").glob("*.toml"))
CALENDARS = sorted((EXAMPLES / "calendars").glob("*.toml"))


def days(first: int, last: int) -> list[date]:
    return [date(first, 1, 1) + timedelta(n) for n in range((date(last + 1, 1, 1) - date(first, 1, 1)).days)]


@pytest.mark.parametrize("path", REGULATIONS, ids=lambda path: path.stem)
def test_every_example_and_its_calendar_can_be_read(path: Path):
    regulation = load_regulation(path)
    assert regulation.terms
    calendar = load_calendar(regulation.calendar)
    assert calendar.first_year <= 2010 or calendar.name == "permit-demo"


@pytest.mark.parametrize("path", CALENDARS, ids=lambda path: path.stem)
def test_every_example_of_calendars_can_be_read(path: Path):
    assert any(load_calendar_set(path).default.weekly)


def test_receipt_names_activities_of_its_log(shared_data: Path):
    regulation = load_regulation(EXAMPLES / "regulations" / "receipt.toml")
    check(regulation, shared_data / "wabo-receipt" / "receipt.csv.gz", "concept:name")
    assert {term.amount for term in regulation.terms} == {5, 10, 56}


def test_fines_name_activities_of_their_log(shared_data: Path):
    regulation = load_regulation(EXAMPLES / "regulations" / "fines.toml")
    check(regulation, shared_data / "road-traffic-fines" / "traffic_fines.csv.gz", "activity")
    assert {"60", "180"} <= {str(term.amount) for term in regulation.terms}


def check(regulation: Regulation, log: Path, column: str) -> None:
    with gzip.open(log, "rt", encoding="utf-8") as stream:
        labels = {row[column] for row in csv.DictReader(stream)}
    regulation.check_activities(labels)


def test_the_permit_demo_names_what_the_demo_has():
    regulation = load_regulation(EXAMPLES / "regulations" / "permit-demo.toml")
    regulation.check_activities([*Operation])
    assert {unit for maker in regulation.decision_makers for unit in maker.org_units} <= set(Unit)
    assert {value for outcome in regulation.outcomes for value in outcome.values} == set(Outcome) - {Outcome.NONE}
    assert any(term.starts == OPENING for term in regulation.terms)


def test_the_calendar_of_the_permit_demo_has_the_working_days_of_the_demo():
    calendar = load_calendar(EXAMPLES / "calendars" / "permit-demo.toml")
    expected = make_calendar(date(2023, 1, 1), last=date(2027, 12, 31)).days
    assert tuple((day - EPOCH).days for day in days(2023, 2027) if calendar.is_working_day(day)) == expected


def test_the_dutch_calendar_has_the_holidays_of_the_netherlands():
    calendar = load_calendar(EXAMPLES / "calendars" / "nl-municipality.toml")
    known = holidays.country_holidays("NL", years=range(2010, 2013))
    liberation_days = {date(year, 5, 5) for year in range(2010, 2013)}
    for day in days(2010, 2012):
        is_off = day.weekday() >= 5 or day in known or day in liberation_days
        assert calendar.is_working_day(day) != is_off, day
