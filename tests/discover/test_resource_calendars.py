"""Working calendars: known hours are found, days off are left out, and what cannot be told is said to be."""

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discover.made_up_work import (
    DAY,
    EPOCH,
    HOUR,
    MINUTE,
    MONDAY,
    Task,
    is_office_hour,
    made_up_pool,
    read_public_work,
    work_of,
)
from potok.core.calendars import Calendar
from potok.discover.resource_calendars import (
    CalendarBasis,
    WeeklyRules,
    discover_resource_calendars,
    give_resource_calendars,
)
from potok.discover.resource_calendars.evidence import collect_evidence, local_clock
from support.examples import examples

# Eight weeks, and the Monday on which the cases of the last weekend are done.
DAYS = 5 * 8 + 1
OFFICE = (((540, 1020),),) * 5 + ((),) * 2
TIMERS = ("case_id", "activity", "resource", "start_time", None, "end_time", "extraneous_delay")


def calendar_of(work, resource=0, pools=(), **rules):
    found = discover_resource_calendars(work, pools=pools, rules=WeeklyRules(**rules))
    return next(one for one in found.calendars if one.resource == resource), found


def test_the_hours_of_an_office_are_found():
    work = work_of(made_up_pool()[0])
    one, found = calendar_of(work, pools=[(0, 1, 2)])
    assert one.weekly == OFFICE
    assert one.weekly_minutes == 5 * 8 * 60
    assert one.basis is CalendarBasis.OWN
    # Work begun at the end of a day ends after it.
    assert one.support > 0.9
    assert 0.5 < one.confidence <= 1
    assert 0.9 < one.participation <= 1
    starts, ends = found.duty.of(0)
    assert all(is_office_hour(int(at)) for at in starts)
    assert DAYS <= len(starts) <= DAYS + 1
    # On one day in fifty chance alone leaves the end of a day empty; and the log ends within its last.
    assert ((ends - starts)[:-1] == 8 * HOUR).sum() >= 38


def test_a_break_at_noon_is_found():
    work = work_of(made_up_pool(is_open=lambda at: is_office_hour(at) and at % DAY // HOUR != 13, service_minutes=5)[0])
    one, _found = calendar_of(work)
    assert len(one.weekly[0]) == 2
    assert np.abs(np.array(one.weekly[0]) - [[540, 780], [840, 1020]]).max() <= 15


def test_work_over_the_night_says_nothing_of_the_night():
    tasks = [
        Task(
            week * 5 + day,
            0,
            0,
            None,
            MONDAY + (week * 7 + day) * DAY + begun,
            MONDAY + (week * 7 + day + 1) * DAY + done,
        )
        for week in range(12)
        for day in range(5)
        for begun, done in ((10 * HOUR + MINUTE, 10 * HOUR), (12 * HOUR, 11 * HOUR))
    ]
    one, _found = calendar_of(work_of(tasks), minimum_events=50)
    # What is begun at ten and at noon; at eleven work is only completed.
    assert one.weekly[1] == ((600, 605), (720, 725))


def test_hours_are_those_of_the_local_clock_over_its_changes():
    """Nine to five in Berlin from January to June: eight to four in UTC in winter, seven to three in summer."""
    random, tasks = Random(1), []
    for day in range(26 * 7):
        if day % 7 < 5:
            summer = MONDAY + day * DAY >= (datetime(2021, 3, 28, tzinfo=UTC) - EPOCH).total_seconds() * 1e6
            opened = MONDAY + day * DAY + (7 if summer else 8) * HOUR
            begun = sorted(random.randrange(8 * HOUR - MINUTE) for _one in range(12))
            tasks += [Task(day, 0, 0, None, opened + at, opened + at + MINUTE) for at in begun]
    one, found = calendar_of(work_of(tasks, zone="Europe/Berlin"))
    assert one.weekly == OFFICE
    starts, _ends = found.duty.of(0)
    assert Counter(int(at) % DAY // HOUR for at in starts) == Counter({8: 60, 7: 70})


def test_a_clock_that_is_not_moved_in_summer_makes_no_idle_hour():
    """The same office in a log that is wrongly said to be in UTC: on each day only the hours seen count."""
    tasks = [
        Task(day * 100 + number, 0, number % 4, None, at, at + MINUTE)
        for day in range(26 * 7)
        if day % 7 < 5
        for number, at in enumerate(
            range(MONDAY + day * DAY + (8 if day < 13 * 7 else 7) * HOUR, MONDAY + day * DAY + 16 * HOUR, 6 * MINUTE)
        )
    ]
    found = discover_resource_calendars(work_of(tasks), pools=[(0, 1, 2, 3)])
    assert found.calendars[0].weekly[0] == ((420, 960),)
    starts, _ends = found.duty.of(0)
    assert [int(at) % DAY // HOUR for at in (starts[0], starts[-1])] == [8, 7]


def test_holidays_and_leave_are_off_duty():
    holiday = MONDAY + 16 * DAY
    leave = (MONDAY + 28 * DAY, MONDAY + 42 * DAY)
    tasks = [
        task
        for task in made_up_pool(arrivals_an_hour=3, service_minutes=10)[0]
        if task.started // DAY != holiday // DAY
    ]
    tasks = [task for task in tasks if task.resource or not leave[0] <= task.started < leave[1]]
    found = discover_resource_calendars(work_of(tasks), pools=[(0, 1, 2)])
    days = [{int(at) // DAY for at in found.duty.of(resource)[0]} for resource in range(2)]
    assert all(holiday // DAY not in one for one in days)
    assert not any(leave[0] // DAY <= day < leave[1] // DAY for day in days[0])
    assert len(days[1]) == DAYS - 1
    assert len(days[0]) == DAYS - 1 - 10


def test_who_was_seen_too_little_takes_the_hours_of_the_pool():
    tasks = made_up_pool()[0]
    rare = [
        Task(
            9000 + week,
            0,
            3,
            None,
            MONDAY + (week * 7 + 1) * DAY + 11 * HOUR,
            MONDAY + (week * 7 + 1) * DAY + 12 * HOUR,
        )
        for week in range(8)
    ]
    found = discover_resource_calendars(work_of(tasks + rare), pools=[(0, 1, 2, 3)])
    bases = {one.resource: one.basis for one in found.calendars}
    assert bases == {0: "own", 1: "own", 2: "own", 3: "pool"}
    assert found.calendars[3].weekly == OFFICE
    alone = discover_resource_calendars(work_of(tasks + rare), pools=[(0, 1, 2), (3,)])
    assert alone.calendars[3].basis == "all"
    # From the first to the last day seen.
    assert int(alone.duty.of(3)[0][0]) // DAY == MONDAY // DAY + 1


def test_members_of_a_pool_are_judged_within_its_hours():
    """A few sightings a week leave slots empty by chance; the pool tells that they are not breaks."""
    tasks = made_up_pool(weeks=12, resources=6, arrivals_an_hour=1.5)[0]
    pool = tuple(range(6))
    together = discover_resource_calendars(work_of(tasks), pools=[pool])
    assert {one.weekly for one in together.calendars} == {OFFICE}


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 2**32 - 1), granularity=st.sampled_from([15, 60, 240]))
def test_evidence_equals_counting(seed, granularity):
    random = Random(seed)
    tasks = [
        Task(number, 0, random.randrange(3), None, at, at + random.randrange(30 * HOUR))
        for number in range(30)
        for at in [MONDAY + random.randrange(5 * DAY)]
    ]
    found = collect_evidence(work_of(tasks), granularity_minutes=granularity)
    seen = Counter()
    for task in tasks:
        for at in (task.started, task.completed):
            seen[task.resource, at // DAY, at % DAY // (granularity * MINUTE)] += 1
    keys = zip(found.resource.tolist(), found.day.tolist(), found.slot.tolist(), strict=True)
    assert dict(zip(keys, found.events.tolist(), strict=True)) == seen
    assert found.first_minute.min() == min(
        at % DAY // MINUTE for task in tasks for at in (task.started, task.completed)
    )


def test_the_local_clock_is_that_of_the_zone():
    instants = np.array([MONDAY, MONDAY + 180 * DAY])
    assert (local_clock(instants, zone="Europe/Berlin") - instants).tolist() == [HOUR, 2 * HOUR]
    assert not len(local_clock(instants[:0], zone="Europe/Berlin"))


def test_given_calendars_are_taken():
    office = Calendar("office", "Asia/Yakutsk", OFFICE, {}, 2021, 2021)
    night = Calendar("night", "UTC", (((0, 360),),) * 7, {}, 2021, 2021)
    work = work_of(made_up_pool(weeks=2)[0])
    found = give_resource_calendars(work, office, own={2: night})
    assert {one.basis for one in found.calendars} == {CalendarBasis.GIVEN}
    window = int(work.started_us.min()), int(work.completed_us.max()) + 1
    for resource, calendar in ((0, office), (1, office), (2, night)):
        for mine, theirs in zip(found.duty.of(resource), calendar.open_intervals(*window), strict=True):
            assert mine.tolist() == theirs.tolist()


def test_what_cannot_be_told_is_said_to_be():
    tasks = made_up_pool(weeks=3)[0]

    def reasons(changed):
        found = discover_resource_calendars(work_of(changed))
        assert not found.known.any()
        assert not len(found.duty.starts_us)
        assert all(one.basis is CalendarBasis.UNKNOWN for one in found.calendars)
        return found.reasons

    assert reasons([Task(t.case, 0, -1, None, t.started, t.completed) for t in tasks]) == ("no_resources",)
    assert reasons([Task(t.case, 0, 0, None, None, t.completed) for t in tasks]) == ("no_start_times",)
    assert reasons([Task(t.case, 0, 0, None, t.started // DAY * DAY, t.completed // DAY * DAY) for t in tasks]) == (
        "day_resolution",
    )
    assert reasons(tasks[:20]) == ("week_not_repeated",)
    assert reasons([]) == ("no_resources",)
    assert reasons(tasks[::30]) == ("too_few_events",)


def test_a_slot_has_to_divide_a_day():
    with pytest.raises(ValueError, match="must divide a day"):
        WeeklyRules(granularity_minutes=7)


def test_spans_of_owners_who_are_not_there_are_none():
    found = discover_resource_calendars(work_of(made_up_pool(weeks=3)[0]))
    assert [len(edges) for edges in found.duty.of(99)] == [0, 0]
    assert set(found.duty.by_owner()) == {0, 1, 2}
    assert found.duty.total_us()[0] == sum(end - start for start, end in zip(*found.duty.of(0), strict=True))


@pytest.mark.data
@pytest.mark.parametrize("folder", ["sim-procure-to-pay"])
def test_the_hours_of_a_public_model_are_found(shared_data, folder):
    """Every resource of the model works from nine to five; its durations run over nights."""
    model = json.loads(gzip.decompress((shared_data / folder / "models" / "Procure_to_Pay.json.gz").read_bytes()))
    (office,) = [one["time_periods"] for one in model["resource_calendars"] if one["name"] == "Mon-Fri"]
    assert [(one["from"], one["to"], one["beginTime"][:5], one["endTime"][:5]) for one in office] == [
        ("MONDAY", "FRIDAY", "09:00", "17:00")
    ]
    log = read_public_work(shared_data / folder / "Procure_to_Pay.csv.gz", columns=TIMERS)
    roles: dict[str, list[int]] = {}
    for code, label in enumerate(log.resources):
        roles.setdefault(label.partition("_")[0], []).append(code)
    found = discover_resource_calendars(log.work, pools=list(roles.values()))
    assert {one.weekly for one in found.calendars} == {OFFICE}
    assert {one.basis for one in found.calendars} == {CalendarBasis.OWN}
