"""A routing by history as a graph: possible where only the last activity matters."""

from collections.abc import Mapping
from typing import Final

from potok.discover.bpmn_reading import ElementKind
from potok.simulate.model.routing import END, Context, Flow, GraphRouting, HistoryRouting, Node

START_NODE: Final = "start"
END_NODE: Final = "end"

_Following = tuple[tuple[str, float], ...]


def history_as_graph(routing: HistoryRouting) -> GraphRouting | None:
    """Return the graph that draws the same cases with the same shares: a task and an exclusive gateway per activity.

    Returns
    -------
    GraphRouting or None
        None if more than the last activity matters: longer histories, types of cases, or activities side by side.
    """
    following = _by_last(routing)
    if following is None:
        return None
    start, after = following
    names = _reachable(start, after)
    nodes = [Node(START_NODE, ElementKind.START)]
    flows: list[Flow] = []
    entries = {name: _free(f"{name} (in)", names) for name in names} | {END: END_NODE}
    _branch(START_NODE, start, nodes=nodes, flows=flows, entries=entries, taken=names)
    for name in names:
        # What several flows lead to stands behind a gateway of its own, so that tasks have one flow in and one out.
        nodes += [Node(entries[name], ElementKind.EXCLUSIVE), Node(name, ElementKind.TASK, name)]
        flows.append(Flow(entries[name], name))
        _branch(name, after[name], nodes=nodes, flows=flows, entries=entries, taken=names)
    return GraphRouting((*nodes, Node(END_NODE, ElementKind.END)), tuple(flows), routing.maximum_length)


def _by_last(routing: HistoryRouting) -> tuple[_Following, Mapping[str, _Following]] | None:
    """Return what follows the beginning and each activity; None if more than the last activity matters."""
    if routing.concurrent or any(not _is_plain(context) for context in routing.contexts):
        return None
    by_history = {(context.history, context.is_start): context.following for context in routing.contexts}
    if len(by_history) < len(routing.contexts) or ((), False) not in by_history:
        return None
    usual = by_history[(), False]
    names = {name for each in by_history.values() for name, _share in each if name != END}
    if names & {START_NODE, END_NODE}:
        return None
    return by_history.get(((), True), usual), {name: by_history.get(((name,), False), usual) for name in names}


def _is_plain(context: Context) -> bool:
    return len(context.history) <= 1 and not context.case_type and not (context.history and context.is_start)


def _reachable(start: _Following, after: Mapping[str, _Following]) -> list[str]:
    """Return the activities that come after the beginning, those that come first before the others."""
    found: dict[str, None] = {}
    waiting = [name for name, share in start if share > 0]
    while waiting:
        name = waiting.pop(0)
        if name != END and name not in found:
            found[name] = None
            waiting += [later for later, share in after[name] if share > 0]
    return list(found)


def _branch(
    source: str,
    following: _Following,
    *,
    nodes: list[Node],
    flows: list[Flow],
    entries: Mapping[str, str],
    taken: list[str],
) -> None:
    ways = [(name, share) for name, share in following if share > 0]
    if len(ways) == 1:
        flows.append(Flow(source, entries[ways[0][0]]))
        return
    gateway = _free(f"{source} (out)", taken)
    nodes.append(Node(gateway, ElementKind.EXCLUSIVE))
    flows.append(Flow(source, gateway))
    flows += [Flow(gateway, entries[name], share) for name, share in ways]


def _free(name: str, taken: list[str]) -> str:
    while name in taken:
        name += "'"
    return name
