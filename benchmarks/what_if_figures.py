"""Errors of forecasts beside those of the oracle, cell by cell."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import kendalltau

LEAST_EFFECT = 0.02
MOST_RATIO = 1.5
LEAST_SIGNS = 0.98
LEAST_TAU = 0.9
METRICS = ("mean", "P90")
WHO = ("ours", "oracle")


@dataclass(frozen=True, slots=True)
class Effect:
    """A change in truth and as forecast from one log, in hours; of the mean or the P90.

    `refused` says that the change could not be applied to the model learned: it counts as a forecast of nothing.
    """

    subject: str
    load: float
    condition: str
    log: int
    change: str
    metric: str
    as_is: float
    true: float
    ours: float
    oracle: float
    refused: bool

    @property
    def counts(self) -> bool:
        """Whether it is large enough."""
        return abs(self.true) >= LEAST_EFFECT * self.as_is

    def error(self, who: str) -> float:
        """Return the error relative to the true effect."""
        return abs(getattr(self, who) - self.true) / abs(self.true)

    def has_sign(self, who: str) -> bool:
        """Return whether the forecast goes the right way."""
        return bool(np.sign(getattr(self, who)) == np.sign(self.true))


@dataclass(frozen=True, slots=True)
class Cell:
    """Figures of some effects; of mean and P90 in pairs, of ours and the oracle's."""

    title: tuple[str, ...]
    effects: tuple[int, int]
    ours: tuple[float, float]
    oracle: tuple[float, float]
    signs: tuple[float, float]
    taus: tuple[float, float]

    @property
    def ratios(self) -> tuple[float, float]:
        """Return our median error over the oracle's, of mean and P90."""
        first, second = (
            mine / theirs if theirs else np.nan for mine, theirs in zip(self.ours, self.oracle, strict=True)
        )
        return first, second

    def missed(self) -> list[str]:
        """Return the bars that are missed."""
        found = [f"error of {name}" for name, ratio in zip(METRICS, self.ratios, strict=True) if ratio > MOST_RATIO]
        if self.signs[1] >= LEAST_SIGNS > self.signs[0]:
            found.append("signs")
        if self.taus[1] >= LEAST_TAU > self.taus[0]:
            found.append("ranking")
        return found


def list_effects(cell: tuple[str, float, str], log: int, truth: dict[str, Any], record: dict[str, Any]) -> list[Effect]:
    """Return the effects that a log was asked about."""
    return [
        Effect(
            *cell,
            log,
            change,
            metric,
            truth["as_is"][place],
            true[place],
            record["ours"]["changes"][change][place],
            record["oracle"]["changes"][change][place],
            change in record["ours"]["refused"],
        )
        for change, true in truth["changes"].items()
        if change not in truth["refused"]
        for place, metric in enumerate(METRICS)
    ]


def summarise(effects: Iterable[Effect], title: Sequence[str]) -> Cell:
    """Return the figures of some effects; rankings are of all options of a log, by the mean."""
    every = list(effects)
    used = [[one for one in every if one.metric == metric and one.counts] for metric in METRICS]
    both = [*used[0], *used[1]]

    def pair(figure: Callable[[str], float]) -> tuple[float, float]:
        return figure("ours"), figure("oracle")

    return Cell(
        tuple(title),
        (len(used[0]), len(used[1])),
        *(tuple(_median([one.error(who) for one in part]) for part in used) for who in WHO),
        pair(lambda who: float(np.mean([one.has_sign(who) for one in both])) if both else np.nan),
        pair(lambda who: _tau(every, who)),
    )


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else np.nan


def _tau(effects: list[Effect], who: str) -> float:
    """Return Kendall's τ-b of the order of the options in forecast and truth, the mean over logs."""
    groups: dict[tuple[Any, ...], list[Effect]] = {}
    for one in effects:
        if one.metric == METRICS[0]:
            groups.setdefault((one.subject, one.load, one.condition, one.log), []).append(one)
    found = [
        kendalltau([one.true for one in part], [getattr(one, who) for one in part])[0]
        for part in groups.values()
        if len(part) > 1
    ]
    return float(np.mean(found)) if found else np.nan
