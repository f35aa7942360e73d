"""Compare the models of our inductive miner with those of pm4py's infrequent variant, both at noise threshold 0.2.

    python benchmarks/compare_models.py [--data FOLDER] [--only TEXT]

Both miners get the same cases. Both models are judged by the same measures (`potok.discover.quality`, which the tests
hold against searches of the models' states). Size counts places, transitions and arcs of the workflow net. CPU is that
of the second of two runs in one process: ours from the store's variants, pm4py's from its data frame of events. The
peer runs in an environment of its own; exit code 1 if ours is worse by the bars below.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from environment import HERE, WORK, ensure_peers_python, limit_threads

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
NOISE_THRESHOLD: Final = 0.2
LOGS: Final = {
    "sepsis": "sepsis/sepsis.xes.gz",
    "receipt": "wabo-receipt/receipt.xes.gz",
    "BPIC12": "bpic12-loan/bpic2012.xes.gz",
    "helpdesk": "helpdesk/helpdesk.xes.gz",
    "traffic fines": "road-traffic-fines/traffic_fines.csv.gz",
}
MOST_CPU_RATIO: Final = 1.5
# Ours counts as worse if the harmonic mean of fitness and precision is lower by more than this.
TOLERANCE: Final = 0.01
MOST_ALIGNMENTS: Final = 1000

Variants = list[tuple[list[str], int]]


@dataclass(frozen=True, slots=True)
class Rated:
    """One miner's model of one log."""

    fitness: float
    precision: float
    size: int
    cpu_seconds: float

    @property
    def harmonic_mean(self) -> float:
        """Harmonic mean of fitness and precision."""
        return 2 * self.fitness * self.precision / (self.fitness + self.precision)


def mine_peer(variants: Variants) -> dict[str, Any]:
    """Discover with pm4py; runs in the peers' environment only."""
    import pandas as pd
    import pm4py

    names = ("case:concept:name", "concept:name", "time:timestamp")
    cases = [trace for trace, count in variants for _copy in range(count)]
    rows = [(str(case), activity, at) for case, trace in enumerate(cases) for at, activity in enumerate(trace)]
    frame = pd.DataFrame(rows, columns=list(names))
    frame[names[2]] = pd.to_datetime(frame[names[2]], unit="s", utc=True)
    for _run in range(2):
        begin = time.process_time()
        tree = pm4py.discover_process_tree_inductive(frame, noise_threshold=NOISE_THRESHOLD)
        seconds = time.process_time() - begin
    return {"tree": _record(tree), "cpu_seconds": seconds}


def _record(tree: Any) -> dict[str, Any]:
    names = {"->": "sequence", "X": "choice", "+": "parallel", "*": "loop"}
    if tree.operator is not None:
        return {"operator": names[tree.operator.value], "children": [_record(child) for child in tree.children]}
    return {"operator": "activity", "activity": tree.label} if tree.label else {"operator": "silent"}


def compare(name: str, source: Path, folder: Path) -> tuple[Rated, Rated]:
    """Import a log, let both miners discover a model of it, and judge both."""
    from potok.discover.inductive_miner import discover_process_tree
    from potok.discover.process_models import read_traces
    from potok.discover.process_tree import tree_from_record
    from potok.log.importing.pipeline import import_log
    from potok.log.importing.request import ImportRequest

    store = import_log(ImportRequest((str(source),), folder / name))
    for _run in range(2):
        begin = time.process_time()
        traces = read_traces(store)
        ours = discover_process_tree(traces, noise_threshold=NOISE_THRESHOLD)
        seconds = time.process_time() - begin
    answer = _ask_peer(traces, folder / f"{name}.json")
    theirs = tree_from_record(answer["tree"])
    return _rate(ours, traces, seconds), _rate(theirs, traces, answer["cpu_seconds"])


def _ask_peer(traces: Any, file: Path) -> dict[str, Any]:
    file.write_text(json.dumps([[list(trace), cases] for trace, cases in traces.items()]), encoding="utf-8")
    command = [str(ensure_peers_python()), str(Path(__file__).resolve()), "--peer", str(file)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode:
        raise RuntimeError(f"pm4py's side failed: {finished.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return answer


def _rate(tree: Any, traces: Any, cpu_seconds: float) -> Rated:
    from potok.discover.quality.model_quality import measure_quality
    from potok.discover.workflow_net import convert_to_net

    quality = measure_quality(tree, traces, most_alignments=MOST_ALIGNMENTS)
    return Rated(quality.fitness, quality.precision or 0.0, convert_to_net(tree).size, cpu_seconds)


def is_no_worse(ours: Rated, theirs: Rated) -> bool:
    """Tell whether our model is no worse, and no dearer than the bar allows."""
    is_cheap = ours.cpu_seconds <= MOST_CPU_RATIO * theirs.cpu_seconds
    is_good = ours.harmonic_mean >= theirs.harmonic_mean - TOLERANCE
    return is_cheap and is_good and ours.size <= theirs.size


def _line(name: str, ours: Rated, theirs: Rated) -> str:
    cells = [name]
    for rated in (ours, theirs):
        cells += [f"{rated.fitness:.3f}", f"{rated.precision:.3f}", f"{rated.harmonic_mean:.3f}", str(rated.size)]
        cells += [f"{rated.cpu_seconds:.2f}"]
    cells += [f"{ours.cpu_seconds / theirs.cpu_seconds:.2f}", "yes" if is_no_worse(ours, theirs) else "**no**"]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Compare all logs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the public logs (POTOK_SHARED_DATA)")
    parser.add_argument("--only", default="", help="compare only logs whose name contains this")
    parser.add_argument("--peer", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        variants = json.loads(arguments.peer.read_text(encoding="utf-8"))
        arguments.peer.write_text(json.dumps(mine_peer(variants)), encoding="utf-8")
        return 0
    limit_threads()
    columns = ("fitness", "precision", "mean", "size", "CPU s")
    header = ["log", *(f"{who} {column}" for who in ("Potok", "pm4py") for column in columns), "CPU ratio", "no worse"]
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    verdicts = []
    WORK.mkdir(exist_ok=True)
    for name, path in LOGS.items():
        if arguments.only in name:
            with tempfile.TemporaryDirectory(dir=WORK) as scratch:
                ours, theirs = compare(name, arguments.data / path, Path(scratch))
            verdicts.append(is_no_worse(ours, theirs))
            print(_line(name, ours, theirs), flush=True)
    return int(not all(verdicts) or not verdicts)


if __name__ == "__main__":
    sys.exit(main())
