"""How many cases it takes to show that something is not worse by a margin."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from potok.core.errors import UsageError
from potok.core.language import gettext as _
from potok.inference.estimate import check_share

ONE_SIDED_LEVEL: Final = 0.025
USUAL_POWER: Final = 0.8


class ImpossibleMarginError(UsageError):
    """A margin, spread or number of cases that is not positive, or a base share outside 0–1."""

    code = "POTOK-I032"


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Cases that a trial with two equal arms needs.

    Parameters
    ----------
    per_arm
        Cases in each arm.
    margin
        Largest acceptable worsening.
    power, level
        Probability of showing non-inferiority if nothing worsens; one-sided probability of showing it at the margin.
    """

    per_arm: int
    margin: float
    power: float
    level: float

    @property
    def total(self) -> int:
        """Cases in both arms."""
        return 2 * self.per_arm


def cases_for_shares(
    base_share: float, *, margin: float, power: float = USUAL_POWER, level: float = ONE_SIDED_LEVEL
) -> SampleSize:
    """Return how many cases show that a share does not worsen by `margin`, if it does not change at all.

    Estimand of the trial: the difference of two probabilities. Normal approximation with the same share in both arms;
    without any event expected (a share of 0 or 1) a trial is sized by the rule of three, 3 ÷ margin.

    Raises
    ------
    ImpossibleMarginError
        If the margin is not positive or the share outside 0–1.
    InvalidShareError
        If `power` or `level` do not lie between 0 and 1.

    References
    ----------
    Blackwelder (1982), "Proving the null hypothesis in clinical trials".
    """
    if not 0 <= base_share <= 1:
        raise _impossible("base_share", base_share)
    variance = base_share * (1 - base_share)
    if variance == 0:
        _check_positive("margin", margin)
        return SampleSize(math.ceil(-math.log(level) / margin), margin, power, level)
    return cases_for_means(math.sqrt(variance), margin=margin, power=power, level=level)


def cases_for_means(
    deviation: float, *, margin: float, power: float = USUAL_POWER, level: float = ONE_SIDED_LEVEL
) -> SampleSize:
    """Return how many cases show that a mean does not worsen by `margin`, if it does not change at all.

    Parameters
    ----------
    deviation
        Standard deviation in either arm, in the unit of `margin`.

    Raises
    ------
    ImpossibleMarginError
        If the margin or the deviation is not positive.
    InvalidShareError
        If `power` or `level` do not lie between 0 and 1.
    """
    _check_positive("margin", margin)
    _check_positive("deviation", deviation)
    quantiles = _quantile(1 - check_share(level, name="level")) + _quantile(check_share(power, name="power"))
    return SampleSize(math.ceil(2 * (quantiles * deviation / margin) ** 2), margin, power, level)


def power_of_noninferiority(standard_error: float, *, margin: float, level: float = ONE_SIDED_LEVEL) -> float:
    """Return the probability of showing non-inferiority if nothing worsens, for an estimate that is nearly normal.

    Raises
    ------
    ImpossibleMarginError
        If the margin or the standard error is not positive.
    """
    _check_positive("margin", margin)
    _check_positive("standard_error", standard_error)
    return NormalDist().cdf(margin / standard_error - _quantile(1 - check_share(level, name="level")))


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise _impossible(name, value)


def _impossible(name: str, value: float) -> ImpossibleMarginError:
    return ImpossibleMarginError(
        _("{name} cannot be {value}.").format(name=name, value=value),
        where=name,
        remedy=_("Give a positive margin and spread, and a share within 0–1."),
    )
