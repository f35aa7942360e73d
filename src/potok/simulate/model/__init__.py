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
from potok.simulate.model.checking import check_model, find_problems
from potok.simulate.model.distributions import Distribution, DistributionKind, exponential, fixed
from potok.simulate.model.errors import BrokenModelError, Problem
from potok.simulate.model.pools import ModelPool, Person
from potok.simulate.model.process_model import ProcessModel
from potok.simulate.model.reading import load_model, model_from_mapping
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
from potok.simulate.model.writing import model_as_mapping, write_model

__all__ = [
    "END",
    "ArrivalKind",
    "Arrivals",
    "Batching",
    "BrokenModelError",
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
    "Problem",
    "ProcessModel",
    "Routing",
    "check_model",
    "exponential",
    "find_problems",
    "fixed",
    "load_model",
    "model_as_mapping",
    "model_from_mapping",
    "write_model",
]
