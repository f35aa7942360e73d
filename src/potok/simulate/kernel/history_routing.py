"""Plans drawn by history: the next activity by the last ones of the case, the longest known history first."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from potok.discover.compiled import compiled
from potok.simulate.kernel.loops import inmost
from potok.simulate.kernel.plan import FEWEST_ROWS, Codes, Drawn, Integers, PlannedCases, longer, longer_codes
from potok.simulate.kernel.random_numbers import Keys, uniform
from potok.simulate.model.routing import END, Context, HistoryRouting

NONE: Final = -1
_FIBONACCI: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT_32: Final = np.uint64(32)
_FEWEST_SLOTS: Final = 8

Flags = npt.NDArray[np.bool_]


class HistoryTables(NamedTuple):
    """Contexts as a tree of histories, read from the latest activity backwards.

    Parameters
    ----------
    children, child_nodes
        Hash table from (node, activity) to node; empty slots hold `NONE`.
    contexts, context_numbers
        Hash table from (node, whether it reaches back to the beginning, case type or any) to context.
    first, following, shares
        Context c goes on with ``following[first[c]:first[c + 1]]`` (`NONE`: the case ends), cumulative shares beside.
    concurrent
        (a, a) bool.
    sizes
        (3,) int64: activities, case types, greatest length.
    """

    children: Integers
    child_nodes: Integers
    contexts: Integers
    context_numbers: Integers
    first: Integers
    following: Codes
    shares: npt.NDArray[np.float64]
    concurrent: Flags
    sizes: Integers


def tabulate_history_routing(
    routing: HistoryRouting, *, activities: Mapping[str, int], case_types: Mapping[str, int]
) -> HistoryTables:
    """Tabulate a routing; names of activities and case types become their codes."""
    children: dict[int, int] = {}
    numbers: dict[int, int] = {}
    count, types = len(activities), len(case_types)
    for number, context in enumerate(routing.contexts):
        node = 0
        for name in reversed(context.history):
            node = children.setdefault(node * count + activities[name], len(children) + 1)
        kind = case_types[context.case_type] if context.case_type else types
        numbers.setdefault((node * 2 + context.is_start) * (types + 1) + kind, number)
    concurrent = np.zeros((count, count), bool)
    for one, other in routing.concurrent:
        concurrent[activities[one], activities[other]] = concurrent[activities[other], activities[one]] = True
    first, following, shares = _continuations(routing.contexts, activities)
    return HistoryTables(
        *_hash_table(children),
        *_hash_table(numbers),
        first,
        following,
        shares,
        concurrent,
        np.array([count, types, routing.maximum_length], np.int64),
    )


def _hash_table(pairs: Mapping[int, int]) -> tuple[Integers, Integers]:
    size = max(_FEWEST_SLOTS, 1 << (2 * len(pairs)).bit_length())
    keys, values = np.full(size, NONE, np.int64), np.full(size, NONE, np.int64)
    for key, value in pairs.items():
        slot = (key * int(_FIBONACCI) % 2**64 >> 32) & (size - 1)
        while keys[slot] != NONE:
            slot = (slot + 1) & (size - 1)
        keys[slot], values[slot] = key, value
    return keys, values


def _continuations(
    contexts: Sequence[Context], activities: Mapping[str, int]
) -> tuple[Integers, Codes, npt.NDArray[np.float64]]:
    first = np.concatenate([[0], np.cumsum([len(context.following) for context in contexts])]).astype(np.int64)
    codes = [NONE if name == END else activities[name] for context in contexts for name, _share in context.following]
    parts: Iterable[npt.NDArray[np.float64]] = (
        np.cumsum([share for _name, share in context.following]) for context in contexts
    )
    return first, np.array(codes, np.int32), np.concatenate([*parts, np.zeros(0)])


@inmost
def _found(keys: Integers, values: Integers, key: int) -> int:
    """Return the value of a key in a hash table, `NONE` if it is not there."""
    mask = len(keys) - 1
    slot = np.int64((np.uint64(key) * _FIBONACCI) >> _SHIFT_32) & mask
    while keys[slot] != key:
        if keys[slot] == NONE:
            return NONE
        slot = (slot + 1) & mask
    return int(values[slot])


@inmost
def _context_of(tables: HistoryTables, passed: Codes, length: int, case_type: int) -> int:
    """Return the context that applies to a history; `NONE` if none does."""
    count, types = tables.sizes[0], tables.sizes[1]
    node, best = 0, NONE
    for depth in range(length + 1):
        base = node * 2 * (types + 1)
        found = NONE
        if depth == length:
            found = _found(tables.contexts, tables.context_numbers, base + types + 1 + case_type)
            if found == NONE:
                found = _found(tables.contexts, tables.context_numbers, base + types + 1 + types)
        if found == NONE:
            found = _found(tables.contexts, tables.context_numbers, base + case_type)
        if found == NONE:
            found = _found(tables.contexts, tables.context_numbers, base + types)
        if found != NONE:
            best = found
        if depth == length:
            break
        node = _found(tables.children, tables.child_nodes, node * count + passed[length - 1 - depth])
        if node == NONE:
            break
    return best


@inmost
def _chosen(tables: HistoryTables, context: int, share: float, goes_on: bool) -> int:
    """Return the continuation that a share between 0 and 1 chooses; never the end if the case is known to go on."""
    first, last = tables.first[context], tables.first[context + 1]
    total = tables.shares[last - 1]
    ending = 0.0
    if goes_on:
        for place in range(first, last):
            if tables.following[place] == NONE:
                ending += tables.shares[place] - (tables.shares[place - 1] if place > first else 0.0)
    is_bound = goes_on and total - ending > 0.0
    wanted = share * (total - ending if is_bound else total)
    passed, latest = 0.0, NONE
    for place in range(first, last):
        if is_bound and tables.following[place] == NONE:
            continue
        passed += tables.shares[place] - (tables.shares[place - 1] if place > first else 0.0)
        latest = tables.following[place]
        if wanted < passed:
            break
    return latest


@compiled
def plan_by_history(tables: HistoryTables, key: np.uint64, names: Keys, cases: PlannedCases) -> tuple[Drawn, int]:
    """Draw the activities of cases one after another, and let each await all earlier ones not concurrent with it.

    Parameters
    ----------
    key
        Of the stream for routes.
    names
        (a,) uint64: the key of each activity's name.
    cases
        What is planned.

    Returns
    -------
    tuple
        The instances, and the last case for whose history there is no context (`NONE` if there is none).
    """
    count, greatest = tables.sizes[0], tables.sizes[2]
    number_of_cases = len(cases.number)
    first_row = np.zeros(number_of_cases + 1, np.int64)
    truncated = np.zeros(number_of_cases, np.bool_)
    activity, awaited = np.empty(FEWEST_ROWS, np.int32), np.empty(FEWEST_ROWS, np.int64)
    first_awaited = np.zeros(FEWEST_ROWS, np.int64)
    passed, times = np.empty(FEWEST_ROWS, np.int32), np.zeros(count, np.int64)
    rows, edges, lost = 0, 0, NONE
    for case in range(number_of_cases):
        known = cases.first_passed[case + 1] - cases.first_passed[case]
        passed = longer_codes(passed, known + greatest + 1)
        passed[:known] = cases.passed[cases.first_passed[case] : cases.first_passed[case + 1]]
        length = _walk(tables, key, names, (cases.number[case], cases.case_type[case], known), passed, times)
        if length < 0:
            lost = case
            length = -1 - length
        truncated[case] = length >= greatest
        activity = longer_codes(activity, rows + length - known)
        first_awaited = longer(first_awaited, rows + length - known + 1)
        is_cut, is_above = np.zeros(length + 1, np.bool_), np.zeros(length + 1, np.bool_)
        for place in range(known, length):
            row = rows + place - known
            activity[row] = passed[place]
            awaited = longer(awaited, edges + place - known)
            bonds = (first_awaited, awaited, edges, rows - known)
            edges += _await_earlier(tables.concurrent, passed, (place, known), bonds, is_cut, is_above)
            first_awaited[row + 1] = edges
        for place in range(length):
            times[passed[place]] = 0
        rows += max(length - known, 0)
        first_row[case + 1] = rows
    drawn = Drawn(
        first_row, activity[:rows].copy(), first_awaited[: rows + 1].copy(), awaited[:edges].copy(), truncated
    )
    return drawn, lost


@inmost
def _walk(
    tables: HistoryTables, key: np.uint64, names: Keys, case: tuple[int, int, int], passed: Codes, times: Integers
) -> int:
    """Continue a history in place until the case ends; return its length (−1 − length if no context applies)."""
    number, case_type, known = case
    for place in range(known):
        times[passed[place]] += 1
    length = known
    while length < tables.sizes[2]:
        context = _context_of(tables, passed, length, case_type)
        if context == NONE:
            return -1 - length
        name, seen = np.uint64(0), 0
        if length:
            name, seen = names[passed[length - 1]], times[passed[length - 1]]
        following = _chosen(tables, context, uniform(key, number, name, seen), length == known and known > 0)
        if following == NONE:
            break
        passed[length] = following
        times[following] += 1
        length += 1
    return length


@inmost
def _await_earlier(
    concurrent: Flags,
    passed: Codes,
    places: tuple[int, int],
    bonds: tuple[Integers, Integers, int, int],
    is_cut: Flags,
    is_above: Flags,
) -> int:
    """Let an instance await the earlier ones not concurrent with it; return how many.

    Those that one of them awaits already, through others too, are left out. A place is a cut if it awaits all before
    it: nothing needs looking at beyond one, which keeps sequences cheap.
    """
    place, known = places
    first_awaited, awaited, edges, shift = bonds
    for earlier in range(known, place):
        is_above[earlier] = False
    found, everything = 0, True
    for earlier in range(place - 1, known - 1, -1):
        if not is_above[earlier] and not concurrent[passed[place], passed[earlier]]:
            awaited[edges + found] = earlier + shift
            found += 1
            is_above[earlier] = True
        if is_above[earlier]:
            if is_cut[earlier]:
                break
            for edge in range(first_awaited[earlier + shift], first_awaited[earlier + shift + 1]):
                is_above[awaited[edge] - shift] = True
        else:
            everything = False
    is_cut[place] = everything
    _ascend(awaited, edges, edges + found)
    return found


@inmost
def _ascend(values: Integers, low: int, high: int) -> None:
    """Turn a descending stretch round."""
    for step in range((high - low) // 2):
        values[low + step], values[high - 1 - step] = values[high - 1 - step], values[low + step]
