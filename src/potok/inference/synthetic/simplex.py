"""Least squares with weights that are not negative and add up to one."""

from typing import Final

import numpy as np

from potok.inference.observations import Floats, Integers

_SLACK: Final = 1e-10
_ROUNDS_PER_WEIGHT: Final = 20


def fit_simplex(design: Floats, target: Floats, *, ridge: float = 0.0) -> Floats:
    """Return the weights w ≥ 0, Σw = 1 that minimise ‖Aw − b‖² + ridge·‖w‖².

    An active set method: weights join one at a time where the slope is steepest, and leave where a step would make them
    negative. It ends at the exact minimum after finitely many steps. Where the minimum is not unique (more columns than
    rows, no ridge, and a perfect fit) the weights are one of many.

    Parameters
    ----------
    design
        A, shape (m, n).
    target
        b, shape (m,).

    Returns
    -------
    Floats
        Shape (n,).

    References
    ----------
    Lawson and Hanson (1974), *Solving Least Squares Problems*, chapter 23, with the sum as a further constraint.
    """
    columns = design.shape[1]
    if ridge > 0:
        design = np.vstack([design, np.sqrt(ridge) * np.eye(columns)])
        target = np.concatenate([target, np.zeros(columns)])
    weights = np.zeros(columns)
    weights[int(np.argmin(np.square(design - target[:, None]).sum(axis=0)))] = 1.0
    # Slopes are compared on the scale of the target's largest possible pull.
    tolerance = _SLACK * max(float(np.abs(design).max() ** 2) * len(design), 1e-300)
    for _round in range(_ROUNDS_PER_WEIGHT * columns):
        slope = design.T @ (design @ weights - target)
        active = np.flatnonzero(weights > 0)
        level = float(slope[active] @ weights[active])
        steepest = int(np.argmin(np.where(weights > 0, np.inf, slope)))
        if weights.all() or slope[steepest] >= level - tolerance:
            return weights
        weights = _settle(design, target, weights, np.append(active, steepest))
    return weights


def _settle(design: Floats, target: Floats, weights: Floats, free: Integers) -> Floats:
    """Move to the minimum over the free weights; those that reach 0 on the way leave."""
    weights = weights.copy()
    while True:
        goal = _minimum(design[:, free], target)
        if (goal > 0).all():
            weights[free] = goal
            return weights
        present = weights[free]
        is_falling = goal <= 0
        with np.errstate(invalid="ignore", divide="ignore"):
            steps = np.where(is_falling & (present > goal), present / (present - goal), np.where(is_falling, 0.0, 1.0))
        step = float(steps.min())
        moved = present + step * (goal - present)
        moved[steps <= step] = 0.0
        weights[free] = moved
        free = free[moved > 0]


def _minimum(columns: Floats, target: Floats) -> Floats:
    """Return the weights, of any sign, that add up to one and fit best."""
    if columns.shape[1] == 1:
        return np.ones(1)
    last = columns[:, -1]
    rest = np.linalg.lstsq(columns[:, :-1] - last[:, None], target - last, rcond=None)[0]
    return np.append(rest, 1 - rest.sum())
