"""A model as arrays."""

from dataclasses import dataclass

from potok.simulate.kernel.arrivals import Rates, Renewals
from potok.simulate.kernel.graph_routing import GraphTables
from potok.simulate.kernel.history_routing import HistoryTables
from potok.simulate.kernel.hours import Hours, Integers
from potok.simulate.kernel.plan_rules import RuleTables
from potok.simulate.kernel.random_numbers import Keys
from potok.simulate.kernel.records import Reals, Work
from potok.simulate.model import ProcessModel


@dataclass(frozen=True, slots=True)
class Staff:
    """Who works when; p people.

    Parameters
    ----------
    hours
        Of calendars, until `CompiledModel.known_us`.
    calendar
        (p,) int64: of each person.
    group
        (p,) int64: people of one group have the same hours.
    names
        (p,) uint64: keys of their names.
    availability, absence_us
        (p,) float64.
    """

    hours: Hours
    calendar: Integers
    group: Integers
    names: Keys
    availability: Reals
    absence_us: Reals


@dataclass(frozen=True, slots=True)
class CompiledModel:
    """A model as arrays, for a window of time.

    Parameters
    ----------
    model
        What was compiled.
    start_us, end_us
        Cases arrive in ``[start_us, end_us)``.
    most_cases
        So many at most.
    drain
        Whether a run goes on until all cases are closed.
    known_us
        Until when hours are tabulated; a run that needs more compiles again.
    names, types
        (a,) uint64 and (t,) float64: keys of the activities' names; cumulative shares of case types.
    source, routing, rules, work, staff
        The tables of each part.
    """

    model: ProcessModel
    start_us: int
    end_us: int
    most_cases: int
    drain: bool
    known_us: int
    names: Keys
    types: Reals
    source: Rates | Renewals
    routing: HistoryTables | GraphTables
    rules: RuleTables
    work: Work
    staff: Staff
