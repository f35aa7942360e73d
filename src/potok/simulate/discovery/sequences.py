"""The order of a case's instances without the chance of what ran side by side.

Instances of concurrent activities come in any order, and the order tells nothing of the way that the case goes. So
neighbours that are concurrent are put into one order, that of their codes: the lexicographic normal form of a
Mazurkiewicz trace. What awaits what is the same in every order that differs only so.
"""

import numpy as np

from potok.discover.compiled import compiled
from potok.discover.concurrency import Concurrency
from potok.discover.resource_calendars.work import Codes, Flags, Integers

LONGEST = 500


def normal_order(case: Integers, activity: Codes, concurrency: Concurrency) -> Integers:
    """Return rows by case, each case's in the normal form of its sequence.

    Parameters
    ----------
    case, activity
        (n,) by case and position.
    """
    partners, offsets = concurrency.partners()
    missing = int(activity.max(initial=-1)) + 2 - len(offsets)
    offsets = np.concatenate([offsets, np.full(max(missing, 0), offsets[-1])])
    if not len(partners):
        return np.arange(len(case))
    is_concurrent = np.zeros((len(offsets) - 1, len(offsets) - 1), bool)
    is_concurrent[np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), partners] = True
    begins = np.append(np.flatnonzero(np.diff(case, prepend=-1)), len(case)).astype(np.int64)
    return _normal_order(begins, activity.astype(np.int64), is_concurrent, LONGEST)


@compiled
def _normal_order(
    begins: Integers, activity: Integers, is_concurrent: Flags, longest: int
) -> Integers:  # pragma: no cover
    """Return rows in the normal form of each case; a case longer than `longest` stays as it is."""
    order = np.arange(len(activity))
    for number in range(len(begins) - 1):
        begin, end = begins[number], begins[number + 1]
        if end - begin <= longest:
            order[begin:end] = begin + _normal_form(activity[begin:end], is_concurrent)
    return order


@compiled
def _normal_form(codes: Integers, is_concurrent: Flags) -> Integers:  # pragma: no cover
    """Take, of the instances that await nothing left, the one of the lowest code, again and again."""
    awaited = np.zeros(len(codes), np.int64)
    for later in range(len(codes)):
        for earlier in range(later):
            awaited[later] += not is_concurrent[codes[later], codes[earlier]]
    taken = np.empty(len(codes), np.int64)
    for place in range(len(codes)):
        best = -1
        for row in range(len(codes)):
            if awaited[row] == 0 and (best < 0 or codes[row] < codes[best]):
                best = row
        taken[place] = best
        awaited[best] = -1
        for later in range(best + 1, len(codes)):
            awaited[later] -= not is_concurrent[codes[later], codes[best]]
    return taken
