"""Running a compiled model: draw the cases, plan them, carry the plans out, hand back the log."""

from concurrent.futures import CancelledError
from threading import Event
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.simulate.kernel.absences import draw_presence
from potok.simulate.kernel.arrivals import Rates, draw_arrivals
from potok.simulate.kernel.compile_model import MOST_CASES, look_further
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.kernel.due_times import due_times_us
from potok.simulate.kernel.engine import DONE, GOES_ON, run_events
from potok.simulate.kernel.errors import TooManyArrivalsError, UnroutableHistoryError
from potok.simulate.kernel.graph_routing import plan_by_graph
from potok.simulate.kernel.heaps import push_event
from potok.simulate.kernel.history_routing import HistoryTables, plan_by_history
from potok.simulate.kernel.hours import BEYOND, Hours, Integers
from potok.simulate.kernel.laying_out import lay_out
from potok.simulate.kernel.open_cases import NO_OPEN_CASES, OpenCases
from potok.simulate.kernel.plan import Codes, Plan, PlannedCases, awaiting_rows
from potok.simulate.kernel.plan_rules import plan_by_rules
from potok.simulate.kernel.random_numbers import Keys, Stream, stream_keys, uniforms
from potok.simulate.kernel.records import (
    COLLECTION,
    COUNTERS,
    FREED,
    HEAD,
    INSTANCE,
    LIVE,
    NONE,
    PERSON,
    TAIL,
    Cases,
    State,
)
from potok.simulate.kernel.simulated_log import UNKNOWN, SimulatedLog
from potok.simulate.kernel.taking import SHIFT
from potok.simulate.kernel.writing_log import written_log

_EVENTS_A_SLICE: Final = 500_000
_FIRST_OPEN_NUMBER: Final = 1 << 40
"""Cases open at the beginning have numbers of their own, so that arrivals keep theirs."""


def simulate(
    compiled: CompiledModel,
    *,
    seed: int,
    replication: int = 0,
    initial: OpenCases | None = None,
    stop: Event | None = None,
) -> SimulatedLog:
    """Run one replication.

    Parameters
    ----------
    seed, replication
        What the random numbers are drawn from: equal ones give equal logs.
    initial
        Cases open at the beginning.
    stop
        Set to give up at the next slice of events.

    Raises
    ------
    CancelledError
        If it was stopped.
    NoEndInSightError
        If all is to be done, and it is not within a hundred years.
    YearNotCoveredError
        If work runs on into years that a calendar does not cover.
    UnroutableHistoryError
        If the model does not say what follows a history that occurs.
    TooManyArrivalsError
        If more cases arrive than a run can hold.
    """
    keys = stream_keys(seed, replication)
    opened = initial or NO_OPEN_CASES
    arrived = _arrivals(compiled, keys)
    types, numbers = _types(compiled, keys, len(arrived), opened)
    plan = _plan(compiled, keys, numbers, types, opened)
    arrived_us = np.concatenate([opened.opened_us, arrived])
    due_us = due_times_us(compiled, arrived_us)
    begin_us = np.concatenate([_begin_us(compiled, opened), arrived])
    work = compiled.work
    cases = Cases(
        number=numbers,
        order=np.argsort(begin_us, kind="stable"),
        begin_us=begin_us,
        priority=work.priority[types],
        due_us=np.where(due_us == UNKNOWN, BEYOND, due_us),
        names=compiled.names,
        keys=keys,
    )
    offsets, awaiting = awaiting_rows(plan.first_awaited, plan.awaited)
    while True:
        hours, spans = _hours_of_people(compiled, keys[Stream.ABSENCE])
        state = _beginning(compiled, plan, hours, spans, cases, opened)
        status = GOES_ON
        end_us = BEYOND if compiled.drain else compiled.end_us
        limits = (_EVENTS_A_SLICE, end_us, compiled.known_us)
        while status == GOES_ON:
            if stop is not None and stop.is_set():
                raise CancelledError
            status = run_events(compiled.work, cases, hours, (plan.first_row, offsets, awaiting), state, limits)
        if status == DONE:
            break
        compiled = look_further(compiled)
    return written_log(compiled, plan, cases, state, (hours, spans), (types, arrived_us, due_us, len(opened)))


def _arrivals(compiled: CompiledModel, keys: Keys) -> Integers:
    window = (compiled.start_us, compiled.end_us)
    is_unlimited = compiled.most_cases >= MOST_CASES
    if is_unlimited and isinstance(compiled.source, Rates) and compiled.source.expected.sum() > 2 * MOST_CASES:
        raise _too_many(compiled)
    arrived = draw_arrivals(
        compiled.source, (keys[Stream.ARRIVAL], keys[Stream.DAY]), window=window, most=compiled.most_cases
    )
    if len(arrived) >= MOST_CASES:
        raise _too_many(compiled)
    return arrived


def _too_many(compiled: CompiledModel) -> TooManyArrivalsError:
    return TooManyArrivalsError(
        _("More than {count} cases would arrive.").format(count=MOST_CASES),
        where=compiled.model.name,
        remedy=_("Simulate a shorter time, or give a greatest number of cases."),
    )


def _types(compiled: CompiledModel, keys: Keys, arrived: int, opened: OpenCases) -> tuple[Codes, Integers]:
    shares = uniforms(keys[Stream.CASE_TYPE], 0, arrived) * compiled.types[-1]
    drawn = np.minimum(np.searchsorted(compiled.types, shares, side="right"), len(compiled.types) - 1)
    numbers = np.concatenate([_FIRST_OPEN_NUMBER + np.arange(len(opened)), np.arange(arrived)]).astype(np.int64)
    return np.concatenate([opened.case_type, drawn]).astype(np.int32), numbers


def _plan(compiled: CompiledModel, keys: Keys, numbers: Integers, types: Codes, opened: OpenCases) -> Plan:
    first = np.full(len(numbers) + 1, opened.first_row[-1], np.int64)
    first[: len(opened.first_row)] = opened.first_row
    cases = PlannedCases(numbers, types, first, np.asarray(opened.activity, np.int32))
    if isinstance(compiled.routing, HistoryTables):
        drawn, lost = plan_by_history(compiled.routing, keys[Stream.ROUTE], compiled.names, cases)
    else:
        drawn, lost = plan_by_graph(compiled.routing, keys[Stream.ROUTE], keys[Stream.INCLUSIVE], cases)
    if lost != NONE:
        raise UnroutableHistoryError(
            _("The model does not say what follows some histories of cases."),
            where=compiled.model.name,
            remedy=_("Give the routing a context with an empty history; it applies where no other does."),
        )
    return plan_by_rules(compiled.rules, keys[Stream.SKIP], compiled.names, cases, drawn)


def _begin_us(compiled: CompiledModel, opened: OpenCases) -> Integers:
    return np.maximum(opened.ready_us, compiled.start_us)


def _hours_of_people(compiled: CompiledModel, key: np.uint64) -> tuple[Hours, Integers]:
    """Return hours with those of people who are absent at times behind those of calendars; and spans of each person."""
    staff = compiled.staff
    first = staff.hours.first
    spans = np.stack([first[staff.calendar], first[staff.calendar + 1]], axis=1).reshape(-1, 2)
    starts, ends = [staff.hours.starts_us], [staff.hours.ends_us]
    passed, used = [staff.hours.passed_us], len(staff.hours.starts_us)
    for person in np.flatnonzero(staff.availability < 1):
        own = draw_presence(
            staff.hours,
            int(staff.calendar[person]),
            key,
            staff.names[person],
            float(staff.availability[person]),
            float(staff.absence_us[person]),
        )
        spans[person] = used, used + len(own[0])
        used += len(own[0])
        starts.append(own[0])
        ends.append(own[1])
        passed.append(np.cumsum(own[1] - own[0]) - (own[1] - own[0]))
    return Hours(first, np.concatenate(starts), np.concatenate(ends), np.concatenate(passed)), spans


def _beginning(
    compiled: CompiledModel, plan: Plan, hours: Hours, spans: Integers, cases: Cases, opened: OpenCases
) -> State:
    """Return the state before the first event."""
    work, rows = compiled.work, len(plan.activity)
    instances = np.empty(rows, INSTANCE)
    ready_us = np.full(len(cases.number), UNKNOWN, np.int64)
    ready_us[: len(opened)] = opened.ready_us
    lay_out(instances, plan, ready_us)
    people = np.zeros(len(spans), PERSON)
    people["span"], people["last_span"] = spans[:, 0], spans[:, 1]
    people["free"] = work.places
    people["before"] = np.arange(len(people)) - 1
    people["behind"] = np.append(np.arange(1, len(people)), NONE)[: len(people)]
    people["freed"] = np.arange(len(people))
    people["is_listed"] = 1
    collections = np.zeros(len(work.rules), COLLECTION)
    collections["fire"] = work.first_fire[:-1]
    events = rows + 2 * len(work.first_member) + 2 * rows * (len(work.rules) > 0) + 1
    counters = np.zeros(COUNTERS, np.int64)
    counters[HEAD] = 0 if len(people) else NONE
    counters[TAIL] = len(people) - 1
    counters[FREED] = len(people)
    counters[LIVE] = len(cases.number)
    heap = (np.empty(events, np.int64), np.empty(events, np.int64), np.empty(events, np.int64))
    for group in range(len(work.first_member) - 1):
        person = work.members[work.first_member[group]]
        if spans[person, 0] < spans[person, 1]:
            push_event(*heap, counters, int(hours.starts_us[spans[person, 0]]), SHIFT, group)
    return State(instances, people, collections, np.full(len(work.discipline), NONE, np.int64), *heap, counters)
