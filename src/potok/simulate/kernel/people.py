"""Who is free: people with a free place, linked in the order in which they became free.

Who is off duty leaves the list when somebody looks at it, and comes back to the same place in that order with the next
span of hours: a list of sixty people of whom fifty are at home would be walked through for every piece of work.
"""

from potok.simulate.kernel.hours import Hours, span_at
from potok.simulate.kernel.loops import inmost
from potok.simulate.kernel.records import FREED, HEAD, NONE, TAIL, Integers, Records


@inmost
def is_on_duty(people: Records, hours: Hours, person: int, at_us: int) -> bool:
    """Return whether a person is on duty at an instant, no earlier than any that was asked for before."""
    span, last = people[person]["span"], people[person]["last_span"]
    if span < last and hours.ends_us[span] <= at_us:
        span += 1
        if span < last and hours.ends_us[span] <= at_us:
            span = span_at(hours.ends_us, span, last, at_us)
        people[person]["span"] = span
    return bool(span < last and hours.starts_us[span] <= at_us)


@inmost
def take_place(people: Records, counters: Integers, person: int) -> None:
    """Let a person take work; who has no place left leaves the list."""
    people[person]["free"] -= 1
    if people[person]["free"] == 0 and people[person]["is_listed"]:
        leave_list(people, counters, person)


@inmost
def give_place_back(people: Records, counters: Integers, person: int) -> None:
    """Let a person's work end; the person goes to the end of the list."""
    people[person]["free"] += 1
    if people[person]["is_listed"]:
        leave_list(people, counters, person)
    people[person]["freed"] = counters[FREED]
    counters[FREED] += 1
    join_list(people, counters, person)


@inmost
def join_list(people: Records, counters: Integers, person: int) -> None:
    """Put a person with a free place behind all that became free before."""
    before, behind = counters[TAIL], NONE
    while before != NONE and people[before]["freed"] > people[person]["freed"]:
        before, behind = people[before]["before"], before
    people[person]["before"] = before
    people[person]["behind"] = behind
    people[person]["is_listed"] = 1
    if before == NONE:
        counters[HEAD] = person
    else:
        people[before]["behind"] = person
    if behind == NONE:
        counters[TAIL] = person
    else:
        people[behind]["before"] = person


@inmost
def leave_list(people: Records, counters: Integers, person: int) -> None:
    """Take a person out of the list."""
    before, behind = people[person]["before"], people[person]["behind"]
    people[person]["is_listed"] = 0
    if before == NONE:
        counters[HEAD] = behind
    else:
        people[before]["behind"] = behind
    if behind == NONE:
        counters[TAIL] = before
    else:
        people[behind]["before"] = before
