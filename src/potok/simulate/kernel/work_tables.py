"""What a run needs of activities, queues and people, as arrays."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from potok.core.calendars.zones import iterate_regimes, load_zone
from potok.core.language import gettext as _
from potok.core.language import ngettext, quoted
from potok.core.time_units import DAY_US, MINUTE_US, SECOND_US
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.kernel.errors import EndlessBatchError, NobodyDoesItError
from potok.simulate.kernel.hours import Integers
from potok.simulate.kernel.quantile_tables import tabulate_distributions
from potok.simulate.kernel.records import NONE, Work
from potok.simulate.model import (
    Batching,
    Discipline,
    Distribution,
    GraphRouting,
    HistoryRouting,
    ModelActivity,
    Person,
    ProcessModel,
)

_DISCIPLINES: Final = (Discipline.FIFO, Discipline.PRIORITY, Discipline.EARLIEST_DUE)
_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday


def people_of(model: ProcessModel) -> tuple[tuple[Person, str, tuple[str, ...]], ...]:
    """Return everybody, through all pools: the person, their calendar's name and the activities they do."""
    return tuple(
        (person, person.calendar or pool.calendar, person.does or pool.does)
        for pool in model.pools
        for person in pool.people
    )


def group_name(person: Person, calendar: str) -> str:
    """Return what people share who have the same hours; who may be absent shares them with nobody."""
    return f"calendar {calendar}" if person.availability >= 1 else f"person {person.name}"


def is_automatic(model: ProcessModel) -> tuple[bool, ...]:
    """Return of each activity whether it needs nobody; those that events of a graph stand for never do."""
    timers = set()
    if isinstance(model.routing, GraphRouting):
        timers = {node.activity for node in model.routing.nodes if node.kind is ElementKind.EVENT}
    return tuple(activity.is_automatic or activity.name in timers for activity in model.activities)


def tabulate_work(model: ProcessModel, start_us: int, known_us: int) -> Work:
    """Tabulate activities, queues and people.

    Raises
    ------
    NobodyDoesItError
        If nobody can do an activity that is not automatic and may occur.
    EndlessBatchError
        If nothing makes a batch ready.
    """
    people = people_of(model)
    queue, can, disciplines = _queues(model)
    distributions: dict[Distribution, int] = {}
    duration = np.empty((len(model.activities), len(people) + 1), np.int64)
    delay = np.full(len(model.activities), NONE, np.int64)
    for code, activity in enumerate(model.activities):
        duration[code, :] = distributions.setdefault(activity.duration, len(distributions))
        if activity.delay:
            delay[code] = distributions.setdefault(activity.delay.delay, len(distributions))
    codes = {activity.name: code for code, activity in enumerate(model.activities)}
    for place, (person, _calendar, _does) in enumerate(people):
        for name, own in person.durations:
            duration[codes[name], place] = distributions.setdefault(own, len(distributions))
    of_person = [np.flatnonzero(can[:, place]) for place in range(len(people))]
    groups: dict[str, list[int]] = {}
    for place, (person, calendar, _does) in enumerate(people):
        groups.setdefault(group_name(person, calendar), []).append(place)
    batched = [activity for activity in model.activities if activity.batching]
    for activity in batched:
        _check_batching(activity)
    rules = [activity.batching for activity in batched if activity.batching]
    fires = [_fires_us(rule, model.zone, start_us, known_us) for rule in rules]
    return Work(
        queue=queue,
        batching=np.array([batched.index(one) if one.batching else NONE for one in model.activities], np.int64),
        delay=delay,
        delayed_share=np.array([one.delay.share if one.delay else 0.0 for one in model.activities]),
        pauses=np.array([one.pauses for one in model.activities], bool),
        duration=duration,
        can=can,
        first_queue=_offsets([len(found) for found in of_person]),
        queues=_flat(of_person),
        discipline=np.array(disciplines, np.int64),
        priority=np.array([one.priority for one in model.case_types], np.int64),
        rules=np.array(
            [
                (
                    codes[one.name],
                    rule.minimum_size,
                    rule.maximum_size,
                    round(rule.maximum_wait_seconds * SECOND_US),
                    rule.is_concurrent,
                )
                for one, rule in zip(batched, rules, strict=True)
            ],
            np.int64,
        ).reshape(-1, 5),
        first_factor=_offsets([len(rule.size_factors) for rule in rules]),
        factor_sizes=np.array([size for rule in rules for size, _factor in rule.size_factors], np.int64),
        factors=np.array([factor for rule in rules for _size, factor in rule.size_factors], np.float64),
        first_fire=_offsets([len(one) for one in fires]),
        fires_us=_flat(fires),
        places=np.array([person.at_once for person, _calendar, _does in people], np.int64),
        first_member=_offsets([len(members) for members in groups.values()]),
        members=np.array([place for members in groups.values() for place in members], np.int64),
        distributions=tabulate_distributions(tuple(distributions)),
    )


def _offsets(counts: Sequence[int]) -> Integers:
    return np.concatenate([[0], np.cumsum(np.asarray(counts, np.int64))]).astype(np.int64)


def _flat(parts: Sequence[Integers]) -> Integers:
    return np.concatenate([*parts, np.zeros(0, np.int64)]).astype(np.int64)


def _queues(model: ProcessModel) -> tuple[Integers, "np.ndarray[tuple[int, int], np.dtype[np.bool_]]", list[int]]:
    """Return the queue of each activity, who serves each queue, and its discipline."""
    people = people_of(model)
    automatic = is_automatic(model)
    queue = np.full(len(model.activities), NONE, np.int64)
    found: dict[tuple[frozenset[int], Discipline], int] = {}
    for code, activity in enumerate(model.activities):
        if automatic[code]:
            continue
        able = frozenset(place for place, (_one, _calendar, does) in enumerate(people) if activity.name in does)
        queue[code] = found.setdefault((able, activity.discipline), len(found))
    can = np.zeros((len(found), len(people)), bool)
    for (able, _discipline), number in found.items():
        can[number, sorted(able)] = True
    lonely = [
        one.name for one, number in zip(model.activities, queue, strict=True) if number >= 0 and not can[number].any()
    ]
    needed = _named(model)
    lonely = [name for name in lonely if name in needed]
    if lonely:
        raise NobodyDoesItError(
            ngettext(
                "Nobody in the model can do {count} activity: {names}.",
                "Nobody in the model can do {count} activities: {names}.",
                len(lonely),
            ).format(count=len(lonely), names=", ".join(quoted(name) for name in lonely)),
            where=model.name,
            remedy=_("Give them to a pool, or say that they are automatic."),
        )
    return queue, can, [_DISCIPLINES.index(discipline) for _able, discipline in found]


def _named(model: ProcessModel) -> set[str]:
    """Return the activities that may occur in a plan."""
    if isinstance(model.routing, HistoryRouting):
        routed = {name for context in model.routing.contexts for name, share in context.following if share > 0}
    else:
        routed = {node.activity for node in model.routing.nodes}
    return routed | {into for _names, into in model.rules.merged}


def _check_batching(activity: ModelActivity) -> None:
    rule = activity.batching
    if rule and not (rule.minimum_size or rule.maximum_wait_seconds or rule.fires_at):
        raise EndlessBatchError(
            _("Nothing makes a batch of “{name}” ready.").format(name=activity.name),
            where=activity.name,
            remedy=_("Give it a size, a longest wait or times of the week."),
        )


def _fires_us(rule: Batching, zone: str, start_us: int, known_us: int) -> Integers:
    """Return the instants at which the clock makes batches ready, and at last the end of what is tabulated.

    A minute that the clock repeats fires twice; one that it leaves out does not fire.
    """
    if not rule.fires_at:
        return np.zeros(0, np.int64)
    found = []
    for regime in iterate_regimes(load_zone(zone), start_us, known_us):
        first = (regime.start_us + regime.offset_us) // DAY_US
        last = (regime.end_us + regime.offset_us) // DAY_US
        days = np.arange(first, last + 1, dtype=np.int64)
        for weekday, minute in rule.fires_at:
            at = days[(days + _WEEKDAY) % 7 == weekday] * DAY_US + minute * MINUTE_US - regime.offset_us
            found.append(at[(at >= regime.start_us) & (at < regime.end_us)])
    return np.append(np.sort(np.concatenate(found)), known_us)
