"""Sending cases another way: between activities by share, between pools."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import exp
from typing import Final

from potok.core.change import Reroute
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.changes.errors import (
    ImpossibleChangeError,
    NoEffectError,
    UndecidedChangeError,
    WrongValueError,
)
from potok.simulate.changes.places import (
    find_pool,
    require_performers,
    require_planned,
    require_routed,
    skills_of,
)
from potok.simulate.changes.routes import direct_successors
from potok.simulate.model import END, Context, Flow, GraphRouting, HistoryRouting, ModelPool, Node, ProcessModel

Shares = tuple[tuple[str, float], ...]
_MOST_ODDS: Final = 40.0
_HALVINGS: Final = 80


def reroute(model: ProcessModel, change: Reroute) -> ProcessModel:
    """Let other ways, or other pools, take cases."""
    if change.to_activity:
        return _reroute_cases(model, change)
    return _reroute_work(model, change)


def _reroute_work(model: ProcessModel, change: Reroute) -> ProcessModel:
    if not change.activity or not change.to_unit:
        raise UndecidedChangeError(
            _("Which way cases are to go has to be decided."),
            remedy=_("Give activity with to_unit (and from_unit), or activity with to_activity and share."),
        )
    if change.share not in (None, 1.0):
        raise WrongValueError(
            _("Pools cannot share an activity by a fixed share: whoever is free takes it."),
            remedy=_("Leave out the share to pass the work on, or let more people do it with verb = “skills”."),
        )
    require_planned(model, change.activity)
    taker = find_pool(model, change.to_unit)
    giver = find_pool(model, change.from_unit) if change.from_unit else None
    if giver is not None and change.activity not in _pool_skills(giver):
        raise NoEffectError(
            _("Nobody of {pool} does {name}.").format(pool=quoted(giver.name), name=quoted(change.activity)),
            remedy=_("Name the pool that does it as from_unit."),
        )
    if giver is None and change.activity in _pool_skills(taker) and len(_doing(model, change.activity)) == 1:
        raise NoEffectError(
            _("The pool {pool} alone does {name} already.").format(
                pool=quoted(taker.name), name=quoted(change.activity)
            ),
            remedy=_("Drop this change."),
        )
    losers = {giver.name} if giver else {pool.name for pool in model.pools}

    def alter(pool: ModelPool) -> ModelPool:
        if pool.name == taker.name:
            return _with_skill(pool, change.activity)
        return _without_skill(pool, change.activity) if pool.name in losers else pool

    changed = replace(model, pools=tuple(alter(pool) for pool in model.pools))
    require_performers(model, changed)
    return changed


def _doing(model: ProcessModel, activity: str) -> tuple[ModelPool, ...]:
    return tuple(pool for pool in model.pools if activity in _pool_skills(pool))


def _pool_skills(pool: ModelPool) -> set[str]:
    return {name for person in pool.people for name in skills_of(person, pool)}


def _with_skill(pool: ModelPool, activity: str) -> ModelPool:
    people = tuple(
        replace(one, does=(*one.does, activity)) if one.does and activity not in one.does else one
        for one in pool.people
    )
    return replace(pool, does=tuple(dict.fromkeys((*pool.does, activity))), people=people)


def _without_skill(pool: ModelPool, activity: str) -> ModelPool:
    left = tuple(name for name in pool.does if name != activity)
    if not left:
        raise ImpossibleChangeError(
            _("The pool {pool} does nothing but {name}; without it, it would have no work.").format(
                pool=quoted(pool.name), name=quoted(activity)
            ),
            remedy=_("Give it other work first with verb = “skills”."),
        )
    people = tuple(replace(one, does=tuple(name for name in one.does if name != activity)) for one in pool.people)
    return replace(pool, does=left, people=people)


def _reroute_cases(model: ProcessModel, change: Reroute) -> ProcessModel:
    if change.share is None:
        raise UndecidedChangeError(
            _("The share of cases that go on to {name} has to be decided.").format(name=quoted(change.to_activity)),
            remedy=_("Give a share from 0 to 1, such as share = 0.2."),
        )
    if not 0.0 <= change.share <= 1.0:
        raise WrongValueError(
            _("{name} cannot be {value}.").format(name="share", value=change.share),
            remedy=_("Give a share from 0 to 1."),
        )
    for name in (change.activity, change.to_activity, *((change.from_activity,) if change.from_activity else ())):
        require_routed(model, name)
    later = direct_successors(model.routing).get(change.activity, frozenset())
    for name in (change.to_activity, *((change.from_activity,) if change.from_activity else ())):
        if name not in later and (isinstance(model.routing, GraphRouting) or name != change.to_activity):
            raise NoEffectError(
                _("No case goes from {activity} right on to {name}.").format(
                    activity=quoted(change.activity), name=quoted(name)
                ),
                remedy=_("What comes after it: {names}.").format(names=", ".join(map(quoted, sorted(later))) or "–"),
            )
    weights = {one.name: one.share for one in model.case_types}
    if isinstance(model.routing, HistoryRouting):
        return replace(model, routing=_reroute_history(model.routing, change, change.share, weights))
    return replace(model, routing=_reroute_graph(model.routing, change, change.share, weights))


def _reroute_history(
    routing: HistoryRouting, change: Reroute, share: float, types: Mapping[str, float]
) -> HistoryRouting:
    """Shift the shares of all histories that end with the activity by the same factor of odds.

    The factor is that which brings the share of all cases that leave the activity to the one asked for: histories, and
    case types, keep what they differ by. (The factor by which the odds of the whole are to change would be too small:
    odds of a whole move less than those of parts that differ.)
    """
    leaving = [context for context in routing.contexts if context.history[-1:] == (change.activity,)]
    weights = _weights(leaving, types)
    parts = [_own_and_given(context.following, change) for context in leaving]
    whole = sum(weights) or 1.0
    now = sum(weight * own for weight, (own, _given) in zip(weights, parts, strict=True)) / whole
    within = sum(weight * (own + given) for weight, (own, given) in zip(weights, parts, strict=True)) / whole
    if share > within + 1e-9 and any(weights):
        raise ImpossibleChangeError(
            _("Only {share:.0%} of the cases go on to the two, too few for the share asked for.").format(share=within),
            remedy=_("Give a smaller share, or leave out from_activity."),
        )
    factor = None
    if 0.0 < now < within and 0.0 < share < within:
        factor = _factor_of_odds(
            lambda held: sum(
                weight * _by_odds(own, given, held) for weight, (own, given) in zip(weights, parts, strict=True)
            ),
            share * whole,
        )

    def alter(context: Context) -> Context:
        if context.history[-1:] != (change.activity,):
            return context
        own, given = _own_and_given(context.following, change)
        # Where the way was taken never or always, or is to be, odds say nothing.
        part = share / within if within > 0 else share
        target = _by_odds(own, given, factor) if factor is not None else (own + given) * part
        return replace(context, following=_with_share(context.following, change, target))

    return replace(routing, contexts=tuple(alter(context) for context in routing.contexts))


def _weights(contexts: Sequence[Context], types: Mapping[str, float]) -> list[float]:
    """Return how often each history decides: those of a case type decide for it in place of the one for any.

    Of histories made by hand, of which nobody knows how often they occur, the shortest stand for all.
    """
    if any(context.runs for context in contexts):
        counted = [float(context.runs) for context in contexts]
        wholes = counted
    else:
        shortest = min((len(context.history) for context in contexts), default=0)
        wholes = [float(len(context.history) == shortest and not context.is_start) for context in contexts]
        counted = [
            whole * types.get(context.case_type, 0.0) if context.case_type else whole
            for whole, context in zip(wholes, contexts, strict=True)
        ]
    typed: dict[tuple[tuple[str, ...], bool], float] = defaultdict(float)
    for context, count in zip(contexts, counted, strict=True):
        if context.case_type:
            typed[context.history, context.is_start] += count
    return [
        count if context.case_type else max(count - typed[context.history, context.is_start], 0.0)
        for context, count in zip(contexts, counted, strict=True)
    ]


def _own_and_given(following: Shares, change: Reroute) -> tuple[float, float]:
    """Return the share of the way that is to be taken, and of those that give to it or take from it."""
    shares = dict(following)
    own = shares.get(change.to_activity, 0.0)
    return own, shares.get(change.from_activity, 0.0) if change.from_activity else sum(shares.values()) - own


def _by_odds(own: float, given: float, factor: float) -> float:
    """Return the share of a way after its odds against those that give were multiplied."""
    return (own + given) * own * factor / (own * factor + given) if own > 0.0 else 0.0


def _with_share(following: Shares, change: Reroute, target: float) -> Shares:
    shares = dict(following)
    own, given = _own_and_given(following, change)
    if given <= 0.0:
        # The only way: what does not take it any more would have nowhere to go.
        return following
    giving = {change.from_activity} if change.from_activity else set(shares) - {change.to_activity}
    shares[change.to_activity] = target
    for name in giving & set(shares):
        shares[name] *= (own + given - target) / given
    return tuple((name, value) for name, value in shares.items() if value > 0.0)


def _reroute_graph(routing: GraphRouting, change: Reroute, share: float, weights: Mapping[str, float]) -> GraphRouting:
    """Set the share of a flow; of case types that have shares of their own, shift them by the same factor of odds.

    The factor is that which brings the mean over case types, by their shares of arrivals, to the share asked for:
    differences between case types remain.
    """
    leading = _leading_flows(routing, change)
    if change.from_activity and change.from_activity not in leading:
        raise NoEffectError(
            _("No choice after {activity} leads to {name}.").format(
                activity=quoted(change.activity), name=quoted(change.from_activity)
            ),
            remedy=_("Choose among: {names}.").format(names=", ".join(map(quoted, sorted(filter(None, leading))))),
        )
    target = leading[change.to_activity]
    others = (
        [leading[change.from_activity]]
        if change.from_activity
        else [flow for flow in _siblings(routing, target) if flow is not target]
    )
    within = target.share + sum(flow.share for flow in others)
    if share > within + 1e-9:
        raise ImpossibleChangeError(
            _("Only {share:.0%} of the cases go on to the two, too few for the share asked for.").format(share=within),
            remedy=_("Give a smaller share, or leave out from_activity."),
        )
    flows = (target, *others)
    shares: dict[str, tuple[float, ...]] = {
        name: tuple(dict(flow.by_case_type).get(name, flow.share) for flow in flows)
        for name in dict.fromkeys(name for flow in flows for name, _share in flow.by_case_type)
    }
    usual = tuple(flow.share for flow in flows)
    factor = _odds_factor([(weight, shares.get(name, usual)) for name, weight in weights.items()], share)
    altered = {
        flow: replace(
            flow,
            share=_shifted(usual, factor, share)[place],
            by_case_type=tuple((name, _shifted(held, factor, share)[place]) for name, held in shares.items()),
        )
        for place, flow in enumerate(flows)
    }
    return replace(routing, flows=tuple(altered.get(flow, flow) for flow in routing.flows))


def _odds_factor(weighted: list[tuple[float, tuple[float, ...]]], share: float) -> float:
    """Return the factor of odds by which the mean share of the first way becomes the one asked for."""
    return _factor_of_odds(
        lambda factor: sum(weight * _shifted(held, factor, share)[0] for weight, held in weighted),
        share * sum(weight for weight, _held in weighted),
    )


def _factor_of_odds(reached: Callable[[float], float], asked: float) -> float:
    """Return the factor at which what it reaches, which grows with it, is what is asked for; by halving."""
    low, high = -_MOST_ODDS, _MOST_ODDS
    for _halving in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if reached(exp(middle)) < asked else (low, middle)
    return exp(high)


def _shifted(shares: tuple[float, ...], factor: float, share: float) -> tuple[float, ...]:
    """Return the shares of several ways after the odds of the first against the others were multiplied.

    Where the first was taken never or always, odds say nothing: it gets the share asked for.
    """
    own, given = shares[0], sum(shares[1:])
    total = own + given
    if own > 0.0 and given > 0.0 and 0.0 < share < total:
        target = total * own * factor / (own * factor + given)
    else:
        target = min(share, total)
    rest = [(total - target) * (one / given if given else 1.0 / (len(shares) - 1)) for one in shares[1:]]
    return (target, *rest)


def _siblings(routing: GraphRouting, flow: Flow) -> list[Flow]:
    return [one for one in routing.flows if one.source == flow.source]


def _leading_flows(routing: GraphRouting, change: Reroute) -> dict[str, Flow]:
    """Return the flows out of the choice behind an activity, by the activity that each leads to."""
    nodes = {node.name: node for node in routing.nodes}
    outgoing: dict[str, list[Flow]] = defaultdict(list)
    for flow in routing.flows:
        outgoing[flow.source].append(flow)
    for node in routing.nodes:
        if node.activity != change.activity:
            continue
        name = node.name
        while len(outgoing[name]) == 1 and not (nodes[name].activity and name != node.name):
            name = outgoing[name][0].target
        leading = {_first_activity(flow, nodes, outgoing): flow for flow in outgoing[name]}
        if nodes[name].kind is ElementKind.EXCLUSIVE and change.to_activity in leading:
            return leading
    raise ImpossibleChangeError(
        _("There is no choice right after {activity} of which a way leads to {name}.").format(
            activity=quoted(change.activity), name=quoted(change.to_activity)
        ),
        remedy=_("Name the last activity before the choice, and the first one behind it."),
    )


def _first_activity(flow: Flow, nodes: dict[str, Node], outgoing: dict[str, list[Flow]]) -> str:
    name = flow.target
    while not (activity := nodes[name].activity):
        if len(outgoing[name]) != 1:
            return END
        name = outgoing[name][0].target
    return activity
