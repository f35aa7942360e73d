"""Absences of people who work in the process only part of their hours.

Present and absent times alternate, both exponential, counted in the open time of the person's calendar; their means
give the share of the hours in which the person is there. The first is present or absent with the same share.
"""

from math import log
from typing import Final

import numpy as np

from potok.discover.compiled import compiled
from potok.simulate.kernel.hours import Hours, Integers
from potok.simulate.kernel.plan import longer
from potok.simulate.kernel.random_numbers import uniform

_FEWEST: Final = 256


@compiled
def draw_presence(
    hours: Hours, calendar: int, key: np.uint64, name: np.uint64, share: float, absence_us: float
) -> tuple[Integers, Integers]:
    """Draw when a person is there.

    Parameters
    ----------
    share
        Of the hours in which the person is there, between 0 and 1.
    absence_us
        Mean length of an absence.

    Returns
    -------
    tuple
        Starts and ends of spans on duty.
    """
    starts, ends = np.empty(_FEWEST, np.int64), np.empty(_FEWEST, np.int64)
    presence_us = absence_us * share / (1.0 - share)
    is_there = uniform(key, 0, name, 0) < share
    draws, found = 1, 0
    left = 0
    for span in range(hours.first[calendar], hours.first[calendar + 1]):
        at = hours.starts_us[span]
        while at < hours.ends_us[span]:
            if left <= 0:
                mean = presence_us if is_there else absence_us
                left = max(1, int(-mean * log(uniform(key, 0, name, draws))))
                draws += 1
            until = min(hours.ends_us[span], at + left)
            if is_there:
                starts, ends = longer(starts, found + 1), longer(ends, found + 1)
                starts[found], ends[found] = at, until
                found += 1
            left -= until - at
            at = until
            if left <= 0:
                is_there = not is_there
    return starts[:found].copy(), ends[:found].copy()
