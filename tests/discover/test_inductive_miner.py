"""The inductive miner: fitting, sound, and finding again what made the log."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.brute_force import is_run
from discover.random_trees import random_run, random_traces, trees
from potok.discover.bpmn import convert_to_bpmn
from potok.discover.inductive.follow_graph import FollowGraph, Sieve, filter_rare
from potok.discover.inductive.miner import MOST_LEVELS, Filtering, mine_traces
from potok.discover.inductive_miner import NoiseThresholdError, discover_process_tree
from potok.discover.process_tree import SILENT, Operator, ProcessTree, block, leaf, simplify
from potok.discover.quality.model_quality import measure_quality
from potok.discover.quality.sampling import sample_cases
from potok.discover.workflow_net import convert_to_net, is_sound
from support.examples import examples

SEQUENCE, CHOICE, PARALLEL, LOOP = Operator.SEQUENCE, Operator.CHOICE, Operator.PARALLEL, Operator.LOOP
SEEDS = st.integers(0, 2**32 - 1)


def mine(*traces: str, noise: float = 0.0) -> ProcessTree:
    """Mine traces of one-letter activities; a number before a colon says how many cases."""
    log: dict[tuple[str, ...], int] = {}
    for text in traces:
        number, _, letters = text.rpartition(":")
        log[tuple(letters)] = int(number or 1)
    return discover_process_tree(log, noise_threshold=noise)


def show(tree: ProcessTree) -> str:
    """Write a tree on one line, the children of blocks without an order sorted."""
    if tree.operator is Operator.ACTIVITY:
        return tree.activity
    if tree.operator is Operator.SILENT:
        return "·"
    children = [show(child) for child in tree.children]
    if tree.operator in (CHOICE, PARALLEL):
        children.sort()
    sign = {SEQUENCE: "→", CHOICE: "×", PARALLEL: "+", LOOP: "↺"}[tree.operator]
    return f"{sign}({','.join(children)})"


@pytest.mark.parametrize(
    ("traces", "tree"),
    [
        (["a"], "a"),
        ([""], "·"),
        (["", "a"], "×(a,·)"),
        (["aa", "a"], "↺(a,·)"),
        (["", "a", "aa"], "↺(·,a)"),
        (["abc"], "→(a,b,c)"),
        (["a", "b"], "×(a,b)"),
        (["ab", "ba"], "+(a,b)"),
        (["ab", "a"], "→(a,×(b,·))"),
        (["a", "aba", "ababa"], "↺(a,b)"),
        (["ab", "abcab", "abdab"], "↺(→(a,b),×(c,d))"),
        # a, then b and c in parallel or e, in any number of rounds with f between, then d.
        (["abcd", "acbd", "aed", "abcfbcd", "acbfed", "aefcbd"], "→(a,↺(×(+(b,c),e),f),d)"),
        # b and c are only ever skipped together, so they are one option and not two.
        (["abcd", "ad"], "→(a,×(·,→(b,c)),d)"),
        (["abcd", "acd", "ad", "abd"], "→(a,×(b,·),×(c,·),d)"),
        # No cut: a once in every trace beside what else there is.
        (["abb", "bab", "bba"], "+(a,↺(b,·))"),
        # No cut and nothing to take out: rounds that begin anew at a start.
        (["abab", "ab"], "↺(→(a,b),·)"),
    ],
)
def test_trees_known_by_hand(traces: list[str], tree: str):
    assert show(mine(*traces)) == tree


@pytest.mark.parametrize(
    ("traces", "noise", "tree"),
    [
        (["99:abc", "1:acb", "1:cab"], 0.0, "+(c,→(a,b))"),
        (["50:abc", "50:acb"], 0.2, "→(a,+(b,c))"),
        (["99:ab", "1:"], 0.2, "→(a,b)"),
        (["99:ab", "1:"], 0.0, "×(·,→(a,b))"),
        (["90:ad", "90:bd", "1:abd", "1:bad"], 0.2, "→(×(a,b),d)"),
    ],
)
def test_what_is_rare_is_left_out_from_the_threshold_on(traces: list[str], noise: float, tree: str):
    assert show(mine(*traces, noise=noise)) == tree


@settings(max_examples=examples(35), deadline=None)
@given(SEEDS)
def test_without_noise_every_trace_of_any_log_is_a_run(seed: int):
    traces = random_traces(Random(seed), "abcd", number=Random(seed).randint(1, 8), longest=6)
    tree = discover_process_tree(traces, noise_threshold=0)
    net = convert_to_net(tree)
    assert all(is_run(net, trace) for trace in traces)
    assert measure_quality(tree, traces).fitness == 1


@settings(max_examples=examples(35), deadline=None)
@given(SEEDS, st.sampled_from((0.0, 0.1, 0.2, 0.5, 1.0)))
def test_every_model_is_sound_and_holds_each_activity_at_most_once(seed: int, noise: float):
    traces = random_traces(Random(seed))
    tree = discover_process_tree(traces, noise_threshold=noise)
    assert is_sound(convert_to_net(tree))
    labels = tree.activities()
    assert len(set(labels)) == len(labels)
    assert set(labels) <= {activity for trace in traces for activity in trace}


@settings(max_examples=examples(35), deadline=None)
@given(trees(most=7), SEEDS)
def test_logs_of_a_model_are_fitted(tree: ProcessTree, seed: int):
    random = Random(seed)
    runs = [random_run(tree, random) for _ in range(30)]
    traces = {run: runs.count(run) for run in runs}
    found = discover_process_tree(traces, noise_threshold=0)
    assert measure_quality(found, traces).fitness == 1


@settings(max_examples=examples(21), deadline=None)
@given(SEEDS)
def test_the_order_of_traces_changes_nothing(seed: int):
    traces = random_traces(Random(seed))
    turned = dict(reversed(traces.items()))
    for noise in (0.0, 0.2):
        assert discover_process_tree(traces, noise_threshold=noise) == discover_process_tree(
            turned, noise_threshold=noise
        )


@settings(max_examples=examples(21), deadline=None)
@given(SEEDS, st.integers(2, 9))
def test_more_cases_of_everything_change_nothing(seed: int, times: int):
    traces = random_traces(Random(seed))
    more = {trace: cases * times for trace, cases in traces.items()}
    assert discover_process_tree(traces) == discover_process_tree(more)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_threshold_out_of_range_is_refused(value: float):
    with pytest.raises(NoiseThresholdError, match="cannot be"):
        discover_process_tree({("a",): 1}, noise_threshold=value)


def test_a_log_of_hundreds_of_activities_is_no_deeper_than_python_goes():
    random = Random(5)
    labels = [f"activity {number}" for number in range(200)]
    traces = {tuple(random.sample(labels, 20)): 1 for _ in range(40)}
    tree = discover_process_tree(traces, noise_threshold=0)
    assert set(tree.activities()) == {activity for trace in traces for activity in trace}


def depth(tree: ProcessTree) -> int:
    return 1 + max((depth(child) for child in tree.children), default=0)


def test_many_activities_done_once_in_any_order_are_one_block():
    random, labels = Random(8), [f"activity {number}" for number in range(120)]
    traces = {tuple(random.sample(labels, len(labels))): 1 for _ in range(3)}
    tree = discover_process_tree(traces, noise_threshold=0)
    assert (depth(tree), sorted(tree.activities())) == (2, sorted(labels))


def test_blocks_in_blocks_end_where_nobody_would_follow():
    """In every round inside a round, up to 70 deep, one activity comes first and another at any time."""
    random, traces = Random(8), {}
    for _ in range(40):
        trace: list[str] = []
        for level in reversed(range(random.randint(1, 70))):
            trace.insert(random.randint(0, len(trace)), f"b{level}")
            trace.insert(0, f"a{level}")
        traces[tuple(trace)] = 1
    tree = discover_process_tree(traces, noise_threshold=0)
    assert 20 < depth(tree) <= 3 * MOST_LEVELS
    assert measure_quality(tree, traces).fitting_share == 1
    assert len(convert_to_bpmn(tree).nodes) >= len(tree.activities())


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_logs_of_one_activity(noise: float):
    lengths = {1: 40, 2: 30, 3000: 30}
    assert show(discover_process_tree({("a",) * n: c for n, c in lengths.items()}, noise_threshold=noise)) == "↺(a,·)"
    assert show(discover_process_tree({("a",): 9, (): 3}, noise_threshold=noise)) == "×(a,·)"
    assert show(discover_process_tree({("a",): 9}, noise_threshold=noise)) == "a"


@pytest.mark.parametrize(
    ("filtering", "tree"),
    [
        (Filtering(0.2, Sieve.OUT, is_filtered_first=True), "→(a,b,c)"),
        (Filtering(0.2, Sieve.OUT), "+(c,→(a,b))"),
        (Filtering(0.0, Sieve.BOTH, is_filtered_first=True), "+(c,→(a,b))"),
    ],
)
def test_filtering_first_leaves_out_what_a_cut_would_keep(filtering: Filtering, tree: str):
    log = {(0, 1, 2): 99, (0, 2, 1): 1, (2, 0, 1): 1}
    (found,) = mine_traces(log, "abc".__getitem__, filterings=(filtering,))
    assert show(found) == tree


@settings(max_examples=examples(21), deadline=None)
@given(SEEDS)
def test_filterings_mined_together_give_what_each_gives_alone(seed: int):
    log = {tuple(map(ord, trace)): cases for trace, cases in random_traces(Random(seed)).items()}
    filterings = tuple(
        Filtering(threshold, sieve, is_filtered_first=first)
        for threshold in (0.0, 0.1, 0.3)
        for sieve in Sieve
        for first in (False, True)
    )
    alone = [simplify(tree) for filtering in filterings for tree in mine_traces(log, chr, filterings=(filtering,))]
    assert [simplify(tree) for tree in mine_traces(log, chr, filterings=filterings)] == alone


def test_sieves_differ_in_what_a_passage_is_measured_against():
    graph = FollowGraph((0, 1, 2), {(0, 1): 100, (2, 1): 10, (0, 2): 15, (2, 0): 1}, {0: 115}, {1: 110, 2: 15})
    kept = {sieve: set(filter_rare(graph, noise_threshold=0.2, sieve=sieve).follows) for sieve in Sieve}
    assert kept[Sieve.OUT] == {(0, 1), (2, 1)}  # 15 of 100 ways out of 0, 1 of 15 out of 2
    assert kept[Sieve.BOTH] == {(0, 1)}  # 10 of 100 ways into 1
    assert kept[Sieve.CONNECTED] == {(0, 1), (0, 2)}  # the strongest way into 2; into 0 more start there


def test_a_model_of_a_quarter_of_the_cases_is_not_kept():
    """The readings of what is rare differ; none may leave out more than the threshold while another does not."""
    traces = {tuple("abcd"): 60, tuple("acbd"): 20, tuple("abd"): 15, tuple("dcba"): 5}
    assert measure_quality(discover_process_tree(traces), traces).fitness > 0.8


def test_a_sample_is_even_and_always_the_same():
    traces = {(str(number),): number + 1 for number in range(1000)}
    sample = sample_cases(traces, number=100)
    assert sum(sample.values()) == pytest.approx(100, abs=1)
    assert sample == sample_cases(dict(reversed(traces.items())), number=100)
    frequent = sum(cases for trace, cases in sample.items() if traces[trace] > 500)
    assert frequent / sum(sample.values()) == pytest.approx(0.75, abs=0.02)
    assert sample_cases(traces, number=1000) == traces


def test_blocks_of_one_child_are_that_child():
    assert block(SEQUENCE, leaf("a")) == leaf("a")
    assert block(LOOP, leaf("a"), SILENT).children == (leaf("a"), SILENT)
