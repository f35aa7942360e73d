"""Changes to the plans of cases: left out, moved, side by side, merged."""

from dataclasses import replace
from itertools import combinations, pairwise

from potok.core.change import CheckByRisk, Merge, Move, Parallelise, Remove, Reorder
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import (
    ImpossibleChangeError,
    NoEffectError,
    UndecidedChangeError,
    WrongValueError,
)
from potok.simulate.changes.places import (
    check_case_types,
    is_left_out,
    performers,
    replace_pools,
    require_planned,
    require_routed,
)
from potok.simulate.changes.quality import declare_consequence, share_caught
from potok.simulate.changes.routes import (
    are_concurrent,
    direct_successors,
    ever_awaits,
    is_connected,
    routed_activities,
)
from potok.simulate.changes.scaling import add, with_mean
from potok.simulate.model import ModelActivity, ModelPool, Person, PlanRules, ProcessModel


def remove(model: ProcessModel, change: Remove) -> ProcessModel:
    """Leave an activity out of the cases."""
    require_planned(model, change.activity)
    check_case_types(model, change.case_types)
    declared = declare_consequence(model, change)
    return _leave_out(declared, change.activity, 1.0, change.case_types)


def check_by_risk(model: ProcessModel, change: CheckByRisk) -> ProcessModel:
    """Leave an activity out of the share of the cases that is not chosen."""
    require_planned(model, change.activity)
    check_case_types(model, change.case_types)
    if change.share is None:
        raise UndecidedChangeError(
            _("The share of cases in which {name} is done still has to be decided.").format(
                name=quoted(change.activity)
            ),
            remedy=_("Give a share from 0 to 1, such as share = 0.2."),
        )
    if not 0.0 <= change.share < 1.0:
        raise WrongValueError(
            _("A share of {value} does not let {name} be left out of any case.").format(
                value=change.share, name=quoted(change.activity)
            ),
            remedy=_("Give a share from 0 to less than 1."),
        )
    declared = share_caught(declare_consequence(model, change), change)
    return _leave_out(declared, change.activity, 1.0 - change.share, change.case_types)


def _leave_out(model: ProcessModel, activity: str, share: float, types: tuple[str, ...]) -> ProcessModel:
    kept = tuple(rule for rule in model.rules.skipped if rule[0] != activity or (types and rule[2] != types))
    changed = _with_rules(model, replace(model.rules, skipped=(*kept, (activity, share, types))))
    merged = {name for parts, _into in changed.rules.merged for name in parts}
    into = {name for _parts, name in changed.rules.merged}
    left = (routed_activities(changed.routing) - merged) | into
    if all(is_left_out(changed, name) for name in left):
        raise ImpossibleChangeError(
            _("Without {name} nothing of the process would be left.").format(name=quoted(activity)),
            remedy=_("Leave at least one activity in."),
        )
    return changed


def move(model: ProcessModel, change: Move) -> ProcessModel:
    """Put an activity right behind another one."""
    require_routed(model, change.activity)
    if not change.after:
        raise UndecidedChangeError(
            _("Where {name} is to be moved has to be decided.").format(name=quoted(change.activity)),
            remedy=_("Name the activity after which it comes: after = …"),
        )
    require_routed(model, change.after)
    if change.after == change.activity:
        raise WrongValueError(
            _("The activity {name} cannot come after itself.").format(name=quoted(change.activity)),
            remedy=_("Name another activity."),
        )
    before = {name for name, later in direct_successors(model.routing).items() if change.activity in later}
    if before == {change.after} and not model.rules.moved:
        raise NoEffectError(
            _("The activity {name} comes right after {after} already.").format(
                name=quoted(change.activity), after=quoted(change.after)
            ),
            remedy=_("Drop this change."),
        )
    return _with_rules(model, replace(model.rules, moved=(*model.rules.moved, (change.activity, change.after))))


def reorder(model: ProcessModel, change: Reorder) -> ProcessModel:
    """Put activities right behind one another."""
    _require_several(change.activities)
    for name in change.activities:
        require_routed(model, name)
    steps = tuple((later, earlier) for earlier, later in pairwise(change.activities))
    successors = direct_successors(model.routing)
    if not model.rules.moved and all(
        {name for name, following in successors.items() if later in following} == {earlier} for later, earlier in steps
    ):
        raise NoEffectError(_("The activities follow each other in this order already."), remedy=_("Drop this change."))
    return _with_rules(model, replace(model.rules, moved=(*model.rules.moved, *steps)))


def parallelise(model: ProcessModel, change: Parallelise) -> ProcessModel:
    """Let activities run side by side."""
    _require_several(change.activities)
    for name in change.activities:
        require_routed(model, name)
    names = change.activities
    pairs = tuple(combinations(names, 2))
    if all(_is_parallel(model, *pair) for pair in pairs):
        raise NoEffectError(
            _("The activities {names} run side by side already.").format(names=_listed(names)),
            remedy=_("Drop this change."),
        )
    tied = [
        pair
        for pair in pairs
        if _is_parallel(model, *pair) or ever_awaits(model.routing, *pair) or ever_awaits(model.routing, *pair[::-1])
    ]
    # What was moved may follow now what it did not follow before: only a run of the model would tell.
    if not model.rules.moved and not is_connected(names, tied):
        raise NoEffectError(
            _("The activities {names} do not follow right after each other, so that none awaits another.").format(
                names=_listed(names)
            ),
            remedy=_("Name activities that follow each other, or move one of them first."),
        )
    new = tuple(pair for pair in pairs if not _is_parallel(model, *pair))
    return _with_rules(model, replace(model.rules, parallel=(*model.rules.parallel, *new)))


def _is_parallel(model: ProcessModel, first: str, second: str) -> bool:
    known = model.rules.parallel
    return are_concurrent(model.routing, first, second) or (first, second) in known or (second, first) in known


def merge(model: ProcessModel, change: Merge) -> ProcessModel:
    """Let several activities be done in one go."""
    _require_several(change.activities)
    parts = tuple(require_routed(model, name) for name in change.activities)
    into = change.into or " + ".join(change.activities)
    if into not in change.activities and any(one.name == into for one in model.activities):
        raise WrongValueError(
            _("The model has an activity {name} already.").format(name=quoted(into)),
            remedy=_("Give the merged activity another name."),
        )
    if change.duration_seconds is not None and change.duration_seconds < 0:
        raise WrongValueError(_("A time of work cannot be negative."), remedy=_("Give 0 or more seconds."))
    _require_neighbours(model, change.activities)
    whole = _merged_activity(parts, into, change.duration_seconds)
    if not whole.is_automatic:
        _require_common_performer(model, parts)
    taught = replace_pools(model, lambda pool: _teach(pool, parts, whole, change.duration_seconds))
    gone = set(change.activities) - {into}
    # The parts stay in the document: the routing and people's skills still name them.
    kept = tuple(whole if one.name == into else one for one in model.activities)
    consequences = tuple(replace(one, activity=into) if one.activity in gone else one for one in model.consequences)
    rules = replace(model.rules, merged=(*model.rules.merged, (change.activities, into)))
    return replace(
        _with_rules(taught, rules),
        activities=kept if into in change.activities else (*kept, whole),
        consequences=consequences,
    )


def _merged_activity(parts: tuple[ModelActivity, ...], into: str, duration_seconds: float | None) -> ModelActivity:
    duration = add(tuple(part.duration for part in parts))
    return replace(
        parts[0],
        name=into,
        duration=duration if duration_seconds is None else with_mean(duration, duration_seconds),
        is_automatic=all(part.is_automatic for part in parts),
        cost=sum(part.cost for part in parts),
        applicant_seconds=sum(part.applicant_seconds for part in parts),
        is_logged=any(part.is_logged for part in parts),
    )


def _require_common_performer(model: ProcessModel, parts: tuple[ModelActivity, ...]) -> None:
    manual = [part.name for part in parts if not part.is_automatic]
    able = [{person.name for person in performers(model, name)} for name in manual]
    if not set.intersection(*able):
        raise ImpossibleChangeError(
            _("Nobody does all of {names}.").format(names=_listed(manual)),
            remedy=_("Let someone learn the rest first: a change with verb = “skills” before this one."),
        )


def _teach(
    pool: ModelPool, parts: tuple[ModelActivity, ...], whole: ModelActivity, duration_seconds: float | None
) -> ModelPool:
    """Let those who do all the parts do the whole."""
    manual = {part.name for part in parts if not part.is_automatic}

    def extended(does: tuple[str, ...]) -> tuple[str, ...]:
        return (*does, whole.name) if manual <= {*does} and whole.name not in does and manual else does

    def person(one: Person) -> Person:
        own = dict(one.durations)
        if not any(part.name in own for part in parts):
            return replace(one, does=extended(one.does))
        total = add(tuple(own.get(part.name, part.duration) for part in parts))
        if duration_seconds is not None:
            total = whole.duration
        return replace(one, does=extended(one.does), durations=(*one.durations, (whole.name, total)))

    return replace(pool, does=extended(pool.does), people=tuple(map(person, pool.people)))


def _require_neighbours(model: ProcessModel, names: tuple[str, ...]) -> None:
    """Refuse to merge what never stands beside each other in a case."""
    if model.rules.moved:
        return
    successors = direct_successors(model.routing)
    tied = [(one, two) for one in names for two in names if one != two and two in successors.get(one, frozenset())]
    if not is_connected(names, [*tied, *(pair for pair in combinations(names, 2) if _is_parallel(model, *pair))]):
        raise NoEffectError(
            _("The activities {names} never stand beside each other in a case.").format(names=_listed(names)),
            remedy=_("Name activities that follow each other, or move one of them first."),
        )


def _require_several(names: tuple[str, ...]) -> None:
    if len(set(names)) < len(names) or len(names) < 2:
        raise WrongValueError(
            _("The change needs at least two different activities."), remedy=_('Name them: activities = ["…", "…"].')
        )


def _with_rules(model: ProcessModel, rules: PlanRules) -> ProcessModel:
    return replace(model, rules=rules)


def _listed(names: "tuple[str, ...] | list[str]") -> str:
    return ", ".join(quoted(name) for name in names)
