"""What would change if nobody was treated, from cases of which some were not: augmented inverse propensity weighting.

The setting is that of a step which most cases go through and some pass by (**skippers**). Every row is a case, or a
group of equal cases, that could have gone through the step. Wanted is the **harm** of leaving the step out: the share
of cases with an adverse outcome if all skip, less the share if none does.

Assumptions: what one case gets does not change the outcome of another; skipping has the same meaning for all; each case
could have skipped (within the common support, which is reported); and given the covariates nothing unrecorded both
decides who skips and changes the outcome. The last one may be relaxed: for any factor Γ by which unrecorded
circumstances may multiply or divide the odds of skipping, `bound_harm` gives the largest harm that agrees with the
data.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from potok.core.errors import BadDataError, UsageError
from potok.core.language import gettext as _
from potok.inference.logistic import LogisticFit, fit_logistic
from potok.inference.observations import Floats, Integers
from potok.inference.proportions import Arm

FOLDS: Final = 5
RIDGE: Final = 10.0
"""Penalty of both models: with few skippers unpenalised propensities get extreme, and intervals too short."""
_FARTHEST: Final = 1e-3
Flags = NDArray[np.bool_]


class OneArmError(BadDataError):
    """All cases skip, or none does: there is nothing to compare."""

    code = "POTOK-I034"


class InvalidBoundError(UsageError):
    """A confounding bound below 1."""

    code = "POTOK-I035"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Cases that could have gone through a step.

    Parameters
    ----------
    covariates
        Shape (n, p): what was known of a case before the step; numbers or indicators.
    is_skipped
        Shape (n,): whether the case passed the step by.
    is_adverse
        Shape (n,): 1 where the outcome is adverse, else 0.
    counts
        Shape (n,): how many equal cases the row stands for.
    folds
        Shape (n,): which part of the cross-fitting the row belongs to, 0 … `FOLDS` − 1; drawn at random.
    """

    covariates: Floats
    is_skipped: Flags
    is_adverse: Floats
    counts: Floats
    folds: Integers

    def only(self, is_kept: Flags) -> "Comparison":
        """Return the comparison of some of the rows."""
        return Comparison(
            self.covariates[is_kept],
            self.is_skipped[is_kept],
            self.is_adverse[is_kept],
            self.counts[is_kept],
            self.folds[is_kept],
        )


@dataclass(frozen=True, slots=True)
class Nuisances:
    """What is fitted on the way.

    Parameters
    ----------
    propensity
        Shape (n,): probability of skipping.
    risk_if_skipped, risk_if_performed
        Shape (n,): probability of an adverse outcome either way.
    """

    propensity: Floats
    risk_if_skipped: Floats
    risk_if_performed: Floats

    def only(self, is_kept: Flags) -> "Nuisances":
        """Return what was fitted for some of the rows."""
        return Nuisances(self.propensity[is_kept], self.risk_if_skipped[is_kept], self.risk_if_performed[is_kept])


@dataclass(frozen=True, slots=True)
class Overlap:
    """How well skippers stand for all.

    Parameters
    ----------
    performers, skippers
        Cases.
    effective_skippers, effective_performers
        Kish's effective sample size of each arm under the weights.
    outside, outside_share
        Cases whose propensity lies beyond that of any case of the other arm, and their share of all.
    skipper_propensities, performer_propensities
        5th, 50th and 95th percentile of the probability of skipping in each arm.
    """

    performers: int
    skippers: int
    effective_skippers: float
    effective_performers: float
    outside: int
    outside_share: float
    skipper_propensities: tuple[float, float, float]
    performer_propensities: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class HarmBound:
    """Shares of adverse outcomes if all skip and if none does, each with its effective number of cases."""

    if_skipped: Arm
    if_performed: Arm

    @property
    def harm(self) -> float:
        """The share if all skip less the share if none does."""
        return self.if_skipped.share - self.if_performed.share


def draw_folds(cases: int, *, generator: np.random.Generator, folds: int = FOLDS) -> Integers:
    """Return random folds of nearly equal size."""
    return generator.permutation(np.arange(cases, dtype=np.int64) % folds)


def fit_nuisances(sample: Comparison, *, propensity: Floats | None = None) -> Nuisances:
    """Fit propensities and risks, each row from the other folds alone.

    Both are logistic with a ridge. The risk has one model for both arms, with the arm among its covariates: skippers
    are often too few for a model of their own. Where it is wrong, the propensities mend it, and the other way round.

    Parameters
    ----------
    propensity
        Shape (n,): known probabilities of skipping, such as those of a lottery; None fits them.

    Raises
    ------
    OneArmError
        If all cases skip, or none does.
    """
    _check_arms(sample)
    rows = len(sample.counts)
    fitted = Nuisances(np.zeros(rows), np.zeros(rows), np.zeros(rows))
    for fold in np.unique(sample.folds):
        is_held = sample.folds == fold
        rest = sample.only(~is_held)
        # A fold may hold all cases of a rare kind; then its rows have to serve for fitting as well.
        _fit_fold(rest if _has_both_arms(rest) else sample, sample.covariates[is_held], is_held, fitted)
    known = fitted.propensity if propensity is None else propensity
    return Nuisances(np.clip(known, _FARTHEST, 1 - _FARTHEST), fitted.risk_if_skipped, fitted.risk_if_performed)


def _fit_fold(rest: Comparison, covariates: Floats, is_held: Flags, fitted: Nuisances) -> None:
    arm = rest.is_skipped.astype(np.float64)
    skipping = fit_logistic(rest.covariates, arm, counts=rest.counts, ridge=RIDGE)
    risk = fit_logistic(np.column_stack([rest.covariates, arm]), rest.is_adverse, counts=rest.counts, ridge=RIDGE)
    fitted.propensity[is_held] = skipping.predict(covariates)
    fitted.risk_if_skipped[is_held] = _risk(risk, covariates, 1.0)
    fitted.risk_if_performed[is_held] = _risk(risk, covariates, 0.0)


def _risk(fit: LogisticFit, covariates: Floats, arm: float) -> Floats:
    return fit.predict(np.column_stack([covariates, np.full(len(covariates), arm)]))


def _has_both_arms(sample: Comparison) -> bool:
    counts = sample.counts
    return bool(counts[sample.is_skipped].sum() > 0 and counts[~sample.is_skipped].sum() > 0)


def _check_arms(sample: Comparison) -> None:
    if not _has_both_arms(sample):
        raise OneArmError(
            _("All cases go through the step, or none does: there is nothing to compare."),
            where="is_skipped",
            remedy=_("Only a trial can tell what happens without the step."),
        )


def common_support(sample: Comparison, nuisances: Nuisances) -> Flags:
    """Return which rows have a propensity that occurs in both arms.

    References
    ----------
    Dehejia and Wahba (1999), "Causal effects in nonexperimental studies".
    """
    of_skippers = nuisances.propensity[sample.is_skipped & (sample.counts > 0)]
    of_performers = nuisances.propensity[~sample.is_skipped & (sample.counts > 0)]
    lowest = max(of_skippers.min(), of_performers.min())
    highest = min(of_skippers.max(), of_performers.max())
    return np.asarray((nuisances.propensity >= lowest) & (nuisances.propensity <= highest))


def measure_overlap(sample: Comparison, nuisances: Nuisances) -> Overlap:
    """Measure how well skippers stand for all cases.

    Raises
    ------
    OneArmError
        If all cases skip, or none does.
    """
    _check_arms(sample)
    is_inside = common_support(sample, nuisances)
    skipped, counts, propensity = sample.is_skipped, sample.counts, nuisances.propensity
    outside = counts[~is_inside].sum()
    return Overlap(
        performers=round(counts[~skipped].sum()),
        skippers=round(counts[skipped].sum()),
        effective_skippers=_effective(1 / propensity[skipped], counts[skipped]),
        effective_performers=_effective(1 / (1 - propensity[~skipped]), counts[~skipped]),
        outside=round(outside),
        outside_share=float(outside / counts.sum()),
        skipper_propensities=_percentiles(propensity[skipped], counts[skipped]),
        performer_propensities=_percentiles(propensity[~skipped], counts[~skipped]),
    )


def _effective(weights: Floats, counts: Floats) -> float:
    return float((counts @ weights) ** 2 / (counts @ weights**2))


def _percentiles(values: Floats, counts: Floats) -> tuple[float, float, float]:
    order = np.argsort(values)
    reached = np.cumsum(counts[order]) / counts.sum()
    low, middle, high = (float(values[order][np.searchsorted(reached, share)]) for share in (0.05, 0.5, 0.95))
    return low, middle, high


class _Line(NamedTuple):
    """A bound of the unseen risk as a function of the seen one, and its slope."""

    value: Floats
    slope: Floats


def _highest(risk: Floats, gamma: float) -> _Line:
    """Return the largest risk of those not seen, if the odds of being seen vary by a factor `gamma`."""
    is_steep = risk * (gamma + 1) <= 1
    value = np.where(is_steep, gamma * risk, 1 - (1 - risk) / gamma)
    return _Line(value, np.where(is_steep, gamma, 1 / gamma))


def _lowest(risk: Floats, gamma: float) -> _Line:
    mirrored = _highest(1 - risk, gamma)
    return _Line(1 - mirrored.value, mirrored.slope)


def bound_harm(sample: Comparison, nuisances: Nuisances, *, gamma: float = 1.0, is_worst: bool = True) -> HarmBound:
    """Bound the harm of leaving a step out, under a bound on unrecorded confounding.

    Estimand: the largest (or smallest) difference in the share of adverse outcomes between all skipping and none
    skipping, over the cases of the sample, that agrees with the distribution of the data if for each case the odds of
    skipping differ by at most the factor Γ from those that its covariates tell. With Γ = 1 this is the difference
    itself, and the estimator is augmented inverse propensity weighting; it is right if either the propensities or the
    risks are. For outcomes of two values the bounds are sharp.

    Parameters
    ----------
    gamma
        Γ ≥ 1.
    is_worst
        Whether the largest harm is wanted, or the smallest.

    Raises
    ------
    InvalidBoundError
        If Γ is below 1 or not finite.

    References
    ----------
    Robins, Rotnitzky and Zhao (1994), on the estimator; Tan (2006), "A distributional approach for causal inference
    using propensity scores", on the bound; Dorn, Guo and Kallus (2024), "Doubly-valid/doubly-sharp sensitivity
    analysis".
    """
    if not 1 <= gamma < np.inf:
        raise InvalidBoundError(
            _("A confounding bound cannot be {value}.").format(value=gamma),
            where="gamma",
            remedy=_("Give 1 for none, or a factor above 1 such as 1.5."),
        )
    of_skipping, of_performing = (_highest, _lowest) if is_worst else (_lowest, _highest)
    skipping = of_skipping(nuisances.risk_if_skipped, gamma)
    performing = of_performing(nuisances.risk_if_performed, gamma)
    return HarmBound(
        _arm(sample, sample.is_skipped, nuisances.propensity, nuisances.risk_if_skipped, skipping),
        _arm(sample, ~sample.is_skipped, 1 - nuisances.propensity, nuisances.risk_if_performed, performing),
    )


def _arm(sample: Comparison, is_seen: Flags, probability: Floats, risk: Floats, unseen: _Line) -> Arm:
    """Estimate the share of adverse outcomes if all were in an arm, and on how many cases that rests.

    The effective number is that of a binomial share with the variance which the fitted risks imply. It is kept apart
    from the outcomes seen, so that an arm without any adverse outcome is not taken for a certainty.
    """
    cases = sample.counts.sum()
    odds = np.where(is_seen, (1 - probability) / probability, 0.0)
    # Those seen stand for exactly as many as are not seen: without this, few cases of small probability would rule.
    odds *= sample.counts[~is_seen].sum() / (sample.counts @ odds)
    weight = 1 + odds * unseen.slope
    corrected = np.where(is_seen, risk + weight * (sample.is_adverse - risk), unseen.value)
    modelled = float(sample.counts @ np.where(is_seen, risk, unseen.value) / cases)
    spread = float((sample.counts * weight**2 * risk * (1 - risk))[is_seen].sum() / cases**2)
    share = float(np.clip(sample.counts @ corrected / cases, 0, 1))
    return Arm(share, max(modelled * (1 - modelled) / spread, 1.0))
