"""The applicants' ledger: no instant is counted twice, and none outside a case."""

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.finding import FindingKind
from potok.diagnose.first_findings import MOST_EXAMPLES, MOST_FINDINGS, find_first
from potok.engine.tables import CASES, EVENTS, VARIANTS
from potok.measure.case_durations import compute_case_durations
from potok.measure.ledger import attributed_gaps, gaps
from potok.measure.running import run
from support import reference
from support.examples import examples
from support.random_logs import random_log
from support.tiny_store import SECOND, TinyEvent, TinyLog, write_store


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(70), deadline=None)
def test_gaps_of_a_case_never_overlap_nor_leave_it(random):
    """By brute force: lay every gap on the line and look for a piece of it that is covered twice."""
    log = random_log(random)
    by_case = {}
    for _kind, _place, case, interval, _first, _second in reference.ledger_gaps(log):
        if interval is not None and interval[0] < interval[1]:
            by_case.setdefault(case, []).append(interval)
    for case, intervals in by_case.items():
        opened, end, _is_open = reference.span(log, case)
        marks = sorted({mark for interval in intervals for mark in interval})
        covered = Counter(mark for mark in marks for begin, finish in intervals if begin <= mark < finish)
        assert max(covered.values()) == 1
        assert opened <= marks[0]
        assert marks[-1] <= end


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_findings_never_exceed_lead_time(random, tmp_path_factory):
    store = write_store(random_log(random), tmp_path_factory.mktemp("ledger") / "store")
    findings = find_first(store)
    total = compute_case_durations(store).total_seconds
    assert sum(round(finding.applicant_seconds * SECOND) for finding in findings) <= round(total * SECOND)
    assert sum(finding.lead_time_share for finding in findings) <= 1 + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_each_gap_belongs_to_one_place(tmp_path, seed):
    store = write_store(random_log(Random(seed), cases=20), tmp_path / "store")
    attributed = attributed_gaps(EVENTS, CASES, VARIANTS, extracted_us=store.extracted_us)
    placed = list(run(attributed.select("case", "position", "gap_us"), store, None))
    found = gaps(EVENTS, CASES, extracted_us=store.extracted_us)
    cut = list(run(found.select("case", "position", "gap_us"), store, None))
    assert Counter(placed) == Counter(cut)
    assert max(Counter(row[:2] for row in placed).values()) == 1


def many_places(count):
    """As many passages as asked for, each waiting a second longer than the one before."""
    events = []
    for number in range(count):
        events.append(TinyEvent(str(number), f"{number:03} a", completed=0))
        events.append(TinyEvent(str(number), f"{number:03} b", completed=(100 + number) * SECOND))
    return TinyLog(tuple(events))


def test_at_most_so_many_findings_are_named(tmp_path):
    findings = find_first(write_store(many_places(MOST_FINDINGS + 10), tmp_path / "store"))
    assert len(findings) == MOST_FINDINGS
    assert findings[0].where.activity == f"{MOST_FINDINGS + 9:03} a"
    assert [f.applicant_seconds for f in findings] == sorted((f.applicant_seconds for f in findings), reverse=True)


def test_examples_are_the_longest_and_at_most_ten(tmp_path):
    events = []
    for number in range(MOST_EXAMPLES + 5):
        events.append(TinyEvent(f"{number:02}", "A", completed=0))
        events.append(TinyEvent(f"{number:02}", "B", completed=(1 + number) * SECOND))
    (finding,) = find_first(write_store(TinyLog(tuple(events)), tmp_path / "store"))
    assert finding.kind is FindingKind.LONG_WAIT
    assert finding.example_cases == tuple(range(MOST_EXAMPLES + 4, 4, -1))
