"""``potok simulate``: a model's forecast as text, JSON and workbook, what else it answers, and what it refuses."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.running import run
from potok.core.change import CHANGES, ChangeVerb
from potok.report.simulation.words import describe_change
from potok.simulate.changes import load_scenarios
from potok.simulate.model import write_model
from simulate.changes.made_models import START_AT, permit_model, with_term
from support.prosimos_models import BPMN, PARAMETERS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "potok.forecast.schema.json").read_text(encoding="utf-8"))
VALIDATION = json.loads((ROOT / "docs" / "reference" / "potok.validation.schema.json").read_text(encoding="utf-8"))
QUICK = ("--replications", "3", "--cases", "100")
TWO = """
schema = "potok.changes/1"
[[scenario]]
name = "without checking twice"
[[scenario.change]]
verb = "remove"
activity = "Verify"
[[scenario]]
name = "one more officer"
[[scenario.change]]
verb = "staff"
pool = "Officers"
"""
PRICED = """
schema = "potok.changes/1"
[[change]]
verb = "staff"
pool = "Officers"
price = 50
[[change]]
verb = "automate"
activity = "Check"
price = 30
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate")
    write_model(with_term(permit_model()), folder / "permits.toml")
    write_model(permit_model(), folder / "permits.json")
    (folder / "one.toml").write_text(TWO.partition('[[scenario]]\nname = "one more')[0], encoding="utf-8")
    (folder / "two.toml").write_text(TWO, encoding="utf-8")
    (folder / "priced.toml").write_text(PRICED, encoding="utf-8")
    return folder


def test_json_has_as_is_to_be_and_difference_and_the_same_seed_gives_the_same_bytes(files):
    command = ("simulate", files / "permits.toml", "--change", files / "two.toml", *QUICK, "--json")
    done = run(*command)
    assert (done.code, done.err) == (0, "")
    jsonschema.validate(done.record, SCHEMA)
    record = done.record
    figures = {
        part: next(one for one in record[part] if one["metric"] == "staff_time_per_case_seconds")
        for part in ("as_is", "to_be", "difference")
    }
    assert all(one["lower"] <= one["value"] <= one["upper"] for one in figures.values())
    assert figures["difference"]["value"] == pytest.approx(figures["to_be"]["value"] - figures["as_is"]["value"])
    # Nine of ten cases were verified, for ten minutes.
    assert figures["difference"]["value"] == pytest.approx(-0.9 * 600, rel=0.15)
    assert [one["scenario"] for one in record["further_scenarios"]] == ["one more officer"]
    assert {one["scenario"] for one in record["ranking"]["scenarios"]} == {
        None,
        "without checking twice",
        "one more officer",
    }
    assert run(*command).out == done.out
    assert run(*command, "--seed", "2").out != done.out


def test_what_else_is_asked_is_answered_beside(files):
    done = run(
        *("simulate", files / "permits.toml", "--change", files / "priced.toml", *QUICK, "--json"),
        *("--sensitivity", "--size", "Officers", "--target", "0.5", "--budget", "60", "--objective", "waiting_p90"),
    )
    assert done.code == 0
    jsonschema.validate(done.record, SCHEMA)
    assert done.record["to_be"] is None
    assert done.record["sensitivity"]["metric"] == "waiting_p90_seconds"
    assert done.record["sizing"]["people"] >= 1
    assert {tuple(one["changes"]) for one in done.record["search"]["options"]} == {(), (0,), (1,)}


def test_text_says_what_changes_and_what_it_rests_on(files):
    done = run(
        *("simulate", files / "permits.toml", "--change", files / "two.toml", *QUICK),
        *("--sensitivity", "--size", "Officers", "--target", "0.5"),
    )
    assert done.code == 0
    for words in (
        "As is and to be: without checking twice",
        "leave out “Verify”",
        "1 person more for “Officers”",
        "Which is best",
        "chance in the runs alone",
        "Which assumption moves the answer most",
        "How many people “Officers” needs",
        "Expected share of cases with “reversed”",
    ):
        assert words in done.out
    alone = run("simulate", files / "permits.json", *QUICK)
    assert "As it is" in alone.out
    assert "Share within the term" not in alone.out


def test_the_workbook_holds_the_figures_as_numbers(files, tmp_path):
    path = tmp_path / "forecast.xlsx"
    done = run(
        *("simulate", files / "permits.json", "--change", files / "priced.toml", *QUICK, "--budget", "100"),
        *("-o", path, "--term", "2d"),
    )
    assert done.code == 0
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["As it is", "Which changes to make with the ", "All figures"]
    rows = book.get_sheet_by_name("All figures").to_python()
    assert any(row[2] == "Share within the term" and isinstance(row[4], float) for row in rows)


def test_a_horizon_is_stated_and_a_saturated_one_said_to_be(files, tmp_path):
    model = permit_model()
    write_model(replace(model, arrivals=replace(model.arrivals, per_day=40.0)), tmp_path / "busy.toml")
    until = (START_AT + timedelta(days=28)).isoformat()
    done = run("simulate", tmp_path / "busy.toml", "--replications", "2", "--until", until, "--json")
    assert done.code == 0
    jsonschema.validate(done.record, SCHEMA)
    assert done.record["frame"]["kind"] == "horizon"
    assert [one["pool"] for one in done.record["saturated"]] == ["Officers"]
    text = run("simulate", tmp_path / "busy.toml", "--replications", "2", "--until", until)
    assert "there is no steady state" in text.out
    assert "of what “Officers” can do comes to it" in text.out


def test_the_model_is_written_with_its_term(files, tmp_path):
    regulation = ROOT / "examples" / "regulations" / "permit-demo.toml"
    done = run(
        *("simulate", files / "permits.json", *QUICK, "--term", "5wd", "--regulation", regulation),
        *("--model-out", tmp_path / "model.toml", "--json"),
    )
    assert done.code == 0
    written = (tmp_path / "model.toml").read_text(encoding="utf-8")
    assert "working_days" in written
    assert any(one["metric"] == "share_in_term" for one in done.record["as_is"])


def test_a_log_is_learned_from_and_its_open_cases_go_on(files, tmp_path):
    """A run of the model, written as a log, gives a forecast again."""
    store = tmp_path / "store"
    written = run("simulate", files / "permits.json", "--cases", "250", "--replications", "2", "--log-out", store)
    assert written.code == 0
    learn = ("simulate", store, "--change", files / "one.toml", "--replications", "2", "--draws", "2", "--json")
    done = run(*learn, "--term", "5wd", "--calendar", "around-the-clock")
    assert done.code == 0
    jsonschema.validate(done.record, SCHEMA)
    assert done.record["source"]["kind"] == "log"
    assert done.record["settings"]["interval"] == "bootstrap"
    assert any(one["metric"] == "share_in_term" for one in done.record["as_is"])
    skipped = next(one for one in done.record["difference"] if one["metric"] == "staff_time_per_case_seconds")
    # The model that made the log has −540; hours and absences are learned from few people's work.
    assert -2 * 540 < skipped["value"] < -0.5 * 540
    held = run("simulate", store, "--validate", "--replications", "2", "--json").record
    jsonschema.validate(held, VALIDATION)
    assert len(held["replications"]) == 2
    assert min(held["train_cases"], held["test_cases"]) > 100
    told = run("simulate", store, "--validate", "--replications", "1")
    assert "sampling floor" in told.out


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--change", "two.toml", "--change", "two.toml"), "POTOK-S120"),
        (("--until", "tomorrow"), "POTOK-S120"),
        (("--validate",), "POTOK-S120"),
        (("--start", "2024-01-01"), "POTOK-S120"),
        (("--objective", "happiness"), "POTOK-S120"),
        (("--objective", "utilisation:Clarks"), "POTOK-S113"),
        (("--budget", "10"), "POTOK-S120"),
        (("--term", "soon"), "POTOK-S110"),
        (("--size", "Clarks", "--term", "2d"), "POTOK-S102"),
        (("--size", "Clerks"), "POTOK-S112"),
        (("--replications", "1"), "POTOK-S110"),
        (("--change", "missing.toml"), "POTOK-S101"),
    ],
)
def test_what_cannot_be_asked_is_refused(files, options, code):
    given = [files / one if one.endswith(".toml") else one for one in options]
    done = run("simulate", files / "permits.json", "--cases", "20", *given)
    assert done.code == 2
    assert code in done.err


def test_every_change_is_said_in_words():
    found = {
        change.verb: describe_change(change)
        for path in sorted((ROOT / "examples" / "changes").glob("*.toml"))
        for scenario in load_scenarios(path)
        for change in scenario.changes
    }
    assert set(found) == set(ChangeVerb) == set(CHANGES)
    assert all(text != verb.value and "{" not in text for verb, text in found.items())
    assert found[ChangeVerb.DEMAND] == "25% more cases"
    assert found[ChangeVerb.CHECK_BY_RISK] == "do “AML check” in 20% of the cases"


def test_a_model_of_prosimos_is_run_and_written_for_it(tmp_path):
    (tmp_path / "office.bpmn").write_text(BPMN, encoding="utf-8")
    (tmp_path / "office.json").write_text(json.dumps(PARAMETERS), encoding="utf-8")
    command = ("simulate", tmp_path / "office.bpmn", "--prosimos", tmp_path / "office.json", *QUICK, "--json")
    written = tmp_path / "again.bpmn"
    done = run(*command, "--zone", "Europe/Kaliningrad", "--term", "2d", "--model-out", written)
    assert done.code == 0
    jsonschema.validate(done.record, SCHEMA)
    assert done.record["source"] == {"kind": "model", "name": "office"}
    assert "2 times of calendars were rounded to minutes." in done.err
    assert "from Monday 2025-01-13 on" in done.err
    assert "Prosimos knows no terms" in done.err
    again = run(
        "simulate", written, "--prosimos", tmp_path / "again.json", *QUICK, "--json", "--zone", "Europe/Kaliningrad"
    )
    work, work_again = (
        next(one["value"] for one in record["as_is"] if one["metric"] == "staff_time_per_case_seconds")
        for record in (done.record, again.record)
    )
    assert work_again == pytest.approx(work, rel=0.1)
    begun = run(*command, "--start", "2026-03-02T00:00:00+00:00", "--until", "2026-03-30T00:00:00+00:00")
    assert "Monday" not in begun.err
    assert begun.record["frame"]["kind"] == "horizon"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("office.bpmn",), "--prosimos"),
        (("permits.toml", "--prosimos", "office.json"), "ends in .bpmn"),
        (("permits.toml", "--model-out", "model.bpmn.gz"), "without compression"),
        (("office.bpmn", "--prosimos", "office.json", "--zone", "Europe/Kalinin"), "Europe/Kaliningrad"),
        (("office.bpmn", "--prosimos", "office.json", "--validate"), "A model has no later cases"),
    ],
)
def test_halves_of_a_prosimos_model_are_refused(files, tmp_path, arguments, message):
    (tmp_path / "office.bpmn").write_text(BPMN, encoding="utf-8")
    (tmp_path / "office.json").write_text(json.dumps(PARAMETERS), encoding="utf-8")
    folder = {"permits.toml": files, "office.bpmn": tmp_path, "office.json": tmp_path, "model.bpmn.gz": tmp_path}
    done = run("simulate", *(folder[one] / one if one in folder else one for one in arguments), *QUICK)
    assert done.code == 2
    assert message in done.err
