"""Sweeps that find batches in the work of resources."""

import numpy as np

from potok.discover.busy_time import (
    Hours,
    away_times,
    busy_segments,
    duty_before,
    held_times,
    places_of,
    segment_edges,
)
from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import Flags, Integers
from potok.discover.resource_clocks import NO_CALENDAR, Duty, hours_of

# Further from 1970 than any instant of a log, and still far from overflowing.
_FAR_US = 1 << 61


@compiled
def candidates(
    order: Integers,
    group: Integers,
    times: tuple[Integers, Integers, Integers],
    gap_us: int,
) -> tuple[Integers, Integers]:
    """Return where runs of at least two instances begin and end in `order` that may be batches.

    An instance joins the run before it if it is of the same group, begins at most `gap_us` after the latest completion
    in the run, and was enabled when the run began.

    Parameters
    ----------
    order
        Rows by group, and by start within it.
    group
        (n,) of each row: resource and activity in one number.
    times
        Enablement, start and completion of each row.
    """
    enabled, started, completed = times
    begins, ends = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    found, begin, reach = 0, 0, np.int64(0)
    for place in range(len(order)):
        row, first = order[place], order[begin]
        if place > begin and group[row] == group[first]:
            joins = started[row] <= reach + gap_us and enabled[row] <= started[first]
        else:
            joins = False
        if not joins:
            if place - begin > 1:
                begins[found], ends[found] = begin, place
                found += 1
            begin, reach = place, completed[row]
        reach = max(reach, completed[row])
    if len(order) - begin > 1:
        begins[found], ends[found] = begin, len(order)
        found += 1
    return begins[:found], ends[:found]


@compiled
def _those_of(rows: Integers, values: Integers) -> Integers:
    """Return the values of rows; a plain loop compiles sooner than an index of rows."""
    taken = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        taken[place] = values[rows[place]]
    return taken


@compiled
def idle_times(
    runs: tuple[Integers, Integers, Integers],
    work: tuple[Integers, Integers],
    times: tuple[Integers, Integers, Integers],
    limit: Integers,
    calendar: Integers,
    duty: Duty,
) -> tuple[Integers, Integers]:
    """Return for how long each run's resource was there while the run gathered, and could have begun its first member.

    A run gathers from the first to the last enablement in it. The resource is there while it is on duty or busy (where
    its calendar is unknown, all the time), and could begin while it is there and not busy with work enabled no later
    than the first.

    Parameters
    ----------
    runs
        First and last enablement, and resource, of each run, by resource.
    work
        Rows by resource, and where those of each resource begin.
    times
        Enablement, start and completion of each row.
    limit, calendar
        By resource: instances at once from which on it is busy; its place in `duty`, `NO_CALENDAR` if unknown.
    duty
        Of all calendars.
    """
    first, last, resource = runs
    idle, there = np.zeros(len(first), np.int64), last - first
    begin = 0
    while begin < len(first):
        end = begin
        while end < len(first) and resource[end] == resource[begin]:
            end += 1
        owner = resource[begin]
        rows = work[0][work[1][owner] : work[1][owner + 1]]
        enabled, started, completed = _those_of(rows, times[0]), _those_of(rows, times[1]), _those_of(rows, times[2])
        edges = segment_edges(started, completed)
        begun, ended = places_of(started, edges), places_of(completed, edges)
        window = (first[begin:end], last[begin:end], first[begin:end])
        held = held_times(edges, (begun, ended, enabled), limit[owner], window)
        if calendar[owner] != NO_CALENDAR:
            hours = hours_of(calendar[owner], duty)
            busy = busy_segments(edges, begun, ended, limit[owner])
            away = away_times(edges, busy, (first[begin:end], last[begin:end]), hours)
            for place in range(begin, end):
                there[place] -= away[place - begin]
        for place in range(begin, end):
            idle[place] = there[place] - held[place - begin]
        begin = end
    return there, idle


@compiled
def unfree_since(
    firings: tuple[Integers, Integers, Integers, Integers],
    work: tuple[Integers, Integers],
    times: tuple[Integers, Integers],
    limit: Integers,
    calendar: Integers,
    duty: Duty,
) -> Integers:
    """Return since when each firing's resource could hardly have begun it: never for longer than the firing's slack.

    A resource could begin while it is on duty (where its calendar is unknown, always) and not busy with anything.

    Parameters
    ----------
    firings
        First enablement, beginning, resource and slack of each, by resource; the answer is no earlier than the first.
    work
        Rows by resource, and where those of each resource begin.
    times
        Start and completion of each row.
    limit, calendar, duty
        As for `idle_times`.
    """
    first, begun, resource, slack = firings
    since = np.empty(len(first), np.int64)
    begin = 0
    while begin < len(first):
        end = begin
        while end < len(first) and resource[end] == resource[begin]:
            end += 1
        owner = resource[begin]
        rows = work[0][work[1][owner] : work[1][owner + 1]]
        started, completed = _those_of(rows, times[0]), _those_of(rows, times[1])
        edges = segment_edges(started, completed)
        busy = busy_segments(edges, places_of(started, edges), places_of(completed, edges), limit[owner])
        hours = (np.full(1, -_FAR_US), np.full(1, _FAR_US), np.zeros(1, np.int64))
        if calendar[owner] != NO_CALENDAR:
            hours = hours_of(calendar[owner], duty)
        idle = _idle_at(edges, busy, hours)
        for place in range(begin, end):
            least = _idle_before(begun[place], edges, busy, idle, hours) - slack[place]
            low, high = first[place] - 1, begun[place]
            while high - low > 1:
                middle = low + (high - low) // 2
                if _idle_before(middle, edges, busy, idle, hours) >= least:
                    high = middle
                else:
                    low = middle
            since[place] = high
        begin = end
    return since


@compiled
def _idle_at(edges: Integers, busy: Flags, hours: Hours) -> Integers:
    """Return the time on duty and not busy from the first edge to each."""
    before = np.zeros(len(edges), np.int64)
    for place in range(len(busy)):
        before[place + 1] = before[place]
        if not busy[place]:
            before[place + 1] += duty_before(edges[place + 1], hours) - duty_before(edges[place], hours)
    return before


@compiled
def _idle_before(instant: int, edges: Integers, busy: Flags, idle: Integers, hours: Hours) -> int:
    """Return the time on duty and not busy from the first edge to an instant, negative before it."""
    place = max(int(np.searchsorted(edges, instant, side="right")) - 1, 0)
    if place < len(busy) and busy[place] and instant >= edges[place]:
        return int(idle[place])
    return int(idle[place] + duty_before(instant, hours) - duty_before(edges[place], hours))
