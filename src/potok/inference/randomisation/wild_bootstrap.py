"""The wild cluster bootstrap, for standard errors by agency where there are too few agencies for a normal law.

The effect is that of a regression of outcomes on having been treated, with an effect of each agency and of each month.
Under the hypothesis the residuals of each agency are turned round as one (or scaled by one of Webb's six factors), and
the t-statistic is compared with those of the worlds so made. The interval holds all effects that are not rejected.

Fails with few treated agencies: if only one or two are, it may reject hardly ever or nearly always (MacKinnon and Webb
2018). Then `is_reliable` is false.

Assumes parallel courses without the change and an effect that is the same everywhere: with dates in waves, the
regression weighs some effects negatively where they differ. Shown beside randomisation, never in its place.

References
----------
Cameron, Gelbach and Miller (2008), "Bootstrap-based improvements for inference with clustered errors"; Webb (2023),
"Reworking wild bootstrap-based inference for clustered errors"; MacKinnon and Webb (2018), "The wild bootstrap for few
(treated) clusters".
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

import numpy as np

from potok.core.language import gettext as _
from potok.inference.estimate import Estimate, check_share
from potok.inference.observations import Floats, Integers
from potok.inference.randomisation.assignments import NEVER
from potok.inference.randomisation.errors import NoContrastError
from potok.inference.randomisation.randomise import exposure

DRAWS: Final = 1_999
FEWEST_TREATED: Final = 4
_FEWEST_FOR_SIGNS: Final = 12
_MOST_LISTED: Final = 11
_DOUBLINGS: Final = 40
_BISECTIONS: Final = 60
_TIE: Final = 1e-9
_WEBB: Final = np.asarray([-math.sqrt(1.5), -1.0, -math.sqrt(0.5), math.sqrt(0.5), 1.0, math.sqrt(1.5)])


class Factors(StrEnum):
    """By what residuals of an agency are multiplied."""

    SIGNS = "rademacher"
    """+1 or −1: up to eleven agencies all combinations are gone through."""
    SIX = "webb"
    """Six factors, for few agencies."""


@dataclass(frozen=True, slots=True)
class WildBootstrap:
    """An effect with inference by the restricted wild cluster bootstrap.

    Parameters
    ----------
    effect
        Of the regression, with the interval of all effects that are not rejected; `standard_error` by agency (CR1).
    p_value
        Of no effect, two-sided, symmetric.
    treated, agencies
        How many agencies change within the panel, and how many there are.
    draws
        Worlds compared.
    """

    effect: Estimate
    p_value: float
    treated: int
    agencies: int
    draws: int

    @property
    def is_reliable(self) -> bool:
        """Whether enough agencies are treated, and enough are not."""
        return min(self.treated, self.agencies - self.treated) >= FEWEST_TREATED


@dataclass(frozen=True, slots=True)
class _Sums:
    """Everything per agency, once month and agency effects are taken out; θ is the effect under the hypothesis.

    Parameters
    ----------
    scores, score_slopes
        Shape (G,): Σ x·u of each agency at θ = 0, and what it loses per unit of θ.
    cross
        Shape (G, G): Σ of agency g of x times what is left of agency h's residuals alone; `cross_slopes` per unit of θ.
    sizes
        Shape (G,): Σ x² of each agency.
    """

    scores: Floats
    score_slopes: Floats
    cross: Floats
    cross_slopes: Floats
    sizes: Floats


def wild_cluster_bootstrap(
    outcomes: Floats,
    *,
    first_treated: Integers,
    factors: Factors | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> WildBootstrap:
    """Infer an effect by the restricted wild cluster bootstrap, clusters being agencies.

    Parameters
    ----------
    outcomes
        Shape (N, T), nan where there is none.
    first_treated
        Shape (N,), `NEVER` for none.
    factors
        None takes signs from twelve agencies on, Webb's six factors below.

    Raises
    ------
    NoContrastError
        If treatment cannot be told from effects of agencies and months.
    """
    check_share(confidence, name="confidence")
    sums = _sum_up(outcomes, first_treated)
    kind = factors or (Factors.SIGNS if len(outcomes) >= _FEWEST_FOR_SIGNS else Factors.SIX)
    drawn = _draw(kind, len(outcomes), draws, seed)
    total = float(sums.sizes.sum())
    value = float(sums.scores.sum()) / total
    own = sums.scores - value * sums.sizes
    agencies = len(outcomes)
    error = math.sqrt(agencies / (agencies - 1) * float(np.square(own).sum())) / total
    lower, upper = (value + side * _reach(sums, drawn, value, side * error, 1 - confidence) for side in (-1, 1))
    changed = (first_treated != NEVER) & (first_treated < outcomes.shape[1])
    return WildBootstrap(
        effect=Estimate(value, lower, upper, error, confidence),
        p_value=_p_value(sums, drawn, 0.0),
        treated=int(np.count_nonzero(changed)),
        agencies=agencies,
        draws=len(drawn),
    )


def _sum_up(outcomes: Floats, first_treated: Integers) -> _Sums:
    is_present = np.isfinite(outcomes)
    agency, month = np.nonzero(is_present)
    count = len(outcomes)
    fixed = np.column_stack([agency[:, None] == np.arange(count), month[:, None] == np.arange(outcomes.shape[1])])
    left, strengths, _rest = np.linalg.svd(fixed.astype(np.float64), full_matrices=False)
    basis = left[:, strengths > _TIE * strengths.max()]
    treated = exposure(first_treated, places=outcomes.shape[1])[is_present]
    x, y = _rest_of(treated, basis), _rest_of(outcomes[is_present], basis)
    sizes = np.bincount(agency, weights=x * x, minlength=count).astype(np.float64)
    if not sizes.sum() > _TIE * max(1.0, float(treated.sum())):
        raise NoContrastError(
            _("Having been treated cannot be told from effects of agencies and months."),
            where="first_treated",
            remedy=_("Compare with agencies that change later, or not at all."),
        )
    indicator = (agency[:, None] == np.arange(count)).astype(np.float64)
    cross, slopes = ((indicator * x[:, None]).T @ _rest_of(indicator * residual[:, None], basis) for residual in (y, x))
    scores = np.bincount(agency, weights=x * y, minlength=count).astype(np.float64)
    return _Sums(scores, sizes, cross, slopes, sizes)


def _rest_of(values: Floats, basis: Floats) -> Floats:
    return np.asarray(values - basis @ (basis.T @ values))


def _draw(kind: Factors, agencies: int, draws: int, seed: int) -> Floats:
    if kind is Factors.SIGNS and agencies <= _MOST_LISTED:
        return np.asarray(list(product((1.0, -1.0), repeat=agencies)))
    choices = np.asarray([-1.0, 1.0]) if kind is Factors.SIGNS else _WEBB
    return np.asarray(np.random.default_rng(seed).choice(choices, size=(draws, agencies)))


def _p_value(sums: _Sums, drawn: Floats, effect: float) -> float:
    """Return the share of worlds whose t-statistic is at least as large as the one seen, if the effect is `effect`."""
    total = float(sums.sizes.sum())
    scores = sums.scores - effect * sums.score_slopes
    gap = float(scores.sum()) / total
    seen = abs(gap) / math.sqrt(max(float(np.square(scores - gap * sums.sizes).sum()), 1e-300))
    gaps = drawn @ scores / total
    parts = drawn @ (sums.cross - effect * sums.cross_slopes).T - gaps[:, None] * sums.sizes
    statistics = np.abs(gaps) / np.sqrt(np.maximum(np.square(parts).sum(axis=1), 1e-300))
    return float(np.count_nonzero(statistics >= seen * (1 - _TIE))) / len(drawn)


def _reach(sums: _Sums, drawn: Floats, value: float, step: float, level: float) -> float:
    """Return how far from the estimate effects are not rejected, in multiples of the sign of `step`."""
    low, high = 0.0, abs(step) or 1e-12
    sign = math.copysign(1.0, step)
    for _doubling in range(_DOUBLINGS):
        if _p_value(sums, drawn, value + sign * high) <= level:
            break
        low, high = high, 2 * high
    else:
        return math.inf
    for _bisection in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if _p_value(sums, drawn, value + sign * middle) <= level else (middle, high)
    return high
