"""The lists of cases behind times, profiles, shares and costs are the same on both engines."""

from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from potok.measure.activity_times import list_activity_time_cases
from potok.measure.channels import list_channel_cases
from potok.measure.costs import compute_recorded_costs, list_recorded_cost_cases, list_staff_cost_cases
from potok.measure.first_time_through import list_first_time_cases
from potok.measure.flow_efficiency import list_flow_cases
from potok.measure.tariffs import Tariffs
from potok.measure.temporal_profile import list_relation_cases
from potok.measure.waiting import list_waiting_cases
from support.comparing import comparable
from support.measuring import with_column
from support.random_logs import random_log, union
from support.tiny_store import write_store

pytestmark = pytest.mark.spark

A, B = "000:A", "000:B"
QUESTIONS = (
    (list_activity_time_cases, (A,), {"quantity": "sojourn", "enablement": "given"}),
    (list_channel_cases, ("web",), {}),
    (list_channel_cases, (None,), {"limit": 5}),
    (list_first_time_cases, (), {"is_through": True, "return_activities": [A], "limit": 7}),
    (list_flow_cases, (), {"activities": [A, B], "limit": 10}),
    (list_recorded_cost_cases, (), {"limit": 10}),
    (list_staff_cost_cases, (), {"tariffs": Tariffs("RUB", 36, {}, {"000:x": 72}, {A: 18})}),
    (list_relation_cases, (A, B), {}),
    (list_waiting_cases, (), {"enablement": "given", "from_seconds": 1, "limit": 10}),
    (compute_recorded_costs, (), {}),
)


def test_spark_lists_the_cases_that_duckdb_lists(spark_engine, duckdb_engine, tmp_path):
    store = write_store(union([random_log(Random(seed), cases=12) for seed in range(20)]), tmp_path / "store")
    names = ("web", None, "desk")
    cases, events = (len(pq.read_table(store.folder / f"{t}.parquet")) for t in ("cases", "events"))
    with_column(store, "cases", "channel", [names[number % 3] for number in range(cases)], pa.string())
    with_column(store, "events", "cost", [number / 4 if number % 5 else None for number in range(events)], pa.float64())
    for question, arguments, parameters in QUESTIONS:
        found = question(store, *arguments, engine=spark_engine, **parameters)
        expected = question(store, *arguments, engine=duckdb_engine, **parameters)
        assert comparable(found) == comparable(expected), question.__name__
        assert found, question.__name__
