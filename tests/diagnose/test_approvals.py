"""Approvals: names, chains, what is altered, how long it takes, and what may be said of it."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from lifelines import KaplanMeierFitter

from potok.core.change import CheckByRisk, Parallelise
from potok.core.finding import Confidence
from potok.diagnose.approvals.approvals import ApprovalRules, compute_approvals, judge_use
from potok.diagnose.approvals.findings import (
    find_approvals,
    list_approval_finding_cases,
    list_level_cases,
    list_series_cases,
)
from potok.diagnose.approvals.latency import usual_predecessors
from potok.diagnose.approvals.levels import MOST_LEVELS, ApprovalLevel, chain_levels, guess_corrections, guess_levels
from potok.diagnose.approvals.words import ApprovalWord, read_name
from potok.diagnose.digitalisation.index import compute_digitalisation
from potok.diagnose.rework.event_attributes import UnknownAttributeError
from potok.diagnose.rework.return_loops import compute_return_loops
from potok.diagnose.silos.silo_index import compute_silo_index
from potok.inference.proportions import clopper_pearson
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from potok.measure.evidence import UnknownPlaceError
from potok.report.diagnosis.approvals import approvals_as_json, approvals_tables
from support.importing import import_text
from support.tiny_store import SECOND, TinyEvent, TinyLog, tiny_log, write_store

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.approvals.schema.json"


@pytest.mark.parametrize(
    ("label", "word"),
    [
        ("Согласование с юристом", ApprovalWord.DECISION),
        ("Подписание распоряжения", ApprovalWord.DECISION),
        ("Виза начальника отдела", ApprovalWord.DECISION),
        ("Утверждено руководителем", ApprovalWord.DECISION),
        ("Не согласовано бухгалтерией", ApprovalWord.REFUSAL),
        ("Отказ директора", ApprovalWord.REFUSAL),
        ("Возврат на доработку", ApprovalWord.REFUSAL),
        ("Исправление замечаний", ApprovalWord.CORRECTION),
        ("Проверка комплектности", ApprovalWord.CHECK),
        ("Permit FINAL_APPROVED by DIRECTOR", ApprovalWord.DECISION),
        ("Sign off by head", ApprovalWord.DECISION),
        ("T02 Check confirmation of receipt", ApprovalWord.CHECK),
        ("Adjust document", ApprovalWord.CORRECTION),
        ("Aanvraag goedgekeurd", ApprovalWord.DECISION),
        ("Besluit afgewezen", ApprovalWord.REFUSAL),
        ("Assign to officer", None),
        ("Design drawing", None),
        ("Permit FOR_APPROVAL by SUPERVISOR", None),
        ("Регистрация заявления", None),
        ("Payment Handled", None),
    ],
)
def test_names_are_read_in_three_languages(label, word):
    named = read_name(label)
    assert (named.word if named else None) is word


def test_two_answers_of_one_level_agree_in_what_remains_of_their_names():
    levels = guess_levels(
        {
            "Permit APPROVED by ADMIN": 3,
            "Permit FINAL_APPROVED by ADMIN": 9,
            "Permit REJECTED by ADMIN": 2,
            "Permit REJECTED by EMPLOYEE": 2,
            "Согласовано юристом": 5,
            "Отказ юриста": 1,
            "Регистрация": 7,
        }
    )
    assert [(level.name, level.refusals) for level in levels] == [
        ("Permit FINAL_APPROVED by ADMIN", ("Permit REJECTED by ADMIN",)),
        ("Согласовано юристом", ("Отказ юриста",)),
    ]
    assert {level.basis for level in levels} == {"decision_word"}
    assert guess_corrections(["Adjust report", "Send"]) == ("Adjust report",)


def test_chains_join_levels_that_follow_each_other_and_order_them_by_which_begins_first():
    chains = chain_levels(
        {0: 100, 1: 100, 2: 30, 3: 100},
        [(2, 0, 4), (0, 1, 60), (3, 1, 5)],
        [(1, 0, 10), (0, 1, 80), (2, 0, 25), (2, 1, 28), (3, 1, 100)],
    )
    assert chains == ((2, 0, 1), (3,))


def test_a_predecessor_is_usual_if_half_of_its_passages_lead_to_the_level():
    passages = [(7, 1, 5), (7, 2, 5), (8, 1, 4), (8, 9, 6), (9, 1, 1)]
    assert usual_predecessors(passages, {1: 0, 2: 1}) == ((7, 0), (7, 1), (9, 0))


@pytest.mark.parametrize(
    ("altered", "cases", "verdict"),
    [
        (0, 299, "no_use_seen"),
        (0, 298, "cannot_tell"),
        (0, 0, "cannot_tell"),
        (3, 40, "uses_result"),
        (1, 60, "cannot_tell"),
    ],
)
def test_a_result_counts_as_unused_only_if_that_can_be_told(altered, cases, verdict):
    """Without any alteration 299 cases are needed to bound it by 1 % (0.99 ** 299 < 0.05 < 0.99 ** 298)."""
    assert judge_use(clopper_pearson(altered, cases), 0.01) == verdict


def approved(cases: int) -> TinyLog:
    """Each case is filed, approved by the head an hour later, and by the director three hours after that.

    But the head refuses the last case, and the director the one before.
    """
    events = []
    for case in range(cases):
        head = "Reject by head" if case == cases - 1 else "Approve by head"
        director = "Reject by director" if case == cases - 2 else "Approve by director"
        for hour, activity in ((0, "File"), (1, head), (4, director), (5, "Send")):
            events.append(TinyEvent(f"{case:04}", activity, completed=(case * 24 + hour) * 3600 * SECOND))
    return TinyLog(tuple(events))


def test_levels_whose_refusals_are_not_recorded_are_no_finding(tmp_path):
    seldom = [event for event in approved(300).events if "Reject" not in event.activity]
    store = write_store(TinyLog(tuple(seldom)), tmp_path / "s")
    assert find_approvals(compute_approvals(store), store, lead_seconds=300 * 5 * 3600) == ()


def test_levels_that_seldom_alter_anything_are_named_with_what_could_be_tried(tmp_path):
    store = write_store(approved(1_000), tmp_path / "s")
    found = compute_approvals(store)
    assert [(level.chain, level.rank, level.level.name) for level in found.levels] == [
        (1, 1, "Approve by head"),
        (1, 2, "Approve by director"),
    ]
    assert found.levels[1].median_seconds == 3 * 3600
    (pair,) = found.pairs
    assert (pair.before, pair.after, pair.verdict) == ("Approve by head", "Approve by director", "no_use_seen")
    assert pair.series_seconds == 999 * 3 * 3600  # the refused case is none of an approval
    findings = find_approvals(found, store, lead_seconds=1_000 * 5 * 3600)
    assert [finding.changes for finding in findings] == [
        (CheckByRisk("Approve by director"),),
        (Parallelise(("Approve by head", "Approve by director")),),
        (CheckByRisk("Approve by head"),),
    ]
    for finding in findings:
        listed = list_approval_finding_cases(store, finding)
        assert (len(listed), sum(case.seconds for case in listed)) == (finding.cases, finding.affected_seconds)
        assert finding.cases >= 999
        assert (finding.applicant_seconds, finding.confidence) == (0, Confidence.SUPPOSED)
        assert finding.example_cases == tuple(case.case for case in listed[:10])


def test_too_few_cases_claim_nothing(tmp_path):
    store = write_store(approved(30), tmp_path / "s")
    found = compute_approvals(store)
    assert [pair.verdict for pair in found.pairs] == ["cannot_tell"]
    assert find_approvals(found, store, lead_seconds=30 * 5 * 3600) == ()


ALTERING = """
    case | activity        | completed
    1    | File            | 0
    1    | Approve by head | 10
    1    | File            | 20
    1    | Approve by head | 30
    2    | File            | 0
    2    | Reject by head  | 40
    3    | File            | 0
    3    | Approve by head | 50
    3    | Adjust          | 60
    4    | File            | 0
    4    | Approve by head | 5
    5    | File            | 0
    5    | Approve by head | 5
"""


def test_refusals_returns_and_corrections_alter_and_open_ends_are_not_judged(tmp_path):
    store = write_store(tiny_log(ALTERING, open_cases="5", extracted=100), tmp_path / "s")
    (level,) = compute_approvals(store).levels
    assert (level.runs, level.refused_runs, level.returned_runs, level.corrected_runs) == (6, 1, 1, 1)
    assert (level.altered_runs, level.alteration.events, level.alteration.trials) == (3, 3, 4)
    listed = list_level_cases(store, "Approve by head", is_altered=True)
    assert [(case.case_id, case.seconds) for case in listed] == [("3", 50), ("2", 40), ("1", 10)]
    assert {case.case_id for case in list_level_cases(store, "Approve by head", is_altered=False)} == {"1", "4", "5"}


def test_open_cases_before_a_level_count_in_its_latency(tmp_path):
    text = """
        case | activity | completed
        1    | File     | 0
        1    | Sign     | 10
        2    | File     | 0
        2    | Sign     | 20
        3    | File     | 0
        3    | Sign     | 30
        4    | File     | 75
        5    | File     | 85
    """
    store = write_store(tiny_log(text, open_cases="4 5", extracted=100), tmp_path / "s")
    (level,) = compute_approvals(store).levels
    fitted = KaplanMeierFitter().fit([10, 20, 30, 25, 15], [1, 1, 1, 0, 0])
    assert (level.pending.decisions, level.pending.waiting_cases) == (3, 2)
    assert level.pending.median.seconds == fitted.median_survival_time_ == 30
    assert level.median_seconds == 20


def test_declared_levels_are_taken_as_they_are(tmp_path):
    store = write_store(tiny_log(ALTERING), tmp_path / "s")
    rules = ApprovalRules(
        levels=(ApprovalLevel("file", ("File",)), ApprovalLevel("head", ("Approve by head",), ("Reject by head",))),
        corrections=(),
    )
    found = compute_approvals(store, rules=rules)
    assert [(level.level.name, level.rank, level.corrected_runs) for level in found.levels] == [
        ("file", 1, 0),
        ("head", 2, 0),
    ]
    assert "levels_are_guessed" not in found.notes
    assert [case.seconds for case in list_series_cases(store, "file", "head", rules=rules)] == [50, 40, 20, 5, 5]
    with pytest.raises(UnknownPlaceError, match="Approve by nobody"):
        compute_approvals(store, rules=ApprovalRules(levels=(ApprovalLevel("x", ("Approve by nobody",)),)))


def test_a_watched_value_that_changes_is_an_alteration(tmp_path):
    mapping = Mapping(case_id="case", activity=("activity",), completed_at=TimeColumn(("time",)), zone="UTC")
    lines = ["case,activity,time,sum"]
    for case, granted in (("1", 90), ("2", 100), ("3", 100)):
        lines += [f"{case},Claim,2024-01-01 08:00,100", f"{case},Approve,2024-01-01 09:00,{granted}"]
    store = import_text(tmp_path, "\n".join(lines), mapping=mapping)
    (level,) = compute_approvals(store, rules=ApprovalRules(attributes=("sum",))).levels
    assert (level.changed_runs, level.altered_runs, level.alteration.events) == (1, 1, 1)
    with pytest.raises(UnknownAttributeError, match="“price”"):
        compute_approvals(store, rules=ApprovalRules(attributes=("price",)))


@pytest.mark.parametrize(
    "text",
    [
        "case | activity | completed\n 1 | A | 0",
        "case | activity | completed\n 1 | Approve | 0",
        "case | activity | started | completed\n 1 | Approve | 0 | \n 1 | Check | 5 | ",
    ],
    ids=["no approval", "an approval alone", "nothing completed"],
)
@pytest.mark.parametrize("open_cases", ["", "1"])
def test_little_is_said_of_little(text, open_cases, tmp_path):
    store = write_store(tiny_log(text, open_cases=open_cases), tmp_path / "s")
    found = compute_approvals(store)
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(approvals_as_json(found))
    assert all(len(row) == len(table.columns) for table in approvals_tables(found) for row in table.rows)
    assert find_approvals(found, store, lead_seconds=0) == ()
    assert [level.median_seconds for level in found.levels] == [None] * len(found.levels)


def test_ten_thousand_activities_are_borne(tmp_path):
    """All of them checks that go back and forth, in cases of a hundred."""
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    lines = ["case,activity,time,unit"]
    for number in range(10_100):
        case, step = divmod(number, 101)
        activity = f"Check {case * 100 + step % 100}"
        lines.append(f"{case},{activity},{(begin + timedelta(minutes=number)).isoformat()},u{number % 7}")
    mapping = Mapping(
        case_id="case", activity=("activity",), completed_at=TimeColumn(("time",)), org_unit="unit", zone="UTC"
    )
    store = import_text(tmp_path, "\n".join(lines), mapping=mapping)
    found = compute_approvals(store)
    assert len(found.levels) == MOST_LEVELS
    assert "too_many_levels" in found.notes
    assert compute_return_loops(store).returns == 100
    digital = compute_digitalisation(store)
    assert (len(digital.steps), digital.index) == (10_000, None)
    assert compute_silo_index(store).refusal == "nothing_to_compare"


@pytest.mark.data
def test_the_chain_of_travel_declarations_is_found(shared_data, tmp_path):
    """Levels, their order and refusals are those of the organisation; refusals are counted from the source itself."""
    source = shared_data / "bpic20-travel" / "DomesticDeclarations.xes.gz"
    mapping = Mapping(
        case_id="case:concept:name",
        activity=("concept:name",),
        completed_at=TimeColumn(("time:timestamp",)),
        zone="UTC",
    )
    store = import_log(ImportRequest((str(source),), tmp_path / "store", mapping))
    found = compute_approvals(store)
    assert [level.level.name.split()[-1] for level in found.levels] == [
        "PRE_APPROVER",
        "ADMINISTRATION",
        "OWNER",
        "SUPERVISOR",
    ]
    assert {level.chain for level in found.levels} == {1}
    labels = _labels(store)
    for level in found.levels:
        assert level.runs == sum(labels[label] for label in level.level.activities)
        assert level.refused_runs == sum(labels[label] for label in level.level.refusals) > 0
    assert {pair.verdict for pair in found.pairs} == {"uses_result"}
    Draft202012Validator(json.loads(SCHEMA.read_text())).validate(approvals_as_json(found))


def _labels(store) -> Counter:
    names = pq.read_table(store.folder / "activities.parquet").to_pydict()
    label = dict(zip(names["activity"], names["label"], strict=True))
    codes = pq.read_table(store.folder / "events.parquet", columns=["activity"])["activity"].to_pylist()
    return Counter(label[code] for code in codes)
