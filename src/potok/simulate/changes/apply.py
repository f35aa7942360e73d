"""Applying changes to a model, one after another."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from potok.core.change import Change, ChangeVerb
from potok.core.language import gettext as _
from potok.simulate.changes.demand import change_demand
from potok.simulate.changes.errors import ChangeError
from potok.simulate.changes.people import add_staff, change_calendar, change_skills
from potok.simulate.changes.plans import check_by_risk, merge, move, parallelise, remove, reorder
from potok.simulate.changes.reroute import reroute
from potok.simulate.changes.split import split
from potok.simulate.changes.work import automate, change_priority, switch_batching
from potok.simulate.model import ProcessModel

# Each takes the kind of change that its verb names.
_APPLYING: Final[dict[ChangeVerb, Callable[[ProcessModel, Any], ProcessModel]]] = {
    ChangeVerb.REMOVE: remove,
    ChangeVerb.MERGE: merge,
    ChangeVerb.SPLIT: split,
    ChangeVerb.AUTOMATE: automate,
    ChangeVerb.PARALLELISE: parallelise,
    ChangeVerb.REORDER: reorder,
    ChangeVerb.MOVE: move,
    ChangeVerb.CHECK_BY_RISK: check_by_risk,
    ChangeVerb.REROUTE: reroute,
    ChangeVerb.BATCHING: switch_batching,
    ChangeVerb.STAFF: add_staff,
    ChangeVerb.SKILLS: change_skills,
    ChangeVerb.CALENDAR: change_calendar,
    ChangeVerb.PRIORITY: change_priority,
    ChangeVerb.DEMAND: change_demand,
}


def apply_changes(model: ProcessModel, changes: Iterable[Change]) -> ProcessModel:
    """Return the model after the changes, applied in their order; each sees what those before it have changed.

    Raises
    ------
    ChangeError
        If one cannot be applied; its subclasses say why, `where` which one, and the remedy what would help.
    """
    for number, change in enumerate(changes, start=1):
        try:
            model = _APPLYING[change.verb](model, change)
        except ChangeError as error:
            error.where = _("change {number}, verb {verb}").format(number=number, verb=change.verb.value)
            raise
    return model
