"""How groups are compared, and how uncertainty is stated."""

from dataclasses import dataclass
from typing import Final

from potok.inference.group_times.differences import Estimator
from potok.inference.group_times.panel import BasePeriod, Controls

DRAWS: Final = 999


@dataclass(frozen=True, slots=True)
class Comparing:
    """How groups are compared.

    Parameters
    ----------
    controls
        Those not yet treated (those never treated among them), or only those never treated.
    base_period
        Differences before the change are taken from the place before (`varying`), or, like those after it, from the
        last place before the change (`universal`).
    anticipation
        Places before the change at which outcomes may already react.
    estimator
        How covariates are taken into account; without them all are the same.
    """

    controls: Controls = Controls.NOT_YET
    base_period: BasePeriod = BasePeriod.VARYING
    anticipation: int = 0
    estimator: Estimator = Estimator.DOUBLY_ROBUST


@dataclass(frozen=True, slots=True)
class Drawing:
    """Level of the intervals, and how simultaneous bands are drawn.

    Parameters
    ----------
    confidence
        Level, 0–1.
    draws
        Draws of the multiplier bootstrap, at least one.
    seed
        Same seed, same bands.
    """

    confidence: float = 0.95
    draws: int = DRAWS
    seed: int = 0
