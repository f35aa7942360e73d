"""Letting one activity become several."""

from dataclasses import replace
from itertools import pairwise
from typing import Final

from potok.core.change import Split
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.simulate.changes.errors import ImpossibleChangeError, WrongValueError
from potok.simulate.changes.places import require_routed
from potok.simulate.changes.scaling import scale
from potok.simulate.model import (
    Context,
    Flow,
    GraphRouting,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Node,
    Person,
    ProcessModel,
)

_ROUNDING: Final = 1e-6


def split(model: ProcessModel, change: Split) -> ProcessModel:
    """Put several activities in the place of one; whoever did the one does all of them."""
    activity = require_routed(model, change.activity)
    _check_parts(model, change)
    shares = change.shares or (1.0 / len(change.into),) * len(change.into)
    routing = model.routing
    # The last part prevents what the whole prevented: only then it is complete.
    consequences = tuple(
        replace(one, activity=change.into[-1]) if one.activity == change.activity else one for one in model.consequences
    )
    parts = tuple(
        _part(activity, name, share, is_first=not number)
        for number, (name, share) in enumerate(zip(change.into, shares, strict=True))
    )
    # The last part takes the place of the whole, so that who has done the whole is done with all of it.
    kept = tuple(parts[-1] if one.name == change.activity else one for one in model.activities)
    return replace(
        model,
        routing=(
            _split_history(routing, change.activity, change.into)
            if isinstance(routing, HistoryRouting)
            else _split_graph(routing, change.activity, change.into)
        ),
        activities=(*kept, *parts[:-1]),
        pools=tuple(_split_skill(pool, change.activity, change.into, shares) for pool in model.pools),
        consequences=consequences,
    )


def _check_parts(model: ProcessModel, change: Split) -> None:
    if len(change.into) < 2 or len(set(change.into)) < len(change.into) or "" in change.into:
        raise WrongValueError(
            _("The change needs names of at least two different parts."), remedy=_('Name them: into = ["…", "…"].')
        )
    known = {one.name for one in model.activities} - {change.activity}
    if taken := sorted(known & set(change.into)):
        raise WrongValueError(
            _("The model has an activity {name} already.").format(name=quoted(taken[0])),
            remedy=_("Give the part another name."),
        )
    total = sum(change.shares)
    wrong = len(change.shares) != len(change.into) or min(change.shares) < 0 or abs(total - 1) > _ROUNDING
    if change.shares and wrong:
        raise WrongValueError(
            _("The shares of the parts are {shares}, which do not make up the whole.").format(
                shares=", ".join(f"{share:g}" for share in change.shares)
            ),
            remedy=_("Give a share for each part that is not negative; together they make 1."),
        )
    rules = model.rules
    named = {name for pair in (*rules.moved, *rules.parallel) for name in pair}
    named |= {name for parts, _into in rules.merged for name in parts} | {rule[0] for rule in rules.skipped}
    if change.activity in named:
        raise ImpossibleChangeError(
            _("Another change before this one alters what becomes of {name}.").format(name=quoted(change.activity)),
            remedy=_("Let the change that splits come first, and name the parts in the others."),
        )


def _part(activity: ModelActivity, name: str, share: float, *, is_first: bool) -> ModelActivity:
    return replace(
        activity,
        name=name,
        duration=scale(activity.duration, share),
        delay=activity.delay if is_first else None,
        batching=activity.batching if is_first else None,
        cost=activity.cost * share,
        applicant_seconds=activity.applicant_seconds * share,
    )


def _substituted(names: tuple[str, ...], activity: str, into: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for name in names for part in (into if name == activity else (name,)))


def _split_skill(pool: ModelPool, activity: str, into: tuple[str, ...], shares: tuple[float, ...]) -> ModelPool:
    def person(one: Person) -> Person:
        durations = tuple(
            part
            for name, duration in one.durations
            for part in (
                ((new, scale(duration, share)) for new, share in zip(into, shares, strict=True))
                if name == activity
                else ((name, duration),)
            )
        )
        return replace(one, does=_substituted(one.does, activity, into), durations=durations)

    return replace(pool, does=_substituted(pool.does, activity, into), people=tuple(map(person, pool.people)))


def _substituted_history(context: Context, activity: str, into: tuple[str, ...]) -> tuple[str, ...]:
    """Return a history of parts; of one that does not reach back to the beginning, the first may be the last part."""
    history = context.history
    if history[:1] == (activity,) and not context.is_start:
        return (into[-1], *_substituted(history[1:], activity, into))
    return _substituted(history, activity, into)


def _split_history(routing: HistoryRouting, activity: str, into: tuple[str, ...]) -> HistoryRouting:
    contexts = tuple(
        replace(
            context,
            history=_substituted_history(context, activity, into),
            following=tuple((into[0] if name == activity else name, share) for name, share in context.following),
        )
        for context in routing.contexts
    )
    # No history ends with a part that is not the last one, so that these alone apply there.
    between = tuple(Context((earlier,), ((later, 1.0),)) for earlier, later in pairwise(into))
    concurrent = tuple(
        (one, two)
        for first, second in routing.concurrent
        for one in (into if first == activity else (first,))
        for two in (into if second == activity else (second,))
    )
    return replace(routing, contexts=(*contexts, *between), concurrent=tuple(dict.fromkeys(concurrent)))


def _split_graph(routing: GraphRouting, activity: str, into: tuple[str, ...]) -> GraphRouting:
    taken = {node.name for node in routing.nodes}
    nodes: list[Node] = []
    flows = list(routing.flows)
    for node in routing.nodes:
        if node.activity != activity:
            nodes.append(node)
            continue
        names = [node.name, *(_free_name(f"{node.name}: {part}", taken) for part in into[1:])]
        nodes += [replace(node, name=name, activity=part) for name, part in zip(names, into, strict=True)]
        # What left the activity leaves its last part.
        flows = [replace(flow, source=names[-1]) if flow.source == node.name else flow for flow in flows]
        flows += [Flow(one, two) for one, two in pairwise(names)]
    return replace(routing, nodes=tuple(nodes), flows=tuple(flows))


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "*"
    taken.add(name)
    return name
