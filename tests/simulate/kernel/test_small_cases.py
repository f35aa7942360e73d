"""Runs so small that every instant can be told by hand."""

from dataclasses import replace

import numpy as np
import pytest

from potok.core.calendars import Calendar
from potok.core.calendars.errors import YearNotCoveredError
from potok.simulate.kernel import (
    UNKNOWN,
    OpenCases,
    compile_model,
    events_as_arrow,
    iterate_replications,
    simulate,
    write_simulated_store,
)
from potok.simulate.kernel.errors import (
    BadWindowError,
    EndlessBatchError,
    NobodyDoesItError,
    NoEndInSightError,
    TooManyArrivalsError,
    UnroutableHistoryError,
)
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    Batching,
    Context,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Person,
    PlanRules,
    ProcessModel,
    exponential,
    fixed,
)
from simulate.kernel.small_models import DAY_US, HOUR_US, OFFICE, PLAIN, START, START_US, every, hours_of, sequence


def office_model(*activities, arrivals=None, people=1, routing=None, **others):
    names = [one.name for one in activities]
    return ProcessModel(
        "office",
        "UTC",
        arrivals or every(10),
        PLAIN,
        routing or sequence(*names),
        activities,
        (ModelPool("clerks", tuple(names), tuple(Person(f"clerk {one}") for one in range(people)), "office"),),
        {"office": OFFICE},
        **others,
    )


def run(model, *, days=30, cases=1, drain=True, **options):
    compiled = compile_model(model, start_us=START_US, end_us=START_US + days * DAY_US, cases=cases, drain=drain)
    return simulate(compiled, seed=1, **options)


@pytest.mark.parametrize(
    ("hours", "pauses", "completed"),
    [
        (2, True, 12),  # used up exactly at lunch: done then, not after lunch
        (2.5, True, 13.5),
        (2.5, False, 12.5),
        (6, True, 17),  # exactly at closing time
        (6.5, True, 24 + 9.5),
        (6 + 4 * 7 + 1, True, 7 * 24 + 10),  # over the weekend
        (0, True, 10),
    ],
)
def test_work_pauses_at_the_end_of_the_hours_or_does_not(hours, pauses, completed):
    log = run(office_model(ModelActivity("serve", fixed(hours * 3600), pauses=pauses)))
    assert hours_of(log.started_us) == [10]
    assert hours_of(log.completed_us) == [completed]
    assert log.worked_us.tolist() == [hours * HOUR_US]


def test_who_finishes_beyond_the_hours_takes_nothing_more():
    model = office_model(ModelActivity("serve", fixed(3 * 3600), pauses=False), arrivals=every(8))
    log = run(model, cases=3)
    assert hours_of(log.arrived_us) == [8, 16, 24]
    assert hours_of(log.started_us) == [9, 16, 33]
    assert hours_of(log.completed_us) == [12, 19, 36]


def test_a_case_that_comes_at_closing_time_waits_until_morning():
    log = run(office_model(ModelActivity("serve", fixed(60)), arrivals=every(17)))
    assert hours_of(log.started_us) == [33]


def test_hours_follow_the_clock_of_their_zone():
    berlin = Calendar("berlin", "Europe/Berlin", (((120, 240),),) * 7, {}, 2020, 2040)
    start = int((30 + 31 + 29) * DAY_US) + START_US  # 2024-03-31, when 02:00 becomes 03:00
    model = office_model(ModelActivity("serve", fixed(3 * 3600)), arrivals=every(24 * 90 + 0.5))
    model = replace(model, zone="Europe/Berlin", calendars={"office": berlin})
    log = run(model, days=120)
    # That night the clock shows two hours of work for one: from 01:00 to 02:00 UTC.
    assert ((log.started_us - start) // HOUR_US).tolist() == [1]
    assert ((log.completed_us - start) // HOUR_US).tolist() == [26]


def test_batches_by_size_are_done_one_after_another():
    rule = Batching(minimum_size=3, size_factors=((2, 0.5),))
    log = run(office_model(ModelActivity("sign", fixed(3600), batching=rule), arrivals=every(1)), cases=7)
    assert hours_of(log.ready_us[:6]) == [3, 3, 3, 6, 6, 6]
    assert hours_of(log.started_us[:6]) == [9, 9.5, 10, 10.5, 11, 11.5]
    assert log.batch.tolist()[:6] == [0, 0, 0, 1, 1, 1]
    assert log.closed_us[6] == UNKNOWN  # it waits for two more for ever


def test_members_of_a_concurrent_batch_end_together():
    rule = Batching(maximum_wait_seconds=2 * 3600, maximum_size=2, is_concurrent=True)
    log = run(office_model(ModelActivity("sign", fixed(3600), batching=rule), arrivals=every(1)), cases=3)
    assert hours_of(log.ready_us) == [3, 3, 3]
    assert hours_of(log.started_us) == [9, 9, 10]
    assert hours_of(log.completed_us) == [10, 10, 11]


def test_the_clock_fires_batches():
    rule = Batching(fires_at=((4, 900),))  # Friday 15:00
    model = office_model(ModelActivity("sign", fixed(3600), batching=rule), arrivals=every(30))
    assert hours_of(run(model, cases=5).ready_us) == [111, 111, 111, 111 + 168, 111 + 168]


def test_automatic_work_needs_nobody_and_no_hours():
    log = run(office_model(ModelActivity("send", fixed(5 * 3600), is_automatic=True), arrivals=every(1)), cases=3)
    assert hours_of(log.completed_us) == [6, 7, 8]
    assert log.person.tolist() == [-1, -1, -1]


def test_concurrent_activities_do_not_await_each_other():
    names = ("check", "ask", "decide")
    activities = [ModelActivity(name, fixed(3600)) for name in names]
    model = office_model(*activities, people=2, routing=sequence(*names, concurrent=(("check", "ask"),)))
    log = run(model)
    assert hours_of(log.enabled_us) == [10, 10, 11]


def test_skipped_instances_are_counted_and_passed_over():
    activities = [ModelActivity(name, fixed(3600)) for name in ("check", "ask", "decide")]
    model = office_model(*activities, rules=PlanRules(skipped=(("ask", 1.0, ()),)))
    log = run(model)
    assert log.activity.tolist() == [0, 2]
    assert log.skipped.tolist() == [[0, 1, 0]]
    assert hours_of(log.enabled_us) == [10, 11]


def test_leaving_an_activity_out_leaves_all_other_draws_as_they_were():
    names = ("check", "ask", "decide")
    model = office_model(*(ModelActivity(name, exponential(3600)) for name in names))
    fewer = replace(
        office_model(*(ModelActivity(name, exponential(3600)) for name in ("decide", "check"))),
        routing=sequence("check", "decide"),
    )
    one, other = run(model, cases=20), run(fewer, cases=20)
    assert np.array_equal(one.arrived_us, other.arrived_us)
    assert one.worked_us[one.activity == 0].tolist() == other.worked_us[other.activity == 1].tolist()
    assert one.worked_us[one.activity == 2].tolist() == other.worked_us[other.activity == 0].tolist()


def test_open_cases_go_on_from_their_history():
    model = office_model(*(ModelActivity(name, fixed(3600)) for name in ("check", "ask", "decide")))
    opened = OpenCases(
        case_type=np.zeros(2, np.int32),
        opened_us=np.array([START_US - DAY_US, START_US - HOUR_US]),
        ready_us=np.array([START_US - HOUR_US, UNKNOWN]),
        first_row=np.array([0, 2, 3]),
        activity=np.array([0, 1, 0], np.int32),
    )
    log = run(model, cases=0, initial=opened)
    assert log.is_initial.tolist() == [True, True]
    assert log.activity.tolist() == [2, 1, 2]
    assert hours_of(log.ready_us) == [-1, 0, 11]
    assert hours_of(log.started_us) == [9, 10, 11]


def test_people_who_are_there_half_their_hours_are_on_duty_half_of_them():
    model = office_model(ModelActivity("serve", fixed(60)))
    person = Person("clerk", availability=0.5, absence_seconds=1800)
    model = replace(model, pools=(replace(model.pools[0], people=(person,)),))
    log = run(model, days=1000, cases=3, drain=False)
    whole = run(office_model(ModelActivity("serve", fixed(60))), days=1000, cases=3, drain=False)
    assert log.duty_us[0] / whole.duty_us[0] == pytest.approx(0.5, abs=0.03)


def test_a_run_may_take_longer_than_was_foreseen():
    model = office_model(ModelActivity("build", fixed(7 * 3600 * 300)))
    log = run(model, days=1)
    assert (log.completed_us[0] - START_US) // DAY_US == 7 * 60


def test_work_without_end_is_refused():
    model = office_model(ModelActivity("build", fixed(7 * 3600 * 365 * 120)))
    with pytest.raises(YearNotCoveredError):
        run(model, days=1)
    longer = office_model(ModelActivity("build", fixed(3600 * 24 * 365 * 150)))
    around = replace(longer, pools=(replace(longer.pools[0], calendar=""),), calendars={})
    with pytest.raises(NoEndInSightError, match="years the work"):
        run(around, days=1)


def test_no_arrivals_give_an_empty_log():
    log = run(
        office_model(ModelActivity("serve", fixed(60)), arrivals=Arrivals(ArrivalKind.POISSON, START)), cases=None
    )
    assert len(log.case_type) == len(log.activity) == 0
    assert log.first_row.tolist() == [0]


def test_what_cannot_be_run_is_refused():
    model = office_model(ModelActivity("serve", fixed(60)))
    with pytest.raises(BadWindowError):
        compile_model(model, start_us=1, end_us=0)
    with pytest.raises(NobodyDoesItError, match="serve"):
        run(replace(model, pools=()))
    with pytest.raises(EndlessBatchError, match="sign"):
        run(office_model(ModelActivity("sign", fixed(60), batching=Batching())))
    with pytest.raises(UnroutableHistoryError):
        run(replace(model, routing=HistoryRouting((Context(("serve",), (("serve", 1.0),)),))))


def test_more_cases_than_a_run_can_hold_are_refused_unless_a_number_is_given():
    many = Arrivals(ArrivalKind.POISSON, START, per_day=1e7)
    model = office_model(ModelActivity("serve", fixed(0), is_automatic=True), arrivals=many)
    with pytest.raises(TooManyArrivalsError):
        run(model, cases=None)
    assert len(run(model, cases=5).case_type) == 5


def test_threads_and_order_change_nothing():
    model = office_model(ModelActivity("serve", exponential(6000)), arrivals=every(3))
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 30 * DAY_US)
    alone = [simulate(compiled, seed=9, replication=run) for run in (3, 1, 0, 2)]
    together = list(iterate_replications(compiled, seed=9, replications=4, threads=3))
    for one, place in zip(alone, (3, 1, 0, 2), strict=True):
        assert one.completed_us.tobytes() == together[place].completed_us.tobytes()
    assert not np.array_equal(together[0].worked_us, together[1].worked_us)


def test_whoever_stops_asking_ends_the_rest():
    model = office_model(ModelActivity("serve", exponential(6000)), arrivals=every(3))
    compiled = compile_model(model, start_us=START_US, end_us=START_US + 30 * DAY_US)
    logs = iterate_replications(compiled, seed=9, replications=1000, threads=2)
    next(logs)
    logs.close()
    assert list(logs) == []


def test_a_store_holds_what_was_simulated(tmp_path):
    model = office_model(ModelActivity("serve", fixed(3600)), arrivals=every(3))
    log = run(model, days=5, cases=None, drain=False)
    store = write_simulated_store(log, model, tmp_path / "store")
    table = events_as_arrow(log, model)
    begun = int((log.started_us != UNKNOWN).sum())
    assert store.manifest["log"]["events"] == begun == table.num_rows
    assert store.manifest["log"]["extracted_us"] == log.end_us
    assert set(table["resource"].to_pylist()) == {"clerk 0"}
    assert table["started_at"].cast("int64").to_pylist() == log.started_us[log.started_us != UNKNOWN].tolist()
