"""``potok compare``: tables and JSON of groups compared, and what it refuses."""

import json
from datetime import timedelta
from pathlib import Path
from random import Random

import jsonschema
import pytest
from python_calamine import CalamineWorkbook

from cli.rules import RULES
from cli.running import run
from support import changing_logs as made

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.compare.schema.json"
READ = ("--plain-ids", "--zone", "UTC", "--channel", "channel", "--resource", "who", "--closed-by-activity", "Close")


def write_log(path, *, slow_channel="portal", seed=1):
    random = Random(seed)
    cases = []
    for number in range(300):
        channel = random.choice(["portal", "office"])
        case = (made.slower if channel == slow_channel else made.usual_case)(random)
        cases.append(
            made.MadeCase(made.BEGINS + timedelta(hours=12 * number), case.activities, case.hours, channel, case.who)
        )
    path.write_text(made.csv_of(cases), encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path):
    return write_log(tmp_path / "log.csv")


def valid(done):
    assert (done.code, done.err) == (0, "")
    jsonschema.validate(done.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    return done.record


def test_json_follows_its_schema_and_tells_the_slow_channel(log):
    record = valid(run("compare", log, *READ, "--by", "channel", "--json"))
    groups = {group["label"]: group for group in record["groups"]}
    assert {label: group["verdict"] for label, group in groups.items()} == {"portal": "slower", "office": "faster"}
    assert record["left_out"] == [{"name": "channel", "reason": "is_the_grouping"}]
    assert [causes["target"] for causes in record["causes"]] == ["slow", "rework"]
    assert record["causes"][0]["verdict"] == "rules_hold"
    assert "channel" in record["causes"][0]["rules"][0]["conditions"][0]["fact"]


def test_several_logs_are_compared_by_name(log, tmp_path):
    other = write_log(tmp_path / "other.csv", slow_channel="none", seed=2)
    record = valid(run("compare", log, other, *READ, "--json"))
    assert record["by"] == "log"
    assert [group["label"] for group in record["groups"]] == ["log", "other"]
    assert len(record["logs"]) == 2
    assert record["covariates"] == ["channel"]


def test_text_shows_parts_and_rules(log):
    done = run("compare", log, *READ, "--cohort", "month")
    assert done.code == 0
    for title in ("Groups compared", "What the mix of cases explains", "What goes with lateness and rework"):
        assert title in done.out
    assert "2023-02" in done.out


def test_the_workbook_has_the_terms_too(log, tmp_path):
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    done = run(
        "compare", log, *READ, "--by", "channel", "--calendar", "ru", "--regulation", rules, "-o", tmp_path / "c.xlsx"
    )
    assert (done.code, done.err) == (0, "")
    assert "How the groups keep terms" in CalamineWorkbook.from_path(str(tmp_path / "c.xlsx")).sheet_names


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), "POTOK-K041"),
        (("--by", "channel", "--cohort", "year"), "POTOK-K033"),
        (("--cohort", "decade"), "POTOK-K033"),
        (("--by", "outcome"), "POTOK-D020"),
        (("--by", "mood"), "POTOK-M045"),
        (("--by", "channel", "--horizon", "9000"), "POTOK-M013"),
    ],
)
def test_what_cannot_be_asked_is_refused(log, options, code):
    done = run("compare", log, *READ, *options)
    assert done.code == 2
    assert code in done.err
