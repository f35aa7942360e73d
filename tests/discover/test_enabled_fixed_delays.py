"""Fixed delays between activities, and enabled times on a log that knows them."""

from random import Random

import numpy as np
import pytest

from discover.instances import bounds, instances
from potok.core.time_units import DAY_US, HOUR_US, SECOND_US
from potok.discover.enabled_times import (
    compute_order,
    count_instances,
    find_enabled_times,
    learn_order,
    not_after_start,
)
from potok.discover.instance_arrays import fetch_case_bounds, fetch_instances
from potok.log.importing.pipeline import import_log
from potok.log.importing.request import ImportRequest
from potok.log.mapping import Mapping, TimeColumn

LEAST_AGREEMENT = 0.97
LOANS = Mapping(
    case_id="case_id",
    activity=("activity",),
    resource="resource",
    org_unit="role",
    started_at=TimeColumn(("start_time",)),
    completed_at=TimeColumn(("end_time",)),
    enabled_at=TimeColumn(("enabled_time",)),
)


def delayed(lags, *, scale=SECOND_US):
    rows = []
    for case, lag in enumerate(lags):
        begin = case * 17
        rows += [(case, "A", 0, None, begin, begin + 3), (case, "B", 0, None, begin + 3 + lag, begin + 9 + lag)]
    return instances(rows, scale=scale)


def found_delays(held):
    return learn_order([count_instances(held)], held).delays


def test_a_clock_between_two_activities_is_found():
    random = Random(1)
    held = delayed([3600] * 20 + [3600 + random.randrange(1, 9000) for _ in range(40)])
    (delay,) = found_delays(held)
    assert (delay.activity, delay.next_activity, delay.delay_us, delay.passages, delay.exact) == (0, 1, HOUR_US, 60, 20)
    order = learn_order([count_instances(held)], held)
    found = find_enabled_times(held, bounds(held), basis="concurrent", order=order)
    is_next = held.activity == 1
    assert (found.enabled_us[is_next] - held.completed_us[~is_next] == HOUR_US).all()


@pytest.mark.parametrize(
    ("lags", "scale"),
    [
        ([0] * 30 + [50] * 30, SECOND_US),  # often at once
        ([3600] * 60 + [3599], SECOND_US),  # once sooner
        ([3600] * 5 + list(range(3601, 3700)), SECOND_US),  # too rarely exact
        ([1] * 30 + [2] * 25 + [3] * 20, DAY_US),  # days are often equal
    ],
)
def test_what_is_no_clock_is_not_taken_for_one(lags, scale):
    assert found_delays(delayed(lags, scale=scale)) == ()


@pytest.mark.data
@pytest.mark.parametrize("part", ["train", "test"])
def test_enabled_times_of_the_loan_log_are_found(part, shared_data, tmp_path):
    source = shared_data / "sim-loanapp-simplified" / f"LoanApp_simplified_{part}.csv.gz"
    store = import_log(ImportRequest((str(source),), tmp_path / "store", LOANS))
    (held,), case_bounds = fetch_instances(store), fetch_case_bounds(store)
    known = not_after_start(held.enabled_us, held)

    def agreement(basis):
        found = find_enabled_times(held, case_bounds, basis=basis, order=compute_order(store))
        return np.mean((found.enabled_us == known)[~held.is_first])

    assert agreement("concurrent") >= LEAST_AGREEMENT
    assert agreement("previous") < 0.85
    parts = list(fetch_instances(store, at_once=1000))
    assert len(parts) > 1
    assert sum(map(len, parts)) == len(held)
    assert all(part.is_first[0] for part in parts)
