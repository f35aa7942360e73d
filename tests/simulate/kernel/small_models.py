"""Models so small that their outcome can be told by hand."""

from datetime import UTC, datetime
from itertools import pairwise

from potok.core.calendars import Calendar
from potok.simulate.model import (
    END,
    ArrivalKind,
    Arrivals,
    CaseType,
    Context,
    Distribution,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Person,
    ProcessModel,
    fixed,
)

START = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday
START_US = int(START.timestamp()) * 1_000_000
DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
OFFICE = Calendar("office", "UTC", (((540, 720), (780, 1020)),) * 5 + ((), ()), {}, 2020, 2040)
PLAIN = (CaseType("plain", 1.0),)


def queue_model(service: Distribution, *, people: int, load: float, seconds: float = 600.0) -> ProcessModel:
    """Build one activity, at random arrivals, done around the clock."""
    return ProcessModel(
        "queue",
        "UTC",
        Arrivals(ArrivalKind.POISSON, START, per_day=people * load / seconds * 86_400),
        PLAIN,
        sequence("serve"),
        (ModelActivity("serve", service),),
        (ModelPool("clerks", ("serve",), tuple(Person(f"clerk {place}") for place in range(people))),),
    )


def sequence(*names: str, concurrent: tuple[tuple[str, str], ...] = ()) -> HistoryRouting:
    """Build the routing of cases that have these activities once each, in this order."""
    contexts = [Context((), ((END, 1.0),)), Context((), ((names[0], 1.0),), is_start=True)]
    contexts += [Context((one,), ((other, 1.0),)) for one, other in pairwise(names)]
    return HistoryRouting(tuple(contexts), concurrent)


def every(hours: float, *, calendar: str = "", start_at: datetime = START) -> Arrivals:
    """Build arrivals that come one after another at a fixed distance."""
    return Arrivals(ArrivalKind.RENEWAL, start_at, inter_arrival=fixed(hours * 3600), calendar=calendar)


def hours_of(values: object) -> list[float]:
    """Return instants as hours since the start."""
    return [round((int(at) - START_US) / HOUR_US, 6) for at in values]  # type: ignore[attr-defined]
