"""Align public logs with their own models, and compare with r4pm called directly; exit code 1 if a bar is missed.

    python benchmarks/alignments.py [--data FOLDER]

Each log is imported once; its model is that of `potok map --model`. *r4pm called directly* reads the XES file into its
registry and aligns all variants with the same net. *Potok* reads the variants of closed cases from its store and aligns
them; beside it stands all that `potok conform` does then: which activities deviate, in which cases, and what time that
took. Potok leaves open cases out, so it has somewhat fewer variants to align than r4pm (of sepsis a tenth). Figures are
the least of several runs in one process, after one that is not counted.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from environment import HERE, WORK
from potok.diagnose.conformance.alignment import fitness
from potok.diagnose.conformance.alignment.fitness import align_log
from potok.diagnose.conformance.alignment.model import AlignmentModel, model_of_tree, net_as_record
from potok.diagnose.conformance.alignment.search import Budget, search_alignments
from potok.discover.process_models import compute_process_model
from potok.log.store import LogStore, open_store

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
LOGS: Final = {
    "receipt": "wabo-receipt/receipt.xes.gz",
    "sepsis": "sepsis/sepsis.xes.gz",
    "BPIC12": "bpic12-loan/bpic2012.xes.gz",
}
LARGEST_RATIO: Final = 3.0
RUNS: Final = 3
TINY_STATES: Final = 500
TINY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds of processor and of clock."""

    cpu: float
    wall: float


@dataclass(frozen=True, slots=True)
class Row:
    """One log."""

    name: str
    variants: int
    peer: Timed
    ours: Timed
    whole: Timed
    cost: int
    bounded: Timed
    bounded_share: float
    bounds: tuple[int, int | None]

    @property
    def ratio(self) -> float:
        """Processor time of aligning over that of r4pm."""
        return self.ours.cpu / self.peer.cpu

    @property
    def holds(self) -> bool:
        """Whether time, and the bounds under a tiny budget, are as they should be."""
        low, high = self.bounds
        is_between = low <= self.cost and (high is None or self.cost <= high)
        return self.ratio <= LARGEST_RATIO and is_between and self.bounded.wall <= TINY_SECONDS


def measure(name: str, source: Path, folder: Path) -> Row:
    """Measure one log."""
    store = _import(source, folder / name)
    model = model_of_tree(compute_process_model(store).tree)
    record: Any = net_as_record(model)
    found = align_log(store, model)
    tight = align_log(store, model, budget=Budget(states=TINY_STATES))
    return Row(
        name=name,
        variants=len(found.variants),
        peer=least(lambda: _peer(record, source)),
        ours=least(lambda: _ours(store, model)),
        whole=least(lambda: align_log(store, model)),
        cost=found.total_cost_low,
        bounded=least(lambda: align_log(store, model, budget=Budget(states=TINY_STATES)), runs=1),
        bounded_share=tight.bounded_cases / tight.cases,
        bounds=(tight.total_cost_low, tight.total_cost_high),
    )


def _import(source: Path, into: Path) -> LogStore:
    # Every event as it is, as r4pm reads them.
    command = [str(Path(sys.executable).parent / "potok"), "import", str(source), "--into", str(into), "--plain-ids"]
    subprocess.run([*command, "--lifecycle", "raw"], check=True, capture_output=True)
    return open_store(into)


def _peer(record: Any, source: Path) -> None:
    import r4pm
    from r4pm.bindings.conformance.case_centric.alignments import align_variants

    item = r4pm.import_item("EventLog", str(source))
    align_variants(record, item)
    r4pm.remove_item(item)


def _ours(store: LogStore, model: AlignmentModel) -> None:
    traces = [one.trace for one in fitness._read_variants(store, None)]
    search_alignments(model, traces, budget=Budget())


def least(work: Callable[[], object], *, runs: int = RUNS) -> Timed:
    """Return the least time of some runs, after one that is not counted."""
    work()
    found = []
    for _run in range(runs):
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        found.append(Timed(time.process_time() - cpu, time.perf_counter() - wall))
    return Timed(min(one.cpu for one in found), min(one.wall for one in found))


def as_markdown(rows: list[Row]) -> str:
    """Return the table."""
    head = (
        "log | variants of closed cases | r4pm directly, CPU s (wall) | Potok, aligning | ratio | ≤ 3 | with deviations"
        " and their time | cost | budget of 500 states: wall s | cases bounded | bounds of the cost"
    )
    lines = [f"| {head} |", "| " + " | ".join("---" for _cell in head.split(" | ")) + " |"]
    for row in rows:
        cells = (
            row.name,
            f"{row.variants:,}",
            f"{row.peer.cpu:.2f} ({row.peer.wall:.2f})",
            f"{row.ours.cpu:.2f} ({row.ours.wall:.2f})",
            f"{row.ratio:.2f}",
            "yes" if row.holds else "**no**",
            f"{row.whole.cpu:.2f} ({row.whole.wall:.2f})",
            f"{row.cost:,}",
            f"{row.bounded.wall:.2f}",
            f"{row.bounded_share:.1%}",
            f"{row.bounds[0]:,}–{'?' if row.bounds[1] is None else f'{row.bounds[1]:,}'}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    data = parser.parse_args().data
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        rows = [measure(name, data / path, Path(scratch)) for name, path in LOGS.items()]
    table = as_markdown(rows)
    text = (
        f"# Alignments against r4pm called directly\n\n{(__doc__ or '').split(chr(10) * 2, 2)[2].strip()}\n\n{table}\n"
    )
    (HERE / "alignments.md").write_text(text, encoding="utf-8")
    print(table)
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
