"""The sweep over the work of resources that gives each piece of a wait to its causes."""

from typing import Final

import numpy as np

from potok.diagnose.waiting_causes.pieces import Pieces
from potok.discover.busy_time import (
    away_times,
    busy_segments,
    held_times,
    lengths_before,
    marked_before,
    segment_edges,
)
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
        Row, beginning and end of each piece.
    piece_order, work
        Pieces, and worked rows, by resource; and where those of each resource begin.
    times
        Enablement (the start, where that is unknown), start and completion of each row.
    clocks
        Limit and calendar of each resource, and the spans of all calendars.

    Returns
    -------
    numpy.ndarray
        (m, 3) int64.
    """
    row, from_us, to_us = pieces
    enabled, started, completed = times
    owed = np.zeros((len(row), 3), np.int64)
    for owner in range(len(clocks[0])):
        asked = piece_order[0][piece_order[1][owner] : piece_order[1][owner + 1]]
        if len(asked) == 0:
            continue
        rows = work[0][work[1][owner] : work[1][owner + 1]]
        start, end = started[rows], completed[rows]
        edges = segment_edges(start, end)
        first, last = np.searchsorted(edges, start), np.searchsorted(edges, end)
        windows = (from_us[asked], to_us[asked], enabled[row[asked]])
        busy = busy_segments(edges, first, last, clocks[0][owner])
        before = lengths_before(edges, busy)
        held = held_times(edges, (first, last, enabled[rows]), clocks[0][owner], windows)
        for place in range(len(asked)):
            piece = asked[place]
            if to_us[piece] > from_us[piece]:
                taken = marked_before(to_us[piece], edges, busy, before)
                taken -= marked_before(from_us[piece], edges, busy, before)
                owed[piece, 0], owed[piece, 1] = held[place], taken - held[place]
        if clocks[1][owner] != NO_CALENDAR:
            hours = hours_of(clocks[1][owner], clocks[2])
            owed[asked, 2] = away_times(edges, busy, (windows[0], windows[1]), hours)
    return owed


@compiled
def add_up(
    pieces: tuple[Integers, Codes, Codes, Flags], causes: Integers, rows: int
) -> tuple[Integers, Integers, Integers]:
    """Return the causes of each instance's wait, its share of its case's, and those within its gap.

    Parameters
    ----------
    pieces
        Row, sharers, rank, and whether it lies in the gap, of each piece.
    causes
        (m, 6) int64: microseconds of each piece, in the order of `CAUSES`.
    rows
        Number of instances.

    Returns
    -------
    tuple
        Three arrays (rows, 6) int64. The share of a wait of rank r among k in the first j causes of a piece, C
        microseconds together, is ⌊(C + r) / k⌋; that of one cause is the difference of two such.
    """
    row, sharers, rank, is_in_gap = pieces
    whole = np.zeros((rows, causes.shape[1]), np.int64)
    shared = np.zeros((rows, causes.shape[1]), np.int64)
    in_gap = np.zeros((rows, causes.shape[1]), np.int64)
    for piece in range(len(row)):
        together, given = np.int64(0), np.int64(0)
        for cause in range(causes.shape[1]):
            owed = causes[piece, cause]
            if owed == 0:
                continue
            together += owed
            due = (together + rank[piece]) // sharers[piece]
            whole[row[piece], cause] += owed
            shared[row[piece], cause] += due - given
            given = due
            if is_in_gap[piece]:
                in_gap[row[piece], cause] += owed
    return whole, shared, in_gap


def causes_of_pieces(
    pieces: Pieces, ready_us: Integers, owed: Integers, *, is_known: Flags, has_calendar: Flags
) -> Integers:
    """Return the microseconds of each piece by cause, (m, 6), adding up to its length.

    Parameters
    ----------
    ready_us
        (m,) int64: when the last member of the batch of each piece's instance was enabled; `UNKNOWN` without a batch.
    owed
        (m, 3) int64: as `sweep_resources` returns for the pieces from there on.
    is_known, has_calendar
        (m,) bool: whether the resource of each piece's instance is known, and its calendar.
    """
    length = pieces.to_us - pieces.from_us
    causes = np.zeros((len(pieces), len(CAUSES)), np.int64)
    batched = np.clip(ready_us, pieces.from_us, pieces.to_us) - pieces.from_us
    causes[:, BATCHING] = np.where(is_known & (ready_us != UNKNOWN), batched, 0)
    causes[:, CONTENTION : UNAVAILABILITY + 1] = np.where(is_known[:, np.newaxis], owed, 0)
    rest = length - causes.sum(axis=1)
    causes[:, RESIDUAL] = np.where(has_calendar, rest, 0)
    causes[:, UNATTRIBUTED] = np.where(has_calendar, 0, rest)
    return causes
