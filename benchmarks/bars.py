"""The bars that the benchmark holds Potok to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from results import Result, ResultTable
from tasks import FULL_EVENTS, LARGE_XES, MEASURES, MEMORY_LIMIT_MIB, SMALL_XES, TIMES, TIMES_OF_PEERS

ONE_MILLION, TEN_MILLION = 1_000_000, 10_000_000
IMPORT_RATIO: Final = 5.0
IMPORT_PEAK_MIB: Final = 3 * 1024.0
XES_RATIO: Final = 4.0
XES_PEAK_MIB: Final = 600.0
XES_PEAK_GROWTH: Final = 1.25
"""Peak at four times the events over the peak before: memory that follows the file would quadruple."""

MEASURE_RATIO: Final = 2.0
PROFILE_RATIO: Final = 8.0
PEER_RATIO: Final = 0.1
GROWTH: Final = 12.0
START_RATIO: Final = 3.0
AUDIT_CPU_SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is measured, its value, its limit. The value is None where a run did not measure it."""

    operation: str
    events: int
    statement: str
    value: float | None
    limit: float

    @property
    def is_held(self) -> bool | None:
        """Whether the value is within the limit; None if there is no value."""
        return None if self.value is None else self.value <= self.limit


def judge(table: ResultTable, *, sizes: tuple[int, ...], is_full: bool) -> tuple[Bar, ...]:
    """Return all bars that a run over `sizes` can judge."""
    bars = [*_import_bars(table), *_xes_bars(table), *_measure_bars(table, sizes=sizes), *_growth_bars(table)]
    bars += [*_times_bars(table, sizes=sizes), *_start_bars(table)]
    if is_full:
        bars += _full_bars(table)
    return tuple(bars)


def _import_bars(table: ResultTable) -> Iterator[Bar]:
    ours = table.find("import_csv", tool="potok", events=TEN_MILLION)
    by_hand = table.find("import_csv", tool="duckdb", events=TEN_MILLION)
    pm4py = table.find("import_csv", tool="pm4py", events=TEN_MILLION)
    yield Bar("import_csv", TEN_MILLION, "CPU over CREATE TABLE AS read_csv", _cpu_ratio(ours, by_hand), IMPORT_RATIO)
    yield Bar("import_csv", TEN_MILLION, "CPU over pm4py's reading alone", _cpu_ratio(ours, pm4py), 1.0)
    yield Bar("import_csv", TEN_MILLION, "peak MiB", ours and ours.peak_mib, IMPORT_PEAK_MIB)


def _xes_bars(table: ResultTable) -> Iterator[Bar]:
    ours = table.find("import_xes", tool="potok", events=LARGE_XES)
    small = table.find("import_xes", tool="potok", events=SMALL_XES)
    r4pm = table.find("import_xes", tool="r4pm", events=LARGE_XES)
    growth = ours.peak_mib / small.peak_mib if ours and small and ours.peak_mib and small.peak_mib else None
    yield Bar("import_xes", LARGE_XES, "CPU over r4pm's frame reader", _cpu_ratio(ours, r4pm), XES_RATIO)
    yield Bar("import_xes", LARGE_XES, "peak MiB", ours and ours.peak_mib, XES_PEAK_MIB)
    yield Bar("import_xes", LARGE_XES, f"peak over that at {SMALL_XES:,} events", growth, XES_PEAK_GROWTH)


def _measure_bars(table: ResultTable, *, sizes: tuple[int, ...]) -> Iterator[Bar]:
    for events in (size for size in sizes if size >= ONE_MILLION):  # below, starting a query is all there is
        for operation in MEASURES:
            ours = table.find(operation, tool="potok", events=events)
            ratio = _cpu_ratio(ours, table.floor(operation, events=events))
            yield Bar(operation, events, "CPU over the best by hand", ratio, MEASURE_RATIO)


def _times_bars(table: ResultTable, *, sizes: tuple[int, ...]) -> Iterator[Bar]:
    for events in (size for size in sizes if size >= ONE_MILLION):
        for operation in TIMES:
            ours = table.find(operation, tool="potok", events=events)
            ratio = _cpu_ratio(ours, table.floor(operation, events=events))
            limit = PROFILE_RATIO if operation == "temporal_profile" else MEASURE_RATIO
            yield Bar(operation, events, "CPU over the best by hand", ratio, limit)
    for operation in (*TIMES_OF_PEERS, "hand_over"):
        ours = table.find(operation, tool="potok", events=ONE_MILLION)
        ratio = _cpu_ratio(ours, table.find(operation, tool="pm4py", events=ONE_MILLION))
        yield Bar(operation, ONE_MILLION, "CPU over pm4py's", ratio, PEER_RATIO)
    for operation in TIMES:
        found = table.find(operation, tool="potok", events=TEN_MILLION)
        yield Bar(operation, TEN_MILLION, "peak MiB", found and found.peak_mib, IMPORT_PEAK_MIB)


def _growth_bars(table: ResultTable) -> Iterator[Bar]:
    for operation in ("import_csv", *MEASURES, *TIMES):
        small = table.find(operation, tool="potok", events=ONE_MILLION)
        large = table.find(operation, tool="potok", events=TEN_MILLION)
        statement = "CPU over that at a tenth of the events"
        yield Bar(operation, TEN_MILLION, statement, _cpu_ratio(large, small), GROWTH)


def _start_bars(table: ResultTable) -> Iterator[Bar]:
    ours, typer = (table.find("start", tool=tool, events=0) for tool in ("potok", "typer"))
    ratio = (
        ours.wall_seconds / typer.wall_seconds if ours and typer and ours.wall_seconds and typer.wall_seconds else None
    )
    audit = table.find("audit", tool="potok", events=0)
    yield Bar("start", 0, "wall time of potok --help over importing typer", ratio, START_RATIO)
    yield Bar("audit", 0, "CPU seconds", audit and audit.cpu_seconds, AUDIT_CPU_SECONDS)


def _full_bars(table: ResultTable) -> list[Bar]:
    found = {name: table.find(name, tool="potok", events=FULL_EVENTS) for name in ("import_parquet", *MEASURES)}
    return [
        Bar(name, FULL_EVENTS, "peak MiB", result and result.peak_mib, MEMORY_LIMIT_MIB)
        for name, result in found.items()
    ]


def _cpu_ratio(ours: Result | None, other: Result | None) -> float | None:
    if ours is None or other is None or ours.cpu_seconds is None or not other.cpu_seconds:
        return None
    return ours.cpu_seconds / other.cpu_seconds
