"""Calendars that reach just as far as a log, and cases that reach further than its events."""

from pathlib import Path

import pytest

from cli.running import run

CALENDAR = """
zone = "Europe/Moscow"
first_year = 2024
last_year = 2024
[weekly]
monday = ["09:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-17:00"]
"""
HOUR = 3600


@pytest.fixture
def calendar(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.toml"
    path.write_text(CALENDAR, encoding="utf-8")
    return path


def test_a_log_may_begin_and_end_with_the_years_of_its_calendar(tmp_path: Path, calendar: Path) -> None:
    log = tmp_path / "log.csv"
    # 1 January 2024 was a Monday, 31 December a Tuesday.
    log.write_text("case,activity,time\na,A,2024-01-01 00:10\na,B,2024-01-01 10:00\nb,A,2024-12-31 16:00\n")
    options = ("--plain-ids", "--zone", "Europe/Moscow", "--calendar", calendar, "--json")
    graph = run("measure", log, "--measure", "directly_follows", *options)
    assert graph.code == 0, graph.err
    assert graph.record["rows"][0]["median_seconds"] == HOUR
    durations = run("measure", log, "--measure", "case_durations", "--all-closed", *options)
    assert durations.record["rows"][0]["max_seconds"] == HOUR


def test_cases_closed_after_the_last_event_keep_their_working_time(tmp_path: Path, calendar: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("case,activity,time,closed\na,A,2024-03-04 16:00,2024-09-03 10:00\nb,A,2024-03-04 16:00,\n")
    options = (
        "--plain-ids",
        "--zone",
        "Europe/Moscow",
        "--closed-by-field",
        "closed",
        "--calendar",
        calendar,
        "--json",
    )
    durations = run("measure", log, "--measure", "case_durations", *options)
    assert durations.code == 0, durations.err
    (row,) = durations.record["rows"]
    # Weekdays from 5 March to 2 September 2024 are 130; an hour before them, one after.
    assert row["max_seconds"] == (130 * 8 + 2) * HOUR


def test_a_closing_in_a_year_that_the_calendar_does_not_know_is_named(tmp_path: Path, calendar: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("case,activity,time,closed\na,A,2024-03-04 16:00,2025-02-03 10:00\n")
    options = ("--plain-ids", "--zone", "Europe/Moscow", "--closed-by-field", "closed", "--calendar", calendar)
    outcome = run("measure", log, "--measure", "case_durations", *options)
    assert outcome.code == 3
    assert "2025" in outcome.err
