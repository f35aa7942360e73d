"""Whether two sides differ by less than a margin, cases of an agency (or a month) being alike: difference and ratio.

Cases of one agency share their staff and their customs, and count for less than as many independent ones. Errors are
therefore summed by cluster before they are squared; the reach is Student's with degrees of freedom by clusters, not by
cases. *No significant difference* proves nothing: what is tested here is that a difference is smaller than a margin.

Estimand: mean of the second side less mean of the first (or divided by it), each over cases. Assumes that clusters are
independent of each other; with few of them (under ten or so) intervals are somewhat too short.

References
----------
Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach for assessing the
equivalence of average bioavailability"; Donner and Klar (2000), *Design and Analysis of Cluster Randomization Trials*;
Liang and Zeger (1986), on sums by cluster; Satterthwaite (1946); Blackwelder (1982).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.inference.aipw import Flags
from potok.inference.estimate import Estimate, check_share, student_estimate
from potok.inference.observations import Floats, Integers


class OneSideEmptyError(BadDataError):
    """Cases on one side only."""

    code = "POTOK-N061"


class InvalidMarginsError(UsageError):
    """Margins that do not stand on both sides of no difference."""

    code = "POTOK-N062"


@dataclass(frozen=True, slots=True)
class Closeness:
    """A difference against margins.

    Parameters
    ----------
    lower, upper
        The margins.
    p_not_above
        One-sided, of the hypothesis that the difference reaches `upper`: small where it is shown to lie below
        (non-inferiority, where more is worse).
    p_not_below
        One-sided, of the hypothesis that it reaches `lower`.
    """

    lower: float
    upper: float
    p_not_above: float
    p_not_below: float

    @property
    def p_equivalent(self) -> float:
        """Of the hypothesis that it reaches either margin (two one-sided tests)."""
        return max(self.p_not_above, self.p_not_below)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two sides compared.

    Parameters
    ----------
    first, second
        Their means.
    difference
        Second less first.
    ratio
        Second divided by first, its interval made on the logarithm; None unless both means are positive.
    clusters
        How many there are on both sides together.
    degrees
        Of freedom of `difference`.
    log_ratio_error, log_ratio_degrees
        Standard error and degrees of freedom of the logarithm of the ratio; nan without one.
    """

    first: float
    second: float
    difference: Estimate
    ratio: Estimate | None
    clusters: int
    degrees: float
    log_ratio_error: float
    log_ratio_degrees: float

    def difference_within(self, lower: float, upper: float) -> Closeness:
        """Test whether the difference lies between two margins.

        Raises
        ------
        InvalidMarginsError
            Unless `lower` < 0 < `upper`.
        """
        if not lower < 0 < upper:
            raise _invalid(lower, upper, example="-0.02, 0.02")
        one = self.difference
        return _closeness(one.value, one.standard_error, self.degrees, (lower, upper))

    def ratio_within(self, lower: float, upper: float) -> Closeness | None:
        """Test whether the ratio lies between two margins, such as 0.8 and 1.25; None without a ratio.

        Raises
        ------
        InvalidMarginsError
            Unless 0 < `lower` < 1 < `upper`.
        """
        if not 0 < lower < 1 < upper:
            raise _invalid(lower, upper, example="0.8, 1.25")
        if self.ratio is None:
            return None
        margins = (math.log(lower), math.log(upper))
        found = _closeness(math.log(self.ratio.value), self.log_ratio_error, self.log_ratio_degrees, margins)
        return Closeness(lower, upper, found.p_not_above, found.p_not_below)


def compare_sides(values: Floats, *, is_second: Flags, clusters: Integers, confidence: float = 0.95) -> Sides:
    """Compare the means of two sides, with errors by cluster.

    Parameters
    ----------
    values
        Shape (n,): any number; 0 and 1 for shares.
    is_second
        Shape (n,): the side of each case.
    clusters
        Shape (n,): codes of agencies, months or whatever makes cases alike. Clusters may have cases on both sides (an
        agency before and after), which pairs them, or on one.

    Returns
    -------
    Sides
        With infinite intervals where a side, or both together, have fewer than two clusters.

    Raises
    ------
    OneSideEmptyError
        If a side has no cases.
    """
    check_share(confidence, name="confidence")
    groups, codes = np.unique(clusters, return_inverse=True)
    count = np.stack([np.bincount(codes[side], minlength=len(groups)) for side in (~is_second, is_second)])
    if not count.any(axis=1).all():
        raise OneSideEmptyError(
            _("One of the two sides has no cases."), where="is_second", remedy=_("Compare two sides that have some.")
        )
    total = np.stack(
        [np.bincount(codes[side], weights=values[side], minlength=len(groups)) for side in (~is_second, is_second)]
    )
    means = total.sum(axis=1) / count.sum(axis=1)
    # What each cluster adds to the error of each mean.
    parts = (total - means[:, None] * count) / count.sum(axis=1)[:, None]
    error, degrees = _error(parts, count)
    difference = _estimate(float(means[1] - means[0]), error, degrees, confidence)
    ratio, log_error, log_degrees = None, math.nan, math.nan
    if (means > 0).all():
        log_error, log_degrees = _error(parts / means[:, None], count)
        log = _estimate(float(np.log(means[1] / means[0])), log_error, log_degrees, confidence)
        ratio = exponential(log)
    return Sides(float(means[0]), float(means[1]), difference, ratio, len(groups), degrees, log_error, log_degrees)


def exponential(log: Estimate) -> Estimate:
    """Return a ratio from its logarithm; the standard error is left out, as the interval is not made from one."""
    with np.errstate(over="ignore"):
        value, lower, upper = (float(np.exp(one)) for one in (log.value, log.lower, log.upper))
    return Estimate(value, lower, upper, math.nan, log.confidence)


def _error(parts: Floats, count: Integers) -> tuple[float, float]:
    """Return the standard error of second less first, and its degrees of freedom."""
    has = count > 0
    if has.all(axis=0).any():
        spare = parts.shape[1] - 1
        if spare < 1:
            return math.inf, math.nan
        own = parts[1] - parts[0]
        return math.sqrt((spare + 1) / spare * float(own @ own)), float(spare)
    sizes = has.sum(axis=1)
    if (sizes < 2).any():
        return math.inf, math.nan
    variances = sizes / (sizes - 1) * np.square(parts).sum(axis=1)
    whole = float(variances.sum())
    if whole == 0:
        return 0.0, float(sizes.sum() - 2)
    return math.sqrt(whole), whole**2 / float((variances**2 / (sizes - 1)).sum())


def _estimate(value: float, error: float, degrees: float, confidence: float) -> Estimate:
    if not math.isfinite(error):
        return Estimate(value, -math.inf, math.inf, math.nan, confidence)
    return student_estimate(value, standard_error=error, degrees=degrees, confidence=confidence)


def _closeness(value: float, error: float, degrees: float, margins: tuple[float, float]) -> Closeness:
    lower, upper = margins
    if not math.isfinite(error):
        return Closeness(lower, upper, 1.0, 1.0)
    if error == 0:
        return Closeness(lower, upper, float(value >= upper), float(value <= lower))
    above, below = (float(t.sf(gap / error, degrees)) for gap in (upper - value, value - lower))
    return Closeness(lower, upper, above, below)


def _invalid(lower: float, upper: float, *, example: str) -> InvalidMarginsError:
    return InvalidMarginsError(
        _("{lower} and {upper} are no margins around no difference.").format(lower=lower, upper=upper),
        where="lower, upper",
        remedy=_("Give one on each side, such as {example}.").format(example=example),
    )
