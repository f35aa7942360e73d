"""When and how applications to the permit service arrive: year, season, weekday, hour and channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.demo.permit_process import Channel
from potok.demo.working_time import DAY, EPOCH, HOUR, WorkingCalendar

YEARS: Final = (2023, 2024, 2025)
YEAR_SHARES: Final = (0.32, 0.33, 0.35)
CHANNEL_SHARES: Final[Mapping[int, tuple[float, ...]]] = MappingProxyType(
    {2023: (0.45, 0.28, 0.16, 0.11), 2024: (0.54, 0.25, 0.13, 0.08), 2025: (0.62, 0.22, 0.10, 0.06)}
)
"""Per year, in the order of `Channel`: the portal grows."""

MONTH_WEIGHTS: Final = (0.60, 0.90, 1.00, 1.15, 1.12, 1.08, 1.00, 0.92, 1.08, 1.10, 0.98, 0.92)
WEEKDAY_WEIGHTS: Final[Mapping[Channel, tuple[float, ...]]] = MappingProxyType(
    {
        Channel.PORTAL: (1.0, 1.0, 1.0, 1.0, 0.9, 0.45, 0.4),
        Channel.MFC: (1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0),
        Channel.COUNTER: (1.2, 1.0, 1.0, 1.0, 0.8, 0.0, 0.0),
        Channel.POST: (1.3, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0),
    }
)
HOUR_WEIGHTS: Final[Mapping[Channel, tuple[float, ...]]] = MappingProxyType(
    {
        Channel.PORTAL: (
            *(0.3, 0.15, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 2.6, 3.2, 3.2),
            *(2.6, 2.4, 2.6, 2.6, 2.4, 2.0, 1.8, 2.0, 2.2, 2.0, 1.4, 0.7),
        ),
        Channel.MFC: (*((0.0,) * 8), 0.8, 1.4, 1.8, 1.8, 1.4, 1.2, 1.4, 1.4, 1.4, 1.4, 1.2, 0.8, *((0.0,) * 4)),
        Channel.COUNTER: (*((0.0,) * 9), 1.4, 1.8, 1.6, 1.0, 0.0, 1.2, 1.2, 1.0, 0.6, *((0.0,) * 6)),
        Channel.POST: (*((0.0,) * 10), 1.0, 0.6, *((0.0,) * 12)),
    }
)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Applications in the order of their arrival: local seconds, and index into `Channel`."""

    at: NDArray[np.int64]
    channel: NDArray[np.int64]


def draw_arrivals(cases: int, *, calendar: WorkingCalendar, generator: np.random.Generator) -> Arrivals:
    """Draw the arrivals of `cases` applications over three years.

    Applications at the counter and by post arrive on working days only; those at the counter in opening hours.
    """
    years = generator.choice(YEARS, size=cases, p=YEAR_SHARES)
    at = np.empty(cases, np.int64)
    channel = np.empty(cases, np.int64)
    for year in YEARS:
        of_year = np.flatnonzero(years == year)
        channel[of_year] = generator.choice(len(Channel), size=of_year.size, p=CHANNEL_SHARES[year])
        for code, name in enumerate(Channel):
            chosen = of_year[channel[of_year] == code]
            at[chosen] = _draw_instants(chosen.size, year=year, channel=name, calendar=calendar, generator=generator)
    order = np.argsort(at, kind="stable")
    return Arrivals(at=at[order], channel=channel[order])


def _draw_instants(
    count: int, *, year: int, channel: Channel, calendar: WorkingCalendar, generator: np.random.Generator
) -> NDArray[np.int64]:
    days = np.arange((date(year, 1, 1) - EPOCH).days, (date(year + 1, 1, 1) - EPOCH).days)
    hours = np.array(HOUR_WEIGHTS[channel])
    day = generator.choice(days, size=count, p=_day_probabilities(days, channel=channel, calendar=calendar))
    hour = generator.choice(24, size=count, p=hours / hours.sum())
    return day * DAY + hour * HOUR + generator.integers(0, HOUR, size=count)


def _day_probabilities(days: NDArray[np.int64], *, channel: Channel, calendar: WorkingCalendar) -> NDArray[np.float64]:
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days + 3) % 7
    weights = np.array(MONTH_WEIGHTS)[months] * np.array(WEEKDAY_WEIGHTS[channel])[weekdays]
    if channel in {Channel.COUNTER, Channel.POST}:
        weights = weights * np.isin(days, calendar.days)
    probabilities: NDArray[np.float64] = weights / weights.sum()
    return probabilities
