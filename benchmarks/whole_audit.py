"""A complete audit of large log stores by the command itself: CPU seconds and the peak of memory.

    python benchmarks/whole_audit.py [--largest 10000000]

Each store (`run.py` makes them) is audited in a fresh process with nothing derived from it yet; writes
`whole_audit.md`. Exit code 1 if a bar is missed.
"""

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STORES = HERE / "work" / "stores"
SIZES = (1_000_000, 10_000_000)
MOST_CPU_SECONDS, MOST_MIB = 400.0, 6 * 1024
BARS_AT = 10_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What an audit of so many events took: CPU seconds (user and system) and the peak of memory."""

    events: int
    cpu_seconds: float
    mib: float

    @property
    def is_within(self) -> bool:
        """Whether the bars hold, which are for the largest log only."""
        return self.events != BARS_AT or (self.cpu_seconds <= MOST_CPU_SECONDS and self.mib <= MOST_MIB)


def audit(store: Path, events: int) -> Cost:
    """Audit a store in a process of its own."""
    shutil.rmtree(store.with_name(store.name + ".cache"), ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(sys.executable).with_name("potok")
        arguments = [str(program), "audit", str(store), "-o", str(Path(folder) / "audit.html"), "--lang", "ru"]
        child = os.posix_spawn(program, arguments, dict(os.environ))
        _child, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"the audit of {store} failed")
    return Cost(events, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def tabulate(costs: list[Cost]) -> str:
    """Return the page."""
    lines = [
        "# A complete audit of a log store",
        "",
        "Made by `python benchmarks/whole_audit.py`: `potok audit STORE` in a fresh process, nothing derived before.",
        "",
        "| events | CPU s | bar | peak MiB | bar |",
        "| --- | --- | --- | --- | --- |",
    ]
    for cost in costs:
        cpu_bar, mib_bar = (f"≤ {MOST_CPU_SECONDS:g}", f"≤ {MOST_MIB}") if cost.events == BARS_AT else ("–", "–")
        lines.append(f"| {cost.events:,} | {cost.cpu_seconds:.0f} | {cpu_bar} | {cost.mib:,.0f} | {mib_bar} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Audit the stores that are there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=BARS_AT)
    largest = parser.parse_args().largest
    known = [(size, STORES / f"log_{size}") for size in SIZES if size <= largest]
    costs = [audit(store, size) for size, store in known if store.is_dir()]
    page = tabulate(costs)
    (HERE / "whole_audit.md").write_text(page, encoding="utf-8")
    print(page)
    return 0 if costs and all(cost.is_within for cost in costs) else 1


if __name__ == "__main__":
    sys.exit(main())
