"""Fitness and precision against searches of the net's states, and figures worked out by hand."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover import brute_force
from discover.random_trees import random_run, random_traces, trees
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf
from potok.discover.quality.alignment_costs import RepeatedActivityError, TreeAligner
from potok.discover.quality.model_quality import QuickQuality, estimate_quality, measure_quality
from potok.discover.quality.tree_states import TreeStates
from potok.discover.workflow_net import convert_to_net
from support.examples import examples

SEEDS = st.integers(0, 2**32 - 1)
A, B, C = leaf("a"), leaf("b"), leaf("c")


@settings(max_examples=examples(52), deadline=None)
@given(trees(most=5), SEEDS)
def test_alignment_costs_equal_a_search(tree: ProcessTree, seed: int):
    net, aligner = convert_to_net(tree), TreeAligner(tree)
    for trace in random_traces(Random(seed), "abcdez", number=3, longest=6):
        assert aligner.cost(trace) == brute_force.alignment_cost(net, trace)
    assert aligner.shortest_run == brute_force.alignment_cost(net, ())


@settings(max_examples=examples(52), deadline=None)
@given(trees(most=5), SEEDS)
def test_states_equal_a_search(tree: ProcessTree, seed: int):
    net, states, random = convert_to_net(tree), TreeStates(tree), Random(seed)
    for run in (random_run(tree, random), random_run(tree, random)):
        state = states.start
        for length in range(len(run) + 1):
            assert states.allowed(state) == brute_force.allowed_after(net, run[:length])
            assert states.may_end(state) == brute_force.is_run(net, run[:length])
            if length < len(run):
                assert states.after(state, "z") is None
                state = states.after(state, run[length])


@settings(max_examples=examples(28), deadline=None)
@given(trees(most=5), SEEDS)
def test_quality_equals_its_definition(tree: ProcessTree, seed: int):
    random = Random(seed)
    traces = random_traces(random, number=4, longest=5) | {random_run(tree, random): 7}
    net, quality = convert_to_net(tree), measure_quality(tree, traces)
    cases = sum(traces.values())
    shortest = brute_force.alignment_cost(net, ())
    fitness = sum(
        count * (1 - brute_force.alignment_cost(net, trace) / max(1, len(trace) + shortest))
        for trace, count in traces.items()
    )
    assert quality.fitness == pytest.approx(fitness / cases, rel=1e-9)
    assert quality.precision == brute_force.precision(net, traces)
    runs = sum(count for trace, count in traces.items() if brute_force.is_run(net, trace))
    assert quality.fitting_share == pytest.approx(runs / cases, rel=1e-9)


def test_figures_by_hand():
    tree = block(Operator.SEQUENCE, A, block(Operator.CHOICE, B, C))
    quality = measure_quality(tree, {("a", "b"): 3, ("a",): 1})
    # The one that lacks b or c: cost 1 of at most 1 event + 2 activities of the shortest run.
    assert quality.fitness == pytest.approx((3 + 1 - 1 / 3) / 4)
    assert quality.fitting_share == 0.75
    # At the start a of {a} in 4 cases, after a only b of {b, c} in the 3 that go on.
    assert quality.precision == pytest.approx((4 + 3) / (4 + 6))
    assert quality.followed_share == 1


def test_a_trace_that_leaves_the_model_is_followed_up_to_there():
    quality = measure_quality(block(Operator.SEQUENCE, A, B), {("a", "z", "b"): 1})
    assert quality.followed_share == pytest.approx(1 / 3)
    assert quality.precision == 0.5


def test_very_many_misfits_are_sampled():
    random = Random(3)
    tree = block(Operator.SEQUENCE, A, B, C)
    traces = random_traces(random, "abcz", number=600, longest=9)
    whole = measure_quality(tree, traces, most_alignments=10**6)
    sampled = measure_quality(tree, traces, most_alignments=100)
    assert (whole.is_fitness_sampled, sampled.is_fitness_sampled) == (False, True)
    # The standard deviation of one case's fitness is about 0.15, so that of a hundred's mean is 0.015.
    assert sampled.fitness == pytest.approx(whole.fitness, abs=0.06)
    assert sampled.precision == whole.precision


@settings(max_examples=examples(21), deadline=None)
@given(trees(most=5), SEEDS)
def test_the_estimate_is_one_exactly_for_runs(tree: ProcessTree, seed: int):
    random = Random(seed)
    traces = random_traces(random, number=3, longest=4) | {random_run(tree, random): 7}
    quick, full = estimate_quality(tree, traces), measure_quality(tree, traces)
    assert (quick.accepted_share == 1) == (full.fitting_share == 1)
    assert quick.precision == (full.precision or 0)


def test_acceptance_weighs_twice():
    assert QuickQuality(accepted_share=0.5, precision=0.5).f2 == pytest.approx(0.5)
    # 5 · 0.9 · 0.4 ÷ (0.9 + 4 · 0.4), and the other way round less than that.
    assert QuickQuality(accepted_share=0.9, precision=0.4).f2 == pytest.approx(0.72)
    assert QuickQuality(accepted_share=0.4, precision=0.9).f2 == pytest.approx(0.45)
    assert QuickQuality(accepted_share=0.0, precision=0.0).f2 == 0


def test_a_model_that_does_nothing():
    assert measure_quality(SILENT, {(): 4}).fitness == 1
    quality = measure_quality(SILENT, {("a",): 1})
    assert (quality.fitness, quality.precision, quality.followed_share) == (0, None, 0)
    assert measure_quality(A, {}).fitness == 1


def test_a_tree_with_an_activity_twice_is_refused():
    with pytest.raises(RepeatedActivityError, match="«a» more than once"):
        measure_quality(block(Operator.CHOICE, A, A), {("a",): 1})
