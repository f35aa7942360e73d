"""How long a resource was busy within windows of time, and how long with work that was enabled early enough.

A resource is *busy* where at least so many of its instances are under way as its limit says. For a window with a key,
it is *held* where at least so many instances are under way whose own keys are no greater: with instants of enablement
as keys, where it is busy with work enabled no later.

The work of a resource is cut into segments between all its starts and completions. Windows are answered in the order of
their keys: each instance is laid over its segments when the keys reach it; a segment that the limit fills is never
visited again, and a tree of sums (Fenwick 1994) knows the filled length before any instant. So n instances and windows
cost n · log n, however long the windows are and however many instances lie in them.

Places are looked for from that of the instant before: work and windows come in the order of their keys, which is nearly
that of their instants, so that the next place is mostly a few steps away.
"""

import numpy as np

from potok.discover.compiled import ZERO, compiled
from potok.discover.resource_calendars.work import Flags, Integers

Hours = tuple[Integers, Integers, Integers]
"""Starts and ends of spans on duty, ascending and disjoint, and the time on duty before each of them."""


@compiled
def segment_edges(started: Integers, completed: Integers) -> Integers:
    """Return all instants at which work begins or ends, ascending and distinct."""
    both = np.concatenate((started, completed))
    both.sort()
    kept = 0
    for place in range(len(both)):
        if kept == 0 or both[place] != both[kept - 1]:
            both[kept] = both[place]
            kept += 1
    return both[:kept]


@compiled
def busy_segments(edges: Integers, first: Integers, last: Integers, limit: int) -> Flags:
    """Return in which segments ``[edges[i], edges[i + 1])`` at least `limit` instances are under way.

    Parameters
    ----------
    first, last
        (n,) int64: places among the edges at which each instance begins and ends.
    """
    change = np.zeros(len(edges) + 1, np.int64)
    for row in range(len(first)):
        change[first[row]] += 1
        change[last[row]] -= 1
    busy = np.zeros(max(len(edges) - 1, 0), np.bool_)
    level = 0
    for place in range(len(busy)):
        level += change[place]
        busy[place] = level >= limit
    return busy


@compiled
def lengths_before(edges: Integers, marked: Flags) -> Integers:
    """Return the length of the marked segments before each edge."""
    before = np.zeros(len(edges), np.int64)
    for place in range(len(edges) - 1):
        before[place + 1] = before[place] + (edges[place + 1] - edges[place] if marked[place] else 0)
    return before


@compiled
def place_near(instant: int, edges: Integers, near: int) -> int:
    """Return the last place whose edge is no later than an instant, −1 if there is none; looked for from one nearby."""
    low, high, step = min(max(near, 0), len(edges)) - 1, min(max(near, 0) + 1, len(edges)), 1
    while low >= 0 and edges[low] > instant:
        low, high, step = max(low - step, -1), low, 2 * step
    while high < len(edges) and edges[high] <= instant:
        low, high, step = high, min(high + step, len(edges)), 2 * step
    while high - low > 1:
        middle = (low + high) >> 1
        if edges[middle] <= instant:
            low = middle
        else:
            high = middle
    return low


@compiled
def places_of(instants: Integers, edges: Integers) -> Integers:
    """Return the place of each instant among edges that hold it."""
    places = np.empty(len(instants), np.int64)
    near = ZERO
    for row in range(len(instants)):
        near = place_near(instants[row], edges, near)
        places[row] = near
    return places


@compiled
def marked_times(edges: Integers, marked: Flags, windows: tuple[Integers, Integers]) -> Integers:
    """Return how long each window lies in marked segments; one that ends before it begins does not at all."""
    before = lengths_before(edges, marked)
    held = np.zeros(len(windows[0]), np.int64)
    begins, ends = ZERO, ZERO
    for window in range(len(held)):
        from_us, to_us = windows[0][window], windows[1][window]
        if to_us > from_us:
            begins, ends = place_near(from_us, edges, begins), place_near(to_us, edges, ends)
            held[window] = _marked_before(to_us, ends, edges, marked, before)
            held[window] -= _marked_before(from_us, begins, edges, marked, before)
    return held


@compiled
def _marked_before(instant: int, place: int, edges: Integers, marked: Flags, before: Integers) -> int:
    if place < 0:
        return 0
    return int(before[place] + (instant - edges[place] if place < len(marked) and marked[place] else 0))


@compiled
def away_times(edges: Integers, busy: Flags, windows: tuple[Integers, Integers], hours: Hours) -> Integers:
    """Return how long the resource was neither on duty nor busy within each window.

    Parameters
    ----------
    edges, busy
        As `segment_edges` and `busy_segments` of its work.
    windows
        Beginning and end of each, (m,); one that ends before it begins is empty.
    """
    extra = _busy_off_duty(edges, busy, hours)
    away = np.zeros(len(windows[0]), np.int64)
    begins, ends = (ZERO, ZERO), (ZERO, ZERO)
    for window in range(len(away)):
        from_us, to_us = windows[0][window], windows[1][window]
        if to_us > from_us:
            begins = (place_near(from_us, edges, begins[0]), place_near(from_us, hours[0], begins[1]))
            ends = (place_near(to_us, edges, ends[0]), place_near(to_us, hours[0], ends[1]))
            present = _present_before(to_us, ends, edges, busy, extra, hours)
            present -= _present_before(from_us, begins, edges, busy, extra, hours)
            away[window] = to_us - from_us - present
    return away


@compiled
def _busy_off_duty(edges: Integers, busy: Flags, hours: Hours) -> tuple[Integers, Integers]:
    """Return the time on duty before each edge, and the time busy but not on duty."""
    on_duty, extra = np.zeros(len(edges), np.int64), np.zeros(len(edges), np.int64)
    near = ZERO
    for place in range(len(edges)):
        near = place_near(edges[place], hours[0], near)
        on_duty[place] = _duty_at(edges[place], near, hours)
        if place > 0:
            extra[place] = extra[place - 1]
            if busy[place - 1]:
                extra[place] += edges[place] - edges[place - 1] - (on_duty[place] - on_duty[place - 1])
    return on_duty, extra


@compiled
def _present_before(
    instant: int, places: tuple[int, int], edges: Integers, busy: Flags, before: tuple[Integers, Integers], hours: Hours
) -> int:
    """Return the time on duty or busy before an instant; `places` are its own among edges and spans on duty."""
    on_duty, extra = before
    place = places[0]
    if 0 <= place < len(busy) and busy[place]:
        return int(on_duty[place] + extra[place] + instant - edges[place])
    return int(_duty_at(instant, places[1], hours) + (extra[place] if place >= 0 else 0))


@compiled
def duty_before(instant: int, hours: Hours) -> int:
    """Return the time on duty before an instant."""
    return _duty_at(instant, place_near(instant, hours[0], len(hours[0]) // 2), hours)


@compiled
def _duty_at(instant: int, place: int, hours: Hours) -> int:
    starts, ends, passed = hours
    return int(passed[place] + min(instant, ends[place]) - starts[place]) if place >= 0 else 0


@compiled
def held_times(
    edges: Integers,
    work: tuple[Integers, Integers, Integers],
    limit: int,
    windows: tuple[Integers, Integers, Integers],
) -> Integers:
    """Return how long each window is held by work with keys no greater than its own.

    Parameters
    ----------
    edges
        As `segment_edges` of the work.
    work
        Places among the edges at which each instance begins and ends, and its key, (n,) each.
    limit
        Instances under way from which on the resource is busy.
    windows
        Beginning, end and key of each window, (m,) each; a window that ends before it begins is empty. Work and windows
        in the order of their keys cost least.
    """
    first, last, work_key = work
    window_from, window_to, window_key = windows
    level = np.zeros(len(edges), np.int64)
    following = np.arange(len(edges) + 1)
    tree = np.zeros(len(edges) + 1, np.int64)
    held = np.zeros(len(window_key), np.int64)
    in_order = _order_of(work_key)
    laid, begins, ends = ZERO, ZERO, ZERO
    for window in _order_of(window_key):
        while laid < len(in_order) and work_key[in_order[laid]] <= window_key[window]:
            row = in_order[laid]
            _lay(first[row], last[row], edges, limit, level, following, tree)
            laid += 1
        from_us, to_us = window_from[window], window_to[window]
        if to_us > from_us:
            begins, ends = place_near(from_us, edges, begins), place_near(to_us, edges, ends)
            held[window] = _held_before(to_us, ends, edges, limit, level, tree)
            held[window] -= _held_before(from_us, begins, edges, limit, level, tree)
    return held


@compiled
def _order_of(keys: Integers) -> Integers:
    """Return the places of keys in ascending order."""
    for place in range(1, len(keys)):
        if keys[place] < keys[place - 1]:
            return np.argsort(keys)
    return np.arange(len(keys))


@compiled
def _lay(
    first: int, last: int, edges: Integers, limit: int, level: Integers, following: Integers, tree: Integers
) -> None:
    """Lay an instance over its segments that are not yet filled."""
    place = _next_open(first, following)
    while place < last:
        level[place] += 1
        if level[place] >= limit:
            following[place] = place + 1
            _add(tree, place, edges[place + 1] - edges[place])
        place = _next_open(place + 1, following)


@compiled
def _next_open(place: int, following: Integers) -> int:
    """Return the first segment from a place on that is not filled, and shorten the way to it."""
    while following[place] != place:
        following[place] = following[following[place]]
        place = following[place]
    return place


@compiled
def _add(tree: Integers, place: int, length: int) -> None:
    node = place + 1
    while node < len(tree):
        tree[node] += length
        node += node & -node


@compiled
def _held_before(instant: int, place: int, edges: Integers, limit: int, level: Integers, tree: Integers) -> int:
    if place < 0:
        return 0
    total = instant - edges[place] if level[place] >= limit and place < len(edges) - 1 else 0
    node = place
    while node > 0:
        total += tree[node]
        node -= node & -node
    return total
