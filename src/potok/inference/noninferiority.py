"""Whether leaving something out makes an outcome worse by less than a margin declared beforehand."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from potok.inference.aipw import Comparison, HarmBound, Nuisances, bound_harm
from potok.inference.estimate import Estimate
from potok.inference.proportions import newcombe_difference, newcombe_limits

CONFIDENCE: Final = 0.95
LARGEST_GAMMA: Final = 20.0
_FARTHEST_Z: Final = 10.0
_BISECTIONS: Final = 45


@dataclass(frozen=True, slots=True)
class NonInferiority:
    """The harm of leaving a step out, against a margin.

    Parameters
    ----------
    harm
        Share of adverse outcomes if all skip less that if none does, with its two-sided interval; no unrecorded
        confounding assumed.
    base_share
        Share of adverse outcomes if none skips.
    margin
        Largest acceptable harm.
    gamma
        Declared bound of unrecorded confounding.
    worst_upper
        Upper limit of the largest harm under that bound.
    p_value
        One-sided, of the hypothesis that the largest harm under the bound reaches the margin.
    tipping_gamma
        Largest bound under which the margin is kept; 0 if it is not kept even without confounding.
    e_value
        How strongly (as a risk ratio) something unrecorded would have to go with both skipping and the outcome to bring
        the upper limit to the margin; 1 if it lies beyond.
    """

    harm: Estimate
    base_share: float
    margin: float
    gamma: float
    worst_upper: float
    p_value: float
    tipping_gamma: float
    e_value: float

    @property
    def is_shown(self) -> bool:
        """Whether the margin is kept, at the level of the interval and surviving the bound."""
        return self.worst_upper < self.margin


def estimate_harm(sample: Comparison, nuisances: Nuisances, *, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the harm without unrecorded confounding; see `potok.inference.aipw` for estimand and assumptions.

    The interval is the hybrid score interval on effective numbers of cases, for the covariates at hand.
    """
    return _estimate(bound_harm(sample, nuisances), confidence)


def _estimate(bound: HarmBound, confidence: float) -> Estimate:
    return newcombe_difference(bound.if_skipped, bound.if_performed, confidence=confidence)


def compare_with_margin(
    sample: Comparison, nuisances: Nuisances, *, margin: float, gamma: float = 1.0, confidence: float = CONFIDENCE
) -> NonInferiority:
    """Test whether leaving a step out harms by less than a margin, surviving a bound on unrecorded confounding.

    The one-sided level is half of what the interval leaves out: 2.5 % at 95 %.

    References
    ----------
    Blackwelder (1982), on the test; VanderWeele and Ding (2017), "Sensitivity analysis in observational research", on
    the E-value.
    """
    plain = bound_harm(sample, nuisances)
    harm = _estimate(plain, confidence)
    worst = bound_harm(sample, nuisances, gamma=gamma)
    return NonInferiority(
        harm=harm,
        base_share=plain.if_performed.share,
        margin=margin,
        gamma=gamma,
        worst_upper=_estimate(worst, confidence).upper,
        p_value=p_value_at(worst, margin),
        tipping_gamma=_tipping_gamma(sample, nuisances, margin, confidence),
        e_value=_e_value(plain.if_performed.share, harm.upper, margin),
    )


def p_value_at(bound: HarmBound, margin: float) -> float:
    """Return the one-sided p-value of a harm of at least `margin`, by inverting the interval."""
    is_below = bound.harm < margin
    low, high = 0.0, _FARTHEST_Z
    for _step in range(_BISECTIONS):
        z = (low + high) / 2
        lower, upper = newcombe_limits(bound.if_skipped, bound.if_performed, z=z)
        is_outside = upper < margin if is_below else lower > margin
        low, high = (z, high) if is_outside else (low, z)
    return NormalDist().cdf(-low if is_below else low)


def _tipping_gamma(sample: Comparison, nuisances: Nuisances, margin: float, confidence: float) -> float:
    def keeps(gamma: float) -> bool:
        return _estimate(bound_harm(sample, nuisances, gamma=gamma), confidence).upper < margin

    if not keeps(1.0):
        return 0.0
    if keeps(LARGEST_GAMMA):
        return LARGEST_GAMMA
    low, high = 1.0, LARGEST_GAMMA
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if keeps(middle) else (low, middle)
    return low


def _e_value(base_share: float, upper: float, margin: float) -> float:
    if upper >= margin or base_share + upper <= 0:
        return 1.0
    ratio = (base_share + margin) / (base_share + upper)
    return ratio + math.sqrt(ratio * (ratio - 1))
