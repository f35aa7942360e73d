"""Activities that nobody can do, and pools that cannot work."""

from collections.abc import Iterator
from itertools import pairwise

from potok.core.calendars.calendar import DAYS_A_WEEK
from potok.core.calendars.spans import MINUTES_A_DAY
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.model.activities import Batching, ModelActivity
from potok.simulate.model.checks.names import negative, repeated_names, unknown_names, wrong_share
from potok.simulate.model.checks.times import distribution_problems
from potok.simulate.model.errors import Problem
from potok.simulate.model.pools import ModelPool, Person
from potok.simulate.model.process_model import ProcessModel


def activity_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield what is wrong with the activities of a model."""
    if not model.activities:
        yield Problem("activities", _("At least one activity is needed."))
    yield from repeated_names("activities", (activity.name for activity in model.activities))
    done = {name for pool in model.pools for person in pool.people for name in person.does or pool.does}
    for number, activity in enumerate(model.activities, start=1):
        place = f"activities[{number}]"
        yield from _activity(place, activity)
        if not activity.is_automatic and activity.name not in done:
            yield Problem(
                place,
                _("Nobody can do {name}: name it in a pool, or say that it is automatic.").format(
                    name=quoted(activity.name)
                ),
            )


def _activity(place: str, activity: ModelActivity) -> Iterator[Problem]:
    if not activity.name.strip():
        yield Problem(f"{place}.name", _("The name is empty."))
    yield from negative(place, cost=activity.cost, applicant_seconds=activity.applicant_seconds)
    yield from distribution_problems(f"{place}.duration", activity.duration)
    if activity.delay:
        yield from wrong_share(f"{place}.delay.share", activity.delay.share)
        yield from distribution_problems(f"{place}.delay.duration", activity.delay.delay)
    if activity.batching:
        yield from _batching(f"{place}.batching", activity.batching)


def _batching(place: str, batching: Batching) -> Iterator[Problem]:
    yield from negative(
        place,
        minimum_size=batching.minimum_size,
        maximum_size=batching.maximum_size,
        maximum_wait_seconds=batching.maximum_wait_seconds,
    )
    if not (batching.minimum_size or batching.maximum_wait_seconds or batching.fires_at):
        yield Problem(place, _("Nothing ever fires the batch: give a size, a longest wait or times."))
    if batching.maximum_size and batching.maximum_size < batching.minimum_size:
        yield Problem(place, _("A batch cannot have at most fewer members than it needs."))
    for weekday, minute in batching.fires_at:
        if not 0 <= weekday < DAYS_A_WEEK or not 0 <= minute < MINUTES_A_DAY:
            yield Problem(
                f"{place}.fires_at", _("There is no such time of a week: {time}.").format(time=(weekday, minute))
            )
    sizes = [size for size, _factor in batching.size_factors]
    factors_good = all(factor > 0 for _size, factor in batching.size_factors)
    if not factors_good or any(size < 1 for size in sizes) or any(not one < two for one, two in pairwise(sizes)):
        yield Problem(f"{place}.size_factors", _("Sizes must ascend from 1 on, and factors be greater than 0."))


def pool_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield what is wrong with those who work."""
    yield from repeated_names("pools", (pool.name for pool in model.pools))
    yield from repeated_names("pools.people", (person.name for pool in model.pools for person in pool.people))
    for number, pool in enumerate(model.pools, start=1):
        yield from _pool(f"pools[{number}]", pool, model)


def _pool(place: str, pool: ModelPool, model: ProcessModel) -> Iterator[Problem]:
    activities = {activity.name for activity in model.activities}
    yield from unknown_names(f"{place}.does", pool.does, activities)
    yield from _calendar(place, pool.calendar, model)
    if not pool.people:
        yield Problem(place, _("The pool {name} has nobody: give a count, or people.").format(name=quoted(pool.name)))
    for number, person in enumerate(pool.people, start=1):
        at = f"{place}.people[{number}]"
        yield from unknown_names(f"{at}.does", person.does, activities)
        yield from _calendar(at, person.calendar, model)
        yield from _person(at, person, person.does or pool.does)


def _calendar(place: str, name: str, model: ProcessModel) -> Iterator[Problem]:
    names = (name,) if name else ()
    yield from unknown_names(f"{place}.calendar", names, model.calendars, _("There is no calendar {name}."))


def _person(place: str, person: Person, does: tuple[str, ...]) -> Iterator[Problem]:
    if not 0.0 < person.availability <= 1.0:
        yield Problem(
            f"{place}.availability",
            _("The availability {share} does not lie above 0 and up to 1.").format(share=person.availability),
        )
    if person.at_once < 1:
        yield Problem(f"{place}.at_once", _("Who works does at least one thing at a time."))
    if person.availability < 1.0 and not person.absence_seconds > 0:
        yield Problem(f"{place}.absence_seconds", _("Absences must last longer than 0 seconds."))
    yield from negative(place, cost_per_hour=person.cost_per_hour)
    names = [name for name, _duration in person.durations]
    yield from repeated_names(f"{place}.durations", names)
    yield from unknown_names(
        f"{place}.durations", names, does, _("A duration of {name} is given, which this person does not do.")
    )
    for name, duration in person.durations:
        yield from distribution_problems(f"{place}.durations.{name}", duration)
