"""Which steps a value-stream map shows, and in which order."""

from itertools import pairwise
from random import Random

import pytest

from potok.measure.value_stream_steps import (
    MOST_STEPS,
    ChosenStep,
    KnownActivity,
    StepKind,
    choose_steps,
    order_steps,
)


def activity(code: int, *, cases: int = 100, seconds: float = 1.0, phase: str = "") -> KnownActivity:
    return KnownActivity(code, f"a{code}", phase, cases, cases, seconds)


def step(code: int) -> ChosenStep:
    return ChosenStep(StepKind.ACTIVITY, f"a{code}", (code,))


def test_what_most_cases_pass_is_shown_and_the_rest_summed_up():
    known = [*(activity(code) for code in range(6)), *(activity(code, cases=3, seconds=0.01) for code in range(6, 9))]
    chosen = choose_steps(known, cases=100)
    assert [one.label for one in chosen] == [*(f"a{code}" for code in range(6)), ""]
    assert (chosen[-1].kind, chosen[-1].activities) == (StepKind.OTHER, (6, 7, 8))


def test_a_rare_step_with_much_time_is_shown():
    known = [*(activity(code) for code in range(6)), *(activity(code, cases=1, seconds=0.0) for code in (6, 7))]
    shown = choose_steps([*known, activity(8, cases=1, seconds=50)], cases=100)
    assert {one.label for one in shown[:-1]} == {"a0", "a1", "a2", "a3", "a4", "a5", "a8"}


def test_a_single_step_left_keeps_its_name():
    chosen = choose_steps([*(activity(code) for code in range(6)), activity(6, cases=3, seconds=0)], cases=100)
    assert (len(chosen), {one.kind for one in chosen}) == (7, {StepKind.ACTIVITY})


@pytest.mark.parametrize("number", [0, 1, 2, 11, 10_000])
def test_every_activity_is_in_exactly_one_step_and_few_are_shown(number):
    random = Random(number)
    known = [activity(code, cases=random.randint(1, 100), seconds=random.random()) for code in range(number)]
    chosen = choose_steps(known, cases=100)
    assert sorted(code for one in chosen for code in one.activities) == list(range(number))
    assert len(chosen) <= MOST_STEPS + 1


def test_phases_stand_for_many_activities_where_most_have_one():
    known = [activity(code, phase=f"phase {code % 3}" if code < 18 else "") for code in range(20)]
    chosen = choose_steps(known, cases=100)
    assert {one.label for one in chosen if one.kind is StepKind.PHASE} == {"phase 0", "phase 1", "phase 2"}
    few = choose_steps([activity(code, phase=f"phase {code % 3}") for code in range(5)], cases=100)
    assert {one.kind for one in few} == {StepKind.ACTIVITY}


def test_steps_stand_as_most_cases_come_to_them_and_others_last():
    others = ChosenStep(StepKind.OTHER, "", (9,))
    steps = [others, step(2), step(0), step(1)]
    variants = [((0, 9, 1, 2, 1), 10), ((1, 0, 2), 4), ((2, 0), 1)]
    assert [one.activities for one in order_steps(steps, variants)] == [(0,), (1,), (2,), (9,)]


def test_no_neighbours_stand_against_most_cases():
    random = Random(5)
    for _trial in range(50):
        variants = [(tuple(random.sample(range(7), random.randint(1, 7))), random.randint(1, 9)) for _one in range(6)]
        ordered = [one.activities[0] for one in order_steps([step(code) for code in range(7)], variants)]
        for first, second in pairwise(ordered):
            both = [(trace, cases) for trace, cases in variants if first in trace and second in trace]
            kept = sum(cases for trace, cases in both if trace.index(first) < trace.index(second))
            assert 2 * kept >= sum(cases for _trace, cases in both)


def test_a_step_met_with_no_other_has_a_place():
    assert len(order_steps([step(0), step(1), step(2)], [((0,), 3), ((1, 2), 1)])) == 3
