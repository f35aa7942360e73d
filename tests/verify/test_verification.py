"""The whole road: the four verdicts on made-up histories, and what cannot be told, said plainly."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from potok.log.mapping import ExtractionKind
from potok.verify.arms import assign_arms
from potok.verify.effect import CheckVerdict, Design, Verdict
from potok.verify.effect_json import canonical_bytes, effect_as_json, is_untouched
from potok.verify.protocol.canonical import protocol_sha256
from potok.verify.protocol.model import ComparisonKind, LookKind
from potok.verify.quality import estimate_quality
from potok.verify.verification import verify_study
from support.made_up_histories import draw_history
from support.small_studies import make_protocol, make_study, margin

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "potok.effect.schema.json"
ONE = {"Ведомство 1": "2025-02-01"}
WAVES = {
    f"Ведомство {number}": on
    for number, on in enumerate(["2024-04-01"] * 2 + ["2024-09-01"] * 2 + ["2025-02-01"] * 2, start=1)
}
USUAL = {
    "horizon_days": 60.0,
    "minimum_improvement": 0.5,
    "transition_before_days": 30,
    "transition_after_days": 30,
    "look": "2025-12-30",
}


def protocol(waves=WAVES, *, kind=ComparisonKind.WAVES, **options):
    quality = options.pop("quality", [margin("жалоба", share=0.02)])
    return make_protocol(waves, kind=kind, quality=quality, **{**USUAL, **options})


@pytest.fixture(scope="module")
def waves():
    return {
        name: draw_history(6, WAVES, effect=effect, harm=harm, seed=seed)
        for name, effect, harm, seed in (("effect", -0.35, 0.0, 1), ("null", 0.0, 0.0, 2), ("harm", -0.35, 0.08, 3))
    }


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("effect", Verdict.VERIFIED), ("null", Verdict.NOT_VERIFIED), ("harm", Verdict.HARM_TO_QUALITY)],
)
def test_the_verdict_is_what_was_made_up(waves, name, verdict):
    found = verify_study(waves[name], protocol())
    estimate = found.effect.estimate
    assert estimate.design is Design.STAGGERED_DIFFERENCES
    assert estimate.admissible_assignments == 90
    assert found.effect.decision.verdict is verdict
    if name != "null":
        assert estimate.improvement.lower < 0.35 * 12 * 0.95 < estimate.improvement.upper
        assert estimate.without - estimate.with_change == pytest.approx(estimate.improvement.value)
        assert estimate.relative.value == pytest.approx(estimate.improvement.value / estimate.without)
        assert found.effect.days_saved.value == pytest.approx(estimate.improvement.value * estimate.cases_after)


def test_a_series_verifies_a_large_effect_of_one_agency():
    study = draw_history(1, ONE, effect=-0.5, per_month=150, seed=4)
    found = verify_study(study, protocol(ONE, kind=ComparisonKind.OWN_PAST))
    assert found.effect.estimate.design is Design.INTERRUPTED_SERIES
    assert found.effect.estimate.months_before >= 24
    assert found.effect.decision.verdict is Verdict.VERIFIED
    beside = {"conformal", "newey_west", "before_after", "reml", "kaplan_meier", "median", "ninth_decile"}
    assert beside | {"median_by_design", "ninth_decile_by_design"} <= {
        one.method for one in found.effect.second_opinions
    }
    assert found.effect.ratio.ratio.upper < 1


@pytest.mark.parametrize(("agencies", "is_applicable"), [(40, True), (12, False)])
def test_one_of_many_agencies_is_held_against_a_mixture_of_the_others(agencies, is_applicable):
    study = draw_history(agencies, ONE, effect=-0.5, per_month=20, seed=5)
    found = verify_study(study, protocol(ONE, kind=ComparisonKind.OTHER_AGENCIES))
    estimate = found.effect.estimate
    assert estimate.design is Design.SYNTHETIC_DIFFERENCES
    assert estimate.admissible_assignments == agencies
    assert estimate.is_applicable is is_applicable
    assert estimate.improvement.value == pytest.approx(6, abs=1.5)
    assert np.isfinite(estimate.improvement.lower) is np.bool_(is_applicable)
    assert estimate.p_value == pytest.approx(2 / agencies)
    methods = {one.method for one in found.effect.second_opinions}
    assert {"placebo_ranks", "synthetic_control", "kaplan_meier"} <= methods
    assert "wild_cluster_bootstrap" not in methods


def test_the_record_is_canonical_and_knows_when_it_was_touched(waves):
    found = verify_study(waves["effect"], protocol())
    record = effect_as_json(found)
    jsonschema.validate(record, json.loads(SCHEMA.read_text(encoding="utf-8")))
    again = effect_as_json(verify_study(waves["effect"], protocol()))
    assert canonical_bytes(record) == canonical_bytes(again)
    assert is_untouched(record)
    assert record["protocol"]["registered_sha256"] is None
    assert not is_untouched({**record, "verdict": "not_verified"})
    assert record["ratio"]["improvement"]["lower"] > 0
    assert record["estimate"]["e_value"]["limit"] > 1
    assert [one["simultaneous"]["value"] for one in record["estimate"]["periods"]] == pytest.approx(
        [one["improvement"]["value"] for one in record["estimate"]["periods"]]
    )
    assert [(one["arm"], one["period"]) for one in record["follow_up"]] == [("changed", "before"), ("changed", "after")]
    assert record["quality"][0]["clustered"]["clustered_by"] == "agency"
    assert "wild_cluster_bootstrap" in {one["method"] for one in record["second_opinions"]}
    assert sum(record["cases"].values()) == len(waves["effect"].cases)


def reasons(found):
    return " ".join(one.text for one in found.effect.decision.reasons)


def test_a_late_protocol_is_never_verified(waves):
    late = replace(protocol(), registered_on=date(2024, 5, 1))
    found = verify_study(waves["effect"], late)
    assert found.effect.decision.verdict is Verdict.NOT_VERIFIED
    assert found.effect.is_late
    assert found.effect.deviations


def test_another_design_is_shown_and_verifies_nothing(waves):
    found = verify_study(waves["effect"], protocol(), design=Design.INTERRUPTED_SERIES)
    assert found.effect.decision.verdict is not Verdict.VERIFIED
    assert found.effect.deviations


def test_without_margins_nothing_is_verified(waves):
    found = verify_study(waves["effect"], protocol(quality=[]))
    assert found.effect.decision.verdict is not Verdict.VERIFIED
    assert "no quality indicator" in reasons(found)


def test_closed_cases_only_verify_nothing():
    study = draw_history(6, WAVES, effect=-0.35, seed=1)
    closed = replace(study, sources=(replace(study.sources[0], extraction=ExtractionKind.CLOSED),))
    found = verify_study(closed, protocol(look="2026-06-30"), decided_on=date(2026, 1, 10))
    assert found.effect.decision.verdict is Verdict.CANNOT_TELL_YET
    assert "closed cases only" in reasons(found)


@pytest.mark.parametrize(
    ("waves_of", "kind", "agencies", "said"),
    [
        ({"Ведомство 1": "2027-02-01"}, ComparisonKind.OWN_PAST, 1, "No case opened after the change"),
        ({"Ведомство 1": "2022-10-02"}, ComparisonKind.OWN_PAST, 1, "No case opened before the change"),
        ({"Ведомство 9": "2025-02-01"}, ComparisonKind.OWN_PAST, 1, "No log holds cases"),
        (
            {"Ведомство 1": "2025-02-01", "Ведомство 2": "2025-02-01"},
            ComparisonKind.WAVES,
            2,
            "All agencies changed at once",
        ),
        (
            {"Ведомство 1": "2025-02-01", "Ведомство 2": "2024-08-01"},
            ComparisonKind.WAVES,
            2,
            "fewer than 40 ways",
        ),
        ({"Ведомство 1": "2023-10-01"}, ComparisonKind.OWN_PAST, 1, "Fewer than 24 months"),
        (
            {"Ведомство 1": "2025-02-01", "Ведомство 2": "2024-08-01"},
            ComparisonKind.OWN_PAST,
            2,
            "changed in different months",
        ),
    ],
)
def test_what_the_data_cannot_tell_is_said(waves_of, kind, agencies, said):
    study = draw_history(agencies, waves_of, effect=-0.35, per_month=20, seed=7)
    asked = protocol(waves_of, kind=kind, look="2027-06-30")
    asked = replace(asked, registered_on=date(2022, 1, 1))
    found = verify_study(study, asked, decided_on=date(2026, 1, 10))
    assert found.effect.decision.verdict is Verdict.CANNOT_TELL_YET
    assert said in reasons(found)
    assert found.effect.decision.remedies


def test_a_constant_outcome_and_empty_months_break_nothing():
    rows = [(f"{place}", "А", f"{2022 + place // 12}-{place % 12 + 1:02}-10", 5.0) for place in range(47) if place % 7]
    study = make_study(rows, look="2025-12-31", жалоба=[None] * len(rows))
    found = verify_study(study, protocol({"А": "2025-02-01"}, kind=ComparisonKind.OWN_PAST))
    estimate = found.effect.estimate
    assert found.effect.decision.verdict is not Verdict.VERIFIED
    assert estimate is None or estimate.improvement.value == pytest.approx(0, abs=1e-9)
    effect_as_json(found)


def test_no_case_at_all():
    study = make_study([], look="2025-12-31", жалоба=[])
    found = verify_study(study, protocol(look="2026-06-30"), decided_on=date(2026, 1, 1))
    assert found.effect.decision.verdict is Verdict.CANNOT_TELL_YET
    assert found.effect.estimate is None


def test_before_the_day_of_the_look_nothing_is_told(waves):
    found = verify_study(waves["effect"], protocol(look="2026-03-01"), decided_on=date(2026, 1, 1))
    assert found.effect.decision.verdict is Verdict.CANNOT_TELL_YET
    assert "fixes the look" in reasons(found)


def test_numbers_do_not_depend_on_the_order_in_which_cases_are_held(waves):
    study = waves["effect"]
    order = np.argsort(study.cases.case_ids)
    turned = replace(study, cases=study.cases.where(order), in_population=study.in_population[order])
    records = [effect_as_json(verify_study(one, protocol())) for one in (study, turned)]
    values = [record["estimate"]["improvement"]["value"] for record in records]
    assert values[0] == pytest.approx(values[1], rel=1e-9)


def test_looking_on_any_day_costs_width():
    study = draw_history(1, ONE, effect=-0.5, per_month=150, seed=4)
    fixed = protocol(ONE, kind=ComparisonKind.OWN_PAST)
    weekly = replace(fixed, look=replace(fixed.look, kind=LookKind.SEQUENCE, on=date(2025, 8, 1)))
    day, sequence = (verify_study(study, one).effect.estimate.improvement for one in (fixed, weekly))
    assert sequence.value == day.value
    assert sequence.lower < day.lower < day.upper < sequence.upper


def test_no_harm_is_excluded_on_any_day_by_wider_limits_than_on_one():
    study = draw_history(1, ONE, effect=-0.5, per_month=60, seed=4, bad_share=0.02)
    fixed = protocol(ONE, kind=ComparisonKind.OWN_PAST)
    weekly = replace(fixed, look=replace(fixed.look, kind=LookKind.SEQUENCE, on=date(2025, 8, 1)))
    arms = assign_arms(study, fixed)
    day, sequence = (estimate_quality(study, arms, one)[0].harm for one in (fixed, weekly))
    assert (sequence.value, sequence.confidence) == (day.value, day.confidence)
    assert sequence.lower < day.lower < day.upper < sequence.upper


def test_a_protocol_that_was_rewritten_verifies_nothing(waves):
    asked = protocol()
    registered = protocol_sha256(asked)
    kept, other = (
        verify_study(waves["effect"], one, registered_sha256=registered)
        for one in (asked, replace(asked, failure="Something else."))
    )
    assert kept.effect.decision.verdict is Verdict.VERIFIED
    assert other.effect.decision.verdict is Verdict.NOT_VERIFIED
    assert "another hash" in reasons(other)
    assert effect_as_json(other)["protocol"]["registered_sha256"] == registered


def test_waves_allow_one_look(waves):
    asked = protocol()
    weekly = replace(asked, look=replace(asked.look, kind=LookKind.SEQUENCE))
    found = verify_study(waves["effect"], weekly)
    assert found.effect.decision.verdict is not Verdict.VERIFIED
    assert "no sequence of looks" in reasons(found)


def test_an_effect_that_was_there_before_the_change_fails_the_placebo():
    """An agency that became faster a year before its change: the series takes the break for the rule."""
    pretended = {"Ведомство 1": "2024-04-01"}
    study = draw_history(1, pretended, effect=-0.6, per_month=200, seed=9)
    found = verify_study(study, protocol(ONE, kind=ComparisonKind.OWN_PAST))
    placebo = next(one for one in found.effect.diagnostics if one.kind == "placebo_in_time")
    assert placebo.verdict is not CheckVerdict.PASSED
    assert found.effect.decision.verdict is not Verdict.VERIFIED


def test_an_improvement_of_one_agency_alone_is_not_the_programmes():
    alone = {"Ведомство 1": WAVES["Ведомство 1"]}
    study = draw_history(6, alone, effect=-0.9, per_month=40, seed=3)
    found = verify_study(study, protocol())
    left_out = next(one for one in found.effect.diagnostics if one.kind == "leave_one_out")
    assert left_out.arguments["agency"] == "Ведомство 1"
    assert left_out.verdict is not CheckVerdict.PASSED


def test_an_extraction_that_nobody_stated_verifies_nothing(waves):
    study = waves["effect"]
    unstated = replace(study, sources=(replace(study.sources[0], extraction=ExtractionKind.UNKNOWN),))
    found = verify_study(unstated, protocol(look="2026-06-30"), decided_on=date(2026, 1, 10))
    assert found.effect.decision.verdict is Verdict.CANNOT_TELL_YET
    assert "--extraction opened" in reasons(found)


def without(study, is_left_out):
    """The study less some cases: pairs of an agency and the day from which on it has none."""
    cases = study.cases
    opened = np.asarray(cases.opened_us, "datetime64[us]")
    keep = np.ones(len(cases), bool)
    for agency, on in is_left_out:
        keep &= ~((cases.agency.codes == cases.agency.labels.index(agency)) & (opened >= np.datetime64(on)))
    return replace(study, in_population=study.in_population & keep)


def test_an_agency_of_a_wave_without_months_after_its_change_is_missed(waves):
    """It would else be held as one that had not changed, its transition among its months."""
    study = without(waves["effect"], [("Ведомство 6", "2025-02-01")])
    decision = verify_study(study, protocol()).effect.decision
    assert decision.verdict is Verdict.NOT_VERIFIED
    assert decision.is_undecided
    assert any(
        one.text.startswith("{agency}: {months} months") and one.arguments["agency"] == "Ведомство 6"
        for one in decision.reasons
    )


def test_named_controls_must_be_there_after_the_change():
    study = draw_history(8, ONE, effect=-0.5, seed=4)
    named = tuple(f"Ведомство {number}" for number in range(2, 9))
    plan = protocol(ONE, kind=ComparisonKind.OTHER_AGENCIES)
    plan = replace(plan, comparison=replace(plan.comparison, controls=named))
    left = without(study, [("Ведомство 5", "2025-01-15")])
    missed = [
        one.arguments["agency"]
        for one in verify_study(left, plan).effect.decision.reasons
        if one.text.startswith("No case of")
    ]
    assert missed == ["Ведомство 5"]
    assert not [one for one in verify_study(study, plan).effect.decision.reasons if one.text.startswith("No case of")]


def test_the_least_number_of_cases_is_that_of_the_estimate(waves):
    cases = verify_study(waves["effect"], protocol()).effect.estimate.cases_after
    for wanted, verdict in ((cases, Verdict.VERIFIED), (cases + 1, Verdict.NOT_VERIFIED)):
        plan = protocol()
        found = verify_study(waves["effect"], replace(plan, look=replace(plan.look, minimum_cases=wanted)))
        assert found.effect.decision.verdict is verdict


def test_rare_harm_is_not_excluded_by_few_cases():
    """A harm of just the margin: the assignments alone would exclude it in half of such histories."""
    plan = protocol(quality=[margin("жалоба", share=0.01, follow_up_days=60)])
    for seed in range(12):
        study = draw_history(6, WAVES, effect=-0.35, per_month=3, bad_share=0.001, harm=0.01, seed=seed)
        assert not verify_study(study, plan).effect.quality[0].harm.upper < 0.01
