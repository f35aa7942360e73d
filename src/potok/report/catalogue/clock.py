"""Which calendar a measure works on."""

from pathlib import Path
from typing import Final

from potok.core.calendars import Calendar, load_calendar
from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.core.regulations import Regulation
from potok.log.store import LogStore

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


def find_calendar(named: str | Path | None, *, regulation: Regulation | None, store: LogStore) -> Calendar | None:
    """Load the calendar that is named, else the regulation's; None if neither names one.

    The federal calendar is worked in every zone of the country. Named without a zone, it is taken in that of the log,
    if the log declares one; calendars of regions and files keep their own.
    """
    name = str(named or (regulation.calendar if regulation else ""))
    if not name:
        return None
    zone = str(store.manifest["zone"])
    return load_calendar(name, zone=zone if name in PLACELESS and zone != UNDECLARED_ZONE else None)
