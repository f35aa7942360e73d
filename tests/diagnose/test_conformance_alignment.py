"""Alignments: costs against a search through the states of small nets, bounds, deviations and their time."""

from dataclasses import replace
from random import Random

import pytest

from discover.brute_force import alignment_cost
from discover.random_trees import random_run, random_tree
from potok.diagnose.conformance.alignment import bounds as bounds_module
from potok.diagnose.conformance.alignment.bounds import CostBounder, indel_distance
from potok.diagnose.conformance.alignment.deviations import DeviationKind, deviating_moves, list_deviation_cases
from potok.diagnose.conformance.alignment.fitness import align_log
from potok.diagnose.conformance.alignment.model import AlignmentModel, model_of_tree
from potok.diagnose.conformance.alignment.search import (
    Alignment,
    Budget,
    Move,
    MoveKind,
    NoRunError,
    search_alignments,
    shortest_run,
)
from potok.discover.process_tree import Operator, block, leaf
from potok.discover.workflow_net import Transition, WorkflowNet
from support.tiny_store import tiny_log, write_store

BUDGET = Budget()
ABC = block(Operator.SEQUENCE, *map(leaf, "ABC"))


def noisy_traces(tree, random, number):
    runs = (random_run(tree, random)[:9] for _run in range(number))
    noisy = (tuple(random.choice("abcdefx") if random.random() < 0.3 else label for label in run) for run in runs)
    return sorted(set(noisy))


def models_and_traces(number=12):
    random = Random(3)
    for _model in range(number):
        tree = random_tree(random, "abcde"[: random.randint(2, 5)])
        yield model_of_tree(tree), noisy_traces(tree, random, 8)


def test_costs_are_those_of_a_search_through_the_states_of_the_net():
    for model, traces in models_and_traces():
        for trace, found in zip(traces, search_alignments(model, traces, budget=BUDGET), strict=True):
            assert found.cost == alignment_cost(model.net, trace)
            assert found.cost == sum(move.kind is not MoveKind.BOTH for move in found.moves)
            assert tuple(move.activity for move in found.moves if move.position is not None) == trace
            assert alignment_cost(model.net, found.model_run) == 0


def test_bounds_of_a_net_hold_the_cost_between_them():
    for model, traces in models_and_traces():
        own = [alignment_cost(model.net, trace) for trace in traces]
        runs = [shortest_run(model, budget=BUDGET)]
        bounder = CostBounder(replace(model, tree=None), runs=runs, shortest=runs[0])
        for trace, cost in zip(traces, own, strict=True):
            found = bounder.bound(trace)
            assert found.low <= cost <= found.high


def test_the_marking_equation_is_tight_where_order_does_not_matter():
    model = model_of_tree(block(Operator.PARALLEL, *map(leaf, "abc")))
    bounder = CostBounder(replace(model, tree=None), runs=[], shortest=None)
    assert bounder.bound(("c", "a", "x")).low == alignment_cost(model.net, ("c", "a", "x")) == 2
    assert bounder.bound(("c", "a", "x")).high is None


def test_bounds_of_a_process_tree_are_exact():
    for model, traces in models_and_traces():
        bounder = CostBounder(model, runs=[], shortest=None)
        for trace in traces:
            cost = alignment_cost(model.net, trace)
            assert (bounder.bound(trace).low, bounder.bound(trace).high) == (cost, cost)


def test_a_budget_of_states_leaves_long_searches_open():
    model = model_of_tree(block(Operator.PARALLEL, *map(leaf, "abcdefgh")))
    traces = [tuple("abcdefgh"), tuple("xxxxxxxx")]
    found = search_alignments(model, traces, budget=Budget(states=40))
    assert found[0].cost == 0
    assert found[1] is None


def test_without_time_nothing_is_searched():
    assert search_alignments(model_of_tree(ABC), [("A",)], budget=Budget(seconds=0)) == (None,)


def test_a_net_without_a_run_is_refused():
    stuck = WorkflowNet(3, 0, 1, (Transition("A", frozenset({0, 2}), frozenset({1})),))
    with pytest.raises(NoRunError, match="no run"):
        shortest_run(AlignmentModel(stuck), budget=BUDGET)


@pytest.mark.parametrize(("first", "second", "distance"), [("abc", "abc", 0), ("abc", "", 3), ("abcd", "bxd", 3)])
def test_indel_distances(first, second, distance):
    assert indel_distance(first, second) == distance


def test_indel_distances_are_those_of_the_table():
    random = Random(1)
    for _pair in range(50):
        first, second = ("".join(random.choices("abc", k=random.randint(0, 12))) for _side in range(2))
        row = list(range(len(second) + 1))
        for number, letter in enumerate(first, start=1):
            before, row = row, [number]
            for place, other in enumerate(second):
                row.append(before[place] if letter == other else 1 + min(before[place + 1], row[-1]))
        assert indel_distance(first, second) == row[-1]


def test_an_activity_inserted_and_skipped_in_one_case_is_displaced():
    moves = (
        Move(MoveKind.LOG, "B", 0),
        Move(MoveKind.BOTH, "A", 1),
        Move(MoveKind.MODEL, "B", None),
        Move(MoveKind.LOG, "B", 2),
        Move(MoveKind.MODEL, "C", None),
    )
    assert list(deviating_moves(Alignment(4, moves))) == [
        ((DeviationKind.DISPLACED, "B"), 0),
        ((DeviationKind.INSERTED, "B"), 2),
        ((DeviationKind.SKIPPED, "C"), None),
    ]


LOG = """
case | activity | started | completed
1    | A        | 0       | 10
1    | B        | 30      | 40
1    | C        | 50      | 60
2    | A        | 100     | 110
2    | X        | 130     | 140
2    | C        | 150     | 160
3    | A        | 200     | 210
3    | X        | 260     | 290
3    | B        | 300     | 340
3    | C        | 350     | 360
4    | A        | 400     | 410
"""


@pytest.fixture
def store(tmp_path):
    return write_store(tiny_log(LOG, open_cases="4"), tmp_path / "store")


def test_deviations_carry_the_time_of_what_was_done_and_the_usual_time_of_what_was_not(store):
    found = align_log(store, model_of_tree(ABC))
    assert (found.cases, found.open_cases, found.fitting_cases, found.bounded_cases) == (3, 1, 1, 0)
    assert (found.total_cost_low, found.total_cost_high) == (3, 3)
    assert found.fitness_low == found.fitness_high == pytest.approx((1 + (1 - 2 / 6) + (1 - 1 / 7)) / 3)
    inserted, skipped = found.deviations
    assert (inserted.kind, inserted.activity, inserted.cases, inserted.instances) == (
        DeviationKind.INSERTED,
        "X",
        2,
        2,
    )
    # Case 2 waits 20 s and works 10 s, case 3 waits 50 s and works 30 s.
    assert (inserted.waiting_seconds, inserted.processing_seconds, inserted.sojourn_seconds) == (70, 40, 110)
    assert inserted.estimated_seconds is None
    # B takes 30 s in case 1 and 50 s in case 3.
    assert (skipped.kind, skipped.activity, skipped.cases) == (DeviationKind.SKIPPED, "B", 1)
    assert (skipped.typical_seconds, skipped.estimated_seconds, skipped.sojourn_seconds) == (40, 40, None)
    assert found.unknown_activities == ("X",)
    assert found.reasons == ("open_cases_left_out", "model_discovered", "unknown_activities")


def test_cases_behind_a_deviation_are_as_many_as_it_counts(store):
    found = align_log(store, model_of_tree(ABC))
    listed = list_deviation_cases(found.variants, DeviationKind.INSERTED, "X", store)
    assert [case.case_id for case in listed] == ["3", "2"]
    assert [case.case for case in listed] == list(found.deviations[0].example_cases)


def test_over_budget_cases_are_bounded_and_have_no_deviations(store):
    found = align_log(store, replace(model_of_tree(ABC), tree=None), budget=Budget(seconds=0))
    assert found.bounded_cases == found.cases == 3
    assert found.deviations == ()
    # Two events are not of the model; beside the model's only run the traces cost 6, 6 and 7.
    assert (found.total_cost_low, found.total_cost_high) == (2, 19)
    assert (found.fitness_low, found.fitness_high) == (0, pytest.approx((1 + (1 - 1 / 6) + (1 - 1 / 7)) / 3))
    assert "over_budget" in found.reasons


def test_bounds_come_from_runs_that_are_known():
    bounder = CostBounder(replace(model_of_tree(ABC), tree=None), runs=[tuple("ABC")], shortest=None)
    assert (bounder.bound(tuple("AXC")).low, bounder.bound(tuple("AXC")).high) == (2, 2)


def test_programmes_are_limited(monkeypatch):
    monkeypatch.setattr(bounds_module, "MOST_PROGRAMMES", 1)
    bounder = CostBounder(replace(model_of_tree(ABC), tree=None), runs=[], shortest=None)
    assert [bounder.bound(("A", "x")).low for _time in range(2)] == [3, 1]


def test_without_closed_cases_nothing_can_be_told(tmp_path):
    store = write_store(tiny_log("case | activity | completed\n1 | A | 1", open_cases="1"), tmp_path / "store")
    found = align_log(store, model_of_tree(ABC))
    assert (found.cases, found.fitness_low, found.fitness_high, found.deviations) == (0, None, None, ())
    assert "no_closed_cases" in found.reasons
