"""What makes batches fire: planted rules are found, and none where there is none."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from discover.instances import instances
from potok.core.time_units import HOUR_US, MINUTE_US
from potok.discover import busy_time, resource_clocks
from potok.discover.batches import (
    FIRING_REASONS,
    BatchRules,
    compute_firing_rules,
    discover_firing_rules,
    find_batches,
    firings,
    kernels,
)
from potok.discover.batches.triggers import Judge, Trigger
from potok.discover.batches.windows import NEVER, WEEK_HOURS, Window, week_profile, windows_of
from potok.discover.resource_calendars import OwnedSpans
from potok.discover.resource_clocks import make_clocks
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn
from support.interpreted import interpret

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
# 1970-01-05 was a Monday.
MONDAY = 4 * 24 * 60


@pytest.fixture(scope="module")
def planted():
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("batch_processes")
    finally:
        sys.path.remove(str(BENCHMARKS))


def rules_in(held, *, zone="UTC", **options):
    clocks = make_clocks(int(held.resource.max(initial=-1)) + 1, **options)
    batches = find_batches(held, held.enabled_us, clocks=clocks)
    return discover_firing_rules(held, held.enabled_us, batches, clocks=clocks, zone=zone)


def batches_of(sizes, *, period=610, start=MONDAY):
    """Plan batches every `period` minutes whose members come evenly over forty minutes to four hours before."""
    rows = []
    for number, size in enumerate(sizes):
        begun, gather = start + number * period, 40 + 37 * number % 200
        for member in range(size):
            enabled = begun - gather + gather * member // max(size - 1, 1)
            rows.append((1000 * number + member, "A", 0, enabled, begun + 2 * member, begun + 2 * member + 2))
    return rows


@pytest.mark.parametrize("place", range(11))
def test_planted_rules_are_found_and_none_where_there_is_none(planted, place):
    rule, person = planted.PLANTED[place]
    weeks = 60 if rule.minimum_size == 6 else 30
    held = planted.make_log(rule, replace(person, slips=0.0 if rule.is_random else 0.01), weeks=weeks, seed=7)
    found = planted.find_rules(held, person)
    assert planted.is_found(rule, found), found
    for one in found.rules:
        assert one.confidence_lower < one.confidence <= one.confidence_upper
        assert 0.8 <= one.confidence <= 1
        assert 0.7 <= one.support <= 1
        assert one.batched_share == 1
    assert [one.reason for one in found.untold] == ["no_rule"] * rule.is_random


def test_a_size_that_is_reached_is_found_with_its_limit_and_its_exceptions():
    random = Random(1)
    rows = batches_of([5] * 38 + [3, 4])
    rows += [(90_000 + n, "A", 1, t := MONDAY + n * 300 + random.randrange(99), t, t + 1) for n in range(100)]
    (rule,) = rules_in(instances(rows, scale=MINUTE_US)).rules
    assert (rule.minimum_size, rule.maximum_size, rule.full_size, rule.maximum_wait_seconds) == (5, 5, None, None)
    assert (rule.weekdays, rule.hours) == (tuple(range(7)), None)
    assert (rule.firings, rule.confidence, rule.support) == (40, 1.0, 38 / 40)
    # Who begins everything at once does not batch; his work is no exception to the rule of those who do.
    assert rule.batched_share == pytest.approx(197 / 297)


def test_what_is_begun_late_because_of_other_work_is_no_exception():
    rows = []
    for number, size in enumerate([6] * 30):
        at = MONDAY + 1000 * number
        late = 120 if number % 2 else 0
        rows += [(100 * number + n, "A", 0, at + 60 * n, at + 300 + late, at + 310 + late) for n in range(size)]
        if late:
            rows.append((100 * number + 50, "B", 0, at + 290, at + 290, at + 420))
    held = instances(rows, scale=MINUTE_US)
    (rule,) = rules_in(held).rules
    assert (rule.minimum_size, rule.confidence, rule.support) == (6, 1.0, 1.0)
    nobody_busy = instances([row for row in rows if row[1] == "A"], scale=MINUTE_US)
    assert rules_in(nobody_busy).rules == ()


def test_hours_are_those_of_the_local_clock_summer_and_winter(planted):
    """Every day at nine in Berlin: at eight in UTC in winter, at seven in summer."""
    rows, random = [], Random(3)
    for day in range(365):
        begun = (day * 24 + (7 if 90 <= day < 300 else 8)) * 60
        came = [begun - random.randrange(60, 1300) for _member in range(random.randrange(2, 7))]
        rows += [(10 * day + member, "A", 0, enabled, begun, begun + 5) for member, enabled in enumerate(came)]
    offset = 1_704_067_200_000_000  # 2024-01-01 in UTC; clocks change on day 90 and day 300.
    held = instances(rows, scale=MINUTE_US)
    held = replace(
        held, **{name: getattr(held, name) + offset for name in ("enabled_us", "started_us", "completed_us")}
    )
    (rule,) = rules_in(held, zone="Europe/Berlin").rules
    assert rule.hours == (9, 10)
    assert rule.weekdays == tuple(range(7))
    assert rule.support > 0.95


def test_hours_at_which_everything_is_begun_are_no_rule(planted):
    """Batches begun at random in office hours are no batches of office hours, though all of them begin then."""
    rule, person = planted.PlantedRule("none", is_random=True), planted.Person(is_office=True)
    held = planted.make_log(rule, person, weeks=30, seed=1)
    clocks = make_clocks(1)
    batches = find_batches(held, held.enabled_us, clocks=clocks)
    found = discover_firing_rules(held, held.enabled_us, batches, clocks=clocks)
    assert found.rules == ()


def test_a_size_that_never_varies_belongs_to_the_rule_even_if_the_hour_explains_it_all():
    random, rows = Random(5), []
    for week in range(20):
        begun = MONDAY + (week * 7 * 24 + 10) * 60
        rows += [(10 * week + n, "A", 0, begun - random.randrange(60, 9_000), begun, begun + 5) for n in range(6)]
    rows += [(1000 + n, "B", 1, t := MONDAY + 37 * n, t, t + 5) for n in range(2000)]
    (rule,) = rules_in(instances(rows, scale=MINUTE_US)).rules
    assert (rule.minimum_size, rule.maximum_size, rule.weekdays, rule.hours) == (6, 6, (0,), (10, 11))
    one_less = [row for row in rows if row[0] % 20 or row[1] == "B"]
    (varying,) = rules_in(instances(one_less, scale=MINUTE_US)).rules
    assert (varying.minimum_size, varying.weekdays, varying.hours) == (1, (0,), (10, 11))


def test_few_batches_tell_nothing():
    found = rules_in(instances(batches_of([5] * 9), scale=MINUTE_US))
    assert found.rules == ()
    assert [(one.activity, one.firings, one.reason) for one in found.untold] == [(0, 9, "too_few_firings")]
    assert rules_in(instances(batches_of([5] * 10), scale=MINUTE_US)).of(0).minimum_size == 5
    assert found.of(0) is None


def test_what_comes_together_and_is_begun_at_once_needs_no_rule():
    rows = [(10 * n + m, "A", 0, n * 600, n * 600, n * 600 + 5) for n in range(30) for m in range(4)]
    found = rules_in(instances(rows, scale=MINUTE_US))
    assert [one.reason for one in found.untold] == ["not_held_back"]


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (instances([]), "no_resources"),
        (instances([(0, "A", None, 0, 1, 2), (1, "A", None, 0, 1, 2)]), "no_resources"),
        (instances([(0, "A", 0, 0, None, 2), (1, "A", 0, 0, None, 2)]), "no_start_times"),
        (instances([(n, "A", 0, None, n, n + 1) for n in range(9)]), "no_batches"),
        (instances([(n, "A", 0, n, n, n + 1) for n in range(9)]), "no_batches"),
        (instances([(0, "A", 0, 5, 5, 5)]), "no_batches"),
    ],
)
def test_what_cannot_be_told_is_said_to_be(held, reason):
    found = rules_in(held)
    assert (found.rules, found.untold, found.reasons) == ((), (), (reason,))
    assert reason in FIRING_REASONS


def test_only_some_of_very_many_firings_are_looked_at_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(firings, "MOST_FIRINGS", 12)
    (rule,) = rules_in(instances(batches_of([4] * 50), scale=MINUTE_US)).rules
    assert (rule.minimum_size, rule.firings, rule.support) == (4, 50, 1.0)


def made_up_days(seed):
    """Work of two people with hours of their own; by hand, minute by minute, since when each was not free."""
    random = Random(seed)
    spans = [sorted(random.sample(range(0, 400, 5), 6)) for _person in range(2)]
    work = [
        (one, begin := random.randrange(350), begin + random.randrange(1, 30)) for _n in range(20) for one in (0, 1)
    ]
    return spans, work, random


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("limit", [1, 2])
def test_since_when_nobody_was_free_equals_a_count_of_minutes(seed, limit, monkeypatch):
    if seed == 0:
        interpret(monkeypatch, busy_time, resource_clocks, kernels)
    spans, work, random = made_up_days(seed)
    work.sort()
    starts = np.array([at for person in spans for at in person[::2]], np.int64)
    ends = np.array([at for person in spans for at in person[1::2]], np.int64)
    # Of the second the hours are not known: he could always begin.
    clocks = make_clocks(
        2,
        duty=OwnedSpans(np.array([0, 3, 6]), starts, ends),
        is_known=np.array([True, False]),
        limit=np.array([limit, limit]),
    )
    asked = [
        (one, first := random.randrange(-20, 300), first + random.randrange(120), random.randrange(15))
        for one in (0, 0, 1, 1)
    ]
    resource, first, begun, slack = (np.array(column, np.int64) for column in zip(*asked, strict=True))
    owner, started, completed = (np.array(column, np.int64) for column in zip(*work, strict=True))
    rows = (np.arange(len(work)), np.searchsorted(owner, [0, 1, 2]))
    found = kernels.unfree_since(
        (first, begun, resource, slack), rows, (started, completed), clocks.limit, clocks.calendar, clocks.duty
    )
    for place, (one, earliest, begin, allowed) in enumerate(asked):
        at, free = begin, 0
        while at > earliest:
            busy = sum(who == one and start <= at - 1 < end for who, start, end in work) >= limit
            on_duty = one == 1 or any(a <= at - 1 < b for a, b in zip(spans[0][::2], spans[0][1::2], strict=True))
            free += on_duty and not busy
            if free > allowed:
                break
            at -= 1
        assert found[place] == at


def test_windows_open_and_close_on_the_hour():
    window = Window((0, 4), (22, 2))
    opened = np.flatnonzero(window.is_open).tolist()
    assert opened == [22, 23, 24, 25, 118, 119, 120, 121]
    monday = MONDAY * MINUTE_US
    asked = monday + np.array([0, 22.5, 25.5, 26, 24 * 6]) * HOUR_US
    asked = np.append(asked.astype(np.int64), NEVER)
    hours = [22, 22.5, 25.5, 118, 24 * 7 + 22]
    assert window.opens(asked).tolist() == [*(monday + int(hour * HOUR_US) for hour in hours), NEVER]
    closing = [26, 26, 26, 122, 24 * 7 + 26]
    assert window.closes(window.opens(asked)).tolist() == [*(monday + hour * HOUR_US for hour in closing), NEVER]
    days = Window((5, 6))
    assert days.closes(np.array([monday + 5 * 24 * HOUR_US])).tolist() == [monday + 6 * 24 * HOUR_US]


def test_windows_that_are_tried_hold_most_beginnings():
    begun = MONDAY * MINUTE_US + (np.arange(50) * 7 * 24 + np.where(np.arange(50) % 10, 9, 30)) * HOUR_US
    found = set(windows_of(begun))
    assert {Window((0,)), Window((0,), (9, 10)), Window(hours=(9, 10))} <= found
    assert Window() not in found
    assert list(windows_of(MONDAY * MINUTE_US + np.arange(WEEK_HOURS) * HOUR_US)) != []


def test_a_wide_window_is_worth_less_than_a_narrow_one_that_explains_as_much(planted):
    rule, person = planted.PLANTED[3]
    held = planted.make_log(rule, person, weeks=10, seed=2)
    clocks = make_clocks(1)
    batches = find_batches(held, held.enabled_us, clocks=clocks)
    (collected,), others = firings.collect_firings(
        held, held.enabled_us, batches, clocks=clocks, zone="UTC", rules=BatchRules()
    )
    judge = Judge(collected, week_profile(others))
    wide, narrow = (judge.judge(Trigger(window=Window(hours=hours))) for hours in ((3, 10), (9, 10)))
    assert wide.support == pytest.approx(narrow.support, abs=0.03)
    assert wide.score < narrow.score - 0.2


@pytest.mark.data
def test_the_rule_of_a_public_log_is_found(shared_data, tmp_path):
    """The short branch begins when three have gathered."""
    mapping = Mapping(
        case_id="case:concept:name",
        activity=("concept:name",),
        resource="org:resource",
        enabled_at=TimeColumn(("time:enabled",)),
        started_at=TimeColumn(("start_timestamp",)),
        completed_at=TimeColumn(("time:timestamp",)),
    )
    source = shared_data / "known-rules-small" / "Simple_log_with_batching.csv.gz"
    found = compute_firing_rules(import_log(ImportRequest((str(source),), tmp_path / "store", mapping)))
    (rule,) = found.rules
    assert (rule.minimum_size, rule.maximum_size, rule.maximum_wait_seconds, rule.hours) == (3, 3, None, None)
    assert (rule.firings, rule.confidence) == (168, 1.0)
    assert found.untold == ()
