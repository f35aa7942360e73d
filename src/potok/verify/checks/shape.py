"""Whether durations after a change look like quicker work, or like work without its slow cases or with added trifles.

Quicker work makes all cases shorter: quantiles shrink by about the same factor. Leaving out the slowest share g makes
the quantile p of the rest the quantile p·(1 − g) of what there was, so that the low ones hardly move and the high ones
fall most. Adding trifles moves the low ones most. If a part λ of the cases that are missing (or too many) were slow
(quick) ones, what is left once they are put back (taken out) are the factors r(p) at several quantiles; λ is the
largest at which these are still about as equal as they can be made. A fall of demand among all kinds of cases alike
gives λ near 0, a dressed figure λ near 1.
"""

from typing import Final

import numpy as np

from potok.verify.checks.setting import TIMED, Setting
from potok.verify.study import Floats

QUANTILES: Final = np.asarray([0.1, 0.25, 0.5, 0.75, 0.9])
PARTS: Final = np.linspace(0.0, 1.0, 11)
SLACK: Final = 0.04
"""How much more unequal (standard deviation of log r) the factors may be: chance alone makes that much of it."""
_FEWEST_CASES: Final = 100
_SHORTEST_DAYS: Final = 1e-3


def dressed_share(setting: Setting, gone: float) -> float | None:
    """Return the share of the improvement that is owed to missing or added cases; None where durations do not tell.

    They do not if they are no shorter on the whole than before: what the comparison of months takes for an improvement
    is then that of trend or season.

    Parameters
    ----------
    gone
        Of the cases that would have come, the share that is missing; below 0: so many, as a share, came too many.
    """
    before, after = (setting.duration[side] for side in (setting.is_before, setting.is_after))
    is_timed = setting.protocol.estimand.outcome in TIMED
    if not is_timed or min(len(before), len(after)) < _FEWEST_CASES or not gone:
        return None
    usual, now = (float(np.minimum(one, setting.horizon).mean()) for one in (before, after))
    factors = np.asarray([_log_factors(before, after, gone, part) for part in PARTS])
    unequal = factors.std(axis=1)
    part = np.flatnonzero(unequal <= unequal.min() + SLACK).max()
    plain, kept = (_improvement(before, setting.horizon, factors[place]) for place in (0, part))
    return float(np.clip(1 - kept / plain, 0.0, 1.0)) if min(plain, usual - now) > 0 else None


def _log_factors(before: Floats, after: Floats, gone: float, part: float) -> Floats:
    """Return log r at the quantiles, once a part of what is missing is put back, or of what is too much taken out."""
    if gone > 0:
        now, usual = QUANTILES, QUANTILES * (1 - min(gone, 0.95) * part)
    else:
        trifles = part * -gone / (1 - gone)
        now, usual = trifles + (1 - trifles) * QUANTILES, QUANTILES
    shortest = [np.log(np.maximum(np.quantile(one, at), _SHORTEST_DAYS)) for one, at in ((after, now), (before, usual))]
    return np.asarray(shortest[0] - shortest[1])


def _improvement(before: Floats, horizon: float, factors: Floats) -> float:
    """Return by how much the mean up to the horizon falls if all durations shrink by the middle factor."""
    factor = min(float(np.exp(np.median(factors))), 1.0)
    return float(np.minimum(before, horizon).mean() - np.minimum(before * factor, horizon).mean())
