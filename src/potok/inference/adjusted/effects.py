"""Mean effects of a treatment, adjusted for covariates known before it.

Three ways, of which the first is the one to rely on: **AIPW** (doubly robust: right if either the model of who is
treated or that of the outcome is), **inverse probability weighting** (right if the first is) and **standardisation**
(right if the second is). Models are a penalised logistic regression and a linear one for each side.

Estimand: the mean over all cases, or over the treated ones, of the outcome with the treatment less that without it.
Assumptions: given the covariates nothing unrecorded both decides who is treated and changes the outcome; every kind of
case occurs on both sides; what one case gets does not change the outcome of another.

References
----------
Robins, Rotnitzky and Zhao (1994), AIPW; Chernozhukov et al. (2018), "Double/debiased machine learning" (cross-fitting);
Hernán and Robins, *Causal Inference: What If*, chapters 12 and 13; Hájek (1971), weights that add up to one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.inference.aipw import FOLDS, Flags, draw_folds
from potok.inference.estimate import Estimate, check_share, normal_estimate, student_estimate
from potok.inference.logistic import fit_logistic
from potok.inference.observations import Floats, Integers

FARTHEST: Final = 0.01
"""Propensities are kept so far from 0 and 1, and cases beyond counted."""
RIDGE: Final = 1e-3


class Estimand(StrEnum):
    """Over whom effects are averaged."""

    ALL = "all"
    TREATED = "treated"


class OneSidedError(BadDataError):
    """All cases are treated, or none is, in the sample or in a part of it."""

    code = "POTOK-N060"


@dataclass(frozen=True, slots=True)
class Sample:
    """Cases with a treatment and an outcome.

    Parameters
    ----------
    outcome
        Shape (n,): any number.
    is_treated
        Shape (n,).
    covariates
        Shape (n, p): known before the treatment; p may be 0.
    clusters
        Shape (n,): codes of groups whose cases depend on each other, such as months; None: cases are independent.
    """

    outcome: Floats
    is_treated: Flags
    covariates: Floats
    clusters: Integers | None = None

    def where(self, chosen: Flags) -> "Sample":
        """Return some of the cases."""
        clusters = None if self.clusters is None else self.clusters[chosen]
        return Sample(self.outcome[chosen], self.is_treated[chosen], self.covariates[chosen], clusters)


@dataclass(frozen=True, slots=True)
class AdjustedEffect:
    """A mean effect.

    Parameters
    ----------
    effect
        With the treatment less without it; by Student's distribution over clusters where there are any.
    with_treatment, without
        Mean outcomes that it is the difference of.
    extreme_cases
        Cases whose propensity lies beyond 1 and 99 %: there is hardly anybody to compare them with.
    """

    effect: Estimate
    with_treatment: float
    without: float
    extreme_cases: int


@dataclass(frozen=True, slots=True)
class _Models:
    """What was predicted for each case, shape (n,): propensity, outcome with and without the treatment."""

    propensity: Floats
    with_treatment: Floats
    without: Floats
    extreme_cases: int


def doubly_robust(
    sample: Sample,
    *,
    estimand: Estimand = Estimand.ALL,
    folds: int = FOLDS,
    seed: int = 0,
    has_common_model: bool = False,
    confidence: float = 0.95,
) -> AdjustedEffect:
    """Estimate a mean effect by AIPW, each case predicted by models fitted without its fold.

    Parameters
    ----------
    folds
        Parts of the cross-fitting; 1 fits and predicts on the whole sample.
    seed
        Of the parts.
    has_common_model
        Fit one model of the outcome in which the treatment shifts all cases alike, instead of one for each side.

    Raises
    ------
    OneSidedError
        If there is nobody to compare with.
    """
    models = _cross_fit(sample, folds=folds, seed=seed, is_common=has_common_model)
    treated = sample.is_treated.astype(np.float64)
    rest = sample.outcome - np.where(sample.is_treated, models.with_treatment, models.without)
    if estimand is Estimand.ALL:
        up = models.with_treatment + treated * rest / models.propensity
        down = models.without + (1 - treated) * rest / (1 - models.propensity)
        share = np.ones(len(treated))
    else:
        odds = models.propensity / (1 - models.propensity)
        up = treated * sample.outcome
        down = treated * models.without + (1 - treated) * odds * rest
        share = treated
    means = float(up.sum() / share.sum()), float(down.sum() / share.sum())
    influence = (up - down - share * (means[0] - means[1])) / share.mean()
    return _conclude(sample, means, influence, models.extreme_cases, confidence)


def weighted_inversely(sample: Sample, *, confidence: float = 0.95) -> AdjustedEffect:
    """Estimate the mean effect over all cases by weights inverse to the propensity, which add up to one on each side.

    The standard error takes the propensities as known, which is on the safe side.

    Raises
    ------
    OneSidedError
        If there is nobody to compare with.
    """
    models = _cross_fit(sample, folds=1, seed=0)
    treated = sample.is_treated.astype(np.float64)
    weights = treated / models.propensity, (1 - treated) / (1 - models.propensity)
    means = [float(weight @ sample.outcome / weight.sum()) for weight in weights]
    influence = sum(
        sign * weight * (sample.outcome - mean) / weight.mean()
        for sign, weight, mean in zip((1, -1), weights, means, strict=True)
    )
    return _conclude(sample, (means[0], means[1]), np.asarray(influence), models.extreme_cases, confidence)


def standardised(sample: Sample, *, has_common_model: bool = False) -> float:
    """Estimate the mean effect over all cases by the outcome's models alone (the parametric g-formula), no interval.

    Parameters
    ----------
    has_common_model
        As in `doubly_robust`.

    Raises
    ------
    OneSidedError
        If there is nobody to compare with.
    """
    models = _cross_fit(sample, folds=1, seed=0, is_common=has_common_model)
    return float((models.with_treatment - models.without).mean())


def _cross_fit(sample: Sample, *, folds: int, seed: int, is_common: bool = False) -> _Models:
    count = len(sample.outcome)
    propensity, up, down = np.empty(count), np.empty(count), np.empty(count)
    for fitted, predicted in _parts(count, folds=folds, seed=seed):
        part = sample.where(fitted)
        if part.is_treated.all() or not part.is_treated.any():
            raise OneSidedError(
                _("All cases are treated, or none is, in a part of the sample."),
                where="is_treated",
                remedy=_("Compare more cases, or adjust for less."),
            )
        rows = sample.covariates[predicted]
        chance = fit_logistic(
            part.covariates, part.is_treated.astype(np.float64), counts=np.ones(len(part.outcome)), ridge=RIDGE
        )
        propensity[predicted] = chance.predict(rows)
        for values, is_up in ((up, True), (down, False)):
            values[predicted] = _predict_side(part, rows, is_up=is_up, is_common=is_common)
    kept = np.clip(propensity, FARTHEST, 1 - FARTHEST)
    return _Models(kept, up, down, int((kept != propensity).sum()))


def _parts(count: int, *, folds: int, seed: int) -> Iterator[tuple[Flags, Flags]]:
    """Yield which cases models are fitted on, and which they predict."""
    everybody = np.ones(count, np.bool_)
    if folds == 1:
        yield everybody, everybody
        return
    fold = draw_folds(count, generator=np.random.default_rng(seed), folds=folds)
    for one in range(folds):
        yield fold != one, fold == one


def _predict_side(part: Sample, rows: Floats, *, is_up: bool, is_common: bool) -> Floats:
    """Predict the outcome of rows on one side."""
    if not is_common:
        side = part.is_treated == is_up
        return _predict(part.covariates[side], part.outcome[side], rows)
    wide = np.column_stack([part.covariates, part.is_treated])
    return _predict(wide, part.outcome, np.column_stack([rows, np.full(len(rows), float(is_up))]))


def _predict(covariates: Floats, outcome: Floats, rows: Floats) -> Floats:
    """Fit a linear model, lightly penalised on standardised covariates, and predict rows by it."""
    means = covariates.mean(axis=0)
    spread = covariates.std(axis=0)
    scales = np.where(spread > 0, spread, 1.0)
    design = (covariates - means) / scales
    level = float(outcome.mean())
    curvature = design.T @ design + RIDGE * np.eye(design.shape[1])
    slopes = np.linalg.solve(curvature, design.T @ (outcome - level))
    return np.asarray(level + (rows - means) / scales @ slopes)


def _conclude(
    sample: Sample, means: tuple[float, float], influence: Floats, extreme_cases: int, confidence: float
) -> AdjustedEffect:
    check_share(confidence, name="confidence")
    value, count = means[0] - means[1], len(influence)
    if sample.clusters is None:
        error = float(influence.std(ddof=1) / np.sqrt(count))
        effect = normal_estimate(value, standard_error=error, confidence=confidence)
        return AdjustedEffect(effect, *means, extreme_cases)
    groups, codes = np.unique(sample.clusters, return_inverse=True)
    sums = np.bincount(codes, weights=influence)
    spare = len(groups) - 1
    if spare < 2:
        return AdjustedEffect(Estimate(value, -np.inf, np.inf, np.nan, confidence), *means, extreme_cases)
    error = float(np.sqrt(len(groups) / spare * (sums**2).sum()) / count)
    effect = student_estimate(value, standard_error=error, degrees=spare - 1, confidence=confidence)
    return AdjustedEffect(effect, *means, extreme_cases)
