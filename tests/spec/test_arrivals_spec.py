"""Cases in and out by day, week, month and hour of the week; takt."""

from datetime import date

import pytest

from potok.measure.arrivals import Clock, HourFlow, compute_arrivals
from potok.measure.daily_flow import Period
from support import reference_queues
from support.flow_logs import ask_flow, flow_log
from support.measuring import ENGINES

DAY = 86_400


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_flow(request, tmp_path, reference_queues.REFERENCES)


def test_in_and_out(ask):
    # Wednesday 2024-01-31 22:30 in Berlin, and half past midnight on Thursday, the first of February.
    log = flow_log(
        f"""
        case | opened     | closed
        1    | 1706736600 | {1706736600 + DAY}
        2    | 1706743800 | {1706743800 + 8 * DAY}
        3    | 1706743801 |
        """,
        extracted=1_707_606_000,  # Sunday 2024-02-11 00:00 in Berlin
        zone="Europe/Berlin",
    )
    flow = ask(compute_arrivals, log)
    assert flow.period == Period(date(2024, 1, 31), date(2024, 2, 11))
    assert [(day.arrivals, day.completions) for day in flow.by_day[:3]] == [(1, 0), (2, 1), (0, 0)]
    assert [(week.period.from_on, week.arrivals, week.completions, week.is_complete) for week in flow.by_week] == [
        (date(2024, 1, 29), 3, 1, False),
        (date(2024, 2, 5), 0, 1, False),
    ]
    assert [(month.period.from_on, month.arrivals, month.is_complete) for month in flow.by_month] == [
        (date(2024, 1, 1), 1, False),
        (date(2024, 2, 1), 2, False),
    ]
    assert [hour for hour in flow.by_hour if hour.arrivals or hour.completions] == [
        HourFlow(3, 22, arrivals=1, completions=0),
        HourFlow(4, 0, arrivals=2, completions=0),
        HourFlow(4, 22, arrivals=0, completions=1),
        HourFlow(5, 0, arrivals=0, completions=1),
    ]
    assert (flow.arrivals_per_day, flow.completions_per_day) == pytest.approx((3 / 11, 2 / 11))
    assert (flow.takt.clock, flow.takt.available_seconds) == (Clock.CALENDAR, 11 * DAY)
    assert (flow.takt.takt_seconds, flow.takt.completion_seconds) == pytest.approx((11 * DAY / 3, 11 * DAY / 2))


def test_of_a_period_only(ask):
    log = flow_log(
        f"""
        case | opened    | closed
        1    | 0         | {2 * DAY}
        2    | {2 * DAY} | {3 * DAY}
        """,
        extracted=10 * DAY,
    )
    flow = ask(compute_arrivals, log, period=Period(date(1970, 1, 2), date(1970, 1, 4)))
    assert [(day.period.from_on.day, day.arrivals, day.completions) for day in flow.by_day] == [(2, 0, 0), (3, 1, 1)]
    assert flow.takt.takt_seconds == 2 * DAY


def test_without_cases_nothing_is_told(ask):
    log = flow_log("case | opened | closed", extracted=DAY // 2)
    flow = ask(compute_arrivals, log)
    assert (flow.period, flow.takt, flow.arrivals_per_day) == (None, None, None)
    assert [day.arrivals for day in flow.by_day] == [0]
