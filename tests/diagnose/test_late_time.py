"""Time beyond terms: each instant of a case at the first term it breaches, else at its place, and nowhere twice."""

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potok.core.calendars import load_calendar
from potok.core.finding import FindingKind, Place, Waste
from potok.core.regulations import regulation_from_mapping
from potok.diagnose.finding_cases import list_finding_cases
from potok.diagnose.first_findings import TRIFLE_SHARE, find_first, identify
from potok.diagnose.late_time import find_late_time
from potok.measure.case_durations import compute_case_durations
from potok.measure.deadlines import judge_terms
from support import reference, terms
from support.examples import examples
from support.term_logs import DAY, drawn
from support.tiny_store import SECOND, tiny_log, write_store

ALWAYS = load_calendar("around-the-clock")
# Terms that overlap, stop, start within the case and end with or before it.
REGULATION = regulation_from_mapping(
    {
        "service": "s",
        "act": "a",
        "terms": [
            {"name": "to B", "amount": 2, "unit": "calendar_days", "starts": "A", "ends": ["B"]},
            {
                "name": "all",
                "amount": 4,
                "unit": "calendar_days",
                "clock_stops": [{"from": "C", "to": "D"}],
                "extension": {"activity": "D", "amount": 2},
            },
            {"name": "hours", "amount": 30, "unit": "working_hours", "counted_from": "event", "ends": ["D"]},
        ],
    }
)


def late_time(store):
    return find_late_time(judge_terms(store, REGULATION, ALWAYS), rules_id="rules")


def late_spans(log, term):
    """By case, from when to when it is beyond a term, in plain Python."""
    for judged in terms.judge(log, term, ALWAYS):
        if judged.state not in ("late", "unmet", "open_late"):
            continue
        opened, end, is_open = reference.span(log, judged.case)
        left = log.extracted_us if is_open else end
        begins = max(judged.due, opened)
        ends = min(judged.end, left) if judged.state == "late" else left
        yield judged.case, begins, max(begins, ends)


def attribute(log):
    """Lay terms and gaps of each case on a line, cut it at every mark, give each piece to the first that holds."""
    held = defaultdict(list)
    for term in REGULATION.terms:
        for case, begins, ends in late_spans(log, term):
            held[case].append((FindingKind.LATE, Place(term=term.name), begins, ends))
    for kind, place, case, interval, _first, _second in reference.ledger_gaps(log):
        held[case].append((kind, place, *(interval or (0, 0))))
    lost = defaultdict(lambda: defaultdict(int))
    for case, spans in held.items():
        for kind, place, _begins, _ends in spans:
            lost[kind, place][case] += 0
        marks = sorted({mark for span in spans for mark in span[2:]})
        for begins, ends in pairwise(marks):
            for kind, place, since, until in spans:
                if since <= begins and ends <= until:
                    lost[kind, place][case] += ends - begins
                    break
    return lost


def assert_agrees(log, store, engine):
    late = late_time(store)
    expected, lead_us = attribute(log), round(compute_case_durations(store).total_seconds * SECOND)
    wanted = {
        place: cases
        for place, cases in expected.items()
        if (us := sum(cases.values())) and us >= TRIFLE_SHARE * lead_us
    }
    found = find_first(store, late=late, engine=engine)
    assert {(f.kind, f.where): (f.cases, round(f.applicant_seconds * SECOND)) for f in found} == {
        place: (len(cases), sum(cases.values())) for place, cases in wanted.items()
    }
    assert sum(finding.lead_time_share for finding in found) <= 1 + 1e-9
    for finding in [*found[:2], *(f for f in found if f.kind is FindingKind.LATE)]:
        listed = list_finding_cases(store, finding, late=late, engine=engine)
        cases = wanted[finding.kind, finding.where]
        assert {case.case_id: round(case.seconds * SECOND) for case in listed} == cases
        assert finding.example_cases == tuple(case.case for case in listed[:10])


@given(random=st.randoms(use_true_random=False))
@settings(max_examples=examples(7), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_piece_of_time_belongs_to_the_first_that_holds(random, tmp_path_factory):
    log = drawn(random)
    assert_agrees(log, write_store(log, tmp_path_factory.mktemp("late") / "store"), None)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = drawn(Random(3))
    assert_agrees(log, write_store(log, tmp_path / "store"), spark_engine)


@pytest.fixture
def two_terms(tmp_path):
    """Case a breaches the first term, then both; case b the second; case c lies open."""
    log = tiny_log(
        f"""
        case | activity | completed
        a    | A        | 0
        a    | B        | {5 * DAY}
        a    | D        | {6 * DAY}
        b    | A        | 0
        b    | B        | {1 * DAY}
        b    | D        | {9 * DAY}
        b    | C        | {9 * DAY}
        c    | A        | 0
        """,
        open_cases="c",
        extracted=10 * DAY,
    )
    return write_store(log, tmp_path / "store")


def test_late_time_is_told_by_term_and_cut_out_of_the_places(two_terms):
    found = {
        (f.kind, f.where.term or f.where.next_activity): f for f in find_first(two_terms, late=late_time(two_terms))
    }
    to_b = found[FindingKind.LATE, "to B"]
    assert (to_b.waste, to_b.cases, to_b.applicant_seconds) == (Waste.WAITING, 2, (2 + 7) * DAY)
    assert to_b.lead_time_share == pytest.approx(9 / 25)
    assert found[FindingKind.LATE, "all"].applicant_seconds == (1 + 4) * DAY
    # The first thing to be breached are the thirty hours; what follows belongs to one term or another.
    assert found[FindingKind.LONG_WAIT, "B"].applicant_seconds == (1.25 + 1) * DAY


def test_ids_hold_the_rules(two_terms):
    late = late_time(two_terms)
    (finding, *_others) = find_first(two_terms)
    assert identify(finding, two_terms) == finding.identifier(two_terms.content_sha256)
    assert identify(finding, two_terms, late) != identify(finding, two_terms)
    assert identify(finding, two_terms, replace(late, rules_id="others")) != identify(finding, two_terms, late)
    named = replace(finding, where=replace(finding.where, term="to B"))
    assert identify(named, two_terms) != identify(finding, two_terms)


def test_a_term_that_nobody_breaches_is_no_finding(tmp_path):
    store = write_store(
        tiny_log(f"case | activity | completed\n1 | A | 0\n1 | B | {DAY}\n1 | C | {DAY}\n1 | D | {DAY}"),
        tmp_path / "store",
    )
    late = late_time(store)
    assert [len(term.case) for term in late.terms] == [0, 0, 0]
    assert find_first(store, late=late) == find_first(store)


def test_a_term_that_was_not_judged_has_no_cases(two_terms):
    late = late_time(two_terms)
    finding = next(f for f in find_first(two_terms, late=late) if f.kind is FindingKind.LATE)
    with pytest.raises(ValueError, match="to B"):
        list_finding_cases(two_terms, replace(finding, where=Place(term="to B")))
