"""Models of a log's process: what they are made of, on both engines; the miner for very large logs."""

from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover import brute_force
from discover.random_trees import random_run, random_traces, trees
from potok.discover import process_models
from potok.discover.inductive.follow_graph import count_follows
from potok.discover.inductive.graph_miner import mine_graph
from potok.discover.inductive_miner import NoiseThresholdError
from potok.discover.process_models import (
    ActivityShareError,
    Miner,
    TooManyActivitiesError,
    choose_frequent,
    compute_process_model,
    keep_activities,
    read_traces,
)
from potok.discover.process_tree import ProcessTree, simplify
from potok.discover.workflow_net import WorkflowNet, convert_to_net, is_sound
from potok.log.store import LogStore
from support.examples import examples
from support.tiny_store import SECOND, TinyEvent, TinyLog, write_store

SEEDS = st.integers(0, 2**32 - 1)
TRACES = {"abcd": 5, "acbd": 4, "abd": 3, "ad": 1}


@pytest.fixture
def store(tmp_path: Path) -> LogStore:
    return write_store(log_of(TRACES), tmp_path / "store")


def log_of(traces: dict[str, int]) -> TinyLog:
    events = [
        TinyEvent(case=f"{trace}-{copy}", activity=activity, completed=position * SECOND)
        for trace, cases in traces.items()
        for copy in range(cases)
        for position, activity in enumerate(trace)
    ]
    return TinyLog(tuple(events))


def test_traces_are_read_with_their_cases(store: LogStore):
    assert read_traces(store) == {tuple(trace): cases for trace, cases in TRACES.items()}
    assert read_traces(store, every=2) == {tuple("abcd"): 5, tuple("abd"): 3}


def test_a_model_says_what_it_was_made_of(store: LogStore):
    model = compute_process_model(store, noise_threshold=0)
    assert (model.miner, model.cases, model.measured_cases) == (Miner.INFREQUENT, 13, 13)
    assert (model.activities, model.all_activities) == (4, 4)
    assert (model.quality.fitness, model.quality.fitting_share) == (1, 1)
    assert sorted(model.tree.activities()) == list("abcd")


def test_the_most_frequent_activities_are_taken(store: LogStore):
    traces = read_traces(store)  # a and d 13 times, b 12, c 9: of 47
    assert choose_frequent(traces, activity_share=26 / 47) == {"a", "d"}
    assert choose_frequent(traces, activity_share=27 / 47) == {"a", "b", "d"}
    assert keep_activities(traces, frozenset("bc")) == {("b", "c"): 5, ("c", "b"): 4, ("b",): 3, (): 1}
    model = compute_process_model(store, activity_share=0.5)
    assert (model.activities, model.all_activities, set(model.tree.activities())) == (2, 4, {"a", "d"})


@pytest.mark.parametrize("share", [0, -1, 1.01])
def test_a_share_out_of_range_is_refused(store: LogStore, share: float):
    with pytest.raises(ActivityShareError, match="cannot be"):
        compute_process_model(store, activity_share=share)


def test_a_very_large_log_is_mined_by_its_graph(store: LogStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process_models, "MOST_POSITIONS", 7)
    model = compute_process_model(store, noise_threshold=0)
    assert (model.miner, model.cases) == (Miner.DIRECTLY_FOLLOWS, 13)
    assert model.measured_cases == 8  # 13 instances in four variants: every second
    # The graph shows that a case may pass from a to d, not that c alone may be left out; the traces show both.
    assert model.tree == mine({tuple(trace): cases for trace, cases in TRACES.items()})
    assert model.quality.fitness < compute_process_model(store, noise_threshold=0, activity_share=0.999).quality.fitness
    with pytest.raises(NoiseThresholdError):
        compute_process_model(store, noise_threshold=7)


@pytest.mark.parametrize("positions", [process_models.MOST_POSITIONS, 7])
def test_a_model_of_too_many_activities_is_refused(store: LogStore, monkeypatch: pytest.MonkeyPatch, positions: int):
    monkeypatch.setattr(process_models, "MOST_POSITIONS", positions)
    monkeypatch.setattr(process_models, "MOST_ACTIVITIES", 3)
    with pytest.raises(TooManyActivitiesError, match="A model of 4 activities would show nothing; at most 3"):
        compute_process_model(store)
    assert compute_process_model(store, activity_share=0.5).activities == 2


def mine(traces: dict, noise: float = 0.0) -> ProcessTree:
    codes = {tuple(map(ord, trace)): cases for trace, cases in traces.items() if trace}
    return simplify(mine_graph(count_follows(codes), chr, noise_threshold=noise))


def passages_of(net: WorkflowNet) -> tuple[set, set, set]:
    """Which activity may directly follow which, start and end a run, from all states of the net."""
    first = brute_force.silent_closure(net, {frozenset((net.source,))})
    starts = {done for marking in first for done, _ in brute_force.steps(net, marking) if done}
    follows, ends, seen, waiting = set(), set(), set(first), list(first)
    while waiting:
        for done, following in brute_force.steps(net, waiting.pop()):
            after = brute_force.silent_closure(net, {following})
            if done:
                follows |= {(done, then) for marking in after for then, _ in brute_force.steps(net, marking) if then}
                ends |= {done} if frozenset((net.sink,)) in after else set()
            waiting += after - seen
            seen |= after
    return starts, follows, ends


@settings(max_examples=examples(52), deadline=None)
@given(SEEDS)
def test_every_passage_of_a_log_is_possible_in_the_model_of_its_graph(seed: int):
    traces = {trace: cases for trace, cases in random_traces(Random(seed)).items() if trace} or {("a",): 1}
    net = convert_to_net(mine(traces))
    assert is_sound(net)
    starts, follows, ends = passages_of(net)
    assert {trace[0] for trace in traces} <= starts
    assert {pair for trace in traces for pair in pairwise(trace)} <= follows
    assert {trace[-1] for trace in traces} <= ends


@settings(max_examples=examples(28), deadline=None)
@given(SEEDS, st.sampled_from((0.1, 0.2, 0.5, 1.0)))
def test_models_of_graphs_are_sound_at_any_threshold(seed: int, noise: float):
    tree = mine(random_traces(Random(seed)), noise)
    assert is_sound(convert_to_net(tree))
    assert len(set(tree.activities())) == len(tree.activities())


@settings(max_examples=examples(21), deadline=None)
@given(trees(most=5), SEEDS)
def test_a_graph_needs_no_order_of_cases(tree: ProcessTree, seed: int):
    random = Random(seed)
    runs = [random_run(tree, random) for _ in range(20)]
    traces = {run: runs.count(run) for run in runs}
    assert mine(traces) == mine(dict(reversed(traces.items())))
