"""The mean effect of a staggered change as weights of outcomes, for inference by randomisation.

Without covariates every ATT(g, t), and so every mean of them, is linear in outcomes: a sum of weight × outcome, in
which weights depend only on who changed when and where there are outcomes. Thousands of assignments of the dates are
then one matrix product.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from potok.core.language import gettext as _
from potok.inference.group_times.errors import UnfitGroupTimesError
from potok.inference.group_times.panel import LATE, NEVER, Flags
from potok.inference.observations import Floats, Integers


class Pooling(StrEnum):
    """How effects by group and place are averaged."""

    SIMPLE = "simple"
    GROUP = "group"


def overall_statistic(
    outcomes: ArrayLike,
    first_treated: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    pooling: Pooling = Pooling.SIMPLE,
    anticipation: int = 0,
) -> float:
    """Return the mean effect against those not yet treated; nan where nothing can be compared.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none.
    first_treated, weights, pooling, anticipation
        As in `overall_weights`.
    """
    values = np.asarray(outcomes, np.float64)
    weight = overall_weights(np.isfinite(values), first_treated, weights, pooling=pooling, anticipation=anticipation)
    return float((weight * np.nan_to_num(values)).sum())


def overall_weights(
    is_present: ArrayLike,
    first_treated: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    pooling: Pooling = Pooling.SIMPLE,
    anticipation: int = 0,
) -> Floats:
    """Return W, shape (N, T), such that the mean effect is the sum of W × outcomes; all nan if nothing is compared.

    Parameters
    ----------
    is_present
        Shape (N, T): where there is an outcome.
    first_treated
        Shape (N,): first treated place, -1 for never.
    weights
        Shape (N,), such as numbers of cases.
    pooling
        `simple` weighs group and place by the group's size; `group` averages over places first.
    anticipation
        Places before the change that belong to neither side: months of transition where they are not nan.

    Raises
    ------
    UnfitGroupTimesError
        If shapes do not fit.
    """
    places = np.asarray(first_treated)
    found: Floats = overall_weights_of_many(
        is_present, places[None, :], weights, pooling=pooling, anticipation=anticipation
    )[0]
    return found


def overall_weights_of_many(
    is_present: ArrayLike,
    first_treated: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    pooling: Pooling = Pooling.SIMPLE,
    anticipation: int = 0,
) -> Floats:
    """Return the weights under M assignments of the dates, (M, N) to (M, N, T); see `overall_weights`.

    Raises
    ------
    UnfitGroupTimesError
        If shapes do not fit.
    """
    present = np.asarray(is_present, np.bool_)
    rows = np.asarray(first_treated, np.int64)
    weight = np.ones(len(present)) if weights is None else np.asarray(weights, np.float64)
    _check(present, rows, weight)
    chosen = Pooling(pooling)
    since = np.where(rows == NEVER, LATE, rows)
    result, total = np.zeros((*rows.shape, present.shape[1])), np.zeros(len(rows))
    for group in np.unique(since[since < present.shape[1]]).tolist():
        part, count = _group_weights(present & (weight > 0)[:, None], since, weight, (group, anticipation))
        size = (since == group) @ weight
        if chosen is Pooling.GROUP:
            part /= np.maximum(count, 1)[:, None, None]
            count = np.minimum(count, 1)
        result += part * size[:, None, None]
        total += size * count
    return result / np.where(total > 0, total, np.nan)[:, None, None]


def _group_weights(present: Flags, since: Integers, weight: Floats, when: tuple[int, int]) -> tuple[Floats, Integers]:
    """Return the sum of the weights of one group's effects over places, (M, N, T), and how many there are, (M,)."""
    group, anticipation = when
    is_member = since == group
    result, count = np.zeros((*since.shape, present.shape[1])), np.zeros(len(since), np.int64)
    before = max(group - anticipation, 0)
    has_outcome = (is_member.astype(np.int64) @ present[:, :before].astype(np.int64)) > 0
    if not has_outcome.any():
        return result, count
    base = before - 1 - np.argmax(has_outcome[:, ::-1], axis=1)
    at_base = present[:, base].T & has_outcome.any(axis=1)[:, None]
    places = np.arange(group, present.shape[1])
    both = at_base[:, :, None] & present[None, :, group:]
    is_clear = since[:, :, None] > places + anticipation
    treated = np.where(both & is_member[:, :, None], weight[:, None], 0.0)
    control = np.where(both & is_clear, weight[:, None], 0.0)
    sums = treated.sum(axis=1, keepdims=True), control.sum(axis=1, keepdims=True)
    is_compared = (sums[0] > 0) & (sums[1] > 0)
    part = treated / np.where(is_compared, sums[0], np.inf) - control / np.where(is_compared, sums[1], np.inf)
    result[:, :, group:] = part
    result[np.arange(len(since)), :, base] -= part.sum(axis=2)
    return result, is_compared.sum(axis=(1, 2))


def _check(present: Flags, first_treated: Integers, weights: Floats) -> None:
    agencies = (present.shape[0],)
    is_fit = present.ndim == 2 and first_treated.ndim == 2 and first_treated.shape[1:] == agencies == weights.shape
    if not is_fit or not np.isfinite(weights).all() or (weights < 0).any():
        raise UnfitGroupTimesError(
            _("Outcomes {outcomes}, first treated places {places} and weights {weights} do not fit.").format(
                outcomes=present.shape, places=first_treated.shape, weights=weights.shape
            ),
            where="outcomes, first_treated, weights",
            remedy=_("Give one row, one place and one weight, not negative, per agency."),
        )
