"""Which design fits the data, by stated rules.

======================== ========================================================== ==================================
protocol compares        data                                                       design
======================== ========================================================== ==================================
waves, other agencies    agencies that changed at different times, or some never    staggered differences
waves, other agencies    a single agency changed, others never                      synthetic differences
waves, other agencies    all changed at once                                        none: nothing is left to compare
own past                 agencies that changed in the same month                    interrupted series
own past                 agencies that changed in different months                  none: it is a roll-out in waves
======================== ========================================================== ==================================

Limits of applicability: differences are judged by randomisation, which needs at least 40 admissible assignments of the
change to the agencies; a series needs at least 24 months before the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.randomisation import count_assignments
from potok.verify.effect import Design
from potok.verify.protocol.drawing import is_drawn
from potok.verify.protocol.model import ComparisonKind, Protocol
from potok.verify.study import Flags, Integers, Panel

FEWEST_ASSIGNMENTS: Final = 40
FEWEST_MONTHS_BEFORE: Final = 24


@dataclass(frozen=True, slots=True)
class DesignChoice:
    """A design, and whether its limits of applicability hold.

    Parameters
    ----------
    design
        The design.
    limits
        Why nothing can be verified by it: marked sentences; empty where its limits hold.
    assignments
        Admissible assignments; None where inference does not rest on them.
    strata
        Shape (N,): agencies among which chance dealt out the change; None: among all.
    months_before
        Months with cases before the change, of the agency that has fewest.
    """

    design: Design
    limits: tuple[str, ...]
    assignments: int | None
    strata: Integers | None
    months_before: int

    def overruled(self, design: Design) -> "DesignChoice":
        """Return the choice of somebody who wants another design than the rules propose."""
        return self if design is self.design else replace(self, design=design, limits=(*self.limits, _OVERRULED))


def propose_design(panel: Panel, protocol: Protocol) -> DesignChoice:
    """Propose a design by the rules of this module."""
    changed = panel.first_changed >= 0
    if protocol.comparison.kind is ComparisonKind.OWN_PAST:
        return _own_past(panel, changed)
    groups = np.unique(panel.first_changed)
    if not changed.any() or len(groups) < 2:
        return DesignChoice(Design.NONE, (_NOBODY_LEFT,), None, None, _months_before(panel, changed))
    strata = _strata(panel, protocol, changed)
    assignments = count_assignments(panel.first_changed, strata=strata)
    limits = () if assignments >= FEWEST_ASSIGNMENTS else (FEW_ASSIGNMENTS,)
    design = Design.SYNTHETIC_DIFFERENCES if changed.sum() == 1 else Design.STAGGERED_DIFFERENCES
    return DesignChoice(design, limits, assignments, strata, _months_before(panel, changed))


def _strata(panel: Panel, protocol: Protocol, changed: Flags) -> Integers | None:
    """Return the groups among which dates were dealt out: the declared ones; else those that change, if drawn."""
    plan = protocol.comparison
    if plan.strata and is_drawn(protocol):
        known = {agency: place for place, group in enumerate(plan.strata) for agency in group}
        return np.asarray([known.get(agency, len(plan.strata)) for agency in panel.agencies], np.int64)
    was_drawn_among_changed = is_drawn(protocol) and len(np.unique(panel.first_changed[changed])) > 1
    return changed.astype(np.int64) if was_drawn_among_changed and not changed.all() else None


def _own_past(panel: Panel, changed: Flags) -> DesignChoice:
    months_before = _months_before(panel, changed)
    if not changed.any():
        return DesignChoice(Design.NONE, (_NOTHING_AFTER,), None, None, months_before)
    if len(np.unique(panel.first_changed[changed])) > 1:
        return DesignChoice(Design.NONE, (_DIFFERENT_MONTHS,), None, None, months_before)
    return DesignChoice(Design.INTERRUPTED_SERIES, tuple(_limits_of_series(months_before)), None, None, months_before)


def _limits_of_series(months_before: int) -> Iterator[str]:
    if months_before < FEWEST_MONTHS_BEFORE:
        yield _FEW_MONTHS


def _months_before(panel: Panel, changed: Flags) -> int:
    counts = [int((panel.cases[row, : panel.first_changed[row]] > 0).sum()) for row in np.flatnonzero(changed).tolist()]
    return min(counts, default=0)


_OVERRULED = mark("The rules propose another design; the answer of this one is shown only.")
_NOBODY_LEFT = mark("All agencies changed at once and none is compared: nothing is left to hold the change against.")
_NOTHING_AFTER = mark("No whole month after the change has been followed to the end of the horizon.")
FEW_ASSIGNMENTS: Final = mark(
    "Chance could have dealt the change out in fewer than 40 ways: by such inference nothing can be verified."
)
_DIFFERENT_MONTHS = mark("The agencies changed in different months: register the project as a roll-out in waves.")
_FEW_MONTHS = mark("Fewer than 24 months with cases before the change: a series so short cannot verify anything.")
