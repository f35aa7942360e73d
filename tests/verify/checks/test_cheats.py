"""Ways around the checks that a shrewd agency would try, and honest projects that only look like them."""

import importlib
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from potok.verify.arms import assign_arms
from potok.verify.checks.applications import refiled, wait_to_other_agency
from potok.verify.checks.arrivals import applications_discouraged
from potok.verify.checks.baseline import regression_to_mean
from potok.verify.checks.codes import codes_changed
from potok.verify.checks.decisions import refusals_up
from potok.verify.checks.missing import rows_missing
from potok.verify.checks.promise import off_protocol
from potok.verify.checks.recording import recording_changed, times_back_dated
from potok.verify.checks.setting import Setting
from potok.verify.checks.shape import dressed_share
from potok.verify.checks.surroundings import common_shock
from potok.verify.checks.weighing import Suspicion, settle
from potok.verify.effect import CheckVerdict
from potok.verify.panel import make_panel
from potok.verify.protocol.model import Clock, ComparisonKind, ComparisonPlan, Direction, OutcomeKind
from potok.verify.study import UNKNOWN

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture(scope="module")
def made():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        cases, fakes = (importlib.import_module(f"verification_{name}") for name in ("cases", "fakes"))
    finally:
        sys.path.remove(str(BENCHMARKS))
    return SimpleNamespace(cases=cases, fakes=fakes, of_kind={one.kind: one for one in fakes.FAKES})


@pytest.fixture
def draft(made):
    return made.cases.draft_cases(made.cases.World(effect=0.3, cases_per_month=80), np.random.default_rng(5))


@pytest.fixture
def still(made):
    return made.cases.draft_cases(made.cases.World(effect=0.0, cases_per_month=80), np.random.default_rng(5))


def setting_of(made, draft, *, dress=lambda study: study, **changes):
    study = dress(made.cases.as_study(draft, np.random.default_rng(2)))
    protocol = replace(made.cases.make_protocol(draft), **changes)
    arms = assign_arms(study, protocol)
    return Setting(study, arms, protocol, make_panel(study, arms))


def verdict(check, setting):
    return settle([check(setting)])[0].verdict


def with_cases(study, **columns):
    return replace(study, cases=replace(study.cases, **columns))


def with_attribute(study, name, change):
    """Change the codes and labels of an attribute."""
    found = [replace(one, **change(one)) if one.name == name else one for one in study.cases.attributes]
    return with_cases(study, attributes=tuple(found))


def slowest(draft, share):
    after = np.flatnonzero(draft.is_after)
    return after[np.argsort(-draft.duration[after])][: round(share * len(after))]


def changed_of(study):
    """Return the project's cases after its change, which is at the start of 2023."""
    since = int(np.datetime64("2023-01-01", "us").astype(np.int64))
    return study.in_population & (study.cases.opened_us >= since)


@pytest.mark.parametrize(
    ("gone", "truth"),
    [
        ("slow cases left out", True),
        ("trifles added", True),
        ("fewer of all", False),
        ("more of all", False),
        ("more and slower", None),
    ],
)
def test_the_shape_of_durations_tells_who_is_missing(gone, truth):
    generator = np.random.default_rng(1)
    before = 12 * np.exp(0.8 * generator.normal(size=3000))
    usual = 12 * np.exp(0.8 * generator.normal(size=2000))
    after = {
        "slow cases left out": np.sort(usual)[:1600],
        "trifles added": np.concatenate([usual, generator.uniform(0.1, 1.5, 600)]),
        "fewer of all": 0.7 * usual[:1600],
        "more of all": 0.7 * usual,
        "more and slower": 1.3 * usual,
    }[gone]
    share = {"slow cases left out": 0.2, "trifles added": -0.3, "fewer of all": 0.2}.get(gone, -0.3)
    side = np.repeat([True, False], [len(before), len(after)])
    seen = SimpleNamespace(
        duration=np.concatenate([before, after]),
        is_before=side,
        is_after=~side,
        horizon=60.0,
        protocol=SimpleNamespace(estimand=SimpleNamespace(outcome=OutcomeKind.CASE_DURATION)),
    )
    found = dressed_share(seen, share)
    assert (None if found is None else found > 0.5) is truth
    assert found is None or not 0.3 < found < 0.8


def test_fewer_applicants_do_not_undo_an_honest_improvement_and_hidden_slow_cases_do(made, draft, still):
    gone = np.flatnonzero(draft.is_after & (np.random.default_rng(3).uniform(size=len(draft)) < 0.25))
    honest = applications_discouraged(setting_of(made, draft.where(np.setdiff1d(np.arange(len(draft)), gone))))
    assert honest.figure.value > 0.15
    assert not honest.is_grave
    kept = np.setdiff1d(np.arange(len(still)), slowest(still, 0.25))
    assert verdict(applications_discouraged, setting_of(made, still.where(kept))) is CheckVerdict.FAILED


def test_a_closing_before_the_opening_does_not_take_a_slow_case_out_unseen(made, still):
    assert verdict(times_back_dated, setting_of(made, still)) is CheckVerdict.PASSED
    slow = slowest(still, 0.15)
    still.duration[slow], still.recorded_after[slow] = -0.1, 0.2
    assert verdict(times_back_dated, setting_of(made, still)) is CheckVerdict.FAILED


@pytest.mark.parametrize("label", ["", "по технической причине"])
def test_harm_that_is_left_empty_or_told_by_another_word_is_seen_from_its_margin_on(made, draft, label):
    protocol = made.cases.make_protocol(draft)
    narrow = tuple(replace(one, margin_share=0.02) for one in protocol.quality)

    def hide(study):
        hidden = np.flatnonzero(changed_of(study))[::25]  # 4 %

        def change(one):
            codes = one.codes.copy()
            codes[hidden] = len(one.labels) if label else UNKNOWN
            return {"codes": codes, "labels": (*one.labels, label) if label else one.labels}

        return with_attribute(study, "отменено", change)

    check = codes_changed if label else recording_changed
    assert verdict(check, setting_of(made, draft, dress=hide, quality=narrow)) is CheckVerdict.FAILED
    assert verdict(check, setting_of(made, draft, quality=narrow)) is CheckVerdict.PASSED


def test_declared_columns_must_be_in_the_logs_and_tell_applicants_apart(made, draft):
    def leave_out(study):
        return with_cases(study, attributes=tuple(one for one in study.cases.attributes if one.name != "заявитель"))

    found = settle([recording_changed(setting_of(made, draft, dress=leave_out))])[0]
    assert found.verdict is CheckVerdict.FAILED
    assert found.arguments == {"name": "заявитель"}
    draft.applicant_id = np.where(draft.is_after, -1, draft.applicant_id)
    assert verdict(recording_changed, setting_of(made, draft)) is CheckVerdict.FAILED


def test_a_word_that_the_logs_never_write_shows_nothing(made, draft):
    protocol = made.cases.make_protocol(draft)
    other = tuple(replace(one, value="Да") for one in protocol.quality)
    assert verdict(recording_changed, setting_of(made, draft, quality=other)) is CheckVerdict.FLAGGED
    words = replace(protocol.declarations, refusal_values=("Отказ",), withdrawal_values=("Возврат",))
    setting = setting_of(made, draft, declarations=words)
    assert {verdict(check, setting) for check in (refusals_up, refiled)} == {CheckVerdict.CANNOT_TELL}


def unnumbered(study):
    return with_cases(study, case_ids=np.asarray([f"{name}-дело" for name in study.cases.case_ids], object))


def test_an_extract_without_open_cases_is_seen_whatever_it_is_said_to_be(made, draft):
    def closed_only(study):
        kept = study.cases.is_closed
        return unnumbered(replace(study, cases=study.cases.where(kept), in_population=study.in_population[kept]))

    assert verdict(rows_missing, setting_of(made, draft, dress=closed_only)) is CheckVerdict.FAILED
    assert verdict(rows_missing, setting_of(made, draft, dress=unnumbered)) is CheckVerdict.CANNOT_TELL


def test_one_case_without_a_number_does_not_hide_the_others(made, still):
    def name_one(study):
        return with_cases(study, case_ids=np.asarray(["дело", *study.cases.case_ids[1:]], object))

    kept = np.setdiff1d(np.arange(len(still)), slowest(still, 0.15))
    assert verdict(rows_missing, setting_of(made, still.where(kept), dress=name_one)) is CheckVerdict.FAILED


def test_rows_that_could_not_be_read_are_shown(made, draft):
    def reject(study):
        return replace(study, sources=(replace(study.sources[0], rejected_rows=5_000),))

    assert verdict(rows_missing, setting_of(made, draft, dress=reject)) is CheckVerdict.FLAGGED


def test_cases_that_name_no_agency_are_looked_for(made):
    calm = made.cases.World(effect=0.0, cases_per_month=120, season=0.0)
    draft = made.cases.draft_cases(calm, np.random.default_rng(6))
    draft.instances[slowest(draft, 0.35)] += 1000

    def unname(study):
        lost = study.cases.features.instances >= 1000
        named = replace(study.cases.agency, codes=np.where(lost, UNKNOWN, study.cases.agency.codes))
        return replace(with_cases(study, agency=named), in_population=study.in_population & ~lost)

    setting = setting_of(made, draft, dress=unname)
    assert verdict(codes_changed, setting) is CheckVerdict.FAILED
    assert isinstance(common_shock(setting), Suspicion)


def test_rework_sent_round_as_a_new_case_is_not_through_at_the_first_time(made):
    draft = made.fakes.draft_fake(
        made.of_kind["refiled"], 1.0, made.cases.World(cases_per_month=80), np.random.default_rng(7)
    )
    estimand = made.cases.make_protocol(draft).estimand
    share = replace(estimand, outcome=OutcomeKind.FIRST_TIME_THROUGH_SHARE, minimum_improvement=0.01)
    setting = setting_of(made, draft, estimand=replace(share, direction=Direction.HIGHER_IS_BETTER))
    repeated = setting.is_before & (np.arange(len(setting.cases)) % 4 == 0)
    through = np.where(setting.arms.takes_part, (~repeated).astype(float), np.nan)
    found = refiled(Setting(setting.study, replace(setting.arms, outcome=through), setting.protocol, setting.panel))
    assert found.unit == "share"
    assert found.figure.value > 0.1
    assert settle([found])[0].verdict is CheckVerdict.FAILED


def test_a_bad_year_blocks_whatever_the_protocol_says_of_it(made):
    world = made.cases.World(cases_per_month=80)
    draft = made.fakes.draft_fake(made.of_kind["regression_to_mean"], 1.0, world, np.random.default_rng(8))
    draft.was_worst = False
    assert verdict(regression_to_mean, setting_of(made, draft)) is CheckVerdict.FAILED


def test_a_fixed_look_is_fixed_to_the_day(made, draft):
    assert verdict(off_protocol, setting_of(made, draft)) is CheckVerdict.PASSED
    look = made.cases.make_protocol(draft).look
    earlier = replace(look, on=look.on - timedelta(days=1))
    assert verdict(off_protocol, setting_of(made, draft, look=earlier)) is CheckVerdict.FAILED


def test_another_version_of_the_calendar_is_off_the_protocol(made, draft):
    estimand = made.cases.make_protocol(draft).estimand
    fixed = replace(estimand, clock=Clock.WORKING_DAYS, calendar="ru", calendar_id="ab" * 32)
    found = off_protocol(setting_of(made, draft, estimand=fixed))
    assert settle([found])[0].verdict is CheckVerdict.FAILED
    setting = setting_of(made, draft, estimand=replace(fixed, calendar_id=""))
    right = replace(fixed, calendar_id=setting.clock.calendar_id)
    assert verdict(off_protocol, replace(setting, protocol=replace(setting.protocol, estimand=right))) is (
        CheckVerdict.PASSED
    )


@pytest.mark.parametrize(("improved", "expected"), [(1, False), (4, True)])
def test_one_other_agency_with_a_project_of_its_own_is_no_shock_common_to_all(made, improved, expected):
    world = made.cases.World(kind=ComparisonKind.WAVES, effect=0.0, cases_per_month=60, wandering=0.02)
    draft = made.cases.draft_cases(world, np.random.default_rng(9))
    since = made.cases.starts(40)[24]
    is_later = draft.opened >= since
    draft.duration = np.where(is_later & (draft.agency == 2), draft.duration * 0.8, draft.duration)
    others = np.isin(draft.agency, [0, 1, 3, 4, 5][:improved])
    draft.duration = np.where(is_later & others, draft.duration * 0.25, draft.duration)
    protocol = made.cases.make_protocol(draft)
    one = replace(protocol.change, waves=tuple(wave for wave in protocol.change.waves if wave.agency[-1] == "3"))

    def alone(study):
        return replace(study, in_population=study.in_population & (study.cases.agency.codes == 2))

    plan = ComparisonPlan(ComparisonKind.OWN_PAST)
    found = common_shock(setting_of(made, draft, dress=alone, change=one, comparison=plan))
    assert found.is_grave is expected


@pytest.mark.parametrize(("slower", "expected"), [("cases handed over", True), ("a shock to all", False)])
def test_agencies_that_wait_for_their_wave_get_no_slow_cases_unseen(made, slower, expected):
    true = 0.0 if expected else 0.3
    world = made.cases.World(kind=ComparisonKind.WAVES, effect=true, cases_per_month=60, season=0.0, wandering=0.02)
    draft = made.cases.draft_cases(world, np.random.default_rng(1))
    if expected:
        giving = slowest(draft, 1.0)
        giving = giving[draft.agency[giving] < 4]
        draft.agency[giving[: len(giving) // 6]] = 4 + np.arange(len(giving) // 6) % 2
    else:
        since = made.cases.starts(40)[20]
        draft.duration = np.where(draft.opened >= since, draft.duration * 1.25, draft.duration)
    assert (verdict(wait_to_other_agency, setting_of(made, draft)) is CheckVerdict.FAILED) is expected
