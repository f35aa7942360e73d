"""Batches: instances being collected until one of their rules makes them ready."""

from typing import Final

from potok.simulate.kernel.heaps import push_event
from potok.simulate.kernel.loops import inmost
from potok.simulate.kernel.records import BATCHES, NONE, State, Work

_READINESS: Final = 4


@inmost
def collect(work: Work, state: State, row: int, at_us: int) -> bool:
    """Add an instance to those collected for its activity; return whether there are enough now."""
    instances = state.instances
    rule = work.batching[instances[row]["activity"]]
    collected = state.collections[rule]
    instances[row]["member"] = NONE
    if collected["size"]:
        instances[collected["last"]]["member"] = row
    else:
        collected["first"] = row
        _set_clocks(work, state, rule, at_us)
    collected["last"] = row
    collected["size"] += 1
    return bool(work.rules[rule, 1] > 0 and collected["size"] >= work.rules[rule, 1])


@inmost
def _set_clocks(work: Work, state: State, rule: int, at_us: int) -> None:
    """Note when time will make ready what begins to be collected."""
    collected = state.collections[rule]
    subject = collected["generation"] * len(work.rules) + rule
    wait = work.rules[rule, 3]
    if wait > 0:
        push_event(state.times, state.orders, state.payloads, state.counters, at_us + wait, _READINESS, subject)
    fire_place, last = collected["fire"], work.first_fire[rule + 1]
    while fire_place < last and work.fires_us[fire_place] < at_us:
        fire_place += 1
    collected["fire"] = fire_place
    if fire_place < last:
        fire_us = work.fires_us[fire_place]
        push_event(state.times, state.orders, state.payloads, state.counters, fire_us, _READINESS, subject)


@inmost
def fire(work: Work, state: State, rule: int, at_us: int) -> int:
    """Make what was collected ready: return the first member of the first batch, linked to the next batch by `left`."""
    instances = state.instances
    collected = state.collections[rule]
    greatest = work.rules[rule, 2]
    first, row, size, head = collected["first"], collected["first"], 0, NONE
    collected["size"] = 0
    collected["generation"] += 1
    while row != NONE:
        following = instances[row]["member"]
        if size == 0:
            if head != NONE:
                instances[head]["left"] = row
            head = row
            instances[head]["left"] = NONE
            state.counters[BATCHES] += 1
        instances[row]["ready"] = at_us
        instances[row]["batch"] = state.counters[BATCHES] - 1
        size += 1
        if size == greatest:
            instances[row]["member"] = NONE
            size = 0
        row = following
    return int(first)
