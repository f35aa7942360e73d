"""Discovery of rules against regular expressions, and of what decides branches against what was planted."""

import random
import re

import numpy as np
import pytest
from scipy.stats import binomtest

from potok.diagnose.conformance.decisions import discover_decisions, find_points
from potok.diagnose.conformance.discovery import Thresholds, discover_rules, lowest_share
from potok.diagnose.conformance.pruning import Candidate, prune
from potok.diagnose.conformance.rules import Operator, Template
from potok.diagnose.conformance.trace_rules import BINARY, SINGLE, Sequences, judge_pairs, judge_single
from support.importing import import_text
from support.reference_rules import PATTERNS, WORDS
from support.tiny_store import tiny_log, write_store

CODES = {letter: number for number, letter in enumerate("abc")}


def test_every_template_is_its_regular_expression_on_every_short_word():
    sequences = Sequences.of([np.array([CODES[letter] for letter in word], np.int32) for word in WORDS])
    for template in SINGLE:
        pattern = {Template.ABSENCE: "[^a]*a?[^a]*"}.get(template, PATTERNS[template])
        kept = judge_single(sequences, template)[CODES["a"]]
        assert [bool(one) for one in kept] == [re.fullmatch(pattern, word) is not None for word in WORDS]
    # As if each word were seen often: then no pair is too rare to be judged.
    weights = np.full(len(WORDS), 100.0)
    seen = set()
    for template, activity, target, activated, kept in judge_pairs(sequences, weights, 0.0):
        if (activity, target) != (CODES["a"], CODES["b"]):
            continue
        seen.add(template)
        for word, is_active, is_kept in zip(WORDS, activated, kept, strict=True):
            assert is_kept == (is_active and re.fullmatch(PATTERNS[template], word) is not None), (template, word)
    assert seen == set(BINARY)


def candidate(template, activity, target=None, confidence=1.0):
    return Candidate(template, activity, target, 100, confidence, confidence, confidence, 100, 100)


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        # The strongest of a family stays, and two sides make a succession.
        (
            [candidate(t, 1, 2) for t in (Template.RESPONSE, Template.ALTERNATE_RESPONSE, Template.PRECEDENCE)],
            {(Template.SUCCESSION, 1, 2)},
        ),
        # Through a third activity.
        (
            [candidate(Template.RESPONSE, *pair) for pair in ((1, 2), (2, 3), (1, 3))],
            {(Template.RESPONSE, 1, 2), (Template.RESPONSE, 2, 3)},
        ),
        # Two that imply each other do not leave each other out.
        (
            [candidate(Template.RESPONSE, *pair) for pair in ((1, 2), (2, 1), (1, 3), (2, 3))],
            {(Template.RESPONSE, *pair) for pair in ((1, 2), (2, 1), (1, 3), (2, 3))},
        ),
        # What every case has needs no rule that it occurs as well.
        (
            [
                candidate(Template.EXACTLY, 2),
                candidate(Template.EXISTENCE, 2),
                candidate(Template.RESPONDED_EXISTENCE, 1, 2),
            ],
            {(Template.EXACTLY, 2, None)},
        ),
        # What begins every case precedes all.
        (
            [candidate(Template.INIT, 1), candidate(Template.PRECEDENCE, 1, 2)],
            {(Template.INIT, 1, None)},
        ),
        # An activity that happens once alternates with whatever answers it.
        (
            [candidate(Template.EXACTLY, 1), candidate(Template.ALTERNATE_RESPONSE, 1, 2)],
            {(Template.EXACTLY, 1, None), (Template.RESPONSE, 1, 2)},
        ),
        # Strangers never follow each other.
        (
            [candidate(Template.NOT_CO_EXISTENCE, 1, 2), candidate(Template.NOT_CO_EXISTENCE, 2, 1),
             candidate(Template.NOT_SUCCESSION, 1, 2)],
            {(Template.NOT_CO_EXISTENCE, 1, 2)},
        ),
        # Nor does what comes before.
        (
            [candidate(Template.RESPONSE, 1, 2), candidate(Template.NOT_SUCCESSION, 2, 1)],
            {(Template.RESPONSE, 1, 2)},
        ),
    ],
)  # fmt: skip
def test_what_follows_from_others_is_left_out(kept, left):
    assert {(one.template, one.activity, one.target) for one in prune(kept)} == left


def test_bounds_of_shares_are_those_of_clopper_and_pearson():
    for successes, trials in ((0, 10), (7, 10), (10, 10), (99, 100)):
        interval = binomtest(successes, trials, alternative="greater").proportion_ci(0.95, method="exact")
        assert lowest_share(successes, trials, level=0.05) == pytest.approx(interval.low, abs=1e-12)


def make_log(number, *, share=0.9, seed=1):
    """Cases register, then are checked if their sum is above 50 (but for noise), then decided; a coin is tossed."""
    generator = random.Random(seed)
    lines = ["case,activity,time,sum,district"]
    for case in range(number):
        amount = generator.uniform(0, 100)
        is_checked = (amount > 50) if generator.random() < share else generator.random() < 0.5
        steps = ["Register", *(["Check"] if is_checked else ["Skip"])]
        steps += [generator.choice(["Heads", "Tails"]), "Decide"]
        district = generator.choice("NSEW")
        lines += [
            f"k{case},{step},2024-01-{1 + case % 28:02} {9 + place}:00,{amount:.2f},{district}"
            for place, step in enumerate(steps)
        ]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    return import_text(tmp_path_factory.mktemp("planted"), make_log(400))


def test_a_planted_rule_is_found_and_a_coin_is_not(planted):
    found = {(one.activity, one.branch): one for one in discover_decisions(planted).branches}
    check = found["Register", "Check"]
    assert check.has_rule
    assert check.accuracy > 0.9 > check.baseline_accuracy
    ((clause,),) = check.alternatives
    assert (clause.attribute, clause.operator) == ("sum", Operator.ABOVE)
    assert clause.value == pytest.approx(50, abs=3)
    coins = [one for (_activity, branch), one in found.items() if branch in ("Heads", "Tails")]
    assert coins
    assert not any(one.has_rule for one in coins)


def test_rules_of_a_log_without_any_are_few(tmp_path):
    found = discover_decisions(import_text(tmp_path, make_log(300, share=0.0, seed=2)))
    assert not any(one.has_rule for one in found.branches)


def test_activities_beside_each_other_are_no_branches():
    passages = {(0, 1): 50, (0, 2): 50, (1, 2): 50, (2, 1): 50, (1, 3): 50, (2, 3): 50}
    assert [(point.activity, point.branches) for point in find_points(passages)] == [(0, (1, 2))]


def test_an_activity_beside_a_branch_is_a_branch_even_if_seldom_the_first():
    passages = {(0, 1): 60, (0, 2): 60, (1, 3): 40, (3, 1): 40, (2, 4): 60}
    assert [(point.activity, point.branches) for point in find_points(passages)] == [(0, (1, 2, 3))]


def test_rules_are_found_in_one_half_and_tried_on_the_other(planted):
    found = discover_rules(planted, thresholds=Thresholds(support=0.2, confidence=1.0))
    rules = {(one.rule.template, one.rule.activities, one.rule.targets) for one in found.rules}
    assert (Template.INIT, ("Register",), ()) in rules
    assert (Template.NOT_CO_EXISTENCE, ("Check",), ("Skip",)) in rules
    assert all(one.activated_cases + one.tried_cases <= found.cases == 400 for one in found.rules)
    assert all(one.tried_confidence_low <= one.tried_confidence for one in found.rules)
    assert found.found >= len(found.rules) + found.failed


def test_rules_that_hold_by_chance_fail_on_the_other_half(tmp_path):
    # B comes after A in the cases with even codes only.
    lines = [f"{case:03} | A | {case * 10}\n{case:03} | {'BC'[case % 2]} | {case * 10 + 1}" for case in range(100)]
    store = write_store(tiny_log("case | activity | completed\n" + "\n".join(lines)), tmp_path / "store")
    found = discover_rules(store)
    assert found.failed > 0
    assert not any("B" in (*one.rule.activities, *one.rule.targets) for one in found.rules if one.confidence == 1)


def test_few_cases_give_no_rules(tmp_path):
    store = write_store(tiny_log("case | activity | completed\n1 | A | 1"), tmp_path / "store")
    assert discover_rules(store).reasons == ("too_few_cases",)
    assert discover_decisions(store).branches == ()
