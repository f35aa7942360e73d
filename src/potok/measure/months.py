"""Months of the wall clock, as numbers."""

from datetime import date
from typing import Final

from potok.core.calendars.zones import day_number, day_of_number
from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.log.zones import Steps
from potok.measure.local_time import day_begins_us, day_number_at, month_of

MOST_MONTHS: Final = 1_200
MONTHS_A_YEAR: Final = 12


class TooManyMonthsError(BadDataError):
    """Cohorts over more than a hundred years, as one slip of the pen in a date makes them."""

    code = "POTOK-M012"


def month_steps(first_us: int, last_us: int, *, zone: str) -> Steps:
    """Return the number of the local month (year × 12 + month − 1) as a step function of the instant.

    Raises
    ------
    TooManyMonthsError
        If there are more than a hundred years of months.
    """
    first = _month_number(month_of(day_number_at(first_us, zone=zone)))
    last = _month_number(month_of(day_number_at(last_us, zone=zone)))
    if last - first >= MOST_MONTHS:
        raise TooManyMonthsError(
            _("Cases were opened from {first} to {last}, over more than a hundred years.").format(
                first=_month_begins(first), last=_month_begins(last)
            ),
            where="opened_at",
            remedy=_("Look for a slip in a date."),
        )
    numbers = range(first, last + 1)
    bounds = tuple(day_begins_us(day_number(_month_begins(number)), zone=zone) for number in numbers[1:])
    return Steps(bounds, tuple(numbers))


def _month_number(month: date) -> int:
    return month.year * MONTHS_A_YEAR + month.month - 1


def _month_begins(number: int) -> date:
    return day_of_number(0).replace(year=number // MONTHS_A_YEAR, month=number % MONTHS_A_YEAR + 1, day=1)
