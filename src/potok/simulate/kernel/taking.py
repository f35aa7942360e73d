"""How work is taken: which waiting instance a person takes, and until when they are at it."""

from math import floor

from potok.simulate.kernel.heaps import added, comes_first, joined, push_event
from potok.simulate.kernel.hours import BEYOND, Hours, add_open_time, span_at
from potok.simulate.kernel.loops import inmost
from potok.simulate.kernel.people import is_on_duty, leave_list, take_place
from potok.simulate.kernel.quantile_tables import draw_us
from potok.simulate.kernel.random_numbers import Stream, uniform
from potok.simulate.kernel.records import HEAD, IN_QUEUES, LIVE, NONE, TURN, Cases, Integers, State, Work

SHIFT = 0
COMPLETION = 1
_PRIORITY = 1
_DUE_TIME = 2
_DISCIPLINES = 3
_DURATIONS = Stream.DURATION.value


@inmost
def drawn_duration_us(work: Work, state: State, cases: Cases, row: int, person: int) -> int:
    """Return the time of work of an instance in the hands of a person; `NONE` is nobody."""
    instances = state.instances
    code = instances[row]["activity"]
    number = cases.number[instances[row]["case"]]
    share = uniform(cases.keys[_DURATIONS], number, cases.names[code], instances[row]["occurrence"])
    return draw_us(work.distributions, work.duration[code, person], share)


@inmost
def offer(work: Work, state: State, cases: Cases, hours: Hours, row: int, at_us: int) -> bool:
    """Give a ready instance to the person free longest among those on duty who can do it; else let it wait.

    Returns
    -------
    bool
        Whether the hours of people are known far enough.
    """
    instances, counters = state.instances, state.counters
    queue = work.queue[instances[row]["activity"]]
    person = counters[HEAD]
    while person != NONE:
        behind = state.people[person]["behind"]
        if not is_on_duty(state.people, hours, person, at_us):
            leave_list(state.people, counters, person)
        elif work.can[queue, person]:
            return start(work, state, cases, hours, row, person, at_us)
        person = behind
    key = 0
    if work.discipline[queue] == _PRIORITY:
        key = _least_over_members(state, cases.priority, row)
    elif work.discipline[queue] == _DUE_TIME:
        key = _least_over_members(state, cases.due_us, row)
    instances[row]["key"] = key
    instances[row]["turn"] = counters[TURN]
    counters[TURN] += 1
    counters[LIVE] += 1
    counters[IN_QUEUES] += 1
    state.roots[queue] = added(instances, state.roots[queue], row)
    return True


@inmost
def _least_over_members(state: State, values: Integers, row: int) -> int:
    least = values[state.instances[row]["case"]]
    member = state.instances[row]["member"]
    while member != NONE:
        least = min(least, values[state.instances[member]["case"]])
        member = state.instances[member]["member"]
    return int(least)


@inmost
def take_waiting(work: Work, state: State, cases: Cases, hours: Hours, person: int, at_us: int) -> bool:
    """Let a person on duty take waiting instances until nothing waits or no place is left.

    Returns
    -------
    bool
        Whether the hours of people are known far enough.
    """
    while state.counters[IN_QUEUES] and state.people[person]["free"]:
        queue = _next_queue(work, state, person)
        if queue == NONE:
            return True
        row = state.roots[queue]
        instances = state.instances
        state.roots[queue] = joined(instances, instances[row]["left"], instances[row]["right"])
        state.counters[LIVE] -= 1
        state.counters[IN_QUEUES] -= 1
        if not start(work, state, cases, hours, row, person, at_us):
            return False
    return True


@inmost
def _next_queue(work: Work, state: State, person: int) -> int:
    """Return the queue whose first instance a person takes next; `NONE` if nothing waits for them.

    Of queues with one discipline the first by that discipline; of the disciplines that with the lowest priority (0
    where it does not count), then the earliest ready.
    """
    best = NONE
    for discipline in range(_DISCIPLINES):
        first = NONE
        for place in range(work.first_queue[person], work.first_queue[person + 1]):
            queue = work.queues[place]
            root = state.roots[queue]
            if work.discipline[queue] != discipline or root == NONE:
                continue
            if first == NONE or comes_first(state.instances, root, state.roots[first]):
                first = queue
        if first == NONE:
            continue
        if best == NONE or _goes_before(work, state, first, best):
            best = first
    return best


@inmost
def _goes_before(work: Work, state: State, one: int, other: int) -> bool:
    """Return whether the first of one queue goes before that of a queue with another discipline."""
    instances = state.instances
    first, second = state.roots[one], state.roots[other]
    of_first = instances[first]["key"] if work.discipline[one] == _PRIORITY else 0
    of_second = instances[second]["key"] if work.discipline[other] == _PRIORITY else 0
    if of_first != of_second:
        return of_first < of_second
    if instances[first]["ready"] != instances[second]["ready"]:
        return bool(instances[first]["ready"] < instances[second]["ready"])
    return bool(instances[first]["turn"] < instances[second]["turn"])


@inmost
def start(work: Work, state: State, cases: Cases, hours: Hours, row: int, person: int, at_us: int) -> bool:
    """Let a person on duty begin an instance or a batch; return whether their hours are known until its end."""
    instances, counters = state.instances, state.counters
    take_place(state.people, counters, person)
    if instances[row]["batch"] != NONE:
        return _start_batch(work, state, cases, hours, row, person, at_us)
    worked = drawn_duration_us(work, state, cases, row, person)
    completed = _completed_us(work, state, hours, row, person, at_us, worked)
    _write(state, row, person, at_us, completed, worked)
    instances[row]["is_last"] = 1
    push_event(state.times, state.orders, state.payloads, counters, completed, COMPLETION, row)
    return completed != BEYOND


@inmost
def _completed_us(work: Work, state: State, hours: Hours, row: int, person: int, begun_us: int, worked_us: int) -> int:
    """Return when work that begins on duty, or goes on beyond the hours, is complete; `BEYOND` the tables if later."""
    if not work.pauses[state.instances[row]["activity"]]:
        return begun_us + worked_us
    span, last = state.people[person]["span"], state.people[person]["last_span"]
    span = span_at(hours.ends_us, span, last, begun_us)
    return add_open_time(hours.starts_us, hours.ends_us, hours.passed_us, span, last, begun_us, worked_us)


@inmost
def _write(state: State, row: int, person: int, started_us: int, completed_us: int, worked_us: int) -> None:
    instances = state.instances
    instances[row]["person"] = person
    instances[row]["started"] = started_us
    instances[row]["completed"] = completed_us
    instances[row]["worked"] = worked_us


@inmost
def _start_batch(work: Work, state: State, cases: Cases, hours: Hours, row: int, person: int, at_us: int) -> bool:
    """Let a person begin a batch; its members are done together, or one after another."""
    instances = state.instances
    size, total = 0, 0
    member = row
    while member != NONE:
        size += 1
        total += drawn_duration_us(work, state, cases, member, person)
        member = instances[member]["member"]
    rule = work.batching[instances[row]["activity"]]
    factor = 1.0
    for place in range(work.first_factor[rule], work.first_factor[rule + 1]):
        if size >= work.factor_sizes[place]:
            factor = work.factors[place]
    is_together = work.rules[rule, 4] != 0
    begun, completed = at_us, at_us
    member = row
    while member != NONE:
        if is_together:
            worked = floor(total * factor / size + 0.5)
        else:
            worked = floor(drawn_duration_us(work, state, cases, member, person) * factor + 0.5)
            begun = _next_start_us(work, state, hours, row, person, completed)
        completed = BEYOND if begun == BEYOND else _completed_us(work, state, hours, row, person, begun, worked)
        _write(state, member, person, begun, completed, worked)
        instances[member]["is_last"] = instances[member]["member"] == NONE
        push_event(state.times, state.orders, state.payloads, state.counters, completed, COMPLETION, member)
        member = instances[member]["member"]
    return completed != BEYOND


@inmost
def _next_start_us(work: Work, state: State, hours: Hours, row: int, person: int, at_us: int) -> int:
    """Return when the next member of a batch is begun: at once, but on duty if work stops at the end of the hours."""
    if at_us == BEYOND or not work.pauses[state.instances[row]["activity"]]:
        return at_us
    last = state.people[person]["last_span"]
    span = span_at(hours.ends_us, state.people[person]["span"], last, at_us)
    return BEYOND if span == last else max(at_us, hours.starts_us[span])
