"""The model of a process: everything a simulation needs, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from potok.core.calendars import Calendar
from potok.core.regulations import Term
from potok.simulate.model.activities import Consequence, ModelActivity
from potok.simulate.model.arrivals import Arrivals, CaseType
from potok.simulate.model.pools import ModelPool
from potok.simulate.model.routing import PlanRules, Routing

SCHEMA: Final = "potok.process_model/1"


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """A process that can be simulated.

    Parameters
    ----------
    name
        What it is called.
    zone
        IANA name of the time zone on whose clock its hours are.
    arrivals, case_types
        How cases arrive, and of which types they are; at least one type.
    routing, rules
        Which activities they go through, and what changes do to it.
    activities
        At least one.
    pools
        Who works.
    calendars
        By the name that pools, people and arrivals use.
    consequences
        What activities prevent.
    term
        Time limit against which the share in time is counted; None: none. Its working days are those of
        `term_calendar`.
    term_calendar
        Name of the calendar in `calendars` whose days the term counts; empty if it needs none.
    currency
        Of costs; only shown.
    """

    name: str
    zone: str
    arrivals: Arrivals
    case_types: tuple[CaseType, ...]
    routing: Routing
    activities: tuple[ModelActivity, ...]
    pools: tuple[ModelPool, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    rules: PlanRules = field(default_factory=PlanRules)
    consequences: tuple[Consequence, ...] = ()
    term: Term | None = None
    term_calendar: str = ""
    currency: str = ""
