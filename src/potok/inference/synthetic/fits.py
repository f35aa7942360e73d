"""What treated agencies would have done without the change, put together from those that did not change.

Three ways to weigh controls and months, all of one form: the mean of the treated less a weighted mean of the controls,
after the change, less the same before it, months weighed.

- **Differences in differences**: all controls and all months alike.
- **Synthetic control**: controls so weighed that they go the way of the treated before the change; what was before is
  not taken off.
- **Synthetic differences**: controls weighed as in a synthetic control, but for a constant gap and with a penalty that
  spreads them; months so weighed that the controls' weighted past resembles their mean after the change.

Estimand of all: the mean effect on the treated over the places after the change. Assume that no control is touched by
the change, and that what drives outcomes loads on the treated as on the weighted controls.

References
----------
Abadie, Diamond and Hainmueller (2010), "Synthetic control methods for comparative case studies"; Arkhangelsky, Athey,
Hirshberg, Imbens and Wager (2021), "Synthetic difference-in-differences".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.inference.observations import Floats
from potok.inference.synthetic.block import Block
from potok.inference.synthetic.descent import descend
from potok.inference.synthetic.simplex import fit_simplex

_TIME_PENALTY: Final = 1e-6
_LEAST_GAIN: Final = 1e-5
_NO_NOISE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class SyntheticFit:
    """A synthetic comparison.

    Parameters
    ----------
    effect
        Mean outcome of the treated after the change less what it would have been.
    control_weights
        Shape (C,): weight of each control, adding up to 1.
    month_weights
        Shape (T,): weight of each place before the change, adding up to 1 or all 0; 0 after it.
    gaps
        Shape (T,): treated less synthetic, less the weighted gap before the change.
    misfit_before, misfit_after
        Root mean square of the gaps before and after the change.
    """

    effect: float
    control_weights: Floats
    month_weights: Floats
    gaps: Floats
    misfit_before: float
    misfit_after: float

    @property
    def effective_controls(self) -> float:
        """How many equal controls the weights amount to: 1 / Σw²."""
        return float(1 / np.square(self.control_weights).sum())


Fit = Callable[[Block], SyntheticFit]


def compare_equally(block: Block) -> SyntheticFit:
    """Estimate by differences in differences: every control and every month weigh the same."""
    controls = len(block.controls)
    return _compare(block, np.full(controls, 1 / controls), np.full(block.before, 1 / block.before))


def synthetic_control(block: Block) -> SyntheticFit:
    """Estimate by a synthetic control that follows the outcomes before the change as closely as can be.

    The exact minimum of the squared misfit, from outcomes alone.
    """
    weights = fit_simplex(block.controls[:, : block.before].T, block.treated[:, : block.before].mean(axis=0))
    return _compare(block, weights, np.zeros(block.before))


def synthetic_control_by(predictors: Floats, *, importance: Floats) -> Fit:
    """Return a synthetic control that matches predictors as well as outcomes before the change.

    Parameters
    ----------
    predictors
        Shape (N, p): of every agency of the panel that the block is made from.
    importance
        Shape (p,), not negative: of each predictor, once scaled to its spread among controls, beside 1 for the mean
        square misfit of the outcomes on their own such scale.
    """

    def fit(block: Block) -> SyntheticFit:
        past, own = block.controls[:, : block.before], predictors[block.control_rows]
        size = np.sqrt(importance) / np.where(own.std(axis=0) > 0, own.std(axis=0), 1.0)
        share = 1 / ((float(past.std()) or 1.0) * np.sqrt(block.before))
        aim = predictors[block.treated_rows].mean(axis=0)
        design = np.vstack([past.T * share, (own * size).T])
        target = np.concatenate([block.treated[:, : block.before].mean(axis=0) * share, aim * size])
        return _compare(block, fit_simplex(design, target), np.zeros(block.before))

    return fit


def synthetic_differences(block: Block) -> SyntheticFit:
    """Estimate by synthetic differences in differences, with the authors' penalties and their descent.

    The penalty of the controls' weights is (K·T₁)^¼ σ, that of the months' 10⁻⁶ σ; σ is the standard deviation of the
    controls' changes from month to month before the change.
    """
    return _compare(block, *_synthetic_weights(block, _noise(block)))


def _synthetic_weights(block: Block, noise: float) -> tuple[Floats, Floats]:
    past = block.controls[:, : block.before]
    least_gain = _LEAST_GAIN * noise
    target = block.treated[:, : block.before].mean(axis=0)
    penalty = (len(block.treated) * block.after) ** 0.25 * noise
    controls = descend(_centred(past.T), _centred(target), penalty=penalty, least_gain=least_gain)
    later = block.controls[:, block.before :].mean(axis=1)
    months = descend(_centred(past), _centred(later), penalty=_TIME_PENALTY * noise, least_gain=least_gain)
    return controls, months


def _centred(values: Floats) -> Floats:
    return np.asarray(values - values.mean(axis=0))


def _noise(block: Block) -> float:
    changes = np.diff(block.controls[:, : block.before], axis=1)
    return max(float(changes.std(ddof=1)), _NO_NOISE)


def _compare(block: Block, controls: Floats, months: Floats) -> SyntheticFit:
    raw = block.treated.mean(axis=0) - controls @ block.controls
    gaps = raw - raw[: block.before] @ months
    return SyntheticFit(
        effect=float(gaps[block.before :].mean()),
        control_weights=controls,
        month_weights=np.concatenate([months, np.zeros(block.after)]),
        gaps=gaps,
        misfit_before=float(np.sqrt(np.square(gaps[: block.before]).mean())),
        misfit_after=float(np.sqrt(np.square(gaps[block.before :]).mean())),
    )
