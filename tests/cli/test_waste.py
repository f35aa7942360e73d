"""``potok waste``: two ledgers, and the way from every finding to its cases."""

import json
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.running import run

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.waste.schema.json"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases that go back and forth between two departments before they are signed."""
    rows = ["case,activity,time,department"]
    for number in range(30):
        day = 1 + number % 20
        steps = [("Register", 8, "front"), ("Check", 9, "front"), ("Approve", 12, "back")]
        if number % 3 == 0:
            steps += [("Check", 14, "front"), ("Approve", 16, "back")]
        rows += [f"k{number},{name},2024-04-{day:02} {hour}:00,{unit}" for name, hour, unit in steps]
        rows.append(f"k{number},Issue,2024-04-{day:02} 18:00,front")
    file = tmp_path_factory.mktemp("waste") / "permits.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_the_record_follows_its_schema_and_the_ledger_fits_into_the_lead_time(log: Path) -> None:
    record = run("waste", log, "--plain-ids", "--json").record
    jsonschema.validate(record, json.loads(SCHEMA.read_text()))
    assert 0 < sum(finding["applicant_seconds"] for finding in record["ledger"]) <= record["lead_seconds"]
    assert {"rework", "hand_over"} <= {finding["kind"] for finding in record["ledger"]}
    assert {"return_loop", "ping_pong"} <= {finding["kind"] for finding in record["further"]}


def test_every_finding_leads_to_its_cases(log: Path) -> None:
    record = run("waste", log, "--plain-ids", "--json").record
    one_of_each = {finding["kind"]: finding for finding in [*record["ledger"], *record["further"]]}
    for finding in one_of_each.values():
        listed = run("cases", log, "--plain-ids", "--finding", finding["id"], "--json").record["cases"]
        assert len({case["case_id"] for case in listed}) == finding["cases"], finding
        lost = finding["applicant_seconds"] or finding["affected_seconds"]
        assert sum(case["seconds"] for case in listed) == pytest.approx(lost), finding


def test_text_and_workbook_hold_both_ledgers(log: Path, tmp_path: Path) -> None:
    text = run("waste", log, "--plain-ids").out
    assert "Where applicants lose time" in text
    assert "What else looks wrong" in text
    file = tmp_path / "waste.xlsx"
    assert run("waste", log, "--plain-ids", "-o", file).code == 0
    workbook = CalamineWorkbook.from_path(str(file))
    assert len(workbook.sheet_names) >= 2


def test_a_format_of_one_table_is_refused(log: Path, tmp_path: Path) -> None:
    outcome = run("waste", log, "-o", tmp_path / "waste.csv")
    assert outcome.code == 2
    assert "POTOK-K052" in outcome.err


def test_an_unknown_finding_names_those_there_are(log: Path) -> None:
    outcome = run("cases", log, "--plain-ids", "--finding", "F-000000000000")
    assert outcome.code == 2
    assert "POTOK-R049" in outcome.err
    assert "F-" in outcome.err


def test_what_is_declared_decides_findings_and_the_way_to_their_cases(log: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.toml"
    told.write_text('schema = "potok.declared/1"\n[approvals]\nlevels = [{ name = "Head", approvals = ["Approve"] }]\n')
    record = run("waste", log, "--plain-ids", "--declared", told, "--json").record
    (levels,) = [table["rows"] for table in record["details"] if table["name"] == "approval_levels"]
    assert [level["name"] for level in levels] == ["Head"]
    (finding, *_others) = [one for one in record["further"] if one["kind"] == "ping_pong"]
    asked = ("cases", log, "--plain-ids", "--finding", finding["id"])
    assert len(run(*asked, "--declared", told, "--json").record["cases"]) == finding["cases"]


def test_what_cannot_be_declared_is_refused_at_once(log: Path, tmp_path: Path) -> None:
    told = tmp_path / "told.toml"
    told.write_text('schema = "potok.declared/1"\n[media]\npaper = ["Aprove"]\n')
    for command in ("waste", "audit"):
        outcome = run(command, log, "--plain-ids", "--declared", told)
        assert outcome.code == 2
        assert "POTOK-D062" in outcome.err
    outcome = run("cases", log, "--declared", told, "--filter", "open")
    assert "POTOK-K022" in outcome.err


def test_rules_of_activities_that_the_log_lacks_are_left_out_when_asked(log: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(
        'schema = "potok.regulation/1"\nservice = "Permit"\nact = "Act"\ncalendar = "ru"\n'
        '[[terms]]\nname = "answer"\namount = 1\nunit = "calendar_days"\nends = ["Issue", "Refuse"]\n'
    )
    refused = run("waste", log, "--plain-ids", "--regulation", rules)
    assert (refused.code, "“Refuse”" in refused.err) == (3, True)
    answered = run("waste", log, "--plain-ids", "--regulation", rules, "--skip-unknown")
    assert answered.code == 0
    assert "the log does not have “Refuse”" in answered.err
    assert "Where applicants lose time" in answered.out
