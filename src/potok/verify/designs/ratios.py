"""The primary outcome as a ratio: by how many per cent cases became faster, whatever their level.

The logarithms of the monthly means go through the same design as the means themselves. The estimand is the mean, over
the same agencies and months, of the logarithm of (with ÷ without): a change by the same share everywhere is told
rightly although agencies differ in level, which a change by the same number of days is not.
"""

import numpy as np

from potok.core.language import mark
from potok.inference.equivalence import exponential
from potok.inference.estimate import Estimate
from potok.verify.designs.answers import sign_of
from potok.verify.designs.choice import DesignChoice
from potok.verify.designs.inferring import Panels, infer_change, with_figures
from potok.verify.effect import RatioEffect
from potok.verify.protocol.model import Protocol
from potok.verify.study import Panel


def estimate_ratio(panels: Panels, protocol: Protocol, *, choice: DesignChoice) -> RatioEffect | None:
    """Estimate the ratio of the outcome with the change to that without it.

    Returns
    -------
    RatioEffect | None
        None where a month's mean is not above zero, or the design cannot tell.
    """
    means = panels.whole.mean[np.isfinite(panels.whole.mean)]
    if not len(means) or means.min() <= 0:
        return None
    found = infer_change(panels.mapped(_logarithms), choice)
    if found is None:
        return None
    ratio, sign = exponential(found[0]), sign_of(protocol)
    limits = sorted((sign * (ratio.lower - 1), sign * (ratio.upper - 1)))
    improvement = Estimate(sign * (ratio.value - 1), limits[0], limits[1], np.nan, ratio.confidence)
    return RatioEffect(ratio, improvement, found[1], _NOTE)


def _logarithms(panel: Panel) -> Panel:
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(panel.cases > 0, np.log(panel.mean), np.nan)
        return with_figures(panel, mean, panel.variance / np.square(panel.mean))


_NOTE = mark("By the same design on logarithms of the monthly means: one share for all agencies, whatever their level.")
