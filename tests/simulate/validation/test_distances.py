import numpy as np
import pytest

from potok.core.time_units import HOUR_US
from potok.simulate.validation import Distances, TimedLog, log_distances, resample_cases
from simulate.validation.made_logs import made_log

# Measured once by log-distance-measures 2.2.0 (its own defaults: hours, Wasserstein, n = 3) on the same two logs.
REFERENCE = Distances(
    ngd=0.14583333333333334,
    aed=5.202655677655676,
    car=4.8999999999999995,
    ced=1.9635407381553707,
    red=0.5100732600732605,
    ctd=1.1611111111111105,
)
NAMES = ("ngd", "aed", "car", "ced", "red", "ctd")


@pytest.fixture(scope="module")
def logs():
    return made_log(cases=60, step=67, spread=7), made_log(cases=45, step=101, spread=11)


@pytest.mark.parametrize("name", NAMES)
def test_a_distance_is_that_of_the_reference_package(logs, name):
    found = log_distances(*logs)

    assert getattr(found, name) == pytest.approx(getattr(REFERENCE, name), rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_logs_and_rows_does_not_matter(logs, name):
    one, other = logs
    order = np.random.default_rng(1).permutation(len(one))
    shuffled = TimedLog(one.case[order], one.activity[order], one.started_us[order], one.completed_us[order])

    assert getattr(log_distances(other, shuffled), name) == pytest.approx(getattr(REFERENCE, name), rel=1e-12)


def test_a_log_is_at_no_distance_from_itself(logs):
    assert log_distances(logs[0], logs[0]) == Distances(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_a_log_moved_by_hours_differs_in_when_alone(logs):
    one = logs[0]
    moved = TimedLog(one.case, one.activity, one.started_us + 5 * HOUR_US, one.completed_us + 5 * HOUR_US)

    found = log_distances(one, moved)

    assert (found.ngd, found.red, found.ctd) == (0.0, 0.0, 0.0)
    assert (found.aed, found.car) == pytest.approx((5.0, 5.0))


def test_nothing_has_no_distance(logs):
    empty = TimedLog(*(np.zeros(0, np.int64) for _column in range(4)))

    with pytest.raises(ValueError, match="without instances"):
        log_distances(logs[0], empty)


def test_resampled_cases_are_whole_cases_at_given_starts(logs):
    one = logs[0]
    starts = np.sort(one.started_us)[:20]

    drawn = resample_cases(one, starts, np.random.default_rng(3))

    firsts = [drawn.started_us[drawn.case == case].min() for case in range(20)]
    known = {tuple(one.activity[one.case == case].tolist()) for case in np.unique(one.case)}
    assert firsts == starts.tolist()
    assert {tuple(drawn.activity[drawn.case == case].tolist()) for case in range(20)} <= known
