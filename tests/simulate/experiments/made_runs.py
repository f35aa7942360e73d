"""A queue for one pool in plain Python, in the kernel's place, and models for it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from heapq import heapify, heapreplace

import numpy as np

from potok.core.regulations import Term, TermUnit
from potok.core.time_units import DAY_US
from potok.simulate.kernel.simulated_log import NOBODY, UNKNOWN, SimulatedLog
from potok.simulate.model import (
    ArrivalKind,
    Arrivals,
    CaseType,
    Consequence,
    Context,
    HistoryRouting,
    ModelActivity,
    ModelPool,
    Person,
    ProcessModel,
    exponential,
    fixed,
)
from potok.simulate.model.distributions import mean_seconds

START_AT = datetime(2024, 1, 1, tzinfo=UTC)


def queue_model(*, per_day: float = 80.0, service_seconds: float = 864.0, people: int = 1) -> ProcessModel:
    """“Decide”, exponential, done by clerks around the clock, then “Send”, which a machine does in a minute."""
    return ProcessModel(
        name="queue",
        zone="UTC",
        arrivals=Arrivals(ArrivalKind.POISSON, START_AT, per_day=per_day, hour_of_week_shares=(1 / 168,) * 168),
        case_types=(CaseType("all", 1.0),),
        routing=HistoryRouting(
            (
                Context((), (("Decide", 1.0),)),
                Context(("Decide",), (("Send", 0.6), ("", 0.4))),
                Context(("Send",), (("", 1.0),)),
            )
        ),
        activities=(
            ModelActivity("Decide", exponential(service_seconds), cost=3.0, applicant_seconds=10.0),
            ModelActivity("Send", fixed(60.0), is_automatic=True),
        ),
        pools=(ModelPool("Clerks", ("Decide",), tuple(Person(f"c{n}") for n in range(people))),),
        consequences=(Consequence("reversed", "Decide", 0.01, 0.05),),
        term=Term("answer", 1, TermUnit.CALENDAR_DAYS),
    )


@dataclass
class QueueRunner:
    """First come, first served; every case is seen through. Counts how often it runs."""

    runs: int = 0

    def __call__(self, model, frame, *, seed, replications):
        for number in replications:
            self.runs += 1
            yield run_queue(model, frame, seed=seed, number=number)


def run_queue(model, frame, *, seed, number):
    generator = np.random.default_rng([seed, number])
    days = (frame.end_us - frame.start_us) / DAY_US
    most = int(days * 1000) + 10
    gaps, works = generator.exponential(size=most), generator.exponential(size=most)
    arrived = np.cumsum(gaps / model.arrivals.per_day * DAY_US).astype(np.int64) + frame.start_us
    arrived = arrived[arrived < frame.end_us]
    cases = len(arrived)
    is_skipped = any(rule[0] == "Decide" and rule[1] == 1.0 for rule in model.rules.skipped)
    service = works[:cases] * mean_seconds(model.activities[0].duration) * 1e6
    people = sum(len(pool.people) for pool in model.pools)
    started, person = _serve(arrived, service, people)
    decided = started + service.astype(np.int64)
    first = arrived if is_skipped else decided
    sent = first + int(6e7)
    per_case = 1 if is_skipped else 2
    rows = np.arange(cases * per_case)
    case_rows = rows // per_case
    is_send = (rows % per_case) == per_case - 1
    busy = np.bincount(person, weights=service, minlength=people).astype(np.int64)
    return SimulatedLog(
        case_type=np.zeros(cases, np.int32),
        arrived_us=arrived,
        closed_us=sent,
        due_us=arrived + DAY_US if model.term else np.full(cases, UNKNOWN),
        is_initial=np.zeros(cases, bool),
        first_row=np.arange(0, len(rows) + 1, per_case),
        activity=is_send.astype(np.int32),
        person=np.where(is_send, NOBODY, person[case_rows]).astype(np.int32),
        enabled_us=np.where(is_send, first[case_rows], arrived[case_rows]),
        ready_us=np.where(is_send, first[case_rows], arrived[case_rows]),
        started_us=np.where(is_send, first[case_rows], started[case_rows]),
        completed_us=np.where(is_send, sent[case_rows], decided[case_rows]),
        worked_us=np.where(is_send, int(6e7), service[case_rows].astype(np.int64)),
        batch=np.full(len(rows), -1),
        skipped=np.column_stack([np.full(cases, int(is_skipped)), np.zeros(cases, int)]).astype(np.int32),
        busy_us=busy,
        duty_us=np.full(people, frame.end_us - frame.start_us),
        start_us=frame.start_us,
        end_us=frame.end_us,
        truncated=0,
    )


def _serve(arrived, service, people):
    free = [(0, number) for number in range(people)]
    heapify(free)
    started, person = np.zeros(len(arrived), np.int64), np.zeros(len(arrived), np.int32)
    for number, at in enumerate(arrived.tolist()):
        free_at, who = free[0]
        started[number], person[number] = max(at, free_at), who
        heapreplace(free, (int(max(at, free_at) + service[number]), who))
    return started, person


def relearn_queue(model, services):
    """Return what learns the mean service time anew from the cases drawn."""

    def relearn(weights):
        decide = replace(model.activities[0], duration=exponential(float(np.average(services, weights=weights))))
        return replace(model, activities=(decide, *model.activities[1:]))

    return relearn
