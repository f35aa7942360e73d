"""Calendars of Prosimos: weekly periods to the millisecond. Here they are rounded to minutes.

Only arrivals at a fixed interval need more: one every quarter of an hour comes at 17:00 too if the hours end at
17:00:00.718, one of 33 a day. The end of their hours is widened to the full minute, in which no further case comes.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from potok.core.calendars import Calendar, Span, Spans
from potok.core.calendars.reading import LAST_YEAR, WEEKDAYS
from potok.core.calendars.spans import MINUTES_A_DAY, write_span
from potok.core.language import gettext as _
from potok.core.toml_reading import TomlTable

_TIME: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|\+00:00)?")
_FUZZY: Final = ("probability", "workload_ratio")
_MINUTE: Final = 60.0
_DAYS: Final = 7


class WeekReader:
    """Reads weekly periods and counts the times that were rounded to minutes."""

    def __init__(self) -> None:
        self.rounded = 0

    def read(self, periods: Iterable[TomlTable], *, widened: bool = False) -> tuple[Spans, ...]:
        """Read weekly periods; those that overlap are joined, as Prosimos does.

        Parameters
        ----------
        widened
            Whether a period that ends within a minute takes it all.
        """
        week: list[list[Span]] = [[] for _day in WEEKDAYS]
        for period in periods:
            for key in _FUZZY:
                if period.has(key):
                    raise period.failure(
                        key,
                        _("The calendar is fuzzy: people are there with a probability."),
                        _("Discover the model with crisp calendars."),
                    )
            first, last = (self._weekday(period, key) for key in ("from", "to"))
            begin, end = self._minute(period, "beginTime"), self._minute(period, "endTime", widened=widened)
            end = end or MINUTES_A_DAY
            if begin > end:
                raise period.wrong_value(
                    "endTime", period.text("endTime"), _("a time after beginTime; write a night as two periods")
                )
            if begin < end:
                for step in range((last - first) % _DAYS + 1):
                    week[(first + step) % _DAYS].append((begin, end))
        return tuple(map(_joined, week))

    def _weekday(self, period: TomlTable, key: str) -> int:
        name = period.text(key)
        if name.lower() not in WEEKDAYS:
            raise period.wrong_value(key, name, _("a weekday, such as MONDAY"))
        return WEEKDAYS.index(name.lower())

    def _minute(self, period: TomlTable, key: str, *, widened: bool = False) -> int:
        written = period.text(key)
        match = _TIME.fullmatch(written.strip())
        if not match:
            raise period.wrong_value(key, written, _("a time such as 09:00:00.000"))
        seconds = int(match[3] or 0) + float(match[4] or 0)
        self.rounded += seconds != 0
        minute = int(match[1]) * 60 + int(match[2]) + ((seconds > 0) if widened else round(seconds / _MINUTE))
        if minute > MINUTES_A_DAY:
            raise period.wrong_value(key, written, _("a time such as 09:00:00.000"))
        return minute


def _joined(spans: list[Span]) -> Spans:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def weekly_calendar(name: str, zone: str, weekly: tuple[Spans, ...], *, first_year: int) -> Calendar:
    """Return a calendar without holidays."""
    return Calendar(name, zone, weekly, {}, first_year, LAST_YEAR)


def write_periods(weekly: tuple[Spans, ...]) -> list[dict[str, Any]]:
    """Write weekly hours as periods; a day's end is written as its last minute's, which is how Prosimos has it."""
    periods = []
    for weekday, spans in zip(WEEKDAYS, weekly, strict=True):
        for span in spans:
            begin, end = write_span(span).split("-")
            last = "23:59:59.999" if end == "24:00" else f"{end}:00.000"
            day = weekday.upper()
            periods.append({"from": day, "to": day, "beginTime": f"{begin}:00.000", "endTime": last})
    return periods
