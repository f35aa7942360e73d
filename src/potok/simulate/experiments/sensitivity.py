"""Which assumption moves the answer most."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.change import AddStaff, Change, Reroute
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.simulate.changes import apply_changes
from potok.simulate.changes.demand import multiply_arrivals
from potok.simulate.changes.errors import ChangeError
from potok.simulate.changes.scaling import scale
from potok.simulate.experiments.estimates import Estimate, estimate_means
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.experiments.keeping import Reals
from potok.simulate.experiments.metrics import Metric, compute_outcomes
from potok.simulate.model import (
    END,
    GraphRouting,
    LoadResponse,
    ModelActivity,
    ModelPool,
    ProcessModel,
)
from potok.simulate.model.distributions import mean_seconds

STEP: Final = 0.1
_MOST_ACTIVITIES: Final = 5
_MOST_FORKS: Final = 5


class Assumption(StrEnum):
    """What is altered, one at a time."""

    ARRIVAL_RATE = "arrival_rate"
    DURATION = "duration"
    STAFF = "staff"
    AVAILABILITY = "availability"
    EXTRANEOUS_DELAY = "extraneous_delay"
    DELAY_RESPONSE = "delay_response"
    ROUTING_SHARE = "routing_share"


@dataclass(frozen=True, slots=True)
class Perturbation:
    """An alteration of the model as it is.

    Parameters
    ----------
    assumption
        What is altered.
    subject
        Activity, pool or fork; empty: all.
    amount
        By which factor less 1, by how many people, or `fixed` and `proportional` for the response of delays.
    alter
        Returns the altered model.
    """

    assumption: Assumption
    subject: str
    amount: str
    alter: Callable[[ProcessModel], ProcessModel]


@dataclass(frozen=True, slots=True)
class Effect:
    """What an alteration does to the answer.

    Parameters
    ----------
    assumption, subject, amount
        What was altered, of what, and by how much.
    answer
        The answer then.
    moved
        By how much it differs from the answer without the alteration, run by run.
    """

    assumption: Assumption
    subject: str
    amount: str
    answer: Estimate
    moved: Estimate


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """How far the answer depends on single assumptions.

    Parameters
    ----------
    metric
        What the answer is a figure of.
    is_difference
        Whether the answer is the difference that a scenario makes; else the figure as it is.
    answer
        Without any alteration.
    effects
        The farthest move first.
    """

    metric: Metric
    is_difference: bool
    answer: Estimate
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class SensitivitySettings:
    """How sensitivity is computed.

    Parameters
    ----------
    metric
        What the answer is a figure of.
    seed, replications, level
        Of the runs of each alteration, and of confidence.
    """

    metric: Metric
    seed: int = 1
    replications: int = 4
    level: float = 0.9


def compute_sensitivity(
    model: ProcessModel,
    changes: Sequence[Change],
    run: Runner,
    frame: Frame,
    *,
    settings: SensitivitySettings,
    progress: Progress | None = None,
) -> Sensitivity:
    """Alter one assumption at a time and see how far the answer moves.

    Parameters
    ----------
    changes
        Of the scenario whose difference is the answer; none: the figure as it is.

    Notes
    -----
    Everything is run under the same random numbers. What happens when several assumptions are wrong at once it does not
    show.
    """
    progress = progress or SilentProgress()
    perturbations = tuple(list_perturbations(model))
    progress.start(_("Assumptions"), total=len(perturbations))

    def answer(altered: ProcessModel) -> Reals:
        before = _figures(altered, run, frame, settings)
        return _figures(apply_changes(altered, changes), run, frame, settings) - before if changes else before

    base = answer(model)
    effects = []
    for number, one in enumerate(perturbations, start=1):
        try:
            found = answer(one.alter(model))
        except ChangeError:
            # The model leaves no room for this alteration, such as one person fewer than one.
            continue
        (value,) = estimate_means(found[:, None], level=settings.level)
        (moved,) = estimate_means((found - base)[:, None], level=settings.level)
        effects.append(Effect(one.assumption, one.subject, one.amount, value, moved))
        progress.advance_to(number)
    progress.finish()
    (known,) = estimate_means(base[:, None], level=settings.level)
    ranked = sorted(effects, key=lambda effect: (-abs(np.nan_to_num(effect.moved.value)), effect.assumption))
    return Sensitivity(settings.metric, bool(changes), known, tuple(ranked))


def _figures(model: ProcessModel, run: Runner, frame: Frame, settings: SensitivitySettings) -> Reals:
    logs = run(model, frame, seed=settings.seed, replications=range(settings.replications))
    return np.array([compute_outcomes(log, model, frame, metrics=(settings.metric,))[0] for log in logs])


def list_perturbations(model: ProcessModel) -> Iterator[Perturbation]:
    """List the alterations that a model allows."""
    for factor in (1 - STEP, 1 + STEP):
        yield from _scaled(model, factor, f"{factor - 1:+.0%}")
    for pool in model.pools:
        for count in (-1, 1):
            change = AddStaff(pool=pool.name, count=count)
            yield Perturbation(Assumption.STAFF, pool.name, f"{count:+d}", _changed(change))
    if any(one.delay for one in model.activities):
        for response in (LoadResponse.FIXED, LoadResponse.PROPORTIONAL):
            yield Perturbation(Assumption.DELAY_RESPONSE, "", response.value, _responding(response))


def _scaled(model: ProcessModel, factor: float, amount: str) -> Iterator[Perturbation]:
    """List the alterations that multiply something."""
    yield Perturbation(Assumption.ARRIVAL_RATE, "", amount, _arrivals(factor))
    yield Perturbation(Assumption.DURATION, "", amount, _durations(None, factor))
    for name in _longest(model):
        yield Perturbation(Assumption.DURATION, name, amount, _durations(name, factor))
    if any(one.delay for one in model.activities):
        yield Perturbation(Assumption.EXTRANEOUS_DELAY, "", amount, _delays(factor))
    for name, later, share in _forks(model):
        change = Reroute(name, to_activity=later, share=min(share * factor, 1.0))
        yield Perturbation(Assumption.ROUTING_SHARE, f"{name} → {later}", amount, _changed(change))
    for pool in model.pools:
        if any(person.availability < 1.0 for person in pool.people):
            yield Perturbation(Assumption.AVAILABILITY, pool.name, amount, _availability(pool.name, factor))


def _changed(change: Change) -> Callable[[ProcessModel], ProcessModel]:
    return lambda model: apply_changes(model, [change])


def _arrivals(factor: float) -> Callable[[ProcessModel], ProcessModel]:
    return lambda model: replace(model, arrivals=multiply_arrivals(model.arrivals, factor))


def _durations(name: str | None, factor: float) -> Callable[[ProcessModel], ProcessModel]:
    def is_meant(activity: str) -> bool:
        return name is None or activity == name

    def alter_pool(pool: ModelPool) -> ModelPool:
        people = tuple(
            replace(
                person,
                durations=tuple(
                    (activity, scale(duration, factor) if is_meant(activity) else duration)
                    for activity, duration in person.durations
                ),
            )
            for person in pool.people
        )
        return replace(pool, people=people)

    def alter(model: ProcessModel) -> ProcessModel:
        activities = tuple(
            replace(one, duration=scale(one.duration, factor)) if is_meant(one.name) else one
            for one in model.activities
        )
        return replace(model, activities=activities, pools=tuple(map(alter_pool, model.pools)))

    return alter


def _delays(factor: float) -> Callable[[ProcessModel], ProcessModel]:
    def alter(one: ModelActivity) -> ModelActivity:
        if one.delay is None:
            return one
        return replace(one, delay=replace(one.delay, delay=scale(one.delay.delay, factor)))

    return lambda model: replace(model, activities=tuple(map(alter, model.activities)))


def _responding(response: LoadResponse) -> Callable[[ProcessModel], ProcessModel]:
    def alter(one: ModelActivity) -> ModelActivity:
        return one if one.delay is None else replace(one, delay=replace(one.delay, load_response=response))

    return lambda model: replace(model, activities=tuple(map(alter, model.activities)))


def _availability(pool_name: str, factor: float) -> Callable[[ProcessModel], ProcessModel]:
    def alter(pool: ModelPool) -> ModelPool:
        if pool.name != pool_name:
            return pool
        people = tuple(replace(person, availability=min(person.availability * factor, 1.0)) for person in pool.people)
        return replace(pool, people=people)

    return lambda model: replace(model, pools=tuple(map(alter, model.pools)))


def _longest(model: ProcessModel) -> tuple[str, ...]:
    """Return the activities whose executions take longest."""
    timed = [(mean_seconds(one.duration, shares=201), one.name) for one in model.activities]
    return tuple(name for seconds, name in sorted(timed, reverse=True)[:_MOST_ACTIVITIES] if seconds > 0)


def _forks(model: ProcessModel) -> tuple[tuple[str, str, float], ...]:
    """Return the forks whose shares are least one-sided: after which activity, the rarer way, its share."""
    found = []
    for name, following in _following(model).items():
        ways = sorted((share, later) for later, share in following.items() if later != END and 0 < share < 1)
        if ways:
            share, later = ways[0] if len(ways) > 1 else ways[-1]
            found.append((share * (1 - share), name, later, share))
    chosen = sorted(found, reverse=True)[:_MOST_FORKS]
    return tuple((name, later, share) for _spread, name, later, share in chosen)


def _following(model: ProcessModel) -> dict[str, dict[str, float]]:
    """Return the shares after single activities; of graphs, those of choices right behind a task."""
    routing = model.routing
    if isinstance(routing, GraphRouting):
        activity_of = {node.name: node.activity for node in routing.nodes}
        behind = {flow.target: activity_of[flow.source] for flow in routing.flows if activity_of[flow.source]}
        found: dict[str, dict[str, float]] = {}
        for flow in routing.flows:
            if flow.source in behind and activity_of[flow.target]:
                found.setdefault(behind[flow.source], {})[activity_of[flow.target]] = flow.share
        return found
    return {
        one.history[0]: dict(one.following)
        for one in routing.contexts
        if len(one.history) == 1 and not one.is_start and not one.case_type
    }
