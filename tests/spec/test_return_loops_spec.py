"""What a return is, how long its loop takes, whose fault it is, and what ping-pong is."""

from random import Random

import pytest

from potok.diagnose.rework.ping_pong import PingPongPair, compute_ping_pong, list_ping_pong_cases
from potok.diagnose.rework.return_loops import compute_return_loops, list_return_cases
from potok.diagnose.rework.return_reasons import ReturnReason, compute_return_reasons, list_return_reason_cases
from potok.measure.first_time_through import compute_first_time_through
from support import reference_rework
from support.comparing import comparable
from support.measuring import ENGINES, ask_of
from support.random_logs import random_log, union
from support.tiny_store import tiny_log, write_store

REFERENCES = {
    measure.__name__: getattr(reference_rework, measure.__name__)
    for measure in (compute_return_loops, compute_return_reasons, compute_ping_pong)
}


@pytest.fixture(params=ENGINES[:2])
def ask(request, tmp_path):
    return ask_of(request, tmp_path, REFERENCES)


def ends(loops):
    return [(loop.source, loop.target, loop.returns, loop.loop_seconds) for loop in loops]


def test_only_the_way_back_is_a_return_not_the_way_forward_again(ask):
    """A B C A B C: the case goes back once, from C to A; B and C come forward again."""
    log = tiny_log("""
        case | activity | started | completed
        1    | A        | 0       | 10
        1    | B        | 10      | 20
        1    | C        | 30      | 40
        1    | A        | 100     | 105
        1    | B        | 105     | 115
        1    | C        | 115     | 130
    """)
    found = ask(compute_return_loops, log)
    assert ends(found.loops) == [("C", "A", 1, 90)]
    assert found.loops[0].staff_seconds == 5 + 10 + 15
    assert (found.returns, found.repetitions, found.returned_cases) == (1, 0, 1)
    assert found.loop_share == pytest.approx(90 / 130)


def test_the_same_activity_once_more_is_a_repetition(ask):
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | A        | 10
        1    | B        | 20
        1    | B        | 25
    """)
    found = ask(compute_return_loops, log)
    assert [(loop.source, loop.target, loop.reach) for loop in found.loops] == [
        ("A", "A", "same_activity"),
        ("B", "B", "same_activity"),
    ]
    assert (found.returns, found.repetitions, found.staff_seconds) == (0, 2, None)


def test_loops_within_each_other_count_once_in_the_total(ask):
    """Back to B within the way back to A: 20 to 60 lies in 0 to 100."""
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 20
        1    | C        | 30
        1    | B        | 60
        1    | A        | 100
    """)
    found = ask(compute_return_loops, log)
    assert ends(found.loops) == [("B", "A", 1, 100), ("C", "B", 1, 40)]
    assert found.loop_seconds == 100


def test_a_loop_is_cut_to_the_time_in_which_the_case_was_open(ask):
    log = tiny_log(
        """
        case | activity | completed
        1    | A        | 0
        1    | B        | 50
        1    | A        | 100
        """,
        opened={"1": 20},
        closed={"1": 70},
    )
    assert ask(compute_return_loops, log).loop_seconds == 50


def test_where_most_cases_go_the_other_way_it_is_against_no_usual_order(ask):
    """Two cases begin A before B, one the other way and then comes 'back' to B."""
    log = tiny_log("""
        case | activity | completed
        1    | A        | 0
        1    | B        | 1
        2    | A        | 0
        2    | B        | 1
        3    | B        | 0
        3    | A        | 1
        3    | B        | 2
    """)
    assert [loop.reach for loop in ask(compute_return_loops, log).loops] == ["no_usual_order"]


def test_reasons_are_those_of_the_first_step_back_and_add_up(ask):
    log = tiny_log(
        """
        case | activity | completed | org_unit
        1    | A        | 0         | front
        1    | B        | 1         | back
        1    | A        | 2         | front
        1    | A        | 3         | front
        2    | A        | 0         | front
        2    | C        | 1         |
        2    | A        | 2         | front
        3    | A        | 0         | front
        4    | A        | 0         | front
        4    | A        | 1         | front
        """,
        open_cases="4",
    )
    by_activity = ask(compute_return_reasons, log)
    assert by_activity.reasons == (ReturnReason("B", 1, 1 / 3, 0.5), ReturnReason("C", 1, 1 / 3, 0.5))
    assert (by_activity.closed_cases, by_activity.through_cases, by_activity.through_share) == (3, 1, 1 / 3)
    by_unit = ask(compute_return_reasons, log, by="org_unit")
    assert [reason.label for reason in by_unit.reasons] == ["back", None]


def test_ping_pong_comes_back_at_least_once_and_passes_over_the_unknown(ask):
    log = tiny_log("""
        case | activity | started | completed | org_unit
        1    | A        | 0       | 10        | front
        1    | B        | 20      | 30        | back
        1    | C        | 30      | 35        |
        1    | D        | 35      | 40        | Unknown
        1    | E        | 50      | 60        | front
        1    | F        | 60      | 70        | back
        1    | G        | 80      | 90        | third
        2    | A        | 0       | 10        | front
        2    | B        | 20      | 30        | back
        3    | A        | 0       | 10        |
    """)
    found = ask(compute_ping_pong, log, holder="org_unit")
    assert found.pairs == (
        PingPongPair("back", "front", cases=1, episodes=1, turns=3, longest_turns=3, seconds=50, median_seconds=50),
    )
    assert (found.known_cases, found.cases, found.case_share) == (2, 1, 0.5)


def test_two_ping_pongs_may_share_a_stay(ask):
    log = tiny_log("""
        case | activity | completed | resource
        1    | A        | 0         | x
        1    | A        | 10        | y
        1    | A        | 30        | x
        1    | A        | 40        | z
        1    | A        | 70        | x
    """)
    found = ask(compute_ping_pong, log, holder="resource")
    assert [(pair.first, pair.second, pair.seconds) for pair in found.pairs] == [("x", "z", 40), ("x", "y", 30)]
    assert (found.cases, found.episodes, found.turns) == (1, 2, 4)


ASKED = (
    (compute_return_loops, {}),
    (compute_return_reasons, {"by": "org_unit"}),
    (compute_ping_pong, {"holder": "org_unit"}),
    (compute_return_reasons, {}),
    (compute_ping_pong, {"holder": "resource"}),
)


def assert_agrees(store, log, engine, asked=ASKED):
    for measure, parameters in asked:
        expected = REFERENCES[measure.__name__](log, **parameters)
        assert comparable(measure(store, engine=engine, **parameters)) == comparable(expected), measure.__name__


def test_duckdb_agrees_with_plain_python_and_leads_to_cases(duckdb_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(60)])
    store = write_store(log, tmp_path / "store")
    assert_agrees(store, log, duckdb_engine)
    loops = compute_return_loops(store, engine=duckdb_engine)
    assert len(loops.loops) > 50
    for loop in loops.loops[:3]:
        listed = list_return_cases(store, loop.source, loop.target, engine=duckdb_engine)
        assert (len(listed), sum(case.seconds for case in listed)) == (loop.cases, pytest.approx(loop.loop_seconds))
    found = compute_ping_pong(store, holder="org_unit", engine=duckdb_engine)
    for pair in found.pairs[:3]:
        listed = list_ping_pong_cases(store, pair.second, pair.first, engine=duckdb_engine)
        assert (len(listed), sum(case.seconds for case in listed)) == (pair.cases, pytest.approx(pair.seconds))
    reasons = compute_return_reasons(store, engine=duckdb_engine)
    for reason in reasons.reasons[:2]:
        assert len(list_return_reason_cases(store, reason.label, engine=duckdb_engine)) == reason.cases
    through = compute_first_time_through(store, engine=duckdb_engine).overall
    assert (through.closed_cases, through.through_cases) == (reasons.closed_cases, reasons.through_cases)
    assert reasons.through_share + sum(reason.closed_share for reason in reasons.reasons) == pytest.approx(1)


@pytest.mark.spark
def test_spark_agrees_with_plain_python(spark_engine, tmp_path):
    log = union([random_log(Random(seed)) for seed in range(40)])
    assert_agrees(write_store(log, tmp_path / "store"), log, spark_engine, ASKED[:3])
