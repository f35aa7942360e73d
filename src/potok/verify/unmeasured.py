"""How strong something that nobody recorded would have to be to explain an improvement away.

An E-value is given where a comparison rests on nothing unrecorded having come with the change: not where chance dealt
out the dates, which makes such a thing an accident that the interval already holds.
"""

import math
from dataclasses import replace

import numpy as np

from potok.inference.estimate import Estimate
from potok.inference.unmeasured import EValue, ImpossibleRatioError, e_value, e_value_of_difference
from potok.verify.designs.answers import sign_of
from potok.verify.effect import EffectEstimate, SecondOpinion
from potok.verify.protocol.drawing import is_drawn
from potok.verify.protocol.model import OutcomeKind, Protocol
from potok.verify.study import Arms, Side

ADJUSTED = "case_mix_adjusted"


def with_e_value(estimate: EffectEstimate, arms: Arms, protocol: Protocol) -> EffectEstimate:
    """Return the estimate with its E-value, unless the order of the waves was drawn."""
    if is_drawn(protocol):
        return estimate
    found = find_e_value(estimate.improvement, arms, protocol, with_change=estimate.with_change)
    return replace(estimate, e_value=found)


def opinions_with_e_values(
    opinions: tuple[SecondOpinion, ...], arms: Arms, protocol: Protocol, *, with_change: float
) -> tuple[SecondOpinion, ...]:
    """Return second opinions, that on cases adjusted for their mix with its E-value."""
    return tuple(
        replace(one, e_value=find_e_value(one.improvement, arms, protocol, with_change=with_change))
        if one.method == ADJUSTED
        else one
        for one in opinions
    )


def find_e_value(improvement: Estimate, arms: Arms, protocol: Protocol, *, with_change: float) -> EValue | None:
    """Return the E-value of an improvement; None where it has no interval or outcomes do not scatter.

    Shares go by the risk ratio with ÷ without; times and costs by standard deviations between the cases of a side.

    Parameters
    ----------
    with_change
        Mean outcome of the cases after the change.
    """
    sign = sign_of(protocol)
    if math.isnan(improvement.value) or math.isnan(improvement.lower) or math.isnan(improvement.upper):
        return None
    try:
        if protocol.estimand.outcome in (OutcomeKind.CASE_DURATION, OutcomeKind.COST):
            return e_value_of_difference(improvement, standard_deviation=_deviation(arms))
        return e_value(_risk_ratio(improvement, with_change, sign))
    except (ImpossibleRatioError, OverflowError):
        return None


def _risk_ratio(improvement: Estimate, with_change: float, sign: int) -> Estimate:
    """Return with ÷ without: what was seen with the change is taken as known."""
    values = []
    for change in (improvement.value, improvement.lower, improvement.upper):
        without = with_change - sign * change
        values.append(with_change / without if without > 0 else math.inf)
    return Estimate(values[0], min(values), max(values), math.nan, improvement.confidence)


def _deviation(arms: Arms) -> float:
    """Return the standard deviation between cases, pooled over the two sides of the agencies that changed."""
    squares, freedom = 0.0, 0
    for side in (Side.BEFORE, Side.AFTER):
        values = arms.outcome[(arms.side == side) & np.isfinite(arms.outcome)]
        if len(values) > 1:
            squares += float(np.square(values - values.mean()).sum())
            freedom += len(values) - 1
    return math.sqrt(squares / freedom) if freedom else 0.0
