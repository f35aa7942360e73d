"""Comparison: planted mix and planted efficiency come apart, few cases are not judged, the future explains nothing."""

from dataclasses import replace

import numpy as np
import pytest

from potok.core.calendars import load_calendar
from potok.core.finding import FindingKind
from potok.core.regulations import regulation_from_mapping
from potok.core.time_units import DAY_US
from potok.diagnose.comparison.causes import CauseVerdict, Question, Target, find_causes, questions_of
from potok.diagnose.comparison.compare import Asked, compare_population
from potok.diagnose.comparison.covariates import LeftOut, build_design, known_at_opening
from potok.diagnose.comparison.discrimination import area_under_curve
from potok.diagnose.comparison.facts import Fact
from potok.diagnose.comparison.findings import find_differences
from potok.diagnose.comparison.population import OutcomeGroupsError, Population, read_population
from potok.diagnose.comparison.result import LEAST_CASES, Verdict
from potok.diagnose.comparison.rules import learn_rules
from potok.diagnose.comparison.shares import Rules
from potok.diagnose.comparison.whole import compare
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn
from potok.measure.lead_times import compute_lead_times
from support import changing_logs as made
from support.importing import import_text

DAYS = np.array([8.0, 20.0])


def people(seed=1, *, effects=(0.0, 0.0, 3.0), mixes=(0.3, 0.6, 0.3), sizes=(300, 300, 300), facts=()):
    """Return groups A, B, C …: with their shares of hard cases, and by how many days each is slower on all of them."""
    generator = np.random.default_rng(seed)
    group = generator.permutation(np.repeat(np.arange(len(sizes)), sizes))
    count = len(group)
    hard = generator.random(count) < np.array(mixes)[group]
    lead = generator.gamma(4, DAYS[hard.astype(int)] / 4) + np.array(effects)[group]
    opened = np.sort(generator.integers(0, 365, count)) * DAY_US
    return Population(
        case=np.arange(count),
        log=np.zeros(count, np.int64),
        opened_us=opened,
        lead_us=(lead * DAY_US).astype(np.int64),
        age_us=900 * DAY_US - opened,
        is_closed=np.ones(count, bool),
        group=group,
        labels=tuple("ABCDEFGH"[: len(sizes)]),
        path=generator.integers(0, 2, count),
        paths=(("Register", "Close"), ("Register", "Check", "Check", "Close")),
        facts=(Fact("attr:kind", tuple(np.where(hard, "hard", "easy").tolist())), *facts),
        load=np.zeros(count, np.int64),
        closed_only=False,
        unwatched_cases=0,
    )


def days(estimate):
    return estimate.value / 86_400


def by_label(found):
    return {group.label: group for group in found.groups}


def test_a_worse_mix_is_told_from_slower_work():
    found = by_label(compare_population(people(), Asked(by="agency")))
    # B has the harder cases, C works slower; both take longer than A.
    assert found["B"].verdict is Verdict.CANNOT_TELL or abs(days(found["B"].unexplained) + 1.5) < 2
    assert found["C"].verdict is Verdict.SLOWER
    assert days(found["B"].explained) == pytest.approx(0.3 * 12, abs=1.5)
    assert days(found["C"].unexplained) == pytest.approx(3, abs=1.2)
    assert days(found["C"].explained) == pytest.approx(-0.15 * 12, abs=1.2)
    assert found["A"].explained.value + found["A"].unexplained.value == pytest.approx(found["A"].total.value)


def test_groups_that_only_differ_by_chance_are_not_set_apart():
    verdicts = [
        group.verdict
        for seed in range(3)
        for group in compare_population(
            people(seed, effects=(0, 0, 0), mixes=(0.2, 0.4, 0.6)), Asked(by="agency")
        ).groups
    ]
    # Three comparisons at 5 % each.
    assert sum(verdict is not Verdict.CANNOT_TELL for verdict in verdicts) <= 1


def test_few_cases_are_shown_but_not_judged():
    found = by_label(
        compare_population(people(effects=(0, 0, 30), sizes=(300, 300, LEAST_CASES - 1)), Asked(by="unit"))
    )
    assert found["C"].verdict is Verdict.TOO_FEW
    assert found["C"].cases == LEAST_CASES - 1
    assert (found["C"].unexplained, found["C"].rank_lower, found["C"].p_value) == (None, None, None)


def test_cases_that_others_lack_are_not_compared():
    asked = Asked(by="unit", known=("kind",))
    found = by_label(compare_population(people(mixes=(0.0, 0.0, 0.97)), asked))
    assert found["C"].verdict is Verdict.NOT_COMPARABLE
    assert found["C"].explained is None
    assert found["C"].total is not None


def test_places_that_cannot_be_told_are_intervals():
    found = by_label(compare_population(people(effects=(0, 0, 20), mixes=(0.3, 0.3, 0.3)), Asked(by="unit")))
    assert (found["C"].rank_lower, found["C"].rank_upper) == (3, 3)
    same = compare_population(people(effects=(0, 0, 0), mixes=(0.3, 0.3, 0.3)), Asked(by="unit"))
    assert all(group.rank_upper - group.rank_lower >= 1 for group in same.groups)


def test_slower_groups_become_findings_without_time_of_the_ledger():
    cases = people()
    (finding,) = [
        finding
        for finding in find_differences(compare_population(cases, Asked(by="agency")), cases)
        if finding.where.group == "agency=C"
    ]
    assert finding.kind is FindingKind.DIFFERENCE
    assert finding.applicant_seconds == 0
    assert finding.affected_seconds == pytest.approx(3 * 86_400 * 300, rel=0.4)
    longest = np.flatnonzero(cases.group == 2)[np.argmax(cases.lead_us[cases.group == 2])]
    assert finding.example_cases[0] == longest


LATER = "later"


@pytest.mark.parametrize(
    ("fact", "closed", "reason"),
    [
        (Fact("attr:last_phase", ("a", "b") * 50), True, LeftOut.NAME_SPEAKS_OF_LATER),
        (Fact("attr:caseStatus", ("a", "b") * 50), True, LeftOut.NAME_SPEAKS_OF_LATER),
        (Fact("attr:итог рассмотрения", ("a", "b") * 50), True, LeftOut.NAME_SPEAKS_OF_LATER),
        (Fact("attr:dated", ("2024-01-01", "2024-01-02") * 50), True, LeftOut.HOLDS_INSTANTS),
        (Fact("attr:fee", ("1", None) * 50), False, LeftOut.FILLED_IN_LATER),
        (Fact("attr:" + LATER, ("a", "b") * 50), True, LeftOut.DECLARED_LATER),
        (Fact("attr:gender", ("a", "b") * 50), True, None),
        (Fact("attr:vendor", ("a", "b") * 50), True, None),
    ],
)
def test_what_is_known_only_later_explains_nothing(fact, closed, reason):
    is_closed = np.ones(100, bool) if closed else np.array([value is not None for value in fact.values])
    kept, dropped = known_at_opening([fact], is_closed, later=(LATER,))
    assert dict(dropped).get(fact.name) is reason
    assert bool(kept) is (reason is None)


def test_what_is_declared_to_be_known_is_used():
    fact = Fact("attr:status", ("a", "b") * 50)
    assert known_at_opening([fact], np.ones(100, bool), known=("status",))[0] == (fact,)


def test_designs_hold_levels_and_quarters():
    kinds = Fact("attr:kind", ("a",) * 60 + ("b",) * 30 + ("c",) * 10)
    sizes = Fact("attr:size", tuple(f"{number / 2}" for number in range(100)))
    numbers = Fact("attr:number", tuple(map(str, range(100))))
    design = build_design([kinds, sizes, numbers], cases=100)
    assert [(column.fact, column.value) for column in design.columns[:1]] == [("attr:kind", "b")]
    assert design.values[:, 0].sum() == 30
    assert [column.at_least for column in design.columns[1:]] == [12.375, 24.75, 37.125]
    assert design.left_out == (("attr:number", LeftOut.TOO_MANY_VALUES),)


def area_by_pairs(scores, outcome):
    pairs = [(a > b) + (a == b) / 2 for a in scores[outcome] for b in scores[~outcome]]
    return np.mean(pairs)


@pytest.mark.parametrize("seed", range(3))
def test_the_area_under_the_curve_is_that_of_all_pairs(seed):
    generator = np.random.default_rng(seed)
    outcome = generator.random(80) < 0.4
    scores = np.round(generator.random(80) + 0.3 * outcome, 1)
    found = area_under_curve(scores, outcome, clusters=np.arange(80))
    assert found.value == pytest.approx(area_by_pairs(scores, outcome))


def test_the_interval_of_the_area_covers_chance():
    generator = np.random.default_rng(5)
    inside = 0
    for _run in range(200):
        outcome = generator.random(200) < 0.3
        found = area_under_curve(generator.random(200), outcome, clusters=np.arange(200))
        inside += found.lower <= 0.5 <= found.upper
    assert 0.9 <= inside / 200 <= 0.99


def test_rules_find_an_interaction_and_stop():
    generator = np.random.default_rng(1)
    values = (generator.random((900, 6)) < 0.5).astype(float)
    outcome = generator.random(900) < np.where((values[:, 1] > 0) & (values[:, 4] > 0), 0.8, 0.1)
    leaves = learn_rules(values, outcome)
    worst = max(leaves, key=lambda leaf: leaf.share)
    assert dict(worst.path[:2]) == {1: True, 4: True}
    assert sum(leaf.holds(values).sum() for leaf in leaves) == 900


def test_of_noise_no_rule_is_made():
    generator = np.random.default_rng(2)
    made_rules = [
        len(learn_rules((generator.random((300, 10)) < 0.5).astype(float), generator.random(300) < 0.3)) > 1
        for _run in range(100)
    ]
    assert np.mean(made_rules) <= 0.05 + 3 * (0.05 * 0.95 / 100) ** 0.5


def asked_of(outcome, cases):
    return Question(Target.LATE, np.ones(len(cases.case), bool), outcome, "answer")


def test_a_planted_cause_is_found_and_holds_later():
    cases = people(effects=(0, 0, 0))
    hard = np.array([value == "hard" for value in cases.facts[0].values])
    late = np.random.default_rng(3).random(900) < np.where(hard, 0.6, 0.1)
    found = find_causes(cases, asked_of(late, cases), zone="UTC")
    assert found.verdict is CauseVerdict.RULES_HOLD
    assert found.area.lower > 0.5
    (condition, holds) = found.rules[0].conditions[0]
    assert (condition.fact, holds == (condition.value == "hard")) == ("attr:kind", True)
    assert found.rules[0].is_confirmed
    assert found.rules[0].tried.share == pytest.approx(0.6, abs=0.12)


def test_a_cause_that_ended_before_the_later_cases_explains_nothing():
    cases = people(effects=(0, 0, 0))
    hard = np.array([value == "hard" for value in cases.facts[0].values])
    is_early = np.arange(900) < 540
    late = np.random.default_rng(3).random(900) < np.where(hard & is_early, 0.6, 0.2)
    found = find_causes(cases, asked_of(late, cases), zone="UTC")
    assert found.area is not None
    assert found.verdict is CauseVerdict.NOTHING_EXPLAINS


def test_chance_explains_nothing_and_few_cannot_tell():
    cases = people(effects=(0, 0, 0))
    late = np.random.default_rng(4).random(900) < 0.3
    assert find_causes(cases, asked_of(late, cases), zone="UTC").verdict is CauseVerdict.NOTHING_EXPLAINS
    rare = np.arange(900) % 300 == 0
    assert find_causes(cases, asked_of(rare, cases), zone="UTC").verdict is CauseVerdict.CANNOT_TELL


def test_young_cases_are_no_evidence_of_punctuality():
    cases = people()
    young = replace(cases, age_us=np.where(np.arange(900) < 100, DAY_US, cases.age_us))
    slow, rework = questions_of(young, horizon_us=60 * DAY_US)
    assert not slow.is_known[:100].any()
    assert not rework.is_known[:100].any()
    assert questions_of(young, horizon_us=None) == []


CLOSED = ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",))
MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("time",)),
    channel="channel",
    resource="who",
    closing=CLOSED,
)


@pytest.fixture
def store(tmp_path):
    return import_text(tmp_path, made.changing_log(after=made.by_portal), mapping=MAPPING)


def test_a_log_is_read_as_the_measures_read_it(store):
    found = read_population([store], by="channel")
    measured = compute_lead_times(store, by="channel").calendar_time.groups
    shown = {label: int(np.sum(found.group == place)) for place, label in enumerate(found.labels)}
    assert shown == {group.label: group.closed.cases + group.open_cases for group in measured}
    means = by_label(compare_population(found, Asked(by="channel")))
    for group in measured:
        if group.survival.restricted_mean is not None:
            assert means[group.label].restricted_mean.value == pytest.approx(
                group.survival.restricted_mean.seconds, rel=1e-6
            )


def test_open_cases_at_the_opening_are_counted(store):
    found = read_population([store], by="channel")
    left = found.opened_us + found.lead_us
    by_hand = [int(np.sum((found.opened_us < at) & (left > at))) for at in found.opened_us]
    assert found.load.tolist() == by_hand


def test_several_logs_are_compared_and_terms_kept(tmp_path, store):
    slow = import_text(tmp_path, made.changing_log(after=made.slower, change=0, seed=2), mapping=MAPPING, name="slow")
    rules = Rules(
        regulation_from_mapping(
            {"service": "s", "act": "a", "terms": [{"name": "answer", "amount": 1, "unit": "calendar_days"}]}
        ),
        load_calendar("around-the-clock"),
    )
    answer = compare([store, slow], Asked(names=("usual", "slow"), rules=rules))
    found = by_label(answer.comparison)
    assert found["slow"].verdict is Verdict.SLOWER
    assert found["slow"].terms[0].in_time.share < found["usual"].terms[0].in_time.share
    assert [causes.target for causes in answer.causes] == [Target.LATE, Target.REWORK]
    assert answer.causes[0].verdict is CauseVerdict.RULES_HOLD
    assert answer.findings[0].where.group == "log=slow"


def test_cases_are_not_compared_by_their_outcome(store):
    with pytest.raises(OutcomeGroupsError, match="no outcome yet"):
        read_population([store], by="outcome")


@pytest.mark.parametrize("rows", ["1,Close,2024-01-01 10:00:00,office,Anna\n", "1,Close,2024-01-01 10:00:00,,\n"])
def test_one_case_is_shown_and_nothing_told(tmp_path, rows):
    store = import_text(tmp_path, "case,activity,time,channel,who\n" + rows, mapping=MAPPING)
    answer = compare([store], Asked(by="channel"))
    assert all(group.verdict is Verdict.TOO_FEW for group in answer.comparison.groups)
    assert all(causes.verdict is CauseVerdict.CANNOT_TELL for causes in answer.causes)
