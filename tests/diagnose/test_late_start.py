"""Late starts: counted as plain Python counts them, compared as Newcombe published it, and followed to their cases."""

from dataclasses import replace
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from potok.core.calendars import load_calendar
from potok.core.finding import FindingKind
from potok.core.regulations import regulation_from_mapping
from potok.core.regulations.due_arrays import NEVER_US
from potok.core.time_units import DAY_US
from potok.diagnose.further_findings import _KINDS, diagnose, identify_further, list_further_cases, stand_on
from potok.diagnose.late_start import compute_late_starts, find_late_starts
from potok.measure.deadlines import Judgement, judge_terms
from potok.measure.deadlines.due import TermCases
from potok.measure.deadlines.judgement import JudgedTerm, judge_cases
from potok.report.diagnosis.details import detail_tables
from potok.report.diagnosis.late_starts import late_starts_tables
from potok.report.finding_words import describe_finding
from support import reference, terms
from support.term_logs import DAY, drawn
from support.tiny_store import SECOND, tiny_log, write_store

ALWAYS = load_calendar("around-the-clock")
REGULATION = regulation_from_mapping(
    {
        "service": "s",
        "act": "a",
        "terms": [
            {"name": "to B", "amount": 6, "unit": "calendar_days", "starts": "A", "ends": ["B"], "article": "1"},
            {
                "name": "all",
                "amount": 9,
                "unit": "calendar_days",
                "clock_stops": [{"from": "C", "to": "D"}],
                "extension": {"activity": "D", "amount": 2},
            },
        ],
    }
)
OTHERS = [name for name in _KINDS if name != "late_starts"]


def ground_of(store):
    """What findings are looked for in, with the log's cases judged under the regulation."""
    begun = compute_late_starts(judge_terms(store, REGULATION, ALWAYS), rules_id="rules")
    return replace(stand_on(store, regulation=REGULATION), late_starts=begun)


def started_late(log, term):
    """By case, seconds beyond half of the term; the number known; (missed, all) of those begun late and of others."""
    beyond, known, overdue = {}, 0, 0
    begun = {True: [0, 0], False: [0, 0]}
    histories = reference.traces(log)
    for judged in terms.judge(log, term, ALWAYS):
        if judged.due is None:
            continue
        opened, closing, is_open = reference.span(log, judged.case)
        left = log.extracted_us if is_open else closing
        half = judged.start + (judged.due - judged.start) // 2
        later = [e for e in histories[judged.case] if terms.happened(e) >= judged.start]
        acts = [e.started if e.started is not None else terms.happened(e) for e in later]
        acted = min((at for at in acts if at > judged.start), default=None)
        is_missed = judged.state in ("late", "unmet", "open_late")
        if half <= log.extracted_us and (acted is not None or judged.state in ("unmet", "open_late")):
            known += 1
        if judged.is_late_start:
            since = max(half, opened)
            beyond[judged.case] = max(min(left if acted is None else acted, left) - since, 0)
            overdue += acted is None or acted >= judged.due
        if acted is not None and acted < judged.due <= log.extracted_us and judged.state != "lapsed":
            counted = begun[judged.is_late_start]
            counted[0] += is_missed
            counted[1] += 1
    return beyond, known, overdue, begun


def test_late_starts_are_those_that_plain_python_counts(tmp_path):
    log = drawn(Random(4), cases=300)
    store = write_store(log, tmp_path / "store")
    ground = ground_of(store)
    findings = {one.where.term: one for one in find_late_starts(ground.late_starts, lead_seconds=0.0)}
    for one in ground.late_starts.terms:
        beyond, known, overdue, begun = started_late(log, one.term)
        assert (one.share.events, one.share.trials, one.begun_overdue) == (len(beyond), known, overdue)
        for kind, arm in ((True, one.late), (False, one.others)):
            assert begun[kind] == ([arm.events, arm.trials] if arm else [0, 0])
        assert int(one.beyond_us.sum()) == sum(beyond.values())
        if finding := findings.get(one.term.name):
            assert finding.affected_seconds == pytest.approx(sum(beyond.values()) / SECOND)
            listed = list_further_cases(ground, finding)
            assert {case.case_id: round(case.seconds * SECOND) for case in listed} == beyond
            assert [case.case for case in listed[:10]] == list(finding.example_cases)
    assert len(findings) == len(REGULATION.terms)


def judged_days(term, rows, *, extracted):
    """Judge made-up cases of a term: start, due, end and first action in days, None for never."""
    columns = (
        np.array([NEVER_US if day is None else day * DAY_US for day in column]) for column in zip(*rows, strict=True)
    )
    start, due, end, acted = (column.astype(np.int64) for column in columns)
    case = np.arange(len(rows))
    unit = np.full(len(rows), -1)
    found = TermCases(case, pa.array(map(str, case)), start, start, end, acted, end, unit, due, due == NEVER_US)
    states = judge_cases(found, term, ALWAYS, extracted_us=extracted * DAY_US)
    return Judgement((JudgedTerm(term, found, states),), {}, len(rows), extracted * DAY_US)


def late_starts_of(rows, *, extracted=100):
    term = REGULATION.terms[0]
    found = compute_late_starts(judged_days(term, rows, extracted=extracted), rules_id="rules")
    return found, found.terms[0]


def test_the_difference_is_that_which_newcombe_published():
    # 56 of 70 against 48 of 80, method 10: 0.2000, 0.0524 to 0.3339.
    late, others = [(0, 6, 8, 4)] * 56 + [(0, 6, 5, 4)] * 14, [(0, 6, 8, 1)] * 48 + [(0, 6, 5, 1)] * 32
    found, one = late_starts_of(late + others)
    assert [round(value, 4) for value in (one.difference.value, one.difference.lower, one.difference.upper)] == [
        0.2,
        0.0524,
        0.3339,
    ]
    assert (one.share.events, one.share.trials) == (70, 150)
    _sizes, compared = late_starts_tables(found)
    (row,) = compared.rows
    assert row[:6] == ("to B (1)", "6 calendar d", 70, pytest.approx(0.8), 80, pytest.approx(0.6))
    assert row[6:] == (pytest.approx(20), pytest.approx(5.24, abs=0.01), pytest.approx(33.39, abs=0.01), None)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([(99, 105, None, None), (98, 104, None, 99)], "term_too_young"),
        ([(0, None, None, 1)], "term_too_young"),
        ([], "term_too_young"),
        ([(0, 6, 8, 1), (0, 6, 5, 2)], "no_two_kinds"),
        ([(0, 6, None, None), (0, 6, 8, 7), (0, 6, 5, 2)], "no_two_kinds"),
        ([(0, 6, 4, 4), (0, 6, 2, 2)], "first_step_ends_term"),
        ([(0, 6, 8, 4), (0, 6, 5, 2)], ""),
    ],
    ids=["young", "clock stands", "no cases", "all begun in time", "begun overdue", "ends at once", "two kinds"],
)
def test_what_cannot_be_told_is_not_told(rows, reason):
    found, one = late_starts_of(rows or [(99, 105, None, None)])
    assert one.reason == reason
    assert (one.difference is None) == bool(reason)
    sizes, compared = late_starts_tables(found)
    assert (compared.rows[0][-1] is None) == (not reason)
    assert (sizes.rows[0][4] is None) == (reason == "term_too_young")


def test_a_young_log_does_not_make_late_starts_look_rare():
    # One begins a day after it came, one a day after half of its twenty days; the log ends on the twentieth day.
    rows = [(day, day + 20, None, day + begun if day + begun <= 20 else None) for day in range(19) for begun in (1, 11)]
    _found, one = late_starts_of(rows, extracted=20)
    assert (one.share.events, one.share.trials) == (10, 11 + 10)
    assert one.begun_overdue == 0


@pytest.fixture
def store(tmp_path):
    """Case a is begun six days later, of nine, and ends late; b at once; c lies open; d has only just come."""
    log = tiny_log(
        f"""
        case | activity | completed
        a    | A        | 0
        a    | B        | {6 * DAY}
        a    | C        | {11 * DAY}
        b    | A        | 0
        b    | B        | {1 * DAY}
        b    | D        | {2 * DAY}
        c    | A        | 0
        d    | A        | {19 * DAY}
        """,
        open_cases="c d",
        extracted=20 * DAY,
    )
    return write_store(log, tmp_path / "store")


def test_late_starts_are_a_finding_of_their_term_that_claims_no_time(store):
    ground = ground_of(store)
    (diagnosis,) = diagnose(ground, without=OTHERS)
    all_term = next(one for one in diagnosis.findings if one.where.term == "all")
    assert all_term.kind is FindingKind.LATE_START
    assert (all_term.cases, all_term.applicant_seconds) == (2, 0)
    # Nine days counted from the next midnight on: half of ten days.
    assert all_term.affected_seconds == (1 + 15) * DAY
    assert describe_finding(all_term, has_start_times=False) == "nothing is done in the first half of the term “all”"
    assert [case.case_id for case in list_further_cases(ground, all_term)] == ["c", "a"]
    assert len({identify_further(one, ground) for one in diagnosis.findings}) == len(diagnosis.findings)
    assert [table.name for table in detail_tables(diagnosis, zone="UTC")] == ["late_starts", "missed_after_late_starts"]


def test_without_a_regulation_there_are_none(store):
    (diagnosis,) = diagnose(stand_on(store), without=OTHERS)
    assert (diagnosis.findings, detail_tables(diagnosis, zone="UTC")) == ((), ())
