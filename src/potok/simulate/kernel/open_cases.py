"""Cases open at the beginning of a run."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.simulate.kernel.plan import Codes, Integers


@dataclass(frozen=True, slots=True)
class OpenCases:
    """Cases that are open at the beginning; k of them.

    Parameters
    ----------
    case_type
        (k,) int32: code.
    opened_us
        (k,) int64: when they arrived.
    ready_us
        (k,) int64: since when (or from when on) their first remaining instances are ready; `UNKNOWN`: they are enabled
        when the run starts, and their delays are drawn.
    first_row, activity
        (k + 1,) int64 and (n,) int32: the activities of case i so far are ``activity[first_row[i]:first_row[i + 1]]``,
        in their order.
    """

    case_type: Codes
    opened_us: Integers
    ready_us: Integers
    first_row: Integers
    activity: Codes

    def __len__(self) -> int:
        return len(self.case_type)


_NOTHING: Final = np.zeros(0, np.int64)
NO_OPEN_CASES: Final = OpenCases(
    np.zeros(0, np.int32), _NOTHING, _NOTHING, np.zeros(1, np.int64), np.zeros(0, np.int32)
)
