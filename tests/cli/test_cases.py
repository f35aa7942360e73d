"""``potok cases``: cases behind figures, behind findings under a regulation, and those that pass a filter."""

import csv
import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from cli.rules import RULES
from cli.running import Outcome, run

ROWS = "case,activity,time,department\n" + "".join(
    f"{case},{activity},2024-03-{day:02} {hour}:00,{unit}\n"
    for case, steps in (
        ("k1", (("Register", 4, 9, "Front"), ("Check", 5, 10, "Legal"), ("Decide", 6, 11, "Head"))),
        ("k2", (("Register", 4, 9, "Front"), ("Check", 5, 10, "Legal"), ("Check", 19, 9, "Legal"))),
        ("k3", (("Register", 4, 12, "Front"), ("Check", 14, 10, "Legal"), ("Decide", 22, 11, "Head"))),
    )
    for activity, day, hour, unit in steps
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


def list_cases(log: Path, *options: object) -> Outcome:
    closing = ("--closed-by-activity", "Decide", "--zone", "Europe/Moscow")
    return run("cases", log, "--plain-ids", *closing, *options)


def ids(outcome: Outcome) -> list[str]:
    assert outcome.code == 0, outcome.err
    return [case["case_id"] for case in outcome.record["cases"]]


def test_cases_behind_a_row(log: Path) -> None:
    edge = ("--row", "activity=Register", "--row", "next_activity=Check")
    outcome = list_cases(log, "--measure", "directly_follows", *edge, "--json")
    assert ids(outcome) == ["k3", "k1", "k2"]
    record = outcome.record
    assert (record["schema"], record["measure"], record["figure"]) == ("potok.cases/1", "directly_follows", None)
    assert record["row"] == {"activity": "Register", "next_activity": "Check"}
    assert record["cases"][0] == {
        "case": 2,
        "case_id": "k3",
        "seconds": (9 * 24 + 22) * 3600,
        "amount": None,
        "source_rows": [7, 8],
    }
    assert ids(list_cases(log, "--measure", "rework", "--row", "activity=Check", "--json")) == ["k2"]


def test_cases_that_missed_a_term(log: Path, rules: Path) -> None:
    term = ("--measure", "deadlines", "--regulation", rules, "--row", "term=decision", "--row", "org_unit=all")
    assert ids(list_cases(log, *term, "--json")) == ["k3"]
    assert ids(list_cases(log, *term, "--figure", "in_time", "--json")) == ["k1"]
    assert ids(list_cases(log, *term, "--figure", "open_late", "--json")) == ["k2"]
    assert ids(list_cases(log, *term[:4], "--row", "term=decision", "--row", "org_unit=Legal", "--json")) == []


def test_cases_behind_a_late_finding(log: Path, rules: Path) -> None:
    command = ("--plain-ids", "--closed-by-activity", "Decide", "--zone", "Europe/Moscow", "--regulation", rules)
    findings = run("audit", log, *command, "--json", "--brief").record["findings"]
    (late,) = (finding for finding in findings if finding["kind"] == "late")
    listed = list_cases(log, "--regulation", rules, "--finding", late["id"], "--json")
    assert len(ids(listed)) == late["cases"] == 2
    assert sum(case["seconds"] for case in listed.record["cases"]) == pytest.approx(late["applicant_seconds"])
    without = list_cases(log, "--finding", late["id"])
    assert without.code == 2
    assert "regulation" in without.err


def test_cases_that_pass_a_filter(log: Path) -> None:
    outcome = list_cases(log, "--filter", "duration>10d", "--json")
    assert sorted(ids(outcome)) == ["k2", "k3"]
    assert outcome.record["filter"] == "duration>10d"


def test_lists_become_tables(log: Path, tmp_path: Path) -> None:
    text = list_cases(log, "--measure", "counts")
    assert text.code == 0
    assert "k3" in text.out
    lines = list(csv.reader(io.StringIO(list_cases(log, "--measure", "counts", "--format", "csv").out)))
    assert len(lines) == 4
    file = tmp_path / "cases.xlsx"
    assert list_cases(log, "--measure", "counts", "-o", file).out.strip() == str(file)
    assert len(CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()) >= 4


def test_a_cut_list_says_so(log: Path) -> None:
    assert "--limit 2" in list_cases(log, "--measure", "counts", "--limit", "2").out
    assert "--limit" not in list_cases(log, "--measure", "counts", "--limit", "4").out


def test_times_are_calendar_time(log: Path) -> None:
    assert "calendar time" in list_cases(log, "--measure", "waiting", "--calendar", "ru").out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ((), "K022", "--finding, --measure, --filter"),
        (("--finding", "F-1", "--measure", "rework"), "K022", "Give one"),
        (("--row", "activity=A"), "K022", "--measure NAME"),
        (("--measure", "rework", "--row", "activity"), "K022", "--row COLUMN=VALUE"),
        (("--measure", "rework"), "R035", "--row activity="),
        (("--measure", "worklist"), "R004", "--regulation"),
        (("--measure", "littles_law"), "R036", "work_in_process"),
        (("--measure", "nothing"), "R003", "Measures:"),
        (("--measure", "rework", "--row", "activity=Nowhere"), "M001", "Check"),
        (("--measure", "outcome_shares", "--row", "outcome=x", "--calendar", "ru"), "R036", "calendar"),
        (("--measure", "activity_times", "--by", "resource", "--row", "activity=Check"), "R036", "activity"),
    ],
)
def test_what_is_unclear_is_refused(log: Path, options: tuple[str, ...], code: str, said: str) -> None:
    outcome = list_cases(log, *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"POTOK-{code}" in outcome.err
    assert said in outcome.err
