"""At what rate cases come in each hour of the week, where they come independently of each other.

A week has 168 hours, and a log of a thousand cases has few in each: taken as they were seen, hours would differ by
chance, and a model would repeat that chance. So what is alike is taken together: hours of the day between which
nothing changes (a partition of the day into blocks by penalised likelihood), and weekdays whose numbers do not differ.
From there rates go towards those seen as far as chance does not explain the difference.

References
----------
Scargle, Norris, Jackson and Chiang (2013), “Studies in astronomical time series analysis VI: Bayesian block
representations”, for the partition; Kish (1965), “Survey sampling”, for what weighted cases tell; James and Stein
(1961), shrinking.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.time_units import DAY_US, HOUR_US
from potok.discover.resource_calendars.work import Flags, Integers
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY
from potok.simulate.discovery.counting import weighted_counts

Reals = npt.NDArray[np.float64]

DAY_HOURS: Final = 24
WEEK_HOURS: Final = DAYS_A_WEEK * DAY_HOURS
BLOCK_PENALTY: Final = 3.0
"""What a further block must add to the logarithm of the likelihood: it chooses where it begins and its rate."""


def hourly_rates(local_us: Integers, weight: Reals, days: tuple[Integers, Reals, Flags], *, told: float) -> Reals:
    """Return (168,) arrivals per hour of the week, from Monday 0:00.

    Parameters
    ----------
    local_us
        (n,) arrivals by the local clock.
    weight
        (n,) how often each counts.
    days
        Numbers of the days seen, which share of each was seen, and which are days off.
    told
        Of the sum of the weights, the share that as many independent arrivals would make (`effective_share`).
    """
    numbers, exposure, is_off = days
    hour = (local_us + FIRST_WEEKDAY * DAY_US) % (DAYS_A_WEEK * DAY_US) // HOUR_US
    counts = weighted_counts(hour, weight, WEEK_HOURS).reshape(DAYS_A_WEEK, DAY_HOURS)
    weekday = (numbers + FIRST_WEEKDAY) % DAYS_A_WEEK
    weeks = weighted_counts(weekday, exposure * ~is_off, DAYS_A_WEEK)
    daily = counts.sum(axis=1) / np.maximum(weeks, 1e-9)
    rate = np.zeros((DAYS_A_WEEK, DAY_HOURS))
    for kind in _kinds_of_days(daily, weeks):
        rate[kind] = _rates_of_kind(counts[kind], np.maximum(weeks[kind], 1e-9), told)
    return rate.reshape(-1)


def _rates_of_kind(counts: Reals, weeks: Reals, told: float) -> Reals:
    """Return the rates of the hours of like weekdays, (d, 24)."""
    total = float(counts.sum())
    if total <= 0:
        return np.zeros_like(counts)
    profile, seen = counts.sum(axis=0), weeks[:, np.newaxis]
    blocks = blocks_of_hours(profile, penalty=BLOCK_PENALTY / told)
    of_blocks = int((profile > 0).sum()) - len(np.unique(blocks[blocks > 0]))
    smooth = blocks + _trust(profile, blocks, of_blocks, told) * (profile - blocks)
    days = counts.sum(axis=1)
    usual = total * weeks / weeks.sum()
    daily = (usual + _trust(days, usual, len(days) - 1, told) * (days - usual)) / weeks
    alike = daily[:, np.newaxis] * (smooth / smooth.sum())
    # Whether hours go their own way on each day is asked beside the days' own numbers and the hours' own shares.
    expected = days[:, np.newaxis] * (profile / total)
    free = (int((days > 0).sum()) - 1) * (int((profile > 0).sum()) - 1)
    return np.asarray(alike + _trust(counts, expected, free, told) * (counts / seen - alike))


def blocks_of_hours(counts: Reals, *, penalty: float) -> Reals:
    """Return counts evened out within the blocks of neighbouring places that are most likely, each block penalised.

    Parameters
    ----------
    counts
        (n,) of events, not negative.
    penalty
        By which a further block must raise the logarithm of the Poisson likelihood.
    """
    passed = np.concatenate([[0.0], np.cumsum(counts)])
    size = len(counts)
    best, begin = np.zeros(size + 1), np.zeros(size + 1, np.int64)
    for end in range(1, size + 1):
        within = passed[end] - passed[:end]
        level = np.maximum(within, 1e-300) / (end - np.arange(end))
        gains = best[:end] + within * np.log(level) - penalty
        begin[end] = int(np.argmax(gains))
        best[end] = gains[begin[end]]
    even, end = np.zeros(size), size
    while end > 0:
        first = int(begin[end])
        even[first:end] = (passed[end] - passed[first]) / (end - first)
        end = first
    return even


def _trust(counts: Reals, expected: Reals, freedom: int, told: float) -> float:
    """Return how far to go from what is expected to what was seen: not at all where chance explains the difference."""
    used = expected > 0
    if freedom < 1:
        return 0.0
    ratio = told * float(((counts - expected) ** 2)[used] @ (1.0 / expected[used])) / freedom
    return 1.0 - 1.0 / ratio if ratio > 1.0 + 2.0 * (2.0 / freedom) ** 0.5 else 0.0


def _kinds_of_days(daily: Reals, weeks: Reals) -> list[list[int]]:
    """Return weekdays of like numbers of arrivals: those of at least half of the busiest, and the rest one by one."""
    busy = [day for day in range(DAYS_A_WEEK) if daily[day] >= 0.5 * daily.max()]
    return [busy, *([day] for day in range(DAYS_A_WEEK) if day not in busy and weeks[day] > 0)]
