"""What `run` measures: for every operation, size and tool the command, its limits and how often it is repeated."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from environment import HERE
from measure import Limits

CHILD: Final = str(HERE / "child.py")
SMALL_XES, LARGE_XES = 250_000, 1_000_000
FULL_EVENTS: Final = 100_000_000
MEMORY_LIMIT_MIB: Final = 6 * 1024.0
PEER_LIMITS: Final = Limits(seconds=600, memory_mib=12 * 1024.0)
REPEATS: Final = 3
MEASURES: Final = ("directly_follows", "variants", "rework", "hand_over")
TIMES: Final = {
    "calendar_graph": ("polars",),
    "calendar_durations": ("duckdb", "polars"),
    "temporal_profile": ("polars",),
    "waiting": ("polars",),
    "deadlines": ("duckdb", "polars"),
}
"""Measures of time, and the tools in which they are written by hand."""

TIMES_OF_PEERS: Final = ("calendar_graph", "calendar_durations", "temporal_profile")
WITHOUT_COUNTERPART: Final = ("whole_graph", "hand_over_times")
"""Measures of Potok that do more than any floor or peer."""

START_ROUNDS: Final = 15


@dataclass(frozen=True, slots=True)
class Task:
    """One tool doing one operation on the log of one size.

    Parameters
    ----------
    operation, tool, events
        What is measured; `events` is 0 where the benchmark's log is not used.
    command
        The program and its arguments.
    limits
        When it is stopped.
    rounds
        How often the command is run.
    reports_itself
        Whether the command is ``child.py``, which measures the operation alone and prints its figures; else the whole
        process is measured.
    store
        The store that the command makes, removed before every round; its count of events is the digest.
    cache
        Folder given to Potok as its cache, removed before every round too; None for the user's own.
    """

    operation: str
    tool: str
    events: int
    command: tuple[str, ...]
    limits: Limits
    rounds: int
    reports_itself: bool = False
    store: Path | None = None
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """Where things are: our and the peers' Python, the generated logs and the stores made of them."""

    peers_python: Path
    work: Path

    @property
    def potok(self) -> str:
        """The installed command."""
        return str(Path(sys.executable).parent / "potok")

    def store(self, name: str) -> Path:
        """Return the folder of a store."""
        return self.work / "stores" / name


def child_task(module: str, operation: str, tool: str, source: Path, *, events: int, python: str, rounds: int) -> Task:
    """Return the task of running an operation through ``child.py``."""
    limits = Limits(seconds=600) if module != "peers" else PEER_LIMITS
    repeats = REPEATS if operation in (*MEASURES, *TIMES, *WITHOUT_COUNTERPART) else 1
    command = (python, CHILD, module, operation, tool, str(source), "--repeats", str(repeats))
    return Task(operation, tool, events, command, limits, rounds, reports_itself=True)


def import_task(
    operation: str, source: Path, *, events: int, store: Path, potok: str, rounds: int, options: tuple[str, ...] = ()
) -> Task:
    """Return the task of importing a source with Potok."""
    command = (potok, "import", str(source), "--into", str(store), "--plain-ids", *options)
    limits = Limits(seconds=3600, memory_mib=MEMORY_LIMIT_MIB)
    return Task(operation, "potok", events, command, limits, rounds, store=store)


def import_tasks(source: Path, *, events: int, environment: Environment, rounds: int) -> Iterator[Task]:
    """Yield the import of the shuffled CSV: ours, by hand, pm4py's reading alone."""
    store = environment.store(f"log_{events}")
    yield import_task("import_csv", source, events=events, store=store, potok=environment.potok, rounds=rounds)
    for tool in ("duckdb", "polars"):
        yield child_task("floors", "import_csv", tool, source, events=events, python=sys.executable, rounds=rounds)
    peers = str(environment.peers_python)
    yield child_task("peers", "import_csv", "pm4py", source, events=events, python=peers, rounds=min(rounds, 2))


def measure_tasks(source: Path, *, events: int, environment: Environment, rounds: int) -> Iterator[Task]:
    """Yield the measures on a finished store, by hand on a loaded frame, and the peers' on theirs."""
    store, peers = environment.store(f"log_{events}"), str(environment.peers_python)
    peer_rounds = rounds if events <= LARGE_XES else 1
    for operation in MEASURES:
        yield child_task("ours", operation, "potok", store, events=events, python=sys.executable, rounds=rounds)
        for tool in ("duckdb", "polars"):
            yield child_task("floors", operation, tool, source, events=events, python=sys.executable, rounds=rounds)
        yield child_task("peers", operation, "pm4py", source, events=events, python=peers, rounds=peer_rounds)
    for operation in WITHOUT_COUNTERPART:
        yield child_task("ours", operation, "potok", store, events=events, python=sys.executable, rounds=rounds)
    for tool in ("pm4py", "r4pm"):
        yield child_task(
            "peers", "directly_follows_counts", tool, source, events=events, python=peers, rounds=peer_rounds
        )


def times_tasks(source: Path, *, events: int, environment: Environment, rounds: int) -> Iterator[Task]:
    """Yield the measures of time: ours, by hand, and the peers' at 1M events only, where they take seconds."""
    store, peers = environment.store(f"log_{events}"), str(environment.peers_python)
    for operation, tools in TIMES.items():
        yield child_task("ours", operation, "potok", store, events=events, python=sys.executable, rounds=rounds)
        for tool in tools:
            yield child_task(
                "floors_times", operation, tool, source, events=events, python=sys.executable, rounds=rounds
            )
        if operation in TIMES_OF_PEERS and events <= LARGE_XES:
            yield child_task("peers", operation, "pm4py", source, events=events, python=peers, rounds=1)


def xes_tasks(source: Path, *, events: int, environment: Environment, rounds: int) -> Iterator[Task]:
    """Yield the import of XES; the smaller size shows whether memory grows with the file."""
    store, peers = environment.store(f"xes_{events}"), str(environment.peers_python)
    yield import_task("import_xes", source, events=events, store=store, potok=environment.potok, rounds=rounds)
    if events == LARGE_XES:
        for tool in ("r4pm", "pm4py+rustxes"):
            yield child_task("peers", "import_xes", tool, source, events=events, python=peers, rounds=rounds)


def start_tasks(environment: Environment) -> Iterator[Task]:
    """Yield the start of the command line, against importing the library it is written with."""
    limits = Limits(seconds=60)
    yield Task("start", "potok", 0, (environment.potok, "--help"), limits, START_ROUNDS)
    yield Task("start", "typer", 0, (sys.executable, "-c", "import typer"), limits, START_ROUNDS)


def audit_task(source: Path, *, environment: Environment, rounds: int) -> Task:
    """Return the task of a whole audit of a real log, from the compressed source to HTML."""
    cache, report = environment.work / "audit-cache", environment.work / "audit.html"
    command = (environment.potok, "audit", str(source), "--output", str(report), "--plain-ids")
    return Task("audit", "potok", 0, command, Limits(seconds=300), rounds, cache=cache)


def full_tasks(source: Path, *, environment: Environment) -> Iterator[Task]:
    """Yield import and measures of a hundred million events, everything within `MEMORY_LIMIT_MIB`."""
    store = environment.store(f"log_{FULL_EVENTS}")
    # Ten million cases need more than the engine's usual two gigabytes; Python's own memory comes on top.
    more = ("--memory", "4GB")
    potok = environment.potok
    yield import_task("import_parquet", source, events=FULL_EVENTS, store=store, potok=potok, rounds=1, options=more)
    for operation in (*MEASURES, *WITHOUT_COUNTERPART):
        yield child_task("ours", operation, "potok", store, events=FULL_EVENTS, python=sys.executable, rounds=1)
