"""How many cases come in and go out: by day, week and month, by hour of the week; and the takt that demand sets."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

import ibis
import numpy as np

from potok.core.calendars import Calendar
from potok.core.calendars.zones import day_number
from potok.engine.base import Engine
from potok.engine.tables import CASES, EVENTS
from potok.log.store import LogStore
from potok.measure.case_durations import lead_times
from potok.measure.case_times import CaseTimes, timely
from potok.measure.daily_flow import DailyFlow, Period, read_daily_flow
from potok.measure.evidence import CaseEvidence, case_evidence, read_evidence
from potok.measure.local_time import (
    DAYS_A_WEEK,
    day_begins_us,
    hour_of_week,
    local_us,
    month_of,
    week_of,
    zone_of,
)
from potok.measure.running import run, seconds

HOURS_A_DAY = 24


class Clock(StrEnum):
    """Which time is counted."""

    CALENDAR = "calendar"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class SpanFlow:
    """Cases opened and closed in a day, a week from Monday, or a month, of local time.

    Parameters
    ----------
    period
        The whole day, week or month.
    arrivals, completions
        Cases opened and closed in it, as far as the log reaches.
    is_complete
        Whether the log reaches over all of it: from the day of the first opening to the extraction.
    """

    period: Period
    arrivals: int
    completions: int
    is_complete: bool


@dataclass(frozen=True, slots=True)
class HourFlow:
    """Cases opened and closed in one hour of the week: `weekday` 1 (Monday) to 7, `hour` 0 to 23, local time."""

    weekday: int
    hour: int
    arrivals: int
    completions: int


@dataclass(frozen=True, slots=True)
class Takt:
    """The pace that demand sets: available time over cases that come in.

    Parameters
    ----------
    clock
        Working time of a calendar, or, without one, calendar time: then it is no takt of an office that closes at
        night, only a mean distance between cases.
    available_seconds
        Time available on the complete days.
    arrivals, completions
        Cases opened and closed on them.
    takt_seconds
        Available time per case opened; None if none was.
    completion_seconds
        Available time per case closed; None if none was. Above the takt, the queue grows.
    """

    clock: Clock
    available_seconds: float
    arrivals: int
    completions: int
    takt_seconds: float | None
    completion_seconds: float | None


@dataclass(frozen=True, slots=True)
class ArrivalsAndThroughput:
    """Cases in and out.

    Parameters
    ----------
    times
        Cases counted and left out.
    period
        Complete days, over which rates and takt are taken; None if there is none.
    arrivals_per_day, completions_per_day
        Means over the period.
    by_day, by_week, by_month
        In order of time, without gaps; the span of the extraction included.
    by_hour
        All 168 hours of the week, over the whole log whatever the period.
    takt
        None without a complete day.
    """

    times: CaseTimes
    period: Period | None
    arrivals_per_day: float | None
    completions_per_day: float | None
    by_day: tuple[SpanFlow, ...]
    by_week: tuple[SpanFlow, ...]
    by_month: tuple[SpanFlow, ...]
    by_hour: tuple[HourFlow, ...]
    takt: Takt | None


def cases_by_hour(cases: ibis.Table, instant: str, *, zone: str, span_us: tuple[int, int]) -> ibis.Table:
    """Return one row per hour of the week, from Monday 00:00 local time: `hour` (0 to 167), `cases`.

    Parameters
    ----------
    cases
        As `potok.measure.case_times.timely` returns them.
    instant
        ``"opened_us"`` or ``"ended_us"``; cases without it are left out.
    zone, span_us
        As `potok.measure.local_time.local_us`.
    """
    known = cases.filter(cases[instant].notnull())
    local = known.mutate(local_us=local_us(known[instant], zone=zone, first_us=span_us[0], last_us=span_us[1]))
    placed = local.mutate(hour=hour_of_week(local.local_us))
    return placed.group_by("hour").aggregate(cases=placed.count().cast("int64"))


def compute_arrivals(
    store: LogStore,
    *,
    period: Period | None = None,
    calendar: Calendar | None = None,
    engine: Engine | None = None,
) -> ArrivalsAndThroughput:
    """Compute how many cases come in and go out, when, and the takt.

    Parameters
    ----------
    period
        Which days; by default from the first opening to the extraction.
    calendar
        Whose working time is available; without one all time is.

    Raises
    ------
    EmptyPeriodError
        If the log has no complete day in the period.
    TooManyDaysError
        If the log reaches over more than a hundred years.
    YearNotCoveredError
        If the calendar does not know a year of the period.
    """
    flow = read_daily_flow(store, period=period, engine=engine)
    chosen = period or flow.complete_period()
    inside = flow.places(chosen) if chosen else slice(0, 0)
    days = inside.stop - inside.start
    arrivals, completions = int(flow.arrivals[inside].sum()), int(flow.completions[inside].sum())
    return ArrivalsAndThroughput(
        times=flow.times,
        period=Period(flow.on(inside.start), flow.on(inside.stop)) if days else None,
        arrivals_per_day=arrivals / days if days else None,
        completions_per_day=completions / days if days else None,
        by_day=_spans(flow, lambda day: flow.on(day - flow.first_day), _next_day),
        by_week=_spans(flow, week_of, _next_week),
        by_month=_spans(flow, month_of, _next_month),
        by_hour=_by_hour(store, flow, engine),
        takt=_takt(flow, inside, calendar) if days else None,
    )


def list_arrival_cases(
    store: LogStore, period: Period, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases opened in a period of local days."""
    return _list(store, period, "opened_us", limit, engine)


def list_completion_cases(
    store: LogStore, period: Period, *, limit: int | None = None, engine: Engine | None = None
) -> tuple[CaseEvidence, ...]:
    """List the cases closed in a period of local days."""
    return _list(store, period, "ended_us", limit, engine)


def _list(
    store: LogStore, period: Period, instant: str, limit: int | None, engine: Engine | None
) -> tuple[CaseEvidence, ...]:
    zone = zone_of(store)
    first, last = (day_begins_us(day_number(day), zone=zone) for day in (period.from_on, period.until_on))
    cases = timely(lead_times(CASES, extracted_us=store.extracted_us), extracted_us=store.extracted_us)
    chosen = cases.filter(cases[instant] >= first, cases[instant] < last)
    return read_evidence(case_evidence(EVENTS, chosen, limit=limit), store, engine)


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _next_week(monday: date) -> date:
    return monday + timedelta(days=DAYS_A_WEEK)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _spans(flow: DailyFlow, begin: Callable[[int], date], following: Callable[[date], date]) -> tuple[SpanFlow, ...]:
    """Gather days into spans; a span is complete if all its days are, and the log begins no later."""
    begins_on, ends_on = flow.on(0), flow.on(flow.complete_days)
    found = []
    for start, places in groupby(range(len(flow.arrivals)), key=lambda place: begin(flow.first_day + place)):
        inside = list(places)
        period = Period(start, following(start))
        found.append(
            SpanFlow(
                period=period,
                arrivals=int(flow.arrivals[inside].sum()),
                completions=int(flow.completions[inside].sum()),
                is_complete=begins_on <= period.from_on and period.until_on <= ends_on,
            )
        )
    return tuple(found)


def _by_hour(store: LogStore, flow: DailyFlow, engine: Engine | None) -> tuple[HourFlow, ...]:
    zone, extracted_us = zone_of(store), store.extracted_us
    first_us = flow.times.first_opened_us
    span = (extracted_us if first_us is None else first_us, extracted_us)
    cases = timely(CASES, extracted_us=extracted_us)
    opened: dict[int, int] = dict(run(cases_by_hour(cases, "opened_us", zone=zone, span_us=span), store, engine))
    closed: dict[int, int] = dict(run(cases_by_hour(cases, "ended_us", zone=zone, span_us=span), store, engine))
    return tuple(
        HourFlow(hour // HOURS_A_DAY + 1, hour % HOURS_A_DAY, opened.get(hour, 0), closed.get(hour, 0))
        for hour in range(DAYS_A_WEEK * HOURS_A_DAY)
    )


def _takt(flow: DailyFlow, inside: slice, calendar: Calendar | None) -> Takt:
    first, last = int(flow.begins_us[inside.start]), int(flow.ends_us[inside.stop - 1])
    available = last - first
    if calendar is not None:
        starts, ends = calendar.open_intervals(first, last)
        available = int(np.sum(ends - starts))
    arrivals, completions = int(flow.arrivals[inside].sum()), int(flow.completions[inside].sum())
    return Takt(
        clock=Clock.CALENDAR if calendar is None else Clock.WORKING,
        available_seconds=seconds(available),
        arrivals=arrivals,
        completions=completions,
        takt_seconds=seconds(available / arrivals) if arrivals else None,
        completion_seconds=seconds(available / completions) if completions else None,
    )
