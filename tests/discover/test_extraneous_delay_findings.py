"""What is inferred of resources, from a store to findings, tables and JSON."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from discover.made_up_work import is_office_hour, made_up_pool
from potok.core.calendars import Calendar, CalendarSet
from potok.core.finding import Confidence, FindingKind, Waste
from potok.diagnose.resources import diagnose_resources, find_extraneous_delay
from potok.discover.extraneous_delay import DelayRules, LoadResponse
from potok.discover.extraneous_delay.resource_facts import compute_resource_facts
from potok.discover.priorities import Comparison, Condition
from potok.discover.resource_calendars import CalendarBasis, fetch_work
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from potok.report.diagnosis.resources import (
    basis_text,
    condition_text,
    load_text,
    resources_as_json,
    resources_tables,
    week_text,
)
from support.importing import import_text

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "potok.resources.schema.json").read_text(encoding="utf-8")
)
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    enabled_at=TimeColumn(("enabled",)),
    started_at=TimeColumn(("start",)),
    completed_at=TimeColumn(("end",)),
    resource="who",
    org_unit="unit",
)
QUICK = DelayRules(bootstraps=10)


def checked(result):
    record = resources_as_json(result)
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(record)))
    tables = resources_tables(result, zone="UTC")
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    return record, {table.name: table for table in tables}


def text_of(tasks):
    def at(instant):
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)).isoformat()

    lines = [
        f"{t.case},decide,{at(t.enabled)},{at(t.started)},{at(t.completed)},w{t.resource},u{t.resource // 2}"
        for t in tasks
    ]
    return "\n".join(["case,activity,enabled,start,end,who,unit", *lines, ""])


@pytest.fixture(scope="module")
def delayed(tmp_path_factory):
    """An office in which every third case lies for an hour and a half."""
    tasks, delays = made_up_pool(
        weeks=5,
        arrivals_an_hour=3.0,
        delay=lambda random, case: 5_400_000_000 * (case % 3 == 0),
        is_arriving=is_office_hour,
    )
    store = import_text(tmp_path_factory.mktemp("delayed"), text_of(tasks), mapping=MAPPING)
    return store, diagnose_resources(store, rules=QUICK), sum(delays) / 1e6


def test_what_the_causes_of_waiting_leave_stands_beside_the_delay(delayed):
    _store, result, _planted = delayed
    for residual, shown in (({"decide": 42.0}, 42.0), ({}, None), (None, None)):
        tables = {table.name: table for table in resources_tables(result, zone="UTC", residual=residual)}
        assert tables["extraneous_delays"].column("residual_seconds") == (shown,)


def test_a_finding_names_the_activity_and_claims_no_time_of_the_ledger(delayed):
    store, result, planted = delayed
    (finding,) = find_extraneous_delay(result)
    assert (finding.kind, finding.waste, finding.where.activity) == (
        FindingKind.EXTRANEOUS_DELAY,
        Waste.WAITING,
        "decide",
    )
    assert (finding.applicant_seconds, finding.lead_time_share) == (0.0, 0.0)
    assert finding.affected_seconds == pytest.approx(planted, rel=0.05)
    assert finding.confidence is Confidence.INFERRED
    assert finding.assumption
    assert len(finding.example_cases) == 10
    cases = result.delayed_cases(0).tolist()
    assert finding.cases == finding.occurrences == len(cases) == len(set(cases))
    assert finding.example_cases == tuple(cases[:10])
    work = fetch_work(store)
    assert len(work) == len(result.facts.delays.instances.case)


def test_tables_and_json_say_the_same(delayed):
    _store, result, planted = delayed
    record, tables = checked(result)
    assert set(tables) == {"pools", "resource_calendars", "multitasking", "extraneous_delays", "priorities"}
    (activity,) = record["extraneous_delay"]["activities"]
    assert tables["extraneous_delays"].column("total_seconds") == (activity["total_seconds"],)
    assert record["extraneous_delay"]["total_seconds"] == pytest.approx(planted, rel=0.05)
    assert tables["resource_calendars"].column("hours") == ("Mon–Fri 09:00–17:00",) * 3
    assert record["calendars"]["calendars"][0]["weekly"][0] == ["09:00–17:00"]
    assert record["pools"]["pools"][0]["resources"] == ["w0", "w1", "w2"]
    assert [one["limit"] for one in record["multitasking"]["resources"]] == [1, 1, 1]
    assert record["priorities"]["rules"] == []
    assert "No rule was found" in tables["priorities"].notes[0]


def test_given_calendars_are_taken_by_department(delayed):
    store, result, _planted = delayed
    office = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((),) * 2, {}, 2021, 2021)
    night = Calendar("night", "UTC", (((0, 60),),) * 7, {}, 2021, 2021)
    one = compute_resource_facts(store, calendar=office, rules=QUICK)
    assert one.delays.total_seconds == pytest.approx(result.facts.delays.total_seconds, rel=0.05)
    several = diagnose_resources(store, calendar=CalendarSet(office, {"u1": night}), rules=QUICK)
    found = {one.resource: one.weekly for one in several.facts.calendars.calendars}
    assert found == {0: office.weekly, 1: office.weekly, 2: night.weekly}
    _record, tables = checked(several)
    assert tables["resource_calendars"].column("basis") == ("given",) * 3


@pytest.mark.parametrize(
    ("header", "lines", "reason"),
    [
        ("case,activity,time", ["1,a,2024-01-01", "1,b,2024-01-02"], "no_resources"),
        ("case,activity,time,resource", ["1,a,2024-01-01,x", "1,b,2024-01-02,x"], "no_start_times"),
        ("case,activity,time,resource", ["1,a,2024-01-01,x"], "no_start_times"),
    ],
)
def test_poor_logs_get_a_smaller_answer_and_say_why(tmp_path, header, lines, reason):
    mapping = Mapping(
        case_id="case",
        activity=("activity",),
        completed_at=TimeColumn(("time",)),
        resource="resource" if "resource" in header else "",
    )
    result = diagnose_resources(import_text(tmp_path, "\n".join([header, *lines, ""]), mapping=mapping))
    record, tables = checked(result)
    assert record["extraneous_delay"]["reasons"] == [reason]
    assert find_extraneous_delay(result) == ()
    assert tables["extraneous_delays"].rows == ()
    assert tables["extraneous_delays"].notes
    assert tables["priorities"].notes


def test_every_enumeration_has_words():
    assert len({basis_text(basis) for basis in CalendarBasis}) == len(CalendarBasis)
    assert len({load_text(response) for response in LoadResponse}) == len(LoadResponse)
    texts = {condition_text(Condition("attr:sum", comparison, 2.5), {}) for comparison in Comparison}
    assert texts == {"sum is 2.5", "sum is at least 2.5", "sum is at most 2.5"}
    assert condition_text(Condition("activity", Comparison.EQUAL, 3), {3: "decide"}) == "decide"


def test_weeks_are_written_with_equal_days_together():
    office = ((540, 780), (840, 1020))
    assert week_text((office,) * 4 + (((540, 960),), (), ((0, 1440),))) == (
        "Mon–Thu 09:00–13:00, 14:00–17:00; Fri 09:00–16:00; Sun 00:00–24:00"
    )
    assert week_text(((),) * 7) == ""


@pytest.mark.data
@pytest.mark.parametrize(("name", "timers"), [("Procure_to_Pay_3_timers", 3), ("Procure_to_Pay", 0)])
def test_what_was_injected_into_a_public_log_is_found(shared_data, tmp_path, name, timers):
    mapping = Mapping(
        case_id="case_id",
        activity=("activity",),
        started_at=TimeColumn(("start_time",)),
        completed_at=TimeColumn(("end_time",)),
        resource="resource",
        attributes=("extraneous_delay",),
    )
    source = shared_data / "sim-procure-to-pay" / f"{name}.csv.gz"
    store = import_log(ImportRequest((str(source),), tmp_path / "store", mapping))
    result = diagnose_resources(store, rules=DelayRules(bootstraps=0))
    injected = {0: 0.0, 3: 7_489_999.0}[timers]
    assert result.facts.delays.total_seconds == pytest.approx(injected, rel=0.01)
    found = [finding.where.activity for finding in find_extraneous_delay(result)]
    assert found == ["Send invoice", "Confirm Purchase Order", "Analyze Purchase Requisition"][:timers]
