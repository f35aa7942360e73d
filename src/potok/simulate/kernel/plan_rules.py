"""What changes do to a case's plan: instances moved, let run side by side, merged or left out."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.simulate.kernel.plan import Codes, Drawn, Integers, Plan, PlannedCases, longer
from potok.simulate.kernel.random_numbers import Keys, uniform
from potok.simulate.model.routing import PlanRules

Flags = npt.NDArray[np.bool_]


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
def plan_by_rules(rules: RuleTables, key: np.uint64, names: Keys, cases: PlannedCases, drawn: Drawn) -> Plan:
    """Return the plans of cases, changed as the rules say.

    Parameters
    ----------
    key
        Of the stream for what is left out.
    names
        (a,) uint64: the key of each activity's name.
    """
    number_of_cases = len(cases.number)
    skipped = np.zeros((number_of_cases, len(names)), np.int32)
    if not rules.is_touched[len(names)]:
        occurrence = _occurrences(cases, drawn.first_row, drawn.activity, len(names))
        return Plan(
            drawn.first_row, drawn.activity, occurrence, drawn.first_awaited, drawn.awaited, skipped, drawn.truncated
        )
    first_row = np.zeros(number_of_cases + 1, np.int64)
    activity, awaited = np.empty(len(drawn.activity), np.int32), np.empty(len(drawn.awaited), np.int64)
    first_awaited = np.zeros(len(drawn.activity) + 1, np.int64)
    rows, edges = 0, 0
    for case in range(number_of_cases):
        low, high = drawn.first_row[case], drawn.first_row[case + 1]
        awaits = _bonds(drawn, low, high)
        codes, order = drawn.activity[low:high].copy(), np.arange(high - low)
        if _is_touched(rules, codes):
            order = _reordered(rules, codes, awaits, order)
            of_case = (cases.number[case], cases.case_type[case])
            order = _thinned(rules, key, names, of_case, (codes, awaits, order, skipped[case]))
        awaited = longer(awaited, edges + np.sum(awaits))
        for place in range(len(order)):
            activity[rows + place] = codes[order[place]]
            for earlier in range(place):
                if awaits[order[place], order[earlier]]:
                    awaited[edges] = rows + earlier
                    edges += 1
            first_awaited[rows + place + 1] = edges
        rows += len(order)
        first_row[case + 1] = rows
    activity = activity[:rows].copy()
    occurrence = _occurrences(cases, first_row, activity, len(names))
    offsets, chosen = first_awaited[: rows + 1].copy(), awaited[:edges].copy()
    return Plan(first_row, activity, occurrence, offsets, chosen, skipped, drawn.truncated)


@compiled
def _occurrences(cases: PlannedCases, first_row: Integers, activity: Codes, count: int) -> Codes:
    """Return how often the activity of each instance occurred in its case before."""
    occurrence, times = np.empty(len(activity), np.int32), np.zeros(count, np.int32)
    for case in range(len(first_row) - 1):
        for place in range(cases.first_passed[case], cases.first_passed[case + 1]):
            times[cases.passed[place]] += 1
        for row in range(first_row[case], first_row[case + 1]):
            occurrence[row] = times[activity[row]]
            times[activity[row]] += 1
        for place in range(cases.first_passed[case], cases.first_passed[case + 1]):
            times[cases.passed[place]] = 0
        for row in range(first_row[case], first_row[case + 1]):
            times[activity[row]] = 0
    return occurrence


@compiled
def _bonds(drawn: Drawn, low: int, high: int) -> Flags:
    """Return which instances of a case await which."""
    awaits = np.zeros((high - low, high - low), np.bool_)
    for row in range(low, high):
        for edge in range(drawn.first_awaited[row], drawn.first_awaited[row + 1]):
            awaits[row - low, drawn.awaited[edge] - low] = True
    return awaits


@compiled
def _is_touched(rules: RuleTables, activity: Codes) -> bool:
    found = False
    for code in activity:
        found |= rules.is_touched[code]
    return found


@compiled
def _reordered(rules: RuleTables, activity: Codes, awaits: Flags, order: Integers) -> Integers:
    """Return the order after instances were moved, let run side by side and merged."""
    for rule in range(len(rules.moved)):
        _move(activity, awaits, order, rules.moved[rule, 0], rules.moved[rule, 1])
    _let_run_side_by_side(activity, awaits, order, rules.parallel)
    for rule in range(len(rules.into)):
        order = order[: _merge(activity, awaits, order, rules.merged[rule], rules.into[rule])]
    return order


@compiled
def _thinned(
    rules: RuleTables,
    key: np.uint64,
    names: Keys,
    case: tuple[int, int],
    parts: tuple[Codes, Flags, Integers, Codes],
) -> Integers:
    """Return the order after instances were left out, which are counted."""
    activity, awaits, order, skipped = parts
    for rule in range(len(rules.skipped)):
        code, before = rules.skipped[rule], 0
        for earlier in range(rule):
            before += rules.skipped[earlier] == code
        if rules.of_types[rule, case[1]] and uniform(key, case[0], names[code], before) < rules.share[rule]:
            left = _leave_out(activity, awaits, order, code)
            skipped[code] += len(order) - left
            order = order[:left]
    return order


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
        place = 0
        while order[place] != node:
            place += 1
        target = _target_of(activity, order, place, after)
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
def _target_of(activity: Codes, order: Integers, place: int, after: int) -> int:
    """Return the place of the next instance of an activity; of the last before, if there is none; −1 if none at all."""
    for later in range(place + 1, len(order)):
        if activity[order[later]] == after:
            return later
    for earlier in range(place - 1, -1, -1):
        if activity[order[earlier]] == after:
            return earlier
    return -1


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
    """Let members that follow each other become one instance; return how many instances are left in the order.

    A member joins the latest earlier one that it awaits directly, or that stands right before it, unless something else
    has to be done between the two.
    """
    left, latest = 0, -1
    heads = np.empty(len(order), np.int64)
    count = 0
    for place in range(len(order)):
        node = order[place]
        is_member = members[activity[node]]
        head = -1
        if is_member:
            for number in range(count - 1, -1, -1):
                is_near = awaits[node, heads[number]] or heads[number] == latest
                if is_near and not _is_between(awaits, heads[number], node):
                    head = heads[number]
                    break
        if head >= 0:
            _join(awaits, head, node)
        else:
            order[left] = node
            left += 1
            if is_member:
                activity[node] = into
                heads[count] = node
                count += 1
        latest = head if head >= 0 else node
    _sort_by_bonds(awaits, order, left)
    return left


@compiled
def _is_between(awaits: Flags, head: int, node: int) -> bool:
    """Return whether something that awaits the head is awaited by the node, through others too."""
    above = awaits[node].copy()
    above[head] = False
    is_growing = True
    while is_growing:
        is_growing = False
        for one in range(len(above)):
            if above[one]:
                for other in range(len(above)):
                    if awaits[one, other] and not above[other]:
                        above[other] = True
                        is_growing = True
    return bool(above[head])


@compiled
def _join(awaits: Flags, head: int, node: int) -> None:
    """Let one instance stand for two."""
    for other in range(len(awaits)):
        awaits[head, other] |= awaits[node, other]
        awaits[other, head] |= awaits[other, node]
        awaits[other, node] = False
        awaits[node, other] = False
    awaits[head, head] = False


@compiled
def _sort_by_bonds(awaits: Flags, order: Integers, count: int) -> None:
    """Put the first instances of an order behind those they await, else as they stood."""
    is_placed = np.ones(len(awaits), np.bool_)
    for place in range(count):
        is_placed[order[place]] = False
    for place in range(count):
        chosen = place
        while chosen < count - 1 and _waits_still(awaits, is_placed, order[chosen]):
            chosen += 1
        node = order[chosen]
        for step in range(chosen, place, -1):
            order[step] = order[step - 1]
        order[place] = node
        is_placed[node] = True


@compiled
def _waits_still(awaits: Flags, is_placed: Flags, node: int) -> bool:
    return bool(np.any(awaits[node] & ~is_placed))


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
