"""The sweep over the work of resources that gives each piece of a wait to its causes."""

from typing import Final

import numpy as np

from potok.discover.busy_time import away_times, busy_segments, held_times, marked_times, places_of, segment_edges
from potok.discover.compiled import compiled
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers
from potok.discover.resource_clocks import NO_CALENDAR, Duty, hours_of

CAUSES: Final = ("batching", "contention", "prioritisation", "unavailability", "residual", "unattributed")
"""In the order in which an instant goes to the first that is true."""

BATCHING, CONTENTION, PRIORITISATION, UNAVAILABILITY, RESIDUAL, UNATTRIBUTED = range(len(CAUSES))


@compiled
def sweep_resources(
    pieces: tuple[Integers, Integers, Integers],
    piece_order: tuple[Integers, Integers],
    work: tuple[Integers, Integers],
    times: tuple[Integers, Integers, Integers],
    clocks: tuple[Integers, Integers, Duty],
) -> Integers:
    """Return what of each piece, from its batch being ready, owes to contention, prioritisation and unavailability.

    Parameters
    ----------
    pieces
        Beginning, end and enablement of each piece.
    piece_order, work
        Pieces, and worked rows, by resource; and where those of each resource begin. Those of a resource in the order
        of their enablement cost least.
    times
        Enablement (the start, where that is unknown), start and completion of each row.
    clocks
        Limit and calendar of each resource, and the spans of all calendars.

    Returns
    -------
    numpy.ndarray
        (m, 3) int64.
    """
    limits, calendars, duty = clocks
    owed = np.zeros((len(pieces[0]), 3), np.int64)
    for owner in range(len(limits)):
        asked = piece_order[0][piece_order[1][owner] : piece_order[1][owner + 1]]
        if len(asked) == 0:
            continue
        rows = work[0][work[1][owner] : work[1][owner + 1]]
        started, completed = _picked(times[1], rows), _picked(times[2], rows)
        edges = segment_edges(started, completed)
        first, last = places_of(started, edges), places_of(completed, edges)
        windows = (_picked(pieces[0], asked), _picked(pieces[1], asked))
        busy = busy_segments(edges, first, last, limits[owner])
        taken = marked_times(edges, busy, windows)
        keys = _picked(pieces[2], asked)
        held = held_times(edges, (first, last, _picked(times[0], rows)), limits[owner], (windows[0], windows[1], keys))
        for place in range(len(asked)):
            owed[asked[place], 0], owed[asked[place], 1] = held[place], taken[place] - held[place]
        if calendars[owner] != NO_CALENDAR:
            away = away_times(edges, busy, windows, hours_of(calendars[owner], duty))
            for place in range(len(asked)):
                owed[asked[place], 2] = away[place]
    return owed


@compiled
def _picked(values: Integers, rows: Integers) -> Integers:
    picked = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        picked[place] = values[rows[place]]
    return picked


@compiled
def add_up(
    pieces: tuple[Integers, Integers, Integers],
    shared_by: tuple[Codes, Codes, Flags],
    ready_us: Integers,
    owed: Integers,
    knowledge: tuple[Flags, Flags],
    rows: int,
) -> tuple[Integers, Integers, Integers]:
    """Return the causes of each instance's wait, its share of its case's, and those within its gap.

    Parameters
    ----------
    pieces
        Row, beginning and end of each piece.
    shared_by
        Sharers and rank of each piece, and whether it lies in the gap.
    ready_us
        (m,) int64: when the last member of the batch of each piece's instance was enabled; `UNKNOWN` without a batch.
    owed
        (m, 3) int64: as `sweep_resources` returns for the pieces from there on.
    knowledge
        Whether the resource of each piece's instance is known, and its calendar.
    rows
        Number of instances.

    Returns
    -------
    tuple
        Three arrays (rows, 6) int64. The share of a wait of rank r among k in the first j causes of a piece, C
        microseconds together, is ⌊(C + r) / k⌋; that of one cause is the difference of two such.
    """
    row, from_us, to_us = pieces
    whole = np.zeros((rows, len(CAUSES)), np.int64)
    shared, in_gap = np.zeros_like(whole), np.zeros_like(whole)
    causes = np.empty(len(CAUSES), np.int64)
    for piece in range(len(row)):
        own, sharers, rank = row[piece], np.int64(shared_by[0][piece]), np.int64(shared_by[1][piece])
        is_known = (knowledge[0][piece], knowledge[1][piece])
        _causes_of(from_us[piece], to_us[piece], ready_us[piece], owed[piece], is_known, causes)
        together, given = np.int64(0), np.int64(0)
        for cause in range(len(CAUSES)):
            if causes[cause] != 0:
                together += causes[cause]
                due = (together + rank) // sharers
                whole[own, cause] += causes[cause]
                shared[own, cause] += due - given
                given = due
                if shared_by[2][piece]:
                    in_gap[own, cause] += causes[cause]
    return whole, shared, in_gap


@compiled
def _causes_of(
    from_us: int, to_us: int, ready_us: int, owed: Integers, is_known: tuple[bool, bool], causes: Integers
) -> None:
    """Write the microseconds of a piece by cause, adding up to its length."""
    rest = to_us - from_us
    causes[:] = 0
    if is_known[0]:
        if ready_us != UNKNOWN:
            causes[BATCHING] = min(max(ready_us, from_us), to_us) - from_us
        for place in range(3):
            causes[CONTENTION + place] = owed[place]
        for place in range(UNAVAILABILITY + 1):
            rest -= causes[place]
    causes[RESIDUAL if is_known[1] else UNATTRIBUTED] = rest
