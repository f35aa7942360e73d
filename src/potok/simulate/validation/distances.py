"""How far two logs lie apart: the distances of the package log-distance-measures 2.2.0, by their published definitions.

All but the first are one-dimensional earth mover's distances (Wasserstein, of order 1) between the shares of events per
hour, so that logs of different sizes can be compared; hours, lower is closer. What is counted:

- NGD: sequences of three activities, cases padded with two blanks at either end, ordered by start, then completion: the
  sum of differences of counts over the sum of counts, 0–1;
- AED: hours of starts and completions since the first start;
- CAR: hours of the first starts of cases since the first one;
- CED: hours of the day of starts and completions, each weekday by itself, averaged over the seven;
- RED: hours of starts and completions since the first start of their case;
- CTD: hours from the first start of a case to its last completion.
"""

from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from potok.core.time_units import DAY_US, HOUR_US
from potok.discover.resource_calendars.evidence import local_clock
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY

Integers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

DAY_HOURS: Final = 24
GRAM: Final = 3


@dataclass(frozen=True, slots=True)
class TimedLog:
    """A log as the distances see it; instances in any order.

    Parameters
    ----------
    case
        (n,) int64.
    activity
        (n,) int64: codes that both logs of a comparison share.
    started_us, completed_us
        (n,) int64: microseconds UTC.
    """

    case: Integers
    activity: Integers
    started_us: Integers
    completed_us: Integers

    def __len__(self) -> int:
        return len(self.case)


@dataclass(frozen=True, slots=True)
class Distances:
    """Distances between two logs.

    Parameters
    ----------
    ngd
        Share, 0–1.
    aed, car, ced, red, ctd
        Hours.
    """

    ngd: float
    aed: float
    car: float
    ced: float
    red: float
    ctd: float

    @classmethod
    def mean_of(cls, several: "tuple[Distances, ...]") -> Self:
        """Return the mean of each distance."""
        return cls(*(float(np.mean([getattr(one, field.name) for one in several])) for field in fields(cls)))


def log_distances(log: TimedLog, other: TimedLog, *, zone: str = "UTC") -> Distances:
    """Return the distances between two logs.

    Parameters
    ----------
    zone
        On whose clock the hours of the day are told.

    Raises
    ------
    ValueError
        If one of them is empty.

    References
    ----------
    Chapela-Campa, Benchekroun, Baron, Dumas, Krass and Senderovich (2025), "A framework for measuring the quality of
    business process simulation models".
    """
    if not len(log) or not len(other):
        raise ValueError("a log without instances has no distance")
    first = min(int(log.started_us.min()), int(other.started_us.min())) // HOUR_US * HOUR_US
    return Distances(
        ngd=_ngd(log, other),
        aed=wasserstein(_hours(_both(log), first), _hours(_both(other), first)),
        car=wasserstein(_hours(_first_starts(log), first), _hours(_first_starts(other), first)),
        ced=_ced(log, other, zone),
        red=wasserstein(_relative(log), _relative(other)),
        ctd=_ctd(log, other),
    )


def wasserstein(values: Integers, others: Integers) -> float:
    """Return the earth mover's distance of order 1 between two samples of whole numbers."""
    low = min(int(values.min()), int(others.min()))
    size = max(int(values.max()), int(others.max())) - low + 1
    shares, other_shares = (np.cumsum(np.bincount(held - low, minlength=size)) / len(held) for held in (values, others))
    return float(np.abs(shares - other_shares).sum())


def _both(log: TimedLog) -> Integers:
    return np.concatenate([log.started_us, log.completed_us])


def _hours(instants: Integers, since: Integers | int) -> Integers:
    return (instants - since) // HOUR_US


def _per_case(log: TimedLog) -> tuple[Integers, Integers, Integers]:
    """Return the case of each instance as a place, and first start and last completion of the cases."""
    codes, place = np.unique(log.case, return_inverse=True)
    first = np.full(len(codes), np.iinfo(np.int64).max)
    last = np.full(len(codes), np.iinfo(np.int64).min)
    np.minimum.at(first, place.reshape(-1), log.started_us)
    np.maximum.at(last, place.reshape(-1), log.completed_us)
    return place.reshape(-1).astype(np.int64), first, last


def _first_starts(log: TimedLog) -> Integers:
    return _per_case(log)[1]


def _relative(log: TimedLog) -> Integers:
    place, first, _last = _per_case(log)
    return _hours(_both(log), np.tile(first[place], 2))


def _ctd(log: TimedLog, other: TimedLog) -> float:
    times, others = (last - first for _place, first, last in (_per_case(log), _per_case(other)))
    least = min(int(times.min()), int(others.min()))
    return wasserstein((times - least) // HOUR_US, (others - least) // HOUR_US)


def _ced(log: TimedLog, other: TimedLog, zone: str) -> float:
    """Average over the weekdays; one on which only one of the logs has events counts as if a whole day apart."""
    parts, others = (_by_weekday(_both(one), zone) for one in (log, other))
    total = 0.0
    for mine, theirs in zip(parts, others, strict=True):
        if len(mine) and len(theirs):
            total += wasserstein(mine, theirs)
        elif len(mine) or len(theirs):
            total += DAY_HOURS - 1
    return total / DAYS_A_WEEK


def _by_weekday(instants: Integers, zone: str) -> list[Integers]:
    local = local_clock(instants, zone=zone)
    weekday = (local // DAY_US + FIRST_WEEKDAY) % DAYS_A_WEEK
    hour = local % DAY_US // HOUR_US
    return [hour[weekday == one] for one in range(DAYS_A_WEEK)]


def _ngd(log: TimedLog, other: TimedLog) -> float:
    size = int(max(log.activity.max(), other.activity.max())) + 2
    grams, other_grams = _grams(log, size), _grams(other, size)
    distinct, place = np.unique(np.concatenate([grams, other_grams]), return_inverse=True)
    place = place.reshape(-1)
    counts = np.bincount(place[: len(grams)], minlength=len(distinct))
    other_counts = np.bincount(place[len(grams) :], minlength=len(distinct))
    return float(np.abs(counts - other_counts).sum() / (len(grams) + len(other_grams)))


def _grams(log: TimedLog, size: int) -> Integers:
    """Return all sequences of `GRAM` activities in one number each."""
    order = np.lexsort((log.completed_us, log.started_us, log.case))
    case = log.case[order]
    begins = np.flatnonzero(np.diff(case, prepend=case[0] - 1))
    cases, pad = len(begins), GRAM - 1
    number = np.cumsum(np.diff(case, prepend=case[0] - 1) != 0)
    padded = np.zeros(len(order) + pad * (cases + 1), np.int64)
    padded[np.arange(len(order)) + pad * number] = log.activity[order] + 1
    # Between two cases stand as many blanks as one needs, which both share; so no sequence reaches across.
    return padded[:-2] * size * size + padded[1:-1] * size + padded[2:]
