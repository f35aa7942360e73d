"""Departments with calendars of their own: every time on the calendar of the department that the case waits for."""

from collections import defaultdict
from random import Random

import numpy as np
import pytest

from potok.core.calendars import Calendar, CalendarSet
from potok.core.calendars.errors import UnknownCalendarUnitsError, YearNotCoveredError
from potok.measure.activity_times import compute_activity_times
from potok.measure.hand_overs import compute_hand_overs
from potok.measure.unit_waiting import compute_waiting_by_unit
from potok.measure.waiting import compute_case_waiting
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

HOUR = 3_600
DAYTIME = (((9 * 60, 13 * 60), (14 * 60, 18 * 60)),) * 5 + ((),) * 2
MOSCOW = Calendar("Moscow", "Europe/Moscow", DAYTIME, {}, 2024, 2025)
# Nine hours ahead of UTC, six ahead of Moscow.
YAKUTSK = Calendar("Yakutsk", "Asia/Yakutsk", DAYTIME, {}, 2024, 2025)
SATURDAYS = Calendar("counter", "Europe/Moscow", (((8 * 60, 20 * 60),),) * 6 + ((),), {}, 2024, 2025)
DEPARTMENTS = CalendarSet(MOSCOW, {"branch": YAKUTSK, "counter": SATURDAYS})
MONDAY = 1_709_510_400  # 2024-03-04T00:00Z


def at(day: int, hour: int) -> int:
    """Seconds of an hour UTC, days counted from Monday."""
    return MONDAY + day * 24 * HOUR + hour * HOUR


def test_a_wait_between_zones_is_that_of_who_receives(duckdb_engine, tmp_path):
    """Sent on Monday 15:00 UTC, started on Tuesday 1:00 UTC: 18:00 to 4:00 in Moscow, 0:00 to 10:00 in Yakutsk."""
    log = tiny_log(
        f"""
        case | activity | started     | completed    | org_unit
        1    | Accept   | {at(0, 14)} | {at(0, 15)}  | office
        1    | Survey   | {at(1, 1)}  | {at(1, 3)}   | branch
        1    | Issue    | {at(1, 8)}  | {at(1, 9)}   | counter
        """
    )
    store = write_store(log, tmp_path / "store")
    (one, two) = compute_hand_overs(store, calendar=DEPARTMENTS, engine=duckdb_engine).between_units
    # Yakutsk opens at 9:00, an hour before. Then 3:00 to 8:00 UTC is 6:00 to 11:00 at the counter, open from 8:00.
    assert (one.source, one.target, one.total_seconds) == ("branch", "counter", 3 * HOUR)
    assert (two.source, two.target, two.total_seconds) == ("office", "branch", 1 * HOUR)
    times = compute_activity_times(store, calendar=DEPARTMENTS, engine=duckdb_engine)
    waits = {group.label: group.waiting.total_seconds for group in times.groups}
    assert waits == {"Accept": None, "Survey": 1 * HOUR, "Issue": 3 * HOUR}
    works = {group.label: group.processing.total_seconds for group in times.groups}
    # 17:00 to 18:00 in Moscow; 10:00 to 12:00 in Yakutsk; 11:00 to 12:00 at the counter.
    assert works == {"Accept": 1 * HOUR, "Survey": 2 * HOUR, "Issue": 1 * HOUR}
    assert compute_waiting_by_unit(store, calendar=DEPARTMENTS, engine=duckdb_engine).waiting.total_seconds == 4 * HOUR
    # On one calendar the same waits are none, and 3:00 to 8:00 UTC with the lunch hour: 6:00 to 11:00 in Moscow.
    single = compute_hand_overs(store, calendar=MOSCOW, engine=duckdb_engine).between_units
    assert {pair.target: pair.total_seconds for pair in single} == {"branch": 0.0, "counter": 2 * HOUR}


def random_units(random: Random, *, cases: int) -> TinyLog:
    events = []
    for case in range(cases):
        clock = MONDAY + random.randrange(60 * 24) * HOUR
        for _place in range(random.randint(1, 6)):
            started = clock + random.randrange(100 * HOUR)
            clock = started + random.randrange(20 * HOUR)
            events.append(
                TinyEvent(
                    f"case {case:03}",
                    random.choice("ABC"),
                    started=None if random.random() < 0.1 else started * SECOND,
                    completed=clock * SECOND,
                    resource=random.choice(("Anna", "Boris", None)),
                    org_unit=random.choice(("office", "branch", "counter", None)),
                )
            )
    return TinyLog(tuple(events))


def plain_times(log: TinyLog):
    """Each instance's waiting and processing by its unit, and each case's waits, on the calendars, one by one."""
    waiting, processing, of_case, handed = defaultdict(list), defaultdict(list), defaultdict(int), defaultdict(list)
    before: dict[str, TinyEvent] = {}
    for event in log.events:
        calendar = DEPARTMENTS.calendar_of(event.org_unit)
        if event.started is not None:
            processing[event.org_unit].append(int(calendar.working_us(event.started, event.completed)))
        of_case[event.case] += 0
        if event.case in before:
            previous = before[event.case]
            arrived = event.completed if event.started is None else event.started
            wait = int(calendar.working_us(previous.completed, arrived))
            if event.started is not None:
                waiting[event.org_unit].append(wait)
            of_case[event.case] += wait
            if previous.resource and event.resource and previous.resource != event.resource:
                handed[previous.resource, event.resource].append(wait)
        before[event.case] = event
    return waiting, processing, of_case, handed


def assert_agrees(log: TinyLog, store, engine) -> None:
    waiting, processing, of_case, handed = plain_times(log)
    for group in compute_activity_times(store, by="org_unit", calendar=DEPARTMENTS, engine=engine).groups:
        for found, expected in ((group.waiting, waiting[group.label]), (group.processing, processing[group.label])):
            assert found.known == len(expected)
            assert found.total_seconds == (sum(expected) / SECOND if expected else None)
            if expected:
                assert found.median_seconds == pytest.approx(np.median(expected) / SECOND, rel=1e-9)
                assert (found.min_seconds, found.max_seconds) == (min(expected) / SECOND, max(expected) / SECOND)
    waited = compute_waiting_by_unit(store, calendar=DEPARTMENTS, engine=engine).waiting
    assert waited.total_seconds == sum(of_case.values()) / SECOND
    assert waited.median_seconds == pytest.approx(np.median(list(of_case.values())) / SECOND, rel=1e-9)
    pairs = compute_hand_overs(store, calendar=DEPARTMENTS, engine=engine).between_resources
    assert {(pair.source, pair.target): pair.total_seconds for pair in pairs} == {
        ends: sum(waits) / SECOND for ends, waits in handed.items()
    }


@pytest.mark.parametrize("seed", range(2))
def test_duckdb_agrees_with_plain_python(seed, duckdb_engine, tmp_path):
    log = random_units(Random(seed), cases=40)
    assert_agrees(log, write_store(log, tmp_path / "store"), duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = random_units(Random(99), cases=60)
    assert_agrees(log, write_store(log, tmp_path / "store"), spark_engine)


def test_a_set_without_own_calendars_is_its_default(duckdb_engine, tmp_path):
    store = write_store(random_units(Random(7), cases=30), tmp_path / "store")
    alone = CalendarSet(MOSCOW, {"branch": MOSCOW})
    for measure in (compute_activity_times, compute_hand_overs):
        assert measure(store, calendar=alone, engine=duckdb_engine) == measure(store, calendar=MOSCOW)
    found = compute_waiting_by_unit(store, calendar=alone, engine=duckdb_engine)
    assert found == compute_case_waiting(store, calendar=MOSCOW)


def test_overlapping_waits_that_the_log_states_take_the_default(duckdb_engine, tmp_path):
    log = tiny_log(
        f"""
        case | activity | enabled     | started     | completed   | org_unit
        1    | A        | {at(0, 6)}  | {at(0, 8)}  | {at(0, 9)}  | branch
        1    | B        | {at(0, 7)}  | {at(0, 10)} | {at(0, 11)} | office
        """
    )
    store = write_store(log, tmp_path / "store")
    departments = CalendarSet(MOSCOW, {"branch": YAKUTSK})
    found = compute_waiting_by_unit(store, calendar=departments, engine=duckdb_engine)
    assert found.enablement == "given"
    # 6:00 to 10:00 UTC without the lunch hour of Moscow, 10:00 to 11:00 UTC, which comes after.
    assert found.waiting.total_seconds == 4 * HOUR


def test_departments_and_years_that_are_not_there_are_named(duckdb_engine, tmp_path):
    store = write_store(random_units(Random(7), cases=30), tmp_path / "store")
    with pytest.raises(UnknownCalendarUnitsError, match="archive"):
        compute_hand_overs(store, calendar=CalendarSet(MOSCOW, {"archive": YAKUTSK}), engine=duckdb_engine)
    future = Calendar("next year", "Asia/Yakutsk", DAYTIME, {}, 2025, 2025)
    with pytest.raises(YearNotCoveredError, match="next year"):
        compute_activity_times(store, calendar=CalendarSet(MOSCOW, {"branch": future}), engine=duckdb_engine)
