"""A complete audit of every public log, with all the files it can write; exit code 1 if anything fails.

    python benchmarks/every_log.py [--all] [--anew] [--only TEXT] [--data FOLDER]

Each log is audited by the command itself in a fresh process that has nothing stored yet: import, measures, findings,
JSON, report, workbook and A3 in both forms, in Russian. Roles of columns are guessed; OPTIONS names what no guess can
know. Then `every_log_checks.py` looks at what was written. A log *held* if the command ended well, its JSON keeps to
the documented schema, no findings' hours are above those of which they are a part, and all files open: the report
loads nothing from elsewhere and its links lead somewhere, the workbook has rows, the A3 has text and can be drawn.

*Explained* is the part of the lead time of all cases that the findings of the applicants' ledger name; *further* are
findings that claim no time. CPU seconds and the peak of memory are those of the whole command; compiling is left out,
as the smallest log is audited once before.

Of the 45 logs of one generator (`drift-ceravolo`) every ninth is taken, with `--all` all; they are one row, its figures
added up but for the peak. Records lie in `work/every_log.jsonl`: an interrupted run goes on, and counts only what the
same code made. `--only` writes no page.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Timer
from typing import Any, Final

from compared_logs import find_logs
from environment import HERE, WORK, limit_threads
from every_log_checks import SCHEMA, STEM
from kept_records import identify_code

SHARED_DATA: Final = Path(os.environ.get("POTOK_SHARED_DATA", HERE.parents[1] / "shared" / "data"))
RECORDS: Final = WORK / "every_log.jsonl"
CHECKER: Final = HERE / "every_log_checks.py"
MOST_CPU_SECONDS: Final = 1200
MOST_WALL_SECONDS: Final = 6 * 3600
"""Against a command that hangs; long, as others may be using the machine."""
POOLED: Final = "drift-ceravolo"
EVERY_POOLED: Final = 9
OPTIONS: Final = {
    "drift-bose/bose_log.xes.gz": ("--split-cases-on", "trace"),
    "ocel/logistics.sqlite.gz": ("--object-type", "Container"),
    "ocel/ocel20_example.jsonocel": ("--object-type", "Invoice"),
    "ocel/ocel20_example.sqlite": ("--object-type", "Invoice"),
    "ocel/ocel20_example.xmlocel": ("--object-type", "Invoice"),
    "ocel/recruiting-red.jsonocel.gz": ("--object-type", "applications"),
}
"""Which objects are the cases; and that traces are, where five share an id (the README of that log says so)."""

HEAD: Final = "log | events | cases | CPU s | peak MiB | findings | further | explained | held"
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audited:
    """One audited log.

    Parameters
    ----------
    name
        Path below the folder of logs.
    code
        Of Potok and the checks that made the record.
    cpu_seconds, mib
        User and system time, and the peak of memory.
    events, cases, findings, further_findings
        Counts.
    explained_seconds, lead_seconds
        Of all cases: time that the applicants' ledger names, and lead time.
    failures
        Empty if everything held.
    """

    name: str
    code: str
    cpu_seconds: float
    mib: float
    failures: tuple[str, ...]
    events: int = 0
    cases: int = 0
    findings: int = 0
    further_findings: int = 0
    explained_seconds: float = 0.0
    lead_seconds: float = 0.0
    staff_seconds: float = 0.0
    work_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: CPU seconds, peak of memory, and its last words if not well."""

    cpu_seconds: float
    mib: float
    failure: str


def audit(name: str, *, data: Path, code: str) -> Audited:
    """Audit a log and check what was written."""
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        folder = Path(scratch)
        ended = run_audit(data / name, OPTIONS.get(name, ()), folder)
        if ended.failure:
            return Audited(name, code, ended.cpu_seconds, ended.mib, (ended.failure,))
        looked = subprocess.run(
            [sys.executable, str(CHECKER), str(folder)], capture_output=True, text=True, check=False
        )
        if looked.returncode:
            return Audited(name, code, ended.cpu_seconds, ended.mib, (f"checks: {_last_line(looked.stderr)}",))
        found: Record = json.loads(looked.stdout)
        failures = tuple(found.pop("failures"))
    return Audited(name, code, ended.cpu_seconds, ended.mib, failures, **found)


def run_audit(source: Path, options: Iterable[str], folder: Path) -> Ended:
    """Run the command in a process of its own, with nothing stored before and within the limits."""
    program = str(Path(sys.executable).with_name("potok"))
    files = ["-o", f"{STEM}.html", "--xlsx", f"{STEM}.xlsx", "--a3", f"{STEM}.docx", "--a3", f"{STEM}.pdf"]
    command = [program, "audit", str(source.resolve()), "--json", *files, "--lang", "ru", *options]
    # Neither stored logs nor the key of pseudonyms are to come from, or stay on, the machine.
    own = {"POTOK_CACHE_DIR": str(folder / "cache"), "XDG_CONFIG_HOME": str(folder / "config")}
    with (folder / f"{STEM}.json").open("wb") as record, (folder / "errors.txt").open("wb") as errors:
        child = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=record, stderr=errors)
        resource.prlimit(child.pid, resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
        timer = Timer(MOST_WALL_SECONDS, child.kill)
        timer.start()
        _child, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    cpu_seconds, said = usage.ru_utime + usage.ru_stime, (folder / "errors.txt").read_text(encoding="utf-8")
    words = _last_line(said) if child.returncode > 0 else f"ended from outside after {cpu_seconds:.0f} CPU s"
    failure = f"exit code {child.returncode}: {words}" if child.returncode else ""
    return Ended(cpu_seconds, usage.ru_maxrss / 1024, failure)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["(nothing said)"])[-1][:200]


def list_logs(data: Path, *, is_whole: bool) -> list[str]:
    """Return the logs' names, the smallest files first."""
    names = [log.name for log in find_logs(data)]
    pooled = [name for name in names if is_pooled(name)]
    left_out = set() if is_whole else set(pooled) - set(pooled[::EVERY_POOLED])
    return sorted(set(names) - left_out, key=lambda name: ((data / name).stat().st_size, name))


def is_pooled(name: str) -> bool:
    """Whether a log shares its row."""
    return name.startswith(POOLED + "/")


def read_records(code: str) -> dict[str, Audited]:
    """Return the records that the same code made, by log."""
    lines = RECORDS.read_text(encoding="utf-8").splitlines() if RECORDS.exists() else []
    records = [json.loads(line) for line in lines]
    known = [Audited(**(one | {"failures": tuple(one["failures"])})) for one in records if one["code"] == code]
    return {one.name: one for one in known}


def audit_all(names: list[str], *, data: Path, code: str) -> list[Audited]:
    """Audit the logs of which there is no record yet, keep each record, and return all."""
    known = read_records(code)
    missing = [name for name in names if name not in known]
    if missing:
        audit(missing[0], data=data, code=code)  # compiles
    for name in missing:
        known[name] = audit(name, data=data, code=code)
        with RECORDS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(known[name]), ensure_ascii=False) + "\n")
        print(row(name, [known[name]]), flush=True)
    return [known[name] for name in names]


def tabulate(audited: list[Audited], *, all_pooled: int) -> str:
    """Return the table, with one row for the logs of one generator."""
    pooled = [one for one in audited if is_pooled(one.name)]
    rows = {one.name: [one] for one in audited if not is_pooled(one.name)}
    if pooled:
        rows[f"{POOLED} ({len(pooled)} of {all_pooled})"] = pooled
    lines = [f"| {HEAD} |", "| " + " | ".join("---" for _cell in HEAD.split(" | ")) + " |"]
    return "\n".join(lines + [row(name, rows[name]) for name in sorted(rows)])


def row(name: str, audited: list[Audited]) -> str:
    """Return the row of a log, or of those that share it."""
    lead = sum(one.lead_seconds for one in audited)
    failures = [f"{one.name.rpartition('/')[2]}: {failure}" for one in audited for failure in one.failures]
    cells = (
        name,
        f"{sum(one.events for one in audited):,}",
        f"{sum(one.cases for one in audited):,}",
        f"{sum(one.cpu_seconds for one in audited):.0f}",
        f"{max(one.mib for one in audited):,.0f}",
        f"{sum(one.findings for one in audited)}",
        f"{sum(one.further_findings for one in audited)}",
        f"{sum(one.explained_seconds for one in audited) / lead:.1%}" if lead else "–",
        "**no:** " + "; ".join(failures).replace("|", "/") if failures else "yes",
    )
    return "| " + " | ".join(cells) + " |"


def write_page(table: str, audited: list[Audited]) -> None:
    """Write the page."""
    said = (__doc__ or "").split("\n\n", 2)[2].strip()
    held = sum(not one.failures for one in audited)
    page = f"# A complete audit of every public log\n\n{said}\n\n**{held} of {len(audited)} logs held.**\n\n{table}\n"
    (HERE / "every_log.md").write_text(page, encoding="utf-8")


def main() -> int:
    """Audit the logs, write the page, and tell whether all held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED_DATA, help="folder of the public logs (POTOK_SHARED_DATA)")
    parser.add_argument("--all", action="store_true", help=f"all logs of {POOLED}")
    parser.add_argument("--anew", action="store_true", help="forget what an earlier run found")
    parser.add_argument("--only", default="", help="only logs whose path contains this; writes no page")
    arguments = parser.parse_args()
    WORK.mkdir(exist_ok=True)
    limit_threads()
    if arguments.anew:
        RECORDS.unlink(missing_ok=True)
    whole = list_logs(arguments.data, is_whole=True)
    chosen = whole if arguments.all else list_logs(arguments.data, is_whole=False)
    names = [name for name in chosen if arguments.only in name]
    audited = audit_all(names, data=arguments.data, code=identify_code(also=(CHECKER, SCHEMA)))
    table = tabulate(audited, all_pooled=sum(is_pooled(name) for name in whole))
    if not arguments.only:
        write_page(table, audited)
    print(table)
    return 0 if audited and not any(one.failures for one in audited) else 1


if __name__ == "__main__":
    sys.exit(main())
