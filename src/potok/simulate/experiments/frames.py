"""Which time a run covers, and which of its cases count."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from potok.core.time_units import DAY_US
from potok.simulate.kernel.simulated_log import SimulatedLog
from potok.simulate.model import ArrivalKind, ProcessModel
from potok.simulate.model.distributions import mean_seconds

DAY_SECONDS: Final = 86_400.0
_YEAR_DAYS: Final = 364


@dataclass(frozen=True, slots=True)
class Frame:
    """The time of a run.

    Parameters
    ----------
    start_us, end_us
        Cases arrive in ``[start_us, end_us)``, microseconds UTC; those that have arrived are seen through to their end.
    count_from_us
        Only cases that arrive from then on count; before it the process fills up.
    starts_with_open_cases
        Whether the cases open at the beginning are there, or the process begins empty.
    run_on_us
        How long cases go on arriving after the end, uncounted, so that the last that count wait as the first do.
    """

    start_us: int
    end_us: int
    count_from_us: int
    starts_with_open_cases: bool = False
    run_on_us: int = 0

    @property
    def days(self) -> float:
        """Length of the time that counts."""
        return (self.end_us - self.count_from_us) / DAY_US


class Runner(Protocol):
    """Runs a model; the kernel does, and tests put something simpler in its place."""

    def __call__(self, model: ProcessModel, frame: Frame, *, seed: int, replications: range) -> Iterator[SimulatedLog]:
        """Yield the replications asked for, in their order; the same numbers give the same logs."""
        ...


def cases_per_day(model: ProcessModel) -> float:
    """Return the mean number of cases that arrive on a day, without season, growth and single days."""
    arrivals = model.arrivals
    if arrivals.kind is ArrivalKind.POISSON:
        return arrivals.per_day
    if arrivals.inter_arrival is None:
        return 0.0
    between = mean_seconds(arrivals.inter_arrival)
    calendar = model.calendars.get(arrivals.calendar)
    if between <= 0.0:
        return 0.0
    if calendar is None:
        return DAY_SECONDS / between
    start_us = round(arrivals.start_at.timestamp() * 1e6)
    opened, closed = calendar.open_intervals(start_us, start_us + _YEAR_DAYS * DAY_US)
    open_share = float((closed - opened).sum()) / (_YEAR_DAYS * DAY_US)
    return open_share * DAY_SECONDS / between
