"""Small models of both kinds of routing, made by hand."""

from dataclasses import replace
from datetime import UTC, datetime

from potok.core.calendars import calendar_from_mapping
from potok.core.regulations import Term, TermUnit
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    CaseType,
    Consequence,
    Context,
    Flow,
    GraphRouting,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    ProcessModel,
    exponential,
    fixed,
)

START_AT = datetime(2024, 1, 1, tzinfo=UTC)
OFFICE = calendar_from_mapping(
    {
        "schema": "potok.calendar/1",
        "zone": "UTC",
        "first_year": 1990,
        "last_year": 2100,
        "weekly": {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
        "holidays": [START_AT.date()],
    }
)
NAMES = ("Receive", "Check", "Verify", "Decide", "Refuse")
HISTORY = HistoryRouting(
    contexts=(
        Context((), (("Receive", 1.0),)),
        Context((), (("Receive", 1.0),), is_start=True),
        Context(("Receive",), (("Check", 1.0),)),
        Context(("Check",), (("Verify", 0.8), ("Refuse", 0.2)), runs=100),
        Context(("Receive", "Check"), (("Verify", 0.9), ("Refuse", 0.1)), runs=50),
        Context(("Verify",), (("Decide", 1.0),)),
        Context(("Decide",), (("", 1.0),)),
        Context(("Refuse",), (("", 1.0),)),
    )
)
GRAPH = GraphRouting(
    nodes=(
        Node("begin", ElementKind.START),
        Node("receive", ElementKind.TASK, "Receive"),
        Node("check", ElementKind.TASK, "Check"),
        Node("choice", ElementKind.EXCLUSIVE),
        Node("verify", ElementKind.TASK, "Verify"),
        Node("decide", ElementKind.TASK, "Decide"),
        Node("refuse", ElementKind.TASK, "Refuse"),
        Node("join", ElementKind.EXCLUSIVE),
        Node("end", ElementKind.END),
    ),
    flows=(
        Flow("begin", "receive"),
        Flow("receive", "check"),
        Flow("check", "choice"),
        Flow("choice", "verify", 0.8),
        Flow("choice", "refuse", 0.2),
        Flow("verify", "decide"),
        Flow("decide", "join"),
        Flow("refuse", "join"),
        Flow("join", "end"),
    ),
)


def permit_model(*, is_graph: bool = False) -> ProcessModel:
    """Five activities, two pools, two case types; the way forks after “Check”."""
    return ProcessModel(
        name="permits",
        zone="UTC",
        arrivals=Arrivals(ArrivalKind.POISSON, START_AT, per_day=20.0, hour_of_week_shares=(1 / 168,) * 168),
        case_types=(CaseType("plain", 0.75), CaseType("urgent", 0.25)),
        routing=GRAPH if is_graph else HISTORY,
        activities=tuple(
            ModelActivity(name, exponential(600.0) if name != "Refuse" else fixed(60.0), cost=2.0, applicant_seconds=30)
            for name in NAMES
        ),
        pools=(
            ModelPool("Clerks", ("Receive", "Check", "Refuse"), tuple(Person(f"c{n}") for n in range(3)), "office"),
            ModelPool("Officers", ("Verify", "Decide"), (Person("o1", availability=0.5), Person("o2")), "office"),
        ),
        calendars={"office": OFFICE},
        consequences=(Consequence("reversed", "Verify", 0.02, 0.06),),
    )


def with_term(model: ProcessModel) -> ProcessModel:
    return replace(model, term=Term("answer", 10, TermUnit.CALENDAR_DAYS))
