"""Which calendar a measure works on."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from potok.core.calendars import Calendar, CalendarSet, load_calendar_set
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.regulations import Regulation
from potok.log.store import LogStore
from potok.report.catalogue.entry import Request

# Calendars of no place in particular: their hours are those of wherever the log is from.
PLACELESS: Final = frozenset({"ru", "around-the-clock"})
UNDECLARED_ZONE: Final = "UTC"


class CalendarNeededError(UsageError):
    """Terms are to be measured without a calendar."""

    code = "POTOK-R005"


def require_calendar(calendar: Calendar | None) -> Calendar:
    """Return the calendar.

    Raises
    ------
    CalendarNeededError
        If there is none.
    """
    if calendar is None:
        raise CalendarNeededError(
            _("Terms need a calendar, and the regulation names none."),
            where="--calendar",
            remedy=_('Name one, such as --calendar ru, or write calendar = "ru" in the regulation.'),
        )
    return calendar


def find_calendars(named: str | Path | None, *, regulation: Regulation | None, store: LogStore) -> CalendarSet | None:
    """Load the calendar, or the set of departments' calendars, that is named, else the regulation's; None if no one is.

    The federal calendar is worked in every zone of the country. Named without a zone, it is taken in that of the log,
    if the log declares one; calendars of regions and files keep their own.
    """
    name = str(named or (regulation.calendar if regulation else ""))
    if not name:
        return None
    zone = str(store.manifest["zone"])
    return load_calendar_set(name, zone=zone if name in PLACELESS and zone != UNDECLARED_ZONE else None)


def request_on(calendars: CalendarSet | None, request: Request) -> Request:
    """Return a request on the calendar, or the departments' calendars, of a set."""
    if calendars is None:
        return request
    return replace(request, calendar=calendars.default, calendars=calendars if calendars.by_unit else None)


def find_calendar(named: str | Path | None, *, regulation: Regulation | None, store: LogStore) -> Calendar | None:
    """Load one calendar, as `find_calendars`: of a set its default."""
    found = find_calendars(named, regulation=regulation, store=store)
    return found.default if found else None
