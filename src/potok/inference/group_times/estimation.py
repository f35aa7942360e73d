"""Effects of a change by the group that it reached at the same time, and by place (month).

ATT(g, t) is the mean effect at place t on the units first treated at g. Under parallel trends (given covariates), no
anticipation beyond the stated places, and overlap of covariates it is the difference of two differences from a base
before g: of the group, and of those never or not yet treated. Groups are never compared with those already treated, so
that growing effects do not turn into wrong signs as in two-way fixed effects.

References
----------
Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from potok.core.language import gettext as _
from potok.core.language import mark
from potok.inference.estimate import Estimate, check_share, normal_estimate
from potok.inference.group_times.aggregation import Aggregate, Cells, Scheme, aggregate
from potok.inference.group_times.differences import Difference, Estimator, estimate_difference
from potok.inference.group_times.errors import NothingComparedError
from potok.inference.group_times.panel import BasePeriod, Comparison, Controls, Flags, StudyPanel, check_panel
from potok.inference.group_times.settings import Comparing, Drawing
from potok.inference.observations import Floats, Integers

FEWEST_IN_GROUP: Final = 5
FEWEST_UNITS: Final = 40


@dataclass(frozen=True, slots=True)
class GroupTimeEffects:
    """Effects by group and place; cells without a comparison are left out.

    Parameters
    ----------
    groups, places, bases
        Shape (k,): first treated place of the group, place looked at, and the place from which differences are taken.
    effects
        Shape (k,), in the unit of the outcome: with the change less without it.
    standard_errors
        Shape (k,); nan where there is no scatter (the place is the base).
    treated, compared
        Shape (k,): study units on either side.
    influence
        Shape (N, k): share of each study unit in the error; 0 for units that take no part.
    membership
        Shape (N, G): weight of each unit in its group; groups ascending.
    units
        Study units that take part.
    anticipation
        Places before the change at which outcomes may already react.
    unanswered
        Pairs of group and place with outcomes but nobody to compare, or covariates that tell the sides apart.
    excluded
        Units already treated at the first place, without outcomes or without weight.
    limits
        Why standard errors are not to be trusted: marked sentences; empty where there are units enough.
    drawing
        Level of the intervals and seed.
    """

    groups: Integers
    places: Integers
    bases: Integers
    effects: Floats
    standard_errors: Floats
    treated: Integers
    compared: Integers
    influence: Floats
    membership: Floats
    units: int
    anticipation: int
    unanswered: tuple[tuple[int, int], ...]
    excluded: int
    limits: tuple[str, ...]
    drawing: Drawing

    @property
    def is_before(self) -> Flags:
        """Whether each place lies before the group's change and before outcomes may react to it, shape (k,)."""
        return np.asarray(self.places < self.groups - self.anticipation)

    def effect(self, group: int, place: int) -> Estimate | None:
        """Return one effect with its pointwise interval, None where nothing was compared."""
        found = np.flatnonzero((self.groups == group) & (self.places == place))
        if not len(found):
            return None
        value, error = float(self.effects[found[0]]), float(self.standard_errors[found[0]])
        return normal_estimate(value, standard_error=error, confidence=self.drawing.confidence)

    def aggregate(self, scheme: Scheme | str) -> Aggregate:
        """Average effects: over all, by group, by places since the change, or by place.

        Parameters
        ----------
        scheme
            `simple`, `group`, `dynamic` or `calendar`.

        Raises
        ------
        NothingComparedError
            If no effect after a change could be estimated.
        """
        return aggregate(
            Cells(self.groups, self.places, self.effects, self.influence, self.membership, self.units),
            Scheme(scheme),
            drawing=self.drawing,
        )


def estimate_group_times(
    outcomes: ArrayLike,
    *,
    first_treated: ArrayLike,
    covariates: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    comparing: Comparing | None = None,
    drawing: Drawing | None = None,
) -> GroupTimeEffects:
    """Estimate the effect on each group at each place, before its change (which should be nothing) and after it.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none. Each comparison uses the units with outcomes at both its places; a base
        at which nobody of the group has an outcome (months of transition left out) moves to the last place before.
    first_treated
        Shape (N,): first treated place, -1 for never.
    covariates
        Shape (N, K), known before the change; parallel trends need then hold only among units alike in them.
    weights
        Shape (N,), such as numbers of cases: the estimand becomes the mean effect on cases.
    comparing
        How groups are compared; by default with those not yet treated, doubly robust.
    drawing
        Level of the intervals and seed.

    Raises
    ------
    UnfitGroupTimesError
        If arrays do not fit.
    UnfitCovariatesError
        If a covariate is not known.
    NothingComparedError
        If nothing can be compared.
    ValueError
        If `comparing` holds an unknown choice.

    References
    ----------
    Callaway and Sant'Anna (2021), "Difference-in-differences with multiple time periods".
    """
    how, drawn = comparing or Comparing(), drawing or Drawing()
    check_share(drawn.confidence, name="confidence")
    panel = check_panel(outcomes, first_treated, covariates=covariates, weights=weights, anticipation=how.anticipation)
    found: list[tuple[Comparison, Difference]] = []
    unanswered: list[tuple[int, int]] = []
    for comparison in panel.compare(Controls(how.controls), BasePeriod(how.base_period)):
        difference = _estimate(panel, comparison, Estimator(how.estimator))
        if difference is None:
            unanswered.append((comparison.group, comparison.place))
        else:
            found.append((comparison, difference))
    if not found:
        raise NothingComparedError(
            _("No group that was watched before its change has anybody untreated beside it."),
            where="first_treated",
            remedy=_("Compare with agencies that change later, or not at all."),
        )
    return _collect(panel, found, unanswered=tuple(unanswered), anticipation=how.anticipation, drawing=drawn)


def _estimate(panel: StudyPanel, comparison: Comparison, estimator: Estimator) -> Difference | None:
    """Estimate one effect; its influence function is spread over all units, shape (N,)."""
    is_treated, is_control = comparison.is_treated, comparison.is_control
    if not is_treated.any() or not is_control.any():
        return None
    influence = np.zeros(len(panel.since))
    if comparison.place == comparison.base:
        return Difference(0.0, influence)
    chosen = is_treated | is_control
    difference = estimate_difference(
        panel.outcomes[chosen, comparison.place] - panel.outcomes[chosen, comparison.base],
        is_treated=is_treated[chosen],
        weights=panel.weights[chosen],
        covariates=None if panel.covariates is None else panel.covariates[chosen],
        estimator=estimator,
    )
    if difference is None:
        return None
    influence[chosen] = difference.influence * (panel.takes_part.sum() / chosen.sum())
    return Difference(difference.value, influence)


def _collect(
    panel: StudyPanel,
    found: list[tuple[Comparison, Difference]],
    *,
    unanswered: tuple[tuple[int, int], ...],
    anticipation: int,
    drawing: Drawing,
) -> GroupTimeEffects:
    units = int(panel.takes_part.sum())
    influence = np.column_stack([difference.influence for _comparison, difference in found])
    errors = np.sqrt((influence**2).sum(axis=0)) / units
    groups = np.array([comparison.group for comparison, _difference in found])
    places = np.array([comparison.place for comparison, _difference in found])
    treated = np.array([comparison.is_treated.sum() for comparison, _difference in found])
    return GroupTimeEffects(
        groups=groups,
        places=places,
        bases=np.array([comparison.base for comparison, _difference in found]),
        effects=np.array([difference.value for _comparison, difference in found]),
        standard_errors=np.where(errors > 0, errors, np.nan),
        treated=treated,
        compared=np.array([comparison.is_control.sum() for comparison, _difference in found]),
        influence=influence,
        membership=np.where(panel.takes_part[:, None], panel.since[:, None] == np.unique(groups), False)
        * panel.weights[:, None],
        units=units,
        anticipation=anticipation,
        unanswered=unanswered,
        excluded=int((~panel.takes_part).sum()),
        limits=tuple(_limits(units, int(treated.min()))),
        drawing=drawing,
    )


def _limits(units: int, fewest_treated: int) -> Iterator[str]:
    if units < FEWEST_UNITS:
        yield _FEW_UNITS
    if fewest_treated < FEWEST_IN_GROUP:
        yield _FEW_IN_GROUP


_FEW_UNITS = mark(
    "Fewer than 40 agencies: standard errors from their scatter are too small; judge by the ways in which the dates "
    "could have been dealt out."
)
_FEW_IN_GROUP = mark("Some group has fewer than five agencies: nothing tells how much its own changes scatter.")
