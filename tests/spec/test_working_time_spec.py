"""Waits and processing in working time: on every engine as minute by minute counted, and as the calendar says."""

from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import calendar_from_mapping
from potok.core.calendars.errors import YearNotCoveredError
from potok.measure.case_durations import compute_case_durations
from potok.measure.directly_follows import compute_directly_follows_edges, compute_directly_follows_graph
from potok.measure.hand_overs import compute_hand_overs
from support.examples import examples
from support.random_logs import random_log
from support.reference import pairs, quantile
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

DAY = 86_400
SPRING = 1_709_251_200 * SECOND  # 2024-03-01, so that summer time begins within
OFFICE = calendar_from_mapping(
    {
        "zone": "Europe/Berlin",
        "first_year": 2023,
        "last_year": 2025,
        "weekly": {
            **{day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday")},
            # Open over the night in which the clocks change, in three spans.
            "saturday": ["22:00-24:00"],
            "sunday": ["00:00-01:30", "02:15-03:30", "05:00-05:01"],
        },
        "holidays": [],
    }
)


OFFICE_IN_UTC = replace(OFFICE, zone="UTC")


def drawn(random, **options):
    log = random_log(random, **options)
    events = [
        replace(e, enabled=near(e.enabled), started=near(e.started), completed=near(e.completed)) for e in log.events
    ]
    return TinyLog(tuple(events), extracted=SPRING + 90 * DAY * SECOND)


def near(instant):
    return None if instant is None else SPRING + instant % (80 * DAY * SECOND)


def worked(first, second):
    """Return the working time between two instances; None if unknown."""
    arrived = second.started if second.started is not None else second.completed
    if first.completed is None or arrived is None:
        return None
    return max(0, int(OFFICE.working_us([first.completed], [max(arrived, first.completed)])[0]))


def expected_edges(log):
    grouped = defaultdict(list)
    for first, second in pairs(log):
        grouped[first.activity, second.activity].append(worked(first, second))
    found = {}
    for pair, waits in grouped.items():
        known = [wait for wait in waits if wait is not None]
        middle = quantile(known, 0.5)
        found[pair] = (len(waits), sum(known) / SECOND, None if middle is None else pytest.approx(middle / SECOND))
    return found


def edges_of(store, engine):
    edges = compute_directly_follows_edges(store, calendar=OFFICE, engine=engine)
    return {(e.activity, e.next_activity): (e.count, e.total_seconds, e.median_seconds) for e in edges}


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_waits_on_duckdb_are_those_of_the_calendar(random, duckdb_engine, tmp_path_factory):
    log = drawn(random)
    store = write_store(log, tmp_path_factory.mktemp("working") / "store")
    assert edges_of(store, duckdb_engine) == expected_edges(log)


@pytest.mark.spark
def test_waits_on_spark_are_those_of_the_calendar(spark_engine, tmp_path):
    log = drawn(Random(11), cases=80)
    assert edges_of(write_store(log, tmp_path / "store"), spark_engine) == expected_edges(log)


def test_a_wait_over_a_weekend_is_no_working_time(duckdb_engine, tmp_path):
    thursday_17 = 1_714_662_000 - 2 * 3600 + 2 * 3600  # 2024-05-02 15:00 UTC, 17:00 in Berlin
    log = tiny_log(f"""
        case | activity | started                         | completed               | resource
        1    | A        | {thursday_17 - 7200}            | {thursday_17}           | x
        1    | B        | {thursday_17 + 4 * DAY - 25200} | {thursday_17 + 4 * DAY} | y
    """)
    store = write_store(log, tmp_path / "store")
    graph = compute_directly_follows_graph(store, calendar=OFFICE, engine=duckdb_engine)
    # One hour on Thursday, then Saturday night and Sunday's three spans, and from nine to ten on Monday.
    nights = 7200 + 5400 + 4500 + 60
    assert graph.edges[0].total_seconds == 3600 + nights + 3600
    processing = {node.activity: node.median_processing_seconds for node in graph.nodes}
    assert processing == {"A": 7200, "B": 3 * 3600 + 3 * 3600}
    (hand_over,) = compute_hand_overs(store, calendar=OFFICE, engine=duckdb_engine).between_resources
    assert hand_over.total_seconds == graph.edges[0].total_seconds


def test_case_durations_are_working_time_too(duckdb_engine, tmp_path):
    thursday_17 = 1_714_662_000
    log = tiny_log(
        f"""
        case | activity | completed
        1    | A        | {thursday_17}
        1    | B        | {thursday_17 + 4 * DAY}
        2    | A        | {thursday_17}
    """,
        open_cases="2",
        extracted=thursday_17 + 4 * DAY,
    )
    store = write_store(log, tmp_path / "store")
    found = compute_case_durations(store, calendar=OFFICE, engine=duckdb_engine)
    # An hour on Thursday, the nights of the weekend, and Monday from nine to five without the lunch hour.
    worked = 3600 + (7200 + 5400 + 4500 + 60) + 7 * 3600
    assert (found.median_seconds, found.open_median_age_seconds, found.total_seconds) == (worked, worked, 2 * worked)
    assert [(bin_.from_seconds, bin_.closed_cases, bin_.open_cases) for bin_ in found.histogram] == [(14_400, 1, 1)]


def test_the_last_microsecond_of_a_day_belongs_to_it(duckdb_engine, tmp_path):
    midnight = 1_715_385_600 * SECOND  # Saturday 2024-05-11 begins in UTC; the office opens at ten in the evening
    log = TinyLog(
        tuple(
            TinyEvent("1", activity, completed=midnight + DAY * SECOND + offset)
            for activity, offset in (("A", -2), ("B", -1), ("C", 0))
        )
    )
    edges = compute_directly_follows_edges(
        write_store(log, tmp_path / "store"), calendar=OFFICE_IN_UTC, engine=duckdb_engine
    )
    assert [edge.total_seconds for edge in edges] == [1e-6, 1e-6]


def test_a_log_outside_the_calendar_is_refused(duckdb_engine, tmp_path):
    store = write_store(tiny_log("case | activity | completed\n1 | A | 0\n1 | B | 9"), tmp_path / "store")
    with pytest.raises(YearNotCoveredError, match=r"1969|1970"):
        compute_directly_follows_edges(store, calendar=OFFICE, engine=duckdb_engine)
