"""Whole audits of logs that hold next to nothing, nothing at all, or what cannot be."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from potok.core.calendars import calendar_from_mapping, load_calendar
from potok.core.regulations import regulation_from_mapping
from potok.log.store import LogStore
from potok.measure.filters.derived import apply_filter
from potok.measure.filters.expression import parse_filter
from potok.report.audit import build_audit, judge_lateness
from potok.report.audit_json import audit_as_json
from potok.report.audit_workbook import audit_tables, render_workbook
from potok.report.html import render_audit
from report.made_up_audits import make_manifest
from support.tiny_store import SECOND, TinyLog, tiny_log, write_store

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "reference" / "potok.audit.schema.json"
VALIDATOR = Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))
DAY = 86_400
CENTURY = 36_525 * DAY
OFFICE = calendar_from_mapping(
    {
        "name": "office",
        "zone": "Europe/Moscow",
        "first_year": 1969,
        "last_year": 1971,
        "weekly": {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    }
)
RULES = regulation_from_mapping(
    {
        "service": "Permit",
        "act": "Act",
        "terms": [{"name": "decision", "amount": 2, "unit": "calendar_days", "starts": "A", "ends": ["B"]}],
    }
)
LOGS = {
    "empty": TinyLog((), extracted=5 * SECOND),
    "one_event": tiny_log("case | activity | completed\n1 | A | 0"),
    "one_open_event": tiny_log("case | activity | completed\n1 | A | 0", open_cases="1", extracted=3 * DAY),
    "no_closed_case": tiny_log(
        f"""
        case | activity | completed
        1    | A        | 0
        1    | B        | {DAY}
        2    | A        | {2 * DAY}
        """,
        open_cases="1 2",
        extracted=30 * DAY,
    ),
    "no_times_that_can_be": tiny_log(
        "case | activity | completed\n1 | A | 100\n1 | B | 200", opened={"1": 150}, closed={"1": 50}, extracted=300
    ),
    "more_than_a_century": tiny_log(f"case | activity | completed\n1 | A | 0\n2 | A | {CENTURY + 5 * DAY}"),
}


def open_store(log: TinyLog, folder: Path) -> LogStore:
    store = write_store(log, folder)
    manifest = make_manifest()
    cases = {event.case for event in log.events}
    known = {"events": len(log.events), "cases": len(cases), "extracted_us": log.extracted_us}
    if log.events:
        instants = [instant for event in log.events for instant in event.instants]
        known |= {"first_us": min(instants), "last_us": max(instants)}
    return LogStore(store.folder, manifest | {"log": manifest["log"] | known})


@pytest.fixture(scope="module", params=LOGS)
def extreme(request, tmp_path_factory):
    """Audit a log of which there is next to nothing to say."""
    return build_audit(open_store(LOGS[request.param], tmp_path_factory.mktemp("extremes") / "store"))


def test_every_log_has_a_report_a_record_and_a_workbook(extreme):
    VALIDATOR.validate(json.loads(json.dumps(audit_as_json(extreme))))
    for language in ("en", "ru"):
        document = render_audit(extreme, language=language)
        for nonsense in ("nan", "None", "inf", "NaN"):
            assert f">{nonsense}<" not in document
            assert f" {nonsense} " not in document
    assert render_workbook(extreme)[:2] == b"PK"


def texts(audit):
    return render_audit(audit, language="en").replace("\u00a0", " ").replace("\u202f", " ")


def test_an_empty_log_says_so_everywhere(tmp_path):
    document = texts(build_audit(open_store(LOGS["empty"], tmp_path / "store")))
    assert "The log holds no case." in document
    assert "The log holds no activity." in document
    assert "No case has times that can be used." in document
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="chart' not in document


def test_without_a_closed_case_nothing_is_said_of_how_long_cases_take(tmp_path):
    audit = build_audit(open_store(LOGS["no_closed_case"], tmp_path / "store"))
    document = texts(audit)
    assert "No case is closed by the rule in force" in document
    assert "fewer than half of the cases are closed as far as the log reaches" in document
    assert "Closed cases, working time" not in document
    assert audit.times.lead_times.calendar_time.overall.survival.median.seconds is None
    assert audit.load.law.holds is None


def test_a_log_over_more_than_a_century_keeps_all_its_other_figures(tmp_path):
    audit = build_audit(open_store(LOGS["more_than_a_century"], tmp_path / "store"))
    assert audit.load is None
    assert audit_as_json(audit)["measures"]["work_in_process"] is None
    assert audit.counts.cases == 2
    assert "work_in_process" not in [table.name for table in audit_tables(audit)]


@pytest.fixture
def permits(tmp_path):
    log = tiny_log(
        f"""
        case | activity | started        | completed      | org_unit
        1    | A        | {9 * 3600}     | {10 * 3600}    | Window
        1    | B        | {5 * DAY}      | {5 * DAY + 60} | Law
        2    | A        | {1 * DAY}      | {1 * DAY + 60} | Window
        2    | B        | {2 * DAY}      | {2 * DAY + 60} | Law
        3    | A        | {3 * DAY}      | {3 * DAY + 60} | Window
        """,
        open_cases="3",
        extracted=20 * DAY,
    )
    return open_store(log, tmp_path / "permits.potok")


def test_working_time_stands_beside_calendar_time(permits):
    audit = build_audit(permits, calendar=OFFICE)
    record = audit_as_json(audit)
    VALIDATOR.validate(json.loads(json.dumps(record)))
    lead_times = record["measures"]["lead_times"]
    assert lead_times["calendar"] == {"calendar_id": OFFICE.calendar_id, "name": "office", "zone": "Europe/Moscow"}
    calendar, working = lead_times["calendar_time"]["closed"], lead_times["working_time"]["closed"]
    # Thursday 12:00 in Moscow to Tuesday 03:01; Friday 03:00 to Saturday 03:01.
    assert calendar["max_seconds"] == 5 * DAY + 60 - 9 * 3600
    assert (working["max_seconds"], working["min_seconds"]) == ((6 + 9 + 9) * 3600, 9 * 3600)
    assert "Working time runs on the calendar “office”" in render_audit(audit, language="en")
    names = [table.name for table in audit_tables(audit)]
    assert names.count("survival") == names.count("activity_times") == names.count("case_durations") == 2


def test_a_calendar_that_is_always_open_tells_nothing_twice(permits):
    audit = build_audit(permits, calendar=load_calendar("around-the-clock"))
    assert (audit.times.working_time, audit.times.calendar, audit.times.lead_times.working_time) == (None, None, None)


def test_a_calendar_that_lacks_a_year_leaves_a_gap_and_all_else(permits):
    short = calendar_from_mapping(
        {"name": "late", "zone": "UTC", "first_year": 1990, "last_year": 1991, "weekly": {"monday": ["09:00-18:00"]}}
    )
    audit = build_audit(permits, calendar=short)
    assert audit.times.is_calendar_short
    assert "does not know every year" in render_audit(audit, language="en")
    assert audit_as_json(audit)["measures"]["lead_times"]["working_time"] is None


def test_late_cases_are_found_and_lead_to_their_cases(permits):
    clock = load_calendar("around-the-clock")
    audit = build_audit(permits, regulation=RULES, calendar=clock, asked_with={"--regulation": "rules.toml"})
    late = next(found for found in audit.findings if found.finding.kind == "late")
    # From 1 January 10:00 two days run to the end of the third; case 1 ends on the sixth, case 3 never.
    assert late.finding.applicant_seconds == (2 * DAY + 60) + (20 - 6) * DAY
    assert [example.case_id for example in late.examples] == ["3", "1"]
    record = audit_as_json(audit)
    VALIDATOR.validate(json.loads(json.dumps(record)))
    assert {"term": "decision"} in [finding["where"] for finding in record["findings"]]
    document = texts(audit)
    assert "Beyond the term “decision”" in document
    assert f"--finding {late.identifier} --regulation rules.toml" in document
    assert "Where a case is beyond several terms" in document
    assert judge_lateness(permits, RULES, clock)[0].rules_id == RULES.regulation_id + clock.calendar_id
    assert judge_lateness(permits, None, clock) == (None, None)


def test_a_filtered_log_says_by_which_filter(permits, tmp_path):
    document = texts(build_audit(permits))
    assert "Only cases that pass the filter" not in document
    filtered = apply_filter(permits, parse_filter("activity=B and duration<3d"))
    audit = build_audit(filtered)
    assert "Only cases that pass the filter “activity=B and duration&lt;3d”: 1 of 3 cases." in texts(audit)
    origin = audit_as_json(audit)["log"]["derived_from"]
    assert (origin["cases"], origin["expression"]) == (3, "activity=B and duration<3d")
    VALIDATOR.validate(json.loads(json.dumps(audit_as_json(audit))))
