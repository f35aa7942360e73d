"""Working calendars of resources: discovered from what a log shows of them, or given."""

from potok.discover.resource_calendars.calendars import (
    CalendarBasis,
    ResourceCalendar,
    ResourceCalendars,
    discover_resource_calendars,
    give_resource_calendars,
)
from potok.discover.resource_calendars.spans import OwnedSpans
from potok.discover.resource_calendars.weekly import WeeklyRules
from potok.discover.resource_calendars.work import ResourceWork, fetch_work

__all__ = [
    "CalendarBasis",
    "OwnedSpans",
    "ResourceCalendar",
    "ResourceCalendars",
    "ResourceWork",
    "WeeklyRules",
    "discover_resource_calendars",
    "fetch_work",
    "give_resource_calendars",
]
