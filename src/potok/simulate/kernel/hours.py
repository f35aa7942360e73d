"""Open time of calendars as arrays, and its arithmetic for compiled loops.

An instant is on duty if it lies in a half-open span ``[start, end)``. Work that is used up exactly at the end of a span
is complete at that instant, not at the next opening (as `Calendar.working_instant_us` has it).
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.calendars.zones import load_zone, midnight_us
from potok.simulate.kernel.loops import inmost

Integers = npt.NDArray[np.int64]
BEYOND: Final = np.iinfo(np.int64).max
"""Stands for an instant beyond the tables."""
_CACHED: Final = 128


class Hours(NamedTuple):
    """Spans of several calendars (or people), one after another.

    Parameters
    ----------
    first
        (k + 1,) int64: the spans of calendar k are rows ``first[k]:first[k + 1]``.
    starts_us, ends_us
        (n,) int64: ascending and disjoint within a calendar.
    passed_us
        (n,) int64: open time of the calendar before each span.
    """

    first: Integers
    starts_us: Integers
    ends_us: Integers
    passed_us: Integers


def tabulate_hours(calendars: Sequence[Calendar | None], first_us: int, last_us: int) -> Hours:
    """Tabulate calendars over a window; None is open around the clock.

    A calendar that does not cover the whole window is tabulated as far as it reaches.

    Raises
    ------
    YearNotCoveredError
        If a calendar says nothing about the window's beginning.
    """
    spans = [_spans(calendar, first_us, last_us) for calendar in calendars]
    counts = [len(starts) for starts, _ends in spans]
    passed = [np.cumsum(ends - starts) - (ends - starts) for starts, ends in spans]
    return Hours(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([*(starts for starts, _ends in spans), np.zeros(0, np.int64)]).astype(np.int64),
        np.concatenate([*(ends for _starts, ends in spans), np.zeros(0, np.int64)]).astype(np.int64),
        np.concatenate([*passed, np.zeros(0, np.int64)]).astype(np.int64),
    )


def _spans(calendar: Calendar | None, first_us: int, last_us: int) -> tuple[Integers, Integers]:
    if calendar is None:
        return np.array([first_us], np.int64), np.array([last_us], np.int64)
    calendar.check_covers(calendar.local_date(first_us))
    return known_intervals(calendar, first_us, max(first_us, min(last_us, covered_until_us(calendar))))


@lru_cache(maxsize=_CACHED)
def known_intervals(calendar: Calendar, first_us: int, last_us: int) -> tuple[Integers, Integers]:
    """Return the open intervals of a calendar, kept for the next model that has it; not to be written to.

    Models that differ in a change, or are learnt from samples of the same cases, have the same calendars.

    Raises
    ------
    YearNotCoveredError
        If the window leaves the covered years.
    """
    starts, ends = calendar.open_intervals(first_us, last_us)
    starts.setflags(write=False)
    ends.setflags(write=False)
    return starts, ends


def covered_until_us(calendar: Calendar) -> int:
    """Return the instant from which a calendar says nothing any more."""
    return midnight_us(load_zone(calendar.zone), date(calendar.last_year + 1, 1, 1))


@inmost
def span_at(ends_us: Integers, low: int, high: int, at_us: int) -> int:
    """Return the first of the spans from `low` to before `high` that ends after an instant; `high` if none does."""
    while low < high:
        middle = (low + high) // 2
        if ends_us[middle] <= at_us:
            low = middle + 1
        else:
            high = middle
    return low


@inmost
def add_open_time(
    starts_us: Integers, ends_us: Integers, passed_us: Integers, span: int, high: int, at_us: int, work_us: int
) -> int:
    """Return the instant by which so much open time has passed; `BEYOND` if the spans end before.

    Parameters
    ----------
    span
        The first span that ends after `at_us`; not before it.
    high
        The row after the last span.
    """
    if work_us <= 0:
        return at_us
    if span >= high:
        return BEYOND
    begin = max(at_us, starts_us[span])
    if work_us <= ends_us[span] - begin:
        return int(begin + work_us)
    target = passed_us[span] + (begin - starts_us[span]) + work_us
    low, last = span + 1, high
    while low < last:
        middle = (low + last) // 2
        if passed_us[middle] + ends_us[middle] - starts_us[middle] < target:
            low = middle + 1
        else:
            last = middle
    if low >= high:
        return BEYOND
    return int(starts_us[low] + target - passed_us[low])


@inmost
def open_time(
    starts_us: Integers, ends_us: Integers, passed_us: Integers, low: int, high: int, from_us: int, to_us: int
) -> int:
    """Return the open time within ``[from_us, to_us)`` of the spans from `low` to before `high`."""
    if to_us <= from_us or low >= high:
        return 0
    return _passed_at(starts_us, ends_us, passed_us, low, high, to_us) - _passed_at(
        starts_us, ends_us, passed_us, low, high, from_us
    )


@inmost
def _passed_at(starts_us: Integers, ends_us: Integers, passed_us: Integers, low: int, high: int, at_us: int) -> int:
    span = span_at(ends_us, low, high, at_us)
    if span == high:
        return int(passed_us[high - 1] + ends_us[high - 1] - starts_us[high - 1])
    return int(passed_us[span] + max(at_us - starts_us[span], 0))
