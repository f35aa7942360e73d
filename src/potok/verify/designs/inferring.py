"""The same inference for another figure of the same agencies and months than the primary outcome's mean."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from potok.inference.estimate import Estimate
from potok.inference.interrupted_series import TooFewMonthsError, estimate_interruption
from potok.inference.observations import Floats
from potok.inference.randomisation import NoContrastError
from potok.inference.synthetic import TooFewControlsError
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.pooled import pool_series
from potok.verify.designs.staggered import staggering
from potok.verify.designs.synthetic import estimate_synthetic
from potok.verify.effect import Design
from potok.verify.study import Panel


@dataclass(frozen=True, slots=True)
class Panels:
    """A figure by agency and month.

    Parameters
    ----------
    plain
        Without months that the transition or the change itself cuts.
    whole
        With them, for inference by randomisation.
    """

    plain: Panel
    whole: Panel

    def mapped(self, figure: Callable[[Panel], Panel]) -> "Panels":
        """Return another figure made of each panel."""
        return Panels(figure(self.plain), figure(self.whole))

    def held_to(self, panel: Panel) -> "Panels | None":
        """Return the same with the dates of change of another panel; None if the agencies differ."""
        if self.plain.agencies != panel.agencies or self.whole.agencies != panel.agencies:
            return None
        return self.mapped(lambda one: replace(one, first_changed=panel.first_changed))


def infer_change(panels: Panels, choice: DesignChoice) -> tuple[Estimate, float] | None:
    """Return the change of a figure (with − without) and the p-value of none, by a design; None if it cannot be told.

    The interval is that of a single look.
    """
    plain = panels.plain
    try:
        if choice.design is Design.INTERRUPTED_SERIES:
            series = pool_series(plain)
            fitted = estimate_interruption(
                series.mean, is_after=series.is_after, variances=series.variance, season_months=series.season_months
            )
            return fitted.effect, fitted.p_value
        who = staggering(plain, choice)
        if choice.design is Design.SYNTHETIC_DIFFERENCES:
            return estimate_synthetic(panels.whole, transition=who.transition)
        found = who.randomise(panels.whole)
    except (NoContrastError, TooFewControlsError, TooFewMonthsError):
        return None
    return found.effect, found.p_value


def with_figures(panel: Panel, mean: Floats, variance: Floats) -> Panel:
    """Return a panel of other figures, shape (N, T); where there is none there are no cases."""
    is_known = np.isfinite(mean)
    return replace(
        panel,
        mean=mean,
        variance=np.where(is_known, variance, np.nan),
        cases=np.where(is_known, panel.cases, 0),
    )
