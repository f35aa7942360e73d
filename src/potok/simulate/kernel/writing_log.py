"""The state of a finished run as a log."""

import numpy as np

from potok.discover.compiled import compiled as machine_code
from potok.simulate.kernel.compiled_model import CompiledModel
from potok.simulate.kernel.hours import BEYOND, Hours, Integers, open_time
from potok.simulate.kernel.plan import Codes, Plan
from potok.simulate.kernel.records import NONE, Cases, Records, State
from potok.simulate.kernel.simulated_log import UNKNOWN, SimulatedLog

Pair = tuple[Codes, Codes]
Six = tuple[Integers, Integers, Integers, Integers, Integers, Integers]


def written_log(
    compiled: CompiledModel,
    plan: Plan,
    cases: Cases,
    state: State,
    hours: tuple[Hours, Integers],
    known: tuple[Codes, Integers, Integers, int],
) -> SimulatedLog:
    """Return the log of a run.

    Parameters
    ----------
    hours
        Of people, and the spans of each: first and after the last.
    known
        Type, arrival and due time of each case, and how many were open at the beginning.
    """
    types, arrived_us, due_us, opened = known
    instances = state.instances
    limit = BEYOND if compiled.drain else compiled.end_us
    order, first_row, closed_us = _ordered(plan.first_row, instances, limit)
    is_empty = np.diff(plan.first_row) == 0
    closed_us[is_empty] = np.where(cases.begin_us < limit, cases.begin_us, UNKNOWN)[is_empty]
    codes, times = _columns(order, instances, limit)
    activity, person = codes
    enabled, ready, started, completed, batch, planned = times
    last = int(max(completed.max(initial=UNKNOWN), closed_us.max(initial=UNKNOWN)))
    end_us = max(compiled.end_us, last) if compiled.drain else compiled.end_us
    worked = planned
    if not compiled.drain:
        pauses = compiled.work.pauses[activity]
        worked = _worked(planned, started, completed, person, pauses, (hours[0], hours[1], limit))
    busy, duty = _busy(worked, person, hours, (compiled.start_us, end_us))
    return SimulatedLog(
        case_type=types,
        arrived_us=arrived_us,
        closed_us=closed_us,
        due_us=due_us,
        is_initial=np.arange(len(types)) < opened,
        first_row=first_row,
        activity=activity,
        person=person,
        enabled_us=enabled,
        ready_us=ready,
        started_us=started,
        completed_us=completed,
        worked_us=worked,
        batch=batch,
        skipped=plan.skipped,
        busy_us=busy // np.maximum(compiled.work.places, 1),
        duty_us=duty,
        start_us=compiled.start_us,
        end_us=end_us,
        truncated=int(plan.truncated.sum()),
    )


@machine_code
def _columns(order: Integers, instances: Records, limit: int) -> tuple[Pair, Six]:
    """Return the columns of the log; instants that do not come before the end are unknown.

    Returns
    -------
    tuple
        Activity and person; when each row was enabled, ready, started and completed, its batch, the work it takes.
    """
    rows = len(order)
    activity, person = np.empty(rows, np.int32), np.empty(rows, np.int32)
    enabled, ready = np.empty(rows, np.int64), np.empty(rows, np.int64)
    started, completed = np.empty(rows, np.int64), np.empty(rows, np.int64)
    batch, worked = np.empty(rows, np.int64), np.empty(rows, np.int64)
    for row in range(rows):
        one = order[row]
        has_begun = instances[one]["started"] < limit
        activity[row] = instances[one]["activity"]
        person[row] = instances[one]["person"] if has_begun else NONE
        enabled[row] = instances[one]["enabled"]
        ready[row] = instances[one]["ready"] if instances[one]["ready"] < limit else UNKNOWN
        started[row] = instances[one]["started"] if has_begun else UNKNOWN
        completed[row] = instances[one]["completed"] if instances[one]["completed"] < limit else UNKNOWN
        batch[row] = instances[one]["batch"]
        worked[row] = instances[one]["worked"]
    return (activity, person), (enabled, ready, started, completed, batch, worked)


@machine_code
def _ordered(first: Integers, instances: Records, limit: int) -> tuple[Integers, Integers, Integers]:
    """Return the rows enabled before the end, by case, completion, start and plan; first rows; and closings."""
    cases = len(first) - 1
    order, first_row = np.empty(len(instances), np.int64), np.zeros(cases + 1, np.int64)
    closed = np.full(cases, UNKNOWN, np.int64)
    found = 0
    for case in range(cases):
        begin = found
        latest, is_closed = UNKNOWN, True
        for row in range(first[case], first[case + 1]):
            completed, started = instances[row]["completed"], instances[row]["started"]
            latest = max(latest, completed)
            is_closed &= completed < limit
            if instances[row]["enabled"] >= limit:
                continue
            place = found
            while place > begin:
                other = order[place - 1]
                if instances[other]["completed"] < completed or (
                    instances[other]["completed"] == completed and instances[other]["started"] <= started
                ):
                    break
                order[place] = other
                place -= 1
            order[place] = row
            found += 1
        if is_closed:
            closed[case] = latest
        first_row[case + 1] = found
    return order[:found].copy(), first_row, closed


@machine_code
def _worked(
    planned: Integers,
    started: Integers,
    completed: Integers,
    person: Codes,
    pauses: "np.ndarray[tuple[int], np.dtype[np.bool_]]",
    known: tuple[Hours, Integers, int],
) -> Integers:
    """Return the time of work of each instance, of one not complete that up to the end."""
    hours, spans, limit = known
    worked = planned.copy()
    for row in range(len(worked)):
        if completed[row] != UNKNOWN:
            continue
        if started[row] == UNKNOWN:
            worked[row] = 0
        elif person[row] == NONE or not pauses[row]:
            worked[row] = limit - started[row]
        else:
            low, high = spans[person[row], 0], spans[person[row], 1]
            worked[row] = open_time(hours.starts_us, hours.ends_us, hours.passed_us, low, high, started[row], limit)
    return worked


@machine_code
def _busy(
    worked: Integers, person: Codes, hours: tuple[Hours, Integers], window: tuple[int, int]
) -> tuple[Integers, Integers]:
    """Return the time of work of each person in all their places, and their time on duty."""
    table, spans = hours
    busy, duty = np.zeros(len(spans), np.int64), np.zeros(len(spans), np.int64)
    for row in range(len(worked)):
        if person[row] != NONE:
            busy[person[row]] += worked[row]
    for one in range(len(spans)):
        low, high = spans[one, 0], spans[one, 1]
        duty[one] = open_time(table.starts_us, table.ends_us, table.passed_us, low, high, window[0], window[1])
    return busy, duty
