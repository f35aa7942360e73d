"""Run the benchmark and write ``results.md`` and ``results.json`` (this is ``make bench``).

    python benchmarks/run.py                        1M and 10M events, about an hour on two cores
    python benchmarks/run.py --events 100000        a quick look; nothing is written
    python benchmarks/run.py --full                 adds 100M events (Parquet) within 6 GiB
    python benchmarks/run.py --only xes start       some groups; nothing is written
    python benchmarks/run.py --only xes --update    the same, put into the results written before
    python benchmarks/run.py --only full --operations hand_over --update    some operations of a group

Exit code 1 if a bar is missed, or not measured in a whole run, if something of ours failed, or if tools disagree.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tasks as plan
from bars import ONE_MILLION, TEN_MILLION, judge
from environment import HERE, WORK, describe_machine, ensure_peers_python, limit_threads
from results import Result, ResultTable, run_tasks, update_results
from writing import render_markdown, write_results

GROUPS: Final = ("import", "measures", "times", "xes", "start", "audit", "full")
DEFAULT_SIZES: Final = (ONE_MILLION, TEN_MILLION)
SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
AUDITED: Final = Path("bpic15-building-permits") / "BPIC15_1.xes.gz"


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=list(DEFAULT_SIZES), help="sizes of the log")
    parser.add_argument("--rounds", type=int, default=3, help="rounds up to 1M events; two above")
    parser.add_argument("--full", action="store_true", help="add 100M events")
    parser.add_argument("--only", nargs="+", choices=GROUPS, help="run these groups only")
    parser.add_argument("--operations", nargs="+", help="of these groups only some operations, by name")
    parser.add_argument("--write", action="store_true", help="write the results of a part, too; the table says which")
    parser.add_argument(
        "--update", action="store_true", help="put the results of a part into those written before, whole operations"
    )
    return parser.parse_args()


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be measured: groups of operations, of these only some if any are named, and how often."""

    groups: frozenset[str]
    operations: frozenset[str]
    rounds: int

    def run(self, tasks: Iterable[plan.Task]) -> tuple[Result, ...]:
        """Run those of the tasks that are chosen."""
        return run_tasks(task for task in tasks if not self.operations or task.operation in self.operations)


def run_groups(choice: Choice, *, sizes: tuple[int, ...], environment: plan.Environment) -> Iterator[Result]:
    """Make the logs and run the groups, smaller sizes first."""
    for events in sizes:
        yield from _run_size(events, choice, environment=environment)
    if "xes" in choice.groups:
        for events in (plan.SMALL_XES, plan.LARGE_XES):
            source = _write_log(events, "--xes", "--no-csv").with_suffix(".xes")
            yield from choice.run(plan.xes_tasks(source, events=events, environment=environment, rounds=choice.rounds))
    if "start" in choice.groups:
        yield from choice.run(plan.start_tasks(environment))
    if "audit" in choice.groups and (SHARED_DATA / AUDITED).exists():
        task = plan.audit_task(SHARED_DATA / AUDITED, environment=environment, rounds=choice.rounds)
        yield from choice.run([task])
    if "full" in choice.groups:
        base = _write_log(plan.FULL_EVENTS, "--no-csv")
        yield from choice.run(plan.full_tasks(_shuffled(base, ".parquet"), environment=environment))


def _run_size(events: int, choice: Choice, *, environment: plan.Environment) -> Iterator[Result]:
    if not choice.groups & {"import", "measures", "times"}:
        return
    base, rounds = _write_log(events), choice.rounds if events <= ONE_MILLION else min(choice.rounds, 2)
    csv = _shuffled(base, ".csv")
    if "import" in choice.groups:
        yield from choice.run(plan.import_tasks(csv, events=events, environment=environment, rounds=rounds))
    if choice.groups & {"measures", "times"}:
        parquet = base.with_suffix(".parquet")
        if "import" not in choice.groups:
            store = environment.store(base.name)
            once = plan.import_task("import_csv", csv, events=events, store=store, potok=environment.potok, rounds=1)
            run_tasks([once])
        parts = {"measures": plan.measure_tasks, "times": plan.times_tasks}
        for part in (part for name, part in parts.items() if name in choice.groups):
            yield from choice.run(part(parquet, events=events, environment=environment, rounds=rounds))


def _write_log(events: int, *options: str) -> Path:
    """Write the log of one size, in a process of its own so that this one stays small."""
    folder = WORK / "logs"
    command = [sys.executable, str(HERE / "workload_files.py"), "--events", str(events), "--into", str(folder)]
    subprocess.run([*command, *options], check=True)
    return folder / f"log_{events}"


def _shuffled(base: Path, suffix: str) -> Path:
    return base.with_name(f"{base.name}_shuffled{suffix}")


def main() -> int:
    """Run the benchmark."""
    arguments = parse_arguments()
    limit_threads()
    environment = plan.Environment(ensure_peers_python(), WORK)
    groups = set(arguments.only or GROUPS) - (set() if arguments.full or arguments.only else {"full"})
    sizes = tuple(sorted(arguments.events))
    choice = Choice(frozenset(groups), frozenset(arguments.operations or ()), arguments.rounds)
    table = ResultTable(tuple(run_groups(choice, sizes=sizes, environment=environment)))
    is_whole = not arguments.only and sizes == DEFAULT_SIZES
    bars = judge(table, sizes=sizes, is_full="full" in groups)
    bars = bars if is_whole or arguments.write else tuple(bar for bar in bars if bar.value is not None)
    machine = describe_machine(environment.peers_python)
    if arguments.update:
        table = update_results(HERE, table)
        bars = judge(table, sizes=DEFAULT_SIZES, is_full=any(r.events == plan.FULL_EVENTS for r in table.results))
    if arguments.update or is_whole or arguments.write:
        write_results(HERE, machine=machine, table=table, bars=bars)
    print("\n" + render_markdown(machine, table=table, bars=bars))
    has_missed = any(not bar.is_held for bar in bars)
    return int(has_missed or bool(table.failures()) or bool(table.disagreements()))


if __name__ == "__main__":
    sys.exit(main())
