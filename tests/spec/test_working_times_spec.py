"""Times, waits, flow efficiency and temporal profiles in working time, on both engines, as the calendar says."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import calendar_from_mapping
from potok.core.calendars.errors import YearNotCoveredError
from potok.measure.activity_times import compute_activity_times
from potok.measure.flow_efficiency import compute_flow_efficiency, list_flow_cases
from potok.measure.temporal_profile import compute_temporal_profile
from potok.measure.waiting import compute_case_waiting
from support.examples import examples
from support.random_logs import random_log
from support.reference import span, traces
from support.reference_times import timed_instances
from support.tiny_store import SECOND, TinyLog, write_store

DAY = 86_400
AUTUMN = 1_728_000_000 * SECOND  # 2024-10-04, so that summer time ends within
OFFICE = calendar_from_mapping(
    {
        "zone": "Europe/Berlin",
        "first_year": 2023,
        "last_year": 2026,
        "weekly": {
            **{day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "wednesday", "friday")},
            "sunday": ["00:00-02:30", "05:00-05:01"],
        },
        "holidays": [],
    }
)


def drawn(random, **options):
    log = random_log(random, **options)
    events = [
        replace(e, enabled=near(e.enabled), started=near(e.started), completed=near(e.completed)) for e in log.events
    ]
    return TinyLog(tuple(events), extracted=AUTUMN + 90 * DAY * SECOND)


def near(instant):
    return None if instant is None else AUTUMN + instant % (60 * DAY * SECOND)


def worked(begin, end):
    return int(OFFICE.working_us([begin], [end])[0]) if end > begin else 0


def expected_times(log, enablement):
    """Return the known number and the sum of working seconds of the three times of each activity."""
    found = defaultdict(lambda: [[], [], []])
    for timed in timed_instances(log, enablement):
        event, times = timed.event, found[timed.event.activity]
        if timed.waiting is not None:
            times[0].append(worked(timed.enabled, event.started))
        if timed.processing is not None:
            times[1].append(worked(event.started, event.completed))
        if timed.sojourn is not None:
            since = event.completed if event.started is None else event.started
            times[2].append(worked(min(timed.enabled, since), event.completed))
    return {
        activity: [(len(values), sum(values) / SECOND if values else None) for values in times]
        for activity, times in found.items()
    }


def found_times(store, enablement, engine):
    found = compute_activity_times(store, enablement=enablement, calendar=OFFICE, engine=engine)
    return {
        group.label: [(t.known, t.total_seconds) for t in (group.waiting, group.processing, group.sojourn)]
        for group in found.groups
    }


def expected_wait(log, enablement):
    """Add up, piece by piece between all instants, the working time in which a case waits for anything."""
    total = None
    for trace in traces(log).values():
        intervals = []
        for place, event in enumerate(trace):
            begin = event.enabled if enablement == "given" else trace[place - 1].completed if place else None
            ends = [event.started] if enablement == "given" else [event.started, event.completed]
            ends = [end for end in ends if end is not None]
            if begin is not None and ends:
                intervals.append((begin, min(ends)))
        expected = len(trace) - (enablement == "previous")
        if intervals or not expected:
            total = total or 0
        cuts = sorted({cut for interval in intervals for cut in interval})
        for low, high in pairwise(cuts):
            if any(a <= low and high <= b for a, b in intervals):
                total += worked(low, high)
    return None if total is None else total / SECOND


def expected_profile(log):
    grouped = defaultdict(list)
    for trace in traces(log).values():
        for first, second in combinations(trace, 2):
            arrived = second.started if second.started is not None else second.completed
            if first.completed is not None and arrived is not None:
                grouped[first.activity, second.activity].append(worked(first.completed, arrived))
    return {pair: pytest.approx(sum(times) / len(times) / SECOND, rel=1e-9) for pair, times in grouped.items()}


def expected_flow(log, activities):
    """Add up the working time of whole cases, and of the known work on the activities in them, piece by piece."""
    lead = value = 0
    for case, trace in traces(log).items():
        opened, end, is_open = span(log, case)
        if is_open:
            continue
        lead += worked(opened, end)
        known = [
            (max(e.started, opened), min(e.completed, end))
            for e in trace
            if e.activity in activities and None not in (e.started, e.completed) and e.started <= e.completed
        ]
        cuts = sorted({cut for interval in known for cut in interval})
        for low, high in pairwise(cuts):
            if any(a <= low and high <= b for a, b in known):
                value += worked(low, high)
    return value / SECOND, lead / SECOND


def assert_agrees(log, store, engine, *, enablements=("previous", "given")):
    for enablement in enablements:
        assert found_times(store, enablement, engine) == expected_times(log, enablement)
        waited = compute_case_waiting(store, enablement=enablement, calendar=OFFICE, engine=engine)
        assert waited.waiting.total_seconds == expected_wait(log, enablement)
    profile = compute_temporal_profile(store, calendar=OFFICE, engine=engine)
    means = {(r.activity, r.later_activity): r.mean_seconds for r in profile.relations if r.timed}
    assert means == expected_profile(log)
    activities = sorted({event.activity for event in log.events})[:2]
    flow = compute_flow_efficiency(store, activities=activities, calendar=OFFICE, engine=engine)
    assert (flow.value_seconds, flow.lead_seconds) == expected_flow(log, activities)
    listed = list_flow_cases(store, activities=activities, calendar=OFFICE, engine=engine)
    assert sum(case.lead_seconds for case in listed) == pytest.approx(flow.lead_seconds, rel=1e-12)


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_the_calendar(random, duckdb_engine, tmp_path_factory):
    log = drawn(random)
    assert_agrees(log, write_store(log, tmp_path_factory.mktemp("working") / "store"), duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_the_calendar(spark_engine, tmp_path):
    log = drawn(Random(11), cases=40)
    assert_agrees(log, write_store(log, tmp_path / "store"), spark_engine, enablements=("given",))


@pytest.mark.parametrize("measure", [compute_activity_times, compute_case_waiting, compute_temporal_profile])
def test_a_year_that_the_calendar_does_not_know_is_an_error(measure, tmp_path, duckdb_engine):
    log = drawn(Random(3))
    later = TinyLog(log.events, extracted=AUTUMN + 3 * 366 * DAY * SECOND)
    store = write_store(later, tmp_path / "store")
    with pytest.raises(YearNotCoveredError):
        measure(store, calendar=OFFICE, engine=duckdb_engine)
