"""Synthetic differences: the one agency that changed held against a mixture of those that never did.

Every control in turn is taken for the one that changed, and the effects found on them say what chance gives. If the
agency that changed might as well have been any other, a constant effect θ has the p-value

    p(θ) = (1 + number of controls with |effect| ≥ |D − θ|) ÷ (1 + number of controls),

and the interval holds the θ with p(θ) > 5 %. It is bounded from 40 agencies on.
"""

from typing import Final

import numpy as np

from potok.core.language import mark
from potok.inference.estimate import Estimate
from potok.inference.observations import Floats
from potok.inference.synthetic import make_block, placebo_in_space, synthetic_control, synthetic_differences
from potok.verify.study import Panel

CONFIDENCE: Final = 0.95


def estimate_synthetic(panel: Panel) -> tuple[Estimate, float]:
    """Return the change of the outcome (with − without) with its interval, and the p-value of none.

    Raises
    ------
    TooFewControlsError
        If there are not two agencies and two months to make a mixture of.
    """
    is_treated = panel.first_changed >= 0
    block = make_block(panel.mean, is_treated=is_treated, first=int(panel.first_changed[is_treated].min()))
    found = placebo_in_space(block, fit=synthetic_differences, confidence=CONFIDENCE)
    return rank_interval(found.effect.value, np.abs(found.placebos))


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
    is_treated = panel.first_changed >= 0
    block = make_block(panel.mean, is_treated=is_treated, first=int(panel.first_changed[is_treated].min()))
    return Estimate(synthetic_control(block).effect, -np.inf, np.inf, np.nan, CONFIDENCE)


ASSUMPTIONS: Final = (
    mark("The agency that changed might as well have been any of the others (exchangeability)."),
    mark("What one agency does does not change the outcomes of another."),
)
SYNTHETIC_CONTROL: Final = mark("By a synthetic control after Abadie: follows the level before the change, too.")
