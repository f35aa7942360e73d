"""A simulated log as a table of events, and as a log store that every other command reads."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from potok.discover.bpmn_reading import ElementKind
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import ClosingBasis, ClosingRule, ExtractionKind, Mapping, TimeColumn, TimeEncoding
from potok.log.store import LogStore
from potok.simulate.kernel.simulated_log import NOBODY, UNKNOWN, SimulatedLog
from potok.simulate.model import GraphRouting, ProcessModel

_INSTANT: Final = pa.timestamp("us", tz="UTC")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OWN: Final = (
    "case_id",
    "case_type",
    "activity",
    "enabled_at",
    "ready_at",
    "started_at",
    "completed_at",
    "resource",
    "org_unit",
    "batch",
    "cost",
    "opened_at",
    "closed_at",
)


def events_as_arrow(log: SimulatedLog, model: ProcessModel) -> pa.Table:
    """Return the instances that began and are written into logs, one row each.

    Returns
    -------
    pyarrow.Table
        `case_id` (text), `case_type`, `activity`, `enabled_at`, `ready_at`, `started_at`, `completed_at` (null if not
        yet), `resource` (person; null if automatic), `org_unit` (pool), `batch` (null outside of any), `cost`,
        `opened_at`, `closed_at` (of the case; null if open), and a column for each attribute of case types; in the
        order of cases.
    """
    is_logged = np.array([activity.is_logged for activity in model.activities]) & ~_is_timer(model)
    case = np.repeat(np.arange(len(log.case_type)), np.diff(log.first_row))
    rows = np.flatnonzero(is_logged[log.activity] & (log.started_us != UNKNOWN))
    case, person = case[rows], log.person[rows]
    people = [(one.name, pool.name) for pool in model.pools for one in pool.people]
    batch = log.batch[rows]
    columns: dict[str, Any] = {
        "case_id": pa.array(np.arange(len(log.case_type)), pa.int64()).cast(pa.string()).take(pa.array(case)),
        "case_type": _named([one.name for one in model.case_types], log.case_type[case]),
        "activity": _named([one.name for one in model.activities], log.activity[rows]),
        "enabled_at": _instants(log.enabled_us[rows]),
        "ready_at": _instants(log.ready_us[rows]),
        "started_at": _instants(log.started_us[rows]),
        "completed_at": _instants(log.completed_us[rows]),
        "resource": _named([name for name, _pool in people], person),
        "org_unit": _named([pool for _name, pool in people], person),
        "batch": pa.array(batch, pa.int64(), mask=batch < 0),
        "cost": pa.array(np.array([one.cost for one in model.activities])[log.activity[rows]], pa.float64()),
        "opened_at": _instants(log.arrived_us[case]),
        "closed_at": _instants(log.closed_us[case]),
    }
    names = dict.fromkeys(name for one in model.case_types for name in one.attributes if name not in _OWN)
    for name in names:
        columns[name] = _named([one.attributes.get(name) for one in model.case_types], log.case_type[case])
    return pa.table(columns)


def write_simulated_store(log: SimulatedLog, model: ProcessModel, folder: Path) -> LogStore:
    """Write a log store that every command reads; labels stay as they are.

    A case without an instance that is written into logs is not in the store.

    Parameters
    ----------
    folder
        Of the store; must not exist.

    Raises
    ------
    PotokError
        If the store cannot be written.
    """
    table = events_as_arrow(log, model)
    attributes = tuple(name for name in table.column_names if name not in _OWN)
    mapping = Mapping(
        case_id="case_id",
        activity=("activity",),
        enabled_at=TimeColumn(("enabled_at",), TimeEncoding.TYPED),
        started_at=TimeColumn(("started_at",), TimeEncoding.TYPED),
        completed_at=TimeColumn(("completed_at",), TimeEncoding.TYPED),
        resource="resource",
        org_unit="org_unit",
        cost="cost",
        attributes=("case_type", *attributes),
        allow_personal=("resource", "org_unit", *attributes),
        keep_text=("case_type", *attributes),
        zone=model.zone,
        zone_is_named=True,
        closing=ClosingRule(ClosingBasis.FIELD, column="closed_at", encoding=TimeEncoding.TYPED),
        extraction=ExtractionKind.OPENED,
        extracted_at=(_EPOCH + timedelta(microseconds=log.end_us)).isoformat(),
    )
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "simulated.parquet"
        pq.write_table(table.drop_columns(["ready_at", "batch", "opened_at"]), source)
        return import_log(ImportRequest((str(source),), Path(folder), mapping))


def _is_timer(model: ProcessModel) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    nodes = model.routing.nodes if isinstance(model.routing, GraphRouting) else ()
    timers = {node.activity for node in nodes if node.kind is ElementKind.EVENT}
    return np.array([activity.name in timers for activity in model.activities], bool)


def _instants(at_us: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> pa.Array:
    return pa.array(at_us, pa.int64(), mask=at_us == UNKNOWN).cast(_INSTANT)


def _named(names: list[str] | list[str | None], codes: "np.ndarray[tuple[int], np.dtype[np.int32]]") -> pa.Array:
    """Return the names of codes, null where there is none."""
    place = pa.array(codes, pa.int32(), mask=codes == NOBODY)
    return pa.array(names, pa.string()).take(place)
