"""Takt on a calendar, and the way from counts to cases."""

from datetime import date
from random import Random

import pytest

from potok.core.calendars import Calendar
from potok.core.calendars.errors import YearNotCoveredError
from potok.measure.arrivals import Clock, compute_arrivals, list_arrival_cases, list_completion_cases
from potok.measure.daily_flow import EmptyPeriodError, Period
from support.flow_logs import flow_log, random_flow, write_flow

DAY, HOUR = 86_400, 3_600


def calendar(last_year: int = 2030) -> Calendar:
    return Calendar("test", "UTC", (((540, 1080),),) * 5 + ((),) * 2, {date(1970, 1, 2): ()}, 1970, last_year)


def test_takt_is_available_working_time_over_demand(tmp_path):
    """From Thursday the first to before Wednesday the seventh; Friday is a holiday: three days of nine hours."""
    log = flow_log(
        f"""
        case | opened          | closed
        1    | 0               | {DAY}
        2    | {2 * DAY}       | {5 * DAY}
        3    | {5 * DAY}       |
        4    | {6 * DAY + 1}   |
        """,
        extracted=6 * DAY + 5,
    )
    store = write_flow(log, tmp_path / "store")
    takt = compute_arrivals(store, calendar=calendar()).takt
    assert (takt.clock, takt.available_seconds, takt.arrivals, takt.completions) == (Clock.WORKING, 27 * HOUR, 3, 2)
    assert (takt.takt_seconds, takt.completion_seconds) == (9 * HOUR, 13.5 * HOUR)
    assert compute_arrivals(store).takt.available_seconds == 6 * DAY


def test_an_idle_period_has_no_takt(tmp_path):
    store = write_flow(flow_log("case | opened | closed\n1 | 0 | ", extracted=5 * DAY), tmp_path / "store")
    takt = compute_arrivals(store, period=Period(date(1970, 1, 2), date(1970, 1, 4))).takt
    assert (takt.takt_seconds, takt.completion_seconds) == (None, None)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_flow(random_flow(Random(5), cases=90), tmp_path_factory.mktemp("flow") / "store")


def test_every_span_leads_to_its_cases(store):
    flow = compute_arrivals(store)
    for span in (*flow.by_day[::11], *flow.by_week, *flow.by_month):
        assert len(list_arrival_cases(store, span.period)) == span.arrivals
        assert len(list_completion_cases(store, span.period)) == span.completions
    assert len(list_arrival_cases(store, flow.by_month[0].period, limit=1)) == 1


def test_spans_and_hours_add_up(store):
    flow = compute_arrivals(store)
    for spans in (flow.by_day, flow.by_week, flow.by_month, flow.by_hour):
        assert sum(span.arrivals for span in spans) == flow.times.timely_cases
        assert sum(span.completions for span in spans) == flow.times.timely_cases - flow.times.open_cases
    complete = [day for day in flow.by_day if day.is_complete]
    assert flow.arrivals_per_day == pytest.approx(sum(day.arrivals for day in complete) / len(complete))


def test_a_year_that_the_calendar_does_not_know(store):
    with pytest.raises(YearNotCoveredError):
        compute_arrivals(store, calendar=calendar(last_year=2020))


def test_a_period_outside_the_log(store):
    with pytest.raises(EmptyPeriodError):
        compute_arrivals(store, period=Period(date(1990, 1, 1), date(1990, 2, 1)))
