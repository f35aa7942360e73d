"""Finding what a change names, and putting altered parts back into a model."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import ImpossibleChangeError, NoEffectError, UndecidedChangeError, unknown
from potok.simulate.changes.routes import routed_activities
from potok.simulate.model import ModelActivity, ModelPool, Person, ProcessModel

_SHOWN_SKILLS: Final = 3
_MOST_POOLS: Final = 12


def find_activity(model: ProcessModel, name: str) -> ModelActivity:
    """Return an activity by its name."""
    for activity in model.activities:
        if activity.name == name:
            return activity
    if not name:
        raise UndecidedChangeError(
            _("The change does not say which activity it means."), remedy=_("Name the activity.")
        )
    raise unknown(_("The model has no activity “{name}”."), name, (one.name for one in model.activities))


def require_planned(model: ProcessModel, name: str) -> ModelActivity:
    """Return an activity that cases come to; refuse one that no longer stands by itself."""
    activity = find_activity(model, name)
    for parts, into in model.rules.merged:
        if name in parts and name != into:
            raise ImpossibleChangeError(
                _("The activity {name} has become a part of {into}.").format(name=quoted(name), into=quoted(into)),
                remedy=_("Let this change come before the one that merges, or name the merged activity."),
            )
    merged = {into for _parts, into in model.rules.merged}
    if name not in routed_activities(model.routing) | merged:
        raise NoEffectError(
            _("No case of the model comes to the activity {name}.").format(name=quoted(name)),
            remedy=_("Name an activity that occurs."),
        )
    if is_left_out(model, name):
        raise NoEffectError(
            _("The activity {name} is left out of every case already.").format(name=quoted(name)),
            remedy=_("Drop this change, or the one that leaves the activity out."),
        )
    return activity


def require_routed(model: ProcessModel, name: str) -> ModelActivity:
    """Return an activity that the routing itself draws, which one that was merged from others is not."""
    activity = require_planned(model, name)
    if name not in routed_activities(model.routing):
        raise ImpossibleChangeError(
            _("The activity {name} comes about by merging; its place cannot be changed any more.").format(
                name=quoted(name)
            ),
            remedy=_("Let this change come before the one that merges, and name the parts."),
        )
    return activity


def is_left_out(model: ProcessModel, name: str) -> bool:
    """Return whether the rules leave an activity out of every case."""
    return any(one == name and share >= 1.0 and not types for one, share, types in model.rules.skipped)


def check_case_types(model: ProcessModel, names: Iterable[str]) -> None:
    """Refuse case types that the model does not have."""
    known = [one.name for one in model.case_types]
    for name in names:
        if name not in known:
            raise unknown(_("The model has no case type “{name}”."), name, known)


def find_pool(model: ProcessModel, name: str) -> ModelPool:
    """Return a pool by its name."""
    for pool in model.pools:
        if pool.name == name:
            return pool
    error = unknown(_("The model has no pool “{name}”."), name, (one.name for one in model.pools))
    # Pools that were discovered have numbers for names: what they do tells them apart.
    known = "; ".join(
        f"{quoted(one.name)} – {', '.join(one.does[:_SHOWN_SKILLS])}" for one in model.pools[:_MOST_POOLS]
    )
    error.remedy += " " + _("What they do: {pools}.").format(pools=known)
    raise error


def skills_of(person: Person, pool: ModelPool) -> tuple[str, ...]:
    """Return what a person can do."""
    return person.does or pool.does


def pools_doing(model: ProcessModel, activity: str) -> tuple[ModelPool, ...]:
    """Return the pools of which someone does an activity."""
    return tuple(pool for pool in model.pools if any(activity in skills_of(person, pool) for person in pool.people))


def performers(model: ProcessModel, activity: str) -> tuple[Person, ...]:
    """Return the people who do an activity."""
    return tuple(person for pool in model.pools for person in pool.people if activity in skills_of(person, pool))


def replace_activity(model: ProcessModel, altered: ModelActivity) -> ProcessModel:
    """Return the model with one activity altered."""
    activities = tuple(altered if one.name == altered.name else one for one in model.activities)
    return replace(model, activities=activities)


def replace_pools(model: ProcessModel, alter: Callable[[ModelPool], ModelPool]) -> ProcessModel:
    """Return the model with its pools altered."""
    return replace(model, pools=tuple(alter(pool) for pool in model.pools))


def require_performers(before: ProcessModel, after: ProcessModel) -> None:
    """Refuse a change after which nobody does an activity that people do."""
    for activity in after.activities:
        had = performers(before, activity.name)
        if had and not activity.is_automatic and not performers(after, activity.name):
            raise ImpossibleChangeError(
                _("Nobody would be left to do {name}.").format(name=quoted(activity.name)),
                remedy=_("Let someone else learn it first (skills), leave fewer people out, or automate it."),
            )
