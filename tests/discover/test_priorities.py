"""Priorities: planted rules are found, and none where work is taken first come, first served."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.made_up_work import MINUTE, MONDAY, Task, is_office_hour, made_up_pool, read_public_work, work_of
from potok.discover.pools import count_activities, discover_pools
from potok.discover.priorities import CaseAttributes, Comparison, Condition, choices, discover_priorities
from potok.discover.priorities.choices import collect_choices
from potok.discover.priorities.features import _typed, conditions_of, fetch_case_attributes
from support.examples import examples
from support.importing import import_text
from support.interpreted import interpret

BUSY = {"weeks": 6, "arrivals_an_hour": 5.0, "is_arriving": is_office_hour}


def attributes_of(tasks, **values):
    cases = sorted({task.case for task in tasks})
    return CaseAttributes(
        np.array(cases), {name: np.array([value(case) for case in cases]) for name, value in values.items()}
    )


def rules_in(tasks, **options):
    work = work_of(tasks)
    return discover_priorities(work, discover_pools(count_activities(work)), **options)


def channel(case):
    return "counter" if case % 4 == 0 else "portal"


def colour(case):
    return ("red", "green", "blue")[case * 7919 % 3]


def test_a_rule_on_an_attribute_is_found():
    tasks, _delays = made_up_pool(urgency=lambda case: channel(case) != "counter", **BUSY)
    found = rules_in(tasks, attributes=attributes_of(tasks, channel=channel, colour=colour))
    (rule,) = found.rules
    assert (rule.level, rule.condition) == (1, Condition("channel", Comparison.EQUAL, "counter"))
    assert rule.confidence == 1
    assert rule.by_chance_share < 0.6
    assert rule.fifo_share < 0.5
    assert rule.support >= 10
    assert rule.passed_over_instances >= 10


def test_levels_of_a_number_are_found_from_the_highest():
    def amount(case):
        return float(case * 7919 % 10)

    tasks, _delays = made_up_pool(urgency=lambda case: -int(amount(case) >= 8) - int(amount(case) >= 4), **BUSY)
    found = rules_in(tasks, attributes=attributes_of(tasks, amount=amount, colour=colour))
    first, second = found.rules
    assert {first.level, second.level} == {1, 2}
    limits = {(rule.condition.comparison, rule.condition.value) for rule in found.rules}
    assert limits == {(Comparison.AT_LEAST, 4.0), (Comparison.AT_LEAST, 8.0)}


def test_first_come_first_served_has_no_rule():
    tasks, _delays = made_up_pool(**BUSY)
    found = rules_in(tasks, attributes=attributes_of(tasks, channel=channel, colour=colour))
    assert (found.rules, found.fifo_share, found.reasons) == ((), 1.0, ())
    assert found.starts > 100


def test_a_random_order_has_no_rule():
    random = Random(1)
    order = [random.random() for _case in range(5000)]
    tasks, _delays = made_up_pool(urgency=lambda case: order[case], **BUSY)
    found = rules_in(tasks, attributes=attributes_of(tasks, channel=channel, colour=colour))
    assert found.rules == ()
    assert found.fifo_share < 0.9


def test_an_activity_that_goes_first_is_found_unless_the_others_lie_for_a_reason():
    tasks, _delays = made_up_pool(urgency=lambda case: case % 5 != 0, **BUSY)
    tasks = [Task(t.case, int(t.case % 5 == 0), t.resource, t.enabled, t.started, t.completed) for t in tasks]
    (rule,) = rules_in(tasks).rules
    assert rule.condition == Condition("activity", Comparison.EQUAL, 1)
    assert rules_in(tasks, delayed_activities=[0]).rules == ()


def test_one_file_under_a_cupboard_makes_no_rule():
    tasks, _delays = made_up_pool(**BUSY)
    late = max(task.completed for task in tasks)
    lost = [Task(9000 + n, 0, 0, MONDAY, late + n * MINUTE, late + (n + 1) * MINUTE) for n in range(3)]
    found = rules_in(tasks + lost, attributes=attributes_of(tasks + lost, is_lost=lambda case: str(case >= 9000)))
    assert found.rules == ()


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_choices_equal_a_search(seed):
    random = Random(seed)
    at, tasks = MONDAY, []
    for case in range(25):
        tasks.append(Task(case, 0, 0, at - random.randrange(60) * MINUTE, at, at + 5 * MINUTE))
        at += 5 * MINUTE
    work = work_of(tasks)
    found = collect_choices(work, discover_pools(count_activities(work)), enabled_us=work.enabled_us)
    # Queues this short are looked through from end to end.
    for row, task in enumerate(tasks):
        waiting = [n for n, other in enumerate(tasks) if other.enabled <= task.started < other.started]
        left = set(found.left[found.taken == row].tolist())
        assert left <= set(waiting)
        assert bool(left) == bool(waiting)
        if waiting:
            assert min(tasks[n].enabled for n in left) == min(tasks[n].enabled for n in waiting)
    busy = [task for task in tasks if any(o.enabled <= task.started < o.started for o in tasks)]
    assert found.starts == len(busy)
    fifo = [t for t in busy if all(t.enabled <= o.enabled for o in tasks if o.enabled <= t.started < o.started)]
    assert found.fifo_starts == len(fifo)


def test_compiled_and_interpreted_choices_are_the_same(monkeypatch):
    work = work_of(made_up_pool(**BUSY | {"weeks": 1})[0])
    pools = discover_pools(count_activities(work))
    compiled = collect_choices(work, pools, enabled_us=work.enabled_us)
    interpret(monkeypatch, choices)
    assert collect_choices(work, pools, enabled_us=work.enabled_us).left.tolist() == compiled.left.tolist()


def test_what_cannot_be_told_is_said_to_be():
    tasks, _delays = made_up_pool(weeks=1, arrivals_an_hour=0.5)
    nobody = [Task(t.case, 0, -1, t.enabled, t.started, t.completed) for t in tasks]
    unstarted = [Task(t.case, 0, 0, t.enabled, None, t.completed) for t in tasks]
    at_once = [Task(t.case, 0, 0, t.started, t.started, t.started + 1) for t in tasks]
    assert rules_in(nobody).reasons == ("no_resources",)
    assert rules_in(unstarted).reasons == ("no_start_times",)
    assert rules_in(at_once).reasons == ("nothing_waited",)
    assert rules_in([]).reasons == ("no_resources",)
    assert rules_in(at_once).fifo_share is None


def test_few_numbers_are_held_against_their_values_and_many_against_parts():
    few = [condition for condition, _flags in conditions_of("n", np.array([1.0, 2.0, np.nan]))]
    assert Condition("n", Comparison.EQUAL, 2.0) in few
    many = [condition for condition, _flags in conditions_of("n", np.arange(100.0))]
    assert {condition.comparison for condition in many} == {Comparison.AT_LEAST, Comparison.AT_MOST}
    assert len(many) == 18
    assert list(conditions_of("n", np.array([str(n) for n in range(100)]))) == []
    assert _typed([None, "x"]).tolist() == ["", "x"]


def test_attributes_of_cases_are_those_of_the_store(tmp_path):
    store = import_text(
        tmp_path,
        "case,activity,time,amount,kind\n2,a,2024-01-01,5,x\n1,a,2024-01-02,7.5,y\n1,b,2024-01-03,7.5,y\n",
    )
    found = fetch_case_attributes(store)
    assert {name: values.tolist() for name, values in found.values.items()} == {
        "attr:amount": [5.0, 7.5],
        "attr:kind": ["x", "y"],
    }


@pytest.mark.data
def test_the_rules_of_a_public_log_are_found(shared_data):
    """Rich clients go before poor ones, poor before poorer ones; the number of frogs plays no part."""
    columns = (
        "case:concept:name",
        "concept:name",
        "org:resource",
        "start_timestamp",
        "time:enabled",
        "time:timestamp",
        "",
    )
    path = shared_data / "known-rules-small" / "Simple_log_with_prioritization.csv.gz"
    log = read_public_work(path, columns=columns)
    known = {int(case): row for case, row in zip(log.work.case, log.rows, strict=True)}
    cases = sorted(known)
    attributes = CaseAttributes(
        np.array(cases),
        {name: _typed([known[case][name] for case in cases]) for name in ("Client_Type", "Number_of_frogs")},
    )
    delayed = range(len(log.activities))
    pools = discover_pools(count_activities(log.work))
    found = discover_priorities(log.work, pools, attributes=attributes, delayed_activities=delayed)
    assert [(rule.level, rule.condition.name, rule.condition.value) for rule in found.rules] == [
        (1, "Client_Type", "Rich"),
        (2, "Client_Type", "Poor"),
    ]
    assert all(rule.confidence == 1 for rule in found.rules)
