"""Gaps of the applicants' ledger by why the work did not begin: nothing is lost, and nothing counts twice."""

from collections import Counter
from random import Random

import pyarrow as pa
import pytest

from potok.core.finding import Confidence, FindingKind, Place
from potok.diagnose.caused_gaps import CAUSE_COLUMNS, GAP_CAUSES, gap_causes, split_by_cause
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import find_first, ledger_of
from potok.measure.ledger import KIND_CODES
from potok.measure.running import run
from support.random_logs import random_log
from support.tiny_store import SECOND, tiny_log, write_store

COLUMNS = tuple(CAUSE_COLUMNS.values())


def owed(rows):
    """Make a table of causes from (case, position, batching, contention, prioritisation, unavailability)."""
    types = (pa.int64(), pa.int32(), *[pa.int64()] * len(COLUMNS))
    values = zip(*rows, strict=True) if rows else [()] * len(types)
    named = zip(("case", "position", *COLUMNS), types, values, strict=True)
    return pa.table({name: pa.array(column, kind) for name, kind, column in named})


def test_what_a_wait_owes_to_a_cause_belongs_to_the_cause(tmp_path):
    log = tiny_log("""
        case | activity | started | completed | org_unit
        1    | A        | 0       | 10        | front
        1    | B        | 60      | 70        | back
        1    | B        | 90      | 95        | back
    """)
    store = write_store(log, tmp_path / "store")
    causes = owed([(0, 1, 30 * SECOND, 0, 0, 5 * SECOND), (0, 2, 0, 20 * SECOND, 0, 0)])
    found = find_first(store, causes=causes)
    assert [(finding.kind.value, finding.where, finding.applicant_seconds) for finding in found] == [
        ("batching", Place(activity="B"), 30.0),
        ("rework", Place(activity="B"), 20.0),
        ("hand_over", Place(org_unit="front", next_org_unit="back"), 15.0),
        ("unavailability", Place(activity="B"), 5.0),
    ]
    batching = next(finding for finding in found if finding.kind is FindingKind.BATCHING)
    assert batching.applicant_seconds == 30.0
    assert batching.confidence is Confidence.INFERRED
    assert [change.as_record() for change in batching.changes] == [
        {"verb": "batching", "activity": "B", "is_on": False}
    ]
    (case,) = list_finding_cases(store, batching, causes=causes)
    assert (case.case_id, case.seconds) == ("1", 30.0)


@pytest.mark.parametrize("seed", range(3))
def test_causes_neither_add_nor_lose_time(tmp_path, seed):
    random = Random(seed)
    store = write_store(random_log(random, cases=20), tmp_path / "store")
    whole, _given = ledger_of(store)
    gaps = {row[:2]: row[2:] for row in run(whole.select("case", "position", "gap_us", "kind"), store, None)}
    rows = []
    for (case, position), (gap_us, _kind) in gaps.items():
        cuts = sorted(random.randint(0, gap_us or 0) for _ in COLUMNS)
        parts = [upper - lower for lower, upper in zip([0, *cuts], cuts, strict=False)]
        rows.append((case, position + 1, *parts))
    split = split_by_cause(whole, gap_causes())
    placed = list(run(split.select("case", "position", "gap_us", "kind"), store, None, given={GAP_CAUSES: owed(rows)}))
    sums = Counter()
    for case, position, gap_us, _kind in placed:
        sums[case, position] += gap_us or 0
    assert dict(sums) == {key: gap_us or 0 for key, (gap_us, _kind) in gaps.items()}
    by_cause = Counter()
    for _case, _position, gap_us, kind in placed:
        by_cause[kind] += gap_us or 0
    is_rework = {key for key, (_gap, kind) in gaps.items() if kind == KIND_CODES[FindingKind.REWORK]}
    for place, kind in enumerate(CAUSE_COLUMNS):
        expected = sum(row[2 + place] for row in rows if (row[0], row[1] - 1) not in is_rework)
        assert by_cause[KIND_CODES[kind]] == expected


@pytest.mark.spark
def test_spark_splits_gaps_as_duckdb_does(tmp_path, spark_engine):
    store = write_store(random_log(Random(7), cases=12), tmp_path / "store")
    whole, _given = ledger_of(store)
    gaps = run(whole.select("case", "position", "gap_us"), store, None)
    rows = [(case, position + 1, (gap or 0) // 3, 0, (gap or 0) // 4, 0) for case, position, gap in gaps]
    split = split_by_cause(whole, gap_causes()).select("case", "position", "kind", "source", "target", "gap_us")
    given = {GAP_CAUSES: owed(rows)}
    one, other = (Counter(run(split, store, engine, given=given)) for engine in (spark_engine, None))
    assert one == other
    assert len({row[2] for row in one}) >= 3
