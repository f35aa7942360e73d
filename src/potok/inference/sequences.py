"""Confidence sequences: intervals that hold together on every day on which somebody looks.

An interval at 95 % for one day is wrong far more often if a project is looked at every week and stopped at the first
good answer. The sequence here is Robbins' normal mixture. For estimates θ̂ₜ whose information Iₜ = 1/SEₜ² grows in
independent steps (as of estimates that use all data seen so far efficiently),

    θ̂ₜ ± SEₜ · √((1 + 1/rₜ) · log((1 + rₜ) / α²)),    rₜ = ρ² Iₜ,

covers the truth at all t together with probability 1 − α. ρ² > 0 must not depend on what is looked at; the sequence is
narrowest, against an interval of a single day, where rₜ is about 8.
"""

import math
from typing import Final

from scipy.stats import norm, t

from potok.inference.estimate import Estimate, check_share

NARROWEST: Final = 8.0
"""rₜ at which the sequence at 95 % is narrowest, near −1 − W₋₁(−α²) of Howard et al. (2021), eq. 3.9."""


def mixture_multiplier(information_ratio: float, *, confidence: float = 0.95) -> float:
    """Return how many standard errors a confidence sequence reaches on either side.

    Parameters
    ----------
    information_ratio
        rₜ > 0.

    References
    ----------
    Robbins (1970), "Statistical methods related to the law of the iterated logarithm".
    Howard, Ramdas, McAuliffe and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences".
    """
    alpha = 1 - check_share(confidence, name="confidence")
    ratio = information_ratio
    return math.sqrt((1 + 1 / ratio) * math.log((1 + ratio) / alpha**2))


def as_confidence_sequence(estimate: Estimate, *, reference_error: float, degrees: float | None = None) -> Estimate:
    """Widen the interval of one day to that of a confidence sequence.

    Assumes that the estimates of the days have independent increments of information, and normal errors, or Student's
    where `degrees` is given: then the reach has the same probability under Student's distribution.

    Parameters
    ----------
    estimate
        Of the day, with its standard error.
    reference_error
        Standard error at the first day on which a look is allowed; there the sequence is narrowest.
    degrees
        Degrees of freedom of the standard error; None for a known one.
    """
    error = estimate.standard_error
    ratio = NARROWEST * (reference_error / error) ** 2
    reach = mixture_multiplier(ratio, confidence=estimate.confidence)
    if degrees is not None:
        reach = float(t.isf(norm.sf(reach), degrees))
    return Estimate(
        estimate.value, estimate.value - reach * error, estimate.value + reach * error, error, estimate.confidence
    )
