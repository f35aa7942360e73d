"""What the edges and the clock of a log do to what is learnt from it."""

import numpy as np
import pytest

from potok.core.time_units import DAY_US, HOUR_US
from potok.simulate.discovery.clock_shifts import find_clock_shift
from potok.simulate.discovery.truncation import seen_shares, truncated_distribution

FIRST_US = 19_397 * DAY_US  # 2023-02-09
CHANGE_US = 19_442 * DAY_US  # 2023-03-26


def office_instants(generator, *, later_us):
    days = FIRST_US + generator.integers(0, 80, 4_000) * DAY_US
    instants = days + (8 * HOUR_US + generator.uniform(0, 8 * HOUR_US, 4_000)).astype(np.int64)
    return np.where(instants >= CHANGE_US, instants + later_us, instants)


@pytest.mark.parametrize("later_us", [HOUR_US, -HOUR_US])
def test_a_moved_clock_is_found_and_put_right(later_us):
    instants = office_instants(np.random.default_rng(1), later_us=later_us)

    shift = find_clock_shift(instants, zone="UTC")

    assert shift is not None
    assert shift.shift_us == later_us
    assert abs((shift.day.toordinal() - 719_163) * DAY_US - CHANGE_US) <= DAY_US
    hours = shift.put_right(instants) % DAY_US // HOUR_US
    assert len(np.unique(hours)) <= 9
    before = instants[instants < CHANGE_US - DAY_US]
    assert shift.put_back(shift.put_right(before)).tolist() == before.tolist()


def test_a_steady_clock_is_left_alone():
    assert find_clock_shift(office_instants(np.random.default_rng(2), later_us=0), zone="UTC") is None


def test_few_instants_tell_nothing_of_the_clock():
    assert find_clock_shift(np.arange(100), zone="UTC") is None


def finished_cases(generator, size, *, span):
    opened = generator.uniform(0, span, size)
    lasted = generator.exponential(span / 8, size)
    return opened.astype(np.int64), lasted.astype(np.int64)


def test_durations_seen_below_limits_are_told_whole():
    generator = np.random.default_rng(3)
    opened, lasted = finished_cases(generator, 20_000, span=1e12)
    limit = 10**12 - opened
    is_seen = lasted <= limit
    at = np.array([0.5e11, 1e11, 2e11, 4e11]).astype(np.int64)

    found = truncated_distribution(lasted[is_seen], limit[is_seen], at)

    assert found == pytest.approx(1 - np.exp(-at / 1.25e11), abs=0.02)
    assert np.mean(lasted[is_seen] <= at[1]) > found[1] + 0.02  # what was seen alone is too short


def test_arrivals_of_finished_cases_are_made_up_at_the_end():
    generator = np.random.default_rng(4)
    opened, lasted = finished_cases(generator, 4_000, span=1e12)
    is_seen = opened + lasted <= 10**12

    shares = seen_shares(
        opened[is_seen],
        (opened + lasted)[is_seen],
        np.zeros(is_seen.sum(), bool),
        extracted_us=10**12,
    )

    late = opened[is_seen] > 0.9e12
    assert (1 / shares).sum() == pytest.approx(4_000, rel=0.03)
    assert (1 / shares[late]).sum() == pytest.approx(400, rel=0.25)


def test_a_log_with_its_open_cases_needs_nothing_made_up():
    opened, lasted = finished_cases(np.random.default_rng(5), 4_000, span=1e12)
    is_open = opened + lasted > 10**12

    shares = seen_shares(opened, np.minimum(opened + lasted, 10**12), is_open, extracted_us=10**12)

    assert (shares == 1.0).all()
