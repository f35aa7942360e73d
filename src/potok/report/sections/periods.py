"""Days put together into weeks, months, quarters or years, so that a chart and its table stay readable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from potok.measure.load import DayLoad

MOST_PERIODS: Final = 60


@dataclass(frozen=True, slots=True)
class PeriodLoad:
    """Cases in and out from a day to before another.

    Parameters
    ----------
    arrivals, completions
        Cases opened and closed.
    mean_cases
        Open cases, on average over its days.
    open_at_end
        Open cases as it ends.
    """

    from_on: date
    until_on: date
    arrivals: int
    completions: int
    mean_cases: float
    open_at_end: int


def group_days(days: Sequence[DayLoad], *, most: int = MOST_PERIODS) -> tuple[PeriodLoad, ...]:
    """Put days together into the shortest periods of which there are at most so many (years, if need be, more)."""
    for begin in (_day, _week, _month, _quarter, _year):
        periods = _group(days, begin)
        if len(periods) <= most:
            return periods
    return periods


def _group(days: Sequence[DayLoad], begin: Callable[[date], date]) -> tuple[PeriodLoad, ...]:
    return tuple(put_together(list(part)) for _begin, part in groupby(days, key=lambda day: begin(day.on)))


def put_together(days: Sequence[DayLoad]) -> PeriodLoad:
    """Put consecutive days, at least one, together."""
    known = [day.mean_cases for day in days if day.mean_cases is not None]
    last = days[-1]
    return PeriodLoad(
        from_on=days[0].on,
        until_on=last.on + timedelta(days=1),
        arrivals=sum(day.arrivals for day in days),
        completions=sum(day.completions for day in days),
        mean_cases=sum(known) / len(known) if known else float(last.open_at_start),
        open_at_end=last.open_at_start + last.arrivals - last.completions,
    )


def _day(on: date) -> date:
    return on


def _week(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _month(on: date) -> date:
    return on.replace(day=1)


def _quarter(on: date) -> date:
    return on.replace(month=on.month - (on.month - 1) % 3, day=1)


def _year(on: date) -> date:
    return on.replace(month=1, day=1)
