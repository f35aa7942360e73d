"""Waiting split by cause: how good on logs whose truth is known, how fast on the benchmark's logs.

    python benchmarks/waiting_causes.py [--largest 10000000]

Each measurement runs in a fresh process on an existing store (`run.py` makes them), with nothing derived from it yet.
CPU seconds are user and system time of the whole process, all threads: those of reading, enablement, batches, the
split, writing its tables and summing them up, with half a second in which the compiler of loops sets itself up. As
after any first command, compiled loops and bytecode are kept from an earlier run; what the very first compiles is shown
apart. Imports are not in them, but are shown, and so is the discovery of calendars and limits, which is another
operation. Of several runs the least counts: what else a machine does only adds. Exit code 1 if a bar is missed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STORES = HERE / "work" / "stores"
SHARED = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
SIZES = (100_000, 1_000_000, 10_000_000)
MOST_CPU_SECONDS, MOST_MIB, MOST_GROWTH = 6.0, 2048, 12.0
RUNS = {100_000: 1, 1_000_000: 2, 10_000_000: 1}
LEAST_AGREEMENT, LEAST_F1 = 0.97, 0.95


def measure_store(folder: Path) -> dict[str, float]:
    """Split the waits of a store by cause, with and without calendars; CPU seconds and the peak of memory."""
    import time

    from child import _peak_mib, _reset_peak
    from potok.diagnose.waiting_causes import WaitingSettings, compute_waiting_causes, discover_settings
    from potok.log.store import open_store

    figures = {"imports": time.process_time()}
    store = open_store(folder)
    _reset_peak()
    begun = time.process_time()
    settings = discover_settings(store)
    figures["discovery"] = time.process_time() - begun
    figures["discovery_mib"] = _peak_mib()
    for name, chosen in (("cpu", WaitingSettings()), ("cpu_with_calendars", settings)):
        _reset_peak()
        begun = time.process_time()
        found = compute_waiting_causes(store, settings=chosen)
        figures[name] = time.process_time() - begun
        figures[f"{name}_mib"] = _peak_mib()
    figures["waits"] = found.overall.waits
    return figures


def in_fresh_process(*arguments: str, **variables: str) -> dict[str, float]:
    command = [sys.executable, __file__, *arguments]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "PYTHONPYCACHEPREFIX": str(HERE / "work" / "bytecode"), **variables}
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE, env=environment)
    return json.loads(answer.stdout.splitlines()[-1])


def store_of(size: int) -> Path:
    return STORES / f"log_{size}"


def measure_afresh(store: Path, **variables: str) -> dict[str, float]:
    """Measure with nothing derived from the store."""
    clear(store)
    found = in_fresh_process("--store", str(store), **variables)
    clear(store)
    return found


def measure_first_use(store: Path) -> float:
    """Return what a command on a small log takes more where no loop has been compiled before, CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        first = measure_afresh(store, NUMBA_CACHE_DIR=folder)
        second = measure_afresh(store, NUMBA_CACHE_DIR=folder)
    names = ("discovery", "cpu", "cpu_with_calendars")
    return sum(first[name] - second[name] for name in names)


def clear(store: Path) -> None:
    shutil.rmtree(store.with_name(store.name + ".cache"), ignore_errors=True)


def measure_size(size: int) -> dict[str, float]:
    """Measure a store several times: the least CPU seconds, and the highest peaks."""
    runs = []
    for _ in range(RUNS[size]):
        runs.append(measure_afresh(store_of(size)))
        print(f"{size:,} events: {json.dumps(runs[-1])}", file=sys.stderr, flush=True)
    found = {name: min(run[name] for run in runs) for name in runs[0]}
    return found | {name: max(run[name] for run in runs) for name in found if name.endswith("_mib")}


def speed_lines(found: dict[int, dict[str, float]], first_use: float) -> tuple[list[str], list[str]]:
    lines = ["| events | discovery, CPU s | split, CPU s | MiB | with calendars, CPU s | MiB | imports, CPU s |"]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [
        f"| {size:,} | {one['discovery']:.2f} | {one['cpu']:.2f} | {one['cpu_mib']:.0f} | "
        f"{one['cpu_with_calendars']:.2f} | {one['cpu_with_calendars_mib']:.0f} | {one['imports']:.2f} |"
        for size, one in found.items()
    ]
    lines += ["", f"On first use, compiling loops takes {first_use:.1f} CPU s more, once on a machine."]
    missed = []
    cpu = {size: max(one["cpu"], one["cpu_with_calendars"]) for size, one in found.items()}
    if 1_000_000 in found:
        peak = max(found[1_000_000][name] for name in ("cpu_mib", "cpu_with_calendars_mib"))
        if cpu[1_000_000] > MOST_CPU_SECONDS or peak > MOST_MIB:
            missed.append(f"1M events took {cpu[1_000_000]:.2f} CPU s and {peak:.0f} MiB")
    if {1_000_000, 10_000_000} <= found.keys():
        growth = cpu[10_000_000] / cpu[1_000_000]
        lines += ["", f"Growth from 1M to 10M events: {growth:.1f}×."]
        if growth > MOST_GROWTH:
            missed.append(f"growth from 1M to 10M is {growth:.1f}×")
    return lines, missed


def measure_quality(folder: Path) -> dict[str, float]:
    """Hold enabled times and batches against logs that know them."""
    import numpy as np
    import pyarrow.parquet as pq

    from potok.discover.batches import NO_BATCH, find_batches
    from potok.discover.enabled_times import compute_order, find_enabled_times, not_after_start
    from potok.discover.instance_arrays import fetch_case_bounds, fetch_instances
    from potok.discover.resource_clocks import make_clocks
    from potok.log.importing.pipeline import import_log
    from potok.log.importing.request import ImportRequest
    from potok.log.mapping import Mapping, TimeColumn

    times = {"started_at": TimeColumn(("start_time",)), "completed_at": TimeColumn(("end_time",))}
    given = {"enabled_at": TimeColumn(("enabled_time",))}
    loans = Mapping(case_id="case_id", activity=("activity",), resource="resource", **times, **given)
    batched = Mapping(case_id="case_id", activity=("Activity",), resource="Resource", **times, **given)
    sources = {
        "train": (SHARED / "sim-loanapp-simplified" / "LoanApp_simplified_train.csv.gz", loans),
        "test": (SHARED / "sim-loanapp-simplified" / "LoanApp_simplified_test.csv.gz", loans),
        "batched": (SHARED / "sim-batched-loan" / "Loan_Application_batched.csv.gz", batched),
    }
    figures: dict[str, float] = {}
    for name, (source, mapping) in sources.items():
        store = import_log(ImportRequest((str(source),), folder / name, mapping))
        (held,), bounds, order = fetch_instances(store), fetch_case_bounds(store), compute_order(store)
        known = not_after_start(held.enabled_us, held)
        for basis in ("previous", "concurrent"):
            enabled = find_enabled_times(held, bounds, basis=basis, order=order).enabled_us
            figures[f"{name}_{basis}"] = float(np.mean((enabled == known)[~held.is_first]))
        if name == "batched":
            found = find_batches(held, enabled, clocks=make_clocks(int(held.resource.max()) + 1))
            column = pq.read_table(store.folder / "events.parquet", columns=["attr:batch_instance_id"]).column(0)
            true = np.array([value or "" for value in column.to_pylist()])
            both = (found.batch != NO_BATCH) & (true != "")
            together = np.unique(np.char.add(true[both], found.batch[both].astype(str)), return_counts=True)[1]
            expected = np.unique(true[true != ""], return_counts=True)[1]
            figures["f1"] = float(2 * both.sum() / (found.size.sum() + expected.sum()))
            figures["pair_f1"] = 2 * _pairs(together) / (_pairs(found.size) + _pairs(expected))
    return figures


def _pairs(sizes) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def quality_lines() -> tuple[list[str], list[str]]:
    if not SHARED.is_dir():
        return [f"The public logs are not at {SHARED}; quality is not measured."], ["no public logs"]
    with tempfile.TemporaryDirectory() as folder:
        found = in_fresh_process("--quality", folder)
    lines = ["| log | previous | concurrent |", "|---|---|---|"]
    names = {"train": "loans, train", "test": "loans, test", "batched": "batched loans"}
    lines += [
        f"| {title} | {found[f'{n}_previous']:.1%} | {found[f'{n}_concurrent']:.1%} |" for n, title in names.items()
    ]
    lines += [
        "",
        "Share of instances, not first in their case, whose enabled time is that of the log (moved to the start where "
        "it lies behind it).",
        "",
        f"Batches of the batched loans, with enablement by concurrency and without calendars: F1 {found['f1']:.3f} by "
        f"instance, {found['pair_f1']:.3f} by pair of members.",
    ]
    missed = [
        f"enabled times of {n}: {found[f'{n}_concurrent']:.1%}"
        for n in ("train", "test")
        if found[f"{n}_concurrent"] < LEAST_AGREEMENT
    ]
    missed += [f"{n}: {found[n]:.3f}" for n in ("f1", "pair_f1") if found[n] < LEAST_F1]
    return lines, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1])
    parser.add_argument("--store", type=Path)
    parser.add_argument("--quality", type=Path)
    arguments = parser.parse_args()
    if arguments.store or arguments.quality:
        found = measure_store(arguments.store) if arguments.store else measure_quality(arguments.quality)
        print(json.dumps(found))
        return 0
    sizes = [size for size in SIZES if size <= arguments.largest]
    missing = [
        f"there is no store of {n:,} events; benchmarks/run.py makes it" for n in sizes if not store_of(n).is_dir()
    ]
    if missing:
        print("\n".join(missing))
        return 1
    quality, faults = quality_lines()
    first_use = measure_first_use(store_of(sizes[0]))
    measure_afresh(store_of(sizes[0]))
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        found[size] = measure_size(size)
        speed, slow = speed_lines(found, first_use)
        text = report([*quality, "", *speed], [*faults, *slow], largest=size)
        (HERE / "waiting_causes.md").write_text(text, encoding="utf-8")
    print(text)
    return 1 if faults or slow else 0


def report(lines: list[str], missed: list[str], *, largest: int) -> str:
    runs = ", ".join(f"{RUNS[size]} at {size:,}" for size in SIZES if size <= largest)
    command = (
        f"`python benchmarks/waiting_causes.py --largest {largest}`: the least CPU seconds of several runs ({runs})."
    )
    bars = "The bar at 1M events is 6 CPU s and 2,048 MiB, with calendars and without; growth to 10M at most 12×."
    verdict = [f"Missed: {bar}." for bar in missed] or ["All bars are held."]
    return "\n".join(["# Waiting causes", "", command, bars, "", *lines, "", *verdict, ""])


if __name__ == "__main__":
    sys.exit(main())
