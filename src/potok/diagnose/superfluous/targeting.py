"""Whether alterations concentrate in cases that can be told beforehand, so that only these would need the step."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from potok.diagnose.superfluous.reasons import Reason
from potok.diagnose.superfluous.traces import Flags
from potok.inference.aipw import FOLDS, draw_folds
from potok.inference.logistic import fit_logistic
from potok.inference.observations import Floats
from potok.inference.proportions import RateBound, clopper_pearson

CHECKED_SHARE: Final = 0.5
LEAST_CAUGHT: Final = 0.8
LEAST_ALTERED: Final = 20


@dataclass(frozen=True, slots=True)
class Targeting:
    """How many alterations the riskier half of the cases holds.

    Parameters
    ----------
    checked_share
        Share of cases in which the step would still be done.
    caught
        Alterations in these over all, with exact bounds; each case ranked by a model that has not seen it.
    """

    checked_share: float
    caught: RateBound

    def reason(self) -> Reason:
        """Return it as a reason."""
        return Reason("risk_concentrates", (("share", self.caught.share), ("lower", self.caught.lower)))


def find_targeting(design: Floats, is_altered: Flags, *, seed: int) -> Targeting | None:
    """Find whether the riskier half of the cases surely holds most alterations; None if that is not shown.

    Parameters
    ----------
    design
        Shape (m, p): the mix of cases that had the step.
    is_altered
        Shape (m,): whether it altered the case.
    seed
        Of the folds.
    """
    altered = int(is_altered.sum())
    if altered < LEAST_ALTERED or altered == len(is_altered) or not design.shape[1]:
        return None
    generator = np.random.default_rng([seed, 2])
    folds = draw_folds(len(is_altered), generator=generator)
    checked = np.zeros(len(is_altered), bool)
    for fold in range(FOLDS):
        held = np.flatnonzero(folds == fold)
        rest = folds != fold
        fit = fit_logistic(design[rest], is_altered[rest].astype(np.float64), counts=np.ones(int(rest.sum())))
        # Ties are broken by lot, so that a mix that tells nothing catches half.
        order = np.lexsort((generator.random(len(held)), -fit.predict(design[held])))
        checked[held[order[: int(len(held) * CHECKED_SHARE)]]] = True
    caught = clopper_pearson(int((checked & is_altered).sum()), altered)
    return Targeting(CHECKED_SHARE, caught) if caught.lower >= LEAST_CAUGHT else None
