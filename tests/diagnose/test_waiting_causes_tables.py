"""Causes of waiting as tables and as JSON."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from potok.diagnose.waiting_causes import CAUSES, REASONS, CauseSeconds, compute_waiting_causes
from potok.engine.run_duckdb import DuckDBEngine
from potok.report.diagnosis import waiting_causes as report
from potok.report.diagnosis.waiting_causes import cause_titles, waiting_causes_as_json, waiting_causes_tables
from support.tiny_store import tiny_log, write_store

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.waiting_causes.schema.json"

LOG = """
    case | activity | started | completed | resource | org_unit
    1    | A        | 0       | 10        | ann      | front
    1    | B        | 40      | 50        | bob      | back
    2    | A        | 0       | 15        | ann      | front
    2    | B        | 50      | 60        | bob      | back
    3    | B        |         | 90        | bob      | back
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    store = write_store(tiny_log(LOG), tmp_path_factory.mktemp("waits") / "store")
    with DuckDBEngine() as engine:
        return compute_waiting_causes(store, engine=engine)


def test_json_follows_its_schema_and_adds_up(found):
    record = json.loads(json.dumps(waiting_causes_as_json(found)))
    jsonschema.validate(record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert record["enablement"] == "concurrent"
    total = record["overall"]["total_seconds"]
    assert total == 65
    assert sum(record["overall"]["case_waiting_seconds"].values()) == total
    for place in ("by_activity", "by_resource", "by_org_unit"):
        assert sum(group["total_seconds"] for group in record[place]) == total
    (hand_off,) = record["by_hand_off"]
    assert (hand_off["from"], hand_off["to"], hand_off["total_seconds"]) == ("front", "back", 65)


def test_tables_show_the_same_figures(found):
    tables = {table.name: table for table in waiting_causes_tables(found)}
    assert list(tables) == [
        "waiting_causes",
        "waiting_by_activity",
        "waiting_by_resource",
        "waiting_by_org_unit",
        "waiting_by_hand_off",
    ]
    totals = tables["waiting_causes"]
    assert totals.column("cause") == tuple(cause_titles().values())
    assert sum(totals.column("case_seconds")) == 65
    assert sum(totals.column("share")) == pytest.approx(1)
    for name in ("waiting_by_activity", "waiting_by_resource", "waiting_by_org_unit"):
        table = tables[name]
        assert sum(table.column("total_seconds")) == 65
        assert sum(sum(table.column(f"{cause}_seconds")) for cause in CAUSES) == 65
    notes = " ".join(totals.notes)
    assert "Some instances have no start time" in notes
    assert "When people are on duty is not known" in notes


def test_without_start_times_a_sentence_and_bounds_stand_in_place_of_zeros(found):
    none = CauseSeconds(*[0.0] * len(CAUSES))
    unknown = {"waits": 0, "cases": 0, "waiting": none, "case_waiting": none}
    groups = tuple(
        replace(group, **unknown, unknown_waits=2, most_seconds=10.0 * place)
        for place, group in enumerate(found.activities)
    )
    overall = replace(found.overall, **unknown, unknown_waits=7)
    causes, bounds = waiting_causes_tables(replace(found, overall=overall, activities=groups))
    assert (causes.name, causes.rows) == ("waiting_causes", ())
    assert causes.notes[0].startswith("It cannot be told how long activities waited")
    assert bounds.name == "waiting_bounds"
    assert bounds.column("label") == tuple(group.label for group in reversed(groups))
    assert bounds.column("most_seconds") == tuple(group.most_seconds for group in reversed(groups))


def test_where_nobody_waited_only_a_sentence_says_so(found):
    none = CauseSeconds(*[0.0] * len(CAUSES))
    overall = replace(found.overall, waits=0, unknown_waits=0, case_waiting=none)
    (causes,) = waiting_causes_tables(replace(found, overall=overall, reasons=("nobody_waited",)))
    assert causes.rows == ()
    assert "No instance waited." in causes.notes


def test_more_rows_than_are_shown_are_counted(found, monkeypatch):
    monkeypatch.setattr(report, "MOST_ROWS", 0)
    tables = {table.name: table for table in waiting_causes_tables(found)}
    assert tables["waiting_by_resource"].rows == ()
    assert tables["waiting_by_resource"].notes == ("The 0 of 1 rows with most waiting are shown.",)


def test_every_cause_has_a_name_and_every_reason_a_sentence():
    assert tuple(cause_titles()) == CAUSES
    assert all(text.endswith(".") for text in REASONS.values())
