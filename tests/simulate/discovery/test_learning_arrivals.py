from datetime import date

import numpy as np
import pytest

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, HOUR_US, SECOND_US
from potok.simulate.discovery.arrivals import learn_arrivals
from potok.simulate.discovery.hourly_rates import blocks_of_hours
from potok.simulate.model import ArrivalKind, DistributionKind, fixed
from potok.simulate.model.distributions import mean_seconds

MONDAY_US = 19_359 * DAY_US  # 2023-01-02
OFFICE = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), {}, 2022, 2030)
WEEK = Calendar("week", "UTC", (((540, 1020),),) * 6 + ((),), {}, 2022, 2030)


def learn(opened, weights=None, calendars=None):
    counts = np.ones(len(opened)) if weights is None else weights
    return learn_arrivals(np.asarray(opened, np.int64), counts, zone="UTC", calendars=calendars or {})


def poisson_days(generator, days, per_day, *, hours=(9, 17), closed=()):
    opened = []
    for day in range(days):
        if day % 7 >= 5 or day in closed:
            continue
        count = generator.poisson(per_day(day))
        opened += (MONDAY_US + day * DAY_US + generator.uniform(hours[0], hours[1], count) * HOUR_US).tolist()
    return np.sort(np.array(opened).astype(np.int64))


def test_arrivals_at_equal_distances_in_office_hours_follow_one_another():
    opened = [MONDAY_US + 9 * HOUR_US]
    while len(opened) < 200:
        opened.append(OFFICE.working_instant_us(opened[-1], 900 * SECOND_US))

    arrivals, fit = learn(opened, calendars={"office": OFFICE})

    assert arrivals.kind is ArrivalKind.RENEWAL
    assert arrivals.calendar == "office"
    assert arrivals.inter_arrival.kind is DistributionKind.FIXED
    assert arrivals.inter_arrival.mean_seconds == pytest.approx(900.0)
    assert fit.variation < 0.01


def put_off(gaps, *, first=MONDAY_US + 9 * HOUR_US):
    """Draw arrivals one after another at any hour; what falls into closed time comes at the next opening."""
    at, opened = first, []
    for gap in gaps:
        at += int(gap * SECOND_US)
        day, hour = divmod(at - MONDAY_US, DAY_US)
        if not (day % 7 < 5 and 9 * HOUR_US <= hour < 17 * HOUR_US):
            day += 0 if day % 7 < 5 and hour < 9 * HOUR_US else 1
            day += -day % 7 if day % 7 >= 5 else 0
            at = MONDAY_US + day * DAY_US + 9 * HOUR_US
        opened.append(at)
    return opened


def test_arrivals_put_off_to_the_opening_keep_the_times_between_them():
    # Uniform from 0 to two hours: those cut off by the evening are the longer ones, and still count.
    gaps = np.random.default_rng(9).uniform(0.0, 7_200.0, 800)

    arrivals, fit = learn(put_off(gaps), calendars={"office": OFFICE, "week": WEEK})

    assert arrivals.kind is ArrivalKind.RENEWAL
    assert (arrivals.calendar, arrivals.is_put_off) == ("office", True)
    assert mean_seconds(arrivals.inter_arrival) == pytest.approx(3_600.0, rel=0.05)
    assert fit.variation == pytest.approx(12**-0.5 * 2, abs=0.05)


def test_first_starts_that_wait_now_and_then_leave_equal_distances_equal():
    opened = np.array(put_off([1_000.0] * 600))
    late = np.random.default_rng(10).random(600) < 0.2
    opened[late] += 300 * SECOND_US

    arrivals, _fit = learn(opened, calendars={"office": OFFICE})

    assert arrivals.is_put_off
    assert arrivals.inter_arrival == fixed(1_000.0)


def test_times_that_vary_less_than_chance_in_open_time_follow_one_another():
    generator = np.random.default_rng(12)
    opened = [MONDAY_US + 9 * HOUR_US]
    for gap in generator.gamma(2.5, 400.0, 500):
        opened.append(OFFICE.working_instant_us(opened[-1], int(gap * SECOND_US)))

    arrivals, fit = learn(opened, calendars={"office": OFFICE})

    assert (arrivals.kind, arrivals.is_put_off) == (ArrivalKind.RENEWAL, False)
    assert mean_seconds(arrivals.inter_arrival) == pytest.approx(1_000.0, rel=0.08)
    assert fit.variation == pytest.approx(2.5**-0.5, abs=0.06)


def test_cases_begun_together_in_the_morning_were_not_put_off():
    opened = poisson_days(np.random.default_rng(13), 70, lambda day: 10.0, hours=(7, 15))
    morning = opened // DAY_US * DAY_US + 9 * HOUR_US

    arrivals, _fit = learn(np.maximum(opened, morning), calendars={"office": OFFICE})

    assert arrivals.kind is ArrivalKind.POISSON


def test_independent_arrivals_have_their_hours_and_their_rate():
    opened = poisson_days(np.random.default_rng(2), 140, lambda day: 20.0)

    arrivals, fit = learn(opened, calendars={"office": OFFICE})

    shares = np.array(arrivals.hour_of_week_shares).reshape(7, 24)
    assert arrivals.kind is ArrivalKind.POISSON
    assert arrivals.per_day * 7 == pytest.approx(100.0, rel=0.05)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[:5, 9:17].sum() == pytest.approx(1.0)
    assert shares[0, 9:17] == pytest.approx(np.full(8, 1 / 40), rel=0.2)
    assert fit.dispersion == 0.0
    assert arrivals.growth_per_year == 0.0


def test_days_that_vary_beyond_chance_disperse_the_rate():
    generator = np.random.default_rng(3)
    opened = poisson_days(generator, 350, lambda day: 20.0 * generator.gamma(4.0, 0.25))

    arrivals, _fit = learn(opened)

    assert arrivals.dispersion == pytest.approx(0.25, rel=0.35)


def test_a_day_without_arrivals_is_one_off():
    opened = poisson_days(np.random.default_rng(4), 70, lambda day: 15.0, closed={8})

    arrivals, fit = learn(opened)

    assert arrivals.day_factors == {date(2023, 1, 10): 0.0}
    assert fit.days_off == 1


def test_growth_is_found_in_a_long_log():
    opened = poisson_days(np.random.default_rng(5), 728, lambda day: 10.0 * 1.3 ** (day / 365.25))

    arrivals, _fit = learn(opened)

    assert arrivals.growth_per_year == pytest.approx(0.3, abs=0.08)
    assert arrivals.per_day * 7 / 5 == pytest.approx(10.0, rel=0.08)


def test_weights_raise_the_rate():
    opened = poisson_days(np.random.default_rng(6), 140, lambda day: 20.0)

    once, _fit = learn(opened)
    twice, _again = learn(opened, np.full(len(opened), 2.0))

    assert twice.per_day == pytest.approx(2 * once.per_day, rel=0.01)


def test_hours_and_weekdays_that_differ_by_chance_alone_are_alike():
    opened = poisson_days(np.random.default_rng(3), 7 * 12, lambda _day: 20, hours=(9, 21))
    weights = np.random.default_rng(4).poisson(1.0, len(opened)).astype(float)

    for counted in (None, weights):
        arrivals, fit = learn(opened, counted)
        shares = np.array(arrivals.hour_of_week_shares).reshape(7, 24)
        # Seen as they are, hours of a hundred arrivals would differ by a tenth, and in a sample drawn anew by more.
        assert shares[:5, 9:21] == pytest.approx(1.0 / 60.0, rel=0.02)
        # Cases that count several times are no sign of days that differ.
        assert fit.dispersion == 0.0


def test_blocks_begin_where_the_rate_changes():
    counts = np.array([0, 0, 50, 48, 52, 20, 22, 18, 0, 0], dtype=float)
    even = blocks_of_hours(counts, penalty=3.0)
    assert even == pytest.approx([0, 0, 50, 50, 50, 20, 20, 20, 0, 0])
