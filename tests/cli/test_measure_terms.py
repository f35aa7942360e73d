"""Terms of two public logs, against a calculation of their own with nothing but dates."""

import csv
import gzip
import tomllib
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.running import run

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ("cases", "in_time", "late")


def read_cases(path: Path, *, case: str, activity: str, time: str) -> dict[str, list[tuple[datetime, str]]]:
    found = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row[case]].append((datetime.fromisoformat(row[time]), row[activity]))
    return {name: sorted(events, key=lambda event: event[0]) for name, events in found.items()}


def first(events: list[tuple[datetime, str]], activity: str, *, since: datetime | None = None) -> datetime | None:
    return next((at for at, name in events if name == activity and (since is None or at >= since)), None)


def count(cases, *, starts: str | None, ends: str, kept) -> dict[str, int]:
    """Count the cases that have a term, and those that ended in time and late; `kept` judges start and end."""
    counts = dict.fromkeys(NAMES, 0)
    for events in cases.values():
        start = events[0][0] if starts is None else first(events, starts)
        if start is None:
            continue
        counts["cases"] += 1
        end = first(events, ends, since=start)
        if end is not None:
            counts["in_time" if kept(start, end) else "late"] += 1
    return counts


def measured(source: Path, regulation: str) -> dict[str, dict[str, int]]:
    rules = EXAMPLES / "regulations" / regulation
    outcome = run("measure", source, "--plain-ids", "--measure", "deadlines", "--regulation", rules, "--json")
    assert outcome.code == 0, outcome.err
    record = outcome.record
    assert record["schema"] == "potok.measure/1"
    whole = [row for row in record["rows"] if row["org_unit"] == "all"]
    return {row["term"]: {name: row[name] for name in NAMES} for row in whole}


def test_the_sixty_and_hundred_and_eighty_days_of_the_fines(shared_data: Path):
    path = shared_data / "road-traffic-fines" / "traffic_fines.csv.gz"
    cases = read_cases(path, case="case_id", activity="activity", time="timestamp")
    found = measured(path, "fines.toml")

    def within(days: int):
        return lambda start, end: (end.date() - start.date()).days <= days

    appeal, notified = "Insert Date Appeal to Prefecture", "Insert Fine Notification"
    assert found["sending"] == count(cases, starts="Create Fine", ends="Send Fine", kept=within(90))
    assert found["payment"] == count(cases, starts=notified, ends="Payment", kept=within(60))
    assert found["appeal"] == count(cases, starts=notified, ends=appeal, kept=within(60))
    assert found["handing_on"] == count(cases, starts=appeal, ends="Send Appeal to Prefecture", kept=within(60))
    answer = "Receive Result Appeal from Prefecture"
    assert found["answer"] == count(cases, starts=appeal, ends=answer, kept=within(180))


def office_days() -> set[date]:
    """Every working day of the Dutch municipality, from the list of its days off alone."""
    with (EXAMPLES / "calendars" / "nl-municipality.toml").open("rb") as stream:
        content = tomllib.load(stream)
    off = {*content["holidays"], *content.get("days_off", [])}
    days = (date(2010, 1, 1) + timedelta(days=n) for n in range(3 * 365))
    return {day for day in days if day.weekday() < 5 and day not in off}


@pytest.mark.parametrize("name", ["receipt.csv.gz", "receipt.xes.gz"])
def test_the_working_days_of_the_receipt(shared_data: Path, name: str):
    folder = shared_data / "wabo-receipt"
    cases = read_cases(
        folder / "receipt.csv.gz", case="case:concept:name", activity="concept:name", time="time:timestamp"
    )
    open_days, zone = office_days(), ZoneInfo("Europe/Amsterdam")

    def within_working(days: int):
        def kept(start: datetime, end: datetime) -> bool:
            begun, ended = start.astimezone(zone).date(), end.astimezone(zone).date()
            # The day on which the count is complete still counts, and so do days off that follow none.
            passed = sum(begun < day <= ended for day in open_days)
            return passed < days or (passed == days and ended in open_days)

        return kept

    def within_weeks(start: datetime, end: datetime) -> bool:
        last = start.astimezone(zone).date() + timedelta(days=56)
        while last not in open_days:
            last += timedelta(days=1)
        return end.astimezone(zone).date() <= last

    found = measured(folder / name, "receipt.toml")
    sent, settled = "T05 Print and send confirmation of receipt", "T10 Determine necessity to stop indication"
    assert found["confirmation"] == count(cases, starts=None, ends=sent, kept=within_working(5))
    assert found["stop_decision"] == count(cases, starts=sent, ends=settled, kept=within_working(10))
    assert found["receipt_phase"] == count(cases, starts=None, ends=settled, kept=within_weeks)


def test_a_term_without_a_regulation_is_refused(shared_data: Path):
    path = shared_data / "wabo-receipt" / "receipt.csv.gz"
    outcome = run("measure", path, "--plain-ids", "--measure", "deadlines")
    assert outcome.code == 2
    assert "POTOK-R004" in outcome.err
