"""Which activity follows which history, learnt from cases: a context tree with back-off.

A history is the last activities of a case, the beginning of the case counting as one. The tree of all histories is
pruned: a longer one is kept where what follows it differs from what follows the shorter one by more than chance
(likelihood ratio), and only if it was seen often enough (Rissanen 1983; Bühlmann and Wyner 1999). The share that a
kept history gives is that of the runs which no longer kept history covers.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.discover.resource_calendars.work import Integers
from potok.simulate.discovery.counting import effective_share, weighted_counts
from potok.simulate.model import END, Context, HistoryRouting

LEAST_RUNS: Final = 10
SIGNIFICANCE: Final = 0.001
DEPTH: Final = 12
_LONGEST_FACTOR: Final = 4
_LEAST_LENGTH: Final = 100

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transitions:
    """What followed what, one row per instance and one per end of a closed case.

    Parameters
    ----------
    row
        (t,) int64: place of the instance before in the sequence, -1 at the beginning of a case.
    following
        (t,) int64: code of the next activity, `activities` where the case ends.
    case
        (t,) int64: place of the case.
    sequence
        (n,) int64: codes of the instances in order.
    first
        (n,) int64: place of the first instance of the case of each.
    activities
        Number of codes.
    """

    row: Integers
    following: Integers
    case: Integers
    sequence: Integers
    first: Integers
    activities: int


@dataclass(frozen=True, slots=True)
class RoutingFit:
    """How the routing was learnt.

    Parameters
    ----------
    runs
        Continuations seen.
    contexts, longest
        Histories kept, and the length of the longest.
    typed_contexts
        Of these, those of a single case type.
    log_likelihood, first_order_log_likelihood
        Mean per run, of the model and of one that looks at the last activity alone; nats.
    concurrent_pairs
        Pairs of activities that run side by side.
    """

    runs: int
    contexts: int
    longest: int
    typed_contexts: int
    log_likelihood: float
    first_order_log_likelihood: float
    concurrent_pairs: int


@dataclass(slots=True)
class _Level:
    """Histories of one length: those of level d + 1 lengthen those of level d by one activity further back."""

    node: Integers  # (t,) node of each transition, -1 where its history is not lengthened so far
    parent: Integers  # (k,)
    counts: Reals  # (k, a + 1)
    kept: npt.NDArray[np.bool_]
    example: Integers  # (k,) a transition with the history


def transitions_of(case: Integers, activity: Integers, is_open: npt.NDArray[np.bool_], activities: int) -> Transitions:
    """Return the transitions in sequences.

    Parameters
    ----------
    case
        (n,) int64: place of the case of each instance, from 0, ascending.
    activity
        (n,) codes, in the order of the sequence.
    is_open
        (m,) bool: cases that go on; their last instance is followed by nothing known.
    """
    cases = len(is_open)
    begins = np.searchsorted(case, np.arange(cases))
    first = begins[case]
    is_last = np.append(case[1:] != case[:-1], np.ones(min(len(case), 1), bool))
    ends = np.flatnonzero(is_last & ~is_open[case])
    is_inner = np.append(case[1:] == case[:-1], np.zeros(min(len(case), 1), bool))
    inner = np.flatnonzero(is_inner)
    has_any = np.flatnonzero(np.diff(np.append(begins, len(case))) > 0)
    rows = np.concatenate([np.full(len(has_any), -1), inner, ends])
    following = np.concatenate([activity[begins[has_any]], activity[inner + 1], np.full(len(ends), activities)])
    owner = np.concatenate([has_any, case[inner], case[ends]])
    # Histories of the beginning have no row; that of the case is looked up by `owner`.
    return Transitions(rows, following.astype(np.int64), owner, activity.astype(np.int64), first, activities)


def learn_contexts(
    found: Transitions, weights: Reals, *, names: tuple[str, ...], types: Integers, type_names: tuple[str, ...]
) -> tuple[tuple[Context, ...], RoutingFit]:
    """Learn what follows which history.

    Parameters
    ----------
    weights
        (m,) of cases.
    names
        Of activities, by code.
    types
        (m,) int64: case type of each case.
    type_names
        By code; a single one tells no types apart.
    """
    used = weights[found.case] > 0
    weight = weights[found.case]
    levels = _grow(found, weight, used)
    told = effective_share(weights)
    _prune(levels, told)
    home, depth = _home(levels, len(found.row))
    contexts, fit_terms = _contexts(found, levels, (home, depth, weight), names)
    typed = _typed_contexts(found, levels, (home, depth, weight), names, types, type_names)
    runs = float(weight.sum())
    first_order = _first_order(found, weight)
    fit = RoutingFit(
        runs=round(runs),
        contexts=len(contexts) + len(typed),
        longest=max((len(context.history) for context in contexts), default=0),
        typed_contexts=len(typed),
        log_likelihood=fit_terms / runs if runs else 0.0,
        first_order_log_likelihood=first_order / runs if runs else 0.0,
        concurrent_pairs=0,
    )
    return (*contexts, *typed), fit


def history_routing(
    contexts: tuple[Context, ...], *, concurrent: tuple[tuple[str, str], ...], longest_case: int
) -> HistoryRouting:
    """Return a routing of learnt contexts."""
    return HistoryRouting(contexts, concurrent, max(_LEAST_LENGTH, _LONGEST_FACTOR * longest_case))


def _symbols(found: Transitions, back: int) -> Integers:
    """Return the activity so many places back in each history: 0 for the last one; `activities` for the beginning."""
    start = found.activities
    place = found.row - back
    is_inside = (found.row >= 0) & (place >= found.first[np.maximum(found.row, 0)])
    symbol = np.where(is_inside, found.sequence[np.maximum(place, 0)] if len(found.sequence) else 0, start)
    before_start = np.where(found.row >= 0, place < found.first[np.maximum(found.row, 0)] - 1, back > 0)
    return np.where(before_start, -1, symbol)


def _grow(found: Transitions, weight: Reals, used: npt.NDArray[np.bool_]) -> list[_Level]:
    width = found.activities + 1
    node = np.where(used, 0, -1)
    root = weighted_counts(found.following[used], weight[used], width)[np.newaxis]
    levels = [_Level(node, np.zeros(1, np.int64), root, np.ones(1, bool), np.zeros(1, np.int64))]
    for back in range(DEPTH):
        above = levels[-1]
        is_open = (above.counts > 0).sum(axis=1) > 1
        is_open &= above.counts.sum(axis=1) >= 2 * LEAST_RUNS
        if back == 0:
            is_open[:] = True
        symbol = _symbols(found, back)
        goes_on = (above.node >= 0) & (symbol >= 0)
        goes_on[goes_on] &= is_open[above.node[goes_on]]
        if not goes_on.any():
            break
        key = above.node[goes_on] * (width + 1) + symbol[goes_on]
        distinct, first, place = np.unique(key, return_index=True, return_inverse=True)
        rows = np.flatnonzero(goes_on)
        pairs = place.reshape(-1) * width + found.following[rows]
        counts = weighted_counts(pairs, weight[rows], len(distinct) * width).reshape(-1, width)
        below = np.full(len(found.row), -1)
        below[rows] = place.reshape(-1)
        levels.append(_Level(below, distinct // (width + 1), counts, np.zeros(len(distinct), bool), rows[first]))
    return levels


def _prune(levels: list[_Level], told: float) -> None:
    """Keep histories that tell more than the next shorter one, and what leads to those that are kept."""
    from scipy.stats import chi2

    for depth in range(len(levels) - 1, 0, -1):
        level, above = levels[depth], levels[depth - 1]
        total = level.counts.sum(axis=1)
        expected = above.counts[level.parent]
        with np.errstate(divide="ignore", invalid="ignore"):
            own = level.counts / total[:, np.newaxis]
            usual = expected / expected.sum(axis=1, keepdims=True)
            terms = np.where(level.counts > 0, level.counts * np.log(own / usual), 0.0)
        gain = 2.0 * told * terms.sum(axis=1)
        freedom = np.maximum((expected > 0).sum(axis=1) - 1, 1)
        # Of the last activity alone nothing is left out: it is what a directly-follows graph knows.
        level.kept |= (total >= LEAST_RUNS) & (gain > chi2.isf(SIGNIFICANCE, freedom))
        if depth == 1:
            level.kept[:] = True
        above.kept[level.parent[level.kept]] = True


def _home(levels: list[_Level], size: int) -> tuple[Integers, Integers]:
    """Return the longest kept history of each transition: its node, and its level."""
    home, depth = np.full(size, -1), np.zeros(size, np.int64)
    for number, level in enumerate(levels):
        is_here = level.node >= 0
        is_here[is_here] &= level.kept[level.node[is_here]]
        home[is_here], depth[is_here] = level.node[is_here], number
    return home, depth


_Home = tuple[Integers, Integers, Reals]


def _contexts(
    found: Transitions, levels: list[_Level], placed: _Home, names: tuple[str, ...]
) -> tuple[tuple[Context, ...], float]:
    home, depth, weight = placed
    width = found.activities + 1
    contexts, likelihood = [], 0.0
    for number, level in enumerate(levels):
        rows = np.flatnonzero((depth == number) & (home >= 0))
        pairs = home[rows] * width + found.following[rows]
        left = weighted_counts(pairs, weight[rows], len(level.counts) * width).reshape(-1, width)
        for node in np.flatnonzero(level.kept).tolist():
            decides = left[node].sum() > 0
            counts = left[node] if decides else level.counts[node]
            if counts.sum() <= 0:
                continue
            history, is_start = _history(found, int(level.example[node]), number, names)
            context = _context(history, counts, names, is_start=is_start)
            contexts.append(context if decides else replace(context, runs=0))
            seen = left[node][left[node] > 0]
            likelihood += float(seen @ np.log(seen / seen.sum())) if len(seen) else 0.0
    return tuple(contexts), likelihood


def _history(found: Transitions, transition: int, depth: int, names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the history of a node from a transition that has it, and whether it reaches back to the beginning."""
    row = int(found.row[transition])
    held = [] if row < 0 else found.sequence[max(int(found.first[row]), row - depth + 1) : row + 1].tolist()
    return tuple(names[code] for code in held), depth > len(held)


def _context(
    history: tuple[str, ...], counts: Reals, names: tuple[str, ...], *, is_start: bool, case_type: str = ""
) -> Context:
    total = float(counts.sum())
    following = tuple(
        (names[code] if code < len(names) else END, float(counts[code]) / total)
        for code in np.flatnonzero(counts > 0).tolist()
    )
    return Context(history, following, case_type, is_start, round(total))


def _typed_contexts(
    found: Transitions,
    levels: list[_Level],
    placed: _Home,
    names: tuple[str, ...],
    types: Integers,
    type_names: tuple[str, ...],
) -> tuple[Context, ...]:
    """Return, for kept histories, what follows in cases of one type, where it differs from the others."""
    if len(type_names) < 2:
        return ()
    home, depth, weight = placed
    width, kinds, told = found.activities + 1, len(type_names), effective_share(weight)
    contexts = []
    for number, level in enumerate(levels):
        rows = np.flatnonzero((depth == number) & (home >= 0))
        cell = (home[rows] * kinds + types[found.case[rows]]) * width + found.following[rows]
        table = weighted_counts(cell, weight[rows], len(level.counts) * kinds * width)
        split = table.reshape(-1, kinds, width)
        for node in np.flatnonzero(level.kept).tolist():
            counts = split[node]
            gain, freedom = _likelihood_ratio(counts)
            if freedom == 0 or told * gain <= _critical(freedom):
                continue
            history, is_start = _history(found, int(level.example[node]), number, names)
            contexts += [
                _context(history, counts[kind], names, is_start=is_start, case_type=type_names[kind])
                for kind in range(kinds)
                if counts[kind].sum() >= LEAST_RUNS
            ]
    return tuple(contexts)


@cache
def _critical(freedom: int) -> float:
    """Return the likelihood ratio statistic that chance exceeds with a probability of `SIGNIFICANCE`."""
    from scipy.stats import chi2

    return float(chi2.isf(SIGNIFICANCE, freedom))


def _likelihood_ratio(counts: Reals) -> tuple[float, int]:
    """Return the likelihood ratio statistic of independence in a table, and its degrees of freedom."""
    held = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(held.shape, default=0) < 2:
        return 0.0, 0
    expected = held.sum(axis=1, keepdims=True) * held.sum(axis=0, keepdims=True) / held.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(held > 0, held * np.log(held / expected), 0.0)
    return 2.0 * float(terms.sum()), (held.shape[0] - 1) * (held.shape[1] - 1)


def _first_order(found: Transitions, weight: Reals) -> float:
    """Return the log-likelihood of a model that looks at the last activity alone."""
    width = found.activities + 1
    last = _symbols(found, 0)
    counts = weighted_counts(last * width + found.following, weight, width * width).reshape(width, width)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = counts / counts.sum(axis=1, keepdims=True)
        return float(np.where(counts > 0, counts * np.log(share), 0.0).sum())
