"""All checks on made-up projects: each fake is seen by its own check, honest projects are left in peace."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from potok.verify.arms import assign_arms
from potok.verify.checks import KINDS, check_honesty
from potok.verify.effect import CheckVerdict
from potok.verify.panel import make_panel
from potok.verify.protocol.model import ComparisonKind, Declarations, OutcomeKind
from support.small_studies import make_protocol, make_study

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
CHANCE_DECIDES = {"backlog_starved": CheckVerdict.FLAGGED}
"""What starving feigns is a day; with so few cases chance alone may make the improvement twice as large."""


@pytest.fixture(scope="module")
def made():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        cases, fakes = (importlib.import_module(f"verification_{name}") for name in ("cases", "fakes"))
    finally:
        sys.path.remove(str(BENCHMARKS))
    return SimpleNamespace(cases=cases, fakes=fakes, of_kind={one.kind: one for one in fakes.FAKES})


def checked(study, protocol):
    arms = assign_arms(study, protocol)
    return {check.kind: check for check in check_honesty(study, arms, protocol, make_panel(study, arms))}


def checks_of(made, draft, seed, **changes):
    study = made.cases.as_study(draft, np.random.default_rng(seed))
    return checked(study, replace(made.cases.make_protocol(draft), **changes))


def test_there_is_a_fake_for_every_check(made):
    assert tuple(one.kind for one in made.fakes.FAKES) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_strong_fake_fails_its_own_check(made, kind):
    generator = np.random.default_rng(len(kind))
    draft = made.fakes.draft_fake(made.of_kind[kind], 1.0, made.cases.World(cases_per_month=90), generator)
    found = checks_of(made, draft, 1)[kind]
    assert found.verdict in (CheckVerdict.FAILED, CHANCE_DECIDES.get(kind))
    assert found.figure.value >= found.limit
    assert "{" not in found.reason.format_map(_Shown(found.arguments))


class _Shown(dict):
    """Placeholders with formats of their own, which only reports know; missing names still fail."""

    def __getitem__(self, name):
        super().__getitem__(name)
        return _Any()


class _Any:
    def __format__(self, spec):
        return "x"


@pytest.mark.parametrize("kind", list(ComparisonKind)[::2])
@pytest.mark.parametrize("effect", [0.0, 0.4])
def test_honest_projects_are_left_in_peace(made, kind, effect):
    world = made.cases.World(kind=kind, effect=effect, cases_per_month=80)
    found = checks_of(made, made.cases.draft_cases(world, np.random.default_rng(5)), 2)
    assert tuple(found) == KINDS
    assert {name for name, check in found.items() if check.verdict is not CheckVerdict.PASSED} == set()


def test_what_is_left_when_restarts_are_undone_is_the_true_effect(made):
    world = made.cases.World(cases_per_month=120)
    fake = made.of_kind["clock_restarted"]
    honest = made.fakes.draft_fake(replace(fake, dress=lambda draft, *_: draft), 0.5, world, np.random.default_rng(3))
    dressed = made.fakes.draft_fake(fake, 0.5, world, np.random.default_rng(3))
    found = checks_of(made, dressed, 4)["clock_restarted"]
    days, target = made.cases.restricted(honest.duration), honest.is_target
    truth = days[target & ~honest.is_after].mean() - days[honest.is_after].mean()
    assert found.arguments["undone"] == pytest.approx(truth, abs=1.0)
    assert found.arguments["improvement"] > truth + 2
    restarted = {f"1-{n}" for n in dressed.number[(dressed.registrations == 2) & dressed.is_target].tolist()}
    assert len(found.case_ids) == 100
    assert set(found.case_ids) <= restarted


def test_without_declarations_most_checks_cannot_tell(made):
    draft = made.cases.draft_cases(made.cases.World(cases_per_month=40), np.random.default_rng(6))
    found = checks_of(made, draft, 3, declarations=Declarations())
    untold = {kind for kind, check in found.items() if check.verdict is CheckVerdict.CANNOT_TELL}
    assert untold == {
        "clock_restarted",
        "clock_stopped",
        "cases_split",
        "cases_reopened",
        "refiled",
        "wait_before_registration",
        "wait_to_other_agency",
        "wait_to_applicant",
        "refusals_up",
        "times_back_dated",
        "complaints_harder",
    }
    assert all(found[kind].figure is None and found[kind].reason for kind in untold)


def test_time_does_not_block_an_outcome_that_is_no_time(made):
    world = made.cases.World(cases_per_month=70)
    draft = made.fakes.draft_fake(made.of_kind["clock_restarted"], 1.0, world, np.random.default_rng(8))
    protocol = made.cases.make_protocol(draft)
    share = replace(
        protocol.estimand,
        outcome=OutcomeKind.ATTRIBUTE_SHARE,
        attribute="отменено",
        value="да",
        minimum_improvement=0.01,
    )
    assert checks_of(made, draft, 1, estimand=share)["clock_restarted"].verdict is CheckVerdict.FLAGGED


def test_named_projects_are_flagged_and_do_not_block(made):
    draft = made.cases.draft_cases(made.cases.World(cases_per_month=40), np.random.default_rng(9))
    found = checks_of(made, replace(draft, parallel=("МФЦ", "ЕПГУ")), 1)["simultaneous_projects"]
    assert found.verdict is CheckVerdict.FLAGGED
    assert found.arguments["projects"] == "МФЦ; ЕПГУ"


def test_the_same_study_gives_the_same_answers(made):
    draft = made.cases.draft_cases(made.cases.World(cases_per_month=30), np.random.default_rng(10))
    first, second = (checks_of(made, draft, 1) for _time in range(2))
    assert repr(first) == repr(second)


ROWS = [(f"{agency}{place}", agency, f"2025-0{1 + place % 6}-1{place % 3}", 5) for place in range(6) for agency in "АБ"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        ROWS[:1],
        ROWS,
        [(name, agency, day, None) for name, agency, day, _days in ROWS],
        [(name, "А", day, 0) for name, _agency, day, _days in ROWS],
    ],
    ids=["nothing", "one case", "few cases", "all open", "no time"],
)
def test_too_little_is_no_ground_for_anything(rows):
    study = make_study(rows, look="2025-12-31")
    found = checked(study, make_protocol({"А": "2025-04-01"}))
    assert tuple(found) == KINDS
    assert {check.verdict for check in found.values()} <= {CheckVerdict.CANNOT_TELL, CheckVerdict.PASSED}


def test_what_a_log_does_not_hold_cannot_be_told(made):
    draft = made.cases.draft_cases(made.cases.World(cases_per_month=30), np.random.default_rng(11))
    study, protocol = made.cases.as_study(draft, np.random.default_rng(1)), made.cases.make_protocol(draft)
    work, cases = study.work, study.cases
    bare = replace(
        study,
        work=replace(work, resources=work.resources * 0, timed=work.timed * 0, whole_days=work.instances.sum(axis=2)),
        cases=replace(
            cases,
            case_ids=np.asarray([f"{name}-дело" for name in cases.case_ids], object),
            attributes=tuple(
                replace(one, labels=tuple("вчера" for _label in one.labels)) if one.name == "внесено" else one
                for one in cases.attributes
            ),
        ),
    )
    found = checked(bare, protocol)
    for kind in ("extra_staff", "overtime", "rows_missing", "times_back_dated"):
        assert found[kind].verdict is CheckVerdict.CANNOT_TELL, kind


def test_cases_that_moved_to_a_known_code_are_seen(made):
    world = made.cases.World(cases_per_month=90, effect=0.0)
    draft = made.cases.draft_cases(world, np.random.default_rng(12))
    slow = draft.is_after & (draft.duration > np.quantile(draft.duration[draft.is_after], 0.7))
    draft.service = np.where(slow, 1, draft.service)
    found = checks_of(made, draft, 1)["codes_changed"]
    assert found.verdict is CheckVerdict.FAILED
    assert found.figure.value == pytest.approx(0.3, abs=0.15)
