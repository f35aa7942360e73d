"""What can be wrong with a calendar."""

from potok.core.errors import BadDataError, UsageError


class UnknownCalendarError(UsageError):
    """There is no calendar of that name, nor such a file."""

    code = "POTOK-C010"


class BrokenCalendarError(BadDataError):
    """A calendar file that cannot be read, or holds what a calendar cannot."""

    code = "POTOK-C011"


class NoWorkingHoursError(BrokenCalendarError):
    """A calendar in which nobody ever works."""

    code = "POTOK-C012"


class OverlappingSpansError(BrokenCalendarError):
    """Working hours of one day that overlap."""

    code = "POTOK-C013"


class YearNotCoveredError(BadDataError):
    """A day outside the years for which the calendar knows the days off."""

    code = "POTOK-C014"


class UnknownCalendarZoneError(BrokenCalendarError):
    """A calendar's time zone that the tz database does not have."""

    code = "POTOK-C015"


class ContradictoryDayError(BrokenCalendarError):
    """A day that a calendar calls both off and worked."""

    code = "POTOK-C016"


class UnknownCalendarUnitsError(UsageError):
    """Departments that have a calendar of their own but do not occur in the log."""

    code = "POTOK-C017"
