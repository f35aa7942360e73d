"""Run one operation of one tool in this fresh process and print its figures as one line of JSON.

    python child.py MODULE OPERATION TOOL SOURCE [--repeats 3]

Runs under the interpreter of the tool's environment; needs the standard library only.
"""

import argparse
import gc
import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from operations import Operation

MIB = 1024


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return  # not Linux, or not allowed: the peak then includes loading


def _peak_mib() -> float:
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / MIB


def measure(operation: Operation, *, source: Path, repeats: int) -> dict[str, Any]:
    """Prepare once, run several times, and return every run's seconds with the highest peak."""
    state = operation.prepare(source)
    cpu_seconds, wall_seconds, peaks, digest = [], [], [], ()
    for _ in range(repeats):
        gc.collect()
        _reset_peak()
        started, worked = time.perf_counter(), time.process_time()
        children = _cpu_seconds_of_children()
        digest = operation.run(state)
        cpu_seconds.append(time.process_time() - worked + _cpu_seconds_of_children() - children)
        wall_seconds.append(time.perf_counter() - started)
        peaks.append(_peak_mib())
    return {"cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "peak_mib": max(peaks), "digest": list(digest)}


def _cpu_seconds_of_children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("operation")
    parser.add_argument("tool")
    parser.add_argument("source", type=Path)
    parser.add_argument("--repeats", type=int, default=1)
    arguments = parser.parse_args()
    operation = importlib.import_module(arguments.module).OPERATIONS[arguments.operation, arguments.tool]
    figures = measure(operation, source=arguments.source, repeats=arguments.repeats)
    sys.stdout.write("\n" + json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
