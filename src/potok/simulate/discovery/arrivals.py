"""How cases arrive, learnt from when they were opened.

First the question whether they come *one after another* (see `renewals`). Else they come independently of each other,
at a rate that follows the hour of the week; single days without any, though several were to be expected, are days off;
days that differ more than chance allows give the rate a dispersion of its own. Growth and seasons need years and are
left out where the log is too short or chance would do as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars import Calendar
from potok.core.calendars.zones import day_of_number
from potok.core.time_units import DAY_US, SECOND_US
from potok.discover.resource_calendars.evidence import local_clock
from potok.discover.resource_calendars.work import Integers
from potok.measure.local_time import DAYS_A_WEEK, FIRST_WEEKDAY
from potok.simulate.discovery.counting import effective_share, weighted_counts
from potok.simulate.discovery.hourly_rates import DAY_HOURS, WEEK_HOURS, hourly_rates
from potok.simulate.discovery.renewals import LEAST_REGULAR, find_renewal, learn_renewal
from potok.simulate.model import ArrivalKind, Arrivals

Reals = npt.NDArray[np.float64]

EXPECTED: Final = 5.0
SIGNIFICANT: Final = 3.0
_YEAR_DAYS: Final = 365.25
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_DISPERSION: Final = 4.0


@dataclass(frozen=True, slots=True)
class ArrivalsFit:
    """How arrivals were learnt.

    Parameters
    ----------
    kind
        As the model has it.
    arrivals, days
        Openings seen, and local days from the first to the last.
    per_day
        Mean number a day, days off left out.
    variation
        Coefficient of variation of the time between arrivals in the open time of the calendar that makes it least.
    dispersion
        Variance of a day's factor; 0 where chance explains the days.
    days_off
        Days without arrivals on which some were to be expected.
    growth_per_year
        0 where it is not significant or the log is shorter than a year.
    """

    kind: ArrivalKind
    arrivals: int
    days: int
    per_day: float
    variation: float
    dispersion: float
    days_off: int
    growth_per_year: float


def learn_arrivals(
    opened_us: Integers, weights: Reals, *, zone: str, calendars: Mapping[str, Calendar]
) -> tuple[Arrivals, ArrivalsFit]:
    """Learn how cases arrive.

    Parameters
    ----------
    opened_us
        (m,) when cases were opened.
    weights
        (m,) how often each counts.
    calendars
        In whose open time arrivals may follow one another, by name.
    """
    order = np.argsort(opened_us, kind="stable")
    opened, weight = opened_us[order], weights[order]
    start_at = _EPOCH + timedelta(microseconds=int(opened[0]))
    renewal = find_renewal(opened, calendars)
    if renewal is not None:
        days = int((opened[-1] - opened[0]) // DAY_US) + 1
        fit = ArrivalsFit(ArrivalKind.RENEWAL, len(opened), days, len(opened) / days, renewal.variation, 0.0, 0, 0.0)
        return learn_renewal(opened, weight, renewal, calendars.get(renewal.calendar)), fit
    return _poisson(opened, weight, zone, start_at)


def _poisson(opened: Integers, weight: Reals, zone: str, start_at: datetime) -> tuple[Arrivals, ArrivalsFit]:
    local = local_clock(opened, zone=zone)
    day = local // DAY_US
    first, last = int(day[0]), int(day[-1])
    numbers = np.arange(first, last + 1)
    counts = weighted_counts(day - first, weight, len(numbers))
    exposure = _exposure(local, numbers)
    weekday = (numbers + FIRST_WEEKDAY) % DAYS_A_WEEK
    is_off = _days_off(counts, exposure, weekday)
    told = effective_share(weight)
    rate = hourly_rates(local, weight, (numbers, exposure, is_off), told=told)
    per_week = float(rate.sum())
    shares = rate / per_week if per_week > 0 else np.full(WEEK_HOURS, 1.0 / WEEK_HOURS)
    daily = rate.reshape(DAYS_A_WEEK, DAY_HOURS).sum(axis=1)
    expected = daily[weekday] * exposure * ~is_off
    growth = _growth(counts, expected, numbers)
    trend = (1.0 + growth) ** ((numbers - first) / _YEAR_DAYS)
    level = float((expected * trend).sum() / max(expected.sum(), 1e-12))
    months = _month_factors(counts, expected * trend / max(level, 1e-12), numbers)
    dispersion = _dispersion(counts, expected * trend / max(level, 1e-12), is_off, told=told)
    arrivals = Arrivals(
        kind=ArrivalKind.POISSON,
        start_at=start_at,
        per_day=per_week / DAYS_A_WEEK / max(level, 1e-12),
        hour_of_week_shares=tuple(shares.tolist()),
        month_factors=months,
        growth_per_year=growth,
        day_factors={day_of_number(int(number)): 0.0 for number in numbers[is_off]},
        dispersion=dispersion,
    )
    gaps = np.diff(opened) / SECOND_US
    variation = float(gaps.std() / gaps.mean()) if len(gaps) and gaps.mean() > 0 else 0.0
    fit = ArrivalsFit(
        ArrivalKind.POISSON,
        len(opened),
        len(numbers),
        per_week / DAYS_A_WEEK,
        variation,
        dispersion,
        int(is_off.sum()),
        growth,
    )
    return arrivals, fit


def _exposure(local: Integers, numbers: Integers) -> Reals:
    """Return which share of each day was seen: the first from the first arrival on, the last up to the last one."""
    exposure = np.ones(len(numbers))
    if len(numbers) >= 3:
        # Hours are not equal: a day begun at its first arrival is seen whole if arrivals on other days begin then too.
        within = local % DAY_US
        inner = np.sort(within)
        exposure[0] = 1.0 - np.searchsorted(inner, within[0]) / len(inner)
        exposure[-1] = np.searchsorted(inner, within[-1], side="right") / len(inner)
    return np.maximum(exposure, 1e-6)


def _days_off(counts: Reals, exposure: Reals, weekday: Integers) -> npt.NDArray[np.bool_]:
    """Return the days without arrivals on which `EXPECTED` were to be expected of their weekday."""
    is_off = np.zeros(len(counts), bool)
    for one in range(DAYS_A_WEEK):
        held = weekday == one
        typical = float(np.median(counts[held])) if held.any() else 0.0
        is_off |= held & (counts == 0) & (typical * exposure >= EXPECTED)
    return is_off


def _growth(counts: Reals, expected: Reals, numbers: Integers) -> float:
    """Return the growth a year by a Poisson regression on the day; 0 where short or not significant."""
    if len(numbers) < _YEAR_DAYS or counts.sum() < LEAST_REGULAR:
        return 0.0
    years = (numbers - numbers[0]) / _YEAR_DAYS
    slope = 0.0
    for _step in range(25):
        mean = expected * np.exp(slope * years)
        mean *= counts.sum() / mean.sum()
        centre = float(mean @ years / mean.sum())
        information = float(mean @ (years - centre) ** 2)
        slope += float((counts - mean) @ (years - centre)) / information
    used = mean > 0
    inflation = max(float((((counts - mean) ** 2)[used] / mean[used]).sum() / max(used.sum() - 2, 1)), 1.0)
    is_sure = abs(slope) * np.sqrt(information / inflation) > SIGNIFICANT
    return float(np.expm1(slope)) if is_sure else 0.0


def _month_factors(counts: Reals, expected: Reals, numbers: Integers) -> tuple[float, ...]:
    """Return factors of months where two whole years show them; else none."""
    flat = (1.0,) * 12
    if len(numbers) < 2 * _YEAR_DAYS:
        return flat
    month = np.array([day_of_number(int(number)).month - 1 for number in numbers])
    seen = weighted_counts(month, counts, 12)
    due = weighted_counts(month, expected, 12)
    used = expected > 0
    inflation = max(float((((counts - expected) ** 2)[used] / expected[used]).mean()), 1.0)
    from scipy.stats import chi2

    statistic = float(((seen - due) ** 2 / np.maximum(due, 1e-9)).sum() / inflation)
    if statistic < chi2.isf(0.001, 11):
        return flat
    factor = np.where(due > 0, seen / np.maximum(due, 1e-9), 1.0)
    return tuple((factor / factor.mean()).tolist())


def _dispersion(counts: Reals, expected: Reals, is_off: npt.NDArray[np.bool_], *, told: float) -> float:
    """Return the variance of a day's factor beyond chance, which weights enlarge; 0 where chance does."""
    from scipy.stats import chi2

    used = (expected > 0) & ~is_off
    used[[0, -1]] = False
    if used.sum() < 10:
        return 0.0
    seen, due = counts[used], expected[used]
    statistic = told * float(((seen - due) ** 2 / due).sum())
    if statistic < chi2.isf(0.001, used.sum() - 1):
        return 0.0
    excess = float((((seen - due) ** 2) - due / told).sum() / (due**2).sum())
    return min(max(excess, 0.0), _MOST_DISPERSION)
