"""Differences in differences as weights of outcomes, for any number of assignments at once.

For agency i treated from place g on, and a place t ≥ g, the outcome at t less the mean of all places before g is held
against the same difference of the agencies that are not yet treated at t. The statistic is the mean over all treated
agencies and places that have such a comparison. Unlike a single place before g as the base, the mean of all does not
carry one month's noise into every difference.

Estimand: the mean effect on treated agencies over the places at which somebody was still untreated. Assumes that
without the change differences between agencies would have stayed as they were. It is linear in outcomes, as
randomisation needs.

References
----------
Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods" (group-time comparisons with those
not yet treated); Roth and Sant'Anna (2023), "Efficient estimation for staggered rollout designs" (any such mean is
unbiased when the order was drawn).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.aipw import Flags
from potok.inference.observations import Floats, Integers
from potok.inference.randomisation.assignments import NEVER
from potok.inference.randomisation.errors import UnfitPanelError

_LATE: Final = np.iinfo(np.int64).max // 2


@dataclass(frozen=True, slots=True)
class Differences:
    """How differences in differences are formed.

    Parameters
    ----------
    is_present
        Shape (N, T): where there is an outcome.
    treated_weights
        Shape (N,): weight of an agency in the mean over those that are treated; the estimand's.
    control_weights
        Shape (N,): its weight among those that are compared; any that do not depend on what came after the first
        change, best inverse to its noise.
    transition
        Places before the first treated one that belong to neither side.
    """

    is_present: Flags
    treated_weights: Floats
    control_weights: Floats
    transition: int = 0

    def __post_init__(self) -> None:
        """Check that the shapes agree."""
        agencies = (self.is_present.shape[0],)
        if self.treated_weights.shape != agencies or self.control_weights.shape != agencies:
            raise UnfitPanelError(
                _("Weights of shapes {treated} and {control} do not fit {agencies} agencies.").format(
                    treated=self.treated_weights.shape, control=self.control_weights.shape, agencies=agencies[0]
                ),
                where="treated_weights, control_weights",
                remedy=_("Give one weight per agency."),
            )

    def weights_of(self, first_treated: Integers) -> Floats:
        """Return the weight of every outcome under one assignment, shape (N, T); all nan if nothing is compared."""
        weights: Floats = self.weights(np.asarray(first_treated)[None, :])[0]
        return weights

    def weights(self, first_treated: Integers) -> Floats:
        """Return the weights under M assignments, (M, N) to (M, N, T); nan where nothing is compared."""
        starts = np.unique(first_treated[first_treated != NEVER])
        since = np.where(first_treated == NEVER, _LATE, first_treated)
        weights = np.zeros((*first_treated.shape, self.is_present.shape[1]))
        total = np.zeros(len(first_treated))
        for start in starts.tolist():
            total += self._add_cohort(weights, since, start)
        return weights / np.where(total > 0, total, np.nan)[:, None, None]

    def _add_cohort(self, weights: Floats, since: Integers, start: int) -> Floats:
        """Add what is compared for those treated from `start` on; return its total weight by assignment, (M,)."""
        before = self.is_present[:, : max(start - self.transition, 0)].astype(np.float64)
        base = before.sum(axis=1)
        is_treated = since == start
        total, taken = np.zeros(len(since)), np.zeros(since.shape)
        for place in range(start, self.is_present.shape[1]):
            usable = self.is_present[:, place] & (base > 0)
            treated = is_treated * (usable * self.treated_weights)
            controls = (since - self.transition > place) * (usable * self.control_weights)
            size, others = treated.sum(axis=1), controls.sum(axis=1)
            is_compared = others > 0
            share = np.where(is_compared, size, 0.0)
            part = treated * is_compared[:, None]
            part -= controls * (share / np.where(is_compared, others, 1.0))[:, None]
            weights[:, :, place] += part
            taken += part
            total += share
        monthly = before / np.where(base > 0, base, 1.0)[:, None]
        weights[:, :, : before.shape[1]] -= taken[:, :, None] * monthly
        return total


def plain_differences(outcomes: Floats, *, transition: int = 0) -> Differences:
    """Return differences that weigh every agency equally."""
    equal = np.ones(outcomes.shape[0])
    return Differences(np.isfinite(outcomes), equal, equal, transition)


def differences_by_cases(
    outcomes: Floats, *, cases: Integers | Floats, first_treated: Integers, transition: int = 0
) -> Differences:
    """Return differences that weigh an agency by its cases per month before the first change of any.

    The mean over treated agencies is then, up to changes in their numbers of cases, one over cases. Later cases would
    make the weights depend on who changed. Agencies without cases before the first change weigh nothing.

    Parameters
    ----------
    outcomes, cases
        Shape (N, T): mean outcomes, nan where there is none, and the cases behind them.
    first_treated
        Shape (N,), `NEVER` for none.
    """
    changed = first_treated[first_treated != NEVER]
    first = int(changed.min()) if len(changed) else outcomes.shape[1]
    before = np.asarray(cases, np.float64)[:, :first]
    size = before.sum(axis=1) / max(first, 1)
    return Differences(np.isfinite(outcomes), size, size, transition)
