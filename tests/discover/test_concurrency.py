"""The concurrency relation, and what enables what by it."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.instances import bounds, instances
from potok.discover import concurrency, concurrency_counts, enabled_times
from potok.discover.concurrency import count_successions, discover_concurrency, join_counts
from potok.discover.concurrency_counts import count_codes
from potok.discover.enabled_times import NO_ROW, Order, count_instances, find_enabled_times, learn_order
from potok.discover.instance_arrays import Instances
from potok.discover.resource_calendars.work import UNKNOWN
from support.examples import examples
from support.interpreted import interpret

A, B, C, D = range(4)
SEEDS = st.integers(0, 2**32 - 1)


def traces(*words: str) -> Instances:
    """Make a case of each word, one activity after the other, without starts."""
    return instances(
        [(case, letter, 0, None, None, place) for case, word in enumerate(words) for place, letter in enumerate(word)]
    )


def concurrent_pairs(held: Instances, **options) -> set[tuple[int, int]]:
    found = discover_concurrency(count_instances(held), **options)
    return {(pair.activity, pair.other) for pair in found.pairs}


def test_activities_in_both_orders_are_concurrent():
    held = traces(*["ABCD"] * 6, *["ACBD"] * 4)
    (pair,) = discover_concurrency(count_instances(held)).pairs
    assert (pair.activity, pair.other, pair.forwards, pair.backwards, pair.overlaps) == (B, C, 6, 4, 0)
    # (6 − 4) / (6 + 4 + 1)
    assert pair.dependency == pytest.approx(2 / 11)


def test_an_order_that_is_rarely_broken_stays_one():
    held = traces(*["AB"] * 40, "BA")
    assert concurrent_pairs(held) == set()
    # 39 / 42 is below 0.95
    assert concurrent_pairs(held, threshold=0.95) == {(A, B)}


def test_a_short_loop_is_no_concurrency():
    assert concurrent_pairs(traces(*["ABABC"] * 5, *["ABC"] * 5)) == set()


def test_overlaps_tell_concurrency_whatever_lies_between():
    rows = [
        (case, *row) for case in range(9) for row in (("A", 0, None, 0, 5), ("B", 1, None, 5, 6), ("C", 2, None, 0, 9))
    ]
    held = instances(rows)
    assert concurrent_pairs(held) == {(A, C), (B, C)}


def test_an_activity_worked_on_several_times_at_once_is_concurrent_to_itself():
    rows = [(0, "A", 0, None, start, start + 5) for start in range(4)]
    assert concurrent_pairs(instances(rows)) == {(A, A)}
    assert concurrent_pairs(traces("AAAA")) == set()


def test_counts_of_parts_add_up_to_those_of_the_log():
    held = traces("ABC", "ACB", "ABAB", "D")
    parts = [held.take(held.case < 2), held.take(held.case == 2), held.take(held.case > 2)]
    whole, joined = count_instances(held), join_counts([count_instances(part) for part in parts])
    assert whole.activities == joined.activities
    for name in ("succession", "overlap", "loop"):
        for one, other in zip(getattr(whole, name), getattr(joined, name), strict=True):
            assert one.tolist() == other.tolist()


def test_codes_are_counted_alike_with_and_without_a_counter_for_each():
    codes = np.array([7, 3, 7, 0, 3, 7])
    for size in (8, 10**9):
        distinct, counts = count_codes(codes, size)
        assert (distinct.tolist(), counts.tolist()) == ([0, 3, 7], [1, 2, 3])


def test_thresholds_outside_the_range_are_refused():
    counts = count_successions(*(np.zeros(0, kind) for kind in (np.int64, np.int32, np.int64, np.int64)))
    with pytest.raises(ValueError, match="threshold must be over 0, at most 1, not 0"):
        discover_concurrency(counts, threshold=0)
    assert discover_concurrency(counts).pairs == ()


def slow_enablers(held: Instances, pairs: set[tuple[int, int]]) -> list[int]:
    """Find enabling rows by trying every earlier row."""
    found = []
    for row in range(len(held)):
        reached = held.started_us[row] if held.started_us[row] != UNKNOWN else held.completed_us[row]
        fitting = [
            other
            for other in range(row)
            if held.case[other] == held.case[row]
            and held.completed_us[other] != UNKNOWN
            and (reached == UNKNOWN or held.completed_us[other] <= reached)
            and tuple(sorted((held.activity[other], held.activity[row]))) not in pairs
        ]
        found.append(max(fitting, default=NO_ROW))
    return found


def random_instances(random: Random) -> Instances:
    rows = []
    for case in range(random.randint(1, 6)):
        for _ in range(random.randint(1, 7)):
            begin, end = sorted((random.randrange(12), random.randrange(12)))
            rows.append(
                (
                    case,
                    random.choice("ABCD"),
                    0,
                    None,
                    begin if random.random() < 0.8 else None,
                    end if random.random() < 0.9 else None,
                )
            )
    return instances(rows)


def assert_enablers(seed: int) -> None:
    held = random_instances(Random(seed))
    relation = discover_concurrency(count_instances(held))
    pairs = {(pair.activity, pair.other) for pair in relation.pairs}
    found = find_enabled_times(held, bounds(held), basis="concurrent", order=Order(relation))
    assert found.enabler.tolist() == slow_enablers(held, pairs)


@given(SEEDS)
@settings(max_examples=examples(80), deadline=None)
def test_the_latest_completion_that_is_not_concurrent_enables(seed):
    assert_enablers(seed)


@pytest.mark.parametrize("seed", range(5))
def test_compiled_and_plain_loops_agree(seed, monkeypatch):
    interpret(monkeypatch, concurrency, concurrency_counts, enabled_times)
    assert_enablers(seed)


def test_relabelling_cases_changes_nothing():
    held = random_instances(Random(11))
    moved = held.take(np.argsort(-held.case, kind="stable"))
    assert concurrent_pairs(held) == concurrent_pairs(moved)


def test_without_a_predecessor_an_instance_is_enabled_when_its_case_opens():
    held = instances([(0, "A", 0, None, 10, 20), (0, "B", 0, None, 25, 30)])
    order = learn_order([count_instances(held)], held)
    found = find_enabled_times(held, bounds(held, opened=4), basis="concurrent", order=order)
    assert (found.enabled_us.tolist(), found.enabler.tolist()) == ([4, 20], [NO_ROW, 0])
    late = find_enabled_times(held, bounds(held, opened=15), basis="concurrent", order=order)
    assert late.enabled_us.tolist() == [10, 20]
    with pytest.raises(ValueError, match="needs the order"):
        find_enabled_times(held, bounds(held), basis="concurrent")


def test_given_and_previous_enablements():
    held = instances([(0, "A", 0, 1, 2, 5), (0, "B", 0, 9, 8, 12), (0, "C", 0, 6, 20, 30)])
    given_ = find_enabled_times(held, bounds(held), basis="given")
    # B starts before the log says it was enabled; C was enabled after A, but before B was completed.
    assert (given_.enabled_us.tolist(), given_.enabler.tolist()) == ([1, 8, 6], [NO_ROW, 0, 0])
    previous = find_enabled_times(held, bounds(held), basis="previous")
    assert (previous.enabled_us.tolist(), previous.enabler.tolist()) == ([UNKNOWN, 5, 12], [NO_ROW, 0, 1])
