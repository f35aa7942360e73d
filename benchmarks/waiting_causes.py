"""Waiting split by cause: how good on logs whose truth is known, how fast on the benchmark's logs.

    python benchmarks/waiting_causes.py [--largest 10000000]

Each measurement runs in a fresh process on an existing store (`run.py` makes them), with nothing derived from it yet
and with compiled loops kept from an earlier run, as they are after the first command. CPU seconds are those of reading,
enablement, batches, the split, writing its tables and summing them up; imports are not in them, but are shown, and so
is the discovery of calendars and limits, which is another operation. Exit code 1 if a bar is missed.
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


def in_fresh_process(*arguments: str) -> dict[str, float]:
    command = [sys.executable, __file__, *arguments]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=HERE)
    return json.loads(answer.stdout.splitlines()[-1])


def clear(store: Path) -> None:
    shutil.rmtree(store.with_name(store.name + ".cache"), ignore_errors=True)


def measure_speed(largest: int) -> tuple[list[str], list[str]]:
    lines = ["| events | discovery, CPU s | split, CPU s | MiB | with calendars, CPU s | MiB | imports, CPU s |"]
    lines.append("|---|---|---|---|---|---|---|")
    missed, cpu = [], {}
    for size in (size for size in SIZES if size <= largest):
        store = STORES / f"log_{size}"
        if not store.is_dir():
            missed.append(f"there is no store of {size:,} events; benchmarks/run.py makes it")
            continue
        clear(store)
        found = in_fresh_process("--store", str(store))
        clear(store)
        cpu[size] = max(found["cpu"], found["cpu_with_calendars"])
        lines.append(
            f"| {size:,} | {found['discovery']:.2f} | {found['cpu']:.2f} | {found['cpu_mib']:.0f} | "
            f"{found['cpu_with_calendars']:.2f} | {found['cpu_with_calendars_mib']:.0f} | {found['imports']:.2f} |"
        )
        peak = max(found["cpu_mib"], found["cpu_with_calendars_mib"])
        if size == 1_000_000 and (cpu[size] > MOST_CPU_SECONDS or peak > MOST_MIB):
            missed.append(f"1M events took {cpu[size]:.2f} CPU s and {peak:.0f} MiB")
    if {1_000_000, 10_000_000} <= cpu.keys():
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
    quality, missed = quality_lines()
    speed, slow = measure_speed(arguments.largest)
    missed += slow
    verdict = [f"Missed: {bar}." for bar in missed] or ["All bars are held."]
    text = "\n".join(["# Waiting causes", "", *quality, "", *speed, "", *verdict, ""])
    print(text)
    (HERE / "waiting_causes.md").write_text(text, encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
