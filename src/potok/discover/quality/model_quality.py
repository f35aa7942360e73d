"""Fitness and precision of a process tree, over the variants of a log."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from potok.discover.process_tree import ProcessTree
from potok.discover.quality.alignment_costs import TreeAligner
from potok.discover.quality.sampling import sample_cases
from potok.discover.quality.tree_states import TreeStates

Traces = Mapping[tuple[str, ...], int]

# Some milliseconds each; beyond, a sample is aligned.
MOST_ALIGNMENTS: Final = 300


@dataclass(frozen=True, slots=True)
class ModelQuality:
    """How well a model describes a log.

    Parameters
    ----------
    fitness
        Mean over cases of 1 − (cost of the cheapest alignment) ÷ (events of the case + activities of the model's
        shortest run), 0–1; 1 if every case is a run of the model.
    is_fitness_sampled
        Whether `fitness` rests on an even sample of the cases that are no runs, because their variants are very many.
    fitting_share
        Share of the cases that are runs of the model from beginning to end, 0–1.
    precision
        1 − (activities that the model allows and no case does next) ÷ (activities that it allows), both summed over
        the beginnings of cases that the model can follow, each counted once for every case that goes on from it, 0–1.
        None if no case goes on from a beginning that the model can follow.
    followed_share
        Share of the events of all cases that the model can follow up to and including them; precision speaks of these
        only, 0–1.
    """

    fitness: float
    is_fitness_sampled: bool
    fitting_share: float
    precision: float | None
    followed_share: float


def measure_quality(tree: ProcessTree, traces: Traces, *, most_alignments: int = MOST_ALIGNMENTS) -> ModelQuality:
    """Measure fitness and precision of a tree on traces (labels) and their numbers of cases.

    Parameters
    ----------
    most_alignments
        If more variants than this are no runs of the model, about so many of their cases are aligned, evenly chosen.

    Raises
    ------
    RepeatedActivityError
        If an activity occurs twice in the tree.

    References
    ----------
    Adriansyah (2014), "Aligning observed and modeled behavior", for fitness; Muñoz-Gama & Carmona (2010), "A fresh look
    at precision in process conformance", for precision.
    """
    all_cases = sum(traces.values())
    walk = _walk(TreeStates(tree), traces)
    aligner = TreeAligner(tree)
    sample = sample_cases(walk.misfits, number=most_alignments)
    lost = sum(cases * _relative_cost(aligner, trace) for trace, cases in sample.items())
    misfit_share = sum(walk.misfits.values()) / all_cases if all_cases else 0.0
    return ModelQuality(
        fitness=1 - misfit_share * lost / sum(sample.values()) if sample else 1.0,
        is_fitness_sampled=len(sample) < len(walk.misfits),
        fitting_share=1 - misfit_share,
        precision=walk.taken / walk.allowed if walk.allowed else None,
        followed_share=walk.followed / walk.events if walk.events else 1.0,
    )


@dataclass(frozen=True, slots=True)
class QuickQuality:
    """How well a model describes a log, as far as it can be told without alignments.

    Parameters
    ----------
    accepted_share
        Mean over cases of 1 − (events that the model cannot take where they come, plus 1 if the case may not end there)
        ÷ (events + 1), 0–1; 1 if and only if every case is a run of the model.
    precision
        As `ModelQuality.precision`; 0 where that is unknown.
    """

    accepted_share: float
    precision: float

    @property
    def f2(self) -> float:
        """Weighted harmonic mean of both in which acceptance weighs twice (van Rijsbergen's F with β = 2)."""
        total = self.accepted_share + 4 * self.precision
        return 5 * self.accepted_share * self.precision / total if total else 0.0


def estimate_quality(tree: ProcessTree, traces: Traces) -> QuickQuality:
    """Estimate the quality of a tree by walking traces through it and passing over events that it cannot take."""
    states = TreeStates(tree)
    walk = _walk(states, traces)
    lost = sum(cases * _refused_share(states, trace) for trace, cases in walk.misfits.items())
    all_cases = sum(traces.values())
    return QuickQuality(
        accepted_share=1 - lost / all_cases if all_cases else 1.0,
        precision=walk.taken / walk.allowed if walk.allowed else 0.0,
    )


def _refused_share(states: TreeStates, trace: tuple[str, ...]) -> float:
    state, refused = states.start, 0
    for activity in trace:
        following = states.after(state, activity)
        if following is None:
            refused += 1
        else:
            state = following
    return (refused + (not states.may_end(state))) / (len(trace) + 1)


def _relative_cost(aligner: TreeAligner, trace: tuple[str, ...]) -> float:
    return aligner.cost(trace) / (len(trace) + aligner.shortest_run)


@dataclass(slots=True)
class _Beginning:
    """A beginning of cases that the model can follow."""

    state: int
    cases_going_on: int = 0
    followed_by: dict[str, "_Beginning | None"] = field(default_factory=dict)


@dataclass(slots=True)
class _Walk:
    """What walking all traces through the model's states has shown."""

    events: int = 0
    followed: int = 0
    allowed: int = 0
    taken: int = 0
    misfits: dict[tuple[str, ...], int] = field(default_factory=dict)


def _walk(states: TreeStates, traces: Traces) -> _Walk:
    root = _Beginning(states.start)
    walk = _Walk()
    for trace, cases in traces.items():
        n_followed, last = _follow(trace, cases, root, states)
        walk.events += cases * len(trace)
        walk.followed += cases * n_followed
        if n_followed < len(trace) or not states.may_end(last.state):
            walk.misfits[trace] = cases
    for beginning in _beginnings(root):
        walk.allowed += beginning.cases_going_on * len(states.allowed(beginning.state))
        walk.taken += beginning.cases_going_on * sum(after is not None for after in beginning.followed_by.values())
    return walk


def _follow(trace: tuple[str, ...], cases: int, root: _Beginning, states: TreeStates) -> tuple[int, _Beginning]:
    """Walk a trace, noting its beginnings; return how many events the model could follow, and the beginning there."""
    beginning = root
    for index, activity in enumerate(trace):
        beginning.cases_going_on += cases
        if activity not in beginning.followed_by:
            state = states.after(beginning.state, activity)
            beginning.followed_by[activity] = None if state is None else _Beginning(state)
        following = beginning.followed_by[activity]
        if following is None:
            return index, beginning
        beginning = following
    return len(trace), beginning


def _beginnings(root: _Beginning) -> Iterator[_Beginning]:
    waiting = [root]
    while waiting:
        beginning = waiting.pop()
        yield beginning
        waiting += [after for after in beginning.followed_by.values() if after is not None]
