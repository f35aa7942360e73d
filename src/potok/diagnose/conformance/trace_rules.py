"""Declarative templates judged on all distinct traces at once, for discovery.

All traces lie one after the other in arrays of length n; for one activity at a time the nearest instance before and
after every place is known by running minima and maxima, so that every pair costs a few passes over the arrays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.diagnose.conformance.rules import Template

Codes = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Weights = npt.NDArray[np.float64]

SINGLE: Final = (Template.INIT, Template.END, Template.EXISTENCE, Template.ABSENCE, Template.EXACTLY)
BINARY: Final = (
    Template.RESPONDED_EXISTENCE,
    Template.RESPONSE,
    Template.ALTERNATE_RESPONSE,
    Template.CHAIN_RESPONSE,
    Template.PRECEDENCE,
    Template.ALTERNATE_PRECEDENCE,
    Template.CHAIN_PRECEDENCE,
    Template.NOT_CO_EXISTENCE,
    Template.NOT_SUCCESSION,
)
_BACKWARD: Final = frozenset({Template.PRECEDENCE, Template.ALTERNATE_PRECEDENCE, Template.CHAIN_PRECEDENCE})
# Two activities that never meet say something only if by chance they would have.
FEWEST_MEETINGS: Final = 20.0


@dataclass(frozen=True, slots=True)
class CaseWeights:
    """Numbers of cases of each trace, (v,): in the half where rules are found, and in the one where they are tried."""

    found: Weights
    tried: Weights


@dataclass(frozen=True, slots=True)
class Sequences:
    """Distinct traces.

    Parameters
    ----------
    activity, trace
        (n,): code of the activity and number of the trace at each place; traces follow each other.
    first, last
        (v,): first and last place of each trace.
    codes
        (k,): activities that rules are to be about.
    held
        (k, v): whether a trace has the activity.
    """

    activity: Codes
    trace: Places
    first: Places
    last: Places
    codes: Codes
    held: Flags

    @classmethod
    def of(cls, traces: Sequence[Codes]) -> "Sequences":
        """Lay traces one after the other."""
        lengths = np.array([len(trace) for trace in traces], dtype=np.int64)
        ends = np.cumsum(lengths)
        activity = np.concatenate(traces) if traces else np.zeros(0, np.int32)
        whole = cls(
            activity=activity,
            trace=np.repeat(np.arange(len(traces), dtype=np.int64), lengths),
            first=ends - lengths,
            last=ends - 1,
            codes=np.zeros(0, np.int32),
            held=np.zeros((0, len(traces)), bool),
        )
        return whole.about(np.unique(activity).astype(np.int32))

    def about(self, codes: Codes) -> "Sequences":
        """Return the same traces for rules about some activities."""
        held = np.zeros((len(codes), len(self.first)), bool)
        for place, code in enumerate(codes):
            held[place, self.trace[self.activity == code]] = True
        return Sequences(self.activity, self.trace, self.first, self.last, codes, held)

    def most_frequent(self, weights: Weights, *, most: int) -> Codes:
        """Return the activities that most cases have; ties by code."""
        cases = self.held @ weights
        order = np.lexsort((self.codes, -cases))[:most]
        return np.sort(self.codes[order])

    def times(self, place: int) -> Places:
        """Return how often each trace has an activity, by its place in `codes`; shape (v,)."""
        chosen = self.trace[self.activity == self.codes[place]]
        return np.bincount(chosen, minlength=len(self.first)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """Nearest place of an activity strictly after and before every place of the same trace; −1 where there is none."""

    after: Places
    before: Places


def judge_single(sequences: Sequences, template: Template) -> Flags:
    """Return (k, v): whether each trace keeps a template about one activity (absence: at most once)."""
    kept = np.zeros(sequences.held.shape, bool)
    ends = {Template.INIT: sequences.first, Template.END: sequences.last}
    for place, code in enumerate(sequences.codes):
        if template in ends:
            kept[place] = sequences.activity[ends[template]] == code
            continue
        times = sequences.times(place)
        kept[place] = {Template.EXISTENCE: times >= 1, Template.ABSENCE: times < 2, Template.EXACTLY: times == 1}[
            template
        ]
    return kept


def judge_pairs(
    sequences: Sequences, weights: Weights, least_support: float
) -> Iterator[tuple[Template, int, int, Weights, Weights]]:
    """Yield every pair and template whose activations give it the support.

    Yields
    ------
    tuple
        Template, places of activity and target in `codes`, and (v,) as 0 or 1: which traces activate the rule, and
        which of them keep it.
    """
    cases = sequences.held @ weights
    total = float(weights.sum())
    is_frequent = cases >= least_support * total
    nearest = {place: _nearest(sequences, place) for place in np.flatnonzero(is_frequent).tolist()}
    for activity in nearest:
        for target in nearest:
            if activity == target:
                continue
            meetings = float((sequences.held[activity] & sequences.held[target]) @ weights)
            by_chance = cases[activity] * cases[target] / total
            for template in BINARY:
                if _says_nothing(template, meetings, float(by_chance), least_support * total):
                    continue
                own, other = (target, activity) if template in _BACKWARD else (activity, target)
                kept = sequences.held[own] & ~_broken(sequences, template, (own, other), nearest)
                yield template, int(activity), int(target), sequences.held[own].astype(float), kept.astype(float)


def _says_nothing(template: Template, meetings: float, by_chance: float, least_cases: float) -> bool:
    """Return whether a rule has too few cases behind it for what it says."""
    if template is Template.NOT_CO_EXISTENCE:
        return by_chance < max(FEWEST_MEETINGS, least_cases)
    return meetings < least_cases


def _nearest(sequences: Sequences, place: int) -> _Nearest:
    is_here = sequences.activity == sequences.codes[place]
    count = np.arange(len(is_here), dtype=np.int64)
    seen = np.maximum.accumulate(np.where(is_here, count, -1))
    before = np.concatenate(([-1], seen[:-1]))
    to_come = np.minimum.accumulate(np.where(is_here, count, len(count))[::-1])[::-1]
    after = np.concatenate((to_come[1:], [len(count)]))
    return _Nearest(
        after=np.where(after <= sequences.last[sequences.trace], after, -1),
        before=np.where(before >= sequences.first[sequences.trace], before, -1),
    )


def _broken(sequences: Sequences, template: Template, pair: tuple[int, int], nearest: dict[int, _Nearest]) -> Flags:
    """Return (v,): which traces have an activation that breaks the template."""
    own, other = pair
    places = np.flatnonzero(sequences.activity == sequences.codes[own])
    after, before = nearest[other].after[places], nearest[other].before[places]
    own_after, own_before = nearest[own].after[places], nearest[own].before[places]
    is_after, is_before = after >= 0, before >= 0
    kept = {
        Template.RESPONDED_EXISTENCE: is_after | is_before,
        Template.RESPONSE: is_after,
        Template.ALTERNATE_RESPONSE: is_after & ((own_after < 0) | (after < own_after)),
        Template.CHAIN_RESPONSE: after == places + 1,
        Template.PRECEDENCE: is_before,
        Template.ALTERNATE_PRECEDENCE: is_before & (before > own_before),
        Template.CHAIN_PRECEDENCE: is_before & (before == places - 1),
        Template.NOT_CO_EXISTENCE: ~(is_after | is_before),
        Template.NOT_SUCCESSION: ~is_after,
    }[template]
    broken = np.zeros(len(sequences.first), bool)
    broken[sequences.trace[places[~kept]]] = True
    return broken
