"""How well a model fits the log that it was learnt from."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import SECOND_US
from potok.simulate.discovery.arrivals import ArrivalsFit
from potok.simulate.discovery.counting import weighted_counts
from potok.simulate.discovery.delays import DelayFit
from potok.simulate.discovery.durations import DurationFit
from potok.simulate.discovery.history import History
from potok.simulate.discovery.people import ModelPerson
from potok.simulate.discovery.routing import RoutingFit
from potok.simulate.kernel.hours import known_intervals

Reals = npt.NDArray[np.float64]

SATURATED: Final = 0.95


@dataclass(frozen=True, slots=True)
class PoolFit:
    """How busy a pool is.

    Parameters
    ----------
    pool
        Name.
    people
        Persons and places.
    utilisation
        Work seen over the hours in which its people were there, 0–1 or more.
    is_saturated
        Whether that is `SATURATED` or more: the model then has no steady state, or hardly one.
    """

    pool: str
    people: int
    utilisation: float
    is_saturated: bool


@dataclass(frozen=True, slots=True)
class ModelFit:
    """How a model was learnt, and how well it fits.

    Parameters
    ----------
    cases, open_cases, instances
        Of the log.
    arrivals
        How arrivals were learnt.
    type_attribute, type_p_value, types
        Attribute by which cases are told apart (empty: none is), its p-value after Bonferroni, and the number of types.
    routing
        How routing was learnt.
    durations, delays
        By activity.
    pools
        How busy each is.
    enablement
        Where the instants come from from which work could begin.
    reasons, notes
        Keys of `people.REASONS` and `learning.NOTES`: what could not be learnt, and what is assumed.
    """

    cases: int
    open_cases: int
    instances: int
    arrivals: ArrivalsFit
    type_attribute: str
    type_p_value: float
    types: int
    routing: RoutingFit
    durations: tuple[DurationFit, ...]
    delays: tuple[DelayFit, ...]
    pools: tuple[PoolFit, ...]
    enablement: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_saturated(self) -> bool:
        """Whether any pool is."""
        return any(pool.is_saturated for pool in self.pools)


def pool_fits(history: History, weights: Reals) -> tuple[PoolFit, ...]:
    """Return how busy the pools of a log's model are.

    Parameters
    ----------
    weights
        (n,) of instances.
    """
    held = history.instances
    known = held.is_worked & ~np.isnan(history.worked_seconds)
    if not known.any():
        return ()
    worked = weighted_counts(
        held.resource[known].astype(np.int64), (weights * history.worked_seconds)[known], len(history.resources)
    )
    window = (int(held.started_us[known].min()), int(held.completed_us[known].max()))
    return tuple(_pool_fit(history, name, persons, worked, window) for name, persons in history.people.groups)


def _pool_fit(
    history: History, name: str, persons: tuple[ModelPerson, ...], worked: Reals, window: tuple[int, int]
) -> PoolFit:
    resources = sorted({code for person in persons for code in person.resources})
    there = sum(_hours(history, person.calendar, window) * person.availability * person.at_once for person in persons)
    utilisation = float(worked[resources].sum() / there) if there > 0 else 0.0
    return PoolFit(name, len(persons), utilisation, utilisation >= SATURATED)


def _hours(history: History, calendar: str, window: tuple[int, int]) -> float:
    if not calendar:
        return (window[1] - window[0]) / SECOND_US
    starts, ends = known_intervals(history.calendars[calendar], *window)
    return float((ends - starts).sum() / SECOND_US)
