"""Heaps on arrays: of events by time, and of waiting instances by their place in the queue."""

from potok.simulate.kernel.loops import inmost, inner
from potok.simulate.kernel.records import EVENTS, LIVE, NONE, TURN, Integers, Records

_RANK_BITS = 56


@inner
def push_event(
    times: Integers, orders: Integers, payloads: Integers, counters: Integers, time: int, rank: int, subject: int
) -> None:
    """Put an event into the heap.

    Events of one instant come by rank, then in the order in which they were put in; those of rank 0 by their subject.
    """
    order = (rank << _RANK_BITS) | (counters[TURN] if rank else subject)
    payload = (subject << 3) | rank
    counters[TURN] += 1
    counters[LIVE] += rank != 0
    place = counters[EVENTS]
    counters[EVENTS] += 1
    while place:
        parent = (place - 1) >> 1
        if times[parent] < time or (times[parent] == time and orders[parent] < order):
            break
        times[place], orders[place], payloads[place] = times[parent], orders[parent], payloads[parent]
        place = parent
    times[place], orders[place], payloads[place] = time, order, payload


@inmost
def pop_event(times: Integers, orders: Integers, payloads: Integers, counters: Integers) -> int:
    """Take the first event out of the heap, and return its payload."""
    payload = payloads[0]
    counters[EVENTS] -= 1
    last = counters[EVENTS]
    time, order, moved = times[last], orders[last], payloads[last]
    place = 0
    while True:
        child = 2 * place + 1
        if child >= last:
            break
        other = child + 1
        if other < last and (
            times[other] < times[child] or (times[other] == times[child] and orders[other] < orders[child])
        ):
            child = other
        if time < times[child] or (time == times[child] and order < orders[child]):
            break
        times[place], orders[place], payloads[place] = times[child], orders[child], payloads[child]
        place = child
    times[place], orders[place], payloads[place] = time, order, moved
    return int(payload)


@inmost
def comes_first(instances: Records, one: int, other: int) -> bool:
    """Return whether one waiting instance goes before another of its queue."""
    if instances[one]["key"] != instances[other]["key"]:
        return bool(instances[one]["key"] < instances[other]["key"])
    if instances[one]["ready"] != instances[other]["ready"]:
        return bool(instances[one]["ready"] < instances[other]["ready"])
    return bool(instances[one]["turn"] < instances[other]["turn"])


@inmost
def joined(instances: Records, one: int, other: int) -> int:
    """Join two heaps of waiting instances, and return the root (a skew heap, Sleator and Tarjan 1986)."""
    if one == NONE:
        return other
    if other == NONE:
        return one
    if comes_first(instances, other, one):
        one, other = other, one
    root = one
    while True:
        right = instances[one]["right"]
        instances[one]["right"] = instances[one]["left"]
        if right == NONE:
            instances[one]["left"] = other
            return root
        if comes_first(instances, other, right):
            right, other = other, right
        instances[one]["left"] = right
        one = right


@inmost
def added(instances: Records, root: int, one: int) -> int:
    """Add an instance to a heap of waiting ones, and return the root."""
    instances[one]["left"] = NONE
    instances[one]["right"] = NONE
    return joined(instances, root, one)
