"""What else is said beside the primary estimate: shown, and deciding nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from potok.verify.designs.case_mix import adjust_case_mix
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.followed import opinion_with_open_cases
from potok.verify.designs.inferring import Panels
from potok.verify.designs.quantiles import quantile_opinions
from potok.verify.designs.ratios import estimate_ratio
from potok.verify.effect import Design, RatioEffect, SecondOpinion
from potok.verify.outcomes.values import OutcomeValues
from potok.verify.panel import make_panel
from potok.verify.protocol.model import Protocol
from potok.verify.study import Arms, Panel, Study


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What a design was applied to.

    Parameters
    ----------
    study, arms, panel, protocol, choice
        As everywhere.
    values
        The outcome of each case, and the cases on the clock.
    """

    study: Study
    arms: Arms
    panel: Panel
    protocol: Protocol
    choice: DesignChoice
    values: OutcomeValues

    def opinions(self) -> Iterator[SecondOpinion]:
        """Yield other figures by the same design, then cases instead of months."""
        study, arms, panel, protocol, choice = self.study, self.arms, self.panel, self.protocol, self.choice
        yield from opinion_with_open_cases(study, arms, panel, protocol, choice=choice, values=self.values)
        yield from quantile_opinions(study, arms, panel, protocol, choice=choice)
        yield from adjust_case_mix(study, arms, protocol)

    def ratio(self) -> RatioEffect | None:
        """Return the primary outcome as a ratio."""
        is_series = self.choice.design is Design.INTERRUPTED_SERIES
        whole = self.panel if is_series else make_panel(self.study, self.arms, with_transition=True)
        panels = Panels(self.panel, whole).held_to(self.panel)
        return None if panels is None else estimate_ratio(panels, self.protocol, choice=self.choice)
