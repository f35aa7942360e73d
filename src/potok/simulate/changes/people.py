"""Changes to who works, what they can do and when."""

from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np

from potok.core.calendars import Calendar, calendar_from_mapping, load_calendar
from potok.core.calendars.errors import BrokenCalendarError, UnknownCalendarError
from potok.core.change import AddStaff, ChangeCalendar, ChangeSkills
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import (
    ImpossibleChangeError,
    NoEffectError,
    UndecidedChangeError,
    WrongValueError,
    unknown,
)
from potok.simulate.changes.places import (
    find_activity,
    find_pool,
    pools_doing,
    replace_pools,
    require_performers,
    require_planned,
    skills_of,
)
from potok.simulate.model import ModelPool, Person, ProcessModel

MOST_ADDED: Final = 10_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2999


def add_staff(model: ProcessModel, change: AddStaff) -> ProcessModel:
    """Add people to a pool, or take them away."""
    pool = _pool_of(model, change)
    if not change.count or abs(change.count) > MOST_ADDED:
        raise WrongValueError(
            _("{count} people cannot be added.").format(count=change.count),
            remedy=_("Give a number that is not 0, such as 1 or −1, up to {most}.").format(most=MOST_ADDED),
        )
    for name in change.skills:
        require_planned(model, name)
    named = model
    if change.calendar:
        named = _with_calendar(model, change.calendar, _find_calendar(model, change.calendar))
    if change.count > 0:
        altered = _grown(model, pool, change)
    else:
        if change.skills or change.calendar:
            raise WrongValueError(
                _("Those who leave have no new skills or hours."), remedy=_("Leave out skills and calendar.")
            )
        altered = _shrunk(pool, -change.count)
    changed = replace_pools(named, lambda one: altered if one.name == pool.name else one)
    require_performers(model, changed)
    return changed


def _pool_of(model: ProcessModel, change: AddStaff) -> ModelPool:
    if change.pool:
        return find_pool(model, change.pool)
    activity = require_planned(model, change.activity)
    pools = pools_doing(model, activity.name)
    if len(pools) == 1:
        return pools[0]
    if not pools:
        raise ImpossibleChangeError(
            _("No people do {name}.").format(name=quoted(activity.name)), remedy=_("Name a pool instead.")
        )
    raise UndecidedChangeError(
        _("Several pools do {name}; which of them is to change has to be decided.").format(name=quoted(activity.name)),
        remedy=_("Name one of: {names}.").format(names=", ".join(quoted(pool.name) for pool in pools)),
    )


def _typical(pool: ModelPool) -> list[Person]:
    """Return the people of a pool, those first whose availability is nearest to the pool's mean."""
    mean = sum(person.availability for person in pool.people) / len(pool.people)
    return sorted(pool.people, key=lambda person: abs(person.availability - mean))


def _grown(model: ProcessModel, pool: ModelPool, change: AddStaff) -> ModelPool:
    """Let people join who are available, do several things at once and cost as those of the pool do on average."""
    like = _typical(pool)[0]
    taken = {person.name for one in model.pools for person in one.people}
    names = (f"{pool.name} +{number}" for number in range(1, 2 * MOST_ADDED + len(taken) + 2))
    free = (name for name in names if name not in taken)
    joining = tuple(
        Person(
            name,
            does=change.skills,
            calendar=change.calendar,
            at_once=round(float(np.median([person.at_once for person in pool.people]))),
            availability=sum(person.availability for person in pool.people) / len(pool.people),
            absence_seconds=like.absence_seconds,
            cost_per_hour=sum(person.cost_per_hour for person in pool.people) / len(pool.people),
        )
        for _number, name in zip(range(change.count), free, strict=False)
    )
    # The new ones stand last, so that those who were there keep their numbers and their draws.
    return replace(pool, people=(*pool.people, *joining))


def _shrunk(pool: ModelPool, count: int) -> ModelPool:
    if count >= len(pool.people):
        raise ImpossibleChangeError(
            _("The pool {pool} has {people} people; {count} cannot leave.").format(
                pool=quoted(pool.name), people=len(pool.people), count=count
            ),
            remedy=_("Let at least one person stay."),
        )
    leaving = {person.name for person in _typical(pool)[::1][:count]}
    return replace(pool, people=tuple(person for person in pool.people if person.name not in leaving))


def change_skills(model: ProcessModel, change: ChangeSkills) -> ProcessModel:
    """Change what a pool or a person can do."""
    if bool(change.pool) == bool(change.person):
        raise UndecidedChangeError(
            _("The change has to say whose skills it means."), remedy=_("Give either pool or person.")
        )
    if not change.add and not change.drop:
        raise UndecidedChangeError(
            _("The change adds no skill and drops none."), remedy=_("Give add or drop with names of activities.")
        )
    for name in (*change.add, *change.drop):
        find_activity(model, name)
    pool = find_pool(model, change.pool) if change.pool else _pool_of_person(model, change.person)
    known = _known_skills(pool, change.person)
    if wrong := [name for name in change.add if name in known] + [name for name in change.drop if name not in known]:
        raise NoEffectError(
            _("{who} can do {known}; {name} is no change.").format(
                who=quoted(change.pool or change.person),
                known=", ".join(map(quoted, sorted(known))),
                name=quoted(wrong[0]),
            ),
            remedy=_("Add what is not there, drop what is."),
        )
    changed = replace_pools(model, lambda one: _relearned(one, change) if one.name == pool.name else one)
    require_performers(model, changed)
    return changed


def _pool_of_person(model: ProcessModel, name: str) -> ModelPool:
    for pool in model.pools:
        if any(person.name == name for person in pool.people):
            return pool
    raise unknown(
        _("The model has no person “{name}”."), name, (one.name for pool in model.pools for one in pool.people)
    )


def _known_skills(pool: ModelPool, person: str) -> set[str]:
    if not person:
        return set(pool.does)
    return {name for one in pool.people if one.name == person for name in skills_of(one, pool)}


def _relearned(pool: ModelPool, change: ChangeSkills) -> ModelPool:
    def learn(does: tuple[str, ...]) -> tuple[str, ...]:
        kept = tuple(dict.fromkeys((*(name for name in does if name not in change.drop), *change.add)))
        if not kept:
            raise ImpossibleChangeError(
                _("{who} would be left without any work.").format(who=quoted(change.pool or change.person)),
                remedy=_("Leave at least one activity."),
            )
        return kept

    if change.person:
        people = tuple(
            replace(one, does=learn(skills_of(one, pool))) if one.name == change.person else one for one in pool.people
        )
        return replace(pool, people=people)
    # People with skills of their own learn and forget as the pool does, but keep at least what they had else.
    people = tuple(replace(one, does=learn(one.does)) if one.does else one for one in pool.people)
    return replace(pool, does=learn(pool.does), people=people)


def change_calendar(model: ProcessModel, change: ChangeCalendar) -> ProcessModel:
    """Change when people work."""
    if bool(change.calendar) == bool(change.weekly):
        raise UndecidedChangeError(_("The new hours have to be decided."), remedy=_("Give either calendar or weekly."))
    if change.pool:
        pools: tuple[ModelPool, ...] = (find_pool(model, change.pool),)
    else:
        pools = pools_doing(model, require_planned(model, change.activity).name)
    if not pools:
        raise ImpossibleChangeError(
            _("No people do {name}.").format(name=quoted(change.activity)), remedy=_("Name a pool instead.")
        )
    changed, names = model, {}
    for pool in pools:
        name, calendar = _new_hours(model, pool, change)
        changed, names[pool.name] = _with_calendar(changed, name, calendar), name
    if all(
        model.calendars.get(one.calendar) == changed.calendars[names[one.name]]
        and not any(person.calendar for person in one.people)
        for one in pools
    ):
        raise NoEffectError(_("These are the hours already."), remedy=_("Drop this change."))
    return replace_pools(changed, lambda one: _on_hours(one, names[one.name]) if one.name in names else one)


def _on_hours(pool: ModelPool, calendar: str) -> ModelPool:
    return replace(pool, calendar=calendar, people=tuple(replace(person, calendar="") for person in pool.people))


def _new_hours(model: ProcessModel, pool: ModelPool, change: ChangeCalendar) -> tuple[str, Calendar]:
    if change.calendar:
        return change.calendar, _find_calendar(model, change.calendar)
    before = model.calendars.get(pool.calendar)
    given = {day.lower(): list(hours) for day, hours in change.weekly}
    try:
        made = calendar_from_mapping(
            {
                "schema": "potok.calendar/1",
                "zone": before.zone if before else model.zone,
                "first_year": _FIRST_YEAR,
                "last_year": _LAST_YEAR,
                "weekly": given,
            },
            file="weekly",
        )
    except BrokenCalendarError as error:
        raise WrongValueError(error.message, remedy=error.remedy) from error
    name = _free_calendar_name(model, f"{pool.name}: new hours")
    if before is None:
        return name, replace(made, name=name)
    # Holidays stay holidays; days with hours of their own take those of the new week.
    days: dict[date, tuple[tuple[int, int], ...]] = {day: () for day, spans in before.days.items() if not spans}
    return name, Calendar(name, before.zone, made.weekly, days, before.first_year, before.last_year)


def _free_calendar_name(model: ProcessModel, name: str) -> str:
    while name in model.calendars:
        name += "*"
    return name


def _find_calendar(model: ProcessModel, name: str) -> Calendar:
    if name in model.calendars:
        return model.calendars[name]
    try:
        return load_calendar(name)
    except UnknownCalendarError as error:
        raise unknown(_("The model has no calendar “{name}”."), name, model.calendars) from error


def _with_calendar(model: ProcessModel, name: str, calendar: Calendar) -> ProcessModel:
    return replace(model, calendars={**model.calendars, name: calendar})
