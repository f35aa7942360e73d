"""Practice grounds: what counts, what is refused, and that the best is the best."""

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from potok.report.simulation.practice import describe_ground, describe_rank, describe_trial, practice_as_json
from potok.simulate.practice import PracticeGround, find_best, list_grounds, load_ground, rank_trial, try_measures
from potok.simulate.practice.ground import BrokenGroundError, UnknownGroundError

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "reference" / "potok.practice_trial.schema.json").read_text(encoding="utf-8")
)
EXPERT, DAILY, NO_APPROVAL, NO_EXAMINATION, LEAFLET = range(5)


@pytest.fixture(scope="module")
def ground() -> PracticeGround:
    """Return the shipped ground with its first five measures only."""
    whole = load_ground("permits")
    return replace(whole, measures=whole.measures[:5], budget=4)


def test_every_shipped_ground_can_be_loaded() -> None:
    assert list_grounds() == ("permits",)
    assert load_ground("permits").price((0, 1)) == 5


def test_nothing_chosen_changes_nothing(ground: PracticeGround) -> None:
    trial = try_measures(ground, ())
    assert all(one.difference.value == 0 for one in trial.figures)
    assert trial.counts
    assert trial.gain_seconds == 0


def test_a_faster_process_that_harms_does_not_count(ground: PracticeGround) -> None:
    trial = try_measures(ground, [NO_EXAMINATION])
    assert trial.gain_seconds > 0
    assert trial.harmed == ("решение отменено",)
    assert not trial.counts
    assert "does not count" in describe_trial(ground, trial)


def test_what_the_budget_forbids_does_not_count(ground: PracticeGround) -> None:
    trial = try_measures(ground, [EXPERT, DAILY])
    assert not trial.is_affordable
    assert "beyond the budget" in describe_trial(ground, trial)


def test_the_best_is_the_best_of_all_that_count(ground: PracticeGround) -> None:
    found = find_best(ground)
    every = [try_measures(ground, chosen) for size in range(6) for chosen in combinations(range(5), size)]
    counting = [one for one in every if one.counts]
    assert len(found) == len(counting)
    assert found[0].gain_seconds == max(one.gain_seconds for one in counting)
    assert all(ground.price(one.chosen) <= ground.budget for one in found)
    ranked = rank_trial(found[1], found)
    assert ranked.place == 2
    assert ranked.reached_share == pytest.approx(found[1].gain_seconds / found[0].gain_seconds)
    assert rank_trial(try_measures(ground, [NO_EXAMINATION]), found).place == 0
    assert "Yours is number 2 of" in describe_rank(ground, ranked)


def test_equal_choices_give_equal_figures_and_json_keeps_to_its_schema(ground: PracticeGround) -> None:
    first, second = try_measures(ground, [DAILY, LEAFLET]), try_measures(load_ground("permits"), [LEAFLET, DAILY])
    assert first.figures == second.figures
    record = practice_as_json(ground, first, rank_trial(first, find_best(ground)))
    Draft202012Validator(SCHEMA).validate(json.loads(json.dumps(record)))
    assert record["trial"]["chosen"] == [2, 5]


def test_the_ground_is_described(ground: PracticeGround) -> None:
    text = describe_ground(ground, try_measures(ground, ()))
    assert ground.task in text
    assert "2. Согласовывать каждый день, а не по пятницам (1 point)" in text


def test_measures_that_contradict_each_other_are_refused(ground: PracticeGround) -> None:
    both = try_measures(ground, [DAILY, NO_APPROVAL])
    refused = replace(ground, measures=(ground.measures[NO_APPROVAL], ground.measures[NO_APPROVAL]))
    trial = try_measures(refused, [0, 1])
    assert not both.refusal
    assert trial.refusal
    assert trial.figures == ()
    assert "cannot be done together" in describe_trial(refused, trial)
    assert not trial.counts


def test_unknown_grounds_and_measures_are_named(ground: PracticeGround, tmp_path: Path) -> None:
    with pytest.raises(UnknownGroundError, match="permit "):
        load_ground("permit ")
    with pytest.raises(IndexError, match="no such measure"):
        try_measures(ground, [5])
    (tmp_path / "many.toml").write_text(
        'name = "a"\ntask = "b"\nmodel = "c.toml"\nbudget = 1\n'
        + "".join(
            f'[[scenario]]\nname = "{number}"\n[[scenario.change]]\nverb = "remove"\nactivity = "y"\n'
            for number in range(11)
        ),
        encoding="utf-8",
    )
    with pytest.raises(BrokenGroundError, match="11 measures"):
        load_ground(tmp_path / "many.toml")
