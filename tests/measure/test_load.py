"""Little's law on the practice log and on simulated queues; ways from queues to cases; periods that cannot be."""

import heapq
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
import pytest

from potok.core.errors import EXIT_BAD_DATA, EXIT_USAGE
from potok.demo.permit_files import write_permit_log
from potok.demo.permit_log import ZONE, generate
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import ExtractionKind, Mapping
from potok.measure.daily_flow import EmptyPeriodError, Period, TooManyDaysError
from potok.measure.evidence import UnknownPlaceError
from potok.measure.littles_law import compute_littles_law
from potok.measure.load import LoadReason, QueueVerdict, compute_work_in_process, list_open_cases
from potok.measure.open_ages import compute_open_ages, list_unit_open_cases
from support.flow_logs import FlowCase, FlowLog, flow_log, random_flow, write_flow
from support.tiny_store import SECOND

DAY = 86_400


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return write_flow(random_flow(Random(5), cases=90), tmp_path_factory.mktemp("flow") / "store")


@pytest.fixture(scope="module")
def permits(tmp_path_factory):
    folder = tmp_path_factory.mktemp("permits")
    files = write_permit_log(folder, log=generate())
    mapping = Mapping(zone=ZONE, extracted_at="2026-01-01", extraction=ExtractionKind.OPENED)
    return import_log(ImportRequest((str(files.utf8),), folder / "store", mapping))


def test_littles_law_holds_on_the_practice_log(permits):
    law = compute_littles_law(permits)
    assert law.holds is True
    assert law.batches == 20
    assert law.difference.lower < 0 < law.difference.upper
    # The interval is no wider than five cases in a hundred, so that it can fail.
    assert law.difference.upper - law.difference.lower < 0.05 * law.mean_cases
    assert law.mean_cases == pytest.approx(law.expected_cases, rel=0.01)
    assert law.from_queue_growth + law.from_backlog_age == pytest.approx(law.difference.value, rel=1e-9)


def test_the_practice_logs_queue(permits):
    work = compute_work_in_process(permits)
    assert (work.period.from_on, work.period.until_on) == (date(2023, 1, 2), date(2026, 1, 1))
    assert work.open_at_end == work.times.open_cases
    assert sum(day.arrivals for day in work.by_day) == work.times.timely_cases
    assert work.trend.verdict is QueueVerdict.NO_CLEAR_TREND
    assert compute_open_ages(permits).overall.open_cases == work.times.open_cases


def queue(random: np.random.Generator, *, cases: int = 400, servers: int = 5, load: float = 0.7) -> FlowLog:
    """Simulate M/M/c, one case a day on average, extracted when the last one arrives."""
    arrivals = np.cumsum(random.exponential(1, cases)) + 1
    free, found = [0.0] * servers, []
    for number, (at, work) in enumerate(zip(arrivals, random.exponential(load * servers, cases), strict=True)):
        done = max(at, heapq.heappop(free)) + work
        heapq.heappush(free, done)
        found.append(FlowCase(f"{number:04}", round(at * DAY) * SECOND, round(done * DAY) * SECOND))
    return FlowLog(tuple(found), round(arrivals[-1] * DAY) * SECOND, extraction="opened")


def test_littles_law_holds_in_stable_queues(tmp_path):
    """Twenty-five queues with a mean time of some days: at 95 % one in twenty fails; four would have 1 in 30 odds."""
    random, held = np.random.default_rng(11), []
    for run in range(25):
        law = compute_littles_law(write_flow(queue(random), tmp_path / str(run)))
        held.append(law.holds)
    assert held.count(None) == 0
    assert held.count(False) <= 3


def test_open_cases_of_a_midnight_are_listed(store):
    work = compute_work_in_process(store)
    for day in work.by_day[::9]:
        assert len(list_open_cases(store, on=day.on)) == day.open_at_start
    assert len(list_open_cases(store)) == work.times.open_cases
    assert len(list_open_cases(store, limit=2)) == 2


def test_open_cases_of_a_department_are_listed(store):
    ages = compute_open_ages(store)
    assert len(ages.by_unit) == 3
    for age in ages.by_unit:
        listed = list_unit_open_cases(store, age.org_unit)
        assert len(listed) == age.open_cases
        assert listed[0].seconds >= age.max_seconds
    with pytest.raises(UnknownPlaceError, match="The log has no “z”"):
        list_unit_open_cases(store, "z")


def test_a_period_counts_what_was_open_before_it(store):
    whole = compute_work_in_process(store)
    period = Period(whole.by_day[10].on, whole.by_day[20].on)
    part = compute_work_in_process(store, period=period)
    assert part.period == period
    assert part.by_day == whole.by_day[10:20]
    assert part.open_at_end == whole.by_day[20].open_at_start


@pytest.mark.parametrize("year", [1900, 2200])
def test_a_period_outside_the_log_is_refused(store, year):
    with pytest.raises(EmptyPeriodError, match="no complete day from") as caught:
        compute_work_in_process(store, period=Period(date(year, 1, 1), date(year, 2, 1)))
    assert caught.value.exit_code == EXIT_USAGE


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(EmptyPeriodError, match="from 2024-02-01 to 2024-02-01 holds no day"):
        Period(date(2024, 2, 1), date(2024, 2, 1))
    assert Period(date(2024, 2, 1), date(2024, 3, 1)).days == 29


def slipped(folder: Path):
    cases = (FlowCase("1", -10_000_000_000 * SECOND, 0), FlowCase("2", 0, 5 * SECOND))
    return write_flow(FlowLog(cases, 30 * DAY * SECOND, extraction="opened"), folder)


def test_a_slip_of_centuries_is_named_and_a_period_gets_round_it(tmp_path):
    store = slipped(tmp_path / "store")
    with pytest.raises(TooManyDaysError, match="from 1653-02-10 to 1970-01-31") as caught:
        compute_work_in_process(store)
    assert caught.value.exit_code == EXIT_BAD_DATA
    work = compute_work_in_process(store, period=Period(date(1970, 1, 1), date(1970, 1, 3)))
    assert [day.open_at_start for day in work.by_day] == [1, 0]


def test_short_and_idle_logs_cannot_tell(tmp_path):
    short = flow_log(f"case | opened | closed\n1 | 0 | {DAY}\n2 | 0 | ", extracted=3 * DAY, extraction="opened")
    law = compute_littles_law(write_flow(short, tmp_path / "short"))
    assert (law.holds, law.reasons) == (None, (LoadReason.WINDOW_TOO_SHORT,))
    idle = flow_log("case | opened | closed\n1 | 0 | ", extracted=30 * DAY, extraction="opened")
    law = compute_littles_law(write_flow(idle, tmp_path / "idle"))
    assert (law.holds, law.reasons) == (None, (LoadReason.NOTHING_COMPLETED,))
    within_a_day = flow_log("case | opened | closed\n1 | 0 | 5", extracted=DAY // 2, extraction="opened")
    law = compute_littles_law(write_flow(within_a_day, tmp_path / "day"))
    assert (law.holds, law.reasons) == (None, (LoadReason.WINDOW_TOO_SHORT,))


def test_no_cases(tmp_path):
    store = write_flow(FlowLog((), 10 * SECOND), tmp_path / "store")
    work = compute_work_in_process(store)
    assert (work.period, work.mean_cases, work.max_cases, work.open_at_end) == (None, None, None, None)
    ages = compute_open_ages(store)
    assert (ages.overall.open_cases, ages.overall.max_seconds, ages.by_unit) == (0, None, ())


def test_an_active_log_has_no_run_up(tmp_path):
    cases = tuple(FlowCase(str(i), i * DAY * SECOND, (i + 9) * DAY * SECOND) for i in range(90))
    for extraction, days in (("opened", 77), ("active", 84)):
        log = FlowLog(cases, 90 * DAY * SECOND, extraction=extraction)
        trend = compute_work_in_process(write_flow(log, tmp_path / extraction)).trend
        assert trend.period.days == days


def test_a_queue_that_is_worked_off_shrinks(tmp_path):
    """Ninety cases of the first day are closed one a day; one more comes in and goes out every day."""
    old = [FlowCase(f"old {i}", 0, (i + 1) * DAY * SECOND) for i in range(90)]
    new = [FlowCase(f"new {i}", i * DAY * SECOND, (i * DAY + 3_600) * SECOND) for i in range(90)]
    log = FlowLog((*old, *new), 90 * DAY * SECOND, extraction="active")
    store = write_flow(log, tmp_path / "store")
    trend = compute_work_in_process(store, period=Period(date(1970, 1, 3), date(1970, 3, 31))).trend
    assert trend.verdict is QueueVerdict.SHRINKING
    assert trend.cases_per_day.value == -1


def test_completions_outside_the_batches_only_cannot_tell(tmp_path):
    """Sixteen days make five batches of three; the one case closed is closed on the day left out."""
    log = flow_log(
        f"""
        case | opened | closed
        1    | 0         | {2 * DAY + 3_600}
        2    | {2 * DAY} |
        """,
        extracted=18 * DAY,
        extraction="active",
    )
    law = compute_littles_law(write_flow(log, tmp_path / "store"), period=Period(date(1970, 1, 3), date(1970, 1, 19)))
    assert (law.holds, law.reasons) == (None, (LoadReason.NOTHING_COMPLETED,))
