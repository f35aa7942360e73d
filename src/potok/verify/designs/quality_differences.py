"""Harm to quality, judged by the same differences and assignments as the primary outcome."""

from dataclasses import dataclass

import numpy as np

from potok.inference.estimate import Estimate
from potok.inference.randomisation import NoContrastError, RandomisationResult
from potok.verify.designs.staggered import Staggering
from potok.verify.panel import make_panel
from potok.verify.study import Arms, Floats, Study


@dataclass(frozen=True, slots=True)
class DifferenceJudge:
    """Estimates what the change did to any value of a case, against agencies that had not changed.

    Parameters
    ----------
    study, arms
        The cases.
    staggering
        Who changed when.
    """

    study: Study
    arms: Arms
    staggering: Staggering

    def harm(self, values: Floats, *, confidence: float) -> Estimate:
        """Estimate the rise of a mean; values of shape (n,), nan where unknown; unbounded without a contrast."""
        try:
            return self._randomise(values, confidence).effect
        except NoContrastError:
            return Estimate(np.nan, -np.inf, np.inf, np.nan, confidence)

    def p_value(self, values: Floats) -> float:
        """Return the one-sided p-value of no rise."""
        return self._randomise(values, 0.95).p_above(0.0)

    def _randomise(self, values: Floats, confidence: float) -> RandomisationResult:
        whole = make_panel(self.study, self.arms, values=values, with_transition=True)
        return self.staggering.randomise(whole, confidence=confidence)
