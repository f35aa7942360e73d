"""Waits of small logs split by cause, on both engines."""

from random import Random

import numpy as np
import pyarrow.parquet as pq
import pytest

from potok.diagnose.caused_gaps import CAUSE_COLUMNS as LEDGER_COLUMNS
from potok.diagnose.first_findings import find_first
from potok.diagnose.waiting_causes import (
    CAUSES,
    REASONS,
    WaitingSettings,
    compute_waiting_causes,
    derive_waiting_causes,
    list_waiting_cause_cases,
)
from potok.diagnose.waiting_causes.tables import CASE_COLUMNS, CAUSE_COLUMNS
from potok.discover.resource_calendars import (
    CalendarBasis,
    OwnedSpans,
    ResourceCalendar,
    ResourceCalendars,
    WeeklyRules,
)
from potok.engine.run_duckdb import DuckDBEngine
from potok.engine.tables import CASES, EVENTS
from potok.measure.ledger import gaps
from potok.measure.running import run
from support.random_logs import random_log, union
from support.tiny_store import SECOND, tiny_log, write_store

ENGINES = ["duckdb", pytest.param("spark", marks=pytest.mark.spark)]
WEEK = ((),) * 7

QUEUE = """
    case | activity | enabled | started | completed | resource | org_unit
    1    | A        | 0       | 0       | 10        | ann      | front
    1    | B        | 10      | 40      | 50        | bob      | back
    2    | A        | 0       | 10      | 20        | ann      | front
    2    | B        | 20      | 50      | 60        | bob      | back
    3    | B        | 5       | 5       | 30        | bob      | back
    4    | B        | 15      | 30      | 35        | bob      | back
"""


@pytest.fixture(scope="session")
def duckdb_engine():
    with DuckDBEngine() as engine:
        yield engine


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


def calendars(duty: dict[int, list[tuple[int, int]]], owners: int) -> ResourceCalendars:
    spans = [duty.get(owner, []) for owner in range(owners)]
    flat = np.array([span for one in spans for span in one], np.int64).reshape(-1, 2) * SECOND
    offsets = np.concatenate([[0], np.cumsum([len(one) for one in spans])]).astype(np.int64)
    known = tuple(ResourceCalendar(owner, CalendarBasis.GIVEN, WEEK, 1.0, 1.0, 1.0, 0, 0) for owner in duty)
    return ResourceCalendars(known, OwnedSpans(offsets, flat[:, 0], flat[:, 1]), WeeklyRules(), "UTC", ())


def causes_of(seconds) -> dict[str, float]:
    return {cause: getattr(seconds, cause) for cause in CAUSES if getattr(seconds, cause)}


def test_a_queue_a_favour_and_an_absence(tmp_path, engine):
    store = write_store(tiny_log(QUEUE), tmp_path / "store")
    duty = calendars({1: [(0, 36), (45, 100)]}, owners=2)
    found = compute_waiting_causes(store, settings=WaitingSettings(calendars=duty), engine=engine)
    assert (found.enablement, found.instances, found.overall.waits, found.overall.cases) == ("given", 6, 4, 3)
    by_label = {group.label: causes_of(group.waiting) for group in found.activities}
    # Case 1: bob is busy with case 3 (enabled 5) up to 30, with case 4 (enabled 15, later) up to 35, on duty and free
    # up to 36, off up to 40. Case 2: with cases 3 and 4, off from 36, busy with case 1. Case 4: with case 3.
    assert by_label["B"] == {
        "contention": 20 + 15 + 10 + 15,
        "prioritisation": 5.0,
        "unavailability": 8.0,
        "residual": 2.0,
    }
    # Of ann it is not known when she is on duty; she was busy with case 1, enabled no later.
    assert by_label["A"] == {"contention": 10.0}
    assert {group.label for group in found.resources} == {"ann", "bob"}
    (hand_off,) = found.hand_offs
    assert (hand_off.from_label, hand_off.label, hand_off.waits, hand_off.cases) == ("front", "back", 2, 2)
    assert hand_off.waiting.total == 60
    assert found.reasons == ("some_calendars_missing",)

    listed = list_waiting_cause_cases(store, found.tables, cause="contention", place=("activity", "B"), engine=engine)
    assert [(case.case_id, case.seconds, case.source_rows) for case in listed] == [
        ("2", 25.0, (3, 4)),
        ("1", 20.0, (1, 2)),
        ("4", 15.0, (6, 6)),
    ]
    between = list_waiting_cause_cases(
        store, found.tables, place=("org_unit", "back"), from_label="front", limit=1, engine=engine
    )
    assert [(case.case_id, case.seconds) for case in between] == [("1", 30.0)]


def test_a_performer_who_does_two_things_at_once_is_busy_at_two(tmp_path, duckdb_engine):
    log = tiny_log("""
        case | activity | enabled | started | completed | resource
        1    | A        | 0       | 0       | 20        | ann
        2    | A        | 0       | 10      | 30        | ann
        3    | A        | 5       | 20      | 40        | ann
    """)
    store = write_store(log, tmp_path / "store")
    one = compute_waiting_causes(store, engine=duckdb_engine)
    assert causes_of(one.overall.waiting) == {"contention": 25.0}
    two = compute_waiting_causes(store, settings=WaitingSettings(limit=np.array([2])), engine=duckdb_engine)
    assert causes_of(two.overall.waiting) == {"contention": 10.0, "unattributed": 15.0}


def test_waits_at_once_share_the_time_of_their_case(tmp_path, duckdb_engine):
    log = tiny_log("""
        case | activity | enabled | started | completed | resource
        1    | A        | 0       | 30      | 40        | ann
        1    | B        | 10      | 30      | 50        | bob
    """)
    found = compute_waiting_causes(write_store(log, tmp_path / "store"), engine=duckdb_engine)
    assert (found.overall.waiting.total, found.overall.case_waiting.total) == (50, 30)
    assert [(group.label, group.case_waiting.total) for group in found.activities] == [("A", 20), ("B", 10)]


def test_every_random_log_adds_up(tmp_path, duckdb_engine):
    log = union([random_log(Random(seed)) for seed in range(40)])
    store = write_store(log, tmp_path / "store")
    tables = derive_waiting_causes(store, settings=WaitingSettings(enablement="concurrent"), engine=duckdb_engine)
    rows = pq.read_table(tables.waits).to_pylist()
    assert rows
    for row in rows:
        assert sum(row[name] for name in CAUSE_COLUMNS) == (row["wait_us"] or 0)

    found = gaps(EVENTS, CASES, extracted_us=store.extracted_us)
    known = {
        (case, place + 1): gap
        for case, place, gap in run(found.select("case", "position", "gap_us"), store, duckdb_engine)
    }
    owed = pq.read_table(tables.gaps).to_pylist()
    assert owed
    assert all(
        sum(row[name] for name in LEDGER_COLUMNS.values()) <= known[row["case"], row["position"]] for row in owed
    )
    total = sum(finding.applicant_seconds for finding in find_first(store, causes=tables.gaps, engine=duckdb_engine))
    assert total <= sum(gap or 0 for gap in known.values()) / SECOND + 1e-6


@pytest.mark.parametrize(
    ("text", "reasons", "most"),
    [
        ("case | activity | completed | resource\n1 | A | 10 | ann\n1 | B | 40 | ann", "no_start_times", 30),
        ("case | activity | started | completed\n1 | A | 0 | 10\n1 | B | 40 | 50", "no_resources", 30),
        ("case | activity | started | completed | resource\n1 | A | 0 | 10 | ann", "nobody_waited", 0),
        ("case | activity | started | resource\n1 | A | 0 | ann", "nobody_waited", 0),
    ],
)
def test_what_a_log_cannot_tell_is_said(text, reasons, most, tmp_path, duckdb_engine):
    found = compute_waiting_causes(write_store(tiny_log(text), tmp_path / "store"), engine=duckdb_engine)
    assert reasons in found.reasons
    assert set(found.reasons) <= set(REASONS)
    assert causes_of(found.overall.waiting) in ({}, {"unattributed": 30.0})
    assert found.overall.most_seconds == most


def test_groups_of_resources_give_what_all_together_give(tmp_path, duckdb_engine, monkeypatch):
    log = union([random_log(Random(seed)) for seed in range(20)])
    whole, parted = (
        _sorted_rows(write_store(log, tmp_path / name), duckdb_engine, monkeypatch, at_once)
        for name, at_once in (("whole", 10**6), ("parted", 7))
    )
    assert whole == parted


def _sorted_rows(store, engine, monkeypatch, at_once):
    monkeypatch.setattr("potok.diagnose.waiting_causes.tables.ROWS_AT_ONCE", at_once)
    tables = derive_waiting_causes(store, settings=WaitingSettings(enablement="concurrent"), engine=engine)
    rows = [pq.read_table(file).to_pylist() for file in (tables.waits, tables.gaps)]
    return [sorted(part, key=lambda row: (row["case"], row["position"])) for part in rows], tables.facts


def test_the_second_time_nothing_is_computed(tmp_path, duckdb_engine, monkeypatch):
    store = write_store(tiny_log(QUEUE), tmp_path / "store")
    first = compute_waiting_causes(store, engine=duckdb_engine)
    monkeypatch.setattr("potok.diagnose.waiting_causes.tables._make", None)
    assert compute_waiting_causes(store, engine=duckdb_engine) == first
    assert first.tables.waits.parent == tmp_path / "store.cache"


@pytest.mark.parametrize("bad", [{"enablement": "guessed"}])
def test_unknown_options_are_refused(bad, tmp_path, duckdb_engine):
    store = write_store(tiny_log(QUEUE), tmp_path / "store")
    with pytest.raises(ValueError, match="given, previous, concurrent"):
        compute_waiting_causes(store, settings=WaitingSettings(**bad), engine=duckdb_engine)
    tables = derive_waiting_causes(store, engine=duckdb_engine)
    with pytest.raises(ValueError, match="batching, contention"):
        list_waiting_cause_cases(store, tables, cause="weather", engine=duckdb_engine)


def test_columns_of_cases_stand_beside_those_of_instances():
    assert tuple(f"case_{name}" for name in CAUSE_COLUMNS) == CASE_COLUMNS
