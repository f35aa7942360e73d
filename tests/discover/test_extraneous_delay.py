"""Extraneous delay: bounds are those of a minute-by-minute search, and planted delays are found, but none elsewhere."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.made_up_work import DAY, HOUR, MINUTE, MONDAY, Task, is_office_hour, made_up_pool, work_of
from potok.core.calendars import Calendar
from potok.discover import pools
from potok.discover.extraneous_delay import DelayRules, LoadResponse, availability, discover_extraneous_delays
from potok.discover.extraneous_delay import interval_censored as censored
from potok.discover.extraneous_delay.interval_censored import collect_bounds, estimate_distribution
from potok.discover.multitasking import discover_multitasking
from potok.discover.pools import count_activities, discover_pools
from potok.discover.resource_calendars import discover_resource_calendars, give_resource_calendars
from potok.discover.resource_calendars.spans import own_spans
from potok.discover.resource_calendars.work import UNKNOWN
from potok.inference.survival import kaplan_meier
from support.examples import examples
from support.interpreted import interpret

# The grid of the estimate is a thousandth.
GRID = 0.002
OFFICE = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((),) * 2, {}, 2021, 2021)


def found_in(tasks, *, is_given=False, **rules):
    work = work_of(tasks)
    pools = discover_pools(count_activities(work))
    calendars = (
        give_resource_calendars(work, OFFICE) if is_given else discover_resource_calendars(work, pools=pools.members)
    )
    return discover_extraneous_delays(work, calendars, pools, rules=DelayRules(**{"bootstraps": 0} | rules))


def two_of_three(random, _case):
    """Half an hour to two and a half for two cases of three."""
    return round(random.uniform(HOUR / 2, 5 * HOUR / 2)) if random.random() < 2 / 3 else 0


@pytest.mark.parametrize("arrivals", [2.0, 4.0])
def test_a_planted_delay_is_found(arrivals):
    """Where the office is busy a third and two thirds of its time; the letter finds twice as much."""
    tasks, delays = made_up_pool(
        seed=3, weeks=8, arrivals_an_hour=arrivals, delay=two_of_three, is_arriving=is_office_hour
    )
    (found,) = found_in(tasks).activities
    planted = sum(delays) / 1e6
    assert found.total_seconds == pytest.approx(planted, rel=0.1)
    assert found.proven_seconds <= planted <= found.possible_seconds
    assert found.delayed_share == pytest.approx(np.mean([one > MINUTE for one in delays]), abs=0.05)
    assert found.after_first_free_seconds > 2 * planted


@pytest.mark.parametrize("arrivals", [2.0, 5.4])
def test_nothing_is_found_where_nothing_was_planted(arrivals):
    tasks, _delays = made_up_pool(seed=4, weeks=8, arrivals_an_hour=arrivals, is_arriving=is_office_hour)
    (found,) = found_in(tasks).activities
    assert found.total_seconds <= 0.001 * found.waiting_seconds


def test_more_work_than_can_be_done_tells_no_delay():
    (found,) = found_in(made_up_pool(seed=3, weeks=8, arrivals_an_hour=1.7, delay=two_of_three)[0]).activities
    assert (found.reason, found.total_seconds) == ("nobody_seen_free", None)


def test_the_interval_holds_what_was_planted():
    tasks, delays = made_up_pool(seed=5, weeks=8, arrivals_an_hour=4.0, delay=two_of_three, is_arriving=is_office_hour)
    (found,) = found_in(tasks, bootstraps=60).activities
    assert found.mean_interval.lower < np.mean(delays) / 1e6 < found.mean_interval.upper
    assert found.total_interval.lower == pytest.approx(found.mean_interval.lower * found.instances)
    assert found.delayed_interval.lower < found.delayed_share < found.delayed_interval.upper
    again = found_in(tasks, bootstraps=60).activities[0]
    assert again == found


def test_codes_and_order_change_nothing():
    tasks, _delays = made_up_pool(seed=6, weeks=4, delay=two_of_three)
    renamed = [Task(5000 - t.case, 3, 7 - t.resource, t.enabled, t.started, t.completed) for t in tasks]
    Random(1).shuffle(renamed)
    (first,), (second,) = found_in(tasks).activities, found_in(renamed).activities
    assert second.total_seconds == pytest.approx(first.total_seconds, rel=1e-9)
    assert second.proven_seconds == pytest.approx(first.proven_seconds, rel=1e-12)


def test_the_load_response_is_as_declared():
    tasks = made_up_pool(weeks=3)[0]
    assert found_in(tasks).activities[0].load_response is LoadResponse.UNKNOWN
    assert found_in(tasks, load_response=LoadResponse.FIXED).activities[0].load_response is LoadResponse.FIXED


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_bounds_equal_a_search_of_every_minute(seed):
    random = Random(seed)
    tasks = []
    for resource in range(2):
        at = MONDAY + 8 * HOUR
        for _number in range(20):
            begun = at + random.choice([0, 0, 20, 45, 300]) * MINUTE
            at = begun + random.randrange(1, 90) * MINUTE
            enabled = begun - random.choice([0, 15, 60, 600]) * MINUTE
            tasks.append(Task(len(tasks), 0, resource, enabled, begun, at))
    found = found_in(tasks, is_given=True).instances

    def is_free(at):
        busy = {t.resource for t in tasks if t.started <= at < t.completed}
        return is_office_hour(at) and len(busy) < 2 and at >= MONDAY

    first, last = min(t.started for t in tasks), max(t.completed for t in tasks)
    for row, task in enumerate(tasks):
        minutes = [at for at in range(task.enabled, task.started, MINUTE) if is_free(at) and first <= at < last]
        assert found.possible_us[row] == task.started - task.enabled
        assert found.proven_us[row] == (minutes[-1] + MINUTE - task.enabled if minutes else 0)
        assert found.after_first_free_us[row] == (task.started - minutes[0] if minutes else 0)


def test_free_time_does_not_depend_on_how_it_is_chunked(monkeypatch):
    work = work_of(made_up_pool(weeks=3, resources=4)[0])
    duty, limit = discover_resource_calendars(work).duty, discover_multitasking(work)
    whole = availability.free_spans(work, duty, limit)
    monkeypatch.setattr(availability, "CHUNK", 50)
    parts = availability.free_spans(work, duty, limit)
    assert all((getattr(whole, name) == getattr(parts, name)).all() for name in ("offsets", "starts_us", "ends_us"))


def test_somebody_is_free_where_any_one_is():
    spans = own_spans(
        [
            (np.array([0, 50]), np.array([10, 60])),
            (np.array([10, 55]), np.array([20, 70])),
            (np.array([90]), np.array([95])),
        ]
    )
    starts, ends = availability.anyone_free(spans, [0, 1])
    assert list(zip(starts.tolist(), ends.tolist(), strict=True)) == [(0, 20), (50, 70)]
    assert [len(edges) for edges in availability.anyone_free(spans, [])] == [0, 0]


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=40))
def test_right_censored_durations_give_the_product_limit_curve(sample):
    """Turnbull's estimate is Kaplan and Meier's where upper bounds are either exact or none."""
    observed = np.array([is_observed for _hours, is_observed in sample])
    # What is censored at the time of an event is taken to last longer: half an hour keeps the two apart.
    times = np.array([hours * 3600.0 for hours, _observed in sample]) + np.where(observed, 0.0, 1800.0)
    bounds = collect_bounds(times, np.where(observed, times, 1e9))
    found = estimate_distribution(bounds, np.bincount(bounds.pair).astype(float))
    curve = kaplan_meier(times, observed)
    assert found.share.sum() == pytest.approx(1)
    # Mass that is somewhere behind the last exact duration is spread over what is behind it, at no certain place.
    for time, left in zip(curve.times, curve.survival, strict=True):
        if time in times[observed]:
            assert found.share[found.to_seconds > time * (1 + GRID)].sum() == pytest.approx(left, abs=0.002)


def test_compiled_and_interpreted_estimates_are_the_same(monkeypatch):
    random = np.random.default_rng(1)
    low = random.integers(0, 5000, 200).astype(float)
    bounds = collect_bounds(low, low + random.choice([0, 0, 600, 5000], 200))
    weights = np.bincount(bounds.pair).astype(float)
    compiled = estimate_distribution(bounds, weights)
    interpret(monkeypatch, censored)
    assert estimate_distribution(bounds, weights).share == pytest.approx(compiled.share)
    assert not len(estimate_distribution(bounds, weights * 0).share)


def test_a_delay_within_bounds_is_placed_where_most_bounds_meet():
    """Six are known to last an hour; of four it is known only that they lasted under three."""
    low = np.array([3600.0] * 6 + [0.0] * 4)
    high = np.array([3600.0] * 6 + [10_800.0] * 4)
    bounds = collect_bounds(low, high)
    found = estimate_distribution(bounds, np.bincount(bounds.pair).astype(float))
    assert found.mean_seconds == pytest.approx(3600, rel=GRID)
    assert found.most_mean_seconds == pytest.approx(3600, rel=GRID)
    assert found.share_over(60) == pytest.approx(1)


def test_what_cannot_be_told_is_said_to_be():
    tasks = made_up_pool(weeks=3)[0]

    def without(**fields):
        return [Task(**{name: getattr(t, name) for name in Task.__dataclass_fields__} | fields) for t in tasks]

    assert found_in(without(resource=-1)).reasons == ("no_resources",)
    assert found_in(without(started=None)).reasons == ("no_start_times",)
    assert found_in([]).reasons == ("no_resources",)
    short = found_in(tasks[:10])
    assert (short.reasons, short.activities, short.unknown_instances) == (("calendars_unknown",), (), 10)
    few = found_in(tasks[:10], is_given=True).activities[0]
    assert (few.reason, few.total_seconds, few.delayed_share, few.mean_interval) == (
        "too_few_instances",
        None,
        None,
        None,
    )
    (unknown,) = found_in(without(enabled=None)).activities
    assert (unknown.instances, unknown.reason, unknown.exact_share) == (0, "too_few_instances", 0.0)


def test_a_queue_in_which_nobody_is_ever_free_tells_nothing():
    tasks = [
        Task(
            n,
            0,
            0,
            MONDAY + 9 * HOUR + n * MINUTE,
            MONDAY + 9 * HOUR + n * 20 * MINUTE,
            MONDAY + 9 * HOUR + (n + 1) * 20 * MINUTE,
        )
        for n in range(100, 1200)
    ]
    (found,) = found_in(tasks, is_given=True).activities
    assert found.reason == "nobody_seen_free"
    assert found.proven_seconds == 0


def test_too_much_to_follow_is_said_to_be(monkeypatch):
    from potok.discover.extraneous_delay import delays

    monkeypatch.setattr(delays, "MOST_SWEPT", 1)
    found = found_in(made_up_pool(weeks=3)[0])
    assert found.reasons == ("too_many_activities",)
    assert (found.instances.possible_us == UNKNOWN).all()
    monkeypatch.setattr(pools, "MOST_CELLS", 1)
    assert found_in(made_up_pool(weeks=3)[0]).reasons == ("too_many_activities",)


def test_days_that_are_constant_durations_are_told():
    """Every case takes a day and an hour exactly: enabled at nine, begun at noon although both were there."""
    days = [MONDAY + day * DAY for day in range(70) if day % 7 < 5]
    tasks = [
        Task(2 * n + one, 0, one, day + 9 * HOUR, day + 12 * HOUR, day + 13 * HOUR)
        for n, day in enumerate(days)
        for one in range(2)
    ]
    (found,) = found_in(tasks, is_given=True, bootstraps=20).activities
    assert found.mean_seconds == pytest.approx(3 * 3600, rel=GRID)
    assert found.mean_interval.lower == pytest.approx(found.mean_interval.upper, rel=GRID)
    assert found.exact_share > 0.95
