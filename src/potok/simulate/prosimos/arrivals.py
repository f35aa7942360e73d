"""Arrivals as Prosimos has them: a time between arrivals, and the hours into which they are put off."""

from typing import Any, Final

from potok.core.calendars import Spans
from potok.core.language import gettext as _
from potok.core.time_units import DAY_SECONDS, HOUR_SECONDS, MINUTE_SECONDS
from potok.simulate.model import ArrivalKind, Arrivals, ProcessModel, exponential
from potok.simulate.prosimos.calendars import write_periods
from potok.simulate.prosimos.distributions import write_prosimos_distribution
from potok.simulate.prosimos.errors import NotExportableError

_HOURS: Final = 24
_DAYS: Final = 7
_HOUR_MINUTES: Final = HOUR_SECONDS // MINUTE_SECONDS
_EVEN: Final = 1e-6
_WHOLE_WEEK: Final[tuple[Spans, ...]] = (((0, 1440),),) * 7


def write_arrivals(model: ProcessModel, notes: list[str]) -> dict[str, Any]:
    """Write how cases arrive.

    Parameters
    ----------
    notes
        To which sentences are added about what Prosimos does otherwise.

    Raises
    ------
    NotExportableError
        If arrivals vary in a way that Prosimos does not have.
    """
    arrivals = model.arrivals
    if arrivals.kind is ArrivalKind.POISSON:
        week, between = _even_hours(arrivals), exponential(_open_seconds(arrivals) / max(arrivals.per_day, 1e-9))
    else:
        week = model.calendars[arrivals.calendar].weekly if arrivals.calendar else _WHOLE_WEEK
        if arrivals.inter_arrival is None:
            raise _varied()
        between = arrivals.inter_arrival
    if week != _WHOLE_WEEK and not arrivals.is_put_off:
        notes.append(
            _("Prosimos puts arrivals in closed time off to the opening, so that about one more comes each day.")
        )
    return {
        "arrival_time_distribution": write_prosimos_distribution(between, "arrivals"),
        "arrival_time_calendar": write_periods(week),
    }


def _varied() -> NotExportableError:
    return NotExportableError(
        _("Prosimos has arrivals of one rate only: none that grows, or differs by hour, month or day."),
        where="arrivals",
        remedy=_("Spread the arrivals evenly over some hours, without growth, seasons and noise."),
    )


def _even_hours(arrivals: Arrivals) -> tuple[Spans, ...]:
    shares = [share for share in arrivals.hour_of_week_shares if share > 0]
    is_even = max(shares) - min(shares) <= _EVEN * max(shares)
    is_plain = not (arrivals.growth_per_year or arrivals.dispersion or arrivals.day_factors)
    if not is_even or not is_plain or len(set(arrivals.month_factors)) > 1:
        raise _varied()
    return tuple(
        tuple(
            (hour * _HOUR_MINUTES, (hour + 1) * _HOUR_MINUTES)
            for hour in range(_HOURS)
            if arrivals.hour_of_week_shares[day * _HOURS + hour] > 0
        )
        for day in range(_DAYS)
    )


def _open_seconds(arrivals: Arrivals) -> float:
    """Return the mean open time of a day of the week."""
    open_hours = sum(share > 0 for share in arrivals.hour_of_week_shares)
    return open_hours / (_HOURS * _DAYS) * DAY_SECONDS
