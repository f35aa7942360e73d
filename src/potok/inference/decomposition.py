"""How much of the difference between two means the mix of cases explains, and how much it leaves.

Let a group g and a reference r have outcomes Y and covariates X known beforehand, and let m(x) be the reference's mean
of Y for cases like x. Then

    E[Y|g] − E[Y|r]  =  (E[m(X)|g] − E[Y|r])  +  (E[Y|g] − E[m(X)|g])
       total                 explained              unexplained

*Explained* is by how much the reference's mean would differ if it had the group's cases; *unexplained* by how much the
group differs from the reference on the group's own cases. The middle term is estimated doubly robustly: by a regression
of Y among the reference, corrected by its residuals, weighted so that the reference's mix becomes the group's. It is
right if the regression or the weights are right. Both are fitted without the cases to which they are applied.

Assumes that covariates were known before anything happened to the case, and that the reference has cases of every kind
that the group has. The unexplained part is no proof of better work: it holds whatever the covariates do not say.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from potok.core.errors import BadDataError
from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, student_quantile
from potok.inference.logistic import fit_logistic
from potok.inference.observations import Floats, Integers

Flags = NDArray[np.bool_]

FOLDS: Final = 5
JACKKNIFE_GROUPS: Final = 30
LEAST_CLUSTERS: Final = 10
_RIDGE: Final = 1.0
_LEAST_PROPENSITY: Final = 0.01
_MOST_PROPENSITY: Final = 0.95


class TooFewClustersError(BadDataError):
    """Cases that come from too few clusters to tell how far they vary."""

    code = "POTOK-I020"


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A difference of means taken apart; `explained` and `unexplained` add up to `total`.

    Parameters
    ----------
    total, explained, unexplained
        Group less reference, in the unit of the outcome.
    overlap_share
        Share of the group's cases of a kind of which at least one in twenty is the reference's, as estimated, 0–1.
    effective_cases
        Number of equally weighted reference cases that would tell as much as the weighted ones.
    clusters
        Number of independent clusters.
    """

    total: Estimate
    explained: Estimate
    unexplained: Estimate
    overlap_share: float
    effective_cases: float
    clusters: int


def decompose(
    outcome: Floats, is_group: Integers, covariates: Floats, *, clusters: Integers, confidence: float = 0.95
) -> Decomposition:
    """Take the difference of two means apart into what the mix explains and what it leaves.

    Intervals come from leaving out a thirtieth of the clusters at a time (delete-a-group jackknife), everything being
    fitted anew, and Student's distribution.

    Parameters
    ----------
    outcome
        Shape (n,): fully observed, such as lead times cut off at a horizon to which every case was followed.
    is_group
        Shape (n,): 1 for the group, 0 for the reference.
    covariates
        Shape (n, p): numbers, such as indicators of levels; p may be 0: then the mix explains nothing.
    clusters
        Shape (n,): codes of clusters, such as weeks of opening, that are taken to be independent.

    Raises
    ------
    TooFewClustersError
        If there are fewer than ten clusters.

    References
    ----------
    Oaxaca (1973), Blinder (1973); DiNardo, Fortin and Lemieux (1996), "Labor market institutions and the distribution
    of wages" (reweighting); Kline (2011), "Oaxaca–Blinder as a reweighting estimator"; Chernozhukov et al. (2018),
    "Double/debiased machine learning" (cross-fitting).
    """
    codes, place = np.unique(clusters, return_inverse=True)
    if len(codes) < LEAST_CLUSTERS:
        raise TooFewClustersError(
            _("The cases come from {n} clusters only.").format(n=len(codes)),
            where="clusters",
            remedy=_("Take a longer period: at least {n} weeks.").format(n=LEAST_CLUSTERS),
        )
    # Cases of one kind are fitted as one row with a count.
    kinds, kind = np.unique(covariates, axis=0, return_inverse=True)
    data = _Data(outcome, is_group.astype(bool), kinds, kind.reshape(-1), place % FOLDS)
    whole = _parts(data)
    groups = place % min(JACKKNIFE_GROUPS, len(codes))
    without = [_parts(data.where(groups != left_out)) for left_out in range(groups.max() + 1)]
    total, explained, unexplained = (
        _jackknife(getattr(whole, name), np.array([getattr(part, name) for part in without]), confidence)
        for name in ("total", "explained", "unexplained")
    )
    return Decomposition(
        total=total,
        explained=explained,
        unexplained=unexplained,
        overlap_share=whole.overlap_share,
        effective_cases=whole.effective_cases,
        clusters=len(codes),
    )


@dataclass(frozen=True, slots=True)
class _Data:
    """Outcome, group, kind and fold of each case; `kinds` holds the covariates of each kind."""

    outcome: Floats
    group: Flags
    kinds: Floats
    kind: Integers
    fold: Integers

    def where(self, chosen: Flags) -> "_Data":
        return _Data(self.outcome[chosen], self.group[chosen], self.kinds, self.kind[chosen], self.fold[chosen])


@dataclass(frozen=True, slots=True)
class _Parts:
    """Point estimates, as in `Decomposition`."""

    total: float
    explained: float
    unexplained: float
    overlap_share: float
    effective_cases: float


def _parts(data: _Data) -> _Parts:
    group, outcome = data.group, data.outcome
    mean, propensity = _cross_fitted(data)
    held = np.clip(propensity[~group], _LEAST_PROPENSITY, _MOST_PROPENSITY)
    # Weights that add up to 1 keep the estimate within the range of what was seen (Hájek).
    weights = held / (1 - held)
    weights /= weights.sum()
    counterfactual = float(mean[group].mean() + weights @ (outcome - mean)[~group])
    own, other = float(outcome[group].mean()), float(outcome[~group].mean())
    return _Parts(
        total=own - other,
        explained=counterfactual - other,
        unexplained=own - counterfactual,
        overlap_share=float(np.mean(propensity[group] <= _MOST_PROPENSITY)),
        effective_cases=float(1 / np.sum(weights**2)),
    )


def _cross_fitted(data: _Data) -> tuple[Floats, Floats]:
    """Return of each case the reference's mean for its kind, and the propensity to be in the group."""
    mean, propensity = np.zeros(len(data.outcome)), np.zeros(len(data.outcome))
    for fold in range(FOLDS):
        left_out = data.fold == fold
        kept = data.where(~left_out)
        mean[left_out] = _regression(kept.where(~kept.group))[data.kind[left_out]]
        propensity[left_out] = _propensity(kept)[data.kind[left_out]]
    return mean, propensity


def _propensity(data: _Data) -> Floats:
    """Return the probability to be in the group, of each kind."""
    counts = np.bincount(data.kind, minlength=len(data.kinds))
    in_group = np.bincount(data.kind, weights=data.group, minlength=len(data.kinds))
    seen = counts > 0
    shares = in_group[seen] / counts[seen]
    return fit_logistic(data.kinds[seen], shares, counts=counts[seen].astype(np.float64)).predict(data.kinds)


def _regression(data: _Data) -> Floats:
    """Return the mean outcome of each kind, by a linear regression with a trace of ridge on standardised covariates."""
    counts = np.bincount(data.kind, minlength=len(data.kinds)).astype(np.float64)
    sums = np.bincount(data.kind, weights=data.outcome, minlength=len(data.kinds))
    total = counts.sum()
    centre, middle = sums.sum() / total, counts @ data.kinds / total
    scale = np.sqrt(counts @ (data.kinds - middle) ** 2 / total)
    held = scale > 0
    design = ((data.kinds - middle) / np.where(held, scale, 1.0))[:, held]
    inner = (design * counts[:, None]).T @ design + _RIDGE * np.eye(design.shape[1])
    slopes = np.linalg.solve(inner, design.T @ (sums - counts * centre))
    predicted: Floats = centre + design @ slopes
    return predicted


def _jackknife(value: float, without: Floats, confidence: float) -> Estimate:
    """Return an estimate with the interval that leaving out one part of the clusters at a time tells."""
    count = len(without)
    standard_error = math.sqrt((count - 1) / count * float(np.sum((without - without.mean()) ** 2)))
    margin = student_quantile(confidence, degrees=count - 1) * standard_error
    return Estimate(value, value - margin, value + margin, standard_error, confidence)
