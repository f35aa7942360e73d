"""When an office works: a calendar of local days, and the working time between two instants.

The definition: an instant is working time if the wall clock of the calendar's zone shows a minute that lies in the
working hours of the day that the wall clock shows. An hour that the clock repeats counts twice, one that it leaves out
does not count. Everything below is that definition, tabulated.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.calendars.errors import BrokenCalendarError, NoWorkingHoursError, YearNotCoveredError
from potok.core.calendars.spans import Spans, check_spans
from potok.core.calendars.zones import (
    Regime,
    day_number,
    day_of_number,
    iterate_regimes,
    load_zone,
    local_date,
    midnight_us,
)
from potok.core.language import gettext as _
from potok.core.language import quoted
from potok.core.time_units import DAY_US, MINUTE_US

Instants = npt.NDArray[np.int64]
DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class DayTable:
    """Working time, one row per UTC day, so that an engine needs an equi-join by day and arithmetic.

    For an instant ``t`` on day ``d`` the working time since the table's start is
    ``base_us[d] + Σ clip(t − d · 86_400_000_000 − starts_us[d], 0, ends_us[d] − starts_us[d])``.

    Parameters
    ----------
    day
        (n,) int64: number of the UTC day from 1970-01-01, without gaps.
    base_us
        (n,) int64: working microseconds from the table's start to the day's beginning.
    starts_us, ends_us
        (n, k) int64: working spans within the day, microseconds from its beginning; unused columns hold 0, 0.
    """

    day: Instants
    base_us: Instants
    starts_us: Instants
    ends_us: Instants

    def worked_us(self, at_us: npt.ArrayLike) -> Instants:
        """Return the working microseconds from the table's start to each instant; instants must lie in the table."""
        at = np.asarray(at_us, dtype=np.int64)
        row = at // DAY_US - self.day[0]
        within = (at % DAY_US)[..., np.newaxis]
        passed = np.clip(within - self.starts_us[row], 0, self.ends_us[row] - self.starts_us[row])
        return np.asarray(self.base_us[row] + passed.sum(axis=-1), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working hours of an office.

    Parameters
    ----------
    name
        What it is called; not part of its content.
    zone
        IANA name of the time zone whose days these are.
    weekly
        Working hours from Monday to Sunday.
    days
        Days that differ from the week: holidays hold no hours, worked Saturdays hold theirs.
    first_year, last_year
        Years for which `days` is complete. Nothing is said about others.

    Raises
    ------
    BrokenCalendarError
        If hours leave their day, the years run backwards or the week has not seven days.
    OverlappingSpansError
        If hours of a day overlap.
    NoWorkingHoursError
        If no day has hours.
    UnknownCalendarZoneError
        If there is no such zone.
    """

    name: str
    zone: str
    weekly: tuple[Spans, ...]
    days: Mapping[date, Spans] = field(hash=False)
    first_year: int
    last_year: int
    calendar_id: str = field(init=False, default="", compare=False)
    """SHA-256 over zone, covered years and the hours of every day; the same for equal content, whatever its origin."""

    def __post_init__(self) -> None:
        load_zone(self.zone)
        if len(self.weekly) != DAYS_A_WEEK or not 1 <= self.first_year <= self.last_year <= 9998:
            raise BrokenCalendarError(
                _("A calendar needs seven weekdays and years in order, not {weekdays} and {first}–{last}.").format(
                    weekdays=len(self.weekly), first=self.first_year, last=self.last_year
                ),
                where=self.name,
                remedy=_("Let first_year be no later than last_year."),
            )
        weekly = tuple(check_spans(spans, f"{self.name}: weekly") for spans in self.weekly)
        days = {
            day: spans
            for day, given in sorted(self.days.items())
            if (spans := check_spans(given, f"{self.name}: {day}")) != weekly[day.weekday()]
            and self.first_year <= day.year <= self.last_year
        }
        if not any(weekly) and not any(days.values()):
            raise NoWorkingHoursError(
                _("The calendar {name} has no working hour.").format(name=quoted(self.name)),
                where=self.name,
                remedy=_('Give the week its hours, such as monday = ["09:00-13:00", "14:00-18:00"].'),
            )
        object.__setattr__(self, "weekly", weekly)
        object.__setattr__(self, "days", MappingProxyType(days))
        object.__setattr__(self, "calendar_id", self._content_sha256())

    def __reduce__(self) -> tuple[type["Calendar"], tuple[object, ...]]:
        # A read-only view of a mapping cannot be pickled or copied.
        return Calendar, (self.name, self.zone, self.weekly, dict(self.days), self.first_year, self.last_year)

    def _content_sha256(self) -> str:
        content = {
            "zone": self.zone,
            "weekly": self.weekly,
            "days": {day.isoformat(): spans for day, spans in self.days.items()},
            "first_year": self.first_year,
            "last_year": self.last_year,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def spans(self, day: date) -> Spans:
        """Return the working hours of a local day; empty on a day off.

        Raises
        ------
        YearNotCoveredError
            If the calendar says nothing about the year.
        """
        self.check_covers(day)
        return self._spans(day)

    def is_working_day(self, day: date) -> bool:
        """Return whether anyone works on a local day.

        Raises
        ------
        YearNotCoveredError
            If the calendar says nothing about the year.
        """
        return bool(self.spans(day))

    def covers(self, first_us: int, last_us: int) -> bool:
        """Return whether the calendar knows the days off of every local day from one instant to the other."""
        days = (self.local_date(first_us), self.local_date(last_us))
        return all(self.first_year <= day.year <= self.last_year for day in days)

    def check_covers(self, day: date) -> None:
        """Raise `YearNotCoveredError` unless the calendar knows the days off of that year."""
        if not self.first_year <= day.year <= self.last_year:
            raise YearNotCoveredError(
                _("The calendar {name} covers {first}–{last}; {day} lies outside.").format(
                    name=quoted(self.name), first=self.first_year, last=self.last_year, day=day.isoformat()
                ),
                where=f"{self.name}: {day.year}",
                remedy=_(
                    "Use a calendar that covers the year, or write one in TOML with extends, first_year and last_year "
                    "and the days off of that year."
                ),
            )

    def local_date(self, at_us: int) -> date:
        """Return the local day of an instant."""
        return local_date(load_zone(self.zone), at_us)

    def day_end_us(self, day: date) -> int:
        """Return the instant at which a local day is over (24:00)."""
        return midnight_us(load_zone(self.zone), day + timedelta(days=1))

    def open_intervals(self, first_us: int, last_us: int) -> tuple[Instants, Instants]:
        """Return the working time within a window.

        Parameters
        ----------
        first_us, last_us
            The half-open window ``[first_us, last_us)``, microseconds UTC.

        Returns
        -------
        tuple
            Starts and ends, (n,) int64, microseconds UTC: ascending, disjoint, not touching; exact through changes of
            the zone's offset.

        Raises
        ------
        YearNotCoveredError
            If the window leaves the covered years.
        """
        self._check_window(first_us, last_us)
        return self._open_intervals(first_us, last_us)

    def day_table(self, first_us: int, last_us: int) -> DayTable:
        """Tabulate working time for the UTC days from that of `first_us` to that of `last_us`, both included.

        Raises
        ------
        YearNotCoveredError
            If one of the two instants leaves the covered years.
        """
        self._check_window(first_us, last_us + 1)
        days = np.arange(first_us // DAY_US, last_us // DAY_US + 1, dtype=np.int64)
        starts, ends = self._open_intervals(int(days[0]) * DAY_US, (int(days[-1]) + 1) * DAY_US)
        return _tabulate(days, *_split_at_midnight(starts, ends))

    def working_us(self, starts_us: npt.ArrayLike, ends_us: npt.ArrayLike) -> Instants:
        """Return the working microseconds from each start to its end; negative where the end comes first.

        Raises
        ------
        YearNotCoveredError
            If an instant leaves the covered years.
        """
        starts, ends = np.asarray(starts_us, dtype=np.int64), np.asarray(ends_us, dtype=np.int64)
        if not starts.size:
            return np.zeros(np.broadcast_shapes(starts.shape, ends.shape), dtype=np.int64)
        first, last = int(min(starts.min(), ends.min())), int(max(starts.max(), ends.max()))
        opened, closed = self.open_intervals(first, last + 1)
        passed = np.concatenate([[0], np.cumsum(closed - opened)]).astype(np.int64)
        return _passed(ends, opened, closed, passed) - _passed(starts, opened, closed, passed)

    def working_instant_us(self, start_us: int, working_us: int) -> int:
        """Return the first instant by which so much working time has passed since `start_us`.

        It is the moment of closing rather than the next opening where the time is used up exactly.

        Raises
        ------
        YearNotCoveredError
            If the calendar ends before.
        """
        left = working_us
        if left <= 0:
            return start_us
        first = start_us
        while True:
            self._check_window(first, first + 1)
            for opened, closed in zip(
                *map(np.ndarray.tolist, self._open_intervals(first, first + 30 * DAY_US)), strict=True
            ):
                if left <= closed - opened:
                    return int(opened + left)
                left -= closed - opened
            first += 30 * DAY_US

    def _spans(self, day: date) -> Spans:
        found = self.days.get(day)
        return self.weekly[day.weekday()] if found is None else found

    def _check_window(self, first_us: int, last_us: int) -> None:
        if last_us > first_us:
            self.check_covers(self.local_date(first_us))
            self.check_covers(self.local_date(last_us - 1))

    def _open_intervals(self, first_us: int, last_us: int) -> tuple[Instants, Instants]:
        parts = [self._within_regime(regime) for regime in iterate_regimes(load_zone(self.zone), first_us, last_us)]
        if not parts:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        starts, ends = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        starts_anew = np.ones(len(starts), dtype=bool)
        starts_anew[1:] = starts[1:] > ends[:-1]
        ends_there = np.roll(starts_anew, -1)
        return starts[starts_anew], ends[ends_there]

    def _within_regime(self, regime: Regime) -> tuple[Instants, Instants]:
        """Return the working time under one offset, clipped to it and to the covered years."""
        first = max((regime.start_us + regime.offset_us) // DAY_US, day_number(date(self.first_year, 1, 1)))
        last = min((regime.end_us - 1 + regime.offset_us) // DAY_US, day_number(date(self.last_year, 12, 31)))
        local = np.array(list(self._local_spans(first, last)), dtype=np.int64).reshape(-1, 2) - regime.offset_us
        starts = np.maximum(local[:, 0], regime.start_us)
        ends = np.minimum(local[:, 1], regime.end_us)
        is_there = starts < ends
        return starts[is_there], ends[is_there]

    def _local_spans(self, first_day: int, last_day: int) -> Iterator[tuple[int, int]]:
        for number in range(first_day, last_day + 1):
            midnight = number * DAY_US
            for start, end in self._spans(day_of_number(number)):
                yield midnight + start * MINUTE_US, midnight + end * MINUTE_US


def _passed(at: Instants, opened: Instants, closed: Instants, passed: Instants) -> Instants:
    """Return the working time before each instant, counted from the first opening."""
    row = np.searchsorted(opened, at, side="right") - 1
    if not len(opened):
        return np.zeros_like(at)
    current = np.maximum(row, 0)
    within = np.clip(at - opened[current], 0, closed[current] - opened[current])
    return np.where(row < 0, 0, passed[current] + within)


def _split_at_midnight(starts: Instants, ends: Instants) -> tuple[Instants, Instants]:
    """Cut intervals at UTC midnights."""
    pieces = (ends - 1) // DAY_US - starts // DAY_US + 1
    row = np.repeat(np.arange(len(starts)), pieces)
    piece = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    midnight = (starts[row] // DAY_US + piece) * DAY_US
    return np.maximum(starts[row], midnight), np.minimum(ends[row], midnight + DAY_US)


def _tabulate(days: Instants, starts: Instants, ends: Instants) -> DayTable:
    row = starts // DAY_US - days[0]
    counts = np.bincount(row, minlength=len(days)) if len(row) else np.zeros(len(days), np.int64)
    column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = (len(days), max(1, int(counts.max())))
    table_starts, table_ends = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    table_starts[row, column] = starts % DAY_US
    table_ends[row, column] = (ends - 1) % DAY_US + 1
    worked = (table_ends - table_starts).sum(axis=1)
    return DayTable(days, (np.cumsum(worked) - worked).astype(np.int64), table_starts, table_ends)
