"""How long activities take, and persons at them where theirs differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.discover.resource_calendars.work import Integers
from potok.simulate.discovery.counting import effective_share
from potok.simulate.discovery.families import FittedDistribution, fit_distribution
from potok.simulate.discovery.history import History
from potok.simulate.discovery.people import ModelPerson
from potok.simulate.model import Distribution, DistributionKind, fixed

Reals = npt.NDArray[np.float64]

LEAST_OF_PERSON: Final = 20
LEAST_DIFFERENCE: Final = 0.1
LEVEL: Final = 0.01


@dataclass(frozen=True, slots=True)
class DurationFit:
    """How the time of an activity was learnt.

    Parameters
    ----------
    activity
        Name.
    kind
        Family chosen.
    instances
        On how many it rests.
    distance
        Kolmogorov–Smirnov distance to the sample, 0–1.
    mean_seconds
        Of the sample.
    persons
        How many persons have a distribution of their own.
    pauses
        Whether work pauses when hours end.
    """

    activity: str
    kind: DistributionKind
    instances: int
    distance: float
    mean_seconds: float
    persons: int
    pauses: bool


@dataclass(frozen=True, slots=True)
class Durations:
    """Distributions by activity, and by person and activity where a person's differs."""

    of_activity: tuple[Distribution, ...]
    of_person: Mapping[str, tuple[tuple[str, Distribution], ...]]
    fits: tuple[DurationFit, ...]


def learn_durations(history: History, weights: Reals) -> Durations:
    """Learn how long activities take.

    A person has a distribution of their own where it differs from that of all others by more than chance
    (Kolmogorov–Smirnov, the level divided among all persons and activities) and its mean by at least a tenth.

    Parameters
    ----------
    weights
        (n,) of instances.
    """
    owner, persons = _owners(history)
    seconds = history.worked_seconds
    is_known = ~np.isnan(seconds) & (weights > 0)
    by_activity = np.argsort(history.instances.activity, kind="stable")
    bounds = np.searchsorted(history.instances.activity[by_activity], np.arange(len(history.activities) + 1))
    found, fits = [], []
    own: dict[str, list[tuple[str, Distribution]]] = {}
    pairs = sum(len(person.does) for person in persons)
    for code, name in enumerate(history.activities):
        rows = by_activity[bounds[code] : bounds[code + 1]]
        rows = rows[is_known[rows]]
        if not len(rows):
            found.append(fixed(0.0))
            fits.append(DurationFit(name, DistributionKind.FIXED, 0, 0.0, 0.0, 0, bool(history.pauses[code])))
            continue
        fitted = fit_distribution(seconds[rows], weights[rows])
        differing = _differing(seconds[rows], weights[rows], owner[rows], pairs)
        for place, distribution in differing.items():
            own.setdefault(persons[place].name, []).append((name, distribution.distribution))
        found.append(fitted.distribution)
        fits.append(
            DurationFit(
                name,
                fitted.distribution.kind,
                fitted.instances,
                fitted.distance,
                float(np.average(seconds[rows], weights=weights[rows])),
                len(differing),
                bool(history.pauses[code]),
            )
        )
    return Durations(tuple(found), {name: tuple(held) for name, held in own.items()}, tuple(fits))


def _owners(history: History) -> tuple[Integers, list[ModelPerson]]:
    """Return the person of each instance (-1 for places that several share), and all persons."""
    persons = [person for _name, held in history.people.groups for person in held]
    of_resource = np.full(len(history.resources) + 1, -1)
    for place, person in enumerate(persons):
        if len(person.resources) == 1:
            of_resource[person.resources[0]] = place
    return of_resource[history.instances.resource], persons


def _differing(seconds: Reals, weight: Reals, owner: Integers, pairs: int) -> dict[int, FittedDistribution]:
    """Return the distributions of persons that differ from the others'."""
    order = np.argsort(seconds, kind="stable")
    sample, held, mass = seconds[order], owner[order], weight[order]
    total = np.cumsum(mass)
    critical = np.sqrt(-0.5 * np.log(LEVEL / max(pairs, 1) / 2.0) / effective_share(mass))
    # Equal times take their step together: only the last of them tells the share up to it.
    is_last = np.append(sample[1:] != sample[:-1], True)
    mean = float(sample @ mass / total[-1])
    found = {}
    for place in np.unique(held[held >= 0]).tolist():
        is_own = held == place
        passed = np.cumsum(np.where(is_own, mass, 0.0))
        count, others = passed[-1], total[-1] - passed[-1]
        if count < LEAST_OF_PERSON or others < LEAST_OF_PERSON:
            continue
        distance = float(np.abs(passed / count - (total - passed) / others)[is_last].max())
        own_mean = float(sample[is_own] @ mass[is_own] / count)
        if distance * np.sqrt(count * others / total[-1]) > critical and abs(own_mean - mean) > LEAST_DIFFERENCE * mean:
            found[place] = fit_distribution(sample[is_own], mass[is_own])
    return found
