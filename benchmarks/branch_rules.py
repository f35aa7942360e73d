"""Find the rules that decide the branches of small logs whose rules are known; exit code 1 if any is missed.

    python benchmarks/branch_rules.py [--data FOLDER]

Each log of `known-rules-small/branch_rules` has three gateways (after A, B and C) with up to five branches, decided by
attributes; its README says of how many branches the rule can be known. A branch that every case takes counts there as
known, though there is nothing to decide: Potok lists it as *always taken*, and a gateway with a single branch not at
all. Rules count only if they beat the commoner answer on cases in which they were not found (5 %, Holm).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from environment import HERE, WORK
from potok.diagnose.conformance.decisions import BranchRule, discover_decisions
from potok.log.store import LogStore, open_store
from potok.measure.variants import compute_variants

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
EXPECTED: Final = {
    **dict.fromkeys(("xor_1", "xor_3", "xor_5", "xor_6", "xor_7"), 15),
    **dict.fromkeys(("or_1", "or_2", "or_3", "or_6", "or_7", "or_8"), 15),
    "xor_2": 3,
    "or_4": 3,
    "or_5": 6,
}
GATEWAYS: Final = ("A", "B", "C")
LEAST_RECALL: Final = 0.8


def judge(name: str, data: Path, folder: Path) -> tuple[str, bool]:
    """Return the row of a log, and whether all its branches are known."""
    store = _import(data / "known-rules-small" / "branch_rules" / f"{name}.csv.gz", folder / name)
    found = discover_decisions(store).branches
    at_gateways = [one for one in found if one.activity in GATEWAYS and one.branch.startswith(one.activity)]
    ruled = [one for one in at_gateways if one.has_rule]
    always = sum(one.is_always_taken for one in at_gateways)
    single = _single_branches(store, at_gateways)
    elsewhere = sum(one.has_rule for one in found if one not in at_gateways)
    known = len(ruled) + always + single
    worst = min((min(one.precision or 0, one.recall or 0) for one in ruled), default=None)
    holds = known == EXPECTED[name] and (worst is None or worst >= LEAST_RECALL)
    shown = "–" if worst is None else f"{worst:.3f}"
    cells = (name, EXPECTED[name], known, len(ruled), always, single, shown, elsewhere, "yes" if holds else "**no**")
    return "| " + " | ".join(map(str, cells)) + " |", holds


def _single_branches(store: LogStore, listed: list[BranchRule]) -> int:
    """Return how many gateways have one branch only, which every case takes."""
    seen = {one.activity for one in listed}
    activities = {activity for variant in compute_variants(store) for activity in variant.activities}
    branches = [
        [one for one in activities if one.startswith(gateway) and one != gateway]
        for gateway in GATEWAYS
        if gateway not in seen
    ]
    return sum(len(own) == 1 for own in branches)


def _import(source: Path, into: Path) -> LogStore:
    command = [str(Path(sys.executable).parent / "potok"), "import", str(source), "--into", str(into), "--plain-ids"]
    subprocess.run(command, check=True, capture_output=True)
    return open_store(into)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA)
    data = parser.parse_args().data
    WORK.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        rows = [judge(name, data, Path(scratch)) for name in EXPECTED]
    head = (
        "log | branches to be known | known | by a rule | always taken | only one there"
        " | least precision or recall of a rule, on other cases | rules elsewhere | holds"
    )
    lines = [f"| {head} |", "| " + " | ".join("---" for _cell in head.split(" | ")) + " |", *(row for row, _ in rows)]
    text = (__doc__ or "").split("\n\n", 2)[2].strip()
    (HERE / "branch_rules.md").write_text(f"# Rules of branches\n\n{text}\n\n" + "\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))
    return 0 if all(holds for _row, holds in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
