"""Who works, what they can do and when."""

from dataclasses import dataclass

from potok.simulate.model.distributions import Distribution


@dataclass(frozen=True, slots=True)
class Person:
    """One who works, or a machine.

    Parameters
    ----------
    name
        Unique in the model.
    does
        Activities; empty: those of the pool.
    calendar
        Name; empty: that of the pool.
    at_once
        How many instances at the same time.
    availability
        Share of the hours in which the person works in this process, 0–1; the rest is taken out in absences drawn at
        random (see `absence_seconds`).
    absence_seconds
        Mean length of an absence on duty.
    durations
        (activity, distribution) where the person's differs from the activity's.
    cost_per_hour
        In the currency of the model.
    """

    name: str
    does: tuple[str, ...] = ()
    calendar: str = ""
    at_once: int = 1
    availability: float = 1.0
    absence_seconds: float = 3600.0
    durations: tuple[tuple[str, Distribution], ...] = ()
    cost_per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelPool:
    """People who do the same.

    Parameters
    ----------
    name
        Unique.
    does
        Activities.
    calendar
        Name; empty: around the clock.
    people
        At least one. An activity may be done by the people of several pools.
    """

    name: str
    does: tuple[str, ...]
    people: tuple[Person, ...]
    calendar: str = ""
