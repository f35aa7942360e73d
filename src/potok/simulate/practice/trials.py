"""Trying measures on a practice ground, and comparing with the best that can be had."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.core.progress import Progress, SilentProgress
from potok.simulate.changes import apply_changes
from potok.simulate.changes.errors import ChangeError
from potok.simulate.experiments.estimates import Estimate, Reals, estimate_means
from potok.simulate.experiments.frames import Frame
from potok.simulate.experiments.metrics import Metric, MetricName, compute_outcomes, list_metrics
from potok.simulate.experiments.running import KernelRunner
from potok.simulate.practice.ground import PracticeGround

REPLICATIONS: Final = 10
SEED: Final = 1
WARM_UP_DAYS: Final = 56
COUNTED_DAYS: Final = 182
LEVEL: Final = 0.9
_DAY_US: Final = 86_400_000_000
_SHOWN: Final = (
    MetricName.CASE_DURATION_MEAN,
    MetricName.CASE_DURATION_P90,
    MetricName.SHARE_IN_TERM,
    MetricName.STAFF_TIME_PER_CASE,
    MetricName.ADVERSE_SHARE,
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a changed process: its value, and its difference from the process as it is, run by run."""

    metric: Metric
    value: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Trial:
    """What some measures would bring.

    Parameters
    ----------
    chosen
        Numbers of the measures in the ground, from 0, ascending; empty: the process as it is.
    price, is_affordable
        What they cost together, and whether the budget allows it.
    figures
        The first is the mean case duration.
    harmed
        Indicators of quality that grow by more than the ground allows.
    refusal
        Why the measures cannot be made together; empty if they can. Then there are no figures.
    """

    chosen: tuple[int, ...]
    price: float
    is_affordable: bool
    figures: tuple[Figure, ...] = ()
    harmed: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def counts(self) -> bool:
        """Whether it keeps to the budget and to the quality."""
        return self.is_affordable and not self.harmed and not self.refusal

    @property
    def gain_seconds(self) -> float:
        """By how much the mean case duration falls; 0 for the process as it is."""
        return -self.figures[0].difference.value if self.figures else 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """How a trial compares with all that count.

    Parameters
    ----------
    best
        The one with the largest gain; of equal ones the cheapest.
    place, of
        Its place among the sets of measures that count, from 1, and their number; 0 if the trial does not count.
    reached_share
        Its gain as a share of the best one's, 0–1; 0 if it does not count or is worse than nothing.
    """

    best: Trial
    place: int
    of: int
    reached_share: float


def try_measures(ground: PracticeGround, chosen: Sequence[int]) -> Trial:
    """Try some measures.

    Parameters
    ----------
    chosen
        Numbers in `ground.measures`, from 0.

    Raises
    ------
    IndexError
        If there is no such measure.
    """
    numbers = tuple(sorted(set(chosen)))
    if any(not 0 <= number < len(ground.measures) for number in numbers):
        raise IndexError(_("There is no such measure."))
    price = ground.price(numbers)
    metrics = _metrics(ground)
    try:
        values = _values(ground, numbers)
    except ChangeError as error:
        return Trial(numbers, price, price <= ground.budget, refusal=error.message)
    base = _values(ground, ())
    pairs = zip(estimate_means(values, level=LEVEL), estimate_means(values - base, level=LEVEL), strict=True)
    figures = tuple(Figure(metric, *pair) for metric, pair in zip(metrics, pairs, strict=True))
    harmed = tuple(
        one.metric.subject
        for one in figures
        if one.metric.name is MetricName.ADVERSE_SHARE and one.difference.value > ground.allowed_harm_share
    )
    return Trial(numbers, price, price <= ground.budget, figures, harmed)


def find_best(ground: PracticeGround, *, progress: Progress | None = None) -> tuple[Trial, ...]:
    """Try every set of measures that the budget allows; return those that count, the best first."""
    shown = progress or SilentProgress()
    shown.start(_("Sets of measures"))
    trials = []
    for number, chosen in enumerate(_affordable(ground), start=1):
        trials.append(try_measures(ground, chosen))
        shown.advance_to(number)
    shown.finish()
    return tuple(
        sorted((one for one in trials if one.counts), key=lambda one: (-one.gain_seconds, one.price, one.chosen))
    )


def rank_trial(trial: Trial, found: Sequence[Trial]) -> Ranked:
    """Compare a trial with the sets that `find_best` found."""
    best = found[0]
    if not trial.counts:
        return Ranked(best, 0, len(found), 0.0)
    place = 1 + sum(one.gain_seconds > trial.gain_seconds for one in found)
    share = trial.gain_seconds / best.gain_seconds if best.gain_seconds > 0 else 1.0
    return Ranked(best, place, len(found), max(share, 0.0))


def _affordable(ground: PracticeGround) -> Iterator[tuple[int, ...]]:
    for size in range(len(ground.measures) + 1):
        for chosen in combinations(range(len(ground.measures)), size):
            if ground.price(chosen) <= ground.budget:
                yield chosen


def _metrics(ground: PracticeGround) -> tuple[Metric, ...]:
    return tuple(one for one in list_metrics([ground.model]) if one.name in _SHOWN)


def _values(ground: PracticeGround, chosen: tuple[int, ...]) -> Reals:
    """Return the figures of each replication, (replications, metrics)."""
    return _cached_values(_Held(ground), chosen)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """A ground as a key: models hold mappings, which cannot be hashed."""

    ground: PracticeGround

    def __hash__(self) -> int:
        return id(self.ground)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.ground is self.ground


@cache
def _cached_values(held: _Held, chosen: tuple[int, ...]) -> Reals:
    ground = held.ground
    changes = [change for number in chosen for change in ground.measures[number].changes]
    model = apply_changes(ground.model, changes)
    start_us = round(ground.model.arrivals.start_at.timestamp() * 1e6)
    counted_us = start_us + WARM_UP_DAYS * _DAY_US
    frame = Frame(start_us, counted_us + COUNTED_DAYS * _DAY_US, counted_us)
    logs = KernelRunner()(model, frame, seed=SEED, replications=range(REPLICATIONS))
    metrics, declared = _metrics(ground), ground.model.consequences
    return np.array([compute_outcomes(log, model, frame, metrics=metrics, consequences=declared) for log in logs])
