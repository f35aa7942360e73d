"""Return loops and ping-pong as findings, tables and JSON; a real log of cases that teams pass to and fro."""

import json
from collections import defaultdict
from itertools import groupby, pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator

from potok.core.finding import FindingKind
from potok.diagnose.rework.event_attributes import UnknownAttributeError
from potok.diagnose.rework.findings import find_ping_pong, find_return_loops, list_rework_finding_cases
from potok.diagnose.rework.holders import PLACEHOLDERS
from potok.diagnose.rework.ping_pong import compute_ping_pong
from potok.diagnose.rework.return_loops import compute_return_loops
from potok.diagnose.rework.return_reasons import compute_return_reasons
from potok.diagnose.silos.boundary_time import compute_boundary_time
from potok.diagnose.silos.silo_index import compute_silo_index
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from potok.report.diagnosis.rework import rework_as_json, rework_tables
from potok.report.diagnosis.silos import silos_as_json, silos_tables
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def validate(kind: str, record) -> None:
    schema = json.loads((REFERENCE / f"potok.{kind}.schema.json").read_text())
    Draft202012Validator(schema).validate(json.loads(json.dumps(record)))


def to_and_fro(cases: int) -> TinyLog:
    """Nine in ten cases go through three departments; of each ten one comes back to the first."""
    events = []
    for case in range(cases):
        steps = [("File", "front"), ("Check", "back"), ("Decide", "head")]
        if case % 5 == 0:
            steps[2:2] = [("File", "front"), ("Check", "back")]
        for number, (activity, unit) in enumerate(steps):
            events.append(
                TinyEvent(f"{case:03}", activity, completed=(case * 100 + number * 10) * SECOND, org_unit=unit)
            )
    return TinyLog(tuple(events))


def test_loops_and_ping_pong_are_named_with_their_cases(tmp_path):
    store = write_store(to_and_fro(50), tmp_path / "s")
    loops, pairs = compute_return_loops(store), compute_ping_pong(store)
    findings = find_return_loops(loops, store) + find_ping_pong(pairs, store, lead_seconds=loops.lead_seconds)
    assert [(one.kind, one.cases, one.affected_seconds) for one in findings] == [
        (FindingKind.RETURN_LOOP, 10, 200),
        (FindingKind.PING_PONG, 10, 300),
    ]
    for finding in findings:
        listed = list_rework_finding_cases(store, finding)
        assert (len(listed), sum(case.seconds for case in listed)) == (finding.cases, finding.affected_seconds)
        assert finding.example_cases == tuple(case.case for case in listed)
        assert finding.applicant_seconds == 0


def test_too_few_cases_are_no_finding(tmp_path):
    store = write_store(to_and_fro(20), tmp_path / "s")
    assert find_return_loops(compute_return_loops(store), store) == ()
    assert find_ping_pong(compute_ping_pong(store), store, lead_seconds=1) == ()


@pytest.mark.parametrize(
    "text",
    [
        "case | activity | completed\n 1 | A | 0",
        "case | activity | completed\n 1 | A | 0\n 1 | A | 0\n 1 | A | 0",
        "case | activity | started | completed\n 1 | A | 0 |\n 1 | B | 0 |\n 1 | A | 0 |",
    ],
    ids=["one instance", "one activity at one instant", "nothing completed"],
)
@pytest.mark.parametrize("open_cases", ["", "1"])
def test_little_is_said_of_little(text, open_cases, tmp_path):
    store = write_store(tiny_log(text, open_cases=open_cases), tmp_path / "s")
    loops, reasons, pairs = compute_return_loops(store), compute_return_reasons(store), compute_ping_pong(store)
    validate("rework", rework_as_json(loops, reasons=[reasons], ping_pong=[pairs]))
    boundaries, index = compute_boundary_time(store), compute_silo_index(store)
    validate("silos", silos_as_json(boundaries, index))
    tables = rework_tables(loops, reasons=[reasons], ping_pong=[pairs]) + silos_tables(boundaries, index)
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert (loops.loop_seconds, pairs.cases, index.value) == (0, 0, None)


@pytest.mark.data
def test_incidents_are_passed_to_and_fro_between_support_teams(shared_data, tmp_path):
    """The log is known for it; counted once more from the store's rows by grouping runs of teams."""
    source = shared_data / "bpic13-incidents" / "bpic2013_incidents.xes.gz"
    mapping = Mapping(
        case_id="case:concept:name",
        activity=("concept:name",),
        completed_at=TimeColumn(("time:timestamp",)),
        org_unit="org:group",
        zone="UTC",
    )
    store = import_log(ImportRequest((str(source),), tmp_path / "store", mapping))
    found = compute_ping_pong(store)
    assert (found.cases, found.episodes, found.turns) == _to_and_fro(store, "org_unit")
    assert found.case_share > 0.1
    lines = compute_ping_pong(store, holder="organization involved")
    assert lines.holder == "attr:organization involved"
    assert (lines.cases, lines.episodes, lines.turns) == _to_and_fro(store, "attr:organization involved")
    boundaries, index = compute_boundary_time(store), compute_silo_index(store)
    validate("rework", rework_as_json(compute_return_loops(store), ping_pong=[found, lines]))
    validate("silos", silos_as_json(boundaries, index))
    assert boundaries.lower_share < boundaries.between_share < boundaries.upper_share
    with pytest.raises(UnknownAttributeError, match="“team”"):
        compute_ping_pong(store, holder="team")


def _to_and_fro(store, column: str) -> tuple[int, int, int]:
    """Cases, longest alternating stretches and turns in them: an end of a stretch is where A B is not followed by A."""
    unit = pq.read_table(store.folder / "units.parquet").to_pydict()
    labels = dict(zip(unit["org_unit"], unit["label"], strict=True)) if column == "org_unit" else {}
    rows = pq.read_table(store.folder / "events.parquet", columns=["case", column]).to_pydict()
    held = defaultdict(list)
    for case, holder in zip(rows["case"], rows[column], strict=True):
        name = labels.get(holder, holder)
        if name is not None and name.lower() not in PLACEHOLDERS:
            held[case].append(name)
    cases, episodes, turns = set(), 0, 0
    for case, names in held.items():
        stays = [name for name, _run in groupby(names)]
        back = [False, False, *(stays[at] == stays[at - 2] for at in range(2, len(stays)))]
        begun = sum(now and not before for before, now in pairwise(back))
        episodes, turns = episodes + begun, turns + sum(back) + begun
        cases |= {case} if begun else set()
    return len(cases), episodes, turns
