"""A log made by plain Python from a known process, and what is learnt of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from potok.core.calendars import Calendar
from potok.core.time_units import SECOND_US
from potok.log.mapping import Mapping, TimeColumn
from potok.simulate.discovery import (
    TooFewCasesError,
    discover_model,
    draw_case_weights,
    fetch_history,
    learn_model,
    learn_with_fit,
)
from potok.simulate.model import ArrivalKind, DistributionKind, check_model
from potok.simulate.model.distributions import mean_seconds
from support.importing import import_text

MAPPING = Mapping(
    case_id="case",
    activity=("activity",),
    started_at=TimeColumn(("start",)),
    completed_at=TimeColumn(("end",)),
    resource="person",
    zone="UTC",
)
OFFICE = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), {}, 2022, 2030)
FIRST_US = 1_672_650_000 * SECOND_US  # Monday 2023-01-02 09:00
CASES = 400


def write_row(case, activity, start_us, end_us, person):
    start, end = (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat() for at in (start_us, end_us)
    )
    return f"{case},{activity},{start},{end},{person}"


def known_log(cases=CASES):
    """Return a log: cases every half hour, received by one of two, a letter 26 hours later in 3 of 10 cases."""
    generator = np.random.default_rng(11)
    at, free, rows = FIRST_US, {}, []
    jobs = []
    for case in range(cases):
        jobs.append((at, case))
        at = OFFICE.working_instant_us(at, 1_800 * SECOND_US)
    for opened, case in jobs:
        start, end, person = work(free, ("ann", "ben"), opened, 900)
        rows.append(write_row(case, "receive", start, end, person))
        start, end, person = work(free, ("cat",), end, round(generator.exponential(600)) + 1)
        rows.append(write_row(case, "decide", start, end, person))
        if generator.uniform() < 0.3:
            start, end, person = work(free, ("dan",), end + 26 * 3_600 * SECOND_US, 120)
            rows.append(write_row(case, "letter", start, end, person))
    return "case,activity,start,end,person\n" + "\n".join(rows) + "\n"


def work(free, people, enabled, seconds):
    person = min(people, key=lambda one: free.get(one, 0))
    start = max(enabled, free.get(person, 0))
    if not OFFICE.working_us([start], [start + 1])[0]:
        start = OFFICE.working_instant_us(start, 1) - 1
    end = OFFICE.working_instant_us(start, seconds * SECOND_US)
    free[person] = end
    return start, end, person


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    return fetch_history(import_text(tmp_path_factory.mktemp("known"), known_log(), mapping=MAPPING))


@pytest.fixture(scope="module")
def learnt(history):
    return learn_with_fit(history)


def test_the_model_is_one_that_can_be_run(learnt):
    check_model(learnt[0])


def test_arrivals_keep_their_half_hour(learnt):
    arrivals = learnt[0].arrivals

    assert arrivals.kind is ArrivalKind.RENEWAL
    assert mean_seconds(arrivals.inter_arrival) == pytest.approx(1_800, rel=0.01)


def test_shares_of_the_routing_are_those_of_the_log(history, learnt):
    contexts = {one.history: dict(one.following) for one in learnt[0].routing.contexts if not one.is_start}
    letters = float(np.sum(history.instances.activity == history.activities.index("letter")))

    assert contexts["decide",]["letter"] == pytest.approx(letters / CASES)
    assert contexts["receive",] == {"decide": 1.0}


def test_hours_are_found(learnt):
    weeks = {name: calendar.weekly for name, calendar in learnt[0].calendars.items()}

    assert weeks[learnt[0].arrivals.calendar][:5] == (((540, 1020),),) * 5


def test_work_is_told_without_the_nights(learnt):
    durations = {one.name: one.duration for one in learnt[0].activities}

    assert durations["receive"].kind is DistributionKind.FIXED
    assert mean_seconds(durations["receive"]) == pytest.approx(900, rel=0.01)
    assert mean_seconds(durations["decide"]) == pytest.approx(600, rel=0.12)
    assert all(one.pauses for one in learnt[0].activities)


def test_who_does_the_same_is_in_one_pool(learnt):
    pools = {frozenset(person.name for person in pool.people): pool.does for pool in learnt[0].pools}

    assert pools[frozenset({"ann", "ben"})] == ("receive",)
    assert pools[frozenset({"cat"})] == ("decide",)
    assert not learnt[1].is_saturated


def test_a_delay_that_nobody_explains_is_found(learnt):
    delays = {one.name: one.delay for one in learnt[0].activities}

    assert delays["letter"].share == pytest.approx(1.0, abs=0.05)
    assert mean_seconds(delays["letter"].delay) == pytest.approx(26 * 3_600, rel=0.05)
    assert delays["receive"] is None


def test_equal_weights_change_nothing_and_drawn_ones_do(history, learnt):
    assert learn_model(history, case_weights=np.ones(history.cases)) == learnt[0]
    drawn = learn_model(history, case_weights=draw_case_weights(history, np.random.default_rng(1)))
    assert drawn != learnt[0]
    check_model(drawn)


@pytest.mark.parametrize("weights", [np.ones(3), np.zeros(CASES), -np.ones(CASES)])
def test_weights_have_to_be_those_of_the_cases(history, weights):
    with pytest.raises(ValueError, match="case_weights"):
        learn_model(history, case_weights=weights)


def test_a_log_cut_off_has_open_cases(tmp_path):
    text = known_log(120)
    store = import_text(tmp_path, text, mapping=MAPPING)
    whole = fetch_history(store)
    until = int(np.quantile(whole.opened_us, 0.7))

    found = discover_model(store, until_us=until)

    assert found.history.instances.completed_us.max() <= until
    assert len(found.open_cases) == found.history.is_open.sum()
    assert found.fit.cases < 120


def test_few_cases_are_refused(tmp_path):
    store = import_text(tmp_path, known_log(5), mapping=MAPPING)

    with pytest.raises(TooFewCasesError, match="5 cases"):
        discover_model(store)


def test_a_log_without_starts_or_people_gives_a_smaller_model(tmp_path):
    lines = [line.split(",") for line in known_log(60).splitlines()]
    text = "\n".join(",".join((line[0], line[1], line[3])) for line in lines) + "\n"
    mapping = Mapping(case_id="case", activity=("activity",), completed_at=TimeColumn(("end",)), zone="UTC")

    found = discover_model(import_text(tmp_path, text, mapping=mapping))

    assert found.model.pools == ()
    assert all(one.is_automatic for one in found.model.activities)
    assert found.fit.reasons == ("no_start_times", "no_resources")
    check_model(found.model)
