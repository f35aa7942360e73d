"""Made-up work of a pool with known hours, delays and priorities, and work read from the public logs."""

import csv
import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

import numpy as np

from potok.discover.resource_calendars.work import NOBODY, UNKNOWN, ResourceWork

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Monday, 4 January 2021.
MONDAY = (datetime(2021, 1, 4, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True)
class Task:
    """One instance, in microseconds UTC."""

    case: int
    activity: int
    resource: int
    enabled: int | None
    started: int | None
    completed: int | None


def work_of(tasks: list[Task], *, zone: str = "UTC") -> ResourceWork:
    """Return tasks as columns, in their order."""

    def instants(name: str) -> np.ndarray:
        values = [getattr(task, name) for task in tasks]
        return np.array([UNKNOWN if value is None else value for value in values], dtype=np.int64)

    return ResourceWork(
        case=np.array([task.case for task in tasks], dtype=np.int64),
        activity=np.array([task.activity for task in tasks], dtype=np.int32),
        resource=np.array([task.resource for task in tasks], dtype=np.int32),
        enabled_us=instants("enabled"),
        started_us=instants("started"),
        completed_us=instants("completed"),
        zone=zone,
    )


def is_office_hour(at: int) -> bool:
    """Monday to Friday, nine to five, in UTC."""
    return (at // DAY + 3) % 7 < 5 and 9 * HOUR <= at % DAY < 17 * HOUR


def next_open(at: int, is_open: Callable[[int], bool]) -> int:
    """Return the first instant of duty from `at` on; hours begin on whole quarters."""
    while not is_open(at):
        at = at // (15 * MINUTE) * 15 * MINUTE + 15 * MINUTE
    return at


def made_up_pool(
    *,
    seed: int = 1,
    weeks: int = 8,
    resources: int = 3,
    arrivals_an_hour: float = 1.2,
    service_minutes: float = 30.0,
    delay: Callable[[Random, int], int] = lambda random, case: 0,
    urgency: Callable[[int], int] = lambda case: 0,
    is_open: Callable[[int], bool] = is_office_hour,
    is_arriving: Callable[[int], bool] = lambda at: True,
) -> tuple[list[Task], list[int]]:
    """Simulate one activity of a pool; return its tasks and the delay of each, microseconds.

    Cases come where `is_arriving` lets them. Each lies for its delay and then waits for somebody free and on duty, who
    takes the most urgent, and of these the one that was ready first.
    """
    random = Random(seed)
    arrivals, at = [], MONDAY
    while at < MONDAY + weeks * 7 * DAY:
        at += round(random.expovariate(arrivals_an_hour / HOUR))
        if is_arriving(at):
            arrivals.append(at)
    delays = [delay(random, case) for case in range(len(arrivals))]
    ready = [arrived + waited for arrived, waited in zip(arrivals, delays, strict=True)]
    free_at = [MONDAY] * resources
    open_cases, tasks = set(range(len(arrivals))), []
    by_ready = sorted(open_cases, key=lambda case: ready[case])
    next_ready = 0
    while open_cases:
        resource = min(range(resources), key=lambda one: (free_at[one], one))
        while by_ready[next_ready] not in open_cases:
            next_ready += 1
        now = next_open(max(free_at[resource], ready[by_ready[next_ready]]), is_open)
        waiting = [case for case in _until(by_ready[next_ready:], ready, now) if case in open_cases]
        case = min(waiting, key=lambda one: (urgency(one), ready[one]))
        lasting = max(SECOND, round(random.expovariate(1 / (service_minutes * MINUTE))))
        tasks.append(Task(case, 0, resource, arrivals[case], now, now + lasting))
        free_at[resource] = now + lasting
        open_cases.remove(case)
    return tasks, [delays[task.case] for task in tasks]


def _until(cases: list[int], ready: list[int], now: int) -> Iterator[int]:
    for case in cases:
        if ready[case] > now:
            return
        yield case


@dataclass(frozen=True)
class PublicWork:
    """Work of a public log, with the labels of its codes and one more column."""

    work: ResourceWork
    activities: list[str]
    resources: list[str]
    rows: list[dict[str, str]]


def read_public_work(path: Path, *, columns: tuple[str, str, str, str, str | None, str, str]) -> PublicWork:
    """Read a log: the columns are case, activity, resource, start, end's predecessor (enablement), and so on.

    Parameters
    ----------
    columns
        Case, activity, resource, start, enablement (None if there is none), end, and a column to keep.
    """
    case, activity, resource, start, enabled, end, _kept = columns
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    codes: dict[str, dict[str, int]] = {name: {} for name in (case, activity, resource)}
    numbers = {name: count() for name in codes}

    def code(name: str, row: dict[str, str]) -> int:
        if row[name] not in codes[name]:
            codes[name][row[name]] = next(numbers[name])
        return codes[name][row[name]]

    tasks = [
        Task(
            code(case, row),
            code(activity, row),
            code(resource, row) if row[resource] else NOBODY,
            _instant(row[enabled]) if enabled else None,
            _instant(row[start]),
            _instant(row[end]),
        )
        for row in rows
    ]
    return PublicWork(work_of(tasks), list(codes[activity]), list(codes[resource]), rows)


def _instant(text: str) -> int:
    at = datetime.fromisoformat(text)
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - EPOCH) // timedelta(microseconds=1)
