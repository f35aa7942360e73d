"""Made-up logs with known changes and known differences, as CSV text."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

BEGINS = datetime(2023, 1, 2, 8, tzinfo=UTC)
HOUR = 1 / 24


@dataclass(frozen=True)
class MadeCase:
    """One case: what was known of it, its activities, the hours before each, and who did it."""

    opened: datetime
    activities: tuple[str, ...]
    hours: tuple[float, ...]
    channel: str = "office"
    who: str = "Anna"
    is_open: bool = False


def csv_of(cases: list[MadeCase]) -> str:
    """Return cases as a CSV file in random order of cases; open ones lack the closing activity ``Close``."""
    lines = []
    for number, case in enumerate(cases):
        at = case.opened
        for activity, hours in zip(case.activities, case.hours, strict=True):
            at += timedelta(hours=hours)
            lines.append(f"{number},{activity},{at:%Y-%m-%d %H:%M:%S},{case.channel},{case.who}")
    Random(1).shuffle(lines)
    return "case,activity,time,channel,who\n" + "\n".join(lines) + "\n"


def changing_log(
    *, cases: int = 400, change: int = 250, after: Callable[[Random], MadeCase] | None = None, seed: int = 1
) -> str:
    """Return a log with a case every two hours, made by `usual_case` before the change and by `after` from it on."""
    random = Random(seed)
    made = []
    for number in range(cases):
        case = (usual_case if number < change or after is None else after)(random)
        opened = BEGINS + timedelta(hours=2 * number)
        made.append(MadeCase(opened, case.activities, case.hours, case.channel, case.who))
    return csv_of(made)


def usual_case(random: Random) -> MadeCase:
    """Return a case that is registered, checked and weighed in either order, decided and closed."""
    middle = ["Check", "Weigh"] if random.random() < 0.5 else ["Weigh", "Check"]
    again = ["Check"] if random.random() < 0.2 else []
    return paced(random, ("Register", *middle, *again, "Decide", "Close"))


def without_weighing(random: Random) -> MadeCase:
    """Return a case that is no longer weighed."""
    return paced(random, ("Register", "Check", "Decide", "Close"))


def far_swapped(random: Random) -> MadeCase:
    """Return a case in which the decision comes first and the registration late."""
    return paced(random, ("Decide", "Check", "Weigh", "Register", "Close"))


def slower(random: Random) -> MadeCase:
    """Return a usual case that takes twice as long."""
    case = usual_case(random)
    return MadeCase(case.opened, case.activities, tuple(2 * hours for hours in case.hours))


def by_portal(random: Random) -> MadeCase:
    """Return a usual case, mostly by the portal."""
    case = usual_case(random)
    return MadeCase(case.opened, case.activities, case.hours, "portal" if random.random() < 0.8 else "office")


def by_boris(random: Random) -> MadeCase:
    """Return a usual case by another employee."""
    case = usual_case(random)
    return MadeCase(case.opened, case.activities, case.hours, who="Boris")


def paced(random: Random, activities: tuple[str, ...]) -> MadeCase:
    """Return a case with a random time before each activity but the first."""
    return MadeCase(BEGINS, activities, (0.0, *(random.expovariate(1 / 3) for _activity in activities[1:])))
