"""Compare directly-follows graph and variants of every public log with pm4py's; exit code 1 on any difference.

    python benchmarks/compare_pm4py.py [--data FOLDER] [--only TEXT]

Potok imports each log with ``--lifecycle raw`` (every event as it is); pm4py computes in an environment of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from compared_logs import ComparedLog, find_logs
from environment import HERE, WORK, ensure_peers_python
from potok.log.store import open_store
from potok.measure.directly_follows import compute_directly_follows_graph
from potok.measure.variants import compute_variants

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
SHOWN_DIFFERENCES: Final = 3
SHOWN_CHARACTERS: Final = 160

Edges = Counter[tuple[str, str]]
Variants = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One log compared: whether edges and variants are equal, and what differs."""

    name: str
    rows: int
    are_edges_equal: bool
    are_variants_equal: bool
    differences: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return self.are_edges_equal and self.are_variants_equal


def compute_peer_summaries(logs: list[ComparedLog], *, data: Path) -> Iterator[dict[str, Any]]:
    """Let pm4py compute, in one process of its environment; yield its summaries as they come."""
    WORK.mkdir(exist_ok=True)
    specifications, results = WORK / "compared-logs.json", WORK / "compared-logs.jsonl"
    records = [{**asdict(log), "path": str(data / log.name)} for log in logs]
    specifications.write_text(json.dumps(records), encoding="utf-8")
    command = [str(ensure_peers_python()), str(HERE / "compare_peer.py"), str(specifications), str(results)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)  # pm4py greets on every start
    if finished.returncode:
        raise RuntimeError(f"pm4py's side failed: {finished.stderr[-2000:]}")
    for line in results.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def compare(log: ComparedLog, *, summary: dict[str, Any], data: Path) -> Comparison:
    """Import a log and compare it with pm4py's summary."""
    name = f"{log.name} [{summary['object_type']}]" if summary["object_type"] else log.name
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        into = Path(scratch) / "store"
        failure = _import(log, object_type=summary["object_type"], data=data, into=into)
        if failure:
            return Comparison(
                name, summary["rows"], are_edges_equal=False, are_variants_equal=False, differences=failure
            )
        store = open_store(into)
        edges: Edges = Counter()
        for edge in compute_directly_follows_graph(store).edges:
            edges[edge.activity, edge.next_activity] += edge.count
        variants: Variants = Counter()
        for variant in compute_variants(store):
            variants[variant.activities] += variant.cases
    their_edges: Edges = Counter({(first, second): count for first, second, count in summary["edges"]})
    their_variants: Variants = Counter({tuple(activities): cases for activities, cases in summary["variants"]})
    return Comparison(
        name,
        summary["rows"],
        are_edges_equal=edges == their_edges,
        are_variants_equal=variants == their_variants,
        differences=_describe(edges, their_edges) or _describe(variants, their_variants),
    )


def _import(log: ComparedLog, *, object_type: str, data: Path, into: Path) -> str:
    """Import a log with Potok's own guesses; return the message if it fails."""
    command = [str(Path(sys.executable).parent / "potok"), "--lang", "en", "import", str(data / log.name)]
    command += ["--into", str(into), "--plain-ids", "--lifecycle", "raw"]
    command += ["--object-type", object_type] if object_type else []
    command += ["--split-cases-on", "trace"] if log.is_split_on_trace else []
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if finished.returncode == 0 else f"import failed: {finished.stderr.strip()[-SHOWN_CHARACTERS:]}"


def _describe(ours: Counter[Any], theirs: Counter[Any]) -> str:
    differing = [key for key in ours | theirs if ours[key] != theirs[key]]
    shown = [f"{' > '.join(key)}: {ours[key]} against {theirs[key]}"[:SHOWN_CHARACTERS] for key in differing]
    more = f" and {len(differing) - SHOWN_DIFFERENCES} more" if len(differing) > SHOWN_DIFFERENCES else ""
    return "; ".join(shown[:SHOWN_DIFFERENCES]) + more


def _line(comparison: Comparison) -> str:
    words = {True: "yes", False: "**no**"}
    cells = (
        comparison.name,
        f"{comparison.rows:,}",
        words[comparison.are_edges_equal],
        words[comparison.are_variants_equal],
        comparison.differences.replace("\n", " ").replace("|", "/") or "–",
    )
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Compare all logs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the public logs (POTOK_SHARED_DATA)")
    parser.add_argument("--only", default="", help="compare only logs whose path contains this")
    arguments = parser.parse_args()
    logs = {log.name: log for log in find_logs(arguments.data) if arguments.only in log.name}
    print("| log | rows | edges equal | variants equal | differences (Potok against pm4py) |")
    print("| --- | --- | --- | --- | --- |")
    compared = []
    for summary in compute_peer_summaries(list(logs.values()), data=arguments.data):
        compared.append(compare(logs[summary["name"]], summary=summary, data=arguments.data))
        print(_line(compared[-1]), flush=True)
    equal = sum(comparison.is_equal for comparison in compared)
    print(f"\n{equal} of {len(compared)} equal.")
    return int(equal < len(compared) or not compared)


if __name__ == "__main__":
    sys.exit(main())
