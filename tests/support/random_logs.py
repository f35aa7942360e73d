"""Random logs full of what breaks measures: ties, gaps in the data, and instants around awkward dates."""

from datetime import UTC, datetime
from random import Random

from support.tiny_store import SECOND, TinyEvent, TinyLog

# Midnight, both changes of daylight saving in Europe, the end of 32-bit seconds, and a year before 1970.
AWKWARD_INSTANTS = tuple(
    int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND
    for text in (
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:01",
        "2024-01-02T00:00:00",
        "2024-03-31T00:59:59",
        "2024-03-31T01:00:00",
        "2024-10-27T00:59:59",
        "2024-10-27T01:00:00",
        "2038-01-19T03:14:07",
        "2038-01-19T03:14:08",
        "2106-02-07T06:28:16",
        "1969-12-31T23:59:59",
    )
)
ACTIVITIES = ("A", "B", "C", "D")
HOLDERS = ("x", "y", None)


def random_log(random: Random, *, cases: int = 6, without_ties: bool = False) -> TinyLog:
    """Make a log of at most so many cases.

    With `without_ties` no two instances of a case happen at the same instant, so that the order of rows is immaterial.
    """
    names = [f"case {number}" for number in range(random.randint(1, cases))]
    has_starts, has_holders = random.random() < 0.8, random.random() < 0.8
    events = []
    for name in names:
        for _ in range(random.choice((1, 1, 2, 3, 5, 8))):
            offset = len(events) if without_ties else random.choice((0, 0, 1))
            events.append(_event(random, name, offset, has_starts=has_starts, has_holders=has_holders))
    random.shuffle(events)
    return TinyLog(
        tuple(events),
        open_cases=frozenset(name for name in names if random.random() < 0.3),
        opened={name: random.choice(AWKWARD_INSTANTS) for name in names if random.random() < 0.1},
        closed={name: random.choice(AWKWARD_INSTANTS) for name in names if random.random() < 0.1},
        extracted=random.choice((None, *AWKWARD_INSTANTS)),
    )


def _event(random: Random, case: str, offset: int, *, has_starts: bool, has_holders: bool) -> TinyEvent:
    enabled, started, completed = (random.choice(AWKWARD_INSTANTS) + offset for _ in range(3))
    if random.random() < 0.8:
        enabled, started, completed = sorted((enabled, started, completed))
    is_completed = random.random() < 0.9 or not has_starts
    return TinyEvent(
        case=case,
        activity=random.choice(ACTIVITIES),
        enabled=enabled if random.random() < 0.3 else None,
        started=started if has_starts and (not is_completed or random.random() < 0.8) else None,
        completed=completed if is_completed else None,
        resource=random.choice(HOLDERS) if has_holders else None,
        org_unit=random.choice(HOLDERS) if has_holders else None,
    )


def union(logs: list[TinyLog]) -> TinyLog:
    """Put logs side by side in one, with labels and cases of their own; all share one extraction."""
    events, open_cases, opened, closed = [], set(), {}, {}
    for number, log in enumerate(logs):
        events += [_renamed(event, f"{number:03}:") for event in log.events]
        open_cases |= {f"{number:03}:{case}" for case in log.open_cases}
        opened |= {f"{number:03}:{case}": instant for case, instant in log.opened.items()}
        closed |= {f"{number:03}:{case}": instant for case, instant in log.closed.items()}
    return TinyLog(tuple(events), frozenset(open_cases), opened, closed, max(log.extracted_us for log in logs))


def _renamed(event: TinyEvent, prefix: str) -> TinyEvent:
    return TinyEvent(
        case=prefix + event.case,
        activity=prefix + event.activity,
        enabled=event.enabled,
        started=event.started,
        completed=event.completed,
        resource=event.resource and prefix + event.resource,
        org_unit=event.org_unit and prefix + event.org_unit,
    )
