"""Trees: simplified, converted to nets and to BPMN without a change of their runs."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.brute_force import is_run
from discover.random_trees import random_run, random_traces, trees
from potok.discover.bpmn import BpmnModel, NodeKind, convert_to_bpmn
from potok.discover.process_tree import (
    SILENT,
    Operator,
    ProcessTree,
    block,
    leaf,
    simplify,
    tree_as_record,
    tree_from_record,
)
from potok.discover.workflow_net import TooManyStatesError, Transition, WorkflowNet, convert_to_net, is_sound
from support.examples import examples

SEEDS = st.integers(0, 2**32 - 1)


def net_of(model: BpmnModel) -> WorkflowNet:
    """Read a BPMN graph as a net: a flow is a place, a node its transitions."""
    places = {flow.identifier: number for number, flow in enumerate(model.flows, start=2)}
    transitions = []
    for node in model.nodes:
        taken = [places[flow.identifier] for flow in model.flows if flow.target == node.identifier]
        given_ = [places[flow.identifier] for flow in model.flows if flow.source == node.identifier]
        name = node.name if node.kind is NodeKind.TASK else None
        if node.kind is NodeKind.START:
            taken = [0]
        if node.kind is NodeKind.END:
            given_ = [1]
        if node.kind is NodeKind.EXCLUSIVE:
            pairs = [(first, last) for first in taken for last in given_]
            transitions += [Transition(None, frozenset((first,)), frozenset((last,))) for first, last in pairs]
        else:
            transitions.append(Transition(name, frozenset(taken), frozenset(given_)))
    return WorkflowNet(len(places) + 2, 0, 1, tuple(transitions))


@settings(max_examples=examples(52), deadline=None)
@given(trees(most=6), SEEDS)
def test_nets_and_models_are_sound_and_have_the_runs_of_the_tree(tree: ProcessTree, seed: int):
    random = Random(seed)
    nets = [convert_to_net(tree), convert_to_net(simplify(tree)), net_of(convert_to_bpmn(tree))]
    assert all(is_sound(net) for net in nets)
    for run in [random_run(tree, random) for _ in range(3)]:
        assert all(is_run(net, run) for net in nets)
    for trace in random_traces(random, number=3, longest=4):
        assert len({is_run(net, trace) for net in nets}) == 1


@settings(max_examples=examples(35), deadline=None)
@given(trees(most=8))
def test_simplifying_adds_nothing_and_is_done_once(tree: ProcessTree):
    simple = simplify(tree)
    assert sum(1 for _ in simple.nodes()) <= sum(1 for _ in tree.nodes())
    assert sorted(simple.activities()) == sorted(tree.activities())
    assert simplify(simple) == simple


@settings(max_examples=examples(18), deadline=None)
@given(trees(most=8))
def test_records_lead_back_to_the_tree(tree: ProcessTree):
    assert tree_from_record(tree_as_record(tree)) == tree


@settings(max_examples=examples(35), deadline=None)
@given(trees(most=8))
def test_models_are_wired_as_bpmn_wants(tree: ProcessTree):
    model = convert_to_bpmn(tree)
    for node in model.nodes:
        n_in = sum(flow.target == node.identifier for flow in model.flows)
        n_out = sum(flow.source == node.identifier for flow in model.flows)
        expected = {
            NodeKind.START: n_in == 0 and n_out == 1,
            NodeKind.END: n_in == 1 and n_out == 0,
            NodeKind.TASK: n_in == n_out == 1,
        }
        assert expected.get(node.kind, (n_in == 1) != (n_out == 1)), node
    assert len({(flow.source, flow.target) for flow in model.flows}) == len(model.flows)
    assert sorted(node.name for node in model.nodes if node.kind is NodeKind.TASK) == sorted(tree.activities())


def step(takes: set[int], gives: set[int]) -> Transition:
    return Transition(None, frozenset(takes), frozenset(gives))


@pytest.mark.parametrize(
    "transitions",
    [
        [step({0}, {2})],  # gets stuck
        [step({0}, {1}), step({2}, {1})],  # a transition that never fires
        [step({0}, {1, 2})],  # leaves a token behind
        [step({0}, {2, 3}), step({2}, {4}), step({3}, {4}), step({4}, {1})],  # two tokens in a place
        [step({0}, {2, 3}), step({2}, {4}), step({2}, {5}), step({3, 4}, {1}), step({5}, {5})],  # may miss the end
    ],
)
def test_unsound_nets_are_seen_to_be(transitions: list[Transition]):
    assert not is_sound(WorkflowNet(6, 0, 1, tuple(transitions)))


def test_too_many_states_are_said_to_be():
    tree = block(Operator.PARALLEL, *(leaf(letter) for letter in "abcdefgh"))
    with pytest.raises(TooManyStatesError, match="more than 100 states"):
        is_sound(convert_to_net(tree), most_states=100)


def test_a_process_that_does_nothing_is_a_start_and_an_end():
    model = convert_to_bpmn(SILENT)
    assert [node.kind for node in model.nodes] == [NodeKind.START, NodeKind.END]
    assert convert_to_net(SILENT).size == 2 + 1 + 2


def test_what_may_be_done_any_number_of_times_needs_one_place():
    net = convert_to_net(ProcessTree(Operator.LOOP, children=(SILENT, leaf("a"))))
    assert (net.places, len(net.transitions)) == (3, 3)
    assert is_sound(net)
    assert all(is_run(net, ("a",) * times) for times in range(4))
