"""Plain references on workflow nets: they search the states of the net, one marking at a time."""

import heapq
from itertools import count

from potok.discover.workflow_net import WorkflowNet


def steps(net: WorkflowNet, marking: frozenset):
    for transition in net.transitions:
        if transition.takes <= marking:
            yield transition.activity, (marking - transition.takes) | transition.gives


def alignment_cost(net: WorkflowNet, trace: tuple[str, ...]) -> int:
    """Cheapest alignment by Dijkstra's algorithm over pairs of marking and position."""
    order = count()
    queue = [(0, next(order), frozenset((net.source,)), 0)]
    settled = set()
    while queue:
        cost, _, marking, position = heapq.heappop(queue)
        if (marking, position) in settled:
            continue
        settled.add((marking, position))
        if marking == {net.sink} and position == len(trace):
            return cost
        if position < len(trace):
            heapq.heappush(queue, (cost + 1, next(order), marking, position + 1))
        for activity, following in steps(net, marking):
            heapq.heappush(queue, (cost + (activity is not None), next(order), following, position))
            if activity is not None and position < len(trace) and trace[position] == activity:
                heapq.heappush(queue, (cost, next(order), following, position + 1))
    raise AssertionError("the net cannot end")


def silent_closure(net: WorkflowNet, markings) -> frozenset:
    closed, waiting = set(markings), list(markings)
    while waiting:
        for activity, following in steps(net, waiting.pop()):
            if activity is None and following not in closed:
                closed.add(following)
                waiting.append(following)
    return frozenset(closed)


def markings_after(net: WorkflowNet, trace) -> frozenset:
    """All markings the net may be in after a beginning of a run, silent steps included; none if it is none."""
    current = silent_closure(net, {frozenset((net.source,))})
    for activity in trace:
        taken = {following for marking in current for done, following in steps(net, marking) if done == activity}
        current = silent_closure(net, taken)
    return current


def allowed_after(net: WorkflowNet, trace) -> frozenset[str]:
    return frozenset(
        activity
        for marking in markings_after(net, trace)
        for activity, _ in steps(net, marking)
        if activity is not None
    )


def is_run(net: WorkflowNet, trace) -> bool:
    return frozenset((net.sink,)) in markings_after(net, trace)


def precision(net: WorkflowNet, traces) -> float | None:
    """Escaping edges, straight from the definition: over every beginning that goes on and that the net can follow."""
    allowed = taken = 0
    beginnings = {trace[:length] for trace in traces for length in range(len(trace))}
    for beginning in beginnings:
        options = allowed_after(net, beginning)
        if not markings_after(net, beginning):
            continue
        going_on = [trace for trace in traces if len(trace) > len(beginning) and trace[: len(beginning)] == beginning]
        weight = sum(traces[trace] for trace in going_on)
        observed = {trace[len(beginning)] for trace in going_on}
        allowed += weight * len(options)
        taken += weight * len(options & observed)
    return taken / allowed if allowed else None
