"""Rules of a regulation and the time of deviations, on every engine against loops over the log."""

import ibis
import pyarrow as pa
import pytest

from potok.core.regulations import regulation_from_mapping
from potok.diagnose.conformance.alignment.deviations import move_times
from potok.diagnose.conformance.checks import list_check_cases
from potok.diagnose.conformance.regulated import check_regulation, prepare_regulation
from potok.engine.tables import CASES, EVENTS
from potok.measure.running import run
from support.tiny_store import tiny_log, write_store

# 1 keeps all. 2 decides before it checks and asks twice. 3 decides at the instant of its check, 4 is open without any,
# 5 is withdrawn without any, and nobody knows who decided in 6.
LOG = """
case | activity | started | completed | org_unit
1    | Register | 0       | 1         | Front
1    | Check    | 2       | 4         | Front
1    | Decide   | 6       | 7         | Head
2    | Register | 10      | 11        | Front
2    | Decide   | 20      | 21        | Front
2    | Ask      | 22      | 23        | Front
2    | Reply    | 30      | 31        |
2    | Ask      | 33      | 35        | Front
2    | Ask      | 38      | 39        | Front
2    | Reply    | 50      | 52        |
2    | Check    | 60      | 61        | Front
3    | Check    | 70      | 75        | Front
3    | Decide   | 72      | 75        | Head
4    | Register | 80      | 81        | Front
5    | Register | 82      | 83        | Front
5    | Withdraw | 84      | 85        |
6    | Check    | 90      | 91        | Front
6    | Decide   | 92      | 93        |
6    | Ask      | 94      | 95        | Front
"""
ACT = {"article": "1"}
REGULATION = regulation_from_mapping(
    {
        "service": "s",
        "act": "a",
        "terms": [{"name": "t", "amount": 9, "unit": "calendar_days"}],
        "order_rules": [{"before": "Check", "after": "Decide"} | ACT],
        "mandatory_steps": [{"activity": "Check"} | ACT],
        "limits": [{"activity": "Ask", "at_most": 1} | ACT, {"activity": "Withdraw", "at_most": 0} | ACT],
        "document_requests": [{"activities": ["Ask"], "replies": ["Reply"]} | ACT],
        "held_papers": [
            {"document": "d", "holder": "h", "activities": ["Ask"]} | ACT,
            {"document": "e", "holder": "h", "activities": ["Ask"], "attribute": "none", "values": ["x"]} | ACT,
        ],
        "decision_makers": [
            {"activity": "Decide", "org_units": ["Head"]} | ACT,
            {"activity": "Decide", "org_units": ["Nobody"]} | ACT,
        ],
        "outcomes": [{"name": "gone", "kind": "withdrawn", "activities": ["Withdraw"]}],
    }
)
# Of each rule: cases concerned, violated, undecided, pending; violations; seconds concerned.
EXPECTED = [
    (4 - 0, 1, 1, 0, 1, 40.0),  # 2: from 21 to 61
    (5, 0, 0, 1, 0, None),  # all but the withdrawn one
    (2, 1, 0, 0, 2, 4.0 + 4.0),  # 2: 31 to 35, 35 to 39
    (1, 1, 0, 0, 1, 2.0),  # 5: 83 to 85
    (2, 1, 0, 0, 2, 4.0 + 13.0),  # 2: 35 to the next request at 39, 39 to the reply at 52
    (2, 2, 0, 0, 4, None),  # every request, replies unknown
    None,
    (4, 1, 1, 0, 1, None),  # 2 by Front; 6 by nobody known
    None,
]
REASONS = [("tied_instants",), (), (), (), (), ("reply_unknown",), ("unknown_attribute",), None, ("unknown_performer",)]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def store(tmp_path):
    return write_store(tiny_log(LOG, open_cases="4"), tmp_path / "store")


def test_every_rule_counts_what_loops_would(store, engine):
    results = check_regulation(store, REGULATION, engine=engine)
    for result, expected, reasons in zip(results, EXPECTED, REASONS, strict=True):
        assert reasons is None or result.reasons == reasons
        counts = result.counts
        if expected is None:
            assert counts is None
            continue
        found = (counts.activated_cases, counts.violated_cases, counts.undecided_cases, counts.pending_cases)
        assert (*found, counts.violations, counts.concerned_seconds) == expected, result.check.label


def test_cases_lead_back_to_the_source(store, duckdb_engine):
    prepared = prepare_regulation(store, REGULATION, engine=duckdb_engine)
    (order,) = list_check_cases(prepared[0], store, engine=duckdb_engine)
    assert (order.case_id, order.seconds, order.source_rows) == ("2", 40.0, (4, 11))
    assert list_check_cases(prepared[6], store, engine=duckdb_engine) == ()


def test_the_time_of_deviating_instances(store, engine):
    moves = ibis.table({"deviation": "int32", "variant": "int32", "position": "int32"}, name="deviating_moves")
    (variant,) = (row[0] for row in run(CASES.filter(CASES.case_id == "2").select("variant"), store, engine))
    given = pa.table(
        {
            "deviation": pa.array([0, 0, 1], pa.int32()),
            "variant": pa.array([variant] * 3, pa.int32()),
            "position": pa.array([0, 2, 4], pa.int32()),
        }
    )
    rows = run(move_times(EVENTS, CASES, moves), store, engine, given={"deviating_moves": given})
    found = {row[0]: tuple(None if value is None else int(value) for value in row[1:]) for row in rows}
    # The first instance has no known wait; Ask waits from 21 to 22 and works 1 s; the second Ask waits 2 s, works 2 s.
    assert found == {0: (1, 1_000_000, 2_000_000, 2_000_000), 1: (1, 2_000_000, 2_000_000, 4_000_000)}
