"""The plan of every case: which activity instances it has, and which await which."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
FEWEST_ROWS: Final = 1024


class PlannedCases(NamedTuple):
    """Cases for which plans are drawn; m of them.

    Parameters
    ----------
    number
        (m,) int64: what their random numbers belong to.
    case_type
        (m,) int32.
    first_passed, passed
        (m + 1,) int64 and (n,) int32: the activities of case i so far are
        ``passed[first_passed[i]:first_passed[i + 1]]``.
    """

    number: Integers
    case_type: Codes
    first_passed: Integers
    passed: Codes


class Drawn(NamedTuple):
    """What a routing draws: the same as of `Plan`, before rules."""

    first_row: Integers
    activity: Codes
    first_awaited: Integers
    awaited: Integers
    truncated: npt.NDArray[np.bool_]


class Plan(NamedTuple):
    """Activity instances of all cases.

    Parameters
    ----------
    first_row
        (m + 1,) int64: the instances of case i are rows ``first_row[i]:first_row[i + 1]``, none before one it awaits.
    activity
        (n,) int32.
    occurrence
        (n,) int32: how often the activity occurred in the case before.
    first_awaited, awaited
        (n + 1,) and (e,) int64: row i awaits the rows ``awaited[first_awaited[i]:first_awaited[i + 1]]``, ascending.
    skipped
        (m, a) int32: instances that the rules left out.
    truncated
        (m,) bool: cases that reached the greatest length.
    """

    first_row: Integers
    activity: Codes
    occurrence: Codes
    first_awaited: Integers
    awaited: Integers
    skipped: Codes
    truncated: npt.NDArray[np.bool_]


@compiled
def longer(values: Integers, needed: int) -> Integers:
    """Return an array that holds at least so many values, the present ones first."""
    if needed <= len(values):
        return values
    grown = np.empty(max(2 * len(values), needed), values.dtype)
    grown[: len(values)] = values
    return grown


@compiled
def longer_codes(values: Codes, needed: int) -> Codes:
    """Return an array of codes that holds at least so many, the present ones first."""
    if needed <= len(values):
        return values
    grown = np.empty(max(2 * len(values), needed), np.int32)
    grown[: len(values)] = values
    return grown


@compiled
def awaiting_rows(first_awaited: Integers, awaited: Integers) -> tuple[Integers, Integers]:
    """Return the reverse of who awaits whom: offsets and rows that await each row, ascending."""
    rows = len(first_awaited) - 1
    offsets = np.zeros(rows + 1, np.int64)
    for place in range(len(awaited)):
        offsets[awaited[place] + 1] += 1
    for row in range(rows):
        offsets[row + 1] += offsets[row]
    filled = offsets[:-1].copy()
    awaiting = np.empty(len(awaited), np.int64)
    for row in range(rows):
        for place in range(first_awaited[row], first_awaited[row + 1]):
            awaiting[filled[awaited[place]]] = row
            filled[awaited[place]] += 1
    return offsets, awaiting
