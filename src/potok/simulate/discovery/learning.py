"""The model of a process, learnt from a log's history, or from a sample of its cases."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.language import mark
from potok.discover.priorities import Comparison
from potok.simulate.discovery.arrivals import learn_arrivals
from potok.simulate.discovery.case_types import FoundTypes, find_case_types, weighted_types
from potok.simulate.discovery.delays import DelayFit, learn_delay
from potok.simulate.discovery.durations import Durations, learn_durations
from potok.simulate.discovery.fit import ModelFit, pool_fits
from potok.simulate.discovery.history import History
from potok.simulate.discovery.people import ModelPerson
from potok.simulate.discovery.routing import history_routing, learn_contexts, transitions_of
from potok.simulate.model import (
    CaseType,
    Discipline,
    ModelActivity,
    ModelPool,
    Person,
    ProcessModel,
)

Reals = npt.NDArray[np.float64]

NOTES: Final = {
    "priority_not_modelled": mark(
        "Work is taken by a rule that the model cannot say; it has first come, first served."
    ),
    "clock_shift": mark("The log's clock was moved by an hour: hours before that day are put right."),
    "people_held_fixed": mark("Pools, hours and skills are held as found when cases are drawn anew."),
    "load_response_unknown": mark("How delays answer to load is not known: they stay as they are."),
    "finished_cases_alone": mark(
        "The log holds finished cases alone: arrivals towards its end are made up for those still missing."
    ),
    "open_cases_used": mark("Open cases tell their steps so far, and nothing of their end."),
    "enabled_times_found": mark("When work could begin is inferred from which activities run side by side."),
}


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """What a model may take from a log.

    Parameters
    ----------
    case_types
        Whether cases may be told apart by an attribute.
    delays
        Whether activities may have extraneous delays.
    """

    case_types: bool = True
    delays: bool = True


def learn_model(
    history: History, *, case_weights: Reals | None = None, settings: LearningSettings | None = None
) -> ProcessModel:
    """Learn a model.

    Parameters
    ----------
    history
        The log.
    case_weights
        (m,) how often each case counts, such as in a bootstrap sample (see `draw_case_weights`); all once if None.
    settings
        What may be taken from the log; everything if None.

    Raises
    ------
    ValueError
        If there are not as many weights as cases, or none is positive.
    """
    return learn_with_fit(history, case_weights=case_weights, settings=settings)[0]


def learn_with_fit(
    history: History, *, case_weights: Reals | None = None, settings: LearningSettings | None = None
) -> tuple[ProcessModel, ModelFit]:
    """Learn a model, and report how it fits; parameters as of `learn_model`."""
    chosen = settings or LearningSettings()
    weights = _checked(history, case_weights)
    of_instance = weights[history.case]
    types = find_case_types(history) if chosen.case_types else _one_type(history)
    case_types, discipline, notes = _priorities(history, types, weighted_types(types, weights))
    found = transitions_of(
        history.case,
        history.instances.activity[history.order].astype(np.int64),
        history.is_open,
        len(history.activities),
    )
    contexts, routing_fit = learn_contexts(
        found,
        weights,
        names=history.activities,
        types=types.of_case,
        type_names=tuple(one.name for one in case_types),
    )
    longest = int(np.bincount(history.case).max())
    durations = learn_durations(history, of_instance)
    activities, delay_fits = _activities(history, durations, of_instance, discipline, chosen)
    arrivals, arrivals_fit = learn_arrivals(
        history.opened_us, weights / history.seen_share, zone=history.zone, calendars=history.calendars
    )
    pools = _pools(history, durations)
    model = ProcessModel(
        name=history.name,
        zone=history.zone,
        arrivals=arrivals,
        case_types=case_types,
        routing=history_routing(contexts, concurrent=history.concurrency, longest_case=longest),
        activities=activities,
        pools=pools,
        calendars=dict(history.calendars),
    )
    fit = ModelFit(
        cases=history.cases,
        open_cases=int(history.is_open.sum()),
        instances=len(history.case),
        arrivals=arrivals_fit,
        type_attribute=types.attribute,
        type_p_value=types.p_value,
        types=len(case_types),
        routing=replace(routing_fit, concurrent_pairs=len(history.concurrency)),
        durations=durations.fits,
        delays=delay_fits,
        pools=pool_fits(history, of_instance),
        enablement=history.enablement,
        reasons=history.people.reasons,
        notes=(*notes, *_notes(history)),
    )
    return model, fit


def draw_case_weights(history: History, generator: np.random.Generator) -> Reals:
    """Draw how often each case counts in a bootstrap sample.

    Each case counts a Poisson number of times of mean 1, so that the number of arrivals varies as that of independent
    ones does (Poisson bootstrap; Hanley and MacGibbon 2006).
    """
    drawn = generator.poisson(1.0, history.cases).astype(np.float64)
    return drawn if drawn.any() else np.ones(history.cases)


def _checked(history: History, weights: Reals | None) -> Reals:
    if weights is None:
        return np.ones(history.cases)
    if len(weights) != history.cases or not (weights >= 0).all() or not weights.any():
        raise ValueError(f"case_weights needs {history.cases} non-negative weights, some positive")
    return np.asarray(weights, dtype=np.float64)


def _one_type(history: History) -> FoundTypes:
    return FoundTypes((CaseType("case", 1.0),), np.zeros(history.cases, np.int64), "", 0, 1.0)


def _notes(history: History) -> tuple[str, ...]:
    return (
        *(("clock_shift",) if history.shift is not None else ()),
        *(("open_cases_used",) if history.is_open.any() else ()),
        *(("finished_cases_alone",) if (history.seen_share < 1.0).any() else ()),
        *(("enabled_times_found",) if history.enablement != "given" else ()),
        "load_response_unknown",
        "people_held_fixed",
    )


def _priorities(
    history: History, types: FoundTypes, case_types: tuple[CaseType, ...]
) -> tuple[tuple[CaseType, ...], Discipline, tuple[str, ...]]:
    """Return case types with their priorities where a rule speaks of the attribute that tells them apart."""
    rules = history.priorities.rules
    if not rules:
        return case_types, Discipline.FIFO, ()
    rank = dict.fromkeys((one.name for one in case_types), len(rules))
    is_said = False
    for level, rule in enumerate(rules):
        condition = rule.condition
        if condition.comparison is not Comparison.EQUAL or condition.name.removeprefix("attr:") != types.attribute:
            continue
        for one in case_types:
            if one.attributes.get(types.attribute) == condition.value:
                rank[one.name], is_said = min(rank[one.name], level), True
    if not is_said:
        return case_types, Discipline.FIFO, ("priority_not_modelled",)
    ranked = tuple(replace(one, priority=rank[one.name]) for one in case_types)
    return ranked, Discipline.PRIORITY, ()


def _activities(
    history: History, durations: Durations, weights: Reals, discipline: Discipline, settings: LearningSettings
) -> tuple[tuple[ModelActivity, ...], tuple[DelayFit, ...]]:
    doable = {code for _name, held in history.people.groups for person in held for code in person.does}
    activities, fits = [], []
    for code, name in enumerate(history.activities):
        batching = history.batching.get(code)
        delay = None
        if settings.delays and batching is None:
            delay, fit = learn_delay(history, code, weights)
            fits.append(fit)
        activities.append(
            ModelActivity(
                name=name,
                duration=durations.of_activity[code],
                is_automatic=code not in doable,
                pauses=bool(history.pauses[code]),
                delay=delay,
                batching=batching,
                discipline=discipline,
            )
        )
    return tuple(activities), tuple(fits)


def _pools(history: History, durations: Durations) -> tuple[ModelPool, ...]:
    return tuple(_pool(history, name, persons, durations) for name, persons in history.people.groups)


def _pool(history: History, name: str, persons: tuple[ModelPerson, ...], durations: Durations) -> ModelPool:
    does = tuple(sorted({code for person in persons for code in person.does}))
    calendars = [person.calendar for person in persons]
    common = "" if "" in calendars else max(sorted(set(calendars)), key=calendars.count)
    names = history.activities
    return ModelPool(
        name=name,
        does=tuple(names[code] for code in does),
        people=tuple(
            Person(
                name=person.name,
                does=() if person.does == does else tuple(names[code] for code in person.does),
                calendar="" if person.calendar == common else person.calendar,
                at_once=person.at_once,
                availability=person.availability,
                absence_seconds=person.absence_seconds,
                durations=durations.of_person.get(person.name, ()),
            )
            for person in persons
        ),
        calendar=common,
    )
