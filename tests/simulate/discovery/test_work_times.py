import numpy as np
import pytest

from potok.core.calendars import Calendar
from potok.core.time_units import DAY_US, HOUR_US
from potok.discover.extraneous_delay import discover_extraneous_delays
from potok.discover.multitasking import discover_multitasking
from potok.discover.pools import count_activities, discover_pools
from potok.discover.resource_calendars import ResourceWork, discover_resource_calendars
from potok.simulate.discovery.people import People
from potok.simulate.discovery.work_times import work_times

MONDAY_US = 19_359 * DAY_US
OFFICE = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), {}, 2022, 2030)


def people_of(work, *, stretched=False):
    pools = discover_pools(count_activities(work))
    return People(
        pools=pools,
        groups=(),
        calendars={"office": OFFICE},
        calendar_of=("office",) * work.resources,
        multitasking=discover_multitasking(work),
        is_stretched=np.full(work.resources, stretched),
        delays=discover_extraneous_delays(work, discover_resource_calendars(work), pools),
        is_automatic=np.zeros(1, bool),
        reasons=(),
    )


def work_of(spans):
    started, completed = (np.array(column, dtype=np.int64) for column in zip(*spans, strict=True))
    nothing = np.zeros(len(spans), np.int32)
    return ResourceWork(np.arange(len(spans)), nothing, nothing, started, started, completed)


def test_work_that_goes_on_the_next_morning_pauses():
    days = MONDAY_US + np.arange(4) * DAY_US
    work = work_of([(day + 16 * HOUR_US, day + DAY_US + 10 * HOUR_US) for day in [*days, *(days + 7 * DAY_US)]])

    seconds, pauses = work_times(work, people_of(work), 1)

    assert pauses.tolist() == [True]
    assert seconds == pytest.approx(np.full(8, 2 * 3_600))


def test_work_that_is_finished_in_the_evening_does_not():
    days = MONDAY_US + np.arange(5) * DAY_US
    work = work_of([(day + 16 * HOUR_US, day + 18 * HOUR_US) for day in [*days, *(days + 7 * DAY_US)]])

    seconds, pauses = work_times(work, people_of(work), 1)

    assert pauses.tolist() == [False]
    assert seconds == pytest.approx(np.full(10, 2 * 3_600))


def test_a_day_that_is_always_a_day_is_not_spent_on_duty():
    # Begun from Monday to Friday in the office, over a day later each time; of it the office sees 8 hours or less.
    begun = MONDAY_US + np.arange(20) // 5 * 7 * DAY_US + np.arange(20) % 5 * DAY_US + 10 * HOUR_US
    work = work_of([(at, at + 26 * HOUR_US) for at in begun.tolist()])

    seconds, pauses = work_times(work, people_of(work), 1)

    assert pauses.tolist() == [False]
    assert seconds == pytest.approx(np.full(20, 26 * 3_600))


def test_attention_is_divided_where_work_is_stretched():
    ten = MONDAY_US + 10 * HOUR_US
    work = work_of([(ten, ten + 2 * HOUR_US), (ten + HOUR_US, ten + 3 * HOUR_US)])

    seconds, _pauses = work_times(work, people_of(work, stretched=True), 1)

    assert seconds == pytest.approx([1.5 * 3_600, 1.5 * 3_600])
