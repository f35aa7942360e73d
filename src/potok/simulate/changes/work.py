"""Changes to how an activity is done: by a machine, in batches, in which order."""

import re
from dataclasses import replace
from typing import Final

from potok.core.change import Automate, ChangePriority, SwitchBatching
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import (
    ImpossibleChangeError,
    NoEffectError,
    UndecidedChangeError,
    WrongValueError,
)
from potok.simulate.changes.places import check_case_types, replace_activity, require_planned
from potok.simulate.changes.scaling import with_mean
from potok.simulate.model import Batching, Discipline, ProcessModel

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FIRING: Final = re.compile(rf"\s*({'|'.join(WEEKDAYS)})\s+([01]?\d|2[0-3]):([0-5]\d)\s*", re.IGNORECASE)


def automate(model: ProcessModel, change: Automate) -> ProcessModel:
    """Let a machine do an activity: it starts at once, at any hour."""
    activity = require_planned(model, change.activity)
    if activity.is_automatic:
        raise NoEffectError(
            _("A machine does {name} already.").format(name=quoted(change.activity)), remedy=_("Drop this change.")
        )
    for name, value in (("duration_seconds", change.duration_seconds), ("cost", change.cost)):
        if value is not None and value < 0:
            raise WrongValueError(
                _("{name} cannot be {value}.").format(name=name, value=value), remedy=_("Give 0 or more.")
            )
    duration = activity.duration
    if change.duration_seconds is not None:
        duration = with_mean(duration, change.duration_seconds)
    automated = replace(
        activity,
        is_automatic=True,
        duration=duration,
        batching=None,
        discipline=Discipline.FIFO,
        delay=None if change.is_delay_kept is False else activity.delay,
        cost=activity.cost if change.cost is None else change.cost,
    )
    return replace_activity(model, automated)


def switch_batching(model: ProcessModel, change: SwitchBatching) -> ProcessModel:
    """Stop collecting cases before an activity, or begin to."""
    activity = require_planned(model, change.activity)
    rules = (change.minimum_size, change.maximum_wait_seconds, change.fires_at or None)
    if not change.is_on:
        if activity.batching is None:
            raise NoEffectError(
                _("No cases are collected before {name}.").format(name=quoted(change.activity)),
                remedy=_("Drop this change, or begin to collect them with is_on = true."),
            )
        return replace_activity(model, replace(activity, batching=None))
    if activity.is_automatic:
        raise ImpossibleChangeError(
            _("A machine does {name} at once; it collects nothing.").format(name=quoted(change.activity)),
            remedy=_("Drop this change, or the one that automates."),
        )
    if all(rule is None for rule in rules):
        raise UndecidedChangeError(
            _("When a batch before {name} is ready has to be decided.").format(name=quoted(change.activity)),
            remedy=_("Give minimum_size, maximum_wait_seconds or fires_at."),
        )
    before = activity.batching or Batching()
    return replace_activity(model, replace(activity, batching=_batching(change, before)))


def _batching(change: SwitchBatching, before: Batching) -> Batching:
    for name, size in (("minimum_size", change.minimum_size), ("maximum_size", change.maximum_size)):
        if size is not None and size < 1:
            raise WrongValueError(
                _("{name} cannot be {value}.").format(name=name, value=size), remedy=_("Give 1 or more.")
            )
    if change.maximum_wait_seconds is not None and change.maximum_wait_seconds <= 0:
        raise WrongValueError(
            _("{name} cannot be {value}.").format(name="maximum_wait_seconds", value=change.maximum_wait_seconds),
            remedy=_("Give more than 0."),
        )
    least, most = change.minimum_size or 0, change.maximum_size or 0
    if most and least > most:
        raise WrongValueError(
            _("A batch cannot have at least {least} and at most {most} members.").format(least=least, most=most),
            remedy=_("Let minimum_size be no more than maximum_size."),
        )
    return Batching(
        minimum_size=least,
        maximum_size=most,
        maximum_wait_seconds=change.maximum_wait_seconds or 0.0,
        fires_at=tuple(map(_parse_firing, change.fires_at)),
        is_concurrent=before.is_concurrent if change.is_concurrent is None else change.is_concurrent,
        size_factors=before.size_factors,
    )


def _parse_firing(text: str) -> tuple[int, int]:
    match = _FIRING.fullmatch(text)
    if match is None:
        raise WrongValueError(
            _("“{text}” is no weekday with a time of day.").format(text=text),
            remedy=_('Write it as in fires_at = ["friday 15:00"].'),
        )
    return WEEKDAYS.index(match[1].lower()), int(match[2]) * 60 + int(match[3])


def change_priority(model: ProcessModel, change: ChangePriority) -> ProcessModel:
    """Change which of the waiting cases goes first."""
    try:
        discipline = Discipline(change.discipline)
    except ValueError as error:
        raise WrongValueError(
            _("There is no order “{name}” in which cases are taken.").format(name=change.discipline),
            remedy=_("Choose one of: {names}.").format(names=", ".join(Discipline)),
        ) from error
    chosen = (require_planned(model, change.activity),) if change.activity else model.activities
    _check_order(model, change, discipline)
    types = tuple(
        replace(
            one, priority=change.case_types.index(one.name) if one.name in change.case_types else len(change.case_types)
        )
        if change.case_types
        else one
        for one in model.case_types
    )
    if types == model.case_types and all(one.discipline is discipline for one in chosen):
        raise NoEffectError(_("Cases are taken in this order already."), remedy=_("Drop this change."))
    names = {one.name for one in chosen}
    activities = tuple(replace(one, discipline=discipline) if one.name in names else one for one in model.activities)
    return replace(model, activities=activities, case_types=types)


def _check_order(model: ProcessModel, change: ChangePriority, discipline: Discipline) -> None:
    check_case_types(model, change.case_types)
    if discipline is Discipline.EARLIEST_DUE and model.term is None:
        raise ImpossibleChangeError(
            _("Cases cannot be taken by their due dates: the model has no term."),
            remedy=_("Give a term in the model, or with --term or --regulation."),
        )
    if change.case_types and discipline is not Discipline.PRIORITY:
        raise WrongValueError(
            _("Case types are in an order only where they go by priority."),
            remedy=_('Give discipline = "priority" as well, or leave out case_types.'),
        )
    priorities = {one.priority for one in model.case_types}
    if discipline is Discipline.PRIORITY and not change.case_types and len(priorities) == 1:
        raise UndecidedChangeError(
            _("No case type goes before another one."),
            remedy=_('Name those that go first: case_types = ["…"]; the model must have several.'),
        )
