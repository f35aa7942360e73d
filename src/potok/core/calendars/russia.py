"""Russia's production calendar of the five-day week, from the holidays that the package `holidays` knows.

The package gives holidays, days off moved by the yearly government acts and worked Saturdays; it does not give short
days. These follow from the Labour Code, article 95: the working day right before a holiday is an hour shorter, and a
Saturday worked instead of such a day is too (order № 588н of 13.08.2009: a day worked for another has its length). The
eve of a day that is off merely by transfer is an ordinary day.
"""

import re
from datetime import date, datetime
from functools import cache
from typing import Final

from potok.core.calendars.rules import CalendarRules, Transfer
from potok.core.calendars.spans import Spans

FIRST_YEAR: Final = 2013
"""First year of article 112 as it stands: New Year's holidays from 1 to 8 January, transfers by yearly act."""

OFFICE_DAY: Final[Spans] = ((9 * 60, 13 * 60), (14 * 60, 18 * 60))
OFFICE_WEEK: Final[tuple[Spans, ...]] = (OFFICE_DAY,) * 5 + ((), ())
FEDERAL_ZONE: Final = "Europe/Moscow"

_MOVED: Final = re.compile(r"Выходной \(перенесено с (\d\d\.\d\d\.\d{4})\)")
_OBSERVED: Final = "(выходной)"

_SHORT_BY_TRANSFER: Final = frozenset({date(2014, 2, 24)})
"""Weekdays worked instead of the eve of a holiday: in 2014 Monday 24 February changed places with 3 November."""

_MISSING_DAYS_OFF: Final = frozenset({date(2014, 3, 10)})
"""Days off that the package lacks: 8 March 2014 fell on a Saturday and no act moved that day off elsewhere."""


@cache
def russian_rules() -> CalendarRules:
    """Return the rules of the federal calendar, for the years whose government act the package knows."""
    # Importing the package takes half a second; only who needs the calendar pays.
    import holidays
    from holidays.countries.russia import RussiaStaticHolidays

    last_year = max(RussiaStaticHolidays.special_public_holidays)
    known = holidays.country_holidays("RU", years=range(FIRST_YEAR, last_year + 1), language="ru")
    proper, moved_on, transfers = set(), set(), []
    for day, names in known.items():
        origins = _MOVED.findall(names)
        if origins:
            transfers.append(Transfer(_date(origins[0]), day))
        elif all(name.endswith(_OBSERVED) for name in names.split("; ")):
            moved_on.add(day)
        else:
            proper.add(day)
    return CalendarRules(
        zone=FEDERAL_ZONE,
        weekly=OFFICE_WEEK,
        first_year=FIRST_YEAR,
        last_year=last_year,
        holidays=frozenset(proper),
        days_off=frozenset(moved_on) | _MISSING_DAYS_OFF,
        transfers=tuple(sorted(transfers, key=lambda transfer: transfer.to_day)),
        short_days=_SHORT_BY_TRANSFER,
        shortens_eves=True,
    )


def _date(written: str) -> date:
    return datetime.strptime(written, "%d.%m.%Y").date()  # noqa: DTZ007 - a date has no zone
