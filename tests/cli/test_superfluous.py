"""`potok superfluous`: five gates for each step as JSON, text and workbook; cautious on public logs."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli.running import run
from diagnose.superfluous_logs import RULES, write_checks
from potok.core.errors import EXIT_BAD_DATA

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs" / "reference" / "potok.superfluous.schema.json"
GATES = ("information", "reaction_rate", "skippers", "noninferiority", "legal")
READING = ("--closed-by-activity", "Close", "--plain-ids", "--zone", "Europe/Kaliningrad")
FORBIDDEN = ("useless", "unnecessary", "without loss", "it is safe", "бесполез", "ненужн", "безопасн", "без потер")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    (folder / "log.csv").write_text(write_checks(800, seed=7), encoding="utf-8")
    outcome = run("import", folder / "log.csv", "--into", folder / "store", *READING)
    assert outcome.code == 0, outcome.err
    return folder / "store"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return tmp_path / "rules.toml"


def checked(record: dict) -> dict:
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(record)
    assert not any(word in json.dumps(record, ensure_ascii=False).lower() for word in FORBIDDEN)
    return {step["activity"]: step for step in record["steps"] if step["org_unit"] is None}


def test_every_step_has_five_gates_and_a_verdict(store: Path, rules: Path):
    steps = checked(run("superfluous", store, "--rules", rules, "--json").record)
    assert len(steps) == 9
    for step in steps.values():
        assert set(GATES) <= set(step)
    assert steps["Legal check"]["verdict_text"] == "bound by law (amend art. 7)"
    assert steps["Inert check"]["legal"]["status"] == "free"
    assert steps["Inert check"]["reaction_rate"]["at_most"] > 0
    for step in steps.values():
        assert (step["noninferiority"]["value"] is None) <= bool(step["noninferiority"]["reason"])
        assert (step["finding"] is not None) == (
            step["verdict"] in ("removal_candidate", "check_by_risk", "move_later")
        )


def test_text_names_the_bound_of_what_was_not_seen(store: Path):
    outcome = run("superfluous", store)
    assert outcome.code == 0, outcome.err
    assert "Steps by five gates" in outcome.out
    assert "Activities that end cases" in outcome.out
    record = run("superfluous", store, "--json").record
    told = checked(record)["Inert check"]["reasons"][-1]["text"]
    assert told.startswith("No alteration seen in ")
    assert told.endswith("(95 %); deterrence and rare events cannot be seen here.")


def test_a_workbook_holds_all_tables(store: Path, tmp_path: Path):
    outcome = run("superfluous", store, "--output", tmp_path / "steps.xlsx")
    assert outcome.code == 0, outcome.err
    from python_calamine import CalamineWorkbook

    assert len(CalamineWorkbook.from_path(tmp_path / "steps.xlsx").sheet_names) == 3


def test_rules_that_name_unknown_steps_are_refused(store: Path, tmp_path: Path):
    broken = tmp_path / "rules.toml"
    broken.write_text('[[steps]]\nactivity = "No such check"\n', encoding="utf-8")
    outcome = run("superfluous", store, "--rules", broken, "--json")
    assert outcome.code == EXIT_BAD_DATA
    assert json.loads(outcome.err or outcome.out)["error"]["code"] == "POTOK-C023"


@pytest.mark.data
def test_the_receipt_log_gets_gates_verdicts_and_knock_outs(shared_data: Path):
    source = shared_data / "wabo-receipt" / "receipt.xes.gz"
    steps = checked(run("superfluous", source, "--plain-ids", "--zone", "Europe/Amsterdam", "--json").record)
    assert len(steps) == 27
    assert {step["verdict"] for step in steps.values()} == {"keep", "pilot_first", "cannot_tell"}
    by_code = {activity.split(" ")[0]: step["knock_out"] for activity, step in steps.items()}
    # Cases with the check, and those that end with it, counted by hand from the file; see the page of the analysis.
    counted = {code: (by_code[code]["events"], by_code[code]["trials"]) for code in ("T02", "T06", "T10")}
    assert counted == {"T02": (8, 1316), "T06": (16, 1309), "T10": (828, 1283)}


@pytest.mark.data
def test_published_knock_out_rates_come_close_on_cases_with_an_end_date(shared_data: Path):
    source = shared_data / "wabo-receipt" / "receipt.xes.gz"
    reading = ("--plain-ids", "--zone", "Europe/Amsterdam", "--closed-by-field", "case:enddate")
    steps = checked(run("superfluous", source, *reading, "--json").record)
    rates = {activity.split(" ")[0]: step["knock_out"]["closed_rate"]["value"] for activity, step in steps.items()}
    # Published, for another extract of 1,230 complete cases: 0.41 %, 1.23 % and 66.25 %.
    assert rates["T02"] == pytest.approx(5 / 1217)
    assert rates["T02"] == pytest.approx(0.0041, abs=5e-5)
    assert rates["T06"] == pytest.approx(0.0123, abs=0.001)
    assert rates["T10"] == pytest.approx(0.6625, abs=0.03)
