"""Processes whose truth is known, and the changes that are tried on them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from potok.core.calendars import calendar_from_mapping
from potok.core.change import (
    AddStaff,
    Automate,
    Change,
    ChangeCalendar,
    ChangeDemand,
    Merge,
    Move,
    Remove,
    Reorder,
    Reroute,
)
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    CaseType,
    Distribution,
    DistributionKind,
    Flow,
    GraphRouting,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    ProcessModel,
    exponential,
    fixed,
)
from potok.simulate.prosimos import import_prosimos

DATA = Path(os.environ.get("POTOK_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
START = datetime(2024, 1, 8, tzinfo=UTC)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
LONG_WEEK = tuple((day, ("08:00-20:00",)) for day in WEEKDAYS)
ROUND_THE_CLOCK = tuple((day, ("00:00-24:00",)) for day in (*WEEKDAYS, "saturday", "sunday"))
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A process, the changes tried on it, where delays are put into it, and who is shared with a hidden one."""

    name: str
    model: ProcessModel
    changes: Mapping[str, Change]
    delayed: tuple[str, ...]
    shared_pool: str
    is_imported: bool = False


def list_subjects(*, data: Path = DATA) -> tuple[Subject, ...]:
    """Return all processes; those of Prosimos only where their files are."""
    own = (_permits(), _parallel(), _shared_expert())
    return (*own, _loans(data), _purchases(data)) if (data / "sim-loan-application").is_dir() else own


def _office(*hours: str) -> dict[str, object]:
    return {
        "schema": "potok.calendar/1",
        "zone": "UTC",
        "first_year": 1990,
        "last_year": 2100,
        "weekly": {day: list(hours) for day in WEEKDAYS},
        "holidays": [],
    }


CALENDARS = {
    "office": calendar_from_mapping(_office("09:00-13:00", "14:00-18:00")),
    "heads": calendar_from_mapping(_office("10:00-14:00")),
}


def _work(kind: DistributionKind, minutes: float, variation: float) -> Distribution:
    return Distribution(kind, mean_seconds=minutes * MINUTE, sd_seconds=minutes * MINUTE * variation)


def _gamma(minutes: float, variation: float = 0.7) -> Distribution:
    return _work(DistributionKind.GAMMA, minutes, variation)


def _lognormal(minutes: float, variation: float = 1.0) -> Distribution:
    return _work(DistributionKind.LOGNORMAL, minutes, variation)


def _pool(name: str, does: Sequence[str], people: int, calendar: str = "office") -> ModelPool:
    return ModelPool(name, tuple(does), tuple(Person(f"{name} {number}") for number in range(1, people + 1)), calendar)


def _graph(steps: Mapping[str, object]) -> GraphRouting:
    """Return a graph from what follows each node; names with ``?`` are exclusive gateways, with ``+`` parallel ones."""
    kinds = {"?": ElementKind.EXCLUSIVE, "+": ElementKind.PARALLEL}
    targets = {target for following in steps.values() for target in _targets(following)}
    nodes = []
    for name in dict.fromkeys((*steps, *targets)):
        if name in ("start", "end"):
            nodes.append(Node(name, ElementKind.START if name == "start" else ElementKind.END))
        elif name[0] in kinds:
            nodes.append(Node(name, kinds[name[0]]))
        else:
            nodes.append(Node(name, ElementKind.TASK, name))
    flows = [flow for name, following in steps.items() for flow in _flows(name, following)]
    return GraphRouting(tuple(nodes), tuple(flows))


def _targets(following: object) -> tuple[str, ...]:
    return (following,) if isinstance(following, str) else tuple(following)


def _flows(name: str, following: object) -> list[Flow]:
    if not isinstance(following, Mapping):
        return [Flow(name, target) for target in _targets(following)]
    shares = {target: share if isinstance(share, tuple) else (share, ()) for target, share in following.items()}
    return [Flow(name, target, share, by_type) for target, (share, by_type) in shares.items()]


def _model(
    name: str,
    routing: GraphRouting,
    activities: tuple[ModelActivity, ...],
    pools: tuple[ModelPool, ...],
    *,
    types: tuple[CaseType, ...] = (CaseType("application", 1.0),),
) -> ProcessModel:
    busy = [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    shares = [1.0 / 60 if hour in busy and day < 5 else 0.0 for day in range(7) for hour in range(24)]
    arrivals = Arrivals(ArrivalKind.POISSON, START, per_day=20.0, hour_of_week_shares=tuple(shares))
    return ProcessModel(name, "UTC", arrivals, types, routing, activities, pools, calendars=CALENDARS)


def _machine(name: str, duration: Distribution) -> ModelActivity:
    return ModelActivity(name, duration, is_automatic=True)


def _permits() -> Subject:
    """Three pools on two calendars, one after another; papers are asked for, and heads send cases back."""
    routing = _graph(
        {
            "start": "Apply",
            "Apply": "Register",
            "Register": "?in",
            "?in": "Check papers",
            "Check papers": "?complete",
            "?complete": {"Supply papers": 0.2, "?review": 0.8},
            "Supply papers": "?in",
            "?review": "Review",
            "Review": "Verify",
            "Verify": "Sign",
            "Sign": "?signed",
            "?signed": {"?review": 0.12, "Issue": 0.88},
            "Issue": "end",
        }
    )
    activities = (
        _machine("Apply", fixed(10.0)),
        ModelActivity("Register", _gamma(12)),
        ModelActivity("Check papers", _lognormal(25)),
        _machine("Supply papers", exponential(3 * DAY)),
        ModelActivity("Review", _lognormal(75)),
        ModelActivity("Verify", _gamma(35)),
        ModelActivity("Sign", exponential(14 * MINUTE)),
        ModelActivity("Issue", _gamma(10)),
    )
    pools = (
        _pool("clerks", ("Register", "Check papers", "Issue"), 4),
        _pool("experts", ("Review", "Verify"), 8),
        _pool("heads", ("Sign",), 2, "heads"),
    )
    changes: dict[str, Change] = {
        "remove": Remove("Verify"),
        "merge": Merge(("Review", "Verify"), into="Review and verify", duration_seconds=90 * MINUTE),
        "automate": Automate("Check papers", duration_seconds=60.0),
        "staff +1": AddStaff("Review", count=1),
        "staff -1": AddStaff("Register", count=-1),
        "calendar": ChangeCalendar("Sign", weekly=tuple((day, ("09:00-18:00",)) for day in WEEKDAYS)),
        "demand +25 %": ChangeDemand(1.25),
        "demand -25 %": ChangeDemand(0.75),
        "reroute": Reroute("Check papers", to_activity="Supply papers", share=0.05),
        "reorder": Move("Verify", after="Check papers"),
    }
    return Subject("permits", _model("permits", routing, activities, pools), changes, ("Review", "Sign"), "experts")


def _parallel() -> Subject:
    """Lawyers, engineers and a registry work side by side; a decision awaits all three."""
    routing = _graph(
        {
            "start": "Apply",
            "Apply": "Register",
            "Register": "+fork",
            "+fork": ("Legal check", "Technical check", "Ask registry"),
            "Legal check": "+join",
            "Technical check": "Second look",
            "Second look": "+join",
            "Ask registry": "+join",
            "+join": "Decide",
            "Decide": "?decided",
            "?decided": {"Refuse": 0.3, "Issue": 0.7},
            "Refuse": "?out",
            "Issue": "?out",
            "?out": "end",
        }
    )
    activities = (
        _machine("Apply", fixed(10.0)),
        ModelActivity("Register", _gamma(10)),
        ModelActivity("Legal check", _lognormal(60)),
        ModelActivity("Technical check", _gamma(70)),
        ModelActivity("Second look", exponential(25 * MINUTE)),
        _machine("Ask registry", exponential(5 * HOUR)),
        ModelActivity("Decide", _gamma(20)),
        ModelActivity("Refuse", exponential(30 * MINUTE)),
        ModelActivity("Issue", fixed(8 * MINUTE)),
    )
    pools = (
        _pool("clerks", ("Register", "Refuse", "Issue"), 3),
        _pool("lawyers", ("Legal check",), 5),
        _pool("engineers", ("Technical check", "Second look"), 7),
        _pool("deciders", ("Decide",), 3, "heads"),
    )
    changes: dict[str, Change] = {
        "remove": Remove("Second look"),
        "automate": Automate("Legal check", duration_seconds=60.0),
        "staff +1": AddStaff("Technical check", count=1),
        "staff -1": AddStaff("Legal check", count=-1),
        "calendar": ChangeCalendar("Decide", weekly=tuple((day, ("09:00-18:00",)) for day in WEEKDAYS)),
        "demand +25 %": ChangeDemand(1.25),
        "demand -25 %": ChangeDemand(0.75),
        "reroute": Reroute("Decide", to_activity="Refuse", share=0.6),
        "reorder": Move("Legal check", after="Decide"),
    }
    delayed = ("Legal check", "Decide")
    return Subject("side by side", _model("side by side", routing, activities, pools), changes, delayed, "engineers")


def _shared_expert() -> Subject:
    """Two kinds of cases; one expert pool inspects and advises, and seniors help the clerks."""
    routing = _graph(
        {
            "start": "Apply",
            "Apply": "Process",
            "Process": "?kind",
            "?kind": {
                "Inspect": (0.5, (("simple", 0.2), ("complex", 0.95))),
                "?decide": (0.5, (("simple", 0.8), ("complex", 0.05))),
            },
            "Inspect": "Advise",
            "Advise": "?decide",
            "?decide": "Control",
            "Control": "Decide",
            "Decide": "end",
        }
    )
    activities = (
        _machine("Apply", fixed(10.0)),
        ModelActivity("Process", _lognormal(30)),
        ModelActivity("Inspect", _gamma(80)),
        ModelActivity("Advise", _lognormal(40)),
        ModelActivity("Control", _gamma(15)),
        ModelActivity("Decide", exponential(18 * MINUTE)),
    )
    pools = (
        _pool("clerks", ("Process", "Control"), 4),
        _pool("seniors", ("Process", "Decide"), 3),
        _pool("experts", ("Inspect", "Advise"), 5),
    )
    types = (
        CaseType("simple", 0.6, attributes={"kind": "simple"}),
        CaseType("complex", 0.4, attributes={"kind": "complex"}),
    )
    changes: dict[str, Change] = {
        "remove": Remove("Control"),
        "merge": Merge(("Inspect", "Advise"), into="Inspect and advise", duration_seconds=100 * MINUTE),
        "automate": Automate("Advise", duration_seconds=60.0),
        "staff +1": AddStaff("Inspect", count=1),
        "staff -1": AddStaff("Inspect", count=-1),
        "calendar": ChangeCalendar("Inspect", weekly=LONG_WEEK),
        "demand +25 %": ChangeDemand(1.25),
        "demand -25 %": ChangeDemand(0.75),
        "reroute": Reroute("Process", to_activity="Inspect", share=0.3),
        "reorder": Reorder(("Process", "Decide", "Control")),
    }
    model = _model("shared expert", routing, activities, pools, types=types)
    return Subject("shared expert", model, changes, ("Inspect", "Decide"), "experts")


def _imported(data: Path, folder: str, name: str) -> ProcessModel:
    stem = data / folder / "models" / name
    return import_prosimos(f"{stem}.bpmn.gz", f"{stem}.json.gz", start_at=START.replace(hour=9))


def _loans(data: Path) -> Subject:
    changes: dict[str, Change] = {
        "remove": Remove("Appraise property"),
        "automate": Automate("Applicant completes form", duration_seconds=HOUR),
        "staff +1": AddStaff("Appraise property", count=1),
        "staff -1": AddStaff("Appraise property", count=-1),
        "calendar": ChangeCalendar("Appraise property", weekly=ROUND_THE_CLOCK),
        "demand +25 %": ChangeDemand(1.25),
        "demand -25 %": ChangeDemand(0.75),
        "reorder": Move("AML Check", after="Assess loan risk"),
    }
    model = _imported(data, "sim-loan-application", "Loan_Application")
    return Subject(
        "Loan_Application", model, changes, ("Assess loan risk", "Approve Loan Offer"), "Loan Officer", is_imported=True
    )


def _purchases(data: Path) -> Subject:
    changes: dict[str, Change] = {
        "remove": Remove("Analyze Quotation comparison Map"),
        "merge": Merge(
            ("Settle conditions with supplier", "Create Purchase Order"),
            into="Settle and order",
            duration_seconds=900.0,
        ),
        "automate": Automate("Create Quotation comparison Map", duration_seconds=60.0),
        "staff +1": AddStaff("Create Quotation comparison Map", count=1),
        "staff -1": AddStaff("Create Quotation comparison Map", count=-1),
        "calendar": ChangeCalendar("Deliver Goods Services", weekly=ROUND_THE_CLOCK),
        "demand +25 %": ChangeDemand(1.25),
        "demand -25 %": ChangeDemand(0.75),
    }
    model = _imported(data, "sim-procure-to-pay", "Procure_to_Pay")
    delayed = ("Create Purchase Order", "Pay invoice")
    return Subject("Procure_to_Pay", model, changes, delayed, "Purchasing Agent", is_imported=True)
