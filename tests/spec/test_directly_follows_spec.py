"""What a passage is, how long it takes, and what the directly-follows graph counts."""

from potok.measure.directly_follows import (
    DirectlyFollowsEdge,
    DirectlyFollowsNode,
    compute_directly_follows_edges,
    compute_directly_follows_graph,
)
from support.tiny_store import tiny_log


def one_edge(answer, log):
    (edge,) = answer(compute_directly_follows_edges, log)
    return edge


def test_a_wait_runs_from_completion_to_start(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 30      | 40
    """)
    assert one_edge(answer, log) == DirectlyFollowsEdge("A", "B", 1, 1, 20.0, 20.0, 20.0, 20.0)


def test_without_a_start_a_wait_runs_to_the_completion(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 10
        1    | B        | 40
    """)
    assert one_edge(answer, log).total_seconds == 30


def test_an_overlap_is_no_wait(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 30
        1    | B        | 10      | 40
    """)
    assert one_edge(answer, log).mean_seconds == 0


def test_after_an_unfinished_instance_the_wait_is_unknown(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 10      |
        1    | B        | 30      | 40
        2    | A        | 0       | 10
        2    | B        | 15      | 16
    """)
    assert one_edge(answer, log) == DirectlyFollowsEdge("A", "B", 2, 2, 5.0, 5.0, 5.0, 5.0)


def test_with_no_known_wait_there_is_no_mean(answer):
    log = tiny_log("""
        case | activity | started
        1    | A        | 10
        1    | B        | 30
    """)
    assert one_edge(answer, log) == DirectlyFollowsEdge("A", "B", 1, 1, None, None, None, 0.0)


def test_quantiles_interpolate_linearly(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 10
        2    | A        | 0
        2    | B        | 20
        3    | A        | 0
        3    | B        | 60
        4    | A        | 0
        4    | B        | 110
    """)
    edge = one_edge(answer, log)
    assert (edge.mean_seconds, edge.median_seconds, edge.p90_seconds) == (50, 40, 95)


def test_order_is_by_completion_then_start_then_source_row(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | D        |         | 40
        1    | C        | 20      | 40
        1    | B        | 10      | 40
        1    | A        | 35      | 36
        1    | E        |         | 40
    """)
    assert [(edge.activity, edge.next_activity) for edge in answer(compute_directly_follows_edges, log)] == [
        ("A", "B"),
        ("B", "C"),
        ("C", "D"),
        ("D", "E"),
    ]


def test_an_unfinished_instance_stands_where_it_started(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 20      |
        1    | C        | 12      | 30
    """)
    edges = answer(compute_directly_follows_edges, log)
    assert [(edge.activity, edge.next_activity, edge.total_seconds) for edge in edges] == [
        ("A", "B", 10),
        ("B", "C", 0),
    ]


def test_a_case_passing_twice_counts_once_as_a_case(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | A        | 10
        1    | A        | 30
        2    | A        | 0
    """)
    assert one_edge(answer, log) == DirectlyFollowsEdge("A", "A", 2, 1, 15.0, 15.0, 19.0, 30.0)


def test_nodes_count_instances_cases_and_ends(answer):
    log = tiny_log(
        """
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 20      | 24
        1    | B        | 30      | 36
        2    | B        | 0       |
        """,
        open_cases="2",
    )
    graph = answer(compute_directly_follows_graph, log)
    assert graph.has_start_times
    assert graph.nodes == (
        DirectlyFollowsNode("B", instances=3, cases=2, starts=1, ends=2, median_processing_seconds=5.0),
        DirectlyFollowsNode("A", instances=1, cases=1, starts=1, ends=0, median_processing_seconds=10.0),
    )


def test_a_completion_before_the_start_is_no_processing_time(answer):
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 10      | 0
    """)
    graph = answer(compute_directly_follows_graph, log)
    assert graph.nodes[0].median_processing_seconds is None
    assert graph.edges == ()


def test_a_log_without_starts_says_so(answer):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 10
    """)
    assert not answer(compute_directly_follows_graph, log).has_start_times
