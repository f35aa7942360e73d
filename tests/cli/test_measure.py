"""``potok measure``: every measure as every kind of table, and what it refuses."""

import csv
import io
import json
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from cli.running import run
from potok.report.catalogue.catalogue import ENTRIES

ROWS = "case,activity,start,time,resource,department,channel,cost\n" + "".join(
    f"{case},{activity},2024-03-{day:02} 09:00,2024-03-{day:02} {9 + hours}:00,{who},{unit},{channel},{cost}\n"
    for case, channel in (("k1", "portal"), ("k2", "office"), ("k3", "portal"))
    for activity, day, hours, who, unit, cost in (
        ("=Register", 4, 1, "Anna", "Front", 10),
        ("Check", 5, 3, "Boris", "Legal", 20),
        ("Check", 6, 2, "Anna", "Legal", 20),
        ("Decide", 11, 1, "Vera", "Head", 5),
    )
)
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.measure.schema.json"
RULES = """
service = "Permit"
act = "Rule 1"
calendar = "ru"
[[terms]]
name = "decision"
amount = 3
unit = "working_days"
ends = ["Decide"]
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("POTOK_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "log.csv"
    path.write_text(ROWS, encoding="utf-8")
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    return path


def measure(log: Path, name: str, *options: object):
    return run(*arguments(log, name), *options)


def arguments(log: Path, name: str) -> list[object]:
    rules = ["--regulation", log.with_name("rules.toml")] if ENTRIES[name].needs_regulation else []
    roles = ["--started", "start", "--completed", "time", "--zone", "Europe/Moscow"]
    return ["measure", log, "--plain-ids", *roles, "--measure", name, *rules]


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_measure_is_json_by_its_schema(log: Path, name: str):
    outcome = measure(log, name, "--json")
    assert outcome.code == 0, outcome.err
    jsonschema.validate(outcome.record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert outcome.record["measure"] == name


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_measure_is_a_table_in_russian(log: Path, name: str):
    outcome = run("--lang", "ru", *arguments(log, name))
    assert outcome.code == 0, outcome.err
    assert len(outcome.out.splitlines()) >= 3


def test_one_table_in_every_format(log: Path, tmp_path: Path):
    expected = measure(log, "activity_times", "--json").record["rows"]
    for suffix in ("json", "csv", "xlsx", "parquet", "txt"):
        outcome = measure(log, "activity_times", "-o", tmp_path / f"t.{suffix}")
        assert (outcome.code, outcome.out.strip()) == (0, str(tmp_path / f"t.{suffix}")), outcome.err
    assert json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))["rows"] == expected
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == expected
    written = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    assert "'=Register" in [row[0] for row in written]
    sheet = CalamineWorkbook.from_path(tmp_path / "t.xlsx").get_sheet_by_index(0).to_python()
    assert "=Register" in [row[0] for row in sheet]


def test_terms_follow_the_calendar(log: Path):
    (row, *_units) = measure(log, "deadlines", "--json").record["rows"]
    # From Monday 4 March: 5, 6 and 7 March; the 8th is a holiday. Decided on the 11th: late.
    assert (row["cases"], row["in_time"], row["late"], row["in_time_share"]) == (3, 0, 3, 0.0)


def test_a_filter_leaves_only_its_cases(log: Path):
    record = measure(log, "counts", "--filter", "channel=portal", "--json").record
    assert record["rows"][0]["cases"] == 2
    nothing = measure(log, "counts", "--filter", "channel=post")
    assert (nothing.code, nothing.out) == (2, "")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--measure", "speed"], "POTOK-R003"),
        (["--measure", "deadlines"], "POTOK-R004"),
        (["--format", "xlsx"], "POTOK-K020"),
        (["--format", "docx"], "POTOK-K021"),
        (["-o", "x.docx"], "POTOK-K021"),
        (["--calendar", "mars"], "POTOK-C010"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(log: Path, options: list[str], code: str):
    outcome = run("measure", log, "--plain-ids", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert code in outcome.err


def test_an_audit_as_a_workbook_holds_findings_and_terms(log: Path, tmp_path: Path):
    rules = log.with_name("rules.toml")
    outcome = run(
        "audit", log, "--plain-ids", "-o", tmp_path / "a.html", "--xlsx", tmp_path / "a.xlsx", "--regulation", rules
    )
    assert outcome.code == 0, outcome.err
    names = CalamineWorkbook.from_path(tmp_path / "a.xlsx").sheet_names
    assert names[0] == "Findings"
    assert {"Terms", "Open cases by due date", "Rework"} <= set(names)
    assert 'id="terms"' in (tmp_path / "a.html").read_text(encoding="utf-8")
