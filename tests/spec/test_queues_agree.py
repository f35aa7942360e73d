"""Durations, queues and flow: every engine and plain Python agree over random logs."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from random import Random

import pytest

from potok.log.mapping import ExtractionKind
from potok.measure.arrivals import compute_arrivals
from potok.measure.case_times import compute_case_times
from potok.measure.daily_flow import Period
from potok.measure.lead_times import compute_lead_times
from potok.measure.littles_law import compute_littles_law
from potok.measure.load import compute_work_in_process
from potok.measure.open_ages import compute_open_ages
from potok.measure.outcome_shares import compute_outcome_shares
from potok.measure.sampling import Sampling
from support import reference_queues
from support.flow_logs import random_flow, write_flow

# Differences of means cancel, so nine digits of what they are taken from, in cases or seconds.
ABSOLUTE_TOLERANCE = 1e-7

DAY = 86_400
# 2024-10-20T05:00:00Z, in the first third of the random logs.
ACTIVE = Sampling(ExtractionKind.ACTIVE, 1_729_400_400_000_000)
REQUESTS = [
    (compute_case_times, {}),
    (compute_lead_times, {}),
    (compute_lead_times, {"by": "cohort"}),
    (compute_lead_times, {"by": "cohort_quarter"}),
    (compute_lead_times, {"by": "cohort_year", "sampling": ACTIVE}),
    (compute_lead_times, {"by": "org_unit"}),
    (compute_lead_times, {"by": "channel", "sampling": ACTIVE}),
    (compute_lead_times, {"by": "outcome", "horizon_seconds": 5.5 * DAY}),
    (compute_lead_times, {"by": "channel", "sampling": Sampling(ExtractionKind.CLOSED)}),
    (compute_outcome_shares, {"horizon_seconds": 7.0 * DAY}),
    (compute_work_in_process, {}),
    (compute_littles_law, {}),
    (compute_littles_law, {"period": Period(date(2024, 10, 10), date(2024, 11, 20))}),
    (compute_open_ages, {}),
    (compute_arrivals, {}),
]
# What differs from these by a column or a bound only is asked of Spark no second time.
ON_SPARK = [
    request
    for request in REQUESTS
    if request[1].get("by") not in ("cohort_quarter", "org_unit") and not {"sampling", "period"} & set(request[1])
] + [(compute_lead_times, {"by": "channel", "sampling": ACTIVE})]


def near(result):
    if is_dataclass(result) and not isinstance(result, type):
        return [type(result).__name__, *(near(getattr(result, field.name)) for field in fields(result))]
    if isinstance(result, tuple):
        return [near(member) for member in result]
    if isinstance(result, float):
        return pytest.approx(result, rel=1e-9, abs=ABSOLUTE_TOLERANCE, nan_ok=True)
    return result


def assert_agree(log, store, engine, requests=REQUESTS):
    for measure, parameters in requests:
        expected = reference_queues.REFERENCES[measure.__name__](log, **parameters)
        assert near(measure(store, engine=engine, **parameters)) == near(expected), (measure.__name__, parameters)


@pytest.mark.parametrize("seed", range(6))
def test_duckdb_agrees_with_plain_python(seed, duckdb_engine, tmp_path):
    log = random_flow(Random(seed), cases=70)
    assert_agree(log, write_flow(log, tmp_path / "store"), duckdb_engine)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = random_flow(Random(1_000), cases=150)
    assert_agree(log, write_flow(log, tmp_path / "store"), spark_engine, requests=ON_SPARK)


@pytest.mark.parametrize("seed", range(1))
def test_neither_order_nor_names_of_cases_matter(seed, duckdb_engine, tmp_path):
    log = random_flow(Random(seed), cases=70)
    names = Random(seed).sample(range(1_000), len(log.cases))
    renamed = [replace(case, case=f"{name:03}") for case, name in zip(log.cases, names, strict=True)]
    other = replace(log, cases=tuple(Random(seed + 1).sample(renamed, len(renamed))))
    stores = [write_flow(each, tmp_path / str(place)) for place, each in enumerate((log, other))]
    for measure, parameters in REQUESTS:
        one, two = (near(measure(store, engine=duckdb_engine, **parameters)) for store in stores)
        assert one == two, measure.__name__
