"""Lead time cut at the steps: every part against elementary intervals, one by one."""

from collections import defaultdict
from itertools import pairwise
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potok.core.calendars import calendar_from_mapping
from potok.engine.tables import CASES, EVENTS
from potok.measure.flow_efficiency import compute_flow_efficiency
from potok.measure.running import run
from potok.measure.value_stream import compute_value_stream
from potok.measure.value_stream_parts import STEPS, boundary_steps, step_figures
from support.comparing import comparable
from support.examples import examples
from support.random_logs import random_log, union
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

AFTER_LAST = ""
# Sums of whole microseconds, told in seconds as floats.
TOLERANCE = 1e-6
DAY = 86_400
NINE_TO_SIX = calendar_from_mapping(
    {
        "zone": "UTC",
        "first_year": 1969,
        "last_year": 1971,
        "weekly": {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    }
)


def cut_by_hand(log: TinyLog, *, is_divided: bool) -> dict[tuple[str, str], float]:
    """Return the time of closed cases by activity and kind of time, each stretch between two instants at a time."""
    traces: dict[str, list[tuple[int, TinyEvent]]] = defaultdict(list)
    for row, event in enumerate(log.events, start=1):
        traces[event.case].append((row, event))
    found: dict[tuple[str, str], float] = defaultdict(float)
    for case, trace in traces.items():
        if case in log.open_cases:
            continue
        instants = [instant for _row, event in trace for instant in event.instants]
        opened, closed = log.opened.get(case, min(instants)), log.closed.get(case, max(instants))
        for place, seconds in _cut(trace, opened, closed, is_divided=is_divided):
            found[place] += seconds
    return dict(found)


def _cut(trace, opened: int, closed: int, *, is_divided: bool):
    held = sorted(_interval(row, event, opened, closed, is_divided) for row, event in trace if _end(event) is not None)
    edges = sorted({opened, closed, *(edge for begins, ends, *_rest in held for edge in (begins, ends))})
    for first, last in pairwise(edge for edge in edges if opened <= edge <= closed):
        covering = [one for one in held if one[0] <= first and one[1] > first]
        coming = [one for one in held if one[0] >= last]
        if covering:
            yield (covering[0][3], "work"), (last - first) / SECOND
        elif coming:
            yield (coming[0][3], "wait" if coming[0][4] else "undivided"), (last - first) / SECOND
        else:
            yield (AFTER_LAST, "wait"), (last - first) / SECOND


def _end(event: TinyEvent) -> int | None:
    return event.started if event.completed is None else event.completed


def _interval(row: int, event: TinyEvent, opened: int, closed: int, is_divided: bool):
    ends = _end(event)
    is_begun = is_divided and event.started is not None and event.started <= ends
    begins = event.started if is_begun else ends
    return (min(max(begins, opened), closed), min(max(ends, opened), closed), row, event.activity, is_begun)


def times_of(stream) -> dict[tuple[str, str], float]:
    found = {
        (step.activities[0], kind): getattr(step.calendar_time, f"{kind}_seconds")
        for step in stream.steps
        for kind in ("wait", "work", "undivided")
    }
    found[AFTER_LAST, "wait"] = stream.calendar_time.after_last_seconds
    return found


def assert_agrees(log: TinyLog, store, engine) -> None:
    stream = compute_value_stream(store, engine=engine)
    assert all(len(step.activities) == 1 for step in stream.steps)
    found, expected = times_of(stream), cut_by_hand(log, is_divided=stream.is_divided)
    for place in found.keys() | expected.keys():
        assert found.get(place, 0.0) == pytest.approx(expected.get(place, 0.0), abs=TOLERANCE), place
    steps = sum(step.calendar_time.total_seconds for step in stream.steps)
    assert steps + stream.calendar_time.after_last_seconds == pytest.approx(stream.calendar_time.total_seconds)


def test_waiting_work_and_the_end_make_the_lead_time(duckdb_engine, tmp_path):
    log = tiny_log(
        """
        case | activity | started | completed
        1    | A        | 10      | 20
        1    | B        | 50      | 60
        1    | A        | 55      | 90
        2    | A        | 0       | 30
        3    | B        | 0       | 5
        """,
        open_cases="3",
        opened={"1": 0},
        closed={"1": 100},
    )
    stream = compute_value_stream(write_store(log, tmp_path / "store"), engine=duckdb_engine)
    steps = {step.label: step for step in stream.steps}
    first, second = steps["A"].calendar_time, steps["B"].calendar_time
    assert [step.label for step in stream.steps] == ["A", "B"]
    assert (first.wait_seconds, first.work_seconds, first.undivided_seconds) == (10, 10 + 30 + 30, 0)
    assert (second.wait_seconds, second.work_seconds) == (30, 10)
    assert (first.min_seconds, first.median_seconds, first.max_seconds) == (30, 40, 50)
    assert (stream.calendar_time.total_seconds, stream.calendar_time.after_last_seconds) == (130, 10)
    assert (steps["A"].cases, steps["A"].repeated_cases, steps["A"].first_time_share) == (2, 1, 0.5)
    assert (steps["B"].case_share, steps["B"].standing_cases, stream.open_cases) == (0.5, 1, 1)


def test_without_starts_waiting_and_work_are_one(duckdb_engine, tmp_path):
    log = tiny_log("case | activity | completed\n1 | A | 0\n1 | B | 40\n1 | C | 100")
    stream = compute_value_stream(write_store(log, tmp_path / "store"), engine=duckdb_engine)
    assert (stream.is_divided, "no_start_times" in stream.reasons) == (False, True)
    assert [step.calendar_time.undivided_seconds for step in stream.steps] == [0, 40, 60]
    assert (stream.work_seconds, stream.efficiency) == (0, None)


def test_value_of_the_steps_adds_up_to_flow_efficiency(duckdb_engine, tmp_path):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 30
        1    | B        | 10      | 40
        1    | C        | 5       | 100
    """)
    store = write_store(log, tmp_path / "store")
    stream = compute_value_stream(store, value_adding=["A", "B"], engine=duckdb_engine)
    whole = compute_flow_efficiency(store, activities=["A", "B"], engine=duckdb_engine)
    assert {step.label: step.value_seconds for step in stream.steps} == {"A": 30, "B": 10, "C": 0}
    assert (stream.efficiency.share, whole.value_seconds) == (0.4, 40)


def test_stock_is_apart_by_whether_it_is_worked_on(duckdb_engine, tmp_path):
    log = tiny_log(
        """
        case | activity | started | completed
        1    | A        | 0       | 10
        2    | A        | 0       |
        3    | A        | 0       | 10
        3    | B        | 20      | 30
        """,
        open_cases="1 2",
    )
    stream = compute_value_stream(write_store(log, tmp_path / "store"), engine=duckdb_engine)
    assert [(step.standing_cases, step.working_cases) for step in stream.steps] == [(1, 1), (0, 0)]


def test_boundaries_lie_before_the_step_that_follows_them(duckdb_engine, tmp_path):
    log = tiny_log("""
        case | activity | completed | org_unit | resource
        1    | A        | 0         | x        | a
        1    | B        | 90        | y        | b
        1    | C        | 95        | x        | a
        1    | D        | 99        | y        | c
    """)
    stream = compute_value_stream(write_store(log, tmp_path / "store"), engine=duckdb_engine)
    labels = [step.label for step in stream.steps]
    found = {(one.org_unit, one.next_org_unit): labels[one.step] for one in stream.boundaries}
    assert found == {("x", "y"): "B", ("y", "x"): "C"}
    assert [(step.units, step.people) for step in stream.steps] == [(("x",), 1), (("y",), 1), (("x",), 1), (("y",), 1)]


def test_working_time_adds_up_too(duckdb_engine, tmp_path):
    # 1970-01-01 was a Thursday: of the night between two days nothing counts.
    log = tiny_log(f"""
        case | activity | started     | completed
        1    | A        | {9 * 3600}  | {10 * 3600}
        1    | B        | {DAY}       | {DAY + 12 * 3600}
    """)
    store = write_store(log, tmp_path / "store")
    stream = compute_value_stream(store, calendar=NINE_TO_SIX, engine=duckdb_engine)
    first, second = (step.working_time for step in stream.steps)
    assert (first.work_seconds, second.wait_seconds, second.work_seconds) == (3600, 8 * 3600, 3 * 3600)
    assert stream.working_time.total_seconds == 12 * 3600
    assert (stream.takt.is_working_time, stream.takt.seconds) == (True, 12 * 3600)


@pytest.mark.parametrize("seed", range(examples(10)))
def test_duckdb_agrees_with_elementary_intervals(seed, duckdb_engine, tmp_path):
    log = random_log(Random(seed))
    assert_agrees(log, write_store(log, tmp_path / "store"), duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_duckdb(spark_engine, duckdb_engine, tmp_path):
    store = write_store(union([random_log(Random(seed)) for seed in range(20)]), tmp_path / "store")
    codes = range(len(set(pq.read_table(store.folder / "activities.parquet")["activity"].to_pylist())))
    given = {STEPS.get_name(): pa.table({"activity": pa.array(codes, pa.int32()), "step": pa.array(codes, pa.int32())})}
    for asked in (step_figures(EVENTS, CASES, STEPS), boundary_steps(EVENTS, STEPS, limit=50)):
        found = [sorted(run(asked, store, engine, given=given)) for engine in (duckdb_engine, spark_engine)]
        assert comparable(found[0]) == comparable(found[1])
