"""Results of tasks: the best of all rounds, and whether the tools agree."""

import json
import os
import shutil
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from measure import Measurement, measure_command
from operations import KNOWN_DIGESTS, Digest
from tasks import Task

DIGEST_TOLERANCE = 1.0
"""Digests hold rounded sums of floating-point numbers, added up in different orders."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a task took.

    Parameters
    ----------
    operation, tool, events
        As in `Task`.
    cpu_seconds
        Least over all runs: a shared machine only ever adds. None if there is no result.
    wall_seconds
        Median over all runs.
    peak_mib
        Highest over all runs.
    digest
        By which results of different tools are compared.
    error
        Why there is no result; else empty.
    rounds
        How many runs this is the result of.
    """

    operation: str
    tool: str
    events: int
    cpu_seconds: float | None = None
    wall_seconds: float | None = None
    peak_mib: float | None = None
    digest: Digest = ()
    error: str = ""
    rounds: int = 1


@dataclass(frozen=True, slots=True)
class ResultTable:
    """All results of a run."""

    results: tuple[Result, ...]

    def find(self, operation: str, *, tool: str, events: int) -> Result | None:
        """Return the result of a task, or None if it was not run or failed."""
        for result in self.results:
            if (result.operation, result.tool, result.events) == (operation, tool, events) and not result.error:
                return result
        return None

    def floor(self, operation: str, *, events: int) -> Result | None:
        """Return the cheaper of the results written by hand."""
        found = (self.find(operation, tool=tool, events=events) for tool in ("duckdb", "polars"))
        return min((result for result in found if result), key=lambda result: result.cpu_seconds or 0, default=None)

    def failures(self) -> tuple[str, ...]:
        """Return what failed of Potok's own."""
        failed = (result for result in self.results if result.tool == "potok" and result.error)
        return tuple(f"{result.operation} at {result.events}: {result.error}" for result in failed)

    def disagreements(self) -> tuple[str, ...]:
        """Return the operations for which tools gave different digests, or others than the published log gives."""
        by_operation: dict[tuple[str, int], dict[str, Digest]] = {}
        for result in self.results:
            if result.digest:
                key = (result.operation, result.events)
                known = {"published": KNOWN_DIGESTS[key]} if key in KNOWN_DIGESTS else {}
                by_operation.setdefault(key, known)[result.tool] = result.digest
        return tuple(
            f"{operation} at {events}: " + ", ".join(f"{tool} {digest}" for tool, digest in digests.items())
            for (operation, events), digests in by_operation.items()
            if not all(_agree(next(iter(digests.values())), digest) for digest in digests.values())
        )


def _agree(first: Digest, second: Digest) -> bool:
    return len(first) == len(second) and all(
        abs(one - other) <= DIGEST_TOLERANCE for one, other in zip(first, second, strict=True)
    )


def update_results(folder: Path, table: ResultTable) -> ResultTable:
    """Return the results written before in `folder`, with those operations replaced that `table` measured again.

    An operation at one size is replaced for all tools at once, so that ratios are always of one run.
    """
    written = json.loads((folder / "results.json").read_text(encoding="utf-8"))["results"]
    before = [Result(**{**record, "digest": tuple(record["digest"])}) for record in written]
    again = {(result.operation, result.events) for result in table.results}
    kept = tuple(result for result in before if (result.operation, result.events) not in again)
    return ResultTable((*kept, *table.results))


def run_tasks(tasks: Iterable[Task]) -> tuple[Result, ...]:
    """Run tasks in rounds, every task once a round, so that noise from other work falls on all of them.

    A task that failed is not run again.
    """
    chosen = list(tasks)
    runs: dict[int, list[Result]] = {index: [] for index in range(len(chosen))}
    for round_number in range(max((task.rounds for task in chosen), default=0)):
        for index, task in enumerate(chosen):
            failed = any(result.error for result in runs[index])
            if round_number < task.rounds and not failed:
                runs[index].append(run_once(task))
                print(_line(runs[index][-1]), flush=True)
    return tuple(_combine(results) for results in runs.values())


def run_once(task: Task) -> Result:
    """Run a task once."""
    for folder in (task.store, task.cache):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
            folder.parent.mkdir(parents=True, exist_ok=True)
    own = {"POTOK_CACHE_DIR": str(task.cache)} if task.cache else {}
    measured = measure_command(task.command, limits=task.limits, environment={**os.environ, **own})
    if measured.error:
        return Result(task.operation, task.tool, task.events, peak_mib=measured.peak_mib, error=measured.error)
    return _own_figures(task, measured=measured) if task.reports_itself else _process_figures(task, measured=measured)


def _process_figures(task: Task, *, measured: Measurement) -> Result:
    return Result(
        task.operation,
        task.tool,
        task.events,
        cpu_seconds=measured.cpu_seconds,
        wall_seconds=measured.wall_seconds,
        peak_mib=measured.peak_mib,
        digest=() if task.store is None else (_events_in(task.store),),
    )


def _events_in(store: Path) -> int:
    manifest = json.loads((store / "manifest.json").read_text(encoding="utf-8"))
    return int(manifest["log"]["activity_instances"])


def _own_figures(task: Task, *, measured: Measurement) -> Result:
    figures = json.loads(measured.output.strip().splitlines()[-1])
    return Result(
        task.operation,
        task.tool,
        task.events,
        cpu_seconds=min(figures["cpu_seconds"]),
        wall_seconds=statistics.median(figures["wall_seconds"]),
        peak_mib=figures["peak_mib"],
        digest=tuple(figures["digest"]),
    )


def _combine(results: list[Result]) -> Result:
    last = results[-1]
    if last.error:
        return last
    return Result(
        last.operation,
        last.tool,
        last.events,
        cpu_seconds=min(result.cpu_seconds for result in results if result.cpu_seconds is not None),
        wall_seconds=statistics.median(result.wall_seconds for result in results if result.wall_seconds is not None),
        peak_mib=max(result.peak_mib for result in results if result.peak_mib is not None),
        digest=last.digest,
        rounds=len(results),
    )


def _line(result: Result) -> str:
    head = f"{result.operation:24} {result.tool:14} {result.events:>11,}"
    if result.error:
        return f"{head}  failed: {result.error}"
    return (
        f"{head}  CPU {result.cpu_seconds:8.3f} s  wall {result.wall_seconds:8.3f} s  peak {result.peak_mib:7.0f} MiB"
    )
