"""Verdicts on a generated log of known kinds, without and with declarations, and on poor logs."""

from dataclasses import replace
from pathlib import Path

import pytest

from diagnose.superfluous_logs import CHECKS, RULES, write_checks
from potok.cli.measure_options import DeclaredOptions
from potok.core.change import CheckByRisk, Move, Remove
from potok.core.errors import EXIT_BAD_DATA
from potok.core.finding import FindingKind
from potok.core.regulations.errors import UnknownActivitiesError
from potok.core.regulations.regulation import Direction, QualityIndicator, Regulation
from potok.diagnose.further_findings import _KINDS, diagnose, identify_further, list_further_cases, stand_on
from potok.diagnose.superfluous.case_mix import UnknownColumnError
from potok.diagnose.superfluous.declaration import Indicator, StepRule, StepRules, load_step_rules
from potok.diagnose.superfluous.findings import find_superfluous, identify_superfluous, list_superfluous_cases
from potok.diagnose.superfluous.reasons import REASONS, Verdict
from potok.diagnose.superfluous.steps import Step, Superfluous, compute_superfluous
from potok.log.mapping import ClosingBasis, ClosingRule, Mapping, TimeColumn
from potok.log.store import LogStore
from support.importing import import_text

MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    completed_at=TimeColumn(("time",)),
    closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("Close",)),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> LogStore:
    return import_text(tmp_path_factory.mktemp("checks"), write_checks(3_000, seed=4), mapping=MAPPING)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> StepRules:
    file = tmp_path_factory.mktemp("rules") / "rules.toml"
    file.write_text(RULES, encoding="utf-8")
    return load_step_rules(file)


@pytest.fixture(scope="module")
def found(store: LogStore, rules: StepRules) -> Superfluous:
    return compute_superfluous(store, rules=rules)


@pytest.fixture(scope="module")
def bare(store: LogStore) -> Superfluous:
    return compute_superfluous(store)


def step(found: Superfluous, activity: str) -> Step:
    (only,) = [one for one in found.steps if one.activity == activity]
    return only


def test_each_kind_gets_its_verdict(found: Superfluous):
    verdicts = {check: step(found, check).judgement.verdict for check in CHECKS}
    assert verdicts == {
        "Inert check": Verdict.REMOVAL_CANDIDATE,
        "Useful check": Verdict.KEEP,
        "Guarding check": Verdict.KEEP,
        "Legal check": Verdict.BOUND_BY_LAW,
        "Risky check": Verdict.CHECK_BY_RISK,
    }


def test_attributes_that_may_be_written_later_need_a_word_before_a_step_may_go(store: LogStore, rules: StepRules):
    silent = step(compute_superfluous(store, rules=replace(rules, case_mix=None)), "Inert check").judgement
    assert (silent.verdict, silent.missing) == (Verdict.PILOT_FIRST, ("lacks_case_mix",))
    alone = step(compute_superfluous(store, rules=replace(rules, case_mix=())), "Inert check").judgement
    assert "lacks_case_mix" not in alone.missing


def test_changes_follow_the_verdicts(found: Superfluous):
    assert step(found, "Inert check").change == Remove("Inert check")
    assert step(found, "Risky check").change == CheckByRisk("Risky check", 0.5)
    assert step(found, "Legal check").change is None
    assert step(found, "Useful check").change is None


def test_the_harm_of_skipping_is_measured(found: Superfluous):
    (test,) = step(found, "Useful check").gates.quality.tests
    assert test.harm is not None
    assert test.harm.lower < 0.15 < test.harm.upper
    assert step(found, "Useful check").judgement.reasons[0].key == "harm_seen"
    (inert,) = step(found, "Inert check").gates.quality.tests
    assert inert.harm is not None
    assert inert.harm.lower < 0 < inert.harm.upper < 0.04


def test_skippers_are_counted_as_they_were_drawn(store: LogStore, found: Superfluous):
    gate = step(found, "Inert check").gates.skippers
    # Cases that skip the check after it as well go on in a way that seldom follows the check, but still follows it.
    assert gate.at_risk + gate.unfollowed + gate.elsewhere > 2_500
    assert gate.skipped.lower < 0.2 < gate.skipped.upper
    assert gate.overlap is not None
    assert gate.overlap.outside_share == 0
    assert gate.case_mix == ("attr:kind",)


def test_a_result_that_never_varies_leaves_the_word_to_the_reaction_rate(found: Superfluous):
    gates = step(found, "Inert check").gates
    assert (gates.information.share, gates.information.reason) == (None, "result_never_varies")
    assert (gates.reaction.basis, gates.reaction.altered_cases) == ("result", 0)
    assert gates.reaction.rate.at_most == pytest.approx(3 / gates.reaction.runs, rel=0.01)
    keys = [reason.key for reason in step(found, "Inert check").judgement.reasons]
    assert keys == ["margin_kept", "no_alteration_seen"]


def test_without_declarations_nothing_is_a_candidate(bare: Superfluous):
    assert Verdict.REMOVAL_CANDIDATE not in {one.judgement.verdict for one in bare.steps}
    inert = step(bare, "Inert check").judgement
    assert inert.verdict is Verdict.PILOT_FIRST
    assert inert.missing == (
        "lacks_margins",
        "lacks_case_mix",
        "lacks_gamma",
        "lacks_severity",
        "lacks_legal_tag",
        "lacks_document_use",
    )
    assert inert.trial is None
    sizes = [size.margin for size in step(bare, "Inert check").gates.quality.tests[0].trials]
    assert sizes == [0.01, 0.02, 0.05]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"gamma": None}, "lacks_gamma"),
        ({"acceptable_loss": None}, "lacks_severity"),
    ],
)
def test_one_declaration_less_is_no_candidate(store: LogStore, rules: StepRules, change: dict, missing: str):
    held = {name: getattr(rules, name) for name in rules.__slots__} | change
    inert = step(compute_superfluous(store, rules=StepRules(**held)), "Inert check").judgement
    assert (inert.verdict, inert.missing) == (Verdict.PILOT_FIRST, (missing,))
    assert inert.trial is not None
    assert inert.trial.margin == 0.04


def test_quality_that_the_log_never_records_is_not_thereby_kept(store: LogStore, rules: StepRules):
    silent = Indicator("appeals", outcomes=("appealed",), margin_share=0.04)
    found = compute_superfluous(store, rules=replace(rules, indicators=(*rules.indicators, silent)))
    inert = step(found, "Inert check")
    assert (inert.judgement.verdict, inert.judgement.missing) == (Verdict.PILOT_FIRST, ("lacks_records",))
    assert inert.gates.quality.p_value is None
    assert inert.gates.quality.tests[1].base_share is None


def test_a_regulation_may_name_quality_that_the_log_does_not_record(rules: StepRules):
    named = QualityIndicator("appeals", ("Appeal",), (), Direction.LOWER_IS_BETTER, 0.01, "art. 9")
    regulation = Regulation("Permits", "Act 1", terms=(), quality_indicators=(named,))
    joined = rules.under(regulation)
    assert [one.name for one in joined.indicators] == ["complaints", "appeals"]
    assert "Appeal" not in set(joined.activities_named())
    assert joined.under(None) == rules
    assert not joined.indicators[1].within({"Complaint"}, ()).is_recorded


def test_strong_hidden_confounding_takes_the_candidate_away(store: LogStore, rules: StepRules):
    held = {name: getattr(rules, name) for name in rules.__slots__} | {"gamma": 5.0}
    inert = step(compute_superfluous(store, rules=StepRules(**held)), "Inert check")
    assert inert.judgement.verdict is Verdict.PILOT_FIRST
    assert inert.judgement.reasons[0].key == "margin_not_shown"
    (test,) = inert.gates.quality.tests
    assert test.test is not None
    assert 1 < test.test.tipping_gamma < 5


def test_findings_claim_no_time(store: LogStore, found: Superfluous):
    findings = find_superfluous(found)
    assert {finding.where.activity for finding in findings} == {"Inert check", "Risky check"}
    for finding in findings:
        assert finding.kind is FindingKind.SUPERFLUOUS
        assert (finding.applicant_seconds, finding.lead_time_share) == (0, 0)
    first = findings[0]
    listed = list_superfluous_cases(store, first)
    assert len(listed) == first.cases
    assert set(first.example_cases) <= {case.case for case in listed}
    assert len(list_superfluous_cases(store, first, limit=5)) == 5


def test_a_list_of_all_findings_has_the_steps_with_the_same_ids(store: LogStore, rules: StepRules, tmp_path: Path):
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    ground = stand_on(store, declared=DeclaredOptions(rules=tmp_path / "rules.toml").read())
    (diagnosis,) = diagnose(ground, without=set(_KINDS) - {"superfluous"})
    named = {identify_further(finding, ground): finding for finding in diagnosis.findings}
    assert {finding.where.activity for finding in named.values()} == {"Inert check", "Risky check"}
    assert set(named) == {identify_superfluous(finding, store, rules) for finding in diagnosis.findings}
    first = diagnosis.findings[0]
    assert len(list_further_cases(ground, first)) == first.cases


def test_reasons_never_promise(found: Superfluous, bare: Superfluous):
    forbidden = ("useless", "unnecessary", "safe ", "without loss", "бесполез", "ненужн", "безопасн", "без потер")
    for sentence in REASONS.values():
        assert not any(word in sentence.lower() for word in forbidden), sentence
    used = {reason.key for one in (*found.steps, *bare.steps) for reason in one.judgement.reasons}
    assert used <= set(REASONS)


def test_rules_that_do_not_fit_the_log_are_refused(store: LogStore):
    with pytest.raises(UnknownActivitiesError, match="“No such check”") as caught:
        compute_superfluous(store, rules=StepRules(steps=(StepRule("No such check"),)))
    assert caught.value.exit_code == EXIT_BAD_DATA
    with pytest.raises(UnknownColumnError, match="“colour”") as column:
        compute_superfluous(store, rules=StepRules(case_mix=("colour",)))
    assert column.value.code == "POTOK-D031"
    with pytest.raises(UnknownColumnError, match="“verdict”"):
        compute_superfluous(store, rules=StepRules(steps=(StepRule("Inert check", result="verdict"),)))


def write_rejections(cases: int) -> str:
    """Return a log with start times: a check of ten hours that rejects 2 %, and one of an hour that rejects 30 %."""
    lines = ["case,activity,begun,time"]
    for case in range(cases):
        steps = [("Long check", 10)]
        if case % 50:
            steps.append(("Short check", 1))
            steps += [("Grant", 1)] if case % 10 > 2 else []
        hour = 0
        for activity, hours in steps:
            begun, hour = hour, hour + hours
            day = f"2024-03-{1 + case % 28:02}"
            lines.append(f"c{case:04},{activity},{day} {begun:02}:00:00,{day} {hour:02}:00:00")
    return "\n".join(lines) + "\n"


def test_a_dear_check_is_moved_only_if_people_call_both_checks(tmp_path: Path):
    mapping = Mapping(
        case_id="case",
        activity=("activity",),
        started_at=TimeColumn(("begun",)),
        completed_at=TimeColumn(("time",)),
        closing=ClosingRule(ClosingBasis.ALL),
    )
    store = import_text(tmp_path, write_rejections(1_000), mapping=mapping)
    declared = tuple(StepRule(name, is_check=True) for name in ("Long check", "Short check"))
    moved = step(compute_superfluous(store, rules=StepRules(steps=declared)), "Long check")
    assert (moved.judgement.verdict, moved.change) == (Verdict.MOVE_LATER, Move("Long check", "Short check"))
    assert moved.staff_seconds == 1_000 * 10 * 3_600
    assert moved.knock_out.effort_seconds_per_knock_out == 50 * 10 * 3_600
    for rules in (None, StepRules(steps=declared[:1]), StepRules(steps=declared[1:])):
        assert step(compute_superfluous(store, rules=rules), "Long check").judgement.verdict is not Verdict.MOVE_LATER


HEAD = "case,activity,time\n"
POOR = {
    "one case": HEAD + "a,Check,2024-01-01 10:00:00\n",
    "one activity": HEAD + "".join(f"c{n},Check,2024-01-{1 + n % 28:02} 10:00:00\n" for n in range(60)),
    "days only": HEAD + "".join(f"c{n // 3},{'ABC'[n % 3]},2024-01-{1 + n % 28:02}\n" for n in range(300)),
    "all at once": HEAD + "".join(f"c{n // 3},{'ABC'[n % 3]},2024-01-01 10:00:00\n" for n in range(300)),
    "many activities": HEAD + "".join(f"c{n // 5},A{n},2024-01-01 10:00:00\n" for n in range(1_500)),
}


@pytest.mark.parametrize("name", POOR)
def test_poor_logs_get_a_smaller_answer(tmp_path: Path, name: str):
    found = compute_superfluous(import_text(tmp_path, POOR[name]))
    assert found.steps
    for one in found.steps:
        assert one.judgement.verdict in (Verdict.CANNOT_TELL, Verdict.PILOT_FIRST, Verdict.KEEP)
        assert one.judgement.reasons


def test_open_cases_have_no_continuation(tmp_path: Path):
    mapping = Mapping(
        case_id="case",
        activity=("activity",),
        completed_at=TimeColumn(("time",)),
        closing=ClosingRule(ClosingBasis.ACTIVITIES, values=("C",)),
    )
    text = HEAD + "".join(f"c{n // 2},{'AB'[n % 2]},2024-01-{1 + n % 28:02} 10:00:00\n" for n in range(200))
    found = compute_superfluous(import_text(tmp_path, text + "z,C,2024-01-05 10:00:00\n", mapping=mapping))
    last = step(found, "B")
    assert last.judgement.verdict is Verdict.CANNOT_TELL
    assert last.knock_out.closed_rate.trials == 0
