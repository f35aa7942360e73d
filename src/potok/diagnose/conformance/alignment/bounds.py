"""Bounds of alignment costs where the search ran out of its budget.

- From below: for a process tree the exact cost, computed block by block (`potok.discover.quality.alignment_costs`); for
  any other net the marking equation, solved as a linear programme: a run has to bring the tokens from the start to the
  end, in whatever order, and may share with the trace at most as many steps of a label as both have.
- From above: the trace laid against every run that the alignments of other traces have found; the nearest one is a run
  of the model, so its distance is a cost that can be had. Failing that, the whole trace beside the shortest run.

References
----------
Fani Sani, van Zelst, van der Aalst (2020), "Conformance checking approximation using subset selection and edit
distance"; Hyyrö (2004) for the length of a common subsequence by bits.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Final

import numpy as np

from potok.diagnose.conformance.alignment.model import AlignmentModel
from potok.diagnose.conformance.alignment.search import Labels
from potok.discover.quality.alignment_costs import RepeatedActivityError, TreeAligner

LONGEST_EXACT: Final = 400
MOST_RUNS: Final = 200
MOST_PROGRAMMES: Final = 500
MOST_TRANSITIONS: Final = 1_000
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class CostBounds:
    """The cost of a trace's optimal alignment lies between these; `high` is None where nothing is known."""

    low: int
    high: int | None


class CostBounder:
    """Bounds costs of traces on a model.

    Parameters
    ----------
    model
        The model.
    runs
        Runs of the model that are known; the first `MOST_RUNS` different ones are used.
    shortest
        A shortest run; None if it is not known.
    seconds
        How long bounds may be looked for; of later traces only what costs nothing to know is told.
    """

    def __init__(
        self, model: AlignmentModel, *, runs: Iterable[Labels], shortest: Labels | None, seconds: float = inf
    ) -> None:
        self._model = model
        self._shortest = shortest
        self._until = time.monotonic() + seconds
        known = [*runs, *([] if shortest is None else [shortest])]
        self._runs = list(dict.fromkeys(known))[:MOST_RUNS]
        if shortest is not None and shortest not in self._runs:
            self._runs.append(shortest)
        self._aligner = _tree_aligner(model)
        self._programme = _MarkingEquation(model) if len(model.net.transitions) <= MOST_TRANSITIONS else None
        self._programmes = 0

    def bound(self, trace: Labels) -> CostBounds:
        """Return the bounds of one trace."""
        if time.monotonic() > self._until:
            high = None if self._shortest is None else len(trace) + len(self._shortest)
            return CostBounds(self._unknown(trace), high)
        if self._aligner is not None and len(trace) <= LONGEST_EXACT:
            cost = self._aligner.cost(trace)
            return CostBounds(cost, cost)
        high = min((indel_distance(trace, run) for run in self._runs), default=None)
        return CostBounds(self._low(trace), high)

    def _low(self, trace: Labels) -> int:
        unknown = self._unknown(trace)
        if self._programme is None or self._programmes >= MOST_PROGRAMMES:
            return unknown
        self._programmes += 1
        labels = self._model.labels
        return unknown + self._programme.least_cost([label for label in trace if label in labels])

    def _unknown(self, trace: Labels) -> int:
        labels = self._model.labels
        return sum(label not in labels for label in trace)


def indel_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many elements have to be taken out of or put into one sequence to get the other."""
    places: dict[str, int] = {}
    for place, label in enumerate(first):
        places[label] = places.get(label, 0) | 1 << place
    every = (1 << len(first)) - 1
    rest = every
    for label in second:
        shared = rest & places.get(label, 0)
        rest = ((rest + shared) | (rest - shared)) & every
    common = len(first) - rest.bit_count()
    return len(first) + len(second) - 2 * common


def _tree_aligner(model: AlignmentModel) -> TreeAligner | None:
    if model.tree is None:
        return None
    try:
        return TreeAligner(model.tree)
    except RepeatedActivityError:
        return None


class _MarkingEquation:
    """The linear programme of a net: variables are how often each transition fires, and how many steps are shared."""

    def __init__(self, model: AlignmentModel) -> None:
        net = model.net
        self._labels = sorted(model.labels)
        place = {label: number for number, label in enumerate(self._labels)}
        n_fired, n_labels = len(net.transitions), len(self._labels)
        ends = n_fired + n_labels  # one more variable: tokens in the sink
        self._tokens = np.zeros((net.places, ends + 1))
        self._shared = np.zeros((n_labels, ends + 1))
        self._cost = np.zeros(ends + 1)
        for number, step in enumerate(net.transitions):
            for takes in step.takes:
                self._tokens[takes, number] -= 1
            for gives in step.gives:
                self._tokens[gives, number] += 1
            if step.activity is not None:
                self._cost[number] = 1
                self._shared[place[step.activity], number] = -1
        self._tokens[net.sink, ends] = -1
        # A shared step saves the one of the trace and the one of the model.
        self._cost[n_fired:ends] = -2
        self._shared[:, n_fired:ends] = np.eye(n_labels)
        self._wanted = np.zeros(net.places)
        self._wanted[net.source] = -1
        self._bounds = [(0, None)] * n_fired + [(0, 0)] * n_labels + [(1, model.most_ends)]
        self._n_fired = n_fired

    def least_cost(self, labels: Sequence[str]) -> int:
        """Return the optimum, rounded up; 0 if the programme cannot be solved."""
        from scipy.optimize import linprog

        times = Counter(labels)
        bounds = list(self._bounds)
        for number, label in enumerate(self._labels):
            bounds[self._n_fired + number] = (0, times[label])
        solved = linprog(
            self._cost,
            A_ub=self._shared,
            b_ub=np.zeros(len(self._labels)),
            A_eq=self._tokens,
            b_eq=self._wanted,
            bounds=bounds,
            method="highs",
        )
        if not solved.success:
            return 0
        return max(0, ceil(len(labels) + float(solved.fun) - _TOLERANCE))
