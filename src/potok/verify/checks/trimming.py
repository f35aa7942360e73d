"""How much could be explained by cases that are missing, or that should not count.

If a share of the cases after the change has gone, these were at worst the slowest. Leaving out as many of the slowest
before the change gives the improvement that this alone could feign: the bound of Lee (2009), "Training, wages, and
sample selection: estimating sharp bounds on treatment effects".
"""

import numpy as np

from potok.verify.study import Floats


def feigned_by_missing(before: Floats, *, share: float, sign: int) -> float:
    """Return the improvement that appears when a share of the worst cases is left out.

    Parameters
    ----------
    before
        Shape (n,): outcomes before the change.
    share
        Of the cases that would have come, 0–1.
    sign
        −1 where less is better.
    """
    kept = _from_best(before, sign)[: max(round(len(before) * (1 - min(max(share, 0.0), 1.0))), 1)]
    return float(sign * (kept.mean() - before.mean()))


def feigned_by_ending(before: Floats, *, share: float, ended: float, sign: int) -> float:
    """Return the improvement that appears when a share of the worst cases is ended early.

    Parameters
    ----------
    ended
        Mean outcome of the cases so ended.
    """
    count = round(len(before) * min(max(share, 0.0), 1.0))
    if not count:
        return 0.0
    worst = _from_best(before, sign)[len(before) - count :]
    return max(0.0, float(sign * (ended - worst.mean())) * count / len(before))


def _from_best(values: Floats, sign: int) -> Floats:
    return np.sort(values) if sign < 0 else np.sort(values)[::-1]
