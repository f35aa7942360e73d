"""Plans drawn by moving tokens through a BPMN graph.

A token carries the instances that whatever comes next awaits. Tokens move one after another, the oldest first, until
none can: an activity becomes an instance and its token carries it alone; an exclusive gateway sends the token one way;
a parallel or inclusive one sends it several ways at once. A parallel join moves when every way into it has a token, an
inclusive one when no token is left that moves by itself and none that rests at another join could still come to it (the
first such join, if they wait for each other). Joined tokens carry what each of them carried. A case ends when no token
is left, or when those left can never be joined.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.core.language import gettext as _
from potok.discover.bpmn_reading import ElementKind
from potok.discover.compiled import compiled
from potok.simulate.kernel.errors import UnroutableHistoryError
from potok.simulate.kernel.plan import FEWEST_ROWS, Drawn, Integers, PlannedCases, longer, longer_codes
from potok.simulate.kernel.random_numbers import Keys, name_key, uniform
from potok.simulate.model.routing import GraphRouting

_PASS: Final = 0
_EXCLUSIVE: Final = 1
_PARALLEL: Final = 2
_INCLUSIVE: Final = 3
_KINDS: Final = {
    ElementKind.EXCLUSIVE: _EXCLUSIVE,
    ElementKind.PARALLEL: _PARALLEL,
    ElementKind.INCLUSIVE: _INCLUSIVE,
}
_MOVES_PER_INSTANCE: Final = 100
_FEWEST: Final = 64
Flags = npt.NDArray[np.bool_]
NONE: Final = -1


class GraphTables(NamedTuple):
    """A graph as arrays; v nodes, f flows, t case types.

    Parameters
    ----------
    kind, activity
        (v,) int64: what a node does (`PASS` …), and its activity or `NONE`.
    first_flow, flows
        Flows out of node i: ``flows[first_flow[i]:first_flow[i + 1]]``.
    target
        (f,) int64.
    inward
        (v,) int64: flows into each node.
    shares
        (f, t) float64.
    names, flow_names
        (v,) and (f,) uint64: keys of the nodes' names, and of the flows'.
    reaches
        (v, v) bool: whether a token that leaves the first can come to the second.
    sizes
        (3,) int64: activities, greatest length, the start.
    """

    kind: Integers
    activity: Integers
    first_flow: Integers
    flows: Integers
    target: Integers
    inward: Integers
    shares: npt.NDArray[np.float64]
    names: Keys
    flow_names: Keys
    reaches: Flags
    sizes: Integers


def tabulate_graph_routing(
    routing: GraphRouting, *, activities: Mapping[str, int], case_types: Mapping[str, int]
) -> GraphTables:
    """Tabulate a graph; names of activities and case types become their codes.

    Raises
    ------
    UnroutableHistoryError
        If the graph has not exactly one start.
    """
    places = {node.name: place for place, node in enumerate(routing.nodes)}
    starts = [place for place, node in enumerate(routing.nodes) if node.kind is ElementKind.START]
    if len(starts) != 1:
        raise UnroutableHistoryError(
            _("A graph needs one start, not {count}.").format(count=len(starts)),
            remedy=_("Let one start node lead to where the others lead."),
        )
    sources = np.array([places[flow.source] for flow in routing.flows], np.int64)
    target = np.array([places[flow.target] for flow in routing.flows], np.int64)
    shares = np.array([[flow.share] * len(case_types) for flow in routing.flows]).reshape(-1, len(case_types))
    for place, flow in enumerate(routing.flows):
        for name, share in flow.by_case_type:
            shares[place, case_types[name]] = share
    count = len(routing.nodes)
    return GraphTables(
        kind=np.array([_KINDS.get(node.kind, _PASS) for node in routing.nodes], np.int64),
        activity=np.array([activities[node.activity] if node.activity else NONE for node in routing.nodes], np.int64),
        first_flow=np.searchsorted(np.sort(sources), np.arange(count + 1)).astype(np.int64),
        flows=np.argsort(sources, kind="stable").astype(np.int64),
        target=target,
        inward=np.bincount(target, minlength=count).astype(np.int64),
        shares=shares,
        names=np.array([name_key(node.name) for node in routing.nodes], np.uint64),
        flow_names=np.array([name_key(f"{flow.source} > {flow.target}") for flow in routing.flows], np.uint64),
        reaches=_reaches(sources, target, count),
        sizes=np.array([len(activities), routing.maximum_length, starts[0]], np.int64),
    )


def _reaches(sources: Integers, target: Integers, count: int) -> Flags:
    reached = np.zeros((count, count), bool)
    reached[sources, target] = True
    for middle in range(count):
        reached |= reached[:, middle : middle + 1] & reached[middle]
    return reached


class Tokens(NamedTuple):
    """Tokens of a case. Each is a row: `flow` it came by, and where in `items` what it carries begins and ends.

    Parameters
    ----------
    rows
        (k, 3) int64: moving tokens, the oldest first.
    resting
        (k, 3) int64: tokens at joins; the flow is `NONE` once it has gone on.
    items
        Places of instances in the case; ascending within a token.
    counts
        (4,) int64: tokens that moved on, moving ones after them, resting ones, items.
    """

    rows: Integers
    resting: Integers
    items: Integers
    counts: Integers


@compiled
def plan_by_graph(
    tables: GraphTables, key: np.uint64, inclusive_key: np.uint64, cases: PlannedCases
) -> tuple[Drawn, int]:
    """Draw the plans of cases by moving tokens.

    Of a case that was open before, only its latest activity is looked at: one token stands behind it, and branches that
    ran beside it count as done.

    Parameters
    ----------
    key, inclusive_key
        Of the streams for routes, and for the flows out of inclusive gateways.

    Returns
    -------
    tuple
        The instances, and `NONE`.
    """
    number_of_cases = len(cases.number)
    first_row = np.zeros(number_of_cases + 1, np.int64)
    truncated = np.zeros(number_of_cases, np.bool_)
    activity, awaited = np.empty(FEWEST_ROWS, np.int32), np.empty(FEWEST_ROWS, np.int64)
    first_awaited = np.zeros(FEWEST_ROWS, np.int64)
    visits = np.zeros(len(tables.kind), np.int64)
    rows, edges = 0, 0
    for case in range(number_of_cases):
        latest = NONE
        if cases.first_passed[case + 1] > cases.first_passed[case]:
            latest = cases.passed[cases.first_passed[case + 1] - 1]
        visits[:] = 0
        of_case = (int(cases.number[case]), int(cases.case_type[case]), int(latest))
        nodes, offsets, bonds, is_cut = _walk(tables, (key, inclusive_key), of_case, visits)
        truncated[case] = is_cut
        activity, awaited = longer_codes(activity, rows + len(nodes)), longer(awaited, edges + len(bonds))
        first_awaited = longer(first_awaited, rows + len(nodes) + 1)
        for place in range(len(nodes)):
            activity[rows + place] = tables.activity[nodes[place]]
            first_awaited[rows + place + 1] = edges + offsets[place + 1]
        for edge in range(len(bonds)):
            awaited[edges + edge] = rows + bonds[edge]
        rows += len(nodes)
        edges += len(bonds)
        first_row[case + 1] = rows
    drawn = Drawn(
        first_row, activity[:rows].copy(), first_awaited[: rows + 1].copy(), awaited[:edges].copy(), truncated
    )
    return drawn, NONE


@compiled
def _walk(
    tables: GraphTables, keys: tuple[np.uint64, np.uint64], case: tuple[int, int, int], visits: Integers
) -> tuple[Integers, Integers, Integers, bool]:
    """Return the nodes of a case's instances, whom each awaits (offsets and places), and whether it was cut."""
    nodes, offsets = np.empty(_FEWEST, np.int64), np.zeros(_FEWEST, np.int64)
    tokens = Tokens(
        np.empty((_FEWEST, 3), np.int64),
        np.empty((_FEWEST, 3), np.int64),
        np.empty(_FEWEST, np.int64),
        np.zeros(4, np.int64),
    )
    bonds = np.empty(_FEWEST, np.int64)
    length, edges, moves = 0, 0, 0
    start = _beginning(tables, case[2])
    tokens = _sent_on(tables, keys, case, visits, tokens, (start, 0, 0))
    while True:
        moves += 1
        if tokens.counts[1] == 0:
            join = _join_to_move(tables, tokens, case[2] != NONE)
            if join == NONE:
                return nodes[:length].copy(), offsets[: length + 1].copy(), bonds[:edges].copy(), False
            tokens, low, high = _joined(tables, tokens, join)
            tokens = _sent_on(tables, keys, case, visits, tokens, (join, low, high))
            continue
        flow, low, high = _next_token(tokens)
        node = tables.target[flow]
        if tables.kind[node] >= _PARALLEL and tables.inward[node] > 1:
            tokens = _rest(tokens, flow, low, high)
            if tables.kind[node] == _INCLUSIVE or not _is_complete(tables, tokens, node):
                continue
            tokens, low, high = _joined(tables, tokens, node)
        elif tables.activity[node] != NONE:
            if length >= tables.sizes[1] or moves > _MOVES_PER_INSTANCE * tables.sizes[1]:
                return nodes[:length].copy(), offsets[: length + 1].copy(), bonds[:edges].copy(), True
            nodes, offsets = longer(nodes, length + 1), longer(offsets, length + 2)
            bonds = longer(bonds, edges + high - low)
            for item in range(low, high):
                bonds[edges] = tokens.items[item]
                edges += 1
            nodes[length] = node
            length += 1
            offsets[length] = edges
            tokens, low, high = _carrying(tokens, length - 1)
        elif moves > _MOVES_PER_INSTANCE * tables.sizes[1]:
            return nodes[:length].copy(), offsets[: length + 1].copy(), bonds[:edges].copy(), True
        tokens = _sent_on(tables, keys, case, visits, tokens, (node, low, high))


@compiled
def _beginning(tables: GraphTables, latest: int) -> int:
    """Return the node behind which the first token stands: the start, or that of the latest activity."""
    if latest != NONE:
        for node in range(len(tables.kind)):
            if tables.activity[node] == latest:
                return node
    return int(tables.sizes[2])


@compiled
def _next_token(tokens: Tokens) -> tuple[int, int, int]:
    """Take the oldest moving token."""
    row = tokens.rows[tokens.counts[0]]
    tokens.counts[0] += 1
    tokens.counts[1] -= 1
    return row[0], row[1], row[2]


@compiled
def _sent_on(
    tables: GraphTables,
    keys: tuple[np.uint64, np.uint64],
    case: tuple[int, int, int],
    visits: Integers,
    tokens: Tokens,
    token: tuple[int, int, int],
) -> Tokens:
    """Send a token out of a node: one way, several or all."""
    node, low, high = token
    first, last = tables.first_flow[node], tables.first_flow[node + 1]
    seen = visits[node]
    visits[node] += 1
    if tables.kind[node] == _EXCLUSIVE or last - first == 1:
        if last - first == 1:
            return _with_token(tokens, tables.flows[first], low, high)
        return _with_token(tokens, _one_way(tables, keys[0], case, node, seen), low, high)
    sent = 0
    for place in range(first, last):
        flow = tables.flows[place]
        if tables.kind[node] == _INCLUSIVE:
            share = uniform(keys[1], case[0], tables.flow_names[flow], seen)
            if share >= tables.shares[flow, case[1]]:
                continue
        tokens = _with_token(tokens, flow, low, high)
        sent += 1
    if sent == 0 and last > first:
        tokens = _with_token(tokens, _one_way(tables, keys[0], case, node, seen), low, high)
    return tokens


@compiled
def _one_way(tables: GraphTables, key: np.uint64, case: tuple[int, int, int], node: int, seen: int) -> int:
    """Return the flow that a token takes out of a node, drawn by the shares of all."""
    first, last = tables.first_flow[node], tables.first_flow[node + 1]
    total = 0.0
    for place in range(first, last):
        total += tables.shares[tables.flows[place], case[1]]
    wanted = uniform(key, case[0], tables.names[node], seen) * total
    passed, chosen = 0.0, tables.flows[first]
    for place in range(first, last):
        share = tables.shares[tables.flows[place], case[1]]
        if share > 0:
            chosen = tables.flows[place]
            passed += share
            if wanted < passed:
                break
    return int(chosen)


@compiled
def _grown(rows: Integers, needed: int) -> Integers:
    if needed <= len(rows):
        return rows
    grown = np.empty((2 * len(rows), 3), np.int64)
    grown[: len(rows)] = rows
    return grown


@compiled
def _with_token(tokens: Tokens, flow: int, low: int, high: int) -> Tokens:
    """Add a moving token."""
    place = tokens.counts[0] + tokens.counts[1]
    rows = _grown(tokens.rows, place + 1)
    rows[place, 0], rows[place, 1], rows[place, 2] = flow, low, high
    tokens.counts[1] += 1
    return Tokens(rows, tokens.resting, tokens.items, tokens.counts)


@compiled
def _rest(tokens: Tokens, flow: int, low: int, high: int) -> Tokens:
    """Let a token rest at the join to which its flow leads."""
    place = tokens.counts[2]
    resting = _grown(tokens.resting, place + 1)
    resting[place, 0], resting[place, 1], resting[place, 2] = flow, low, high
    tokens.counts[2] += 1
    return Tokens(tokens.rows, resting, tokens.items, tokens.counts)


@compiled
def _carrying(tokens: Tokens, item: int) -> tuple[Tokens, int, int]:
    """Return where it stands that a token carries one instance."""
    place = tokens.counts[3]
    items = longer(tokens.items, place + 1)
    items[place] = item
    tokens.counts[3] += 1
    return Tokens(tokens.rows, tokens.resting, items, tokens.counts), place, place + 1


@compiled
def _is_complete(tables: GraphTables, tokens: Tokens, node: int) -> bool:
    """Return whether a token rests on every flow into a join."""
    found = 0
    for flow in range(len(tables.target)):
        if tables.target[flow] == node:
            for place in range(tokens.counts[2]):
                if tokens.resting[place, 0] == flow:
                    found += 1
                    break
    return bool(found == tables.inward[node])


@compiled
def _join_to_move(tables: GraphTables, tokens: Tokens, is_open: bool) -> int:
    """Return the join that moves when no token does by itself; `NONE` if none can."""
    count = len(tables.kind)
    waits = np.zeros(count, np.bool_)
    for place in range(tokens.counts[2]):
        if tokens.resting[place, 0] != NONE:
            waits[tables.target[tokens.resting[place, 0]]] = True
    first, first_parallel = NONE, NONE
    for node in range(count):
        if not waits[node]:
            continue
        if tables.kind[node] != _INCLUSIVE:
            first_parallel = node if first_parallel == NONE else first_parallel
            continue
        first = node if first == NONE else first
        is_last = True
        for other in range(count):
            is_last &= not (waits[other] and other != node and tables.reaches[other, node])
        if is_last:
            return node
    return first_parallel if first == NONE and is_open else first


@compiled
def _joined(tables: GraphTables, tokens: Tokens, node: int) -> tuple[Tokens, int, int]:
    """Take the oldest token off every flow into a join; return where it stands what they carried."""
    low = tokens.counts[3]
    items = tokens.items
    for flow in range(len(tables.target)):
        if tables.target[flow] != node:
            continue
        for place in range(tokens.counts[2]):
            if tokens.resting[place, 0] == flow:
                tokens.resting[place, 0] = NONE
                for item in range(tokens.resting[place, 1], tokens.resting[place, 2]):
                    items = longer(items, tokens.counts[3] + 1)
                    items[tokens.counts[3]] = items[item]
                    tokens.counts[3] += 1
                break
    distinct = np.unique(items[low : tokens.counts[3]])
    items[low : low + len(distinct)] = distinct
    tokens.counts[3] = low + len(distinct)
    return Tokens(tokens.rows, tokens.resting, items, tokens.counts), low, low + len(distinct)
