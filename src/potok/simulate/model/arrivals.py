"""How cases arrive, and of which types they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from potok.simulate.model.distributions import Distribution


class ArrivalKind(StrEnum):
    """How arrivals are drawn.

    ``poisson``: independently of each other, at a rate that follows hour, weekday, season and growth. ``renewal``: one
    after another at times drawn from a distribution, counted in the open time of a calendar.
    """

    POISSON = "poisson"
    RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How cases arrive.

    Parameters
    ----------
    kind
        How they are drawn.
    start_at
        The instant from which the model speaks; time-zone aware. Growth counts from it, renewals begin at it.
    per_day
        Poisson: the mean number of cases on a day whose factors are all 1, such as one of an average week.
    hour_of_week_shares
        Poisson: 168 shares of a week's arrivals from Monday 00:00 local time, summing to 1.
    month_factors
        Poisson: 12 factors from January, mean 1.
    growth_per_year
        Poisson: the rate is multiplied by ``(1 + growth_per_year) ** years``.
    day_factors
        Poisson: factors of single local days, such as 0 on holidays.
    dispersion
        Poisson: variance of a gamma factor of mean 1 drawn for each day; 0 is none.
    inter_arrival, calendar
        Renewal: the time between arrivals, and the name of the calendar in whose open time it passes; empty: any time.
    is_put_off
        Renewal: the time between arrivals passes at any hour instead, and an arrival that would fall into closed time
        of the calendar is put off to its next opening (the next time between arrivals counts from there). So Prosimos
        draws arrivals.
    """

    kind: ArrivalKind
    start_at: datetime
    per_day: float = 0.0
    hour_of_week_shares: tuple[float, ...] = ()
    month_factors: tuple[float, ...] = (1.0,) * 12
    growth_per_year: float = 0.0
    day_factors: Mapping[date, float] = field(default_factory=dict)
    dispersion: float = 0.0
    inter_arrival: Distribution | None = None
    calendar: str = ""
    is_put_off: bool = False


@dataclass(frozen=True, slots=True)
class CaseType:
    """A kind of cases that differ in their way, urgency or term.

    Parameters
    ----------
    name
        Unique.
    share
        Of all arrivals, 0–1; the shares of a model sum to 1.
    attributes
        Values that every case of the type has, by attribute of the log.
    priority
        Which cases go first where an activity takes cases by priority: the lower.
    """

    name: str
    share: float
    attributes: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
