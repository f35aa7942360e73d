"""Carrying plans out in time: the event loop.

Events of one instant come in this order: people coming on duty, completions, delays that are over, cases that begin,
batches that become ready; equal ones in the order in which they came up. Each is carried through before the next.
"""

from typing import Final

from potok.simulate.kernel.collecting import collect, fire
from potok.simulate.kernel.heaps import pop_event, push_event
from potok.simulate.kernel.hours import BEYOND, Hours
from potok.simulate.kernel.loops import inmost, inner
from potok.simulate.kernel.people import give_place_back, is_on_duty, join_list
from potok.simulate.kernel.plan import Integers
from potok.simulate.kernel.quantile_tables import draw_us
from potok.simulate.kernel.random_numbers import Stream, uniform
from potok.simulate.kernel.records import (
    ARRIVED,
    CLOCK,
    EVENTS,
    LIVE,
    NONE,
    Cases,
    State,
    Work,
)
from potok.simulate.kernel.taking import COMPLETION, SHIFT, drawn_duration_us, offer, take_waiting

DELAY: Final = 2
BEGINNING: Final = 3
READINESS: Final = 4
GOES_ON: Final = 0
DONE: Final = 1
NEEDS_HOURS: Final = 2
_RANK_BITS: Final = 56
_IS_DELAYED: Final = Stream.IS_DELAYED.value
_DELAYS: Final = Stream.DELAY.value


@inner
def run_events(
    work: Work,
    cases: Cases,
    hours: Hours,
    plan: tuple[Integers, Integers, Integers],
    state: State,
    limits: tuple[int, int, int],
) -> int:
    """Carry out so many events.

    Parameters
    ----------
    hours
        Of people.
    plan
        First rows of cases; who awaits each row: offsets and rows.
    limits
        How many events; the instant before which they happen (`BEYOND`: until all is done); the instant up to which
        hours are known.

    Returns
    -------
    int
        `GOES_ON`, `DONE`, or `NEEDS_HOURS` if the hours of people end too early.
    """
    most, end_us, known_us = limits
    counters = state.counters
    for _event in range(most):
        if counters[LIVE] == 0:
            return DONE
        case = _case_that_begins(cases, state)
        at_us = state.times[0] if counters[EVENTS] else BEYOND
        at_us = cases.begin_us[case] if case != NONE else at_us
        if at_us >= end_us and end_us != BEYOND:
            return DONE
        if at_us >= known_us:
            return NEEDS_HOURS
        counters[CLOCK] = at_us
        if case != NONE:
            is_known = _begin_case(work, cases, hours, state, plan[0], case, at_us)
        else:
            is_known = _happen(work, cases, hours, plan, state, at_us)
        if not is_known and end_us == BEYOND:
            return NEEDS_HOURS
    return GOES_ON


@inmost
def _case_that_begins(cases: Cases, state: State) -> int:
    """Return the case that begins before any other event happens; `NONE` if another event comes first."""
    counters = state.counters
    if counters[ARRIVED] == len(cases.order):
        return NONE
    case = cases.order[counters[ARRIVED]]
    if counters[EVENTS] == 0 or cases.begin_us[case] < state.times[0]:
        return int(case)
    is_first = cases.begin_us[case] == state.times[0] and state.orders[0] >> _RANK_BITS > BEGINNING
    return int(case) if is_first else NONE


@inmost
def _begin_case(
    work: Work, cases: Cases, hours: Hours, state: State, first_row: Integers, case: int, at_us: int
) -> bool:
    """Enable the instances of a case that await none."""
    state.counters[ARRIVED] += 1
    state.counters[LIVE] -= 1
    is_known = True
    for row in range(first_row[case], first_row[case + 1]):
        if state.instances[row]["awaits"] == 0:
            is_known &= _enable(work, cases, hours, state, row, at_us)
    return is_known


@inmost
def _happen(
    work: Work,
    cases: Cases,
    hours: Hours,
    plan: tuple[Integers, Integers, Integers],
    state: State,
    at_us: int,
) -> bool:
    """Carry the first event of the heap through."""
    payload = pop_event(state.times, state.orders, state.payloads, state.counters)
    rank, subject = payload & 7, payload >> 3
    if rank == SHIFT:
        return _come_on_duty(work, cases, hours, state, subject, at_us)
    state.counters[LIVE] -= 1
    if rank == COMPLETION:
        return _complete(work, cases, hours, plan, state, subject, at_us)
    if rank == DELAY:
        return _collect_or_offer(work, cases, hours, state, subject, at_us)
    return _ready_batches(work, cases, hours, state, subject, at_us)


@inmost
def _complete(
    work: Work,
    cases: Cases,
    hours: Hours,
    plan: tuple[Integers, Integers, Integers],
    state: State,
    row: int,
    at_us: int,
) -> bool:
    """Enable what awaited an instance, then let the person go on to other work."""
    instances = state.instances
    is_known = True
    for place in range(plan[1][row], plan[1][row + 1]):
        other = plan[2][place]
        instances[other]["awaits"] -= 1
        if instances[other]["awaits"] == 0:
            is_known &= _enable(work, cases, hours, state, other, at_us)
    person = instances[row]["person"]
    if person != NONE and instances[row]["is_last"]:
        give_place_back(state.people, state.counters, person)
        if is_on_duty(state.people, hours, person, at_us):
            is_known &= take_waiting(work, state, cases, hours, person, at_us)
    return is_known


@inmost
def _come_on_duty(work: Work, cases: Cases, hours: Hours, state: State, group: int, at_us: int) -> bool:
    """Let a group of people with the same hours begin their span, and note when the next begins."""
    is_known = True
    for place in range(work.first_member[group], work.first_member[group + 1]):
        person = work.members[place]
        if is_on_duty(state.people, hours, person, at_us):
            if state.people[person]["free"] and not state.people[person]["is_listed"]:
                join_list(state.people, state.counters, person)
            is_known &= take_waiting(work, state, cases, hours, person, at_us)
    person = work.members[work.first_member[group]]
    following = state.people[person]["span"] + 1
    if following < state.people[person]["last_span"]:
        start_us = hours.starts_us[following]
        push_event(state.times, state.orders, state.payloads, state.counters, start_us, SHIFT, group)
    return is_known


@inmost
def _enable(work: Work, cases: Cases, hours: Hours, state: State, row: int, at_us: int) -> bool:
    """Let an instance begin to wait: for its delay, its batch, a person; in this order."""
    instances = state.instances
    code = instances[row]["activity"]
    if instances[row]["enabled"] != BEYOND:  # given for a case open at the beginning
        return _collect_or_offer(work, cases, hours, state, row, at_us)
    instances[row]["enabled"] = at_us
    if work.delay[code] != NONE:
        number, seen = cases.number[instances[row]["case"]], instances[row]["occurrence"]
        if uniform(cases.keys[_IS_DELAYED], number, cases.names[code], seen) < work.delayed_share[code]:
            share = uniform(cases.keys[_DELAYS], number, cases.names[code], seen)
            delay = draw_us(work.distributions, work.delay[code], share)
            if delay > 0:
                push_event(state.times, state.orders, state.payloads, state.counters, at_us + delay, DELAY, row)
                return True
    return _collect_or_offer(work, cases, hours, state, row, at_us)


@inmost
def _collect_or_offer(work: Work, cases: Cases, hours: Hours, state: State, row: int, at_us: int) -> bool:
    """Put an instance into its batch, or make it ready."""
    instances = state.instances
    code = instances[row]["activity"]
    if work.batching[code] != NONE:
        if collect(work, state, row, at_us):
            return _ready_all(work, cases, hours, state, work.batching[code], at_us)
        return True
    if instances[row]["ready"] == BEYOND:
        instances[row]["ready"] = at_us
    if work.queue[code] != NONE:
        return offer(work, state, cases, hours, row, at_us)
    worked = drawn_duration_us(work, state, cases, row, NONE)
    instances[row]["started"] = at_us
    instances[row]["completed"] = at_us + worked
    instances[row]["worked"] = worked
    push_event(state.times, state.orders, state.payloads, state.counters, at_us + worked, COMPLETION, row)
    return True


@inmost
def _ready_batches(work: Work, cases: Cases, hours: Hours, state: State, subject: int, at_us: int) -> bool:
    """Make a batch ready because it is time, unless its members have gone already."""
    rules = len(work.rules)
    rule, generation = subject % rules, subject // rules
    if state.collections[rule]["generation"] != generation:
        return True
    return _ready_all(work, cases, hours, state, rule, at_us)


@inmost
def _ready_all(work: Work, cases: Cases, hours: Hours, state: State, rule: int, at_us: int) -> bool:
    """Make all that was collected ready, in batches of the greatest size."""
    is_known = True
    row = fire(work, state, rule, at_us)
    is_automatic = work.queue[work.rules[rule, 0]] == NONE
    while row != NONE:
        following = state.instances[row]["left"]
        if is_automatic:
            is_known &= _start_automatic_batch(work, cases, state, row, at_us)
        else:
            is_known &= offer(work, state, cases, hours, row, at_us)
        row = following
    return is_known


@inmost
def _start_automatic_batch(work: Work, cases: Cases, state: State, row: int, at_us: int) -> bool:
    """Let every member of a batch that needs nobody begin at once."""
    instances = state.instances
    while row != NONE:
        worked = drawn_duration_us(work, state, cases, row, NONE)
        instances[row]["started"] = at_us
        instances[row]["completed"] = at_us + worked
        instances[row]["worked"] = worked
        push_event(state.times, state.orders, state.payloads, state.counters, at_us + worked, COMPLETION, row)
        row = instances[row]["member"]
    return True
