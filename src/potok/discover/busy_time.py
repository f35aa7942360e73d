"""How long a resource was busy within windows of time, and how long with work that was enabled early enough.

A resource is *busy* where at least so many of its instances are under way as its limit says. For a window with a key,
it is *held* where at least so many instances are under way whose own keys are no greater: with instants of enablement
as keys, where it is busy with work enabled no later.

The work of a resource is cut into segments between all its starts and completions. Windows are answered in the order of
their keys: each instance is laid over its segments when the keys reach it; a segment that the limit fills is never
visited again, and a tree of sums (Fenwick 1994) knows the filled length before any instant. So n instances and windows
cost n · log n, however long the windows are and however many instances lie in them.
"""

import numpy as np

from potok.discover.compiled import compiled
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
def marked_before(instant: int, edges: Integers, marked: Flags, before: Integers) -> int:
    """Return the length of the marked segments before an instant; `before` is `lengths_before` of them."""
    place = np.searchsorted(edges, instant, side="right") - 1
    if place < 0:
        return 0
    if place >= len(marked):
        return int(before[len(edges) - 1])
    return int(before[place] + (instant - edges[place] if marked[place] else 0))


@compiled
def duty_before(instant: int, hours: Hours) -> int:
    """Return the time on duty before an instant."""
    starts, ends, passed = hours
    place = np.searchsorted(starts, instant, side="right") - 1
    if place < 0:
        return 0
    return int(passed[place] + min(instant, ends[place]) - starts[place])


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
    busy_before = lengths_before(edges, busy)
    both_before = _busy_duty_before(edges, busy, hours)
    away = np.zeros(len(windows[0]), np.int64)
    for place in range(len(away)):
        for instant, sign in ((windows[1][place], 1), (windows[0][place], -1)):
            present = duty_before(instant, hours) + marked_before(instant, edges, busy, busy_before)
            both = _both_before(instant, edges, busy, both_before, hours)
            away[place] += sign * (instant - present + both)
        away[place] = max(away[place], 0)
    return away


@compiled
def _busy_duty_before(edges: Integers, busy: Flags, hours: Hours) -> Integers:
    """Return the time both on duty and busy before each edge."""
    before = np.zeros(len(edges), np.int64)
    for place in range(len(edges) - 1):
        before[place + 1] = before[place]
        if busy[place]:
            before[place + 1] += duty_before(edges[place + 1], hours) - duty_before(edges[place], hours)
    return before


@compiled
def _both_before(instant: int, edges: Integers, busy: Flags, before: Integers, hours: Hours) -> int:
    """Return the time both on duty and busy before an instant; `before` is that before each edge."""
    place = np.searchsorted(edges, instant, side="right") - 1
    if place < 0:
        return 0
    if place >= len(busy):
        return int(before[len(edges) - 1])
    if not busy[place]:
        return int(before[place])
    return int(before[place] + duty_before(instant, hours) - duty_before(edges[place], hours))


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
        Beginning, end and key of each window, (m,) each; a window that ends before it begins is empty.
    """
    first, last, work_key = work
    window_from, window_to, window_key = windows
    level = np.zeros(len(edges), np.int64)
    following = np.arange(len(edges) + 1)
    tree = np.zeros(len(edges) + 1, np.int64)
    held = np.zeros(len(window_key), np.int64)
    in_order = np.argsort(work_key)
    laid = 0
    for window in np.argsort(window_key):
        while laid < len(in_order) and work_key[in_order[laid]] <= window_key[window]:
            row = in_order[laid]
            _lay(first[row], last[row], edges, limit, level, following, tree)
            laid += 1
        if window_to[window] > window_from[window]:
            until = _held_before(window_to[window], edges, limit, level, tree)
            held[window] = until - _held_before(window_from[window], edges, limit, level, tree)
    return held


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
def _held_before(instant: int, edges: Integers, limit: int, level: Integers, tree: Integers) -> int:
    place = np.searchsorted(edges, instant, side="right") - 1
    if place < 0:
        return 0
    total = instant - edges[place] if level[place] >= limit and place < len(edges) - 1 else 0
    node = place
    while node > 0:
        total += tree[node]
        node -= node & -node
    return total
