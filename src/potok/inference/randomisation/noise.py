"""How noisy each agency is, from what came before anybody changed."""

from typing import Final

import numpy as np

from potok.inference.observations import Floats, Integers
from potok.inference.randomisation.assignments import NEVER

PRIOR_DEGREES: Final = 6.0
"""The common model counts as much as so many months of an agency's own past."""
_FEWEST_DEGREES: Final = 2.0
_LEAST_SHARE: Final = 1e-3
_SWEEPS: Final = 50  # one is exact unless outcomes are missing


def estimate_noise(outcomes: Floats, *, first_treated: Integers, sampling: Floats | None = None) -> Floats:
    """Estimate the variance of one outcome of each agency around the common course, before the first change.

    Months and agencies are taken out as additive effects; what is left of an agency gives its own variance, drawn
    towards a common model: the same variance for all, plus its mean sampling variance where that is known. Only places
    before the first change of any agency are used, so that studentising and weighting by it keep a randomisation test
    exact. Where these are too few, all agencies get the same.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none.
    first_treated
        Shape (N,), `NEVER` for none.
    sampling
        Shape (N, T): variance of each outcome by the scatter of the cases behind it; nan where unknown.

    Returns
    -------
    Floats
        Shape (N,), positive.
    """
    changed = first_treated[first_treated != NEVER]
    before = outcomes[:, : int(changed.min()) if len(changed) else outcomes.shape[1]]
    residuals, degrees = _residuals(before)
    if degrees.sum() < _FEWEST_DEGREES:
        return np.ones(len(outcomes))
    squares = np.nansum(residuals**2, axis=1)
    model = _model(squares, degrees, None if sampling is None else sampling[:, : before.shape[1]])
    blended = (PRIOR_DEGREES * model + squares) / (PRIOR_DEGREES + degrees)
    largest = float(blended.max())
    return np.maximum(blended, _LEAST_SHARE * largest) if largest > 0 else np.ones(len(outcomes))


def _residuals(before: Floats) -> tuple[Floats, Floats]:
    """Return what additive effects of agency and month leave, and the degrees of freedom of each agency."""
    is_present = np.isfinite(before)
    rows, columns = is_present.sum(axis=1), int(is_present.any(axis=0).sum())
    if before.shape[1] == 0:
        return before, np.zeros(len(before))
    residuals = before.copy()
    for _sweep in range(_SWEEPS):
        residuals = residuals - _mean(residuals, 1)[:, None]
        residuals = residuals - _mean(residuals, 0)[None, :]
    others = 1 - 1 / max(int(np.count_nonzero(rows)), 1)
    return residuals, np.maximum(rows - 1, 0) * others * (columns > 1)


def _mean(values: Floats, axis: int) -> Floats:
    count = np.isfinite(values).sum(axis=axis)
    return np.asarray(np.nansum(values, axis=axis) / np.where(count > 0, count, 1))


def _model(squares: Floats, degrees: Floats, sampling: Floats | None) -> Floats:
    pooled = float(squares.sum() / degrees.sum())
    if sampling is None:
        return np.full(len(squares), pooled)
    own = _mean(sampling, 1)
    shared = max(pooled - float((degrees * own).sum() / degrees.sum()), 0.0)
    model = shared + own
    if not (degrees * model).any():
        return model
    return np.asarray(model * (pooled * degrees.sum() / float((degrees * model).sum())))
