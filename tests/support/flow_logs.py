"""Logs of cases that are opened, perhaps closed, and little else: for measures of durations and queues."""

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from potok.log.store import LogStore
from support.measuring import with_column
from support.tiny_store import SECOND, TinyEvent, TinyLog, write_store

COLUMNS = ("outcome", "channel", "service", "agency")


@dataclass(frozen=True)
class FlowCase:
    """One case; instants in microseconds UTC, `closed` is None while it is open."""

    case: str
    opened: int
    closed: int | None
    org_unit: str | None = None
    outcome: str | None = None
    channel: str | None = None


@dataclass(frozen=True)
class FlowLog:
    """Cases, the instant of extraction, and what the manifest says of both."""

    cases: tuple[FlowCase, ...]
    extracted: int
    zone: str = "UTC"
    extraction: str = "unknown"
    closing_basis: str = "field"

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def flow_log(text: str, *, extracted: int, **options: str) -> FlowLog:
    """Read cases from a table with columns parted by bars, named as the fields of `FlowCase`; instants in seconds."""
    header, *lines = [line for line in text.strip().splitlines() if line.strip()]
    names = [name.strip() for name in header.split("|")]
    cases = []
    for line in lines:
        cells = {name: cell.strip() or None for name, cell in zip(names, line.split("|"), strict=True)}
        for name in ("opened", "closed"):
            cells[name] = None if cells.get(name) is None else int(cells[name]) * SECOND
        cases.append(FlowCase(**cells))
    return FlowLog(tuple(cases), extracted * SECOND, **options)


def write_flow(log: FlowLog, folder: Path) -> LogStore:
    """Write a store in which every case has one event, at its opening."""
    tiny = TinyLog(
        tuple(TinyEvent(case.case, "A", completed=case.opened, org_unit=case.org_unit) for case in log.cases),
        open_cases=frozenset(case.case for case in log.cases if case.closed is None),
        opened={case.case: case.opened for case in log.cases},
        closed={case.case: case.closed for case in log.cases if case.closed is not None},
        extracted=log.extracted,
    )
    store = write_store(tiny, folder)
    by_id = {case.case: case for case in log.cases}
    ids = pq.read_table(folder / "cases.parquet")["case_id"].to_pylist()
    for column in ("outcome", "channel"):
        with_column(store, "cases", column, [getattr(by_id[one], column) for one in ids], pa.string())
    manifest = store.manifest | {
        "zone": log.zone,
        "extraction": {"kind": log.extraction, "declared": True},
        "closing": {"basis": log.closing_basis},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return LogStore(folder, manifest)


def random_flow(random: Random, *, cases: int = 40, days: int = 90, zone: str = "Europe/Berlin") -> FlowLog:
    """Make a log around the end of summer time, with ties, slips, open cases and cases closed after extraction."""
    begin, hour = 1_728_000_000, 3_600  # 2024-10-04T00:00Z; clocks change on the 27th
    found = []
    for number in range(random.randint(1, cases)):
        opened = begin + random.randrange(days * 24) * hour
        lasted = random.choice((0, 1, 24, random.randrange(40 * 24), random.randrange(40 * 24))) * hour
        slip = random.random()
        closed = opened + lasted
        if slip < 0.05:
            closed = opened - hour
        elif slip < 0.2:
            closed = None
        found.append(
            FlowCase(
                f"case {number:03}",
                opened * SECOND,
                None if closed is None else closed * SECOND,
                org_unit=random.choice(("x", "y", None)),
                outcome=None if closed is None else random.choice(("yes", "no", "withdrawn", None)),
                channel=random.choice(("portal", "post", None)),
            )
        )
    extracted = begin + int(days * random.uniform(0.6, 1.2)) * 24 * hour + random.choice((0, 5 * hour))
    return FlowLog(tuple(found), extracted * SECOND, zone=zone, extraction="opened")


def ask_flow(request, folder: Path, references: dict):
    """Return a function that asks a measure of a `FlowLog` with ``request.param``: an engine, or ``reference``."""
    if request.param == "reference":
        return lambda measure, log, **parameters: references[measure.__name__](log, **parameters)
    engine, numbers = request.getfixturevalue(f"{request.param}_engine"), count()
    return lambda measure, log, **parameters: measure(
        write_flow(log, folder / f"store {next(numbers)}"), engine=engine, **parameters
    )
