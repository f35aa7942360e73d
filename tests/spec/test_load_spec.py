"""Open cases by local day, the queue's trend, Little's law, ages of open cases."""

from dataclasses import replace
from datetime import date

import pytest

from potok.measure.daily_flow import Period
from potok.measure.littles_law import compute_littles_law
from potok.measure.load import DayLoad, LoadReason, QueueVerdict, compute_work_in_process
from potok.measure.open_ages import OpenAge, compute_open_ages
from support import reference_queues
from support.flow_logs import FlowCase, FlowLog, ask_flow, flow_log
from support.measuring import ENGINES
from support.tiny_store import SECOND

DAY = 86_400
HOUR = 3_600


@pytest.fixture(params=ENGINES)
def ask(request, tmp_path):
    return ask_flow(request, tmp_path, reference_queues.REFERENCES)


def steady(cases: int, *, days: float, every: float = 1, drift: float = 0.0) -> FlowLog:
    """Cases opened every so many days from 1970-01-02; each takes `days`, and `drift` more than the one before."""
    found = []
    for number in range(cases):
        opened = round((1 + number * every) * DAY) * SECOND
        found.append(FlowCase(f"{number:04}", opened, opened + round((days + drift * number) * DAY) * SECOND))
    return FlowLog(tuple(found), round((1 + cases * every) * DAY) * SECOND, extraction="opened")


def test_open_cases_at_midnight_and_on_average(ask):
    log = flow_log(
        f"""
        case | opened          | closed
        1    | {6 * HOUR}      | {DAY + 12 * HOUR}
        2    | {DAY}           | {DAY + 6 * HOUR}
        3    | {DAY + 6 * HOUR}|
        4    | {DAY + 7 * HOUR}| {DAY + 6 * HOUR}
        """,
        extracted=2 * DAY + 12 * HOUR,
    )
    work = ask(compute_work_in_process, log)
    assert work.by_day == (
        DayLoad(date(1970, 1, 1), 0, arrivals=1, completions=0, mean_cases=0.75, is_complete=True),
        DayLoad(date(1970, 1, 2), 1, arrivals=2, completions=2, mean_cases=1.5, is_complete=True),
        DayLoad(date(1970, 1, 3), 1, arrivals=0, completions=0, mean_cases=1.0, is_complete=False),
    )
    assert work.period == Period(date(1970, 1, 1), date(1970, 1, 3))
    assert (work.mean_cases, work.max_cases, work.open_at_end) == (1.125, 1, 1)
    assert work.times.closed_before_opened == 1
    assert work.trend.reason is LoadReason.TOO_FEW_WEEKS


def test_a_local_day_may_have_25_hours(ask):
    # 2024-10-27 in Berlin, from 22:00Z to 23:00Z; open throughout.
    log = flow_log(
        """
        case | opened     | closed
        1    | 1729900800 |
        2    | 1729980000 | 1729983600
        """,
        extracted=1_730_070_000,
        zone="Europe/Berlin",
    )
    (_saturday, sunday, monday) = ask(compute_work_in_process, log).by_day
    assert (sunday.on, sunday.open_at_start, sunday.arrivals) == (date(2024, 10, 27), 1, 1)
    assert sunday.mean_cases == pytest.approx(26 / 25)
    assert monday.open_at_start == 1


def test_littles_law_holds_in_a_steady_queue(ask):
    law = ask(compute_littles_law, steady(200, days=5))
    assert law.holds is True
    assert (law.mean_cases, law.arrivals_per_day, law.mean_seconds) == (5.0, 1.0, 5 * DAY)
    assert law.expected_cases == pytest.approx(5)
    assert law.difference.value == pytest.approx(0, abs=1e-9)


def test_littles_law_says_what_breaks_it(ask):
    """Every fourth case is left lying, the others take a day: completions know nothing of the growing heap."""
    log = steady(200, days=1)
    left = tuple(replace(case, closed=None) if place % 4 == 0 else case for place, case in enumerate(log.cases))
    law = ask(compute_littles_law, replace(log, cases=left))
    assert law.holds is False
    assert law.reasons == (LoadReason.BACKLOG_AGES,)
    assert (law.arrivals_per_day, law.mean_seconds) == (1.0, DAY)
    assert law.mean_cases > 20 > 1 == law.expected_cases
    assert law.from_queue_growth == pytest.approx(-0.25, abs=0.01)
    assert law.from_queue_growth + law.from_backlog_age == pytest.approx(law.difference.value, rel=1e-9)
    trend = ask(compute_work_in_process, replace(log, cases=left)).trend
    assert trend.verdict is QueueVerdict.GROWING
    assert trend.cases_per_day.lower < 0.25 < trend.cases_per_day.upper


def test_a_queue_that_grows_slowly_still_obeys_the_law(ask):
    """Every case takes a fifth of a day longer than the one before: both parts of the difference cancel."""
    law = ask(compute_littles_law, steady(200, days=1, drift=0.2))
    assert law.holds is True
    assert law.from_queue_growth < -3 < 3 < law.from_backlog_age
    trend = ask(compute_work_in_process, steady(200, days=1, drift=0.2)).trend
    assert trend.verdict is QueueVerdict.GROWING
    assert trend.cases_per_day.lower < 1 - 1 / 1.2 < trend.cases_per_day.upper


def test_of_closed_cases_only_the_queue_cannot_be_told(ask):
    log = FlowLog(steady(200, days=5).cases, 201 * DAY * SECOND, extraction="closed")
    assert ask(compute_work_in_process, log).trend.reason is LoadReason.CLOSED_ONLY
    law = ask(compute_littles_law, log)
    assert (law.holds, law.reasons) == (None, (LoadReason.CLOSED_ONLY,))


def test_open_cases_age_where_they_lie(ask):
    log = flow_log(
        """
        case | opened | closed | org_unit
        1    | 10     |        | x
        2    | 30     |        | x
        3    | 40     |        |
        4    | 20     | 60     | y
        5    | 20     | 160    | y
        6    | 120    |        | y
        """,
        extracted=100,
    )
    ages = ask(compute_open_ages, log)
    assert ages.overall == OpenAge(None, 4, 75.0, pytest.approx(87), 90.0)
    assert [(age.org_unit, age.open_cases, age.max_seconds) for age in ages.by_unit] == [
        ("x", 2, 90.0),
        ("y", 1, 80.0),
        (None, 1, 60.0),
    ]
