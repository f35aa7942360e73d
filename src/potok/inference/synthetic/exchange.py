"""Exact inference for one treated agency of many: each in turn gets a synthetic counterpart from all the others.

Weights are found from outcomes before the change alone, and months weigh alike. So the statistic is linear in the
outcomes after the change, whoever is taken for treated, and `randomise` inverts it exactly: the effect under test is
taken off the agency that changed also where it stands among the others' counterparts. Ranks of placebos that leave the
treated agency out are not exact in this sense.

Assumes that the agency that changed might as well have been any other (within strata: any other of its stratum).
"""

from collections.abc import Callable

import numpy as np

from potok.inference.aipw import Flags
from potok.inference.observations import Floats, Integers
from potok.inference.randomisation.assignments import NEVER
from potok.inference.synthetic.simplex import fit_simplex


def exchangeable_weights(outcomes: Floats, *, first: int, transition: int = 0) -> Callable[[Integers], Floats]:
    """Return the statistic for `randomise`: agency less its synthetic counterpart, after less before.

    The counterpart follows the agency's course before the change but for a constant gap, with the penalty of synthetic
    differences, from the agencies without gaps before the change; those with a gap later are left out in that month.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none.
    first
        The first treated place.
    transition
        Places before it that belong to neither side.

    Returns
    -------
    Callable
        From one assignment with one treated agency to weights of shape (N, T); nan where it has no counterpart.
    """
    past = outcomes[:, : max(first - transition, 0)]
    is_whole = np.isfinite(past).all(axis=1) & (past.shape[1] > 1)
    centred = past - past.mean(axis=1, keepdims=True) if past.shape[1] else past
    penalty = _penalty(outcomes, centred[is_whole], first)

    def weights_of(first_treated: Integers) -> Floats:
        chosen = int(np.flatnonzero(first_treated != NEVER)[0])
        donors = np.flatnonzero(is_whole & (np.arange(len(outcomes)) != chosen))
        if not is_whole[chosen] or len(donors) == 0:
            return np.full(outcomes.shape, np.nan)
        shares = np.zeros(len(outcomes))
        shares[donors] = fit_simplex(centred[donors].T, centred[chosen], ridge=penalty)
        return _contrast(np.isfinite(outcomes), shares, chosen, first, past.shape[1])

    return weights_of


def _penalty(outcomes: Floats, centred: Floats, first: int) -> float:
    if centred.shape[0] == 0:
        return 0.0
    noise = float(np.diff(centred, axis=1).std(ddof=1))
    return float(centred.shape[1] * np.sqrt(outcomes.shape[1] - first) * noise**2)


def _contrast(is_present: Flags, shares: Floats, chosen: int, first: int, before: int) -> Floats:
    """Weigh the agency by 1 and the others by less than 0 in every month in which both have outcomes, and before."""
    weights = np.zeros(is_present.shape)
    later = is_present[:, first:] * shares[:, None]
    total = later.sum(axis=0)
    is_compared = is_present[chosen, first:] & (total > 0)
    months = int(is_compared.sum())
    if months == 0:
        return np.full(is_present.shape, np.nan)
    weights[:, first:] = -np.where(is_compared, later / np.where(total > 0, total, 1.0), 0.0) / months
    weights[chosen, first:] = is_compared / months
    weights[:, :before] = -weights[:, first:].sum(axis=1)[:, None] / before
    return weights
