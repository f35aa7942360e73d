"""Randomisation inference: what would the statistic have been, had chance dealt out the dates otherwise."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate
from potok.inference.observations import Floats, Integers
from potok.inference.randomisation.assignments import FEWEST_ASSIGNMENTS, NEVER, Assignments, list_assignments
from potok.inference.randomisation.differences import Differences, plain_differences
from potok.inference.randomisation.errors import NoContrastError, UnfitPanelError
from potok.inference.randomisation.inversion import Contrasts, invert, p_above, p_two_sided

_CHUNK_CELLS: Final = 2_000_000
WeightsOf = Callable[[Integers], Floats]
"""From one assignment, shape (N,), to the weight of every outcome, shape (N, T), 0 where there is none."""


@dataclass(frozen=True, slots=True)
class RandomisationResult:
    """An effect with exact inference from the assignments.

    Parameters
    ----------
    effect
        The statistic, with the interval of all constant additive effects that are not rejected; outcome after the
        change less outcome without it.
    p_value
        Of no effect on anybody, two-sided: twice the smaller one-sided one.
    assignments
        How many were compared, the one that happened included.
    possible
        How many there are.
    is_exhaustive
        Whether all were compared.
    contrasts
        The statistic of every assignment, divided by its scale where studentised; place 0 is what happened.
    """

    effect: Estimate
    p_value: float
    assignments: int
    possible: int
    is_exhaustive: bool
    contrasts: Contrasts

    @property
    def is_applicable(self) -> bool:
        """Whether there are enough assignments for a conclusion at 2.5 % on one side."""
        return self.possible >= FEWEST_ASSIGNMENTS

    def p_below(self, effect: float) -> float:
        """Return the one-sided p-value of an effect of `effect` or more, against a smaller one."""
        return p_above(self.contrasts.mirrored(), effect=-effect)

    def p_above(self, effect: float) -> float:
        """Return the one-sided p-value of an effect of `effect` or less, against a larger one."""
        return p_above(self.contrasts, effect=effect)


def randomise(
    outcomes: Floats,
    *,
    first_treated: Integers,
    weights_of: WeightsOf,
    noise: Floats | None = None,
    assignments: Assignments | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> RandomisationResult:
    """Infer an effect from a statistic that is linear in outcomes, over all assignments.

    Under the assumption that the order was drawn (or that agencies are exchangeable, given the strata of `assignments`)
    the test of a constant additive effect is exact in finite samples, whatever the distribution, season,
    autocorrelation or common shocks. Where effects differ between agencies, the interval is for their mean in the
    statistic's weights; the differences widen it.

    Parameters
    ----------
    outcomes
        Shape (N, T): an outcome per agency and place, nan where there is none.
    first_treated
        Shape (N,): the first treated place of each agency as it happened, `NEVER` for none.
    weights_of
        The statistic: the weight of every outcome under an assignment, scaled so that a constant effect is estimated by
        itself. All nan where an assignment allows no estimate: it then counts against any conclusion.
    noise
        Shape (N,): variance of an outcome of each agency, estimated from what came before the first change (see
        `estimate_noise`). The statistics are then studentised: divided by the standard error that they have by it.
    assignments
        What to compare; None lists or draws them (`list_assignments`) without strata.
    confidence, seed
        Level of the interval; seed of the draw.

    Raises
    ------
    UnfitPanelError
        If shapes do not fit.
    NoContrastError
        If the statistic is not defined for what happened.

    References
    ----------
    Rosenbaum (2002), *Observational Studies*, 2.6 (inversion); Wu and Ding (2021), "Randomization tests for weak null
    hypotheses in randomized experiments" (studentising).
    """
    chosen = _check(outcomes, first_treated, assignments, seed)
    return _conclude(
        [_contrast(outcomes, first_treated, weights_of(row)[None], noise) for row in chosen.first_treated],
        chosen,
        confidence,
    )


def randomise_differences(
    outcomes: Floats,
    *,
    first_treated: Integers,
    differences: Differences | None = None,
    noise: Floats | None = None,
    assignments: Assignments | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> RandomisationResult:
    """Infer an effect from differences in differences over all assignments: `randomise`, many assignments at a time.

    Parameters
    ----------
    differences
        How differences are formed; None weighs all agencies equally.
    outcomes, first_treated, noise, assignments, confidence, seed
        As in `randomise`.

    Raises
    ------
    UnfitPanelError
        If shapes do not fit.
    NoContrastError
        If nothing can be compared as it happened.
    """
    chosen = _check(outcomes, first_treated, assignments, seed)
    formed = plain_differences(outcomes) if differences is None else differences
    return _conclude(
        [_contrast(outcomes, first_treated, formed.weights(rows), noise) for rows in _chunks(chosen, outcomes.size)],
        chosen,
        confidence,
    )


def exposure(first_treated: Integers, *, places: int) -> Floats:
    """Return 1 where an agency is treated and 0 elsewhere, (N,) to (N, T)."""
    since = np.asarray(first_treated)[:, None]
    return np.asarray((since != NEVER) & (np.arange(places)[None, :] >= since), np.float64)


def _contrast(outcomes: Floats, first_treated: Integers, weights: Floats, noise: Floats | None) -> Contrasts:
    """Apply weights of shape (M, N, T) to the outcomes and to the treatment as it happened."""
    flat = weights.reshape(len(weights), -1)
    columns = np.column_stack(
        [np.nan_to_num(outcomes).ravel(), exposure(first_treated, places=outcomes.shape[1]).ravel()]
    )
    found = flat @ columns
    contrasts = Contrasts(found[:, 0], found[:, 1])
    if noise is None:
        return contrasts
    return contrasts.divided(np.sqrt(np.square(weights).sum(axis=2) @ noise))


def _chunks(assignments: Assignments, cells: int) -> Iterator[Integers]:
    size = max(1, _CHUNK_CELLS // cells)
    for begin in range(0, len(assignments.first_treated), size):
        yield assignments.first_treated[begin : begin + size]


def _conclude(parts: Sequence[Contrasts], assignments: Assignments, confidence: float) -> RandomisationResult:
    contrasts = Contrasts(
        np.concatenate([part.values for part in parts]), np.concatenate([part.exposures for part in parts])
    )
    if not np.isfinite(contrasts.values[0]) or not contrasts.exposures[0] > 0:
        raise NoContrastError(
            _("No agency has months before and after its change with an unchanged agency beside it."),
            where="first_treated",
            remedy=_("Compare with agencies that change later, or not at all."),
        )
    lower, upper = invert(contrasts, confidence=confidence)
    value = float(contrasts.values[0] / contrasts.exposures[0])
    return RandomisationResult(
        effect=Estimate(value, lower, upper, np.nan, confidence),
        p_value=p_two_sided(contrasts),
        assignments=len(contrasts.values),
        possible=assignments.possible,
        is_exhaustive=assignments.is_exhaustive,
        contrasts=contrasts,
    )


def _check(outcomes: Floats, first_treated: Integers, assignments: Assignments | None, seed: int) -> Assignments:
    chosen = list_assignments(first_treated, seed=seed) if assignments is None else assignments
    shapes = outcomes.shape[:1], first_treated.shape, chosen.first_treated.shape[1:]
    is_fit = outcomes[..., 0].ndim == 1 and len(set(shapes)) == 1
    if not is_fit or (chosen.first_treated[0] != first_treated).any():
        raise UnfitPanelError(
            _("The outcomes, {outcomes}, do not fit the first treated places, {places}, or their assignments.").format(
                outcomes=outcomes.shape, places=first_treated.shape
            ),
            where="outcomes, first_treated, assignments",
            remedy=_("Give one row per agency everywhere, and what happened as the first assignment."),
        )
    return chosen
