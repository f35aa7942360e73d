"""Every public log is mapped right with no option given."""

import csv
import gzip
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pytest

from potok.log.guessing import MissingRoleError, guess_mapping
from potok.log.guessing.candidates import TEXT_ROLES
from potok.log.mapping import Mapping, TimeEncoding
from potok.log.sources.base import ColumnKind, ColumnLevel, StagedColumn

pytestmark = pytest.mark.data

ROWS = 1_000
XES = {"case_id": "case:concept:name", "activity": "concept:name", "completed_at": "time:timestamp"}
PLAIN = {"case_id": "case_id", "activity": "activity", "resource": "resource", "completed_at": "end_time"}
INTERVAL = PLAIN | {"started_at": "start_time"}
ENABLED = INTERVAL | {"enabled_at": "enable_time"}
PERSON = {"resource": "org:resource"}
GROUP = {"org_unit": "org:group"}
LIFECYCLE = {"lifecycle": "lifecycle:transition"}
RECEIPT = XES | PERSON | GROUP | LIFECYCLE | {"channel": "case:channel", "instance": "concept:instance"}
BUPAR = {
    "case_id": "case_id",
    "activity": "activity",
    "resource": "resource",
    "completed_at": "timestamp",
    "lifecycle": "lifecycle",
    "instance": "activity_instance_id",
}
SIMOD = {
    "case_id": "Case_ID",
    "activity": "Activity",
    "resource": "Resource",
    "org_unit": "role",
    "started_at": "Start_Time",
    "completed_at": "End_Time",
    "enabled_at": "AssignedTime",
}
STARTED = {"started_at": "start_timestamp"}

EXPECTED = {
    "academic-credentials/*.csv.gz": INTERVAL,
    "bpic12-loan/BPIC_2012_W.csv.gz": INTERVAL,
    "bpic12-loan/bpic2012.xes.gz": XES | PERSON | LIFECYCLE,
    "bpic13-incidents/*.xes.gz": XES | PERSON | GROUP | LIFECYCLE,
    "bpic15-building-permits/*.xes.gz": XES | PERSON | LIFECYCLE,
    "bpic20-travel/*.xes.gz": XES | PERSON | {"org_unit": "org:role"},
    "court-brazil/*.xes.gz": XES,
    "drift-bose/*.xes.gz": XES | PERSON | LIFECYCLE,
    "drift-ceravolo/*noise0_100_c*.xes.gz": XES | STARTED,
    "fairness-synthetic/*.xes.gz": XES | {"resource": "resource"},
    "helpdesk/*.xes.gz": XES | PERSON | {"org_unit": "workgroup"},
    "hospital-billing/*.csv.gz": BUPAR,
    "interval-log/*.xes.gz": XES | STARTED,
    "known-rules-small/Simple_log_no_start_times.csv.gz": SIMOD,
    "known-rules-small/Simple_log_with_*.csv.gz": XES | PERSON | STARTED | {"enabled_at": "time:enabled"},
    "known-rules-small/branch_rules/*.csv.gz": ENABLED,
    "known-rules-small/case_attributes.csv.gz": INTERVAL,
    "purchasing-example/*.csv.gz": INTERVAL,
    "reviewing/*.xes.gz": XES | PERSON | LIFECYCLE,
    "road-traffic-fines/traffic_fines.csv.gz": BUPAR,
    "road-traffic-fines/roadtraffic100traces.xes.gz": XES | PERSON | LIFECYCLE,
    "road-traffic-fines/roadtraffic_1_trace_per_variant.xes.gz": XES,
    "running-example/running-example.csv": XES | PERSON | {"cost": "Costs"},
    "running-example/running-example.xes": XES | PERSON | {"cost": "Costs"},
    "running-example/running_example_broken.csv": XES | PERSON | {"cost": "costs"},
    "sepsis/*.xes.gz": XES | GROUP | LIFECYCLE,
    "sim-batched-loan/*.csv.gz": INTERVAL
    | {"activity": "Activity", "resource": "Resource", "enabled_at": "enabled_time"},
    "sim-loan-application/*.csv.gz": INTERVAL,
    "sim-loanapp-simplified/*.csv.gz": INTERVAL | {"org_unit": "role", "enabled_at": "enabled_time"},
    "sim-procure-to-pay/*.csv.gz": INTERVAL,
    "teleclaims/*.xes.gz": XES | PERSON | LIFECYCLE | {"outcome": "outcome"},
    "wabo-receipt/*.csv.gz": RECEIPT,
    "wabo-receipt/interleaved/receipt_*.csv.gz": RECEIPT,
    "wabo-receipt/receipt.xes.gz": RECEIPT,
}


def open_bytes(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")


def read_csv(path: Path) -> tuple[list[StagedColumn], dict[str, list[str | None]]]:
    with open_bytes(path) as stream:
        lines = (line.decode() for line in stream)
        header = next(lines)
        delimiter = ";" if header.count(";") > header.count(",") else ","
        names = [name or "column" for name in next(csv.reader([header], delimiter=delimiter))]
        rows = list(islice(csv.reader(lines, delimiter=delimiter), ROWS))
    sample = {name: [row[i] if i < len(row) else None for row in rows] for i, name in enumerate(names)}
    return [StagedColumn(name) for name in names], sample


def events(stream: IO[bytes]) -> Iterator[dict[str, str]]:
    """Yield the events of a XES file, the attributes of their trace under ``case:``."""
    number = 0
    found: list[dict[str, str]] = []
    for kind, element in ElementTree.iterparse(stream, events=("start", "end")):  # noqa: S314 - files known to be harmless
        tag = element.tag.rpartition("}")[2]
        if kind == "start" or tag not in ("event", "trace"):
            continue
        values = {child.get("key", ""): child.get("value", "") for child in element if "key" in child.attrib}
        if tag == "event":
            found.append(values)
            continue
        number += 1
        trace = {f"case:{key}": value for key, value in values.items()}
        yield from ({"@trace": str(number)} | trace | event for event in found)
        found = []
        element.clear()


def read_xes(path: Path) -> tuple[list[StagedColumn], dict[str, list[str | None]]]:
    with open_bytes(path) as stream, closing(events(stream)) as found:
        rows = list(islice(found, ROWS))
    names = list(dict.fromkeys(name for row in rows for name in row))
    levels = {True: ColumnLevel.CASE, False: ColumnLevel.EVENT}
    columns = [
        StagedColumn(name, ColumnKind.INTEGER)
        if name == "@trace"
        else StagedColumn(name, level=levels[name[:5] == "case:"])
        for name in names
    ]
    return columns, {name: [row.get(name) for row in rows] for name in names}


def roles(mapping: Mapping) -> dict[str, Any]:
    found = {role: getattr(mapping, role) for role in ("case_id", *TEXT_ROLES) if getattr(mapping, role)}
    times = {role: getattr(mapping, role) for role in ("completed_at", "started_at", "enabled_at")}
    named = {role: " ".join(time.columns) for role, time in times.items() if time}
    return found | {"activity": " / ".join(mapping.activity)} | named


@pytest.mark.parametrize("pattern", EXPECTED)
def test_every_log_is_mapped_without_options(shared_data, pattern):
    paths = sorted(shared_data.glob(pattern))
    assert paths
    for path in paths:
        columns, sample = read_xes(path) if ".xes" in path.name else read_csv(path)
        found = guess_mapping(columns, sample, given=Mapping())
        assert roles(found.mapping) == EXPECTED[pattern], path.name
        assert found.mapping.completed_at is not None
        assert found.mapping.completed_at.encoding is TimeEncoding.ISO
        assert found.mapping.decimal == "."


def test_every_event_log_is_tried(shared_data):
    tried = {path for pattern in EXPECTED for path in shared_data.glob(pattern)}
    logs = {*shared_data.rglob("*.csv*"), *shared_data.rglob("*.xes*")}
    others = {path.name for path in logs - tried if path.parent.name != "drift-ceravolo"}
    assert others == {"change_points.csv", "case_relations.csv.gz"}


def test_what_is_no_event_log_is_refused(shared_data):
    columns, sample = read_csv(shared_data / "wabo-receipt/interleaved/case_relations.csv.gz")
    with pytest.raises(MissingRoleError, match="the activity"):
        guess_mapping(columns, sample, given=Mapping())
