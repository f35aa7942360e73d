"""What each level of detail shows, and that it stays connected."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from potok.measure.directly_follows import DirectlyFollowsEdge, DirectlyFollowsGraph, DirectlyFollowsNode
from potok.report.drawing.detail import DetailName, DetailRule, MapDetail, choose_details
from potok.report.drawing.paths import END, START, Passage, strongest_way_from_start, strongest_way_to_end
from report.made_up_graphs import make_graph
from support.examples import examples

AT_MOST_THREE = DetailRule(DetailName.ESSENTIAL, 0.9, 2, 3, 0.5, 1.0)


def make_small_graph(
    instances: list[int], counts: dict[tuple[int, int], int], *, starts: set[int], ends: set[int]
) -> DirectlyFollowsGraph:
    return DirectlyFollowsGraph(
        nodes=tuple(
            DirectlyFollowsNode(f"a{index}", number, number, 5 * (index in starts), 5 * (index in ends), None)
            for index, number in enumerate(instances)
        ),
        edges=tuple(
            DirectlyFollowsEdge(f"a{source}", f"a{target}", count, count, 1.0, 1.0, 1.0, float(count))
            for (source, target), count in counts.items()
        ),
        has_start_times=False,
    )


def reachable(detail: MapDetail, *, forward: bool) -> set[int]:
    pairs = [(passage.source, passage.target) for passage in detail.passages] + list(detail.indirect)
    found, rim = set(), [START if forward else END]
    while rim:
        here = rim.pop()
        for source, target in pairs if forward else [(target, source) for source, target in pairs]:
            if source == here and target not in found:
                found.add(target)
                rim.append(target)
    return found


def test_the_strongest_way_is_as_strong_as_its_weakest_passage():
    passages = [Passage(START, 0, 9), Passage(0, 2, 2, 0), Passage(0, 1, 8, 1), Passage(1, 2, 7, 2), Passage(2, END, 9)]
    assert strongest_way_from_start(passages)[2] == passages[3]
    assert strongest_way_to_end(passages)[0] == passages[2]


def test_a_tie_goes_to_the_smaller_number():
    passages = [Passage(START, 1, 5), Passage(START, 0, 5), Passage(0, 2, 5, 0), Passage(1, 2, 5, 1)]
    assert strongest_way_from_start(passages)[2].source == 0


def test_an_empty_graph_has_no_levels():
    assert choose_details(DirectlyFollowsGraph((), (), has_start_times=False)) == ()


def test_one_activity_that_follows_itself():
    graph = make_small_graph([7], {(0, 0): 2}, starts={0}, ends={0})
    detail = choose_details(graph)[-1]
    assert detail.activities == (0,)
    assert detail.edges == (0,)
    assert (detail.activity_share, detail.passage_share) == (1.0, 1.0)


def test_levels_show_more_and_more_and_say_how_much():
    graph = make_graph(150)
    details = choose_details(graph)
    assert [detail.name for detail in details] == list(DetailName)
    assert [len(detail.activities) for detail in details] == [12, 25, 40, 80]
    shares = [(detail.activity_share, detail.passage_share) for detail in details]
    assert shares == sorted(shares)
    essential = details[0]
    instances = sum(graph.nodes[index].instances for index in essential.activities)
    assert essential.activity_share == instances / sum(node.instances for node in graph.nodes)


def test_levels_that_would_show_the_same_are_given_once():
    graph = make_small_graph([9, 8], {(0, 1): 8}, starts={0}, ends={0, 1})
    assert len(choose_details(graph)) == 1


def test_the_most_frequent_activities_are_shown():
    graph = make_small_graph([1, 50, 40, 2], {(1, 2): 40, (2, 0): 1, (2, 3): 2}, starts={1}, ends={0, 2, 3})
    (detail,) = choose_details(graph, rules=[AT_MOST_THREE])
    assert detail.activities == (1, 2)


def test_a_way_through_hidden_activities_is_marked_as_indirect():
    # a0 -> a1 -> a2, of which a1 is rare: without the mark a2 would hang in the air.
    graph = make_small_graph([50, 1, 40, 30], {(0, 1): 1, (1, 2): 1, (2, 3): 1}, starts={0}, ends={3})
    (detail,) = choose_details(graph, rules=[AT_MOST_THREE])
    assert sorted(detail.activities) == [0, 2, 3]
    assert detail.indirect == ((0, 2),)
    assert reachable(detail, forward=True) >= {0, 2, 3}


def test_an_activity_without_any_way_is_shown_all_the_same():
    graph = make_small_graph([50, 40], {}, starts={0}, ends={0})
    detail = choose_details(graph)[-1]
    assert set(detail.activities) == {0, 1}
    assert detail.indirect == ()


@st.composite
def graphs(draw: st.DrawFn) -> DirectlyFollowsGraph:
    traces = draw(st.lists(st.lists(st.integers(0, 60), min_size=1, max_size=30), min_size=1, max_size=30))
    number = max(map(max, traces)) + 1
    instances, starts, ends, counts = [0] * number, set(), set(), {}
    for trace in traces:
        starts.add(trace[0])
        ends.add(trace[-1])
        for activity in trace:
            instances[activity] += 1
        for pair in pairwise(trace):
            counts[pair] = counts.get(pair, 0) + 1
    return make_small_graph(instances, counts, starts=starts, ends=ends)


@settings(max_examples=examples(24), deadline=None)
@given(graphs())
def test_every_activity_shown_has_a_way_from_the_start_and_to_the_end(graph: DirectlyFollowsGraph):
    for detail in choose_details(graph):
        occurring = {index for index in detail.activities if graph.nodes[index].instances}
        assert occurring <= reachable(detail, forward=True)
        assert occurring <= reachable(detail, forward=False)
        assert 0 <= detail.activity_share <= 1
        assert 0 <= detail.passage_share <= 1
        shown = {START, END, *detail.activities}
        assert all({passage.source, passage.target} <= shown for passage in detail.passages)
        assert all({source, target} <= shown for source, target in detail.indirect)
