"""A shallow tree of rules that tells cases apart by what was known of them."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.diagnose.comparison.covariates import Flags, Floats

MOST_DEPTH: Final = 3
LEAST_LEAF: Final = 30
LEAST_LEAF_SHARE: Final = 0.03
LEVEL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Leaf:
    """Cases that share some columns.

    Parameters
    ----------
    path
        Columns and whether they hold, from the root.
    share
        Share of cases with the outcome among those from which the rules were learned.
    cases
        Number of them.
    """

    path: tuple[tuple[int, bool], ...]
    share: float
    cases: int

    def holds(self, values: Floats) -> Flags:
        """Return which rows of a design belong to it."""
        chosen = np.ones(len(values), bool)
        for column, is_held in self.path:
            chosen &= (values[:, column] > 0.5) == is_held
        return chosen


def learn_rules(values: Floats, outcome: Flags) -> tuple[Leaf, ...]:
    """Learn at most eight rules: each split is the column that goes most clearly with the outcome.

    A split is made only if the chi-square test, adjusted for the number of columns, rejects chance (Bonferroni, 5 %)
    and both sides keep enough cases, so that where nothing goes with the outcome there is one leaf, the whole.

    Parameters
    ----------
    values
        (n, p): 0 or 1.
    outcome
        (n,).

    References
    ----------
    Hothorn, Hornik and Zeileis (2006), "Unbiased recursive partitioning: a conditional inference framework".
    """
    least = max(LEAST_LEAF, math.ceil(LEAST_LEAF_SHARE * len(outcome)))
    return tuple(_grow(values, outcome, (), least))


def _grow(values: Floats, outcome: Flags, path: tuple[tuple[int, bool], ...], least: int) -> list[Leaf]:
    column = _clearest_column(values, outcome, least) if len(path) < MOST_DEPTH else None
    if column is None:
        return [Leaf(path, float(outcome.mean()) if len(outcome) else 0.0, len(outcome))]
    held = values[:, column] > 0.5
    return [
        leaf
        for side in (True, False)
        for leaf in _grow(values[held == side], outcome[held == side], (*path, (column, side)), least)
    ]


def _clearest_column(values: Floats, outcome: Flags, least: int) -> int | None:
    count = len(outcome)
    if not values.shape[1] or count < 2 * least:
        return None
    held = values.sum(axis=0)
    both = values.T @ outcome.astype(np.float64)
    rate = outcome.mean()
    variance = rate * (1 - rate) * held * (count - held) / count
    usable = (held >= least) & (count - held >= least) & (variance > 0)
    if not usable.any():
        return None
    squares = np.where(usable, (both - held * rate) ** 2 / np.maximum(variance, 1e-12), 0.0)
    best = int(np.argmax(squares))
    p_value = math.erfc(math.sqrt(squares[best] / 2)) * int(usable.sum())
    return best if p_value <= LEVEL else None
