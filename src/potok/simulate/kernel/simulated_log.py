"""What the kernel returns: an event log as arrays."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
NOBODY: Final = -1
UNKNOWN: Final = np.iinfo(np.int64).min
"""An instant that does not exist, as in the log's own arrays."""


@dataclass(frozen=True, slots=True)
class SimulatedLog:
    """One replication. Codes are places in the model's tuples; people are numbered through all pools.

    Parameters
    ----------
    case_type
        (m,) int32: of each case, in the order of arrival; cases open at the beginning come first.
    arrived_us
        (m,) int64: microseconds UTC.
    closed_us
        (m,) int64: completion of the last instance, or the arrival if there is none; `UNKNOWN` if open at the end.
    due_us
        (m,) int64: end of the model's term; `UNKNOWN` without one.
    is_initial
        (m,) bool: whether it was open at the beginning.
    first_row
        (m + 1,) int64: the rows of case ``i`` are ``first_row[i]:first_row[i + 1]``.
    activity, person
        (n,) int32: of each instance enabled before the end, by case, then by completion, start and plan; `NOBODY` where
        the activity is automatic or none has started it.
    enabled_us, ready_us, started_us, completed_us
        (n,) int64: all it awaits was complete; its extraneous delay and its batch's collection were over; work began;
        work ended. `UNKNOWN` beyond the end.
    worked_us
        (n,) int64: time of work within [started, completed): without pauses.
    batch
        (n,) int64: number of its batch in the replication, -1 outside of any.
    skipped
        (m, a) int32: instances of each activity that the rules of the model left out.
    busy_us, duty_us
        (p,) int64: each person's time of work (of one place, if several at once), and on duty, within [start, end).
    start_us, end_us
        The time the replication covers.
    truncated
        Cases that reached the greatest length.
    """

    case_type: Codes
    arrived_us: Integers
    closed_us: Integers
    due_us: Integers
    is_initial: npt.NDArray[np.bool_]
    first_row: Integers
    activity: Codes
    person: Codes
    enabled_us: Integers
    ready_us: Integers
    started_us: Integers
    completed_us: Integers
    worked_us: Integers
    batch: Integers
    skipped: Codes
    busy_us: Integers
    duty_us: Integers
    start_us: int
    end_us: int
    truncated: int
