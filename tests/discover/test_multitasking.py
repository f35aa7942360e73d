"""Multitasking: limits are those of a minute-by-minute count, and short overlaps are none."""

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.made_up_work import HOUR, MINUTE, MONDAY, SECOND, Task, made_up_pool, work_of
from potok.discover.multitasking import discover_multitasking
from support.examples import examples


def test_who_does_one_thing_after_the_other_does_one_at_once():
    found = discover_multitasking(work_of(made_up_pool(weeks=2)[0]))
    assert found.limit.tolist() == found.most.tolist() == [1, 1, 1]
    assert not found.shared_us.any()


def test_overlaps_of_a_few_seconds_are_none():
    tasks = [Task(n, 0, 0, None, MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR + 5 * SECOND) for n in range(50)]
    found = discover_multitasking(work_of(tasks))
    assert (found.limit.tolist(), found.most.tolist()) == ([1], [1])
    assert discover_multitasking(work_of(tasks), tolerance_us=0).most.tolist() == [2]


def test_a_few_overlaps_in_a_year_are_none():
    tasks = [Task(n, 0, 0, None, MONDAY + n * HOUR, MONDAY + (n + 1) * HOUR - 1) for n in range(500)]
    found = discover_multitasking(work_of([*tasks, Task(900, 0, 0, None, MONDAY, MONDAY + HOUR)]))
    assert (found.limit.tolist(), found.most.tolist()) == ([1], [2])


def test_several_at_once_are_found_with_their_support():
    tasks = [
        Task(3 * n + one, 0, 0, None, MONDAY + n * HOUR + one * MINUTE, MONDAY + n * HOUR + 50 * MINUTE)
        for n in range(20)
        for one in range(3)
    ]
    found = discover_multitasking(work_of(tasks))
    assert found.limit.tolist() == [3]
    assert found.starts.tolist() == [60]
    assert found.starts_at_limit.tolist() == [20]
    assert found.shared_us.tolist() == [20 * (49 * MINUTE - 10 * SECOND)]


def test_who_was_never_seen_at_work_has_no_limit():
    work = work_of([Task(0, 0, 2, None, 0, HOUR), Task(0, 0, 1, None, None, HOUR)])
    assert discover_multitasking(work).limit.tolist() == [0, 0, 1]
    assert len(discover_multitasking(work_of([])).limit) == 0


def test_work_without_length_is_no_busy_time():
    found = discover_multitasking(work_of([Task(n, 0, 0, None, MONDAY, MONDAY) for n in range(9)]))
    assert (found.limit.tolist(), found.busy_us.tolist(), found.most.tolist()) == ([1], [0], [0])


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_levels_equal_a_count_of_every_minute(seed):
    random = Random(seed)
    tasks = [
        Task(
            n,
            0,
            random.randrange(2),
            None,
            MONDAY + begun * MINUTE,
            MONDAY + (begun + random.randrange(1, 40)) * MINUTE,
        )
        for n in range(random.randrange(1, 40))
        for begun in [random.randrange(200)]
    ]
    found = discover_multitasking(work_of(tasks), tolerance_us=0)
    for owner in range(len(found.limit)):
        own = [task for task in tasks if task.resource == owner]
        levels = np.array([sum(t.started <= MONDAY + m * MINUTE < t.completed for t in own) for m in range(240)])
        assert found.busy_us[owner] == (levels >= 1).sum() * MINUTE
        assert found.shared_us[owner] == (levels >= 2).sum() * MINUTE
        assert found.most[owner] == levels.max()
        if own:
            limit = found.limit[owner]
            assert (levels >= limit).sum() >= 0.02 * (levels >= 1).sum()
