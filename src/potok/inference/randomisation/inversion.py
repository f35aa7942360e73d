"""P-values and exact intervals from a statistic that is linear in outcomes, over assignments.

Let the change add θ to every outcome after it. Taking θ away from the outcomes after the change as it happened gives
what would have been without it, whoever had been treated. The statistic of assignment a on these outcomes is
A(a) − θB(a): A(a) on the outcomes as they are, B(a) on indicators of having been treated. Assignment a is at least as
large as the one that happened, o, where A(a) − θB(a) ≥ A(o) − θB(o): on one side of

    t(a) = (A(o) − A(a)) / (B(o) − B(a)).

So each p-value is a step function of θ with steps at the t(a), and the limits of an interval are t(a) of certain rank:
no grid is searched.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.estimate import check_share
from potok.inference.observations import Floats

_TIE: Final = 1e-9
"""Statistics that differ by less than this share of the largest one are equal but for rounding."""


@dataclass(frozen=True, slots=True)
class Contrasts:
    """A statistic over assignments; those for which it is not defined (nan) count as extreme on both sides.

    Parameters
    ----------
    values
        Shape (M,): A(a), the statistic of the outcomes as they are; place 0 is what happened.
    exposures
        Shape (M,): B(a), the statistic of the indicators of treatment as it happened.
    """

    values: Floats
    exposures: Floats

    def mirrored(self) -> "Contrasts":
        """Return the same for outcomes of opposite sign."""
        return Contrasts(-self.values, self.exposures)

    def divided(self, scales: Floats) -> "Contrasts":
        """Return the statistics divided by a scale each, shape (M,), that does not depend on the effect."""
        return Contrasts(self.values / scales, self.exposures / scales)


def count_at_least(contrasts: Contrasts, *, effect: float) -> int:
    """Count the assignments whose statistic is at least the observed one if the effect is `effect`."""
    statistic = contrasts.values - effect * contrasts.exposures
    slack = _TIE * np.nanmax(np.abs(statistic))
    return int(np.count_nonzero(np.isnan(statistic) | (statistic >= statistic[0] - slack)))


def p_above(contrasts: Contrasts, *, effect: float = 0.0) -> float:
    """Return the probability of a statistic as large as the observed one, or larger, if the effect is `effect`."""
    return count_at_least(contrasts, effect=effect) / len(contrasts.values)


def p_two_sided(contrasts: Contrasts, *, effect: float = 0.0) -> float:
    """Return twice the smaller of the two one-sided p-values, at most 1."""
    one_sided = min(p_above(contrasts, effect=effect), p_above(contrasts.mirrored(), effect=-effect))
    return min(1.0, 2 * one_sided)


def invert(contrasts: Contrasts, *, confidence: float) -> tuple[float, float]:
    """Return the interval of all effects that neither one-sided test rejects at (1 − confidence)/2.

    A limit is infinite where there are too few assignments for any test to reject. Where the effects not rejected have
    gaps (possible if some assignment is more exposed to the treatment than the one that happened) the interval spans
    them.
    """
    share = (1 - check_share(confidence, name="confidence")) / 2
    allowed = math.floor(share * len(contrasts.values) + _TIE)
    return _lower_limit(contrasts, allowed), -_lower_limit(contrasts.mirrored(), allowed)


def _lower_limit(contrasts: Contrasts, allowed: int) -> float:
    """Return the smallest effect at which more than `allowed` assignments are as large as the observed one."""
    gap = contrasts.exposures[0] - contrasts.exposures
    ahead = contrasts.values[0] - contrasts.values
    with np.errstate(invalid="ignore"):
        is_level = ~(np.abs(gap) > _TIE * np.nanmax(np.abs(contrasts.exposures)))
        is_never = is_level & (ahead > _TIE * np.nanmax(np.abs(contrasts.values)))
    is_rising, is_falling = ~is_level & (gap > 0), ~is_level & (gap < 0)
    count = int(np.count_nonzero((is_level & ~is_never) | is_falling))
    if count > allowed:
        return -math.inf
    steps = np.concatenate([ahead[is_rising] / gap[is_rising], ahead[is_falling] / gap[is_falling]])
    change = np.repeat([1, -1], [np.count_nonzero(is_rising), np.count_nonzero(is_falling)])
    order = np.lexsort((-change, steps))  # at a tie those that join come first: at the step itself both count
    exceeding = np.flatnonzero(count + np.cumsum(change[order]) > allowed)
    return float(steps[order][exceeding[0]]) if len(exceeding) else math.inf
