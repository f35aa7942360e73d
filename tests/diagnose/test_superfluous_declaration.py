"""Step rules from TOML: what is taken, and what is refused with its place."""

from pathlib import Path

import pytest

from potok.core.regulations import load_regulation
from potok.core.regulations.regulation import Direction
from potok.diagnose.superfluous.declaration import (
    BrokenStepRulesError,
    LegalStatus,
    Safeguard,
    StepRules,
    load_step_rules,
    step_rules_from_mapping,
)
from potok.diagnose.superfluous.legal import tag_step

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_the_example_is_read():
    rules = load_step_rules(EXAMPLES / "superfluous" / "receipt.toml")
    assert (rules.gamma, rules.acceptable_loss, rules.follow_up_days) == (1.5, 0.02, 28)
    assert [indicator.margin_share for indicator in rules.indicators] == [0.02, 0.05]
    check = rules.rule("T06 Determine necessity of stop advice")
    assert check.safeguards == (Safeguard.SAFETY, Safeguard.RIGHTS)
    assert check.used_by == ("T10 Determine necessity to stop indication",)
    assert rules.rule("T02 Check confirmation of receipt").used_by == ()
    assert rules.rule("anything else").used_by is None
    assert rules.rule("anything else").legal is LegalStatus.UNKNOWN


def test_a_regulation_binds_steps_and_brings_its_indicators():
    regulation = load_regulation(EXAMPLES / "regulations" / "receipt.toml")
    rules = step_rules_from_mapping({}, regulation=regulation)
    tag = tag_step("T02 Check confirmation of receipt", rules)
    assert tag.status is LegalStatus.BOUND
    assert tag.articles == ("four-eyes norm (assumed)",)
    # A step that the act does not mention is not thereby free.
    assert tag_step("T06 Determine necessity of stop advice", rules).status is LegalStatus.UNKNOWN
    demo = load_regulation(EXAMPLES / "regulations" / "permit-demo.toml")
    indicators = step_rules_from_mapping({}, regulation=demo).indicators
    assert [indicator.name for indicator in indicators] == [held.name for held in demo.quality_indicators]
    assert all(indicator.margin_share for indicator in indicators)


def test_what_is_declared_and_what_the_act_says_bind_together():
    regulation = load_regulation(EXAMPLES / "regulations" / "receipt.toml")
    step = {"activity": "T02 Check confirmation of receipt", "legal": "bound", "article": "art. 1"}
    rules = step_rules_from_mapping({"steps": [step]}, regulation=regulation)
    assert tag_step(step["activity"], rules).articles == ("art. 1", "four-eyes norm (assumed)")
    # Who declares a step free that the act requires is not followed.
    free = step_rules_from_mapping({"steps": [step | {"legal": "free"}]}, regulation=regulation)
    assert tag_step(step["activity"], free).status is LegalStatus.BOUND


def test_nothing_is_declared_by_default():
    assert step_rules_from_mapping({}) == StepRules()
    indicator = {"name": "n", "counts_rework": True, "direction": "higher_is_better"}
    (read,) = step_rules_from_mapping({"indicators": [indicator]}).indicators
    assert (read.margin_share, read.direction) == (None, Direction.HIGHER_IS_BETTER)


@pytest.mark.parametrize(
    ("content", "says", "where"),
    [
        ({"schema": "potok.regulation/1"}, "cannot be used", "schema"),
        ({"gama": 1.5}, "no key “gama”", "gama"),
        ({"gamma": 0.5, "gamma_reason": "x"}, "cannot be used", "gamma"),
        ({"gamma": 1.5}, "without a reason", "gamma_reason"),
        ({"indicators": [{"name": "n"}]}, "Nothing shows this indicator", "indicators"),
        ({"indicators": [{"name": "n", "activities": ["A"], "margin_share": 2.0}]}, "cannot be used", "margin_share"),
        ({"indicators": [{"name": "n", "counts_rework": True}] * 2}, "stands here twice", "indicators"),
        ({"steps": [{"activity": "A", "legal": "bound"}]}, "not said what binds", "article"),
        ({"steps": [{"activity": "A", "safeguards": ["money"]}]}, "cannot be used", "safeguards"),
        ({"steps": [{"activity": "A", "used_by": "B"}]}, "cannot be used", "used_by"),
        ({"steps": [{"activity": "A", "used_by": [1]}]}, "cannot be used", "used_by"),
        ({"steps": [{"activity": "A"}, {"activity": "A"}]}, "stands here twice", "steps"),
        ({"follow_up_days": 0}, "cannot be used", "follow_up_days"),
    ],
)
def test_broken_rules_name_their_place(content, says, where):
    with pytest.raises(BrokenStepRulesError, match=says) as caught:
        step_rules_from_mapping(content)
    assert where in caught.value.where
    assert caught.value.code == "POTOK-D030"
    assert caught.value.remedy


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path):
    file = tmp_path / "rules.toml"
    file.write_text("steps = [", encoding="utf-8")
    with pytest.raises(BrokenStepRulesError, match="cannot be read"):
        load_step_rules(file)
