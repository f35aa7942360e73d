"""``potok drift``: tables and JSON of when a process changed, and what it refuses."""

import json
from pathlib import Path

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.running import run
from support import changing_logs as made

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.drift.schema.json"
READ = ("--plain-ids", "--zone", "UTC", "--channel", "channel", "--resource", "who", "--closed-by-activity", "Close")


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(made.changing_log(after=made.without_weighing), encoding="utf-8")
    return path


def test_json_follows_its_schema_and_dates_the_change(log):
    done = run("drift", log, *READ, "--json")
    assert (done.code, done.err) == (0, "")
    jsonschema.validate(done.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    flow = next(aspect for aspect in done.record["aspects"] if aspect["aspect"] == "control_flow")
    (point,) = flow["points"]
    # A case every two hours from 2 January 2023 08:00: the 250th opened on 23 January.
    assert point["at"].startswith("2023-01-2")
    assert "Weigh" in {change["name"] for change in point["changes"]}
    assert point["p_value"] <= done.record["error_rate"] == 0.05


def test_text_says_what_changed_and_what_could_not_be_searched(log):
    done = run("drift", log, *READ, "--aspect", "control_flow", "--aspect", "mix")
    assert done.code == 0
    assert "When the process changed" in done.out
    assert "“Weigh” occurs" in done.out
    assert "The log does not hold it, or it never varies." in done.out
    assert "lead time" not in done.out


def test_the_workbook_has_a_sheet_for_each_table(log, tmp_path):
    done = run("drift", log, *READ, "--aspect", "control_flow", "-o", tmp_path / "drift.xlsx")
    assert done.code == 0
    names = CalamineWorkbook.from_path(str(tmp_path / "drift.xlsx")).sheet_names
    assert names == ["When the process changed", "What changed, before and after", "What was searched for changes"]


@pytest.mark.parametrize(
    ("options", "code"),
    [(("--aspect", "mood"), "POTOK-K040"), (("--error-rate", "5"), "POTOK-N001"), (("--format", "csv"), "POTOK-K052")],
)
def test_what_cannot_be_asked_is_refused(log, options, code):
    done = run("drift", log, *READ, *options)
    assert done.code == 2
    assert code in done.err


def test_russian_is_spoken_where_the_catalogue_has_it(log):
    done = run("--lang", "ru", "drift", log, *READ, "--aspect", "control_flow", "--json")
    assert done.code == 0
    jsonschema.validate(done.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
