"""Routings from which cases never come out, and rules that name what is not there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model.checks.names import repeated_names, unknown_names, wrong_share, wrong_sum
from potok.simulate.model.documents.routing import KINDS
from potok.simulate.model.errors import Problem
from potok.simulate.model.process_model import ProcessModel
from potok.simulate.model.routing import END, Context, Flow, GraphRouting, HistoryRouting, Node, PlanRules

_STANDS_FOR_ACTIVITY = (ElementKind.TASK, ElementKind.EVENT)
_SINGLE_EXIT = (ElementKind.START, *_STANDS_FOR_ACTIVITY)


def routing_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield what is wrong with a model's routing."""
    activities = {activity.name for activity in model.activities}
    types = [one.name for one in model.case_types]
    if isinstance(model.routing, GraphRouting):
        yield from _graph(model.routing, activities, types)
    else:
        yield from _histories(model.routing, activities, types)


def _histories(routing: HistoryRouting, activities: Collection[str], types: list[str]) -> Iterator[Problem]:
    for number, context in enumerate(routing.contexts, start=1):
        yield from _context(f"routing.contexts[{number}]", context, activities, types)
    yield from unknown_names("routing.concurrent", (name for pair in routing.concurrent for name in pair), activities)
    applying = {one.case_type for one in routing.contexts if not one.history and not one.is_start}
    for name in types:
        if not applying & {"", name}:
            yield Problem(
                "routing.contexts",
                _(
                    "For cases of the type {name} no context applies to every history: one with the empty history that "
                    "is not the start is needed."
                ).format(name=quoted(name)),
            )
    yield from _endless(routing)


def _context(place: str, context: Context, activities: Collection[str], types: list[str]) -> Iterator[Problem]:
    yield from unknown_names(f"{place}.history", context.history, activities)
    names = [name for name, _share in context.following]
    yield from unknown_names(f"{place}.following", (name for name in names if name != END), activities)
    yield from repeated_names(f"{place}.following", names)
    yield from wrong_sum(f"{place}.following", (share for _name, share in context.following))
    if context.case_type:
        yield from unknown_names(
            f"{place}.case_type", (context.case_type,), types, _("There is no type of cases {name}.")
        )


def _endless(routing: HistoryRouting) -> Iterator[Problem]:
    """Yield activities from which no end can be reached, whatever came before them."""
    behind: dict[str, set[str]] = defaultdict(set)
    anywhere: set[str] = set()
    first: set[str] = set()
    always_known = {
        one.history[0] for one in routing.contexts if len(one.history) == 1 and not one.is_start and not one.case_type
    }
    for context in routing.contexts:
        following = {name for name, share in context.following if share > 0}
        if context.history:
            behind[context.history[-1]] |= following
        elif context.is_start:
            first |= following
        else:
            anywhere |= following
    names = set().union(first, anywhere, behind, *behind.values()) - {END}
    successors = {name: behind[name] | (set() if name in always_known else anywhere) for name in names}
    lost = names - _reaching(successors, {END})
    if routing.contexts and all(END not in found for found in (first, anywhere, *behind.values())):
        yield Problem("routing.contexts", _("No context lets a case end."))
    elif lost:
        yield Problem(
            "routing.contexts", _("After these activities no case ever ends: {names}.").format(names=_listed(lost))
        )


def _graph(routing: GraphRouting, activities: Collection[str], types: list[str]) -> Iterator[Problem]:
    names = [node.name for node in routing.nodes]
    yield from repeated_names("routing.nodes", names)
    for number, node in enumerate(routing.nodes, start=1):
        yield from _node(f"routing.nodes[{number}]", node, activities)
    for number, flow in enumerate(routing.flows, start=1):
        yield from _flow(f"routing.flows[{number}]", flow, names, types)
    starts = [node.name for node in routing.nodes if node.kind is ElementKind.START]
    ends = {node.name for node in routing.nodes if node.kind is ElementKind.END}
    if len(starts) != 1:
        yield Problem("routing.nodes", _("There must be one start, not {count}.").format(count=len(starts)))
    if not ends:
        yield Problem("routing.nodes", _("There is no end."))
    if len(starts) == 1 and ends:
        yield from _unreachable(routing, starts[0], ends)
    yield from _splits(routing, types)


def _node(place: str, node: Node, activities: Collection[str]) -> Iterator[Problem]:
    if node.kind not in KINDS:
        yield Problem(f"{place}.kind", _("A node of the kind {kind} cannot be simulated.").format(kind=node.kind))
    elif node.kind in _STANDS_FOR_ACTIVITY:
        yield from unknown_names(f"{place}.activity", (node.activity,), activities)
    elif node.activity:
        yield Problem(f"{place}.activity", _("Only tasks and events stand for an activity."))


def _flow(place: str, flow: Flow, names: Collection[str], types: list[str]) -> Iterator[Problem]:
    yield from unknown_names(place, (flow.source, flow.target), names, _("There is no node {name}."))
    yield from wrong_share(f"{place}.share", flow.share)
    for case_type, share in flow.by_case_type:
        yield from unknown_names(f"{place}.by_case_type", (case_type,), types, _("There is no type of cases {name}."))
        yield from wrong_share(f"{place}.by_case_type", share)


def _unreachable(routing: GraphRouting, start: str, ends: set[str]) -> Iterator[Problem]:
    later: dict[str, set[str]] = {node.name: set() for node in routing.nodes}
    for flow in routing.flows:
        if flow.source in later and flow.target in later:
            later[flow.source].add(flow.target)
    earlier: dict[str, set[str]] = {name: set() for name in later}
    for source, targets in later.items():
        for target in targets:
            earlier[target].add(source)
    cut_off = later.keys() - _reaching(earlier, {start})
    if cut_off:
        yield Problem("routing.flows", _("Nothing leads from the start to: {names}.").format(names=_listed(cut_off)))
    lost = later.keys() - _reaching(later, ends) - cut_off
    if lost:
        yield Problem("routing.flows", _("No end can be reached from: {names}.").format(names=_listed(lost)))


def _splits(routing: GraphRouting, types: list[str]) -> Iterator[Problem]:
    leaving: dict[str, list[Flow]] = defaultdict(list)
    arriving: dict[str, int] = defaultdict(int)
    for flow in routing.flows:
        leaving[flow.source].append(flow)
        arriving[flow.target] += 1
    for number, node in enumerate(routing.nodes, start=1):
        place = f"routing.nodes[{number}]"
        flows = leaving[node.name]
        if node.kind in _SINGLE_EXIT and len(flows) > 1:
            yield Problem(
                place,
                _("{count} flows leave {name}: put a gateway behind it that says which are taken.").format(
                    count=len(flows), name=quoted(node.name)
                ),
            )
        if node.kind is ElementKind.START and arriving[node.name]:
            yield Problem(place, _("A flow leads into the start."))
        if node.kind is ElementKind.END and flows:
            yield Problem(place, _("A flow leads out of the end {name}.").format(name=quoted(node.name)))
        if node.kind is ElementKind.EXCLUSIVE and flows:
            yield from _exclusive(node.name, flows, types)


def _exclusive(name: str, flows: list[Flow], types: list[str]) -> Iterator[Problem]:
    place = f"routing.flows, {quoted(name)}"
    yield from wrong_sum(place, (flow.share for flow in flows))
    for case_type in types:
        own = [dict(flow.by_case_type) for flow in flows]
        if any(case_type in shares for shares in own):
            mixed = (shares.get(case_type, flow.share) for flow, shares in zip(flows, own, strict=True))
            yield from wrong_sum(f"{place}, {quoted(case_type)}", mixed)


def _reaching(successors: Mapping[str, Collection[str]], goals: Collection[str]) -> set[str]:
    """Return the nodes from which one of the goals can be reached; the goals among them."""
    reached = set(goals)
    grown = True
    while grown:
        more = {name for name, following in successors.items() if name not in reached and reached & set(following)}
        reached |= more
        grown = bool(more)
    return reached


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, sorted(names)))


def rule_problems(model: ProcessModel) -> Iterator[Problem]:
    """Yield what is wrong with what changes do to the plans."""
    activities = {activity.name for activity in model.activities}
    yield from unknown_names("rules", _named_in(model.rules), activities)
    types = [one.name for one in model.case_types]
    for number, (_activity, share, named) in enumerate(model.rules.skipped, start=1):
        place = f"rules.skipped[{number}]"
        yield from wrong_share(f"{place}.share", share)
        yield from unknown_names(f"{place}.case_types", named, types, _("There is no type of cases {name}."))


def _named_in(rules: PlanRules) -> Iterator[str]:
    for pair in (*rules.moved, *rules.parallel):
        yield from pair
    for merged, into in rules.merged:
        yield from (*merged, into)
    for activity, _share, _types in rules.skipped:
        yield activity
