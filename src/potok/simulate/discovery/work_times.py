"""How long was worked within each instance: without the hours off duty, and without what was done beside it."""

from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import MINUTE_US, SECOND_US
from potok.discover.multitasking import sweep_levels
from potok.discover.resource_calendars.work import UNKNOWN, Codes, Flags, Integers, ResourceWork
from potok.simulate.discovery.calendars import worked_us
from potok.simulate.discovery.people import People

Reals = npt.NDArray[np.float64]

LEAST_CROSSING: Final = 5
STEADY: Final = 0.5
"""Work whose whole time varies by less than this share of how its time on duty does goes on around the clock."""
_NO_CALENDAR: Final = ""


def work_times(work: ResourceWork, people: People, activities: int) -> tuple[Reals, Flags]:
    """Return how long was worked within each instance, and at which activities work pauses when hours end.

    Of two explanations of work that reaches beyond a person's hours that one is taken which the completions support:
    if people stay to finish, completions lie off duty; if work pauses, they lie in the hours of another day. And of
    whole times and times on duty those are the work's own that vary less: a day that an applicant always takes is a
    day, whatever part of it is on duty.

    Returns
    -------
    tuple
        (n,) seconds, nan where unknown; (a,) bool.
    """
    seconds = np.full(len(work), np.nan)
    pauses = np.ones(activities, bool)
    rows = np.flatnonzero((work.started_us != UNKNOWN) & (work.completed_us >= work.started_us))
    gross = work.completed_us[rows] - work.started_us[rows]
    seconds[rows] = gross / SECOND_US
    held = np.flatnonzero(work.resource[rows] >= 0)
    if not len(held):
        return seconds, pauses
    staffed = rows[held]
    owner = work.resource[staffed].astype(np.int64)
    starts, ends = work.started_us[staffed], work.completed_us[staffed]
    net = worked_us(people.calendars, people.calendar_of, owner, (starts, ends))
    pauses = _pauses(work, people, (staffed, owner, net), activities)
    net = np.where((net == 0) | ~pauses[work.activity[staffed]], ends - starts, net)
    share = _undivided(work, people, staffed)
    seconds[staffed] = net / SECOND_US * share
    return seconds, pauses


def _pauses(work: ResourceWork, people: People, held: tuple[Integers, Integers, Integers], activities: int) -> Flags:
    rows, owner, net = held
    starts, ends = work.started_us[rows], work.completed_us[rows]
    calendars = (people.calendars, people.calendar_of)
    # A minute of grace: hours are known to a few minutes only.
    at_end = worked_us(*calendars, owner, (ends - MINUTE_US, ends + MINUTE_US)) > 0
    at_start = worked_us(*calendars, owner, (starts - MINUTE_US, starts + MINUTE_US)) > 0
    crosses = at_start & (ends - starts - net > 5 * MINUTE_US)
    crossing = np.bincount(work.activity[rows], weights=crosses, minlength=activities)
    paused = np.bincount(work.activity[rows], weights=crosses & at_end, minlength=activities)
    gross, net_seconds = (ends - starts) / SECOND_US, net / SECOND_US
    is_steady = _variation(work.activity[rows], gross, activities) < STEADY * _variation(
        work.activity[rows], net_seconds, activities
    )
    return np.asarray((crossing < LEAST_CROSSING) | ((paused >= 0.5 * crossing) & ~is_steady))


def _variation(activity: Codes, seconds: Reals, activities: int) -> Reals:
    """Return the coefficient of variation of the times of each activity, (a,); 0 where there are none."""
    count = np.maximum(np.bincount(activity, minlength=activities), 1)
    mean = np.bincount(activity, weights=seconds, minlength=activities) / count
    square = np.bincount(activity, weights=(seconds - mean[activity]) ** 2, minlength=activities) / count
    return np.asarray(np.sqrt(square) / np.maximum(mean, 1.0), dtype=np.float64)


def _undivided(work: ResourceWork, people: People, rows: Integers) -> Reals:
    """Return by what to multiply times of work: the share of attention that the instance had, where that matters."""
    share = np.ones(len(rows))
    chosen = np.flatnonzero(people.is_stretched[work.resource[rows]])
    if not len(chosen):
        return share
    at_rows = rows[chosen]
    owner = work.resource[at_rows].astype(np.int64)
    starts, ends = work.started_us[at_rows], work.completed_us[at_rows]
    edge_owner, at, level, _is_start = sweep_levels(owner, starts, ends)
    lasting = np.diff(at, append=at[-1:]).astype(np.float64)
    lasting[edge_owner != np.append(edge_owner[1:], -1)] = 0.0
    passed = np.concatenate([[0.0], np.cumsum(lasting / np.maximum(level, 1))])
    spread = int(at.max()) - int(at.min()) + 1
    key = edge_owner * spread + (at - at.min())
    begun = np.searchsorted(key, owner * spread + (starts - at.min()))
    ended = np.searchsorted(key, owner * spread + (ends - at.min()))
    lasted = np.maximum(ends - starts, 1)
    share[chosen] = np.where(ends > starts, (passed[ended] - passed[begun]) / lasted, 1.0)
    return share
