"""Working calendars: which minutes an office works, by the days of its zone."""

from potok.core.calendars.calendar import Calendar, DayTable, Instants
from potok.core.calendars.calendar_set import CalendarSet, load_calendar_set
from potok.core.calendars.reading import calendar_from_mapping, list_calendars, load_calendar
from potok.core.calendars.spans import Span, Spans

__all__ = [
    "Calendar",
    "CalendarSet",
    "DayTable",
    "Instants",
    "Span",
    "Spans",
    "calendar_from_mapping",
    "list_calendars",
    "load_calendar",
    "load_calendar_set",
]
