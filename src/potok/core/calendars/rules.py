"""From the rules that make up a calendar – week, holidays, transfers, shorter eves – to the hours of each day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from potok.core.calendars.calendar import Calendar
from potok.core.calendars.errors import ContradictoryDayError
from potok.core.calendars.spans import Spans, shorten
from potok.core.language import gettext as _

ONE_DAY: Final = timedelta(days=1)
CLOSED_WEEK: Final[tuple[Spans, ...]] = ((),) * 7


@dataclass(frozen=True, slots=True)
class Transfer:
    """A day off moved: `from_day` is worked instead of `to_day`, unless `from_day` is a holiday."""

    from_day: date
    to_day: date


@dataclass(frozen=True, slots=True)
class YearlyHoliday:
    """A holiday on the same date every year.

    Parameters
    ----------
    month, day
        The date.
    first_year
        First year in which it is kept.
    moves_on
        Whether, where it falls on a day off, the next working day is off instead.
    """

    month: int
    day: int
    first_year: int
    moves_on: bool


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """What a calendar is made from.

    Parameters
    ----------
    zone
        IANA name.
    weekly
        Hours from Monday to Sunday.
    first_year, last_year
        Years covered.
    holidays
        Holidays proper: nobody works, and the eve is shorter.
    days_off
        Other days without work; their eve is an ordinary day.
    transfers
        Days off moved to another date.
    yearly
        Holidays that return on their date.
    short_days
        Days shorter than the week says, beyond the eves of holidays.
    hours
        Hours of single days; they override everything.
    shortens_eves
        Whether the working day before a holiday is shorter (Labour Code of Russia, article 95).
    shorter_by_minutes
        By how much a short day is shorter.
    """

    zone: str
    weekly: tuple[Spans, ...]
    first_year: int
    last_year: int
    holidays: frozenset[date] = frozenset()
    days_off: frozenset[date] = frozenset()
    transfers: tuple[Transfer, ...] = ()
    yearly: tuple[YearlyHoliday, ...] = ()
    short_days: frozenset[date] = frozenset()
    hours: Mapping[date, Spans] = field(default_factory=dict)
    shortens_eves: bool = False
    shorter_by_minutes: int = 60


def make_calendar(name: str, rules: CalendarRules) -> Calendar:
    """Make the calendar that rules describe.

    In this order: days off are emptied; a weekend day from which a day off was moved takes the hours of the weekday to
    which it was moved; yearly holidays are added, and moved on where they fall on a day off; the eves of holidays and
    the other short days are shortened; hours given for single days override all.

    Raises
    ------
    BrokenCalendarError
        If the rules contradict each other or leave no working hour (see its subclasses).
    """
    days: dict[date, Spans] = dict.fromkeys(rules.holidays | rules.days_off, ())
    days |= {transfer.to_day: () for transfer in rules.transfers}
    worked_instead = _worked_instead(rules, days)
    days |= {worked: rules.weekly[instead.weekday()] for worked, instead in worked_instead.items()}
    yearly = _add_yearly_holidays(rules, days)
    for day in _short_days(rules, rules.holidays | yearly, days, worked_instead):
        days[day] = shorten(_hours(rules, days, day), rules.shorter_by_minutes)
    return Calendar(name, rules.zone, rules.weekly, {**days, **rules.hours}, rules.first_year, rules.last_year)


def _hours(rules: CalendarRules, days: Mapping[date, Spans], day: date) -> Spans:
    return days.get(day, rules.weekly[day.weekday()])


def _worked_instead(rules: CalendarRules, off: Mapping[date, Spans]) -> dict[date, date]:
    """Return the weekend days that are worked, each with the weekday that is off in its place."""
    return {
        transfer.from_day: transfer.to_day
        for transfer in rules.transfers
        if transfer.from_day not in off and not rules.weekly[transfer.from_day.weekday()]
    }


def _add_yearly_holidays(rules: CalendarRules, days: dict[date, Spans]) -> frozenset[date]:
    """Empty the days of the yearly holidays, and return the holidays."""
    added = set()
    for year in range(rules.first_year, rules.last_year + 1):
        for holiday in rules.yearly:
            day = _date_in_year(holiday, year)
            if day is None or year < holiday.first_year:
                continue
            added.add(day)
            free = day
            while holiday.moves_on and not _hours(rules, days, free) and free.year == year:
                free += ONE_DAY
            days[day] = ()
            days[free] = ()
    return frozenset(added)


def _date_in_year(holiday: YearlyHoliday, year: int) -> date | None:
    try:
        return date(year, holiday.month, holiday.day)
    except ValueError:  # 29 February
        return None


def _short_days(
    rules: CalendarRules, holidays: frozenset[date], days: Mapping[date, Spans], worked_instead: Mapping[date, date]
) -> frozenset[date]:
    """Return the short days: those named, and the working day right before a holiday or the day worked for it."""
    if not rules.shortens_eves:
        return rules.short_days
    instead_of = {off: worked for worked, off in worked_instead.items()}
    eves = {instead_of.get(holiday - ONE_DAY, holiday - ONE_DAY) for holiday in holidays}
    return frozenset(day for day in eves | rules.short_days if _hours(rules, days, day))


def check_consistent(rules: CalendarRules, where: str) -> None:
    """Raise `ContradictoryDayError` where a day is called off and worked at once."""
    off = rules.holidays | rules.days_off | {transfer.to_day for transfer in rules.transfers}
    worked = {day for day, spans in rules.hours.items() if spans} | rules.short_days
    for day in sorted(off & worked):
        raise ContradictoryDayError(
            _("{day} is both off and worked.").format(day=day.isoformat()),
            where=f"{where}: {day.isoformat()}",
            remedy=_("Keep it in one place only: among the days off, or among short days and hours."),
        )
