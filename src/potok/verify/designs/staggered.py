"""Staggered differences: agencies that changed held against those that had not yet, or never did.

Inference is by randomisation: the dates of change are dealt out again in every admissible way (all of them, or a drawn
sample), and the interval holds the constant effects that the order that happened does not reject.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.randomisation import (
    Assignments,
    Differences,
    RandomisationResult,
    estimate_noise,
    list_assignments,
    randomise_differences,
)
from potok.verify.designs.choice import DesignChoice
from potok.verify.study import UNKNOWN, Flags, Floats, Integers, Panel

CONFIDENCE: Final = 0.95
DRAW_SEED: Final = 20_240_401


@dataclass(frozen=True, slots=True)
class Staggering:
    """Who changed when, and how differences are weighed.

    Parameters
    ----------
    first_treated
        Shape (N,): first month after the transition of each agency; `UNKNOWN` for never.
    transition
        Months before it that belong to neither side.
    strata
        Agencies among which chance dealt out the change; None: among all.
    """

    first_treated: Integers
    transition: int
    strata: Integers | None

    def differences(self, whole: Panel) -> Differences:
        """Weigh agencies: those that changed by their cases, those compared inversely to their scatter.

        Both are told from before the first change: what came later may depend on who changed.
        """
        first = int(self.first_treated[self.first_treated >= 0].min()) - self.transition
        return Differences(
            is_present=np.isfinite(whole.mean),
            treated_weights=whole.cases[:, : max(first, 1)].sum(axis=1).astype(np.float64),
            control_weights=1 / self.noise(whole),
            transition=self.transition,
        )

    def noise(self, whole: Panel) -> Floats:
        """Return the scatter of each agency's months before anybody changed, shape (N,)."""
        since = np.where(self.first_treated >= 0, np.maximum(self.first_treated - self.transition, 0), UNKNOWN)
        return estimate_noise(whole.mean, first_treated=since, sampling=whole.variance)

    def compared(self, whole: Panel) -> Flags:
        """Return the months, (N, T), in which agencies that had changed were held against some that had not."""
        weights = self.differences(whole).weights_of(self.first_treated)
        months = np.arange(weights.shape[1])
        is_after = (self.first_treated[:, None] >= 0) & (months >= self.first_treated[:, None])
        return np.asarray(is_after & (weights > 0))

    def effect(self, whole: Panel) -> float:
        """Return the change of the outcome alone, without going through assignments.

        Raises
        ------
        NoContrastError
            If there is nobody to compare with.
        """
        found = randomise_differences(
            whole.mean,
            first_treated=self.first_treated,
            differences=self.differences(whole),
            assignments=Assignments(self.first_treated[None, :], 1, True),
        )
        return found.effect.value

    def randomise(self, whole: Panel, *, confidence: float = CONFIDENCE) -> RandomisationResult:
        """Infer the change of the outcome (with − without) over all assignments."""
        assignments = list_assignments(self.first_treated, strata=self.strata, seed=DRAW_SEED)
        return randomise_differences(
            whole.mean,
            first_treated=self.first_treated,
            differences=self.differences(whole),
            noise=self.noise(whole),
            assignments=assignments,
            confidence=confidence,
        )


def staggering(panel: Panel, choice: DesignChoice) -> Staggering:
    """Read who changed when from a panel."""
    changed = panel.first_changed >= 0
    kept = np.where(np.isfinite(panel.mean), np.arange(len(panel.months)), UNKNOWN)
    lengths = [
        panel.first_changed[row] - 1 - kept[row, : panel.first_changed[row]].max(initial=UNKNOWN)
        for row in np.flatnonzero(changed).tolist()
    ]
    return Staggering(panel.first_changed, int(max(lengths, default=0)), choice.strata)


def unlimited(value: float) -> Estimate:
    """Return a value whose interval nothing bounds."""
    return Estimate(value, -np.inf, np.inf, np.nan, CONFIDENCE)


ASSUMPTIONS_DRAWN: Final = (
    mark("The order of the waves was drawn by chance."),
    mark("What one agency does does not change the outcomes of another."),
)
ASSUMPTIONS: Final = (
    mark("Which agency changed when has nothing to do with how its outcome would have gone on (exchangeability)."),
    mark("What one agency does does not change the outcomes of another."),
)
