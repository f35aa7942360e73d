"""Write the results as Markdown for readers and as JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bars import Bar
from results import Result, ResultTable

NAMES: Final = {
    "import_csv": "import of the shuffled CSV",
    "import_xes": "import of XES",
    "import_parquet": "import of shuffled Parquet",
    "directly_follows": "directly-follows graph with mean and median times",
    "directly_follows_counts": "directly-follows counts",
    "variants": "variants",
    "rework": "rework per activity",
    "hand_over": "hand-over between resources",
    "calendar_graph": "directly-follows graph on a working calendar",
    "calendar_durations": "case durations on a working calendar",
    "temporal_profile": "temporal profile",
    "waiting": "waiting per case",
    "deadlines": "terms kept, late and started late, by department",
    "whole_graph": "graph with processing times of its nodes",
    "hand_over_times": "hand-overs with times, resources and departments",
    "start": "potok --help",
    "audit": "audit of BPIC15_1, xes.gz to HTML",
}
FLOORS: Final = ("duckdb", "polars")
MADE_BY: Final = """\
Made by `make bench` (`python benchmarks/run.py`), with 100M events by `--full`. Operations may have been measured anew
since, all tools together (`--only GROUP --operations NAME --update`); *rounds* says how often each was.
"""
EXPLANATION: Final = """\
CPU seconds are the least over all rounds, of all threads and child processes; every tool has the same two cores.
*By hand* is DuckDB or Polars code written for this one operation (`floors.py`, `floors_times.py`), on a log that is
already loaded and in case order, loading not counted; Potok reads its store from disk each time. Importing is measured
as the whole command, start of Python included, against reading alone. Peaks are resident memory of the process and its
children.
"""


def write_results(folder: Path, *, machine: dict[str, Any], table: ResultTable, bars: Sequence[Bar]) -> None:
    """Write ``results.md`` and ``results.json``."""
    record = {
        "schema": "potok.benchmark/1",
        "machine": machine,
        # Further lines of an error name places on this machine.
        "results": [asdict(result) | {"error": result.error.partition("\n")[0]} for result in table.results],
        "bars": [{**asdict(bar), "held": bar.is_held} for bar in bars],
        "disagreements": list(table.disagreements()),
    }
    (folder / "results.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    (folder / "results.md").write_text(render_markdown(machine, table=table, bars=bars), encoding="utf-8")


def render_markdown(machine: dict[str, Any], *, table: ResultTable, bars: Sequence[Bar]) -> str:
    """Return the report."""
    differing = table.disagreements()
    agreement = "All tools gave the same results." if not differing else "**Results differ:** " + "; ".join(differing)
    failures = "".join(f"\n**Failed:** {failure.splitlines()[0]}\n" for failure in table.failures())
    parts = [
        "# Benchmark\n",
        MADE_BY,
        _machine_lines(machine),
        EXPLANATION,
        "## Bars\n",
        _rows(("operation", "events", "measured", "value", "limit", "held"), [_bar_cells(bar) for bar in bars]),
        "## Figures\n",
        _rows(
            ("operation", "events", "rounds", "Potok CPU s", "by hand CPU s", "ratio", "peers CPU s", "Potok peak MiB"),
            [_figure_cells(table, operation=name, events=events) for name, events in _keys(table)],
        ),
        agreement + "\n" + failures,
    ]
    return "\n".join(parts)


def _machine_lines(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    peers = ", ".join(f"{name} {version}" for name, version in machine["peer_versions"].items())
    return (
        f"{machine['processor']} ({machine['architecture']}), {machine['cores_used']} of {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, {machine['system']}, Python {machine['python']}.\n"
        f"Ours: {versions}.\nPeers: {peers}.\n"
    )


def _keys(table: ResultTable) -> list[tuple[str, int]]:
    return list(dict.fromkeys((result.operation, result.events) for result in table.results))


def _bar_cells(bar: Bar) -> tuple[str, ...]:
    verdict = {True: "yes", False: "**no**", None: "not measured"}[bar.is_held]
    return (NAMES[bar.operation], _count(bar.events), bar.statement, _number(bar.value), f"≤ {bar.limit:g}", verdict)


def _figure_cells(table: ResultTable, *, operation: str, events: int) -> tuple[str, ...]:
    ours = table.find(operation, tool="potok", events=events)
    # Reading with Polars is no floor for an import: it keeps nothing.
    floor = (
        table.find(operation, tool="duckdb", events=events)
        if operation == "import_csv"
        else table.floor(operation, events=events)
    )
    others = [
        _peer(result)
        for result in table.results
        if (result.operation, result.events) == (operation, events) and result.tool not in ("potok", *FLOORS)
    ]
    ratio = ours.cpu_seconds / floor.cpu_seconds if ours and floor and ours.cpu_seconds and floor.cpu_seconds else None
    return (
        NAMES[operation],
        _count(events),
        f"{ours.rounds}" if ours else "–",
        _number(ours.cpu_seconds) if ours else _failure(table, operation=operation, events=events),
        f"{_number(floor.cpu_seconds)} ({floor.tool})" if floor else "–",
        _number(ratio),
        ", ".join(others) or "–",
        f"{ours.peak_mib:,.0f}" if ours and ours.peak_mib else "–",
    )


def _failure(table: ResultTable, *, operation: str, events: int) -> str:
    for result in table.results:
        if (result.operation, result.tool, result.events) == (operation, "potok", events):
            return "failed"
    return "–"


def _peer(result: Result) -> str:
    if result.error:
        reason = result.error if result.error.startswith("more than") else "failed"
        return f"{result.tool}: {reason}"
    return f"{result.tool} {_number(result.cpu_seconds)} ({result.peak_mib:,.0f} MiB)"


def _rows(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _count(events: int) -> str:
    return f"{events:,}" if events else "–"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
