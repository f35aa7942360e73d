"""What a routing says about the order of activities, whichever its kind."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from potok.simulate.model import END, GraphRouting, HistoryRouting, Routing

Successors = Mapping[str, frozenset[str]]


def routed_activities(routing: Routing) -> frozenset[str]:
    """Return the activities that may occur."""
    if isinstance(routing, GraphRouting):
        return frozenset(node.activity for node in routing.nodes if node.activity)
    return frozenset(
        name for context in routing.contexts for name, share in context.following if name != END and share > 0
    )


def direct_successors(routing: Routing) -> Successors:
    """Return which activities may come right after each, in the history of a case."""
    found: dict[str, set[str]] = defaultdict(set)
    if isinstance(routing, GraphRouting):
        for node in routing.nodes:
            if node.activity:
                found[node.activity] |= _next_tasks(routing, node.name)
    else:
        has_history = any(context.history for context in routing.contexts)
        for context in routing.contexts:
            ends = context.history[-1:] if has_history else tuple(routed_activities(routing))
            for last in ends:
                found[last] |= {name for name, share in context.following if name != END and share > 0}
    return {name: frozenset(later) for name, later in found.items()}


def _next_tasks(routing: GraphRouting, start: str) -> set[str]:
    """Return the activities that a token may reach from a node without passing another one."""
    activity_of = {node.name: node.activity for node in routing.nodes}
    outgoing: dict[str, list[str]] = defaultdict(list)
    for flow in routing.flows:
        if flow.share > 0 or any(share > 0 for _case_type, share in flow.by_case_type):
            outgoing[flow.source].append(flow.target)
    found: set[str] = set()
    waiting, seen = list(outgoing[start]), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if activity_of[name]:
            found.add(activity_of[name])
        else:
            waiting += outgoing[name]
    return found


def are_concurrent(routing: Routing, first: str, second: str) -> bool:
    """Return whether the routing says of two activities that they may run side by side."""
    if isinstance(routing, GraphRouting):
        return False
    return (first, second) in routing.concurrent or (second, first) in routing.concurrent


def ever_awaits(routing: Routing, later: str, earlier: str) -> bool:
    """Return whether an instance of `later` may await one of `earlier` as its immediate predecessor."""
    before: dict[str, set[str]] = defaultdict(set)
    for name, following in direct_successors(routing).items():
        for one in following:
            before[one].add(name)
    waiting, seen = list(before[later]), set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if are_concurrent(routing, name, later):
            # What runs beside it hides what is awaited.
            waiting += before[name]
        elif name == earlier:
            return True
    return False


def is_connected(names: Iterable[str], edges: Iterable[tuple[str, str]]) -> bool:
    """Return whether the edges tie all names together."""
    left = set(names)
    pairs = list(edges)
    reached = {min(left)}
    while True:
        more = {two for pair in pairs for one, two in (pair, pair[::-1]) if one in reached} - reached
        if not more:
            return reached >= left
        reached |= more


def has_history(routing: Routing) -> bool:
    """Return whether the routing draws by history."""
    return isinstance(routing, HistoryRouting)
