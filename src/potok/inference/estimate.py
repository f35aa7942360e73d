"""An estimate with its interval, and the quantiles that intervals are made of."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _

_BISECTIONS: Final = 200
_FRACTION_TERMS: Final = 500
_TINY: Final = 1e-300


class InvalidShareError(UsageError):
    """A confidence level or a quantile's share that does not lie between 0 and 1."""

    code = "POTOK-N001"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its uncertainty.

    Parameters
    ----------
    value
        The estimate, in the unit of what is estimated.
    lower, upper
        Interval at the level `confidence`; an infinite bound means that the data set none.
    standard_error
        Standard error of the value; nan where the interval was not made from one.
    confidence
        Level of the interval, 0–1.
    """

    value: float
    lower: float
    upper: float
    standard_error: float
    confidence: float


def check_share(value: float, *, name: str) -> float:
    """Return a share if it lies strictly between 0 and 1.

    Raises
    ------
    InvalidShareError
        If it does not.
    """
    if not 0 < value < 1:
        raise InvalidShareError(
            _("{name} must lie between 0 and 1, not {value}.").format(name=name, value=value),
            where=name,
            remedy=_("Give a share such as 0.95, not a percentage."),
        )
    return value


def normal_quantile(confidence: float) -> float:
    """Return z such that a standard normal variable lies within ±z with probability `confidence`."""
    return NormalDist().inv_cdf((1 + check_share(confidence, name="confidence")) / 2)


def student_quantile(confidence: float, *, degrees: float) -> float:
    """Return t such that a variable of Student's distribution lies within ±t with probability `confidence`.

    Found by halving an interval on the distribution function, which is a regularised incomplete beta function.

    Raises
    ------
    InvalidShareError
        If `confidence` does not lie between 0 and 1.
    """
    outside = 1 - check_share(confidence, name="confidence")
    low, high = 0.0, 1.0
    while _probability_outside(high, degrees) > outside:
        high *= 2
    for _step in range(_BISECTIONS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _probability_outside(middle, degrees) > outside else (low, middle)
    return (low + high) / 2


def normal_estimate(value: float, *, standard_error: float, confidence: float) -> Estimate:
    """Return an estimate with the interval of a normal distribution."""
    margin = normal_quantile(confidence) * standard_error
    return Estimate(value, value - margin, value + margin, standard_error, confidence)


def student_estimate(value: float, *, standard_error: float, degrees: float, confidence: float) -> Estimate:
    """Return an estimate with the interval of Student's distribution."""
    margin = student_quantile(confidence, degrees=degrees) * standard_error
    return Estimate(value, value - margin, value + margin, standard_error, confidence)


def mean_of_batches(values: list[float], *, confidence: float) -> Estimate:
    """Estimate a mean from batches of equal weight, taken to be independent, by Student's distribution.

    Parameters
    ----------
    values
        Means of the batches, at least two.

    References
    ----------
    Law and Kelton, *Simulation Modeling and Analysis*, on batch means.
    """
    count = len(values)
    mean = math.fsum(values) / count
    spread = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    standard_error = math.sqrt(spread / count)
    return student_estimate(mean, standard_error=standard_error, degrees=count - 1, confidence=confidence)


def _probability_outside(t: float, degrees: float) -> float:
    return _incomplete_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function (Abramowitz and Stegun 26.5.8)."""
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):  # beyond it the fraction converges slowly; 26.5.2 turns it round
        return 1 - _incomplete_beta(1 - x, b, a)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / a * _beta_fraction(x, a, b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """Evaluate the continued fraction from the front (Lentz's method)."""
    numerator, denominator = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    result = denominator
    for m in range(1, _FRACTION_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            denominator = 1 / _off_zero(1 + term * denominator)
            numerator = _off_zero(1 + term / numerator)
            result *= numerator * denominator
        if numerator * denominator == 1:
            break
    return result


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
