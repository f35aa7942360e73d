"""Effects on quantiles: what changed for the usual case, and for the slow ones."""

from typing import Final

import numpy as np

from potok.inference.aipw import Flags
from potok.inference.estimate import Estimate, check_share
from potok.inference.observations import Floats, Integers

DRAWS: Final = 499


def quantile_effect(
    outcome: Floats,
    *,
    is_treated: Flags,
    clusters: Integers,
    share: float = 0.5,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Estimate:
    """Estimate the difference of a quantile, treated less untreated, with a bootstrap of whole clusters.

    Estimand: the quantile of the treated cases less that of the others; unlike a mean, not the quantile of effects.
    Clusters such as months are drawn on each side apart; percentile interval.

    Parameters
    ----------
    outcome, is_treated, clusters
        Shape (n,).
    share
        Which quantile, 0–1.

    References
    ----------
    Davison and Hinkley, *Bootstrap Methods and their Application*, 3.8; Hyndman and Fan (1996), definition 2 without
    averaging.
    """
    check_share(share, name="share")
    check_share(confidence, name="confidence")
    generator = np.random.default_rng(seed)
    values, drawn = [], []
    for chosen in (is_treated, ~is_treated):
        if not chosen.any():
            return Estimate(np.nan, -np.inf, np.inf, np.nan, confidence)
        order = np.argsort(outcome[chosen], kind="stable")
        ordered = outcome[chosen][order]
        groups, codes = np.unique(clusters[chosen][order], return_inverse=True)
        counts = generator.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=draws)
        values.append(_quantile(ordered, np.ones(len(ordered)), share))
        drawn.append(np.asarray([_quantile(ordered, one[codes].astype(np.float64), share) for one in counts]))
    differences = drawn[0] - drawn[1]
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(differences, [tail, 1 - tail])
    return Estimate(values[0] - values[1], float(lower), float(upper), float(differences.std(ddof=1)), confidence)


def _quantile(ordered: Floats, weights: Floats, share: float) -> float:
    """Return the least value that at least such a share of the weight does not exceed."""
    passed = np.cumsum(weights)
    return float(ordered[np.searchsorted(passed, share * passed[-1], side="left")])
