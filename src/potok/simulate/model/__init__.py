"""The model of a process, a readable document."""

from potok.simulate.model.activities import (
    Batching,
    Consequence,
    Discipline,
    ExtraneousDelay,
    LoadResponse,
    ModelActivity,
)
from potok.simulate.model.arrivals import ArrivalKind, Arrivals, CaseType
from potok.simulate.model.distributions import Distribution, DistributionKind, exponential, fixed
from potok.simulate.model.pools import ModelPool, Person
from potok.simulate.model.process_model import ProcessModel
from potok.simulate.model.routing import (
    END,
    Context,
    Flow,
    GraphRouting,
    HistoryRouting,
    Node,
    PlanRules,
    Routing,
)

__all__ = [
    "END",
    "ArrivalKind",
    "Arrivals",
    "Batching",
    "CaseType",
    "Consequence",
    "Context",
    "Discipline",
    "Distribution",
    "DistributionKind",
    "ExtraneousDelay",
    "Flow",
    "GraphRouting",
    "HistoryRouting",
    "LoadResponse",
    "ModelActivity",
    "ModelPool",
    "Node",
    "Person",
    "PlanRules",
    "ProcessModel",
    "Routing",
    "exponential",
    "fixed",
]
