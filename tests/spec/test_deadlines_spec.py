"""Terms: on every engine as case by case in plain Python."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import calendar_from_mapping, load_calendar
from potok.core.regulations import regulation_from_mapping
from potok.core.regulations.errors import UnknownActivitiesError
from potok.measure.deadlines import compute_deadlines, compute_worklist
from support import terms
from support.comparing import comparable
from support.examples import examples
from support.term_logs import DAY, drawn
from support.tiny_store import tiny_log, write_store

OFFICE = calendar_from_mapping(
    {
        "zone": "Europe/Berlin",
        "first_year": 1970,
        "last_year": 2030,
        "weekly": {day: ["09:00-13:00", "14:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday")},
    }
)
ALWAYS = load_calendar("around-the-clock")
TERMS = [
    {"name": "calendar", "amount": 3, "unit": "calendar_days", "warn_before": 1},
    {"name": "from A", "amount": 2, "unit": "working_days", "starts": "A", "ends": ["B", "C"], "warn_before": 1},
    {"name": "hours", "amount": 9, "unit": "working_hours", "counted_from": "event", "ends": ["D"], "warn_before": 4},
    {
        "name": "stops",
        "amount": 5,
        "unit": "working_days",
        "clock_stops": [{"from": "B", "to": "C"}, {"from": "C", "to": "D"}],
        "extension": {"activity": "D", "amount": 4},
    },
    {
        "name": "hours that stop",
        "amount": 20,
        "unit": "working_hours",
        "ends": ["A"],
        "clock_stops": [{"from": "B", "to": "C"}],
        "extension": {"activity": "D", "amount": 8},
    },
]
REGULATION = regulation_from_mapping({"service": "s", "act": "a", "terms": TERMS})


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_duckdb_agrees_with_plain_python(random, duckdb_engine, tmp_path_factory):
    log = drawn(random)
    store = write_store(log, tmp_path_factory.mktemp("terms") / "store")
    for compute in (compute_deadlines, compute_worklist):
        expected = getattr(terms, compute.__name__)(log, REGULATION, OFFICE)
        assert comparable(compute(store, REGULATION, OFFICE, engine=duckdb_engine)) == comparable(expected)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = drawn(Random(7), cases=60)
    store = write_store(log, tmp_path / "store")
    for compute in (compute_deadlines, compute_worklist):
        expected = getattr(terms, compute.__name__)(log, REGULATION, OFFICE)
        assert comparable(compute(store, REGULATION, OFFICE, engine=spark_engine)) == comparable(expected)


def test_an_end_at_the_due_instant_is_late(duckdb_engine, tmp_path):
    log = tiny_log(f"""
        case | activity | completed
        kept | A        | 0
        kept | B        | {2 * DAY - 1}
        late | A        | 0
        late | B        | {2 * DAY}
    """)
    regulation = regulation_from_mapping(
        {"service": "s", "act": "a", "terms": [{"name": "t", "amount": 1, "unit": "calendar_days", "ends": ["B"]}]}
    )
    (term,) = compute_deadlines(write_store(log, tmp_path / "store"), regulation, ALWAYS, engine=duckdb_engine)
    assert (term.in_time, term.late, term.in_time_share, term.median_lateness_seconds) == (1, 1, 0.5, 0.0)


def test_cases_without_the_term_are_not_judged(duckdb_engine, tmp_path):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        2    | B        | 10
    """)
    regulation = regulation_from_mapping(
        {
            "service": "s",
            "act": "a",
            "terms": [{"name": "t", "amount": 1, "unit": "calendar_days", "starts": "A", "ends": ["B"]}],
        }
    )
    (term,) = compute_deadlines(write_store(log, tmp_path / "store"), regulation, ALWAYS, engine=duckdb_engine)
    assert (term.all_cases, term.cases, term.term_share, term.in_time_share) == (2, 1, 0.5, 1.0)


def test_an_activity_that_the_log_lacks_is_named(duckdb_engine, tmp_path):
    store = write_store(tiny_log("case | activity | completed\n1 | A | 0"), tmp_path / "store")
    with pytest.raises(UnknownActivitiesError, match="B"):
        compute_deadlines(store, REGULATION, OFFICE, engine=duckdb_engine)
