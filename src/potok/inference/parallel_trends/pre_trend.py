"""A joint test of all differences before the change."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtrc, fdtrc

from potok.inference.observations import Floats

_NEGLIGIBLE: Final = 1e-10


@dataclass(frozen=True, slots=True)
class PreTrendTest:
    """Whether differences before the change were more than noise.

    A large p-value does not show that trends were parallel: with few agencies such a test sees little (Roth, 2022).

    Parameters
    ----------
    statistic
        Wald's; 0 without a single difference.
    degrees
        Independent differences tested.
    p_value
        Of no difference at all; nan where nothing, or with too few study units, can be tested.
    """

    statistic: float
    degrees: int
    p_value: float


def pre_trend_test(effects: Floats, *, covariance: Floats, units: int | None = None) -> PreTrendTest:
    """Test that all differences before the change are nothing.

    Parameters
    ----------
    effects, covariance
        Shapes (k,) and (k, k): differences before the change. Differences without scatter are left out; those that
        follow from others count once.
    units
        Study units behind the covariance: Hotelling's distribution, which tends to chi-squared as they grow. None
        takes chi-squared at once, too liberal with few of them.

    References
    ----------
    Callaway and Sant'Anna (2021), 4.3; Hotelling (1931); Roth (2022), "Pretest with caution".
    """
    scale = np.sqrt(np.diag(covariance))
    kept = scale > 0
    if not kept.any():
        return PreTrendTest(0.0, 0, np.nan)
    scaled = effects[kept] / scale[kept]
    values, vectors = np.linalg.eigh(covariance[np.ix_(kept, kept)] / np.outer(scale[kept], scale[kept]))
    is_own = values > _NEGLIGIBLE * len(values)
    statistic = float(((vectors[:, is_own].T @ scaled) ** 2 / values[is_own]).sum())
    degrees = int(is_own.sum())
    return PreTrendTest(statistic, degrees, _p_value(statistic, degrees, units))


def _p_value(statistic: float, degrees: int, units: int | None) -> float:
    if units is None:
        return float(chdtrc(degrees, statistic))
    if units <= degrees:
        return float(np.nan)
    return float(fdtrc(degrees, units - degrees, statistic * (units - degrees) / (degrees * (units - 1))))
