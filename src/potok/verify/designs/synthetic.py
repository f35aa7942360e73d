"""Synthetic differences: the one agency that changed held against a mixture of those that never did.

Every agency gets a mixture of all others that follows its course before the change; what it moved away from its mixture
since then is the statistic, and chance could have dealt the change out to any of them. The interval holds the constant
effects that the agency's rank does not reject; it is bounded from 40 agencies on.
"""

from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.observations import Floats
from potok.inference.randomisation import estimate_noise, list_assignments, randomise
from potok.inference.synthetic import (
    Block,
    exchangeable_weights,
    make_block,
    placebo_in_space,
    synthetic_control,
    synthetic_differences,
)
from potok.verify.study import UNKNOWN, Panel

CONFIDENCE: Final = 0.95
SEED: Final = 1


def estimate_synthetic(whole: Panel, *, transition: int) -> tuple[Estimate, float]:
    """Return the change of the outcome (with − without) with its exact interval, and the p-value of none.

    Parameters
    ----------
    whole
        With the months of the transition.
    transition
        Months before the first one after it that belong to neither side.

    Raises
    ------
    NoContrastError
        If there is nobody to make a mixture of.
    """
    first_treated = whole.first_changed
    first = int(first_treated.max())
    since = np.where(first_treated >= 0, max(first - transition, 0), UNKNOWN)
    found = randomise(
        whole.mean,
        first_treated=first_treated,
        weights_of=exchangeable_weights(whole.mean, first=first, transition=transition),
        noise=estimate_noise(whole.mean, first_treated=since, sampling=whole.variance),
        assignments=list_assignments(first_treated, seed=SEED),
        confidence=CONFIDENCE,
    )
    return found.effect, found.p_value


def estimate_by_placebos(panel: Panel) -> Estimate:
    """Return the change by synthetic differences of the agency alone, with the interval of its rank among placebos.

    Every other agency in turn is taken for the one that changed. A constant effect θ has the p-value

        p(θ) = (1 + number of controls with |effect| ≥ |D − θ|) ÷ (1 + number of controls).

    Raises
    ------
    TooFewControlsError
        If there are not two agencies and two months to make a mixture of.
    """
    found = placebo_in_space(_block(panel), fit=synthetic_differences, confidence=CONFIDENCE)
    return rank_interval(found.effect.value, np.abs(found.placebos))[0]


def rank_interval(value: float, sizes: Floats) -> tuple[Estimate, float]:
    """Return an effect with the interval and p-value that its rank among placebos gives.

    Parameters
    ----------
    sizes
        Shape (C,): absolute effects found on controls.
    """
    p_value = float(1 + np.count_nonzero(sizes >= abs(value))) / (1 + len(sizes))
    # θ is rejected if at most so many controls reach |D − θ|.
    allowed = int(np.floor((1 - CONFIDENCE) * (1 + len(sizes)) + 1e-9)) - 1
    reach = float(np.sort(sizes)[::-1][allowed]) if 0 <= allowed < len(sizes) else np.inf
    return Estimate(value, value - reach, value + reach, np.nan, CONFIDENCE), p_value


def estimate_control(panel: Panel) -> Estimate:
    """Return the change by a synthetic control, without an interval."""
    return Estimate(synthetic_control(_block(panel)).effect, -np.inf, np.inf, np.nan, CONFIDENCE)


def _block(panel: Panel) -> Block:
    is_treated = panel.first_changed >= 0
    return make_block(panel.mean, is_treated=is_treated, first=int(panel.first_changed[is_treated].min()))


ASSUMPTIONS: Final = (
    mark("The agency that changed might as well have been any of the others (exchangeability)."),
    mark("What one agency does does not change the outcomes of another."),
)
SYNTHETIC_CONTROL: Final = mark("By a synthetic control after Abadie: follows the level before the change, too.")
PLACEBO_RANKS: Final = mark("By synthetic differences after Arkhangelsky and the rank among placebos: sees less.")
