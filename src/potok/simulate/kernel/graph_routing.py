"""Plans drawn by moving tokens through a BPMN graph.

A token carries the instances that whatever comes next awaits. Tokens move one after another, the oldest first, until
none can: an activity becomes an instance and its token carries it alone; an exclusive gateway sends the token one way; a
parallel or inclusive one sends it several ways at once. A parallel join moves when every way into it has a token, an
inclusive one when no token is left that moves by itself and none that rests at another join could still come to it (the
first such join, if they wait for each other). Joined tokens carry what each of them carried. A case ends when no token
is left, or when those left can never be joined.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.discover.bpmn_reading import ElementKind
from potok.discover.compiled import compiled
from potok.simulate.kernel.plan import Codes, Integers, Plan, longer, longer_codes
from potok.simulate.kernel.plan_rules import RuleTables, apply_rules
from potok.simulate.kernel.random_numbers import Keys, name_key, uniform
from potok.simulate.model.routing import GraphRouting

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
    names
        (v,) uint64: keys of the nodes' names.
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
    reaches: Flags
    sizes: Integers


def tabulate_graph_routing(
    routing: GraphRouting, *, activities: Mapping[str, int], case_types: Mapping[str, int]
) -> GraphTables:
    raise NotImplementedError


def plan_by_graph(*a):
    raise NotImplementedError
