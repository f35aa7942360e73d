"""Fixed delays: passages that never take less than one exact time, and often take exactly that.

A clock stands between such activities – a statutory period, a job that runs an hour later –, and until it has run out
nobody could have begun. So the delay belongs to no cause of waiting: the next instance is enabled when it is over. A
passage has a fixed delay if the least time from the completion of the enabling instance to the start is above a second,
at least a share of all passages (and several) take exactly that long, and they are several times as many as those of
any other exact time. In a log of days or minutes many times are equal, and the last condition fails.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.time_units import SECOND_US
from potok.discover.concurrency_counts import MOST_COUNTERS
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.work import UNKNOWN, Flags, Integers

LEAST_DELAY_US: Final = SECOND_US
LEAST_SHARE: Final = 0.1
LEAST_OCCURRENCES: Final = 10
TIMES_ANY_OTHER: Final = 5


@dataclass(frozen=True, slots=True)
class FixedDelay:
    """A fixed delay between an enabling activity and the activity that it enables (codes).

    Parameters
    ----------
    delay_us
        Microseconds.
    passages
        Passages with known times.
    exact
        Those of them that take exactly the delay.
    """

    activity: int
    next_activity: int
    delay_us: int
    passages: int
    exact: int


def learn_fixed_delays(held: Instances, enabler: Integers) -> tuple[FixedDelay, ...]:
    """Learn the fixed delays between activities.

    Parameters
    ----------
    enabler
        (n,) int64: row whose completion enabled each instance, negative if there is none.
    """
    rows = np.flatnonzero((enabler >= 0) & (held.started_us != UNKNOWN))
    activities = int(held.activity.max(initial=-1)) + 1
    before = held.activity[enabler[rows]].astype(np.int64)
    pair = before * activities + held.activity[rows]
    lag = held.started_us[rows] - held.completed_us[enabler[rows]]
    pair, lag = _possible(pair, lag)
    order = np.lexsort((lag, pair))
    pair, lag = pair[order], lag[order]
    is_new = np.diff(pair, prepend=-1) != 0
    run_begins = np.flatnonzero(is_new | (np.diff(lag, prepend=-1) != 0))
    runs = np.diff(run_begins, append=len(lag))
    if not len(runs):
        return ()
    firsts = np.flatnonzero(is_new[run_begins]).tolist()
    return tuple(
        FixedDelay(*divmod(int(pair[run_begins[place]]), activities), int(lag[run_begins[place]]), passages, exact)
        for place, until in zip(firsts, [*firsts[1:], len(runs)], strict=True)
        if _is_fixed(
            exact := int(runs[place]),
            passages := int(runs[place:until].sum()),
            int(runs[place + 1 : until].max(initial=0)),
        )
    )


def add_fixed_delays(enabled: Integers, held: Instances, enabler: Integers, delays: tuple[FixedDelay, ...]) -> Integers:
    """Return enablements later by the fixed delay of their passage, if it has one."""
    if not delays or not len(held):
        return enabled
    later = enabled.copy()
    before = np.where(enabler >= 0, held.activity[np.maximum(enabler, 0)], -1)
    for delay in delays:
        is_there: Flags = (before == delay.activity) & (held.activity == delay.next_activity) & (enabled != UNKNOWN)
        later[is_there] += delay.delay_us
    return later


def _possible(pair: Integers, lag: Integers) -> tuple[Integers, Integers]:
    """Return the passages of pairs whose least time is long enough; sorting few is quicker than sorting all."""
    # Where it is at most that for every pair, as it mostly is, nothing has to be sorted at all.
    short = pair[lag <= LEAST_DELAY_US]
    known = np.flatnonzero(np.bincount(short)) if short.max(initial=0) < MOST_COUNTERS else np.unique(short)
    is_long = ~np.isin(pair, known)
    return pair[is_long], lag[is_long]


def _is_fixed(exact: int, passages: int, other: int) -> bool:
    return exact >= LEAST_OCCURRENCES and exact >= LEAST_SHARE * passages and exact >= TIMES_ANY_OTHER * other
