"""An order of boxes in which most of the flow runs forward, so that the main road of a process points downwards."""

from collections.abc import Sequence
from typing import Final

_Flows = Sequence[dict[int, int]]

_MOST_PASSES: Final = 20


def order_by_flow(
    n_boxes: int, flows: Sequence[tuple[int, int, int]], *, first: Sequence[int] = (), last: Sequence[int] = ()
) -> list[int]:
    """Order boxes so that little flow runs backward.

    A greedy order (Eades, Lin and Smyth 1993, weighted) and one that follows the widest roads from the start are
    improved by moving single boxes as long as that helps; the better is taken.

    Parameters
    ----------
    n_boxes
        Number of boxes.
    flows
        Source, target and weight of each link; links of a box to itself are disregarded.
    first, last
        Boxes that stand at the two ends whatever flows.

    Returns
    -------
    list of int
        Place of each box, 0 for the foremost.
    """
    outgoing: list[dict[int, int]] = [{} for _ in range(n_boxes)]
    for source, target, weight in flows:
        if source != target:
            outgoing[source][target] = outgoing[source].get(target, 0) + weight
    fixed = {*first, *last}
    candidates = (_order_greedily(outgoing, fixed), _order_along_roads(outgoing, first, fixed))
    order = min((_improve(order, outgoing) for order in candidates), key=lambda order: _backward_flow(order, outgoing))
    return _places([*first, *order, *last])


def _places(order: Sequence[int]) -> list[int]:
    places = [0] * len(order)
    for place, box in enumerate(order):
        places[box] = place
    return places


def _backward_flow(order: Sequence[int], outgoing: _Flows) -> int:
    seen: set[int] = set()
    flow = 0
    for box in order:
        flow += sum(weight for target, weight in outgoing[box].items() if target in seen)
        seen.add(box)
    return flow


def _order_along_roads(outgoing: _Flows, first: Sequence[int], fixed: set[int]) -> list[int]:
    """Order boxes as a walk finishes that takes the widest road first (depth first, reversed)."""
    seen = set(fixed)
    finished: list[int] = []

    def walk(box: int) -> None:
        seen.add(box)
        visit(box)
        finished.append(box)

    def visit(box: int) -> None:
        for target, _weight in sorted(outgoing[box].items(), key=lambda road: (-road[1], road[0])):
            if target not in seen:
                walk(target)

    for box in first:
        visit(box)
    for box in range(len(outgoing)):
        if box not in seen:
            walk(box)
    return finished[::-1]


def _order_greedily(outgoing: _Flows, fixed: set[int]) -> list[int]:
    remaining = set(range(len(outgoing))) - fixed
    surplus = dict.fromkeys(remaining, 0)
    n_out, n_in = dict(surplus), dict(surplus)
    for source in remaining:
        for target, weight in outgoing[source].items():
            if target in remaining:
                surplus[source] += weight
                surplus[target] -= weight
                n_out[source] += 1
                n_in[target] += 1
    front: list[int] = []
    back: list[int] = []
    while remaining:
        # Nothing leaves the back-most; nothing enters the foremost; else the one that gives most comes next.
        sink = max((box for box in remaining if not n_out[box]), default=None)
        box = sink if sink is not None else min(remaining, key=lambda box: (n_in[box] > 0, -surplus[box], box))
        (front if sink is None else back).append(box)
        remaining.remove(box)
        for other in remaining:
            forth, to = outgoing[other].get(box, 0), outgoing[box].get(other, 0)
            surplus[other] += to - forth
            n_out[other] -= box in outgoing[other]
            n_in[other] -= other in outgoing[box]
    return front + back[::-1]


def _improve(order: list[int], outgoing: _Flows) -> list[int]:
    for _ in range(_MOST_PASSES):
        moved = False
        for box in list(order):
            moved |= _move_to_best_place(order, box, outgoing)
        if not moved:
            break
    return order


def _move_to_best_place(order: list[int], box: int, outgoing: _Flows) -> bool:
    """Move one box to where least flow runs backward to or from it; return whether that is elsewhere."""
    old = order.index(box)
    order.pop(old)
    # The cost of standing before all others is the flow that then enters it from behind.
    cost = sum(outgoing[other].get(box, 0) for other in order)
    costs = [cost]
    for other in order:
        cost += outgoing[box].get(other, 0) - outgoing[other].get(box, 0)
        costs.append(cost)
    best = min(range(len(costs)), key=lambda place: (costs[place], abs(place - old)))
    order.insert(best, box)
    return costs[best] < costs[old]
