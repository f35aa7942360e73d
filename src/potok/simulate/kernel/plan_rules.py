"""What changes do to a case's plan: instances moved, let run side by side, merged or left out."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.simulate.kernel.plan import Codes, Integers
from potok.simulate.kernel.random_numbers import Keys, uniform
from potok.simulate.model.routing import PlanRules

Flags = npt.NDArray[np.bool_]
Steps = tuple[Codes, Integers, Integers]
"""Activities of a case's instances in order; and whom each awaits: offsets, and places in the case."""


class RuleTables(NamedTuple):
    """`PlanRules` as arrays; a activities, t case types.

    Parameters
    ----------
    moved
        (k, 2) int64: what, behind what.
    parallel
        (a, a) bool.
    merged, into
        (k, a) bool and (k,) int64.
    skipped, share, of_types
        (k,) int64, (k,) float64 and (k, t) bool.
    is_touched
        (a + 1,) bool: activities that a rule takes up; at last, whether there is any.
    """

    moved: Integers
    parallel: Flags
    merged: Flags
    into: Integers
    skipped: Integers
    share: npt.NDArray[np.float64]
    of_types: Flags
    is_touched: Flags


def tabulate_rules(rules: PlanRules, *, activities: Mapping[str, int], case_types: Mapping[str, int]) -> RuleTables:
    """Tabulate rules; names of activities and case types become their codes."""
    count = len(activities)
    parallel = np.zeros((count, count), bool)
    for one, other in rules.parallel:
        parallel[activities[one], activities[other]] = parallel[activities[other], activities[one]] = True
    merged = np.zeros((len(rules.merged), count), bool)
    for place, (names, _into) in enumerate(rules.merged):
        merged[place, [activities[name] for name in names]] = True
    of_types = np.zeros((len(rules.skipped), len(case_types)), bool)
    for place, (_activity, _share, types) in enumerate(rules.skipped):
        of_types[place, [case_types[name] for name in types] if types else slice(None)] = True
    moved = np.array([(activities[name], activities[after]) for name, after in rules.moved], np.int64).reshape(-1, 2)
    skipped = np.array([activities[name] for name, _share, _types in rules.skipped], np.int64)
    is_touched = np.zeros(count + 1, bool)
    is_touched[moved[:, 0]] = is_touched[skipped] = True
    is_touched[:count] |= parallel.any(axis=0) | merged.any(axis=0)
    is_touched[count] = is_touched.any()
    return RuleTables(
        moved,
        parallel,
        merged,
        np.array([activities[into] for _names, into in rules.merged], np.int64),
        skipped,
        np.array([share for _name, share, _types in rules.skipped], np.float64),
        of_types,
        is_touched,
    )


@compiled
def apply_rules(
    rules: RuleTables, key: np.uint64, names: Keys, number: int, case_type: int, steps: Steps, skipped: Codes
) -> Steps:
    """Return what the rules make of a case's plan; count in `skipped` what they leave out."""
    activity, first, awaited = steps
    length = len(activity)
    is_touched = False
    for place in range(length):
        is_touched |= rules.is_touched[activity[place]]
    if not is_touched:
        return steps
    awaits = np.zeros((length, length), np.bool_)
    for place in range(length):
        for edge in range(first[place], first[place + 1]):
            awaits[place, awaited[edge]] = True
    order = np.arange(length)
    left = length
    for rule in range(len(rules.moved)):
        _move(activity, awaits, order[:left], rules.moved[rule, 0], rules.moved[rule, 1])
    _let_run_side_by_side(activity, awaits, order[:left], rules.parallel)
    for rule in range(len(rules.into)):
        left = _merge(activity, awaits, order[:left], rules.merged[rule], rules.into[rule])
    for rule in range(len(rules.skipped)):
        if not rules.of_types[rule, case_type]:
            continue
        code = rules.skipped[rule]
        before = 0
        for earlier in range(rule):
            before += rules.skipped[earlier] == code
        if uniform(key, number, names[code], before) < rules.share[rule]:
            remaining = _leave_out(activity, awaits, order[:left], code)
            skipped[code] += left - remaining
            left = remaining
    return _written(activity, awaits, order[:left])


@compiled
def _bridge(awaits: Flags, node: int) -> None:
    """Let all that await an instance await what it awaits, and take it out."""
    for other in range(len(awaits)):
        if awaits[other, node]:
            awaits[other, node] = False
            for earlier in range(len(awaits)):
                awaits[other, earlier] |= awaits[node, earlier]
    awaits[node, :] = False


@compiled
def _move(activity: Codes, awaits: Flags, order: Integers, code: int, after: int) -> None:
    """Put each instance of an activity right behind the next one of another."""
    if code == after:
        return
    nodes = order[activity[order] == code]
    for node in nodes[::-1]:
        place, target = 0, -1
        while order[place] != node:
            if activity[order[place]] == after:
                target = place
            place += 1
        for later in range(place + 1, len(order)):
            if activity[order[later]] == after:
                target = later
                break
        if target < 0:
            continue
        _bridge(awaits, node)
        behind = order[target]
        for other in range(len(awaits)):
            if awaits[other, behind]:
                awaits[other, behind] = False
                awaits[other, node] = True
        awaits[node, behind] = True
        if target > place:
            order[place:target] = order[place + 1 : target + 1].copy()
            order[target] = node
        else:
            order[target + 2 : place + 1] = order[target + 1 : place].copy()
            order[target + 1] = node


@compiled
def _let_run_side_by_side(activity: Codes, awaits: Flags, order: Integers, parallel: Flags) -> None:
    """Loosen every bond between two instances whose activities are a pair; the earlier of two bonds comes first."""
    for later in range(len(order)):
        node = order[later]
        for place in range(later - 1, -1, -1):
            other = order[place]
            if not awaits[node, other] or not parallel[activity[node], activity[other]]:
                continue
            awaits[node, other] = False
            for earlier in range(len(awaits)):
                awaits[node, earlier] |= awaits[other, earlier]
                if awaits[earlier, node]:
                    awaits[earlier, other] = True


@compiled
def _merge(activity: Codes, awaits: Flags, order: Integers, members: Flags, into: int) -> int:
    """Let each run of members become one instance; return how many instances are left in the order."""
    left, place = 0, 0
    while place < len(order):
        head = order[place]
        order[left] = head
        left += 1
        place += 1
        if not members[activity[head]]:
            continue
        activity[head] = into
        while place < len(order) and members[activity[order[place]]]:
            node = order[place]
            awaits[node, head] = False
            for other in range(len(awaits)):
                awaits[head, other] |= awaits[node, other]
                awaits[other, head] |= awaits[other, node]
                awaits[other, node] = False
            awaits[node, :] = False
            awaits[head, head] = False
            place += 1
    return left


@compiled
def _leave_out(activity: Codes, awaits: Flags, order: Integers, code: int) -> int:
    """Take every instance of an activity out; return how many instances are left in the order."""
    left = 0
    for place in range(len(order)):
        node = order[place]
        if activity[node] == code:
            _bridge(awaits, node)
        else:
            order[left] = node
            left += 1
    return left


@compiled
def _written(activity: Codes, awaits: Flags, order: Integers) -> Steps:
    """Return the instances in their order, and whom each awaits."""
    length = len(order)
    codes = np.empty(length, np.int32)
    first = np.zeros(length + 1, np.int64)
    awaited = np.empty(np.sum(awaits), np.int64)
    found = 0
    for place in range(length):
        codes[place] = activity[order[place]]
        for earlier in range(place):
            if awaits[order[place], order[earlier]]:
                awaited[found] = earlier
                found += 1
        first[place + 1] = found
    return codes, first, awaited[:found]
