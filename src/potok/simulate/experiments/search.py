"""Which of several changes to make with a budget."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np

from potok.core.change import Change
from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.simulate.changes import Scenario, apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.experiments.comparison import rank_alternatives
from potok.simulate.experiments.errors import ExperimentValueError, NoFigureError
from potok.simulate.experiments.estimates import Estimate, estimate_means
from potok.simulate.experiments.frames import Frame, Runner
from potok.simulate.experiments.keeping import Reals
from potok.simulate.experiments.metrics import Metric, compute_outcomes, list_metrics
from potok.simulate.model import ProcessModel

MOST_EXHAUSTIVE: Final = 10
"""Up to so many changes all sets are tried."""


class SearchMethod(StrEnum):
    """How sets of changes were searched."""

    EXHAUSTIVE = "exhaustive"
    GREEDY = "greedy"


@dataclass(frozen=True, slots=True)
class Option:
    """A set of changes that was tried.

    Parameters
    ----------
    changes
        Their numbers in the scenario, from 0; none: as it is.
    price
        What they cost together.
    value, difference
        The figure, and its difference from as it is, run by run.
    """

    changes: tuple[int, ...]
    price: float
    value: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Refusal:
    """A set of changes that cannot be applied together, and why."""

    changes: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Search:
    """The best sets of changes within a budget.

    Parameters
    ----------
    metric, budget
        What was to be bettered, with how much.
    method
        Whether all sets were tried.
    options
        What was tried, the best first; of equally good ones the cheapest.
    refused
        Sets that cannot be applied.
    best_share
        Share of replications in which the first option was best among those tried.
    """

    metric: Metric
    budget: float
    method: SearchMethod
    options: tuple[Option, ...]
    refused: tuple[Refusal, ...]
    best_share: float


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How sets are searched.

    Parameters
    ----------
    metric
        What is to be bettered.
    budget
        What the changes may cost together.
    seed, replications, level
        Of the runs of each set, and of confidence.
    """

    metric: Metric
    budget: float
    seed: int = 1
    replications: int = 5
    level: float = 0.9


def search_changes(
    model: ProcessModel,
    candidates: Scenario,
    run: Runner,
    frame: Frame,
    *,
    settings: SearchSettings,
    progress: Progress | None = None,
) -> Search:
    """Find the set of changes that betters a figure most within a budget.

    Up to ten changes all sets that the budget allows are tried; of more, the change that helps most for the rest of the
    budget is added, one after another, as long as one helps.

    Raises
    ------
    NoFigureError
        If the model does not tell the figure.
    ExperimentValueError
        If the budget is negative.
    """
    if settings.metric not in list_metrics([model]):
        raise NoFigureError(
            _("The model does not tell the figure {name}.").format(name=settings.metric.name),
            where="--objective",
            remedy=_("Choose one of: {names}.").format(
                names=", ".join(dict.fromkeys(one.name for one in list_metrics([model])))
            ),
        )
    if not settings.budget >= 0:
        raise ExperimentValueError(
            _("{option} cannot be «{value}».").format(option="--budget", value=settings.budget),
            where="--budget",
            remedy=_("Give 0 or more."),
        )
    trial = _Trial(model, candidates, run, frame, settings, progress or SilentProgress())
    trial.progress.start(_("Sets of changes"))
    trial.value_of(())
    is_small = len(candidates.changes) <= MOST_EXHAUSTIVE
    if is_small:
        for chosen in _affordable(candidates.prices, settings.budget):
            trial.value_of(chosen)
    else:
        _grow(trial)
    trial.progress.finish()
    return trial.summarise(SearchMethod.EXHAUSTIVE if is_small else SearchMethod.GREEDY)


def _affordable(prices: Sequence[float], budget: float) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(prices) + 1):
        for chosen in combinations(range(len(prices)), size):
            if sum(prices[number] for number in chosen) <= budget:
                yield chosen


class _Trial:
    """Sets of changes tried so far."""

    def __init__(
        self,
        model: ProcessModel,
        candidates: Scenario,
        run: Runner,
        frame: Frame,
        settings: SearchSettings,
        progress: Progress,
    ) -> None:
        self.candidates, self.settings, self.progress = candidates, settings, progress
        self._model, self._run, self._frame = model, run, frame
        self._tried: dict[tuple[int, ...], Reals] = {}
        self._refused: list[Refusal] = []

    def price(self, chosen: tuple[int, ...]) -> float:
        """Return what a set costs."""
        return sum(self.candidates.prices[number] for number in chosen)

    def value_of(self, chosen: tuple[int, ...]) -> float | None:
        """Return the figure of a set, the lower the better; None if it cannot be applied."""
        if chosen not in self._tried:
            changes: list[Change] = [self.candidates.changes[number] for number in chosen]
            try:
                changed = apply_changes(self._model, changes)
            except ChangeError as error:
                self._refused.append(Refusal(chosen, error.message))
                return None
            self._tried[chosen] = self._figures(changed)
            self.progress.advance_to(len(self._tried))
        mean = float(self._tried[chosen].mean())
        return mean if self.settings.metric.is_lower_better else -mean

    def _figures(self, model: ProcessModel) -> Reals:
        logs = self._run(model, self._frame, seed=self.settings.seed, replications=range(self.settings.replications))
        metrics = (self.settings.metric,)
        return np.array([compute_outcomes(log, model, self._frame, metrics=metrics)[0] for log in logs])

    def summarise(self, method: SearchMethod) -> Search:
        """Return what was found."""
        level, base = self.settings.level, self._tried[()]
        order = sorted(self._tried, key=lambda chosen: (self.value_of(chosen), self.price(chosen), chosen))
        options = []
        for chosen in order:
            figures = self._tried[chosen]
            (value,) = estimate_means(figures[:, None], level=level)
            (difference,) = estimate_means((figures - base)[:, None], level=level)
            options.append(Option(chosen, self.price(chosen), value, difference))
        ranking = rank_alternatives(
            np.column_stack([self._tried[chosen] for chosen in order]), metric=self.settings.metric
        )
        return Search(
            self.settings.metric,
            self.settings.budget,
            method,
            tuple(options),
            tuple(self._refused),
            ranking.best_shares[0],
        )


def _grow(trial: _Trial) -> None:
    """Add the change that helps most for its price, as long as one helps and can be afforded."""
    chosen: tuple[int, ...] = ()
    value = trial.value_of(chosen) or 0.0
    while True:
        gains: list[tuple[float, tuple[int, ...], float]] = []
        for number in range(len(trial.candidates.changes)):
            larger = tuple(sorted({*chosen, number}))
            if number in chosen or trial.price(larger) > trial.settings.budget:
                continue
            found = trial.value_of(larger)
            if found is not None and found < value:
                price = trial.candidates.prices[number]
                gains.append(((value - found) / price if price else np.inf, larger, found))
        if not gains:
            return
        _gain, chosen, value = max(gains, key=lambda one: (one[0], -one[2]))
