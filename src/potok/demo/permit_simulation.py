"""Let applications walk through the made-up permit service.

Cases are handled in the order in which their next operation becomes ready (first come, first served); an operation is
performed by the employee of its pool who has been free for longest. Nobody does two things at once.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from potok.demo.permit_process import (
    BATCH_HOUR,
    HAND_OVER_TRAY_HOURS,
    NOMINAL_CASES,
    POOLS,
    WORK,
    Channel,
    Operation,
    Outcome,
    Pool,
    Unit,
)
from potok.demo.permit_routing import MISSING, RETURNED, History, Move, Traits, find_move, outcome_of
from potok.demo.permit_truth import InjectedWaste, WasteLedger
from potok.demo.working_time import DAY, HOUR, WorkingCalendar, is_friday

APPLICANT_DAYS_MEDIAN: Final = 6.0
APPLICANT_DAYS_SPREAD: Final = 0.7
APPLICANT_DAYS_MOST: Final = 120.0
WORK_SPREAD: Final = 0.6
SHORTEST_WORK_SECONDS: Final = 30
FIRST_PERSONNEL_NUMBER: Final = 101
PERSONNEL_NUMBER_STEP: Final = 7


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a case as the export shows it: local seconds; who and where (empty = nobody of the agency).

    An operation not finished at the moment of export has neither `completed_at` nor `result`.
    """

    case: int
    operation: Operation
    started_at: int
    completed_at: int | None
    employee: str
    unit: str
    result: str


@dataclass(slots=True)
class Walk:
    """A case on its way: the operation that is next, and what the wastes need to know of the past."""

    case: int
    traits: Traits
    operation: Operation
    history: History = field(default_factory=History)
    left_at: int = 0
    left_unit: Unit | None = None
    returned_at: int = 0
    missing_at: int = 0
    outcome: Outcome = Outcome.NONE


@dataclass(frozen=True, slots=True)
class Performance:
    """Who performs an operation and when: local seconds, and the working seconds it takes."""

    started_at: int
    completed_at: int
    employee: str = ""
    worked_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who takes work up, and in which working second."""

    begin: int
    employee: str


@dataclass(slots=True)
class Staff:
    """The employees of every pool, the one free for longest first: (working second free from, personnel number)."""

    free: dict[Pool, list[tuple[int, str]]]

    def take(self, pool: Pool, *, ready: int, seconds: int) -> Assignment:
        """Let someone work for `seconds` from `ready` (working seconds) on."""
        free_from, employee = self.free[pool][0]
        begin = max(free_from, ready)
        heapq.heapreplace(self.free[pool], (begin + seconds, employee))
        return Assignment(begin, employee)


def hire_staff(cases: int) -> Staff:
    """Staff the pools for `cases` applications in three years."""
    number = FIRST_PERSONNEL_NUMBER
    free: dict[Pool, list[tuple[int, str]]] = {}
    for pool in POOLS:
        size = pool.employees * max(1, math.ceil(cases / NOMINAL_CASES))
        free[pool] = [(0, f"ТН-{number + PERSONNEL_NUMBER_STEP * place:04d}") for place in range(size)]
        number += PERSONNEL_NUMBER_STEP * size
    return Staff(free)


class PermitSimulation:
    """The walk of all cases up to the moment of export.

    Parameters
    ----------
    calendar
        Working days of the agency, reaching a year beyond `exported_at`.
    exported_at
        Local second of the export: what begins later is not seen, what ends later is seen unfinished.
    generator
        Source of all randomness.
    """

    def __init__(self, calendar: WorkingCalendar, *, exported_at: int, generator: np.random.Generator) -> None:
        self._calendar = calendar
        self._exported_at = exported_at
        self._generator = generator
        self._waiting: list[tuple[int, int]] = []
        self.steps: list[Step] = []
        self.ledger = WasteLedger()

    def run(self, arrivals: Sequence[int], *, traits: Sequence[Traits]) -> tuple[Outcome, ...]:
        """Walk every case; `steps` and `ledger` are filled. Return the outcomes by case."""
        staff = hire_staff(len(traits))
        walks = [Walk(case, trait, Operation.SUBMIT) for case, trait in enumerate(traits)]
        self._waiting = list(zip(arrivals, range(len(walks)), strict=True))
        heapq.heapify(self._waiting)
        while self._waiting:
            ready, case = heapq.heappop(self._waiting)
            self._take_step(walks[case], ready=ready, staff=staff)
        return tuple(walk.outcome for walk in walks)

    def _take_step(self, walk: Walk, *, ready: int, staff: Staff) -> None:
        """Perform the next operation of a case that is ready for it since local second `ready`."""
        performance = self._perform(walk.operation, ready=ready, staff=staff)
        if performance.started_at >= self._exported_at:
            return
        self._book_waits(walk, started_at=performance.started_at)
        if performance.completed_at > self._exported_at:
            self._record(walk, performance=performance)
            return
        move = find_move(walk.operation, traits=walk.traits, history=walk.history, generator=self._generator)
        self._record(walk, performance=performance, move=move)
        self._book_work(walk, performance=performance, move=move)
        walk.left_at, walk.left_unit = performance.completed_at, WORK[walk.operation].unit
        self._send_on(walk, move=move)

    def _record(self, walk: Walk, *, performance: Performance, move: Move | None = None) -> None:
        self.steps.append(
            Step(
                case=walk.case,
                operation=walk.operation,
                started_at=performance.started_at,
                completed_at=performance.completed_at if move else None,
                employee=performance.employee,
                unit=WORK[walk.operation].unit or "",
                result=move.result if move else "",
            )
        )

    def _perform(self, operation: Operation, *, ready: int, staff: Staff) -> Performance:
        work = WORK[operation]
        if work.pool is None:
            return Performance(ready, ready)
        spread = self._generator.lognormal(-(WORK_SPREAD**2) / 2, WORK_SPREAD)
        seconds = SHORTEST_WORK_SECONDS + int(spread * work.mean_minutes * 60)
        assigned = staff.take(work.pool, ready=self._calendar.working_seconds(ready), seconds=seconds)
        return Performance(
            started_at=self._calendar.begin_at(assigned.begin),
            completed_at=self._calendar.finish_at(assigned.begin + seconds),
            employee=assigned.employee,
            worked_seconds=seconds,
        )

    def _send_on(self, walk: Walk, *, move: Move) -> None:
        if move.following is None:
            walk.outcome = outcome_of(walk.operation, traits=walk.traits)
            return
        walk.operation = move.following
        ready = self._ready_at(walk)
        if ready < self._exported_at:
            heapq.heappush(self._waiting, (ready, walk.case))

    def _ready_at(self, walk: Walk) -> int:
        """Return the local second from which the next operation of a case may be taken up."""
        if walk.operation == Operation.DISPATCH:
            return self._next_batch(walk.left_at)
        if walk.operation in {Operation.RECEIVE_DOCUMENTS, Operation.WITHDRAW}:
            return self._applicant_acts(walk)
        mean_hours = WORK[walk.operation].tray_hours
        if walk.left_unit == Unit.FRONT_OFFICE and WORK[walk.operation].unit == Unit.TECHNICAL:
            mean_hours = HAND_OVER_TRAY_HOURS
        tray = int(self._generator.exponential(mean_hours) * HOUR) + 1
        return self._calendar.begin_at(self._calendar.working_seconds(walk.left_at) + tray)

    def _next_batch(self, local: int) -> int:
        friday = self._calendar.next_day(local, accept=is_friday) * DAY + BATCH_HOUR * HOUR
        if friday >= local:
            return friday
        return self._calendar.next_day(local + DAY, accept=is_friday) * DAY + BATCH_HOUR * HOUR

    def _applicant_acts(self, walk: Walk) -> int:
        """Return when the applicant acts: through the portal at any hour, else while the agency is open."""
        days = self._generator.lognormal(math.log(APPLICANT_DAYS_MEDIAN), APPLICANT_DAYS_SPREAD)
        local = walk.left_at + int(min(days, APPLICANT_DAYS_MOST) * DAY) + 1
        if walk.traits.channel == Channel.PORTAL:
            return local
        return self._calendar.begin_at(self._calendar.working_seconds(local))

    def _book_waits(self, walk: Walk, *, started_at: int) -> None:
        """Book the wastes that end when an operation begins."""
        waited = started_at - walk.left_at
        if walk.operation == Operation.DISPATCH:
            self.ledger.add(InjectedWaste.FRIDAY_BATCH, case=walk.case, seconds=waited)
        if walk.left_unit == Unit.FRONT_OFFICE and walk.operation == Operation.TECHNICAL_REVIEW:
            self.ledger.add(InjectedWaste.WAITING_HAND_OVER, case=walk.case, seconds=waited)

    def _book_work(self, walk: Walk, *, performance: Performance, move: Move) -> None:
        """Book the wastes that end when an operation ends, and note where loops begin."""
        case, completed_at, worked = walk.case, performance.completed_at, performance.worked_seconds
        spent = completed_at - walk.left_at
        if walk.operation == Operation.DEPUTY_APPROVAL:
            self.ledger.add(InjectedWaste.INERT_APPROVAL, case=case, seconds=spent, staff_seconds=worked)
        elif walk.operation == Operation.RE_KEY:
            self.ledger.add(InjectedWaste.RE_KEYING, case=case, seconds=spent, staff_seconds=worked)
        elif walk.operation == Operation.CHECK:
            if walk.missing_at:
                self.ledger.add(InjectedWaste.MISSING_DOCUMENTS, case=case, seconds=completed_at - walk.missing_at)
            walk.missing_at = completed_at if move.result == MISSING else 0
        elif walk.operation == Operation.LEGAL_REVIEW:
            if walk.returned_at:
                self.ledger.add(InjectedWaste.PING_PONG, case=case, seconds=completed_at - walk.returned_at)
            walk.returned_at = completed_at if move.result == RETURNED else 0
