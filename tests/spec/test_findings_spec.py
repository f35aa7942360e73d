"""To which finding a gap belongs, and what of it is counted."""

import pytest

from potok.core.finding import Finding, FindingKind, Place, Waste
from potok.diagnose.first_findings import find_first
from potok.measure.evidence import CaseEvidence, list_cases
from support.tiny_store import tiny_log


def sizes(findings):
    return [(finding.kind.value, finding.applicant_seconds) for finding in findings]


def test_a_gap_is_a_long_wait_at_its_passage(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
        2    | A        | 0       | 10
        2    | B        | 50      | 50
    """)
    assert answer(find_first, log) == (
        Finding(
            kind=FindingKind.LONG_WAIT,
            waste=Waste.WAITING,
            where=Place(activity="A", next_activity="B"),
            cases=2,
            occurrences=2,
            applicant_seconds=60.0,
            lead_time_share=pytest.approx(60 / 90),
            example_cases=(1, 0),
        ),
    )


def test_between_known_units_it_is_a_hand_over(answer):
    log = tiny_log("""
        case | activity | completed | org_unit
        1    | A        | 10        | front
        1    | B        | 30        | back
    """)
    (finding,) = answer(find_first, log)
    assert (finding.kind, finding.waste) == (FindingKind.HAND_OVER, Waste.TRANSPORT)
    assert finding.where == Place(org_unit="front", next_org_unit="back")
    assert finding.staff_seconds is None


def test_before_a_repetition_it_is_rework_whatever_else_it_is(answer):
    log = tiny_log("""
        case | activity | started | completed | org_unit
        1    | A        | 0       | 10        | front
        1    | B        | 10      | 20        | back
        1    | A        | 70      | 75        | front
    """)
    (finding,) = answer(find_first, log)
    assert (finding.kind, finding.waste) == (FindingKind.REWORK, Waste.DEFECTS)
    assert finding.where == Place(activity="A")
    assert (finding.applicant_seconds, finding.staff_seconds) == (50, 5)


def test_without_start_times_staff_time_is_unknown(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | A        | 10
    """)
    (finding,) = answer(find_first, log)
    assert (finding.applicant_seconds, finding.staff_seconds) == (10, None)


def test_a_gap_ends_where_the_next_instance_shows_first(answer):
    """A start logged after its completion must not stretch the gap into the next one."""
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 90      | 40
        1    | C        | 50      | 60
    """)
    assert sizes(answer(find_first, log)) == [("long_wait", 30), ("long_wait", 10)]


def test_time_outside_opening_and_closing_is_cut_off(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        1    | B        | 100
        """,
        opened={"1": 20},
        closed={"1": 70},
    )
    (finding,) = answer(find_first, log)
    assert (finding.applicant_seconds, finding.lead_time_share) == (50, 1)


def test_the_time_since_the_last_instance_of_an_open_case_belongs_to_none(answer):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        """,
        open_cases="1",
        extracted=1_000,
    )
    (finding,) = answer(find_first, log)
    assert (finding.applicant_seconds, finding.lead_time_share) == (10, 0.01)


def test_trifles_and_gaps_without_length_are_not_named(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 10000
        1    | C        | 10009
        1    | D        | 10009
    """)
    assert sizes(answer(find_first, log)) == [("long_wait", 10_000)]


def test_no_lead_time_no_findings(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 5
    """)
    assert answer(find_first, log) == ()


def test_evidence_lists_cases_that_lose_most_first(answer):
    log = tiny_log("""
        case | activity | completed
        a    | A        | 0
        a    | B        | 10
        b    | A        | 0
        b    | B        | 30
        c    | A        | 0
        c    | C        | 99
    """)
    place = Place(activity="A", next_activity="B")
    assert answer(list_cases, log, place, FindingKind.LONG_WAIT) == (
        CaseEvidence(case=1, case_id="b", seconds=30.0, source_rows=(3, 4)),
        CaseEvidence(case=0, case_id="a", seconds=10.0, source_rows=(1, 2)),
    )


def test_evidence_points_at_the_longest_occurrence(answer):
    log = tiny_log("""
        case | activity | completed
        a    | A        | 0
        a    | A        | 10
        a    | A        | 50
        a    | A        | 60
    """)
    assert answer(list_cases, log, Place(activity="A"), FindingKind.REWORK) == (
        CaseEvidence(case=0, case_id="a", seconds=60.0, source_rows=(2, 3)),
    )
