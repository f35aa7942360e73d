"""The waits of a log split by cause, as tables derived from it that an engine can join."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import ibis
import numpy as np
import pyarrow as pa

from potok.diagnose.waiting_causes.pieces import Pieces, cut_waits
from potok.diagnose.waiting_causes.split import SplitWaits, spans_of, split_waits
from potok.diagnose.waiting_causes.sweep import CAUSES, UNAVAILABILITY
from potok.discover.batches import BatchRules, find_batches
from potok.discover.derived_tables import DerivedTable, derive, read_facts
from potok.discover.enabled_times import (
    EnabledTimes,
    EnablementBasis,
    choose_basis,
    count_instances,
    find_enabled_times,
    learn_order,
)
from potok.discover.instance_arrays import (
    ROWS_AT_ONCE,
    Instances,
    fetch_case_bounds,
    fetch_instances,
    join_instances,
)
from potok.discover.resource_calendars import ResourceCalendars
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers
from potok.discover.resource_clocks import NO_CALENDAR, clocks_of
from potok.engine.base import Engine
from potok.log.store import LogStore
from potok.measure.enablement import compute_time_knowledge

LAYOUT: Final = 1
WAITING_CAUSES: Final = "waiting_causes"
GAP_CAUSES: Final = "gap_causes"
CAUSE_COLUMNS: Final = tuple(f"{cause}_us" for cause in CAUSES)
CASE_COLUMNS: Final = tuple(f"case_{cause}_us" for cause in CAUSES)
_PLACES: Final = ("activity", "resource", "org_unit", "from_activity", "from_resource", "from_org_unit")

_WAITING: Final = DerivedTable(
    WAITING_CAUSES,
    pa.schema(
        {"case": pa.int64(), "position": pa.int32(), "source_position": pa.int32()}
        | dict.fromkeys(_PLACES, pa.int32())
        | {"wait_us": pa.int64(), "most_us": pa.int64()}
        | dict.fromkeys((*CAUSE_COLUMNS, *CASE_COLUMNS), pa.int64())
    ),
    LAYOUT,
)
_GAPS: Final = DerivedTable(
    GAP_CAUSES,
    pa.schema(
        {"case": pa.int64(), "position": pa.int32()} | dict.fromkeys(CAUSE_COLUMNS[: UNAVAILABILITY + 1], pa.int64())
    ),
    LAYOUT,
)


@dataclass(frozen=True, slots=True)
class WaitingSettings:
    """On what the split rests.

    Parameters
    ----------
    enablement
        None takes the given one where the log has any, else that by concurrency.
    calendars
        When resources are on duty; None where nothing is known of that, so that nothing is put down to it.
    limit
        (r,) int64: instances at once from which on each resource is busy, by code; None for one each.
    rules
        What makes a batch; None takes the default.
    """

    enablement: EnablementBasis | None = None
    calendars: ResourceCalendars | None = None
    limit: Integers | None = None
    rules: BatchRules | None = None

    def key(self) -> str:
        """Return a hash of everything that decides the split."""
        digest = hashlib.sha256(repr((self.enablement, self.rules or BatchRules())).encode())
        if self.calendars is not None:
            duty = self.calendars.duty
            for column in (duty.offsets, duty.starts_us, duty.ends_us, self.calendars.known):
                digest.update(np.ascontiguousarray(column).tobytes())
        if self.limit is not None:
            digest.update(b"limit" + np.ascontiguousarray(self.limit, dtype=np.int64).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class WaitingTables:
    """The derived tables of a log's waits.

    Parameters
    ----------
    waits
        Parquet file of `waiting_causes`.
    gaps
        Parquet file of what the gaps of the applicants' ledger owe to causes, one row per instance that waited in its
        gap for a known cause: `case`, `position` (of the instance that waited), and a column per cause.
    enablement
        Since when instances wait.
    facts
        Numbers found on the way: `instances`, `started`, `resources`, `with_resource`, `with_calendar`,
        `concurrent_pairs`, `fixed_delays`, `batches`, `batched_instances`.
    """

    waits: Path
    gaps: Path
    enablement: EnablementBasis
    facts: dict[str, int]


@cache
def waiting_causes() -> ibis.Table:
    """Return the unbound table of waits, one row per instance that waited, or of which it is unknown.

    `case`, `position`; `source_position` (of the instance that enabled it) and the codes of both, `from_…` being the
    enabling one's; `wait_us` (null if unknown), `most_us` (the longest it may have been); and for each cause its
    microseconds in the instance's wait, and as ``case_…`` its share of the case's.
    """
    types = {field.name: str(field.type) for field in _WAITING.schema}
    return ibis.table(types, name=WAITING_CAUSES)


def derive_waiting_causes(
    store: LogStore, *, settings: WaitingSettings | None = None, engine: Engine | None = None
) -> WaitingTables:
    """Split the waits of a log by cause, unless it has been done before.

    Raises
    ------
    DerivedTableError
        If the tables cannot be written anywhere.
    ValueError
        If the enablement is not one of the allowed.
    """
    chosen = settings or WaitingSettings()
    return derive_on(store, lambda: chosen, enablement=chosen.enablement, key=chosen.key(), engine=engine)


def derive_on(
    store: LogStore,
    settle: Callable[[], WaitingSettings],
    *,
    enablement: EnablementBasis | None,
    key: str,
    engine: Engine | None = None,
) -> WaitingTables:
    """Split the waits of a log by cause on settings that are made only if the split is not there yet.

    Parameters
    ----------
    settle
        Makes the settings; called if the tables are missing.
    enablement
        That of the settings.
    key
        What tells these settings from others of the same log.
    """
    knowledge = compute_time_knowledge(store, engine=engine)
    basis = choose_basis(enablement, is_given=knowledge.enabled > 0)
    facts: dict[str, int] = {}
    waits, gaps = derive(
        store,
        (_WAITING, _GAPS),
        lambda: _make(store, basis, settle(), engine, facts),
        key=f"{basis}-{key}",
        facts=facts,
    )
    return WaitingTables(waits, gaps, basis, read_facts(waits))


def _make(
    store: LogStore, basis: EnablementBasis, settings: WaitingSettings, engine: Engine | None, facts: dict[str, int]
) -> Iterator[tuple[pa.Table, pa.Table]]:
    held = join_instances(list(fetch_instances(store, engine=engine)))
    bounds = fetch_case_bounds(store, engine=engine)
    order = learn_order([count_instances(held)], held) if basis == "concurrent" else None
    enabled = find_enabled_times(held, bounds, basis=basis, order=order)
    spans = spans_of(held, enabled.enabled_us, bounds)
    pieces = cut_waits(held.case, spans.waits, spans.gaps)
    facts |= _known_facts(held, settings)
    if order is not None:
        facts["concurrent_pairs"], facts["fixed_delays"] = len(order.concurrency.pairs), len(order.delays)
    groups = resource_groups(held.resource, at_once=ROWS_AT_ONCE)
    for rows in groups:
        is_all = len(groups) == 1
        split = _split(
            held if is_all else held.take(rows),
            enabled.enabled_us if is_all else enabled.enabled_us[rows],
            pieces if is_all else pieces.of_rows(rows),
            settings,
            facts,
        )
        yield _waiting_rows(held, enabled, rows, split), _gap_rows(held, rows, split)


def resource_groups(resource: Codes, *, at_once: int) -> list[Integers]:
    """Return the rows of groups of resources, ascending, about `at_once` each; a resource is never parted."""
    if len(resource) <= at_once:
        return [np.arange(len(resource))]
    group = (np.cumsum(np.bincount(resource + 1)) - 1) // at_once
    group_of_row = group[resource + 1]
    return [np.flatnonzero(group_of_row == number) for number in np.unique(group_of_row)]


def _known_facts(held: Instances, settings: WaitingSettings) -> dict[str, int]:
    resources = int(held.resource.max(initial=-1)) + 1
    clocks = clocks_of(resources, calendars=settings.calendars)
    instances = np.bincount(held.resource + 1, minlength=resources + 1)[1:]
    return {
        "instances": len(held),
        "started": int((held.started_us != UNKNOWN).sum()),
        "resources": int((instances > 0).sum()),
        "with_resource": int(instances.sum()),
        "with_calendar": int(instances[clocks.calendar != NO_CALENDAR].sum()),
        "batches": 0,
        "batched_instances": 0,
    }


def _split(
    held: Instances, enabled_us: Integers, pieces: Pieces, settings: WaitingSettings, facts: dict[str, int]
) -> SplitWaits:
    resources = int(held.resource.max(initial=-1)) + 1
    own = clocks_of(resources, calendars=settings.calendars, limit=settings.limit, own_only=True)
    clocks = clocks_of(resources, calendars=settings.calendars, limit=settings.limit)
    batches = find_batches(held, enabled_us, clocks=own, rules=settings.rules)
    facts["batches"] += len(batches.size)
    facts["batched_instances"] += int(batches.size.sum())
    return split_waits(held, enabled_us, pieces, batches=batches, clocks=clocks)


def _waiting_rows(held: Instances, enabled: EnabledTimes, group: Integers, split: SplitWaits) -> pa.Table:
    enabled_us, started, completed = enabled.enabled_us[group], held.started_us[group], held.completed_us[group]
    wait = np.where((enabled_us == UNKNOWN) | (started == UNKNOWN), UNKNOWN, started - enabled_us)
    most = _longest(completed, enabled_us, wait)
    places = np.flatnonzero((wait == UNKNOWN) | (wait > 0))
    rows = group[places]
    source = enabled.enabler[rows]
    columns: dict[str, Any] = {
        "case": _column(held.case[rows]),
        "position": _column(held.position[rows]),
        "source_position": _known(_of_source(held.position, source), source < 0),
    }
    for name in ("activity", "resource", "org_unit"):
        codes = getattr(held, name)
        columns[name] = _known(codes[rows], codes[rows] < 0)
        before = _of_source(codes, source)
        columns[f"from_{name}"] = _known(before, before < 0)
    columns["wait_us"] = _known(wait[places], wait[places] == UNKNOWN)
    columns["most_us"] = _known(most[places], most[places] == UNKNOWN)
    for names, causes in ((CAUSE_COLUMNS, split.whole), (CASE_COLUMNS, split.shared)):
        columns |= {name: _column(causes[places, cause]) for cause, name in enumerate(names)}
    return pa.table({name: columns[name] for name in _WAITING.schema.names}, schema=_WAITING.schema)


def _gap_rows(held: Instances, group: Integers, split: SplitWaits) -> pa.Table:
    causes = split.in_gap[:, : UNAVAILABILITY + 1]
    places = np.flatnonzero(causes.any(axis=1))
    rows = group[places]
    columns = {"case": _column(held.case[rows]), "position": _column(held.position[rows])}
    for cause, name in enumerate(CAUSE_COLUMNS[: UNAVAILABILITY + 1]):
        columns[name] = _column(causes[places, cause])
    return pa.table(columns, schema=_GAPS.schema)


def _longest(completed: Integers, enabled: Integers, wait: Integers) -> Integers:
    """Return the longest that each wait may have been: up to the completion, where the start is unknown."""
    is_bounded = (wait == UNKNOWN) & (enabled != UNKNOWN) & (completed != UNKNOWN)
    return np.where(is_bounded, np.maximum(completed - enabled, 0), wait)


def _of_source(codes: Codes, source: Integers) -> Codes:
    return np.where(source < 0, -1, codes[np.maximum(source, 0)]) if len(codes) else codes


def _column(values: Any) -> pa.Array:
    return _known(values, None)


def _known(values: Any, is_unknown: Flags | None) -> pa.Array:
    # Not pa.array(), which loads pandas where that is installed, at the cost of half a million instances.
    held = np.ascontiguousarray(values)
    valid = None if is_unknown is None else pa.py_buffer(np.packbits(~is_unknown, bitorder="little"))
    return pa.Array.from_buffers(pa.from_numpy_dtype(held.dtype), len(held), [valid, pa.py_buffer(held)])
