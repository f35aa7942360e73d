"""Drawing when cases arrive.

Poisson arrivals are a process of unit rate, carried over to the clock by the inverse of the summed rate: the k-th case
of a replication stays the k-th when demand changes. The rate is constant within an hour of the local clock.
"""

from collections.abc import Sequence
from math import log
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.calendars.zones import day_number, day_of_number, iterate_regimes, load_zone
from potok.core.time_units import DAY_US, HOUR_US
from potok.discover.compiled import compiled
from potok.simulate.kernel.hours import BEYOND, Hours, add_open_time, span_at, tabulate_hours
from potok.simulate.kernel.plan import Integers, longer
from potok.simulate.kernel.quantile_tables import QuantileTables, draw_us, tabulate_distributions
from potok.simulate.kernel.random_numbers import uniform
from potok.simulate.model.arrivals import ArrivalKind, Arrivals

Reals = npt.NDArray[np.float64]
YEAR_US: Final = 365.25 * DAY_US
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday
_FEWEST: Final = 1024
_HOURS_A_WEEK: Final = 168


class Rates(NamedTuple):
    """A rate that is constant between the edges.

    Parameters
    ----------
    edges_us
        (n + 1,) int64.
    expected
        (n,) float64: mean number of cases in each piece, before the noise of its day.
    day
        (n,) int64: number of the local day.
    dispersion
        Variance of the noise.
    """

    edges_us: Integers
    expected: Reals
    day: Integers
    dispersion: float


class Renewals(NamedTuple):
    """Arrivals one after another, in the open time of hours."""

    start_us: int
    hours: Hours
    distributions: QuantileTables
    is_put_off: bool


def tabulate_rates(arrivals: Arrivals, zone: str, start_us: int, end_us: int) -> Rates:
    """Tabulate the rate of Poisson arrivals over a window."""
    start_us = max(start_us, as_us(arrivals))
    starts, days, hours = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for regime in iterate_regimes(load_zone(zone), start_us, max(start_us, end_us)):
        first, last = regime.start_us + regime.offset_us, regime.end_us + regime.offset_us
        local = np.arange(first // HOUR_US, -(-last // HOUR_US), dtype=np.int64)
        starts.append(np.maximum(local * HOUR_US - regime.offset_us, regime.start_us))
        days.append(local // 24)
        hours.append(local % 24)
    at, day, hour = np.concatenate(starts), np.concatenate(days), np.concatenate(hours)
    edges = np.append(at, max(start_us, end_us)).astype(np.int64)
    shares = np.asarray(arrivals.hour_of_week_shares or (1.0 / _HOURS_A_WEEK,) * _HOURS_A_WEEK)
    factors = _day_factors(arrivals, day)
    years = (at - as_us(arrivals)) / YEAR_US
    per_hour = 7.0 * arrivals.per_day * shares[(day + _EPOCH_WEEKDAY) % 7 * 24 + hour] * factors
    per_hour = per_hour * (1.0 + arrivals.growth_per_year) ** years
    return Rates(edges, per_hour * np.diff(edges) / HOUR_US, day, arrivals.dispersion)


def _day_factors(arrivals: Arrivals, day: Integers) -> Reals:
    if not len(day):
        return np.zeros(0)
    known = {day_number(date): factor for date, factor in arrivals.day_factors.items()}
    numbers = range(int(day[0]), int(day[-1]) + 1)
    of_day: Reals = np.array([known.get(one, 1.0) * arrivals.month_factors[_month(one)] for one in numbers], np.float64)
    factors: Reals = np.take(of_day, day - day[0])
    return factors


def _month(day: int) -> int:
    return day_of_number(day).month - 1


def as_us(arrivals: Arrivals) -> int:
    """Return the instant from which the model speaks, in microseconds UTC."""
    from datetime import UTC, datetime, timedelta

    return (arrivals.start_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def tabulate_renewals(arrivals: Arrivals, calendar: Calendar | None, end_us: int) -> Renewals:
    """Tabulate what renewals from the model's beginning need."""
    if arrivals.inter_arrival is None:
        raise ValueError("renewal arrivals need an inter_arrival distribution")
    start_us = as_us(arrivals)
    hours = tabulate_hours([calendar], start_us, max(start_us, end_us))
    return Renewals(start_us, hours, tabulate_distributions([arrivals.inter_arrival]), arrivals.is_put_off)


def draw_arrivals(
    source: Rates | Renewals, keys: Sequence[np.uint64], *, window: tuple[int, int], most: int
) -> Integers:
    """Draw the arrivals of a replication within a window, at most so many; ascending.

    Parameters
    ----------
    keys
        Of the streams for arrivals and for days.
    """
    if isinstance(source, Renewals):
        return _renewed(
            source.hours, source.distributions, keys[0], (source.start_us, *window), most, source.is_put_off
        )
    expected = source.expected
    if source.dispersion > 0:
        expected = expected * _noise(source, keys[1])
    return _poisson(source.edges_us, expected, keys[0], most)


def _noise(rates: Rates, key: np.uint64) -> Reals:
    from scipy.special import gammaincinv

    days, place = np.unique(rates.day, return_inverse=True)
    shares = np.array([uniform(key, int(day), np.uint64(0), 0) for day in days])
    shape = 1.0 / rates.dispersion
    factors: Reals = np.asarray(gammaincinv(shape, shares) / shape, np.float64)
    return np.take(factors, place)


@compiled
def _poisson(edges_us: Integers, expected: Reals, key: np.uint64, most: int) -> Integers:
    arrived = np.empty(_FEWEST, np.int64)
    found, passed = 0, 0.0
    wanted = -log(uniform(key, 0, np.uint64(0), 0))
    for piece in range(len(expected)):
        width = edges_us[piece + 1] - edges_us[piece]
        while wanted < passed + expected[piece] and found < most:
            arrived = longer(arrived, found + 1)
            inside = int(width * ((wanted - passed) / expected[piece]))
            arrived[found] = edges_us[piece] + min(inside, width - 1)
            found += 1
            wanted -= log(uniform(key, found, np.uint64(0), 0))
        passed += expected[piece]
    return arrived[:found].copy()


@compiled
def _renewed(
    hours: Hours,
    distributions: QuantileTables,
    key: np.uint64,
    window: tuple[int, int, int],
    most: int,
    is_put_off: bool,
) -> Integers:
    at, start_us, end_us = window
    arrived = np.empty(_FEWEST, np.int64)
    found, drawn, low, last = 0, 0, 0, len(hours.starts_us)
    while found < most:
        gap = draw_us(distributions, 0, uniform(key, drawn, np.uint64(0), 0))
        drawn += 1
        if is_put_off:
            low = span_at(hours.ends_us, low, last, at + gap)
            at = BEYOND if low == last else max(at + gap, hours.starts_us[low])
        else:
            low = span_at(hours.ends_us, low, last, at)
            at = add_open_time(hours.starts_us, hours.ends_us, hours.passed_us, low, last, at, max(gap, 0))
        if at >= end_us:
            break
        if at >= start_us:
            arrived = longer(arrived, found + 1)
            arrived[found] = at
            found += 1
    return arrived[:found].copy()


def is_poisson(arrivals: Arrivals) -> bool:
    """Return whether arrivals are drawn at a rate."""
    return arrivals.kind is ArrivalKind.POISSON
