"""Logs of finished cases alone: the youngest of those that began are missing, and arrivals seem to dwindle.

Whether a log was so extracted shows at its end: if far fewer of the youngest cases are open than the durations of those
that could be watched long enough lead one to expect, finished ones alone were taken. The share of cases
that are seen, by how long before the end they were opened, is then the distribution of durations, estimated from data
truncated on the right (Lynden-Bell 1971, in reversed time), and each arrival stands for as many as it was likely to be
seen.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from potok.discover.resource_calendars.work import Flags, Integers

Reals = npt.NDArray[np.float64]

LEAST_LATE: Final = 20
LONG: Final = 0.75
LONGEST: Final = 0.95
FEW_OPEN: Final = 0.6
LEAST_AT_RISK: Final = 10
LEAST_SEEN: Final = 1 / 3


def seen_shares(opened_us: Integers, end_us: Integers, is_open: Flags, *, extracted_us: int) -> Reals:
    """Return the share of cases opened at each case's opening that the log shows, (m,); 1 where it shows them all.

    Parameters
    ----------
    end_us
        Of each case: its closing, or the extraction.
    """
    everything = np.ones(len(opened_us))
    closed = ~is_open
    lasted, limit = end_us - opened_us, extracted_us - opened_us
    if closed.sum() < 2 * LEAST_LATE:
        return everything
    late = limit < np.quantile(lasted[closed], LONG)
    early = np.sort(lasted[closed & (limit >= np.quantile(lasted[closed], LONGEST))])
    if late.sum() < LEAST_LATE or len(early) < LEAST_LATE:
        return everything
    expected = 1.0 - float((np.searchsorted(early, limit[late], side="right") / len(early)).mean())
    if is_open[late].mean() >= FEW_OPEN * expected:
        return everything
    return np.maximum(truncated_distribution(lasted[closed], limit[closed], limit), LEAST_SEEN)


def truncated_distribution(lasted: Integers, limit: Integers, at: Integers) -> Reals:
    """Return the share of durations up to given ones, from durations that are seen only below a limit of their own.

    Parameters
    ----------
    lasted, limit
        (n,) durations, and what each could have been at most.
    at
        (k,) durations.
    """
    distinct, counts = np.unique(lasted, return_counts=True)
    at_risk = np.searchsorted(np.sort(lasted), distinct, side="right") - np.searchsorted(np.sort(limit), distinct)
    # Beyond where enough cases could have been seen to last so long nothing can be told.
    steps = np.where(at_risk >= LEAST_AT_RISK, 1.0 - counts / np.maximum(at_risk, 1), 1.0)
    up_to = np.append(np.cumprod(np.maximum(steps, 1e-9)[::-1])[::-1], 1.0)
    return np.asarray(up_to[np.searchsorted(distinct, at, side="right")])
