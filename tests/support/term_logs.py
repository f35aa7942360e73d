"""Random logs for terms: within one spring, in which summer time begins."""

from dataclasses import replace
from random import Random
from typing import Any

from support.random_logs import random_log
from support.tiny_store import SECOND, TinyEvent, TinyLog

DAY = 86_400
SPRING = 1_709_251_200 * SECOND  # 2024-03-01


def drawn(random: Random, **options: Any) -> TinyLog:
    """Draw a log within one spring, with every activity that the regulation names."""
    log = random_log(random, **options)
    events = [
        replace(e, enabled=near(e.enabled), started=near(e.started), completed=near(e.completed)) for e in log.events
    ]
    events += [TinyEvent("all", activity, completed=SPRING + i * DAY * SECOND) for i, activity in enumerate("ABCD")]
    opened, closed = ({case: near(at) for case, at in times.items()} for times in (log.opened, log.closed))
    return TinyLog(tuple(events), log.open_cases, opened, closed, SPRING + random.randint(0, 90) * DAY * SECOND)


def near(instant: int | None) -> int | None:
    return None if instant is None else SPRING + instant % (80 * DAY * SECOND)
