"""Whether a step alters anything: what its result tells of what follows, and how often a run changes the course.

What a step decides shows in its *result*: a value that the log holds with the instance, where there is one, else the
activity that follows it (*branching*). A run **alters** the case if its result is another than the natural one; under
branching, if the case does not go on in the natural way. Natural is what most often follows the step after the same
predecessor; what runs side by side with it or with the step is natural too, unless it is done again. Branching is a
rough sign and rather finds too many alterations than too few, which errs on the side of keeping a step.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import random_table

from potok.diagnose.superfluous.traces import END, MARKS, OPEN, Codes, Flags, Traces
from potok.inference.estimate import Estimate
from potok.inference.observations import Floats
from potok.inference.proportions import RateBound, clopper_pearson

LEAST_IN_CONTEXT: Final = 20
PERMUTATIONS: Final = 199
RESAMPLES: Final = 199
CONCURRENT_DEPENDENCY: Final = 0.6
UNKNOWN_RESULT: Final = -1
_OTHER: Final = -9


@dataclass(frozen=True, slots=True)
class InformationGate:
    """How much a step tells of what follows.

    Parameters
    ----------
    basis
        ``result``: the logged result against the next activity; ``branching``: whether the step was run against what
        followed its predecessor otherwise; ``none``.
    share
        Conditional mutual information over the uncertainty of what follows (0–1), given the activity before; its
        chance level taken off, with a bootstrap interval. None where it is vacuous.
    p_value
        Of a permutation within the activities before; None where vacuous.
    runs
        Runs (and skips) on which it rests.
    reason
        Why it is vacuous: a key of `REASONS`; empty if it is not.
    """

    basis: str
    share: Estimate | None
    p_value: float | None
    runs: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReactionGate:
    """How often a run alters the case.

    Parameters
    ----------
    basis
        ``result`` or ``branching``, see the module.
    is_logged
        Whether the result is logged: people declared the column that holds it, or that branching shows it. A column
        that was guessed by its name may hold something else.
    runs
        Runs whose result is known.
    judged_cases, altered_cases
        Cases with such a run, and of them those with an altering one.
    rate
        Altered cases over judged ones, with exact bounds: runs of one case are not independent of each other.
    natural
        The natural result or continuation, as a code; None without runs.
    altered_runs
        Where the altering runs stand in the traces.
    """

    basis: str
    is_logged: bool
    runs: int
    judged_cases: int
    altered_cases: int
    rate: RateBound
    natural: int | None
    altered_runs: Codes


@dataclass(frozen=True, slots=True)
class Passages:
    """How often each activity directly follows each other one where both occur for the first time in the case."""

    counts: dict[tuple[int, int], int]

    def is_side_by_side(self, first: int, second: int) -> bool:
        """Tell whether two activities occur in both orders about equally often, so that neither follows the other."""
        one_way = self.counts.get((first, second), 0)
        other_way = self.counts.get((second, first), 0)
        if not (one_way and other_way):
            return False
        return abs(one_way - other_way) / (one_way + other_way + 1) < CONCURRENT_DEPENDENCY


def count_passages(traces: Traces) -> Passages:
    """Count direct successions, but those in a loop: there two activities would look as if they ran side by side."""
    within = (traces.owner[1:] == traces.owner[:-1]) & ~traces.is_again[1:] & ~traces.is_again[:-1]
    pairs = np.column_stack([traces.activity[:-1][within], traces.activity[1:][within]])
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return Passages({(int(a), int(b)): int(n) for (a, b), n in zip(found, counts, strict=True)})


def measure_reaction(
    traces: Traces,
    activity: int,
    *,
    passages: Passages,
    results: Codes | None = None,
    natural_results: frozenset[int] = frozenset(),
    is_declared: bool = False,
) -> ReactionGate:
    """Measure how often runs of a step alter the case.

    Parameters
    ----------
    results
        Shape (n,), along the traces: codes of logged results, `UNKNOWN_RESULT` where there is none. None goes by what
        follows.
    natural_results
        Codes that alter nothing; empty takes the most frequent one.
    is_declared
        Whether people declared where the result shows: in the column of `results`, or in the next activity.
    """
    at = np.flatnonzero(traces.activity == activity)
    if results is not None and (results[at] != UNKNOWN_RESULT).any():
        at = at[results[at] != UNKNOWN_RESULT]
        natural = _most_frequent(results[at])
        is_altered = ~np.isin(results[at], sorted(natural_results) or [natural])
        return _gate("result", is_declared, traces, at, is_altered, natural)
    at = at[traces.activity[at + 1] != OPEN]  # what follows is not known yet
    if not len(at):
        return _gate("branching", is_declared, traces, at, np.zeros(0, bool), None)
    is_altered = _leaves_nature(traces, at, activity, passages)
    natural = _most_frequent(traces.activity[at + 1])
    return _gate("branching", is_declared, traces, at, is_altered, natural)


def _gate(
    basis: str, is_logged: bool, traces: Traces, at: Codes, is_altered: Flags, natural: int | None
) -> ReactionGate:
    altered = at[is_altered]
    judged, cases = len(np.unique(traces.owner[at])), len(np.unique(traces.owner[altered]))
    return ReactionGate(basis, is_logged, len(at), judged, cases, clopper_pearson(cases, judged), natural, altered)


def _leaves_nature(traces: Traces, at: Codes, activity: int, passages: Passages) -> Flags:
    before, after = _pooled(traces.activity[at - 1]), traces.activity[at + 1]
    is_altered = np.zeros(len(at), bool)
    for context in np.unique(before):
        is_here = before == context
        natural = _most_frequent(after[is_here])
        usual = [
            int(code)
            for code in np.unique(after[is_here])
            if code == natural
            or (code != END and any(passages.is_side_by_side(int(code), other) for other in (activity, natural)))
        ]
        is_altered[is_here] = ~np.isin(after[is_here], usual)
    is_redone = traces.is_again[at + 1] & (after != _most_frequent(after))
    return np.asarray(is_altered | is_redone)


def _pooled(before: Codes) -> Codes:
    """Put predecessors that are too rare to have a natural continuation of their own into one."""
    found, places, counts = np.unique(before, return_inverse=True, return_counts=True)
    return np.where(counts[places] >= LEAST_IN_CONTEXT, found[places], _OTHER)


def _most_frequent(codes: Codes) -> int:
    found, counts = np.unique(codes, return_counts=True)
    return int(found[np.argmax(counts)])


def measure_information(
    context: Codes, result: Codes, follows: Codes, *, basis: str, generator: np.random.Generator
) -> InformationGate:
    """Measure how much a result tells of what follows, beyond what came before.

    Estimand: I(result; follows | context) ÷ H(follows | context), the share of the uncertainty about the next activity
    that knowing the result removes. Plug-in estimate less its mean under permutation; runs are taken to be independent.

    Parameters
    ----------
    context, result, follows
        Shape (n,): codes of each run.

    References
    ----------
    Cover and Thomas (2006), *Elements of Information Theory*, §2.5.
    """
    runs = len(result)
    if len(np.unique(result)) < 2:
        return InformationGate(basis, None, None, runs, "result_never_varies")
    if len(np.unique(follows)) < 2:
        return InformationGate(basis, None, None, runs, "continuation_never_varies")
    held = _cells(_pooled(context), result, follows)
    uncertainty = float(_uncertainty(held, held.counts[None, :])[0])
    if uncertainty <= 0:
        return InformationGate(basis, None, None, runs, "continuation_never_varies")
    observed = float(_shared(held, held.counts[None, :])[0])
    permuted = _permuted(held, generator)
    p_value = float((1 + (permuted >= observed - 1e-9).sum()) / (PERMUTATIONS + 1))
    chance = float(permuted.mean()) / uncertainty
    value = max(0.0, observed / uncertainty - chance)
    drawn = generator.multinomial(runs, held.counts / runs, size=RESAMPLES).astype(np.float64)
    spread = _uncertainty(held, drawn)
    shares = np.where(spread > 0, _shared(held, drawn) / np.where(spread > 0, spread, 1), 0.0)
    # Resampling adds about as much chance association again as the sample itself holds.
    low, high = np.quantile(shares - 2 * chance, [0.025, 0.975])
    bounds = (min(max(0.0, float(low)), value), max(min(1.0, float(high)), value))
    return InformationGate(basis, Estimate(value, *bounds, float(shares.std()), 0.95), p_value, runs)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of a table of contexts, results and followers that occur, with the margins to which each belongs."""

    counts: Floats
    context: Codes
    row: Codes
    column: Codes


def _cells(context: Codes, result: Codes, follows: Codes) -> _Cells:
    """Return all cells within each context whose result and follower occur there, even if not together."""
    parts: list[tuple[Floats, Codes, Codes, Codes]] = []
    rows = columns = 0
    for number, code in enumerate(np.unique(context)):
        is_here = context == code
        _values, row = np.unique(result[is_here], return_inverse=True)
        _values, column = np.unique(follows[is_here], return_inverse=True)
        table = np.zeros((row.max() + 1, column.max() + 1))
        np.add.at(table, (row, column), 1)
        places = np.indices(table.shape).reshape(2, -1)
        parts.append((table.reshape(-1), np.full(table.size, number), rows + places[0], columns + places[1]))
        rows, columns = rows + table.shape[0], columns + table.shape[1]
    counts, contexts, of_rows, of_columns = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Cells(counts, contexts, of_rows, of_columns)


def _entropy_terms(counts: Floats, groups: Codes | None = None) -> Floats:
    """Return Σ n ln n over groups of cells, for each row of `counts`."""
    if groups is not None:
        summed = np.zeros((groups.max() + 1, len(counts)))
        np.add.at(summed, groups, counts.T)
        counts = summed.T
    return np.asarray((counts * np.log(np.where(counts > 0, counts, 1.0))).sum(axis=1))


def _uncertainty(held: _Cells, counts: Floats) -> Floats:
    """Return H(follows | context) times the number of runs, in nats, for each row of counts."""
    return _entropy_terms(counts, held.context) - _entropy_terms(counts, held.column)


def _shared(held: _Cells, counts: Floats) -> Floats:
    """Return I(result; follows | context) times the number of runs, in nats, for each row of counts."""
    margins = _entropy_terms(counts, held.row) + _entropy_terms(counts, held.column)
    return _entropy_terms(counts) + _entropy_terms(counts, held.context) - margins


def _permuted(held: _Cells, generator: np.random.Generator) -> Floats:
    drawn = np.tile(held.counts, (PERMUTATIONS, 1))
    for number in np.unique(held.context):
        is_here = held.context == number
        rows = np.unique(held.row[is_here])
        table = held.counts[is_here].reshape(len(rows), -1)
        if min(table.shape) > 1:
            margins = table.sum(axis=1).astype(np.int64), table.sum(axis=0).astype(np.int64)
            tables = random_table(*margins).rvs(PERMUTATIONS, method="patefield", random_state=generator)
            drawn[:, is_here] = tables.reshape(PERMUTATIONS, -1)
    return _shared(held, drawn)


def shifted(codes: Codes) -> Codes:
    """Return codes of activities and marks as places in a table that marks begin."""
    return codes + MARKS
