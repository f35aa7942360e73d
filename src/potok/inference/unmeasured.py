"""How strong something unmeasured would have to be to explain an effect away: the E-value."""

import math
from dataclasses import dataclass
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.estimate import Estimate

_RATIO_PER_DEVIATION: Final = 0.91
"""A difference of d standard deviations is about a risk ratio of exp(.91 d) (Chinn 2000; VanderWeele and Ding 2017)."""


class ImpossibleRatioError(UsageError):
    """A ratio or a standard deviation that is not positive, or an interval without its estimate."""

    code = "POTOK-N045"


@dataclass(frozen=True, slots=True)
class EValue:
    """The least strength of unmeasured confounding that could explain an effect.

    A confounder would have to be associated with the change and with the outcome by a risk ratio of this size each,
    beyond all that was measured.

    Parameters
    ----------
    estimate
        For the point estimate; 1 means that none is needed.
    limit
        For the limit of the interval that is nearer to no effect; 1 where the interval holds no effect.
    """

    estimate: float
    limit: float


def e_value(ratio: Estimate) -> EValue:
    """Return the E-value of a risk ratio with its interval.

    Raises
    ------
    ImpossibleRatioError
        If a ratio is not positive or the limits do not hold the estimate.

    References
    ----------
    VanderWeele and Ding (2017), "Sensitivity analysis in observational research: introducing the E-value".
    """
    if not (ratio.value > 0 and ratio.lower <= ratio.value <= ratio.upper and ratio.upper > 0):
        raise ImpossibleRatioError(
            _("{value} with the interval {lower} to {upper} is no ratio.").format(
                value=ratio.value, lower=ratio.lower, upper=ratio.upper
            ),
            where="ratio",
            remedy=_("Give a positive ratio within its interval, such as 0.7 (0.5 to 0.9)."),
        )
    nearer = ratio.lower if ratio.value > 1 else ratio.upper
    is_open = ratio.lower <= 1 <= ratio.upper
    return EValue(_needed(ratio.value), 1.0 if is_open else _needed(nearer))


def e_value_of_difference(difference: Estimate, *, standard_deviation: float) -> EValue:
    """Return the E-value of a difference of means, by way of the risk ratio that it is roughly worth.

    Parameters
    ----------
    difference
        In the outcome's unit, with its interval.
    standard_deviation
        Of the outcome between cases.

    Raises
    ------
    ImpossibleRatioError
        If the standard deviation is not positive.
    """
    if not standard_deviation > 0:
        raise ImpossibleRatioError(
            _("A standard deviation of {value} is not positive.").format(value=standard_deviation),
            where="standard_deviation",
            remedy=_("Give the standard deviation of the outcome between cases."),
        )
    value, lower, upper = (
        math.exp(_RATIO_PER_DEVIATION * part / standard_deviation)
        for part in (difference.value, difference.lower, difference.upper)
    )
    return e_value(Estimate(value, lower, upper, math.nan, difference.confidence))


def _needed(ratio: float) -> float:
    above = ratio if ratio >= 1 else 1 / ratio
    return above + math.sqrt(above * (above - 1))
