"""Running several models under the same random numbers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from potok.core.change import Change
from potok.core.progress import Progress, SilentProgress
from potok.simulate.changes import apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.experiments.keeping import KeptRows
from potok.simulate.experiments.metrics import Metric, compute_outcomes
from potok.simulate.model import Consequence, ProcessModel

Reals = npt.NDArray[np.float64]
Relearn = Callable[[Reals], ProcessModel]
_CHUNK: Final = 4


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Models to be compared: as it is first, then each scenario.

    Parameters
    ----------
    models
        One for each.
    changes
        What made each of the first; of the first itself, none.
    frame
        The time that runs cover.
    metrics
        What is counted.
    """

    models: tuple[ProcessModel, ...]
    changes: tuple[tuple[Change, ...], ...]
    frame: Frame
    metrics: tuple[Metric, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Of the figures of one replication: models by metrics."""
        return len(self.models), len(self.metrics)


def iterate_outcomes(alternatives: Alternatives, run: Runner, *, seed: int, replications: range) -> Iterator[Reals]:
    """Yield the figures of each replication, (models, metrics), the same random numbers for all models."""
    logs = [run(model, alternatives.frame, seed=seed, replications=replications) for model in alternatives.models]
    declared = consequences_of(alternatives.models)
    for _number in replications:
        rows = []
        for model, log, known in zip(alternatives.models, logs, declared, strict=True):
            rows.append(
                compute_outcomes(next(log), model, alternatives.frame, metrics=alternatives.metrics, consequences=known)
            )
        yield np.array(rows)


def consequences_of(models: Sequence[ProcessModel]) -> list[tuple[Consequence, ...]]:
    """Return what to count of quality in each model: its own, and what only a change says, in the others too."""
    own = {(one.indicator, one.activity): one for model in models[::-1] for one in model.consequences}
    return [
        tuple({**own, **{(one.indicator, one.activity): one for one in model.consequences}}.values())
        for model in models
    ]


def run_replications(
    alternatives: Alternatives,
    run: Runner,
    *,
    seed: int,
    replications: int,
    kept: KeptRows,
    progress: Progress | None = None,
) -> Reals:
    """Return the figures of all replications, (r, models, metrics); those kept before are not run again."""
    progress = progress or SilentProgress()
    found = {number: row for number in range(replications) if (row := kept.get(number)) is not None}
    missing = [number for number in range(replications) if number not in found]
    for first, last in _runs(missing):
        for chunk in range(first, last, _CHUNK):
            numbers = range(chunk, min(chunk + _CHUNK, last))
            outcomes = iterate_outcomes(alternatives, run, seed=seed, replications=numbers)
            for number, row in zip(numbers, outcomes, strict=True):
                kept.put(number, row)
                found[number] = row
                progress.advance_to(len(found))
    return np.array([found[number] for number in range(replications)]).reshape(replications, *alternatives.shape)


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last (excluded) of each stretch of numbers without gaps."""
    cuts = [0, *(n for n in range(1, len(numbers)) if numbers[n] != numbers[n - 1] + 1), len(numbers)]
    for first, last in pairwise(cuts):
        if last > first:
            yield numbers[first], numbers[last - 1] + 1


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How a model is learned anew from cases drawn with replacement.

    Parameters
    ----------
    relearn
        How often each case counts, to the model as it is.
    cases
        How many cases there are to draw from.
    draws, replications
        How many models, and how often each is run.
    """

    relearn: Relearn
    cases: int
    draws: int
    replications: int


def run_draws(
    alternatives: Alternatives,
    bootstrap: Bootstrap,
    run: Runner,
    *,
    seed: int,
    kept: KeptRows,
    progress: Progress | None = None,
) -> Reals:
    """Return the figures of all draws, (draws, replications, models, metrics).

    A draw in which a change cannot be applied, because what it names was not drawn, is NaN throughout.
    """
    progress = progress or SilentProgress()
    rows = []
    for number in range(bootstrap.draws):
        row = kept.get(number)
        if row is None:
            row = _draw(alternatives, bootstrap, run, seed=seed, number=number)
            kept.put(number, row)
        rows.append(row)
        progress.advance_to(number + 1)
    return np.array(rows).reshape(bootstrap.draws, bootstrap.replications, *alternatives.shape)


def draw_cases(cases: int, *, seed: int, number: int) -> Reals:
    """Draw how often each case counts; the same seed and number give the same draw.

    Each counts a Poisson number of times of mean 1, so that the number of arrivals varies as that of independent ones
    does.

    References
    ----------
    Hanley and MacGibbon (2006), “Creating non-parametric bootstrap samples using Poisson frequencies”.
    """
    drawn = np.random.default_rng([seed, number, cases]).poisson(1.0, cases).astype(np.float64)
    return drawn if drawn.any() else np.ones(cases)


def _draw(alternatives: Alternatives, bootstrap: Bootstrap, run: Runner, *, seed: int, number: int) -> Reals:
    drawn = bootstrap.relearn(draw_cases(bootstrap.cases, seed=seed, number=number))
    try:
        models = tuple(apply_changes(drawn, changes) for changes in alternatives.changes)
    except ChangeError:
        return np.full((bootstrap.replications, *alternatives.shape), np.nan)
    relearned = Alternatives(models, alternatives.changes, alternatives.frame, alternatives.metrics)
    # Numbers of their own, so that chance differs between draws as it would between logs.
    first = (number + 1) * bootstrap.replications
    numbers = range(first, first + bootstrap.replications)
    return np.array([*iterate_outcomes(relearned, run, seed=seed, replications=numbers)])
